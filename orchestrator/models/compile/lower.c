/* SPDX-License-Identifier: Apache-2.0 */
#include "lower.h"

#include <stdlib.h>

#include "engine/layout.h"
#include "order.h"
#include "trim.h"
#include "views.h"

/* The node that computes `tensor`, if `tensor` has exactly one reader; else -1. */
static int32_t producer_with_one_reader(const hf_lowering *l, int32_t tensor)
{
    return l->readers[tensor] == 1 ? l->graph->tensors[tensor].producer : -1;
}

/* Folds a node into its successor, which then reads the folded node's input. */
static void fold(hf_lowering *l, int32_t producer, hf_lowered_node *into)
{
    const hf_node *node = &l->graph->nodes[producer];
    l->nodes[producer].folded = true;
    l->views[node->output].base = -1;
    into->input = node->inputs[0];
}

static void fuse_elementwise(hf_lowering *l, hf_lowered_node *into)
{
    into->fused_nodes = 1;
    for (;;) {
        int32_t producer = producer_with_one_reader(l, into->input);
        if (producer < 0 || !hf_op_has(l->graph->nodes[producer].op, HF_NODE_ELEMENTWISE))
            return;
        fold(l, producer, into);
        into->fused_nodes++;
    }
}

/* Windows see zeros outside their input anyway, provided that each window overlaps the input. */
static void fold_pad(hf_lowering *l, hf_lowered_node *into)
{
    const int32_t producer = producer_with_one_reader(l, into->input);
    if (producer < 0 || into->record.pad_top != 0 || into->record.pad_left != 0)
        return;
    const hf_node *pad = &l->graph->nodes[producer];
    if (pad->op != HF_OP_PAD)
        return;
    const hf_tensor *in = &l->graph->tensors[pad->inputs[0]];
    const hf_tensor *padded = &l->graph->tensors[pad->output];
    hf_op_record r = into->record;
    r.in_height = (uint16_t)in->height;
    r.in_width = (uint16_t)in->width;
    if (pad->pad_top >= r.kernel_height || pad->pad_left >= r.kernel_width ||
        !hf_quant_same(in->quant, padded->quant))
        return;
    r.pad_top = (uint8_t)pad->pad_top;
    r.pad_left = (uint8_t)pad->pad_left;
    if (!hf_record_geometry_ok(&r))
        return;
    into->record = r;
    fold(l, producer, into);
}

/* Lowers all nodes and folds some into their successors, hence in reverse order. */
static hf_status lower_nodes(hf_lowering *l, hf_error *err)
{
    const hf_graph *graph = l->graph;
    for (int32_t n = graph->node_count - 1; n >= 0; n--) {
        const hf_node *node = &graph->nodes[n];
        hf_lowered_node *lowered = &l->nodes[n];
        lowered->input = node->inputs[0];
        if (lowered->folded || node->op == HF_OP_RESHAPE || node->op == HF_OP_PART)
            continue;
        hf_status status = hf_lower_node(graph, node, &lowered->record, err);
        if (status)
            return status;
        if (lowered->record.op == HF_IMAGE_OP_TABLE)
            fuse_elementwise(l, lowered);
        if (node->op == HF_OP_CONV2D || node->op == HF_OP_DEPTHWISE)
            fold_pad(l, lowered);
    }
    return HF_OK;
}

static hf_status count_readers(hf_lowering *l, hf_error *err)
{
    const hf_graph *graph = l->graph;
    for (int32_t t = 0; t < graph->tensor_count; t++)
        l->views[t] = (hf_view){t, 0, graph->tensors[t].channels, 1};
    for (int32_t n = 0; n < graph->node_count; n++) {
        const hf_node *node = &graph->nodes[n];
        const int32_t min_inputs = hf_op_min_inputs(node->op);
        const int32_t max_inputs = hf_op_max_inputs(node->op);
        if (node->input_count < min_inputs || node->input_count > max_inputs)
            return HF_FAIL(err, HF_EINVALID, "%s: %d inputs, %s takes %d .. %d", node->name,
                           node->input_count, hf_op_name(node->op), min_inputs, max_inputs);
        for (int32_t i = 0; i < node->input_count; i++)
            l->readers[node->inputs[i]]++;
    }
    l->readers[graph->output]++;
    return HF_OK;
}

static hf_place place_of(const hf_view *view)
{
    return (hf_place){view->base, view->first_byte};
}

/* Adds a node's operator, which reads the view of its input and writes that of its output. */
static hf_lowered_op *add_op(const hf_lowering *l, int32_t n, hf_lowered *out)
{
    const hf_node *node = &l->graph->nodes[n];
    const hf_lowered_node *lowered = &l->nodes[n];
    const hf_view *from = &l->views[lowered->input];
    const hf_view *to = &l->views[node->output];
    hf_lowered_op *op = &out->ops[out->op_count++];
    *op = (hf_lowered_op){.record = lowered->record,
                          .node = n,
                          .channels = lowered->record.out_channels,
                          .shuffle_groups = lowered->shuffle_groups,
                          .part = -1,
                          .fused_nodes = lowered->fused_nodes,
                          .inputs = {place_of(from)},
                          .input_count = 1,
                          .output = place_of(to)};
    if (node->op != HF_OP_DENSE) /* reads all positions as one */
        op->record.in_step = (uint16_t)from->step;
    op->record.out_step = (uint16_t)to->step;
    if (to->channel_step > 1)
        op->record.channel_step = (uint8_t)to->channel_step;
    if (hf_op_is_pair(node->op))
        op->inputs[op->input_count++] = place_of(&l->views[node->inputs[1]]);
    if (node->op == HF_OP_SLICE)
        op->inputs[0].first_byte += node->slice_begin;
    if (node->op == HF_OP_CHANNEL_SHUFFLE) /* stores its input's order */
        op->shuffle_groups = op->channels / node->groups;
    return op;
}

/* Adds a copy for each input that was not computed directly in its place. */
static void add_concat(const hf_lowering *l, int32_t n, hf_lowered *out)
{
    const hf_node *node = &l->graph->nodes[n];
    const hf_view *to = &l->views[node->output];
    int32_t first_channel = 0;
    for (int32_t i = 0; i < node->input_count; i++) {
        const hf_tensor *part = &l->graph->tensors[node->inputs[i]];
        const hf_view *from = &l->views[node->inputs[i]];
        const hf_view place = hf_view_part(to, &l->nodes[n], first_channel);
        if (!hf_view_equal(from, &place)) {
            hf_lowered_op *op = add_op(l, n, out);
            op->inputs[0] = place_of(from);
            op->output = place_of(&place);
            op->part = i;
            op->first_channel = first_channel;
            op->channels = part->channels;
            op->record.in_channels = op->record.out_channels = (uint16_t)part->channels;
            op->record.in_step = (uint16_t)from->step;
            op->record.channel_step = (uint8_t)place.channel_step;
            if (!hf_quant_same(part->quant, l->graph->tensors[node->output].quant))
                op->record.op = HF_IMAGE_OP_TABLE;
        }
        first_channel += part->channels;
    }
}

/* Adds a copy for each input that was not computed directly in its place. */
static void add_join(const hf_lowering *l, int32_t n, hf_lowered *out)
{
    const hf_node *node = &l->graph->nodes[n];
    const hf_view *to = &l->views[node->output];
    int32_t first_byte = 0;
    for (int32_t i = 0; i < node->input_count; i++) {
        const int32_t bytes = (int32_t)hf_tensor_bytes(&l->graph->tensors[node->inputs[i]]);
        const hf_view *from = &l->views[node->inputs[i]];
        if (from->base != to->base || from->first_byte != to->first_byte + first_byte) {
            hf_lowered_op *op = add_op(l, n, out);
            op->inputs[0] = place_of(from);
            op->output.first_byte += first_byte;
            op->part = i;
            op->first_channel = first_byte;
            op->channels = bytes;
            op->record.in_channels = op->record.out_channels = (uint16_t)bytes;
            op->record.in_step = op->record.out_step = (uint16_t)bytes;
        }
        first_byte += bytes;
    }
}

static void add_ops(const hf_lowering *l, hf_lowered *out)
{
    const hf_graph *graph = l->graph;
    for (int32_t t = 0; t < graph->tensor_count; t++)
        out->tensor_bytes[t] = l->views[t].base == t ? hf_tensor_bytes(&graph->tensors[t]) : 0;
    for (int32_t n = 0; n < graph->node_count; n++) {
        if (l->nodes[n].folded || l->nodes[n].elided)
            continue;
        if (graph->nodes[n].op == HF_OP_CONCAT)
            add_concat(l, n, out);
        else if (graph->nodes[n].op == HF_OP_JOIN)
            add_join(l, n, out);
        else
            add_op(l, n, out);
    }
    out->input = l->views[graph->input].base;
    out->output = l->views[graph->output].base;
}

/* The output tensor must be the whole of a buffer. */
static hf_status check_output(const hf_lowering *l, hf_error *err)
{
    const hf_graph *graph = l->graph;
    const hf_view *view = &l->views[graph->output];
    if (view->first_byte == 0 && view->base >= 0 &&
        hf_tensor_bytes(&graph->tensors[view->base]) == hf_tensor_bytes(&graph->tensors[graph->output]))
        return HF_OK;
    return HF_FAIL(err, HF_EUNSUPPORTED,
                   "%s: the output is part of another tensor, expected a tensor of its own", graph->name);
}

hf_status hf_lower(const hf_graph *graph, hf_lowered *out, hf_error *err)
{
    hf_lowered lowered = {.tensor_count = graph->tensor_count};
    const size_t tensors = (size_t)graph->tensor_count + 1;
    const size_t nodes = (size_t)graph->node_count + 1;
    hf_lowering l = {
        .graph = graph,
        .views = calloc(tensors, sizeof *l.views),
        .readers = calloc(tensors, sizeof *l.readers),
        .nodes = calloc(nodes, sizeof *l.nodes),
    };
    size_t ops = nodes;
    for (int32_t n = 0; n < graph->node_count; n++)
        ops +=
            graph->nodes[n].op == HF_OP_CONCAT || graph->nodes[n].op == HF_OP_JOIN ? HF_NODE_MAX_INPUTS : 0;
    lowered.ops = calloc(ops, sizeof *lowered.ops);
    lowered.tensor_bytes = calloc(tensors, sizeof *lowered.tensor_bytes);
    hf_status status;
    if (!l.views || !l.readers || !l.nodes || !lowered.ops || !lowered.tensor_bytes) {
        status = HF_FAIL(err, HF_ENOMEM, "%s: no memory to compile %d nodes", graph->name, graph->node_count);
    } else {
        status = count_readers(&l, err);
        if (!status)
            status = lower_nodes(&l, err);
        if (!status) {
            hf_views_choose(&l);
            status = check_output(&l, err);
        }
        if (!status) {
            add_ops(&l, &lowered);
            status = hf_trim(&lowered, err);
        }
        if (!status)
            status = hf_order(&lowered, err);
    }
    free(l.views);
    free(l.readers);
    free(l.nodes);
    if (status) {
        hf_lowered_free(&lowered);
        return status;
    }
    *out = lowered;
    return HF_OK;
}

void hf_lowered_free(hf_lowered *lowered)
{
    if (!lowered)
        return;
    free(lowered->ops);
    free(lowered->tensor_bytes);
    *lowered = (hf_lowered){0};
}
