/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_GRAPH_FIXED_POINT_H
#define HF_GRAPH_FIXED_POINT_H

#include <stdint.h>

/**
 * @file fixed_point.h
 * The integer arithmetic of TensorFlow Lite's reference kernels (gemmlowp's fixed-point rules, double
 * rounding: once in the doubling high multiplication, once more in the right shift).
 */

/** Sum and left shift modulo 2^32, as in the target's registers. */
static inline int32_t hf_wrapping_add(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

static inline int32_t hf_wrapping_shl(int32_t value, int32_t bits)
{
    return (int32_t)((uint32_t)value << bits);
}

/** round(a * b / 2^31), ties upwards; INT32_MIN * INT32_MIN saturates. */
static inline int32_t hf_doubling_high_mul(int32_t a, int32_t b)
{
    if (a == INT32_MIN && b == INT32_MIN)
        return INT32_MAX;
    return (int32_t)(((int64_t)a * b + (INT64_C(1) << 30)) >> 31);
}

/** round(value / 2^bits), ties away from zero. @param bits >= 0; above 31 the result is 0 */
static inline int32_t hf_rounding_shr(int32_t value, int32_t bits)
{
    if (bits > 31)
        return 0;
    const int64_t half = ((INT64_C(1) << bits) - (value < 0)) >> 1; /* less one for negative values */
    return (int32_t)((value + half) >> bits);
}

/** value * 2^bits, saturating. @param bits 0 .. 31 */
static inline int32_t hf_saturating_shl(int32_t value, int32_t bits)
{
    int64_t wide = (int64_t)value * (INT64_C(1) << bits);
    return wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : (int32_t)wide;
}

/** value * multiplier * 2^(shift - 31); a positive shift is applied before the multiplication. */
static inline int32_t hf_requantize(int32_t value, int32_t multiplier, int32_t shift)
{
    int32_t left = shift > 0 ? shift : 0;
    int32_t right = shift > 0 ? 0 : -shift;
    return hf_rounding_shr(hf_doubling_high_mul(hf_wrapping_shl(value, left), multiplier), right);
}

/** The same for a sum of 64 bits, which TensorFlow Lite scales with 15 bits of the multiplier and rounds once.
 * @param shift at most 7 */
static inline int32_t hf_requantize_long(int64_t sum, int32_t multiplier, int32_t shift)
{
    const int64_t reduced = multiplier < 0x7FFF0000 ? (multiplier + (1 << 15)) >> 16 : 0x7FFF;
    const int32_t right = 15 - shift;
    const uint64_t product = (uint64_t)sum * (uint64_t)reduced + (UINT64_C(1) << (right - 1));
    return (int32_t)(uint32_t)((uint64_t)((int64_t)product >> right) & UINT32_MAX);
}

/** The value limited to min .. max. */
static inline int32_t hf_clamp(int32_t value, int32_t min, int32_t max)
{
    return value < min ? min : value > max ? max : value;
}

#endif
