/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ENGINE_REQUANT_H
#define HF_ENGINE_REQUANT_H

#include <stdint.h>

/* From accumulator to int8, TensorFlow Lite's way: a rounding doubling high multiply, then a right shift that
 * rounds half away from zero, then the output's zero point. Arithmetic that may wrap is unsigned. */

static inline int32_t hf_saturate_int8(int32_t value)
{
    return value < -128 ? -128 : value > 127 ? 127 : value;
}

/* Signed right shifts are arithmetic in every supported compiler. */

/** (a * b * 2 + 2^31) >> 32, saturating the one case that overflows. */
static inline int32_t hf_doubling_high_multiply(int32_t a, int32_t b)
{
    if (a == INT32_MIN && b == INT32_MIN)
        return INT32_MAX;
    return (int32_t)(((int64_t)a * b + (1LL << 30)) >> 31);
}

/** value / 2^shift rounded half away from zero. @param shift 0 .. 62 */
static inline int32_t hf_rounding_shift_right(int32_t value, int32_t shift)
{
    if (shift == 0)
        return value;
    int64_t half = 1LL << (shift - 1);
    return (int32_t)(((int64_t)value + half - (value < 0)) >> shift);
}

/** @param shift -31 .. 30, positive = left; bits shifted out on the left are lost */
static inline int32_t hf_multiply_quantized(int32_t value, int32_t multiplier, int32_t shift)
{
    if (shift > 0)
        value = (int32_t)((uint32_t)value << shift);
    int32_t product = hf_doubling_high_multiply(value, multiplier);
    return shift < 0 ? hf_rounding_shift_right(product, -shift) : product;
}

/** A sum of 64 bits, scaled by a multiplier of 15 bits and rounded once. @param shift -31 .. 7, positive = left */
static inline int32_t hf_multiply_quantized_long(int64_t sum, int32_t multiplier, int32_t shift)
{
    const int64_t reduced = multiplier < 0x7FFF0000 ? (multiplier + (1 << 15)) >> 16 : 0x7FFF;
    const int32_t total = 15 - shift;
    const uint64_t product = (uint64_t)sum * (uint64_t)reduced + (UINT64_C(1) << (total - 1));
    return (int32_t)((int64_t)product >> total);
}

/** (a * b + 2^31) >> 32: hf_doubling_high_multiply() of half of a, which is even. */
static inline int32_t hf_multiply_high_rounded(int32_t a, int32_t b)
{
#if defined(__ARM_FEATURE_DSP)
    int32_t r;
    __asm__("smmulr %0, %1, %2" : "=r"(r) : "r"(a), "r"(b));
    return r;
#else
    return (int32_t)(((int64_t)a * b + (1LL << 31)) >> 32);
#endif
}

/** Adds the zero point (wrapping, as the reference does) and saturates to int8. */
static inline int8_t hf_offset_to_int8(int32_t value, int32_t zero_point)
{
    return (int8_t)hf_saturate_int8((int32_t)((uint32_t)value + (uint32_t)zero_point));
}

/** For any accumulator, multiplier and shift of hf_multiply_quantized(). */
int8_t hf_requantize_wide(int32_t acc, int32_t multiplier, int32_t shift, int32_t zero_point);

/**
 * The same for an accumulator of 24 bits and a right shift of 1 .. 23, in the form SMMLAR takes: the zero
 * point and the rounding constant, both scaled by the shift, are one addend.
 * @param doubled    twice the accumulator
 * @param shift      right shift - 1
 * @param zero_half  2 * zero point + 1
 */
static inline int8_t hf_requantize_compact(int32_t doubled, int32_t multiplier, int32_t shift,
                                           int32_t zero_half)
{
    uint32_t addend = ((uint32_t)zero_half << shift) + (uint32_t)(doubled >> 31);
#if defined(__ARM_FEATURE_DSP)
    int32_t value;
    __asm__("smmlar %0, %1, %2, %3" : "=r"(value) : "r"(doubled), "r"(multiplier), "r"(addend));
#else
    uint64_t sum = ((uint64_t)addend << 32) + (uint64_t)((int64_t)doubled * multiplier) + (1ULL << 31);
    int32_t value = (int32_t)(uint32_t)(sum >> 32);
#endif
    return (int8_t)hf_saturate_int8((value >> shift) >> 1);
}

#endif
