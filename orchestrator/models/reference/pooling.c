/* SPDX-License-Identifier: Apache-2.0 */
/* Average and maximum pooling, and the mean over all positions. */
#include "graph/fixed_point.h"
#include "graph/quantize.h"
#include "reference/node.h"

typedef struct pool_bounds {
    int32_t min, max;
} pool_bounds;

/* The mean of those values of a window that are inside the input, rounded to nearest, ties away from zero. */
static int8_t average(int64_t sum, int64_t count, pool_bounds bounds)
{
    int64_t mean = sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
    return (int8_t)hf_clamp((int32_t)mean, bounds.min, bounds.max);
}

static int8_t pool_window(const hf_reference_call *call, hf_window rows, hf_window columns, int32_t channel,
                          pool_bounds bounds)
{
    const hf_tensor *in = call->in;
    int64_t sum = 0;
    int32_t largest = INT8_MIN;
    for (int32_t ky = rows.begin; ky < rows.end; ky++) {
        int64_t position = (int64_t)(rows.origin + ky) * in->width + columns.origin + columns.begin;
        const int8_t *value = call->inputs[0] + position * in->channels + channel;
        for (int32_t kx = columns.begin; kx < columns.end; kx++, value += in->channels) {
            sum += *value;
            largest = *value > largest ? *value : largest;
        }
    }
    if (call->node->op == HF_OP_MAX_POOL)
        return (int8_t)hf_clamp(largest, bounds.min, bounds.max);
    return average(sum, (int64_t)(rows.end - rows.begin) * (columns.end - columns.begin), bounds);
}

static hf_status pool(const hf_reference_call *call, hf_error *err)
{
    const hf_node *node = call->node;
    const hf_tensor *in = call->in;
    const hf_tensor *out = call->out;
    if (in->quant.scale != out->quant.scale || in->quant.zero_point != out->quant.zero_point)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: %s needs equal input and output quantisation", node->name,
                       hf_op_name(node->op));
    pool_bounds bounds;
    hf_activation_range(node->activation, out->quant, &bounds.min, &bounds.max);
    int32_t top, left;
    hf_node_padding(call->graph, node, &top, &left);
    int8_t *output = call->output;
    for (int32_t y = 0; y < out->height; y++) {
        hf_window rows = hf_window_at(y, node->stride_height, top, node->kernel_height, in->height);
        for (int32_t x = 0; x < out->width; x++) {
            hf_window columns = hf_window_at(x, node->stride_width, left, node->kernel_width, in->width);
            for (int32_t c = 0; c < out->channels; c++)
                *output++ = pool_window(call, rows, columns, c, bounds);
        }
    }
    return HF_OK;
}

hf_status hf_reference_average_pool(const hf_reference_call *call, hf_error *err)
{
    return pool(call, err);
}

hf_status hf_reference_max_pool(const hf_reference_call *call, hf_error *err)
{
    return pool(call, err);
}

/* Sums of up to this many differences from the zero point fit into 32 bits. */
#define MEAN_MAX_POSITIONS (INT32_MAX / 255)

hf_status hf_reference_mean(const hf_reference_call *call, hf_error *err)
{
    const hf_tensor *in = call->in;
    const hf_quant out = call->out->quant;
    const int64_t positions = (int64_t)in->height * in->width;
    if (positions > MEAN_MAX_POSITIONS)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: mean over %lld positions, at most %d are supported",
                       call->node->name, (long long)positions, MEAN_MAX_POSITIONS);
    int32_t multiplier, shift;
    hf_mean_multiplier(in->quant, out, (int32_t)positions, &multiplier, &shift);
    if (shift > HF_REQUANTIZE_MAX_SHIFT)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: output scale %g is too small for an input of scale %g",
                       call->node->name, (double)out.scale, (double)in->quant.scale);
    for (int32_t c = 0; c < in->channels; c++) {
        int32_t sum = 0;
        for (int64_t i = 0; i < positions; i++)
            sum += call->inputs[0][i * in->channels + c] - in->quant.zero_point;
        int32_t mean = hf_wrapping_add(hf_requantize(sum, multiplier, shift), out.zero_point);
        call->output[c] = (int8_t)hf_clamp(mean, INT8_MIN, INT8_MAX);
    }
    return HF_OK;
}
