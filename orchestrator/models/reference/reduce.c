/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/fixed_point.h"
#include "graph/quantize.h"
#include "reference/node.h"

static int8_t largest_of(const hf_reference_call *call, const int8_t *values, bool smallest)
{
    int8_t found = values[0];
    for (int32_t x = 1; x < call->in->width; x++) {
        const int8_t value = values[(int64_t)x * call->in->channels];
        if (smallest ? value < found : value > found)
            found = value;
    }
    return found;
}

static int32_t sum_of(const hf_reference_call *call, const int8_t *values)
{
    int32_t sum = 0;
    for (int32_t x = 0; x < call->in->width; x++)
        sum += values[(int64_t)x * call->in->channels] - call->in->quant.zero_point;
    return sum;
}

hf_status hf_reference_reduce(const hf_reference_call *call, hf_error *err)
{
    const hf_node *node = call->node;
    const hf_tensor *in = call->in;
    const hf_quant out = call->out->quant;
    const bool extreme = node->reduction == HF_REDUCTION_MAXIMUM || node->reduction == HF_REDUCTION_MINIMUM;
    int32_t multiplier = 0, shift = 0;
    hf_status status = extreme ? HF_OK : hf_reduce_multiplier(node, in, out, &multiplier, &shift, err);
    if (status)
        return status;
    if (extreme && (in->quant.scale != out.scale || in->quant.zero_point != out.zero_point))
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: needs equal input and output quantisation", node->name);
    for (int32_t y = 0; y < in->height; y++)
        for (int32_t c = 0; c < in->channels; c++) {
            const int8_t *values = call->inputs[0] + (int64_t)y * in->width * in->channels + c;
            int8_t *to = call->output + (int64_t)y * in->channels + c;
            if (extreme) {
                *to = largest_of(call, values, node->reduction == HF_REDUCTION_MINIMUM);
                continue;
            }
            const int32_t mean = hf_requantize(sum_of(call, values), multiplier, shift);
            *to = (int8_t)hf_clamp(hf_wrapping_add(mean, out.zero_point), INT8_MIN, INT8_MAX);
        }
    return HF_OK;
}
