/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "engine/layout.h"
#include "graph/elementwise.h"
#include "graph/quantize.h"
#include "pack.h"

/* Data blocks of the operators without weights. */

static hf_status output_too_fine(const hf_graph *graph, const hf_node *node, hf_error *err)
{
    return HF_FAIL(err, HF_EUNSUPPORTED, "%s: output scale %g is too small for an input of scale %g",
                   node->name, (double)graph->tensors[node->output].quant.scale,
                   (double)graph->tensors[node->inputs[0]].quant.scale);
}

static hf_status pack_add(const hf_graph *graph, const hf_node *node, uint8_t *to, hf_error *err)
{
    double a = (double)graph->tensors[node->inputs[0]].quant.scale;
    double b = (double)graph->tensors[node->inputs[1]].quant.scale;
    double out = (double)graph->tensors[node->output].quant.scale;
    double common = 2.0 * (a > b ? a : b);
    hf_add_data data;
    hf_quantize_multiplier(a / common, &data.multiplier[0], &data.shift[0]);
    hf_quantize_multiplier(b / common, &data.multiplier[1], &data.shift[1]);
    hf_quantize_multiplier(common / ((double)(1 << HF_ADD_LEFT_SHIFT) * out), &data.multiplier[2],
                           &data.shift[2]);
    if (data.shift[2] > 0)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: output scale %g is too small for inputs of scale %g and %g",
                       node->name, out, a, b);
    memcpy(to, &data, sizeof data);
    return HF_OK;
}

static void mul_scale(const hf_graph *graph, const hf_node *node, int32_t *multiplier, int32_t *shift)
{
    double a = (double)graph->tensors[node->inputs[0]].quant.scale;
    double b = (double)graph->tensors[node->inputs[1]].quant.scale;
    double out = (double)graph->tensors[node->output].quant.scale;
    hf_quantize_multiplier(a * b / out, multiplier, shift);
}

uint8_t hf_pack_mul_params(const hf_graph *graph, const hf_node *node)
{
    int32_t multiplier, shift;
    mul_scale(graph, node, &multiplier, &shift);
    return shift <= -1 && shift >= -1 - HF_COMPACT_SHIFT_MAX ? HF_PARAMS_COMPACT : HF_PARAMS_WIDE;
}

/* A product of two differences has 17 bits: shifted further left it would leave 32. */
#define MUL_MAX_SHIFT 14

static hf_status pack_mul(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    const hf_node *node = &graph->nodes[op->node];
    int32_t multiplier, shift;
    mul_scale(graph, node, &multiplier, &shift);
    if (shift > MUL_MAX_SHIFT)
        return output_too_fine(graph, node, err);
    if (op->record.params == HF_PARAMS_COMPACT) {
        const hf_channel_compact data = {multiplier, -shift - 1};
        memcpy(to, &data, sizeof data);
    } else {
        const hf_channel_wide data = {0, multiplier, shift};
        memcpy(to, &data, sizeof data);
    }
    return HF_OK;
}

/* Sums of this many differences to a zero point stay within 32 bits. */
#define MEAN_MAX_POSITIONS (INT32_MAX / 255)

static hf_status pack_mean(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    const hf_node *node = &graph->nodes[op->node];
    const hf_quant in = graph->tensors[node->inputs[0]].quant;
    const int64_t positions = (int64_t)op->record.in_height * op->record.in_width;
    if (positions > MEAN_MAX_POSITIONS)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: mean over %lld positions, at most %d are supported",
                       node->name, (long long)positions, MEAN_MAX_POSITIONS);
    hf_mean_data data = {.bias = (int32_t)(-positions * in.zero_point)};
    hf_mean_multiplier(in, graph->tensors[node->output].quant, (int32_t)positions, &data.multiplier,
                       &data.shift);
    if (data.shift > 30)
        return output_too_fine(graph, node, err);
    memcpy(to, &data, sizeof data);
    return HF_OK;
}

/* From "output for q at q + 128" to "at q, as an unsigned byte". */
static void write_table(const int8_t table[256], uint8_t *to)
{
    for (uint32_t i = 0; i < 256; i++)
        to[i ^ 128U] = (uint8_t)table[i];
}

/* A part of a concatenation that has another quantisation. */
static hf_status pack_part(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    const hf_node *node = &graph->nodes[op->node];
    hf_node plain = *node;
    plain.activation = HF_ACTIVATION_NONE;
    int8_t table[256];
    hf_status status = hf_rescale_table(&plain, graph->tensors[node->inputs[op->part]].quant,
                                        graph->tensors[node->output].quant, table, err);
    if (!status)
        write_table(table, to);
    return status;
}

/* From the last node of the chain back to its first: each is what the later ones are applied to. */
static hf_status pack_table(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    int8_t table[256];
    int32_t n = op->node;
    hf_status status = hf_elementwise_table(graph, &graph->nodes[n], table, err);
    for (int32_t i = 1; i < op->functions && !status; i++) {
        int8_t first[256];
        int8_t both[256];
        n = graph->tensors[graph->nodes[n].inputs[0]].producer;
        status = hf_elementwise_table(graph, &graph->nodes[n], first, err);
        for (int32_t q = 0; q < 256 && !status; q++)
            both[q] = table[first[q] - INT8_MIN];
        if (!status)
            memcpy(table, both, sizeof table);
    }
    if (!status)
        write_table(table, to);
    return status;
}

static hf_status pack_softmax(const hf_graph *graph, const hf_node *node, uint8_t *to, hf_error *err)
{
    const int32_t fraction_bits = 31 - HF_SOFTMAX_INTEGER_BITS;
    const hf_tensor *in = &graph->tensors[node->inputs[0]];
    if (in->channels > HF_SOFTMAX_MAX_CHANNELS)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: softmax over %d values, at most %d are supported",
                       node->name, in->channels, HF_SOFTMAX_MAX_CHANNELS);
    double real = (double)node->softmax_beta * (double)in->quant.scale * (double)(1 << fraction_bits);
    if (!(real > 1.0) || !isfinite(real))
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: beta %g and input scale %g are out of range for softmax",
                       node->name, (double)node->softmax_beta, (double)in->quant.scale);
    hf_softmax_data data;
    hf_quantize_multiplier(fmin(real, 2147483647.0), &data.multiplier, &data.left_shift);
    data.diff_min =
        -(int32_t)(((int64_t)((1 << HF_SOFTMAX_INTEGER_BITS) - 1) << fraction_bits) >> data.left_shift);
    memcpy(to, &data, sizeof data);
    return HF_OK;
}

hf_status hf_pack_constants(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    const hf_node *node = &graph->nodes[op->node];
    switch ((hf_image_op)op->record.op) {
    case HF_IMAGE_OP_ADD:
        return pack_add(graph, node, to, err);
    case HF_IMAGE_OP_MUL:
        return pack_mul(graph, op, to, err);
    case HF_IMAGE_OP_MEAN:
        return pack_mean(graph, op, to, err);
    case HF_IMAGE_OP_TABLE:
        return op->part >= 0 ? pack_part(graph, op, to, err) : pack_table(graph, op, to, err);
    case HF_IMAGE_OP_SOFTMAX:
        return pack_softmax(graph, node, to, err);
    default:
        return HF_OK;
    }
}
