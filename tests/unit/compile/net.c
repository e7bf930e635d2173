/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "engine_case.h"
#include "net.h"
#include "weights/weights.h"

net net_begin(int32_t side, int32_t channels)
{
    net n = {0};
    assert_int_equal(hf_graph_new("views", side, side, channels, &n.graph, NULL), HF_OK);
    n.last = n.graph->input;
    return n;
}

int32_t net_add(net *n, hf_node node, int32_t out_channels)
{
    hf_error err = {0};
    snprintf(node.name, sizeof node.name, "node%d", n->graph->node_count);
    node.input_count = node.input_count > 0 ? node.input_count : 1;
    node.stride_height = node.stride_width = node.stride_height > 0 ? node.stride_height : 1;
    if (hf_graph_add(n->graph, &node, out_channels, &n->last, &err))
        fail_msg("%s", err.message);
    return n->last;
}

int32_t net_conv(net *n, int32_t from, int32_t channels, int32_t groups)
{
    return net_add(n,
                   (hf_node){.op = HF_OP_CONV2D,
                             .inputs = {from},
                             .kernel_height = 1,
                             .kernel_width = 1,
                             .groups = groups,
                             .has_bias = true},
                   channels);
}

int32_t net_window(net *n, hf_op op, int32_t from, int32_t stride)
{
    return net_add(n,
                   (hf_node){.op = op,
                             .inputs = {from},
                             .kernel_height = 3,
                             .kernel_width = 3,
                             .stride_height = stride,
                             .has_bias = op == HF_OP_DEPTHWISE},
                   0);
}

int32_t net_slice(net *n, int32_t from, int32_t first, int32_t count)
{
    return net_add(
        n, (hf_node){.op = HF_OP_SLICE, .inputs = {from}, .slice_begin = first, .slice_count = count}, 0);
}

int32_t net_shuffle(net *n, int32_t from, int32_t groups)
{
    return net_add(n, (hf_node){.op = HF_OP_CHANNEL_SHUFFLE, .inputs = {from}, .groups = groups}, 0);
}

int32_t net_concat(net *n, int32_t a, int32_t b)
{
    return net_add(n, (hf_node){.op = HF_OP_CONCAT, .inputs = {a, b}, .input_count = 2}, 0);
}

void net_finish(net *n)
{
    hf_error err = {0};
    if (hf_graph_finish(n->graph, n->last, &err) || hf_weights_generate(n->graph, 3, &err))
        fail_msg("%s", err.message);
}

void net_compare(const net *n)
{
    engine_case c;
    engine_case_open(&c, n->graph);
    int8_t *input = malloc(c.model.input_bytes);
    assert_non_null(input);
    hf_input_generate(5, input, c.model.input_bytes);
    engine_case_compare(n->graph, &c, input);
    free(input);
    engine_case_close(&c);
}
