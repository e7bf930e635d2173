/* SPDX-License-Identifier: Apache-2.0 */
/* The operators with weights: 2-D and depthwise convolution, dense. */
#include <stdlib.h>
#include <string.h>

#include "graph/fixed_point.h"
#include "graph/quantize.h"
#include "reference/node.h"

/* Unsigned, so that sums wrap at 32 bits as on the target. Signed overflow would be undefined. */
static uint32_t dot(const int8_t *weights, const int8_t *values, int64_t count, int32_t zero_point)
{
    uint32_t sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += (uint32_t)(weights[i] * (values[i] - zero_point));
    return sum;
}

hf_status hf_output_stage_init(const hf_reference_call *call, hf_output_stage *stage, hf_error *err)
{
    const hf_node *node = call->node;
    int32_t count = call->out->channels;
    hf_output_channel *channels = calloc((size_t)count, sizeof *channels);
    if (!channels) {
        (void)HF_FAIL(err, HF_ENOMEM, "%s: no memory for %d channels", node->name, count);
        return HF_ENOMEM;
    }
    for (int32_t c = 0; c < count; c++) {
        double scale = hf_node_effective_scale(call->graph, node, c);
        hf_quantize_multiplier(scale, &channels[c].multiplier, &channels[c].shift);
        channels[c].bias = node->bias ? node->bias[c] : 0;
        if (channels[c].shift > HF_REQUANTIZE_MAX_SHIFT) {
            free(channels);
            (void)HF_FAIL(err, HF_EUNSUPPORTED,
                          "%s: output channel %d is scaled up by %g, at most 2^%d is supported", node->name,
                          c, scale, HF_REQUANTIZE_MAX_SHIFT);
            return HF_EUNSUPPORTED;
        }
    }
    stage->channels = channels;
    stage->zero_point = call->out->quant.zero_point;
    hf_activation_range(node->activation, call->out->quant, &stage->min, &stage->max);
    return HF_OK;
}

void hf_output_stage_free(hf_output_stage *stage)
{
    free(stage->channels);
    stage->channels = NULL;
}

int8_t hf_output_stage_value(const hf_output_stage *stage, int32_t channel, uint32_t sum)
{
    const hf_output_channel *c = &stage->channels[channel];
    int32_t scaled = hf_requantize(hf_wrapping_add((int32_t)sum, c->bias), c->multiplier, c->shift);
    return (int8_t)hf_clamp(hf_wrapping_add(scaled, stage->zero_point), stage->min, stage->max);
}

/* The parts of the kernel that lie inside the input at an output position. */
static void windows_at(const hf_reference_call *call, int32_t y, int32_t x, hf_window *rows,
                       hf_window *columns)
{
    const hf_node *node = call->node;
    int32_t top, left;
    hf_node_padding(call->graph, node, &top, &left);
    *rows = hf_window_at(y, node->stride_height, top, node->kernel_height, call->in->height);
    *columns = hf_window_at(x, node->stride_width, left, node->kernel_width, call->in->width);
}

static void conv2d_sums(const hf_reference_call *call, int32_t y, int32_t x, uint32_t *sums)
{
    const hf_node *node = call->node;
    const hf_tensor *in = call->in;
    hf_window rows, columns;
    windows_at(call, y, x, &rows, &columns);
    const int32_t group_inputs = in->channels / node->groups;
    const int32_t group_outputs = call->out->channels / node->groups;
    const int64_t weight_row = (int64_t)node->kernel_width * group_inputs;
    const int64_t input_row = (int64_t)in->width * in->channels;
    /* Without groups, the columns of a kernel row are contiguous in the input and in the weights. */
    const int32_t columns_inside = columns.end - columns.begin;
    const int32_t runs = node->groups == 1 ? 1 : columns_inside;
    const int64_t run = node->groups == 1 ? (int64_t)columns_inside * in->channels : group_inputs;
    const int8_t *corner = call->inputs[0] + (int64_t)(columns.origin + columns.begin) * in->channels;
    for (int32_t o = 0; o < call->out->channels; o++) {
        const int8_t *weights =
            node->weights + o * weight_row * node->kernel_height + (int64_t)columns.begin * group_inputs;
        const int8_t *values = corner + (int64_t)(o / group_outputs) * group_inputs;
        uint32_t sum = 0;
        for (int32_t k = rows.begin; k < rows.end; k++)
            for (int32_t r = 0; r < runs; r++)
                sum += dot(weights + k * weight_row + (int64_t)r * group_inputs,
                           values + (rows.origin + k) * input_row + (int64_t)r * in->channels, run,
                           in->quant.zero_point);
        sums[o] = sum;
    }
}

static void depthwise_sums(const hf_reference_call *call, int32_t y, int32_t x, uint32_t *sums)
{
    const hf_node *node = call->node;
    const hf_tensor *in = call->in;
    const int32_t channels = in->channels;
    hf_window rows, columns;
    windows_at(call, y, x, &rows, &columns);
    memset(sums, 0, (size_t)channels * sizeof *sums);
    for (int32_t ky = rows.begin; ky < rows.end; ky++)
        for (int32_t kx = columns.begin; kx < columns.end; kx++) {
            const int64_t tap = (int64_t)ky * node->kernel_width + kx;
            const int64_t position = (int64_t)(rows.origin + ky) * in->width + columns.origin + kx;
            const int8_t *weights = node->weights + tap * channels;
            const int8_t *values = call->inputs[0] + position * channels;
            for (int32_t c = 0; c < channels; c++)
                sums[c] += (uint32_t)(weights[c] * (values[c] - in->quant.zero_point));
        }
}

void hf_reference_sums(const hf_reference_call *call, int32_t y, int32_t x, uint32_t *sums)
{
    const int64_t values = hf_tensor_bytes(call->in);
    switch (call->node->op) {
    case HF_OP_CONV2D:
        conv2d_sums(call, y, x, sums);
        break;
    case HF_OP_DEPTHWISE:
        depthwise_sums(call, y, x, sums);
        break;
    default: /* dense: the whole input at once */
        for (int32_t o = 0; o < call->out->channels; o++)
            sums[o] =
                dot(call->node->weights + o * values, call->inputs[0], values, call->in->quant.zero_point);
        break;
    }
}

hf_status hf_reference_weighted(const hf_reference_call *call, hf_error *err)
{
    const hf_tensor *out = call->out;
    hf_output_stage stage = {0};
    hf_status status = hf_output_stage_init(call, &stage, err);
    if (status)
        return status;
    uint32_t *sums = calloc((size_t)out->channels, sizeof *sums);
    if (!sums) {
        hf_output_stage_free(&stage);
        return HF_FAIL(err, HF_ENOMEM, "%s: no memory for %d channels", call->node->name, out->channels);
    }
    int8_t *output = call->output;
    for (int32_t y = 0; y < out->height; y++)
        for (int32_t x = 0; x < out->width; x++) {
            hf_reference_sums(call, y, x, sums);
            for (int32_t c = 0; c < out->channels; c++)
                *output++ = hf_output_stage_value(&stage, c, sums[c]);
        }
    free(sums);
    hf_output_stage_free(&stage);
    return HF_OK;
}
