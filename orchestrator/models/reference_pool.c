/* SPDX-License-Identifier: Apache-2.0 */
/* Pooling and element-wise addition. */
#include "fixed_point.h"
#include "models/quantize.h"
#include "reference_ops.h"

typedef struct pool_bounds {
    int32_t min, max;
} pool_bounds;

/* Mean of a window's cells inside the input, rounded to nearest, ties away from zero. */
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
    for (int32_t ky = rows.begin; ky < rows.end; ky++)
        for (int32_t kx = columns.begin; kx < columns.end; kx++) {
            int64_t position = (int64_t)(rows.origin + ky) * in->width + columns.origin + kx;
            int8_t value = call->inputs[0][position * in->channels + channel];
            sum += value;
            largest = value > largest ? value : largest;
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

/* Both inputs are brought to a common scale, twice the larger one, with 20 extra bits; then to the output's.
 */
#define ADD_LEFT_SHIFT 20

hf_status hf_reference_add(const hf_reference_call *call, hf_error *err)
{
    const hf_quant a = call->in->quant;
    const hf_quant b = call->graph->tensors[call->node->inputs[1]].quant;
    const hf_quant sum = call->out->quant;
    const double common = 2.0 * (double)(a.scale > b.scale ? a.scale : b.scale);
    int32_t a_multiplier, a_shift, b_multiplier, b_shift, multiplier, shift, min, max;
    hf_quantize_multiplier((double)a.scale / common, &a_multiplier, &a_shift);
    hf_quantize_multiplier((double)b.scale / common, &b_multiplier, &b_shift);
    hf_quantize_multiplier(common / ((double)(1 << ADD_LEFT_SHIFT) * (double)sum.scale), &multiplier, &shift);
    if (shift > 0)
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: output scale %g is too small for inputs of scale %g and %g",
                       call->node->name, (double)sum.scale, (double)a.scale, (double)b.scale);
    hf_activation_range(call->node->activation, sum, &min, &max);
    const int64_t count = hf_tensor_bytes(call->out);
    for (int64_t i = 0; i < count; i++) {
        int32_t left = (call->inputs[0][i] - a.zero_point) * (1 << ADD_LEFT_SHIFT);
        int32_t right = (call->inputs[1][i] - b.zero_point) * (1 << ADD_LEFT_SHIFT);
        int32_t total =
            hf_requantize(left, a_multiplier, a_shift) + hf_requantize(right, b_multiplier, b_shift);
        call->output[i] =
            (int8_t)hf_clamp(hf_requantize(total, multiplier, shift) + sum.zero_point, min, max);
    }
    return HF_OK;
}
