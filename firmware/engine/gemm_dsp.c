/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels.h"

/* hf_gemm_blocks for Armv7E-M with the DSP extension; gemm.c says how it works and computes the same. */

#if defined(__ARM_FEATURE_DSP)

#include <stddef.h>

_Static_assert(offsetof(hf_gemm, windows) == 0, "order of r1 .. r8 in hf_gemm_blocks");
_Static_assert(offsetof(hf_gemm, weights) == 4, "order of r1 .. r8 in hf_gemm_blocks");
_Static_assert(offsetof(hf_gemm, channels) == 8, "order of r1 .. r8 in hf_gemm_blocks");
_Static_assert(offsetof(hf_gemm, zero_half) == 12, "order of r1 .. r8 in hf_gemm_blocks");
_Static_assert(offsetof(hf_gemm, out) == 16, "order of r1 .. r8 in hf_gemm_blocks");
_Static_assert(offsetof(hf_gemm, blocks) == 24, "order of r1 .. r8 in hf_gemm_blocks");
_Static_assert(offsetof(hf_gemm, pairs) == 28, "order of r1 .. r8 in hf_gemm_blocks");

/*
 * One pair of values, four channels, two windows: 16 multiply-accumulates in 12 instructions, 48 bytes of
 * code. r0 windows, r1 weights, r2 window 0's pair, r3 window 1's pair, r12 weights of channels 0 and 1, lr
 * of 2 and 3, r4 r5 low sums of channels 0 and 1's word (windows 0, 1), r6 r7 both; r8 r9, r10 r11 the same
 * of 2 and 3.
 */
#define PAIR                                                                                                 \
    "ldrd   r2, r3, [r0], #8\n"                                                                              \
    "ldrd   r12, lr, [r1], #8\n"                                                                             \
    "smlad  r6, r2, r12, r6\n"                                                                               \
    "smlad  r7, r3, r12, r7\n"                                                                               \
    "sxtb16 r12, r12\n"                                                                                      \
    "smlad  r4, r2, r12, r4\n"                                                                               \
    "smlad  r5, r3, r12, r5\n"                                                                               \
    "smlad  r10, r2, lr, r10\n"                                                                              \
    "smlad  r11, r3, lr, r11\n"                                                                              \
    "sxtb16 lr, lr\n"                                                                                        \
    "smlad  r8, r2, lr, r8\n"                                                                                \
    "smlad  r9, r3, lr, r9\n"

/* The first one, which starts the sums: with r7 and r11, what the high channels start with. */
#define FIRST_PAIR                                                                                           \
    "ldrd   r2, r3, [r0], #8\n"                                                                              \
    "ldrd   r12, lr, [r1], #8\n"                                                                             \
    "smlad  r6, r2, r12, r7\n"                                                                               \
    "smlad  r7, r3, r12, r7\n"                                                                               \
    "sxtb16 r12, r12\n"                                                                                      \
    "smuad  r4, r2, r12\n"                                                                                   \
    "smuad  r5, r3, r12\n"                                                                                   \
    "smlad  r10, r2, lr, r11\n"                                                                              \
    "smlad  r11, r3, lr, r11\n"                                                                              \
    "sxtb16 lr, lr\n"                                                                                        \
    "smuad  r8, r2, lr\n"                                                                                    \
    "smuad  r9, r3, lr\n"

/*
 * To int8, in place, from twice the sum: hf_requantize_compact(). r2 multiplier, r3 shift, r12 scaled zero
 * half; lr is free. The first instruction rounds ties of negative values away from zero.
 */
#define REQUANTIZE(acc)                                                                                      \
    "add    lr, r12, " acc ", asr #31\n"                                                                     \
    "smmlar " acc ", " acc ", r2, lr\n"                                                                      \
    "asr    " acc ", " acc ", r3\n"                                                                          \
    "ssat   " acc ", #8, " acc ", asr #1\n"

/*
 * The same for a zero point of -128, as a ReLU has it. A sum >= 0 needs no correction. A sum < 0 gives a
 * product
 * <= 0, so that before the last shift there is at most zero_half = -255 and behind it at most -128, corrected
 * or not; either saturates to -128.
 */
#define REQUANTIZE_RELU(acc)                                                                                 \
    "smmlar " acc ", " acc ", r2, r12\n"                                                                     \
    "asr    " acc ", " acc ", r3\n"                                                                          \
    "ssat   " acc ", #8, " acc ", asr #1\n"

/*
 * Two channels: the high one first, since it takes the low one's raw sums. r0 channels (behind the pair).
 * bias_shift >> 7 is twice the bias exactly, as the shift below it is < 128.
 */
#define FINISH(requantize, zero_half, low0, low1, both0, both1)                                              \
    "ldrd   r2, r3, [r0, #8]\n"                                                                              \
    "lsl    r12, " zero_half ", r3\n"                                                                        \
    "sub    " both0 ", " both0 ", " low0 "\n"                                                                \
    "sub    " both1 ", " both1 ", " low1 "\n"                                                                \
    "asr    " both0 ", " both0 ", #7\n"                                                                      \
    "asr    " both1 ", " both1 ", #7\n" requantize(both0) requantize(both1) /* */                            \
        "ldrd   r2, r3, [r0], #16\n"                                                                         \
        "asr    r12, r3, #7\n"                                                                               \
        "add    " low0 ", r12, " low0 ", lsl #1\n"                                                           \
        "add    " low1 ", r12, " low1 ", lsl #1\n"                                                           \
        "lsl    r12, " zero_half ", r3\n" requantize(low0) requantize(low1)

#define FINISH_BLOCK(requantize, zero_half)                                                                  \
    FINISH(requantize, zero_half, "r4", "r5", "r6", "r7")                                                    \
    FINISH(requantize, zero_half, "r8", "r9", "r10", "r11")

/*
 * r0: hf_gemm. Frame: 0 behind the windows, 4 windows, 8 weights, 12 channels, 16 zero_half, 20 24 out,
 * 28 behind the channels, 32 where the next (pairs - 1) % 8 pairs begin, 36 how it finishes.
 */
__attribute__((naked)) void hf_gemm_blocks(__attribute__((unused)) const hf_gemm *gemm)
{
    __asm__ volatile("push   {r4-r11, lr}\n"
                     "ldmia  r0, {r1-r8}\n"
                     "add    r0, r1, r8, lsl #3\n"
                     "add    r7, r3, r7, lsl #5\n"
                     "subs   r8, r8, #1\n"
                     "and    r8, r8, #7\n"
                     "add    r8, r8, r8, lsl #1\n"
                     "adr    r9, 3f\n"
                     "sub    r8, r9, r8, lsl #4\n"
                     "orr    r8, r8, #1\n"
                     "adr    r9, 4f\n"
                     "cmn    r4, #255\n"
                     "it     eq\n"
                     "adreq  r9, 5f\n"
                     "orr    r9, r9, #1\n"
                     "push   {r0-r9}\n"
                     "mov    r0, r3\n"
                     "mov    r1, r2\n"

                     "1:\n"
                     "str    r0, [sp, #12]\n"
                     "ldr    r7, [r0, #12]\n"           /* bias_shift of channel 1 */
                     "ldr    r11, [r0, #28]\n"          /* and of channel 3 */
                     "ldr    r0, [sp, #4]\n" FIRST_PAIR /* */
                     "ldr    pc, [sp, #32]\n"

                     "2:\n" PAIR PAIR PAIR PAIR PAIR PAIR PAIR PAIR "3:\n"
                     "ldr    r2, [sp]\n"
                     "cmp    r0, r2\n"
                     "bne    2b\n"
                     "ldrd   r0, lr, [sp, #12]\n"
                     "ldr    pc, [sp, #36]\n"

                     "4:\n"
                     "str    r1, [sp, #8]\n"
                     "mov    r1, lr\n" FINISH_BLOCK(REQUANTIZE, "r1") /* */
                     "ldr    r1, [sp, #8]\n"
                     "b      6f\n"
                     "5:\n" FINISH_BLOCK(REQUANTIZE_RELU, "lr") /* */
                     "6:\n"

                     "ldrd   r2, r3, [sp, #20]\n"
                     "bfi    r4, r6, #8, #24\n"
                     "bfi    r4, r8, #16, #16\n"
                     "bfi    r4, r10, #24, #8\n"
                     "str    r4, [r2], #4\n"
                     "bfi    r5, r7, #8, #24\n"
                     "bfi    r5, r9, #16, #16\n"
                     "bfi    r5, r11, #24, #8\n"
                     "str    r5, [r3], #4\n"
                     "strd   r2, r3, [sp, #20]\n"
                     "ldr    r2, [sp, #28]\n"
                     "cmp    r0, r2\n"
                     "bne    1b\n"
                     "add    sp, sp, #40\n"
                     "pop    {r4-r11, pc}\n");
}

__attribute__((naked)) int16_t *hf_expand(__attribute__((unused)) const int8_t *a,
                                          __attribute__((unused)) const int8_t *b,
                                          __attribute__((unused)) uint32_t values,
                                          __attribute__((unused)) int16_t *to)
{
    __asm__ volatile("push   {r4-r7}\n"
                     "subs   r2, r2, #4\n"
                     "blo    2f\n"
                     "1:\n"
                     "ldr    r4, [r0], #4\n"
                     "ldr    r6, [r1], #4\n"
                     "sxtb16 r5, r4, ror #8\n"
                     "sxtb16 r4, r4\n"
                     "sxtb16 r7, r6, ror #8\n"
                     "sxtb16 r6, r6\n"
                     "strd   r4, r6, [r3], #8\n"
                     "strd   r5, r7, [r3], #8\n"
                     "subs   r2, r2, #4\n"
                     "bhs    1b\n"
                     "2:\n"
                     "adds   r2, r2, #4\n"
                     "beq    5f\n"
                     "3:\n"
                     "ldrsb  r4, [r0], #1\n"
                     "ldrsb  r6, [r1], #1\n"
                     "movs   r5, #0\n"
                     "movs   r7, #0\n"
                     "subs   r2, r2, #1\n"
                     "beq    4f\n"
                     "ldrsb  r5, [r0], #1\n"
                     "ldrsb  r7, [r1], #1\n"
                     "subs   r2, r2, #1\n"
                     "4:\n"
                     "pkhbt  r4, r4, r5, lsl #16\n"
                     "pkhbt  r6, r6, r7, lsl #16\n"
                     "strd   r4, r6, [r3], #8\n"
                     "bne    3b\n"
                     "5:\n"
                     "mov    r0, r3\n"
                     "pop    {r4-r7}\n"
                     "bx     lr\n");
}

#else
typedef int hf_gemm_dsp_needs_dsp;
#endif
