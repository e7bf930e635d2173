/* SPDX-License-Identifier: Apache-2.0 */
#include "dsp.h"
#include "kernels.h"

/* hf_gemm_* for Armv7E-M with the DSP extension; gemm.c says how it works and computes the same. */

#if defined(__ARM_FEATURE_DSP)

#include <stddef.h>

_Static_assert(offsetof(hf_gemm, windows) == 0, "offsets in hf_gemm_blocks");
_Static_assert(offsetof(hf_gemm, weights) == 4, "offsets in hf_gemm_blocks");
_Static_assert(offsetof(hf_gemm, channels) == 8, "offsets in hf_gemm_blocks");
_Static_assert(offsetof(hf_gemm, out) == 12, "offsets in hf_gemm_blocks");
_Static_assert(offsetof(hf_gemm, pairs) == 20, "offsets in hf_gemm_blocks");
_Static_assert(offsetof(hf_gemm, blocks) == 24, "offsets in hf_gemm_blocks");
_Static_assert(offsetof(hf_gemm, zero_half) == 28, "offsets in hf_gemm_blocks");

/*
 * One pair of values, four channels, two windows: 16 multiply-accumulates in 13 instructions.
 * r0 windows, r1 weights, r2 window 0's pair, r3 window 1's pair, r12 weights of two channels,
 * r4 r5 low sums of channels 0 and 1's word (windows 0, 1), r6 r7 both; r8 r9, r10 r11 the same of 2 and 3.
 */
#define PAIR                                                                                                 \
    "ldrd   r2, r3, [r0], #8\n"                                                                              \
    "ldr    r12, [r1], #4\n"                                                                                 \
    "smlad  r6, r2, r12, r6\n"                                                                               \
    "smlad  r7, r3, r12, r7\n"                                                                               \
    "sxtb16 r12, r12\n"                                                                                      \
    "smlad  r4, r2, r12, r4\n"                                                                               \
    "smlad  r5, r3, r12, r5\n"                                                                               \
    "ldr    r12, [r1], #4\n"                                                                                 \
    "smlad  r10, r2, r12, r10\n"                                                                             \
    "smlad  r11, r3, r12, r11\n"                                                                             \
    "sxtb16 r12, r12\n"                                                                                      \
    "smlad  r8, r2, r12, r8\n"                                                                               \
    "smlad  r9, r3, r12, r9\n"

/* To int8, in place, from twice the sum. r2 multiplier, r3 shift, r12 scaled zero half; lr is free. */
#define REQUANTIZE(acc)                                                                                      \
    "add    lr, r12, " acc ", asr #31\n"                                                                     \
    "smmlar " acc ", " acc ", r2, lr\n"                                                                      \
    "asr    " acc ", " acc ", r3\n"                                                                          \
    "ssat   " acc ", #8, " acc ", asr #1\n"

/* Two channels: the high one first, since it takes the low one's raw sums. r0 channels (behind the pair). */
#define FINISH(low0, low1, both0, both1)                                                                     \
    "ldrd   r2, r3, [r0, #8]\n"                                                                              \
    "lsl    r12, r1, r3\n"                                                                                   \
    "sub    " both0 ", " both0 ", " low0 "\n"                                                                \
    "sub    " both1 ", " both1 ", " low1 "\n"                                                                \
    "asr    " both0 ", " both0 ", #7\n"                                                                      \
    "asr    " both1 ", " both1 ", #7\n" REQUANTIZE(both0)                                                    \
        REQUANTIZE(both1) "ldrd   r2, r3, [r0], #16\n"                                                       \
                          "asr    lr, r3, #7\n"                                                              \
                          "lsl    r12, r1, r3\n"                                                             \
                          "add    " low0 ", lr, " low0 ", lsl #1\n"                                          \
                          "add    " low1 ", lr, " low1 ", lsl #1\n" REQUANTIZE(low0) REQUANTIZE(low1)

/* r0: hf_gemm. On the stack: r0. bias_shift >> 7 is twice the bias exactly, as the shift below it is < 128.
 */
__attribute__((naked)) void hf_gemm_blocks(__attribute__((unused)) hf_gemm *gemm)
{
    __asm__ volatile("push   {r0, r4-r11, lr}\n"
                     "1:\n"
                     "ldr    r2, [r0, #24]\n" /* blocks */
                     "subs   r2, r2, #1\n"
                     "bmi    4f\n"
                     "str    r2, [r0, #24]\n"
                     "ldrd   r1, r2, [r0, #4]\n" /* weights, channels */
                     "ldr    r6, [r2, #12]\n"    /* bias_shift of channel 1 */
                     "mov    r7, r6\n"
                     "ldr    r10, [r2, #28]\n" /* and of channel 3 */
                     "mov    r11, r10\n"
                     "movs   r4, #0\n"
                     "movs   r5, #0\n"
                     "mov    r8, #0\n"
                     "mov    r9, #0\n"
                     "ldr    lr, [r0, #20]\n" /* pairs */
                     "ldr    r0, [r0, #0]\n"  /* windows */
                     "subs   lr, lr, #4\n"
                     "blo    3f\n"
                     "2:\n" PAIR PAIR PAIR PAIR "subs   lr, lr, #4\n"
                     "bhs    2b\n"
                     "3:\n"
                     "adds   lr, lr, #4\n"
                     "beq    6f\n"
                     "5:\n" PAIR "subs   lr, lr, #1\n"
                     "bne    5b\n"
                     "6:\n"
                     "ldr    r3, [sp]\n"
                     "str    r1, [r3, #4]\n" /* weights, behind this block */
                     "ldr    r0, [r3, #8]\n"
                     "ldr    r1, [r3, #28]\n" /* zero_half */
                     FINISH("r4", "r5", "r6", "r7")
                         FINISH("r8", "r9", "r10", "r11") "mov    r1, r0\n"
                                                          "ldr    r0, [sp]\n"
                                                          "str    r1, [r0, #8]\n"
                                                          "ldrd   r1, r2, [r0, #12]\n"
                                                          "bfi    r4, r6, #8, #24\n"
                                                          "bfi    r4, r8, #16, #16\n"
                                                          "bfi    r4, r10, #24, #8\n"
                                                          "str    r4, [r1], #4\n"
                                                          "bfi    r5, r7, #8, #24\n"
                                                          "bfi    r5, r9, #16, #16\n"
                                                          "bfi    r5, r11, #24, #8\n"
                                                          "str    r5, [r2], #4\n"
                                                          "strd   r1, r2, [r0, #12]\n"
                                                          "b      1b\n"
                                                          "4:\n"
                                                          "pop    {r0, r4-r11, pc}\n");
}

static void finish_one(hf_gemm *g, const int32_t doubled[2])
{
    int32_t shift = g->channels->bias_shift;
    int32_t addend = (int32_t)((uint32_t)g->zero_half << (shift & 0xFF));
    for (int w = 0; w < 2; w++)
        *g->out[w]++ = (int8_t)hf_requantize_dsp(doubled[w], g->channels->multiplier, shift, addend);
    g->channels++;
}

void hf_gemm_two(hf_gemm *g)
{
    const uint32_t *windows = (const uint32_t *)(const void *)g->windows;
    int32_t low[2] = {0, 0};
    int32_t both[2] = {g->channels[1].bias_shift, g->channels[1].bias_shift};
    const int8_t *weights = g->weights;
    for (uint32_t p = g->pairs; p > 0; p--) {
        uint32_t word = hf_load32(weights);
        both[0] = hf_smlad(windows[0], word, both[0]);
        both[1] = hf_smlad(windows[1], word, both[1]);
        word = hf_sxtb16(word);
        low[0] = hf_smlad(windows[0], word, low[0]);
        low[1] = hf_smlad(windows[1], word, low[1]);
        windows += 2;
        weights += 4;
    }
    g->weights = weights;
    int32_t twice_bias = g->channels[0].bias_shift >> 7;
    int32_t doubled_low[2] = {2 * low[0] + twice_bias, 2 * low[1] + twice_bias};
    int32_t doubled_high[2] = {(both[0] - low[0]) >> 7, (both[1] - low[1]) >> 7};
    finish_one(g, doubled_low);
    finish_one(g, doubled_high);
}

void hf_gemm_one(hf_gemm *g)
{
    const int8_t *weights = g->weights;
    const uint32_t *windows = (const uint32_t *)(const void *)g->windows;
    int32_t sums[2] = {0, 0};
    for (uint32_t p = g->pairs; p > 0; p--) {
        uint32_t pair = hf_pkhbt((uint32_t)weights[0], (uint32_t)weights[1]);
        sums[0] = hf_smlad(windows[0], pair, sums[0]);
        sums[1] = hf_smlad(windows[1], pair, sums[1]);
        windows += 2;
        weights += 2;
    }
    g->weights = weights;
    int32_t twice_bias = g->channels[0].bias_shift >> 7;
    int32_t doubled[2] = {2 * sums[0] + twice_bias, 2 * sums[1] + twice_bias};
    finish_one(g, doubled);
}

#else
typedef int hf_gemm_dsp_needs_dsp;
#endif
