/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/quantize.h"

#include <math.h>

void hf_quantize_multiplier(double real, int32_t *multiplier, int32_t *shift)
{
    int exponent = 0;
    int64_t fixed = 0;
    if (real > 0.0 && isfinite(real)) {
        double mantissa = frexp(real, &exponent); /* 0.5 .. 1 */
        fixed = llround(mantissa * 2147483648.0);
        if (fixed == INT64_C(1) << 31) { /* rounded up to 1.0 */
            fixed /= 2;
            exponent++;
        }
        if (exponent < -31) { /* below the range of shifts: 0, as in TensorFlow Lite */
            fixed = 0;
            exponent = 0;
        }
    }
    *multiplier = (int32_t)fixed;
    *shift = exponent;
}

void hf_mean_multiplier(hf_quant in, hf_quant out, int32_t count, int32_t *multiplier, int32_t *shift)
{
    hf_quantize_multiplier((double)in.scale / (double)out.scale, multiplier, shift);
    /* As many bits as the division loses, unless the right shift would exceed 31. */
    int32_t bits = 31 - __builtin_clz((unsigned)count);
    if (bits > 31 + *shift)
        bits = 31 + *shift;
    *multiplier = (int32_t)(((int64_t)*multiplier << bits) / count);
    *shift -= bits;
}

hf_status hf_reduce_multiplier(const hf_node *node, const hf_tensor *in, hf_quant out, int32_t *multiplier,
                               int32_t *shift, hf_error *err)
{
    if (node->reduction == HF_REDUCTION_SUM)
        hf_quantize_multiplier((double)in->quant.scale / (double)out.scale, multiplier, shift);
    else
        hf_mean_multiplier(in->quant, out, in->width, multiplier, shift);
    if (*shift <= HF_REQUANTIZE_MAX_SHIFT)
        return HF_OK;
    return HF_FAIL(err, HF_EUNSUPPORTED, "%s: output scale %g is too small for an input of scale %g",
                   node->name, (double)out.scale, (double)in->quant.scale);
}
