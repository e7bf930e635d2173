/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels.h"

/* hf_gemm_blocks for Armv7E-M with the DSP extension; gemm.c says how it works and computes the same. */

#if defined(__ARM_FEATURE_DSP)

#include <stddef.h>

_Static_assert(offsetof(hf_gemm, from) == 0, "ldm of r0 .. r3, r12, lr below");
_Static_assert(offsetof(hf_gemm, step) == 4, "ldm of r0 .. r3, r12, lr below");
_Static_assert(offsetof(hf_gemm, run_values) == 8, "ldm of r0 .. r3, r12, lr below");
_Static_assert(offsetof(hf_gemm, windows) == 12, "ldm of r0 .. r3, r12, lr below");
_Static_assert(offsetof(hf_gemm, runs) == 16, "ldm of r0 .. r3, r12, lr below");
_Static_assert(offsetof(hf_gemm, end) == 20, "ldm of r0 .. r3, r12, lr below");
_Static_assert(offsetof(hf_gemm, channels) == 24, "ldm of the prologue");
_Static_assert(offsetof(hf_gemm, weights) == 28, "ldm of the prologue");
_Static_assert(offsetof(hf_gemm, blocks) == 32, "ldm of the prologue");
_Static_assert(offsetof(hf_gemm, out_advance) == 36, "ldm of the prologue");
_Static_assert(offsetof(hf_gemm, run_advance) == 40, "offsets below");
_Static_assert(offsetof(hf_gemm, out) == 44, "offsets below");
_Static_assert(offsetof(hf_gemm, zero_half) == 52, "offsets below");
_Static_assert(offsetof(hf_gemm, pairs) == 56, "offsets below");

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

/* No more: with what comes behind, the loop over blocks has to fit the instruction cache of an STM32L4, 1 KB.
 */
#define EIGHT_PAIRS PAIR PAIR PAIR PAIR PAIR PAIR PAIR PAIR

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
 * Two channels: the high one first, since it takes the low one's raw sums. r0 is 44 bytes behind the block's
 * first channel, the pair at r0 - low_at and r0 - high_at.
 * bias_shift >> 7 is twice the bias exactly, as the shift below it is < 128.
 */
#define FINISH(requantize, zero_half, low_at, high_at, low0, low1, both0, both1)                             \
    "ldrd   r2, r3, [r0, #-" high_at "]\n"                                                                   \
    "lsl    r12, " zero_half ", r3\n"                                                                        \
    "sub    " both0 ", " both0 ", " low0 "\n"                                                                \
    "sub    " both1 ", " both1 ", " low1 "\n"                                                                \
    "asr    " both0 ", " both0 ", #7\n"                                                                      \
    "asr    " both1 ", " both1 ", #7\n" requantize(both0) requantize(both1) /* */                            \
        "ldrd   r2, r3, [r0, #-" low_at "]\n"                                                                \
        "asr    r12, r3, #7\n"                                                                               \
        "add    " low0 ", r12, " low0 ", lsl #1\n"                                                           \
        "add    " low1 ", r12, " low1 ", lsl #1\n"                                                           \
        "lsl    r12, " zero_half ", r3\n" requantize(low0) requantize(low1)

#define FINISH_BLOCK(requantize, zero_half)                                                                  \
    FINISH(requantize, zero_half, "44", "36", "r4", "r5", "r6", "r7")                                        \
    FINISH(requantize, zero_half, "28", "20", "r8", "r9", "r10", "r11")

/*
 * Values of two runs: r0 and r1 on by r2 values, which go to r3 on. r4 .. r11 change. Eight at a time, then
 * four, then two and one.
 */
__attribute__((naked, used)) static void expand_run(void)
{
    __asm__ volatile("subs   r2, r2, #8\n"
                     "blo    2f\n"
                     "1:\n"
                     "ldr    r4, [r0], #4\n"
                     "ldr    r5, [r1], #4\n"
                     "ldr    r8, [r0], #4\n"
                     "ldr    r9, [r1], #4\n"
                     "sxtb16 r6, r4, ror #8\n"
                     "sxtb16 r7, r5, ror #8\n"
                     "sxtb16 r4, r4\n"
                     "sxtb16 r5, r5\n"
                     "sxtb16 r10, r8, ror #8\n"
                     "sxtb16 r11, r9, ror #8\n"
                     "sxtb16 r8, r8\n"
                     "sxtb16 r9, r9\n"
                     "stm    r3!, {r4-r11}\n"
                     "subs   r2, r2, #8\n"
                     "bhs    1b\n"
                     "2:\n"
                     "lsls   r4, r2, #29\n" /* as many as are left: four in N, all in Z */
                     "beq    5f\n"
                     "bpl    3f\n"
                     "ldr    r4, [r0], #4\n"
                     "ldr    r5, [r1], #4\n"
                     "sxtb16 r6, r4, ror #8\n"
                     "sxtb16 r7, r5, ror #8\n"
                     "sxtb16 r4, r4\n"
                     "sxtb16 r5, r5\n"
                     "stm    r3!, {r4-r7}\n"
                     "3:\n"
                     "lsls   r4, r2, #31\n" /* two in C, one in N */
                     "bcc    4f\n"
                     "ldrsb  r4, [r0], #1\n"
                     "ldrsb  r6, [r1], #1\n"
                     "ldrsb  r5, [r0], #1\n"
                     "ldrsb  r7, [r1], #1\n"
                     "pkhbt  r4, r4, r5, lsl #16\n"
                     "pkhbt  r5, r6, r7, lsl #16\n"
                     "strd   r4, r5, [r3], #8\n"
                     "4:\n"
                     "bpl    5f\n"
                     "ldrsb  r4, [r0], #1\n"
                     "ldrsb  r5, [r1], #1\n"
                     "uxth   r4, r4\n"
                     "uxth   r5, r5\n"
                     "strd   r4, r5, [r3], #8\n"
                     "5:\n"
                     "bx     lr\n");
}

__attribute__((naked)) int16_t *hf_expand(__attribute__((unused)) const int8_t *a,
                                          __attribute__((unused)) const int8_t *b,
                                          __attribute__((unused)) uint32_t values,
                                          __attribute__((unused)) int16_t *to)
{
    __asm__ volatile("push   {r4-r11, lr}\n"
                     "bl     expand_run\n"
                     "mov    r0, r3\n"
                     "pop    {r4-r11, pc}\n");
}

/*
 * r0: hf_gemm. Frame: 0 channels, 4 8 out, 12 blocks left, 16 zero_half, 20 how a block finishes, 24 behind
 * the windows, 28 where the next (pairs - 1) % 8 pairs begin; what every pair of positions begins with: 32
 * channels, 36 weights, 40 blocks; 44 the argument, 48 out_advance, 52 run_values, 56 run_advance, 60
 * windows, 64 weights for a while. Channels are 12 bytes ahead, and 32 more behind a block's first pair of
 * values. On a word boundary, which ADR counts from.
 */
__attribute__((naked, aligned(4))) void hf_gemm_blocks(__attribute__((unused)) hf_gemm *gemm)
{
    __asm__ volatile("push   {r4-r11, lr}\n"
                     "sub    sp, #68\n"
                     "mov    r4, r0\n"
                     "add    r6, r0, #24\n"
                     "ldm    r6, {r1-r3, r5}\n"
                     "add    r1, r1, #12\n"
                     "add    r6, sp, #32\n"
                     "stm    r6, {r1-r5}\n"
                     "ldrd   r2, r3, [r0, #44]\n"
                     "strd   r2, r3, [sp, #4]\n"
                     "ldrd   r1, r7, [r0, #52]\n" /* zero_half, pairs */
                     "adr.w  r2, 4f\n"
                     "cmn    r1, #255\n"
                     "it     eq\n"
                     "adreq  r2, 5f\n"
                     "orr    r2, r2, #1\n"
                     "strd   r1, r2, [sp, #16]\n"
                     "ldrd   r5, r12, [r0, #12]\n" /* windows, runs */
                     "add    r8, r5, r7, lsl #3\n"
                     "subs   r7, r7, #1\n"
                     "and    r7, r7, #7\n"
                     "add    r7, r7, r7, lsl #1\n"
                     "adr.w  r9, 3f\n"
                     "sub    r9, r9, r7, lsl #4\n"
                     "orr    r9, r9, #1\n"
                     "strd   r8, r9, [sp, #24]\n"
                     "ldr    r3, [r0, #8]\n" /* run_values */
                     "ldr    r4, [r0, #40]\n"
                     "add    r6, sp, #52\n"
                     "stm    r6, {r3-r5}\n"
                     "cmp    r12, #0\n"
                     "bne    7f\n"

                     "8:\n" /* all blocks of two positions */
                     "add    r4, sp, #32\n"
                     "ldm    r4, {r0, r1, r12}\n"
                     "ldrd   r2, r3, [sp, #4]\n"
                     "1:\n" /* next block; starts from the bias_shift of channels 1 and 3 */
                     "ldr    r11, [r0, #16]\n"
                     "ldr    r7, [r0], #32\n"
                     "stm    sp, {r0, r2, r3, r12}\n"
                     "ldr    r0, [sp, #60]\n" FIRST_PAIR /* */
                     "ldr    pc, [sp, #28]\n"

                     "2:\n" EIGHT_PAIRS "3:\n"
                     "ldr    r2, [sp, #24]\n"
                     "cmp    r0, r2\n"
                     "bne    2b\n"
                     "ldm    sp, {r0, r2, r3, r12, lr}\n"
                     "ldr    pc, [sp, #20]\n"

                     "4:\n"
                     "str    r1, [sp, #64]\n"
                     "mov    r1, lr\n" FINISH_BLOCK(REQUANTIZE, "r1") /* */
                     "ldr    r1, [sp, #64]\n"
                     "b      6f\n"
                     "5:\n" FINISH_BLOCK(REQUANTIZE_RELU, "lr") /* */
                     "6:\n"

                     "ldm    sp, {r0, r2, r3, r12}\n"
                     "bfi    r4, r6, #8, #24\n"
                     "bfi    r4, r8, #16, #16\n"
                     "bfi    r4, r10, #24, #8\n"
                     "str    r4, [r2], #4\n"
                     "bfi    r5, r7, #8, #24\n"
                     "bfi    r5, r9, #16, #16\n"
                     "bfi    r5, r11, #24, #8\n"
                     "str    r5, [r3], #4\n"
                     "subs   r12, r12, #1\n"
                     "bne    1b\n"

                     "ldr    r4, [sp, #48]\n"
                     "add    r2, r2, r4\n"
                     "add    r3, r3, r4\n"
                     "strd   r2, r3, [sp, #4]\n"
                     "7:\n" /* next two positions */
                     "ldr    r4, [sp, #44]\n"
                     "ldm    r4, {r0-r3, r12, lr}\n"
                     "cmp    r0, lr\n"
                     "beq    11f\n"
                     "add    r5, r0, r1, lsl #1\n"
                     "str    r5, [r4]\n"
                     "add    r1, r0, r1\n"
                     "b      10f\n"
                     "9:\n"
                     "ldrd   r2, r4, [sp, #52]\n"
                     "add    r0, r0, r4\n"
                     "add    r1, r1, r4\n"
                     "10:\n"
                     "bl     expand_run\n"
                     "subs   r12, r12, #1\n"
                     "bne    9b\n"
                     "b      8b\n"
                     "11:\n"
                     "add    sp, sp, #68\n"
                     "pop    {r4-r11, pc}\n");
}

#else
typedef int hf_gemm_dsp_needs_dsp;
#endif
