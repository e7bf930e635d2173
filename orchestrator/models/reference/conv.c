/* SPDX-License-Identifier: Apache-2.0 */
/* The operators with weights: 2-D and depthwise convolution, dense. */
#include <stdlib.h>

#include "graph/fixed_point.h"
#include "graph/quantize.h"
#include "reference/node.h"

/* Requantisation of the accumulator of one output channel. */
typedef struct output_channel {
    int32_t bias, multiplier;
    int32_t left, right; /* shifts before and after the multiplication, as in hf_requantize() */
} output_channel;

/* Requantisation of a node with weights: from accumulators to int8 outputs. */
typedef struct output_stage {
    output_channel *channels; /* owned */
    int32_t zero_point, min, max;
} output_stage;

static hf_status output_stage_init(const hf_graph *graph, const hf_accumulation *a, output_stage *stage,
                                   hf_error *err)
{
    const hf_node *node = a->node;
    const int32_t count = a->out->channels;
    output_channel *channels = calloc((size_t)count, sizeof *channels);
    if (!channels)
        return HF_FAIL(err, HF_ENOMEM, "%s: no memory for %d channels", node->name, count);
    for (int32_t c = 0; c < count; c++) {
        double scale = hf_node_effective_scale(graph, node, c);
        int32_t shift;
        hf_quantize_multiplier(scale, &channels[c].multiplier, &shift);
        channels[c].bias = node->bias ? node->bias[c] : 0;
        channels[c].left = shift > 0 ? shift : 0;
        channels[c].right = shift > 0 ? 0 : -shift;
        if (shift > HF_REQUANTIZE_MAX_SHIFT) {
            free(channels);
            return HF_FAIL(err, HF_EUNSUPPORTED,
                           "%s: output channel %d is scaled up by %g, at most 2^%d is supported", node->name,
                           c, scale, HF_REQUANTIZE_MAX_SHIFT);
        }
    }
    *stage = (output_stage){.channels = channels, .zero_point = a->out->quant.zero_point};
    hf_activation_range(node->activation, a->out->quant, &stage->min, &stage->max);
    return HF_OK;
}

/* Outputs of all channels. `restrict`: the compiler need not assume that writing outputs changes the stage. */
static void requantize(const output_stage *restrict stage, const uint32_t *restrict sums, int32_t count,
                       int8_t *restrict output)
{
    const output_channel *restrict channels = stage->channels;
    for (int32_t i = 0; i < count; i++) {
        const output_channel *c = &channels[i];
        const int32_t sum = hf_wrapping_shl(hf_wrapping_add((int32_t)sums[i], c->bias), c->left);
        const int32_t scaled = hf_rounding_shr(hf_doubling_high_mul(sum, c->multiplier), c->right);
        output[i] = (int8_t)hf_clamp(hf_wrapping_add(scaled, stage->zero_point), stage->min, stage->max);
    }
}

hf_status hf_accumulation_outputs(const hf_graph *graph, const hf_accumulation *a,
                                  const int8_t *const *inputs, int8_t *const *outputs, int32_t count,
                                  hf_error *err)
{
    const hf_tensor *out = a->out;
    output_stage stage = {0};
    hf_status status = output_stage_init(graph, a, &stage, err);
    if (!stage.channels)
        return status;
    uint32_t *sums = calloc((size_t)out->channels, sizeof *sums);
    if (!sums)
        status = HF_FAIL(err, HF_ENOMEM, "%s: no memory for %d channels", a->node->name, out->channels);
    for (int32_t i = 0; sums && i < count; i++) {
        int8_t *output = outputs[i];
        for (int32_t y = 0; y < out->height; y++)
            for (int32_t x = 0; x < out->width; x++, output += out->channels) {
                hf_accumulation_sums(a, inputs[i], y, x, sums);
                requantize(&stage, sums, out->channels, output);
            }
    }
    free(sums);
    free(stage.channels);
    return status;
}

hf_status hf_accumulation_requantize(const hf_graph *graph, const hf_accumulation *a, const uint32_t *sums,
                                     int8_t *const *outputs, int32_t count, hf_error *err)
{
    const int64_t positions = (int64_t)a->out->height * a->out->width;
    const int32_t channels = a->out->channels;
    output_stage stage = {0};
    hf_status status = output_stage_init(graph, a, &stage, err);
    if (!stage.channels)
        return status;
    for (int32_t i = 0; i < count; i++)
        for (int64_t p = 0; p < positions; p++, sums += channels)
            requantize(&stage, sums, channels, outputs[i] + p * channels);
    free(stage.channels);
    return status;
}

hf_status hf_reference_weighted(const hf_reference_call *call, hf_error *err)
{
    hf_accumulation accumulation = {0};
    hf_status status = hf_accumulation_init(call->graph, call->node, &accumulation, err);
    if (status == HF_OK)
        status = hf_accumulation_outputs(call->graph, &accumulation, &call->inputs[0], &call->output, 1, err);
    hf_accumulation_free(&accumulation);
    return status;
}
