/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ENGINE_DOT_H
#define HF_ENGINE_DOT_H

#include "dsp.h"

/* Sums of products for the rarer operators. Sums of 32 bits wrap. No array needs an alignment. */

static inline int32_t hf_load16(const void *bytes)
{
    int16_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static inline void hf_store16(void *bytes, int32_t value)
{
    const int16_t narrow = (int16_t)value;
    memcpy(bytes, &narrow, sizeof narrow);
}

/** sum + weights x values, 8 bits each. */
static inline int32_t hf_dot8(const int8_t *weights, const int8_t *values, uint32_t count, int32_t sum)
{
#if defined(__ARM_FEATURE_DSP)
    for (; count >= 4; count -= 4, weights += 4, values += 4) {
        const uint32_t w = hf_load32(weights);
        const uint32_t v = hf_load32(values);
        sum = hf_smlad(hf_sxtb16(w), hf_sxtb16(v), sum);
        sum = hf_smlad(hf_sxtb16_ror8(w), hf_sxtb16_ror8(v), sum);
    }
#endif
    for (; count > 0; count--)
        sum = (int32_t)((uint32_t)sum + (uint32_t)(*weights++ * *values++));
    return sum;
}

/** sum + a x b, 16 bits each. */
static inline int32_t hf_dot16(const uint8_t *a, const uint8_t *b, uint32_t count, int32_t sum)
{
#if defined(__ARM_FEATURE_DSP)
    for (; count >= 2; count -= 2, a += 4, b += 4)
        sum = hf_smlad(hf_load32(a), hf_load32(b), sum);
#endif
    for (; count > 0; count--, a += 2, b += 2)
        sum = (int32_t)((uint32_t)sum + (uint32_t)hf_load16(a) * (uint32_t)hf_load16(b));
    return sum;
}

/** sum + weights of 8 bits x values of 16 bits, in 64 bits. */
static inline int64_t hf_dot8x16(const int8_t *weights, const int8_t *values, uint32_t count, int64_t sum)
{
#if defined(__ARM_FEATURE_DSP)
    for (; count >= 4; count -= 4, weights += 4, values += 8) {
        const uint32_t w = hf_load32(weights);
        const uint32_t even = hf_sxtb16(w);
        const uint32_t odd = hf_sxtb16_ror8(w);
        sum = hf_smlald(hf_pkhbt(even, odd), hf_load32(values), sum);
        sum = hf_smlald(hf_pkhtb(odd, even), hf_load32(values + 4), sum);
    }
#endif
    for (; count > 0; count--, values += 2)
        sum += (int64_t)*weights++ * hf_load16(values);
    return sum;
}

#endif
