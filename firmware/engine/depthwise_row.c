/* SPDX-License-Identifier: Apache-2.0 */
#include "dsp.h"
#include "kernels.h"
#include "requant.h"

/*
 * 3x3 depthwise over rows of one channel. A word of four columns x0..x3 unpacks to (x0,x2) and (x1,x3), which
 * are the outer taps of outputs 0 and 1; their middle taps x1 and x2 stand in the other word. So a row of two
 * outputs takes one load, two unpackings, two SMLAD and two single multiply-accumulates.
 */

#if defined(__ARM_FEATURE_DSP)

#include <stddef.h>

_Static_assert(offsetof(hf_depthwise_rows, row_steps) == 12, "offsets below");
_Static_assert(offsetof(hf_depthwise_rows, weights) == 24, "offsets below");
_Static_assert(offsetof(hf_depthwise_rows, channels) == 28, "offsets below");
_Static_assert(offsetof(hf_depthwise_rows, out) == 32, "offsets below");
_Static_assert(offsetof(hf_depthwise_rows, channel_count) == 36, "offsets below");
_Static_assert(offsetof(hf_depthwise_rows, out_step) == 40, "offsets below");
_Static_assert(offsetof(hf_depthwise_rows, width) == 44, "offsets below");
_Static_assert(offsetof(hf_depthwise_rows, zero_half) == 48, "offsets below");

/*
 * Registers: r0 r1 r2 rows, r3 out, lr outputs left; weights, doubled so that sums are: r4 r6 r7 outer taps
 * of the rows, r5 middle taps of rows 0 and 1, r8 of row 2; r9 (x0,x2), r10 (x1,x3), r11 r12 sums. Stack: 0
 * twice the bias, 4 multiplier, 8 shift, 12 scaled zero half, 16 out_step, 20 r4, 24 r5, 28 the argument.
 */
#define CHANNEL_BEGIN                                                                                        \
    "push   {r0, r4-r11, lr}\n"                                                                              \
    "sub    sp, #28\n"                                                                                       \
    "ldr    r1, [r0, #40]\n"                                                                                 \
    "str    r1, [sp, #16]\n"                                                                                 \
    "1:\n"                                                                                                   \
    "ldr    lr, [sp, #28]\n"                                                                                 \
    "ldrd   r12, r11, [lr, #24]\n" /* weights, channels */                                                   \
    "ldr    r4, [r12]\n"           /* w0 w1 w2 w3 */                                                         \
    "ldr    r6, [r12, #3]\n"       /* w3 w4 w5 w6 */                                                         \
    "ldr    r7, [r12, #5]\n"       /* w5 w6 w7 w8 */                                                         \
    "add    r12, r12, #9\n"                                                                                  \
    "ldrd   r9, r10, [r11], #8\n" /* multiplier, bias_shift */                                               \
    "strd   r12, r11, [lr, #24]\n"                                                                           \
    "strd   r9, r10, [sp, #4]\n"                                                                             \
    "ldr    r11, [lr, #48]\n"                                                                                \
    "asr    r9, r10, #7\n" /* twice the bias: the shift below it is < 128 */                                 \
    "lsl    r11, r11, r10\n"                                                                                 \
    "str    r9, [sp, #0]\n"                                                                                  \
    "str    r11, [sp, #12]\n"                                                                                \
    "sxtb16 r5, r4, ror #8\n"                                                                                \
    "sxtb16 r4, r4\n"                                                                                        \
    "sxtb16 r9, r6, ror #8\n"                                                                                \
    "sxtb16 r6, r6\n"                                                                                        \
    "sxtb16 r8, r7, ror #16\n"                                                                               \
    "sxtb16 r7, r7, ror #8\n"                                                                                \
    "pkhbt  r5, r5, r9, lsl #16\n"                                                                           \
    "sadd16 r4, r4, r4\n"                                                                                    \
    "sadd16 r5, r5, r5\n"                                                                                    \
    "sadd16 r6, r6, r6\n"                                                                                    \
    "sadd16 r7, r7, r7\n"                                                                                    \
    "sadd16 r8, r8, r8\n"                                                                                    \
    "strd   r4, r5, [sp, #20]\n"                                                                             \
    "ldm    lr, {r0-r2, r9-r11}\n" /* rows, row_steps */                                                     \
    "add    r9, r9, r0\n"                                                                                    \
    "add    r10, r10, r1\n"                                                                                  \
    "add    r11, r11, r2\n"                                                                                  \
    "stm    lr, {r9-r11}\n"                                                                                  \
    "ldr    r3, [lr, #32]\n"                                                                                 \
    "add    r9, r3, #1\n"                                                                                    \
    "str    r9, [lr, #32]\n"                                                                                 \
    "ldr    lr, [lr, #44]\n"

#define CHANNEL_END                                                                                          \
    "ldr    r0, [sp, #28]\n"                                                                                 \
    "ldr    r1, [r0, #36]\n"                                                                                 \
    "subs   r1, r1, #1\n"                                                                                    \
    "str    r1, [r0, #36]\n"                                                                                 \
    "bne    1b\n"                                                                                            \
    "add    sp, #28\n"                                                                                       \
    "pop    {r0, r4-r11, pc}\n"

#define LOAD_ROW(row)                                                                                        \
    "ldr    r9, [" row "], #2\n"                                                                             \
    "sxtb16 r10, r9, ror #8\n"                                                                               \
    "sxtb16 r9, r9\n"

__attribute__((naked)) void hf_depthwise_rows_3x3_s1(__attribute__((unused)) hf_depthwise_rows *rows)
{
    __asm__ volatile(
        CHANNEL_BEGIN "2:\n" LOAD_ROW("r0") /* two outputs */
        "ldr    r11, [sp, #0]\n"
        "smlad  r12, r10, r4, r11\n"
        "smlad  r11, r9, r4, r11\n"
        "smlabb r11, r10, r5, r11\n"
        "smlatb r12, r9, r5, r12\n" LOAD_ROW(
            "r1") "smlad  r11, r9, r6, r11\n"
                  "smlad  r12, r10, r6, r12\n"
                  "smlabt r11, r10, r5, r11\n"
                  "smlatt r12, r9, r5, r12\n" LOAD_ROW(
                      "r2") "smlad  r11, r9, r7, r11\n"
                            "smlad  r12, r10, r7, r12\n"
                            "smlabb r11, r10, r8, r11\n"
                            "smlatb r12, r9, r8, r12\n"
                            "ldrd   r9, r10, [sp, #4]\n" /* to int8, as hf_requantize_compact() */
                            "ldr    r4, [sp, #12]\n"
                            "add    r5, r4, r11, asr #31\n"
                            "smmlar r11, r11, r9, r5\n"
                            "asr    r11, r11, r10\n"
                            "ssat   r11, #8, r11, asr #1\n"
                            "subs   lr, lr, #2\n"
                            "strb   r11, [r3]\n"
                            "bmi    3f\n" /* an odd last output */
                            "add    r5, r4, r12, asr #31\n"
                            "smmlar r12, r12, r9, r5\n"
                            "asr    r12, r12, r10\n"
                            "ssat   r12, #8, r12, asr #1\n"
                            "ldr    r4, [sp, #16]\n"
                            "strb   r12, [r3, r4]\n"
                            "add    r3, r3, r4, lsl #1\n"
                            "ldrd   r4, r5, [sp, #20]\n"
                            "bne    2b\n"
                            "3:\n" CHANNEL_END);
}

__attribute__((naked)) void hf_depthwise_rows_3x3_s2(__attribute__((unused)) hf_depthwise_rows *rows)
{
    __asm__ volatile(CHANNEL_BEGIN "2:\n" LOAD_ROW("r0") /* one output */
                     "ldr    r11, [sp, #0]\n"
                     "smlad  r11, r9, r4, r11\n"
                     "smlabb r11, r10, r5, r11\n" LOAD_ROW("r1") "smlad  r11, r9, r6, r11\n"
                                                                 "smlabt r11, r10, r5, r11\n" LOAD_ROW(
                                                                     "r2") "smlad  r11, r9, r7, r11\n"
                                                                           "smlabb r11, r10, r8, r11\n"
                                                                           "ldrd   r9, r10, [sp, #4]\n"
                                                                           "ldr    r12, [sp, #12]\n"
                                                                           "add    r12, r12, r11, asr #31\n"
                                                                           "smmlar r11, r11, r9, r12\n"
                                                                           "asr    r11, r11, r10\n"
                                                                           "ssat   r11, #8, r11, asr #1\n"
                                                                           "ldr    r12, [sp, #16]\n"
                                                                           "strb   r11, [r3]\n"
                                                                           "add    r3, r3, r12\n"
                                                                           "subs   lr, lr, #1\n"
                                                                           "bne    2b\n" CHANNEL_END);
}

#else

static void portable_rows(hf_depthwise_rows *d, uint32_t stride)
{
    for (; d->channel_count > 0; d->channel_count--) {
        int8_t *out = d->out++;
        for (uint32_t x = 0; x < d->width; x++, out += d->out_step) {
            uint32_t sum = (uint32_t)(d->channels->bias_shift >> 8);
            for (uint32_t k = 0; k < 9; k++)
                sum += (uint32_t)(d->rows[k / 3][x * stride + k % 3] * d->weights[k]);
            *out = hf_requantize_compact((int32_t)(2 * sum), d->channels->multiplier,
                                         d->channels->bias_shift & 0xFF, d->zero_half);
        }
        for (int k = 0; k < 3; k++)
            d->rows[k] += d->row_steps[k];
        d->weights += 9;
        d->channels++;
    }
}

void hf_depthwise_rows_3x3_s1(hf_depthwise_rows *rows)
{
    portable_rows(rows, 1);
}

void hf_depthwise_rows_3x3_s2(hf_depthwise_rows *rows)
{
    portable_rows(rows, 2);
}

#endif
