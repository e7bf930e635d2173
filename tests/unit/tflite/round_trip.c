/* SPDX-License-Identifier: Apache-2.0 */
#include "round_trip.h"

#include "hf_test.h"
#include "reference/reference.h"
#include "tflite/tflite.h"
#include "weights/weights.h"

uint8_t *round_trip_write(const hf_graph *graph, size_t *size)
{
    uint8_t *bytes = NULL;
    hf_error err;
    hf_error_clear(&err);
    if (hf_tflite_write(graph, &bytes, size, &err))
        fail_msg("%s: %s", graph->name, err.message);
    return bytes;
}

hf_graph *round_trip_read(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    hf_graph *graph = NULL;
    hf_error err;
    hf_error_clear(&err);
    if (hf_tflite_read("written", copy, size, &graph, &err))
        fail_msg("%s", err.message);
    free(copy);
    return graph;
}

static bool same_operators(const hf_graph *a, const hf_graph *b)
{
    bool same = a->node_count == b->node_count;
    for (int32_t n = 0; same && n < a->node_count; n++)
        same = a->nodes[n].op == b->nodes[n].op && a->nodes[n].slice_begin == b->nodes[n].slice_begin;
    return same;
}

static void run(const hf_graph *graph, const int8_t *input, hf_reference *out)
{
    hf_error err;
    hf_error_clear(&err);
    if (hf_reference_run(graph, input, out, &err))
        fail_msg("%s: %s", graph->name, err.message);
}

void round_trip_same_outputs(const hf_graph *a, const hf_graph *b, uint32_t seed, int inputs)
{
    const size_t input_bytes = (size_t)hf_tensor_bytes(&a->tensors[a->input]);
    const size_t output_bytes = (size_t)hf_tensor_bytes(&a->tensors[a->output]);
    assert_int_equal(hf_tensor_bytes(&b->tensors[b->input]), input_bytes);
    assert_int_equal(hf_tensor_bytes(&b->tensors[b->output]), output_bytes);
    int8_t *input = malloc(input_bytes);
    assert_non_null(input);
    for (int i = 0; i < inputs; i++) {
        hf_reference from_a, from_b;
        hf_input_generate(seed + (uint32_t)i, input, input_bytes);
        run(a, input, &from_a);
        run(b, input, &from_b);
        assert_memory_equal(from_a.outputs[a->tensors[a->output].producer],
                            from_b.outputs[b->tensors[b->output].producer], output_bytes);
        for (int32_t n = 0; same_operators(a, b) && n < a->node_count; n++)
            assert_memory_equal(from_a.outputs[n], from_b.outputs[n],
                                (size_t)hf_tensor_bytes(&a->tensors[a->nodes[n].output]));
        hf_reference_free(&from_a);
        hf_reference_free(&from_b);
    }
    free(input);
}

static void same_tensor(const hf_tensor *a, const hf_tensor *b)
{
    assert_int_equal(a->height, b->height);
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->channels, b->channels);
    assert_true(a->quant.scale == b->quant.scale);
    assert_int_equal(a->quant.zero_point, b->quant.zero_point);
}

static void same_parameters(const hf_graph *graph, const hf_node *a, const hf_node *b)
{
    const size_t weights = (size_t)hf_node_weight_count(graph, a);
    const size_t channels = (size_t)hf_node_output_channels(graph, a);
    if (weights == 0)
        return;
    assert_memory_equal(a->weights, b->weights, weights);
    assert_memory_equal(a->weight_scales, b->weight_scales, channels * sizeof(float));
    assert_int_equal(a->bias != NULL, b->bias != NULL);
    if (a->bias)
        assert_memory_equal(a->bias, b->bias, channels * sizeof(int32_t));
}

static void same_node(const hf_graph *graph, const hf_node *a, const hf_node *b)
{
    if (a->op == HF_OP_CONV2D || a->op == HF_OP_DEPTHWISE || a->op == HF_OP_AVERAGE_POOL ||
        a->op == HF_OP_MAX_POOL) {
        assert_int_equal(a->kernel_height, b->kernel_height);
        assert_int_equal(a->kernel_width, b->kernel_width);
        assert_int_equal(a->stride_height, b->stride_height);
        assert_int_equal(a->stride_width, b->stride_width);
        assert_int_equal(a->padding, b->padding);
    }
    if (a->op == HF_OP_CONV2D || a->op == HF_OP_CHANNEL_SHUFFLE)
        assert_int_equal(a->groups, b->groups);
    assert_int_equal(a->activation, b->activation);
    assert_int_equal(a->slice_begin, b->slice_begin);
    assert_int_equal(a->slice_count, b->slice_count);
    assert_int_equal(a->pad_top, b->pad_top);
    assert_int_equal(a->pad_bottom, b->pad_bottom);
    assert_int_equal(a->pad_left, b->pad_left);
    assert_int_equal(a->pad_right, b->pad_right);
    if (a->op == HF_OP_ADD_CONST || a->op == HF_OP_MUL_CONST) {
        assert_int_equal(a->constant, b->constant);
        assert_true(a->constant_quant.scale == b->constant_quant.scale);
        assert_int_equal(a->constant_quant.zero_point, b->constant_quant.zero_point);
    }
    if (a->op == HF_OP_SOFTMAX)
        assert_true(a->softmax_beta == b->softmax_beta);
    same_parameters(graph, a, b);
}

void round_trip_same_graph(const hf_graph *a, const hf_graph *b)
{
    assert_int_equal(a->node_count, b->node_count);
    int32_t *match = malloc((size_t)a->tensor_count * sizeof *match); /* tensor of b for each tensor of a */
    assert_non_null(match);
    match[a->input] = b->input;
    same_tensor(&a->tensors[a->input], &b->tensors[b->input]);
    for (int32_t n = 0; n < a->node_count; n++) {
        const hf_node *node = &a->nodes[n];
        assert_int_equal(node->op, b->nodes[n].op);
        assert_int_equal(node->input_count, b->nodes[n].input_count);
        for (int32_t i = 0; i < node->input_count; i++)
            assert_int_equal(match[node->inputs[i]], b->nodes[n].inputs[i]);
        same_node(a, node, &b->nodes[n]);
        match[node->output] = b->nodes[n].output;
        same_tensor(&a->tensors[node->output], &b->tensors[b->nodes[n].output]);
    }
    assert_int_equal(match[a->output], b->output);
    free(match);
}

/* ---- Random parameters ---- */

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static hf_quant random_quant(uint32_t *state)
{
    return (hf_quant){.scale = 0.01f + (float)(next_random(state) % 1000) / 16384.0f,
                      .zero_point = (int32_t)(next_random(state) % 256) - 128};
}

static bool requires_equal_quantisation(hf_op op)
{
    return op == HF_OP_AVERAGE_POOL || op == HF_OP_MAX_POOL || op == HF_OP_RESHAPE || op == HF_OP_SLICE ||
           op == HF_OP_CHANNEL_SHUFFLE || op == HF_OP_PAD || op == HF_OP_CONCAT;
}

/* A total order, so that share_quantisation() terminates. */
static bool comes_first(hf_quant a, hf_quant b)
{
    return a.scale < b.scale || (a.scale == b.scale && a.zero_point < b.zero_point);
}

/* Gives tensors that must have equal quantisation (inputs of a concatenation, ...) the first of theirs. */
static void share_quantisation(hf_graph *graph)
{
    bool changed = true;
    while (changed) {
        changed = false;
        for (int32_t n = graph->node_count - 1; n >= 0; n--) {
            const hf_node *node = &graph->nodes[n];
            const hf_quant out = graph->tensors[node->output].quant;
            for (int32_t i = 0; requires_equal_quantisation(node->op) && i < node->input_count; i++) {
                hf_quant *in = &graph->tensors[node->inputs[i]].quant;
                const hf_quant smaller = comes_first(*in, out) ? *in : out;
                if (in->scale != out.scale || in->zero_point != out.zero_point) {
                    *in = graph->tensors[node->output].quant = smaller;
                    changed = true;
                    break; /* `out` is stale now */
                }
            }
        }
    }
}

static void fill_node(hf_graph *graph, hf_node *node, uint32_t *state)
{
    const size_t weights = (size_t)hf_node_weight_count(graph, node);
    const size_t channels = (size_t)hf_node_output_channels(graph, node);
    if (weights == 0)
        return;
    node->weights = malloc(weights);
    node->weight_scales = malloc(channels * sizeof(float));
    node->bias = malloc(channels * sizeof(int32_t));
    assert_true(node->weights && node->weight_scales && node->bias);
    for (size_t i = 0; i < weights; i++)
        node->weights[i] = (int8_t)(next_random(state) % 255 - 127);
    const bool per_tensor = node->op == HF_OP_DENSE && next_random(state) % 2;
    for (size_t c = 0; c < channels; c++) {
        node->bias[c] = (int32_t)(next_random(state) % 20001) - 10000;
        node->weight_scales[c] = c > 0 && per_tensor ? node->weight_scales[0]
                                                     : 0.0005f + (float)(next_random(state) % 100) / 65536;
    }
}

void round_trip_fill(hf_graph *graph, uint32_t seed)
{
    uint32_t state = seed;
    for (int32_t t = 0; t < graph->tensor_count; t++)
        graph->tensors[t].quant = random_quant(&state);
    share_quantisation(graph);
    for (int32_t n = 0; n < graph->node_count; n++) {
        hf_node *node = &graph->nodes[n];
        if (node->op == HF_OP_SOFTMAX)
            graph->tensors[node->output].quant = (hf_quant){.scale = 1.0f / 256, .zero_point = -128};
        if (node->op == HF_OP_ADD_CONST || node->op == HF_OP_MUL_CONST) {
            node->constant = (int8_t)next_random(&state);
            node->constant_quant = random_quant(&state);
        }
        fill_node(graph, node, &state);
    }
}
