/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ENGINE_GEMM_DSP_H
#define HF_ENGINE_GEMM_DSP_H

#include <stddef.h>

#include "kernels.h"

/* Common parts of the kernels that multiply windows by blocks of four channels, for Armv7E-M with the DSP
 * extension. gemm.c explains the method. */

_Static_assert(offsetof(hf_gemm, windows) == 0, "ldm of r0 .. r7 below");
_Static_assert(offsetof(hf_gemm, pairs) == 4, "ldm of r0 .. r7 below");
_Static_assert(offsetof(hf_gemm, positions) == 8, "ldm of r0 .. r7 below");
_Static_assert(offsetof(hf_gemm, out_step) == 12, "ldm of r0 .. r7 below");
_Static_assert(offsetof(hf_gemm, zero_half) == 16, "ldm of r0 .. r7 below");
_Static_assert(offsetof(hf_gemm, stored) == 20, "ldm of r0 .. r7 below");
_Static_assert(offsetof(hf_gemm, channel_step) == 24, "ldm of r0 .. r7 below");
_Static_assert(offsetof(hf_gemm, stage) == 28, "ldm of r0 .. r7 below");
_Static_assert(offsetof(hf_gemm, channels) == 32, "offsets below");
_Static_assert(offsetof(hf_gemm, weights) == 36, "offsets below");
_Static_assert(offsetof(hf_gemm, out) == 40, "offsets below");
_Static_assert(offsetof(hf_gemm, blocks) == 44, "offsets below");

/* clang-format off */

/*
 * One pair of values, four channels, two windows: 16 multiply-accumulates in 14 instructions, 56 bytes of
 * code. r0 windows, r1 weights, r2 window 0's pair, r3 window 1's pair, r12 weights of channels 0 and 1, lr
 * of 2 and 3, r4 r5 low sums of channels 0 and 1's word (windows 0, 1), r6 r7 both; r8 r9, r10 r11 the same
 * of 2 and 3. The second window's pair is `second` bytes behind the first one's, the next pair `advance` bytes
 * further; `back` is second - advance.
 */
#if defined(HF_ENGINE_DUAL_ISSUE)

/*
 * For a Cortex-M7, which issues a multiply-accumulate and another instruction in the same cycle, but needs a loaded
 * factor two cycles later: each pair loads the next pair's first three words as soon as their registers are free, and
 * takes eight cycles. A SXTB16 must come first of two. So the last pair has code of its own, which loads no more.
 */
#define PRODUCTS                                                                                             \
    "smlad  r6, r2, r12, r6\n"                                                                               \
    "ldr    lr, [r1, #-4]\n"                                                                                 \
    "smlad  r7, r3, r12, r7\n"                                                                               \
    "sxtb16 r12, r12\n"                                                                                      \
    "smlad  r10, r2, lr, r10\n"                                                                              \
    "smlad  r11, r3, lr, r11\n"                                                                              \
    "sxtb16 lr, lr\n"                                                                                        \
    "smlad  r4, r2, r12, r4\n"                                                                               \
    "smlad  r5, r3, r12, r5\n"

#define PAIR_THEN(step, back, advance)                                                                       \
    PRODUCTS step                                                                                            \
    "ldr    r12, [r1], #8\n"                                                                                 \
    "smlad  r8, r2, lr, r8\n"                                                                                \
    "ldr    r2, [r0], #" advance "\n"                                                                        \
    "smlad  r9, r3, lr, r9\n"                                                                                \
    "ldr.w  r3, [r0, #" back "]\n"

#define PAIR(second, advance, back) PAIR_THEN("", back, advance)

#define LAST_PAIR                                                                                            \
    PRODUCTS                                                                                                 \
    "smlad  r8, r2, lr, r8\n"                                                                                \
    "smlad  r9, r3, lr, r9\n"

/* Loads for the first pair; the initial sums from s12 .. s15. */
#define FIRST_WORDS(back, advance)                                                                           \
    "ldr    r2, [r0], #" advance "\n"                                                                        \
    "vmov   r6, s13\n"                                                                                       \
    "ldr    r12, [r1], #8\n"                                                                                 \
    "vmov   r10, s15\n"                                                                                      \
    "ldr.w  r3, [r0, #" back "]\n"                                                                           \
    "vmov   r4, s12\n"                                                                                       \
    "mov    r7, r6\n"                                                                                        \
    "vmov   r8, s14\n"                                                                                       \
    "mov    r11, r10\n"                                                                                      \
    "mov    r5, r4\n"                                                                                        \
    "mov    r9, r8\n"

#else

/* Four single loads one behind the other take 5 cycles on a Cortex-M4, two of LDRD 6 (DDI0439 3.3.2). */
#define LOAD_PAIR(second, advance)                                                                           \
    "ldr.w  r3, [r0, #" second "]\n"                                                                         \
    "ldr    r2, [r0], #" advance "\n"                                                                        \
    "ldr    lr, [r1, #4]\n"                                                                                  \
    "ldr    r12, [r1], #8\n"

#define PAIR(second, advance, back)                                                                          \
    LOAD_PAIR(second, advance)                                                                               \
    "smlad  r6, r2, r12, r6\n"                                                                               \
    "smlad  r7, r3, r12, r7\n"                                                                               \
    "sxtb16 r12, r12\n"                                                                                      \
    "smlad  r10, r2, lr, r10\n"                                                                              \
    "smlad  r11, r3, lr, r11\n"                                                                              \
    "sxtb16 lr, lr\n"                                                                                        \
    "smlad  r4, r2, r12, r4\n"                                                                               \
    "smlad  r5, r3, r12, r5\n"                                                                               \
    "smlad  r8, r2, lr, r8\n"                                                                                \
    "smlad  r9, r3, lr, r9\n"

/* The first pair, with the initial sums in s12 .. s15. */
#define FIRST_PAIR(second, advance)                                                                          \
    LOAD_PAIR(second, advance)                                                                               \
    "vmov   r6, s13\n"                                                                                       \
    "vmov   r10, s15\n"                                                                                      \
    "vmov   r4, s12\n"                                                                                       \
    "vmov   r8, s14\n"                                                                                       \
    "smlad  r7, r3, r12, r6\n"                                                                               \
    "smlad  r6, r2, r12, r6\n"                                                                               \
    "sxtb16 r12, r12\n"                                                                                      \
    "smlad  r11, r3, lr, r10\n"                                                                              \
    "smlad  r10, r2, lr, r10\n"                                                                              \
    "sxtb16 lr, lr\n"                                                                                        \
    "smlad  r5, r3, r12, r4\n"                                                                               \
    "smlad  r4, r2, r12, r4\n"                                                                               \
    "smlad  r9, r3, lr, r8\n"                                                                                \
    "smlad  r8, r2, lr, r8\n"

#endif

/*
 * To int8, in place, from twice the sums of a channel for two windows: hf_requantize_compact(). r2
 * multiplier, r3 shift, r12 scaled zero half; lr is free. The first instruction of two rounds ties of
 * negative values away from zero.
 */
#define REQUANTIZE(a, b)                                                                                     \
    "add    lr, r12, " a ", asr #31\n"                                                                       \
    "add    r12, r12, " b ", asr #31\n"                                                                      \
    "smmlar " a ", " a ", r2, lr\n"                                                                          \
    "smmlar " b ", " b ", r2, r12\n"                                                                         \
    "asrs   " a ", " a ", r3\n"                                                                              \
    "asrs   " b ", " b ", r3\n"                                                                              \
    "ssat   " a ", #8, " a ", asr #1\n"                                                                      \
    "ssat   " b ", #8, " b ", asr #1\n"

/*
 * The same for a zero point of -128, as a ReLU has it. A sum >= 0 needs no correction. A sum < 0 gives a
 * product <= 0, so the value is at most zero_half = -255 before the last shift and at most -128 after it,
 * corrected or not; both saturate to -128.
 */
#define REQUANTIZE_RELU(a, b)                                                                                \
    "smmlar " a ", " a ", r2, r12\n"                                                                         \
    "smmlar " b ", " b ", r2, r12\n"                                                                         \
    "asrs   " a ", " a ", r3\n"                                                                              \
    "asrs   " b ", " b ", r3\n"                                                                              \
    "ssat   " a ", #8, " a ", asr #1\n"                                                                      \
    "ssat   " b ", #8, " b ", asr #1\n"

/* Two channels: the high one first, since it needs the low one's raw sums. */
#define FINISH(requantize, params_low, zero_low, params_high, zero_high, low0, low1, both0, both1)           \
    "vmov   r2, r3, " params_high "\n"                                                                       \
    "vmov   r12, " zero_high "\n"                                                                            \
    "subs   " both0 ", " both0 ", " low0 "\n"                                                                \
    "subs   " both1 ", " both1 ", " low1 "\n"                                                                \
    "asrs   " both0 ", " both0 ", #7\n"                                                                      \
    "asrs   " both1 ", " both1 ", #7\n" requantize(both0, both1) /* */                                       \
        "vmov   r2, r3, " params_low "\n"                                                                    \
        "vmov   r12, " zero_low "\n"                                                                         \
        "lsls   " low0 ", " low0 ", #1\n"                                                                    \
        "lsls   " low1 ", " low1 ", #1\n" requantize(low0, low1)

#define FINISH_BLOCK(requantize)                                                                             \
    FINISH(requantize, "s0, s1", "s8", "s2, s3", "s9", "r4", "r5", "r6", "r7")                               \
    FINISH(requantize, "s4, s5", "s10", "s6, s7", "s11", "r8", "r9", "r10", "r11")

/* Four channels with a zero point of -128. */
#if defined(HF_ENGINE_DUAL_ISSUE)
/* Interleaved: a product can be shifted three cycles later, and SSAT must come first of two. r1 is free too. */
#define FINISH_BLOCK_RELU                                                                                    \
    "vmov   r2, s2\n"                                                                                        \
    "subs   r6, r6, r4\n"                                                                                    \
    "vmov   r12, s9\n"                                                                                       \
    "subs   r7, r7, r5\n"                                                                                    \
    "vmov   r1, s0\n"                                                                                        \
    "asrs   r6, r6, #7\n"                                                                                    \
    "vmov   lr, s8\n"                                                                                        \
    "asrs   r7, r7, #7\n"                                                                                    \
    "smmlar r6, r6, r2, r12\n"                                                                               \
    "lsls   r4, r4, #1\n"                                                                                    \
    "smmlar r7, r7, r2, r12\n"                                                                               \
    "lsls   r5, r5, #1\n"                                                                                    \
    "smmlar r4, r4, r1, lr\n"                                                                                \
    "vmov   r2, s3\n"                                                                                        \
    "smmlar r5, r5, r1, lr\n"                                                                                \
    "vmov   r3, s1\n"                                                                                        \
    "subs   r10, r10, r8\n"                                                                                  \
    "vmov   r12, s6\n"                                                                                       \
    "asrs   r6, r6, r2\n"                                                                                    \
    "subs   r11, r11, r9\n"                                                                                  \
    "asrs   r7, r7, r2\n"                                                                                    \
    "vmov   lr, s11\n"                                                                                       \
    "asrs   r10, r10, #7\n"                                                                                  \
    "asrs   r4, r4, r3\n"                                                                                    \
    "asrs   r11, r11, #7\n"                                                                                  \
    "asrs   r5, r5, r3\n"                                                                                    \
    "ssat   r6, #8, r6, asr #1\n"                                                                            \
    "smmlar r10, r10, r12, lr\n"                                                                             \
    "ssat   r7, #8, r7, asr #1\n"                                                                            \
    "smmlar r11, r11, r12, lr\n"                                                                             \
    "ssat   r4, #8, r4, asr #1\n"                                                                            \
    "vmov   r1, s4\n"                                                                                        \
    "ssat   r5, #8, r5, asr #1\n"                                                                            \
    "vmov   r12, s10\n"                                                                                      \
    "lsls   r8, r8, #1\n"                                                                                    \
    "lsls   r9, r9, #1\n"                                                                                    \
    "smmlar r8, r8, r1, r12\n"                                                                               \
    "vmov   r2, s7\n"                                                                                        \
    "smmlar r9, r9, r1, r12\n"                                                                               \
    "vmov   r3, s5\n"                                                                                        \
    "asrs   r10, r10, r2\n"                                                                                  \
    "asrs   r11, r11, r2\n"                                                                                  \
    "ssat   r10, #8, r10, asr #1\n"                                                                          \
    "asrs   r8, r8, r3\n"                                                                                    \
    "ssat   r11, #8, r11, asr #1\n"                                                                          \
    "asrs   r9, r9, r3\n"                                                                                    \
    "ssat   r8, #8, r8, asr #1\n"                                                                            \
    "ssat   r9, #8, r9, asr #1\n"
#else
#define FINISH_BLOCK_RELU FINISH_BLOCK(REQUANTIZE_RELU)
#endif

/*
 * FPU registers keep values that would otherwise be loaded repeatedly; a move from one takes one cycle. Of
 * the block: s0 s2 s4 s6 multipliers, s1 s3 s5 s7 bias_shift, whose low byte is the shift, s8 .. s11 scaled
 * zero halves, s12 .. s15 initial sums: a low sum starts at its bias, a sum of both at the high channel's
 * bias_shift plus the low one's bias, which the difference subtracts again. Of all: s16 output of the next two
 * positions, s17 out_step, s18 end of the weights, s20 1 unless ReLU, s21 weights, s22 end of the windows, s23
 * the same if a block's outputs are a word, else 0; s19, s24 and s25 are a kernel's own. Stack: 0
 * the argument, 4 channels, 8 weights in flash, 12 outputs, 16 blocks left. ADR counts from a multiple of
 * four.

 */

/* The argument in r0, then windows, pairs, positions, out_step, zero_half, stored, channel_step, stage in r0 ..
 * r7. Ahead of the next piece a kernel puts the end of the windows into r2. */
#define GEMM_BEGIN \
        "push   {r4-r11, lr}\n" \
        "vpush  {s16-s25}\n" \
        "add    r8, r0, #32\n" \
        "ldm    r8, {r8-r11}\n" \
        "push   {r0, r8-r11}\n" \
        "ldm    r0, {r0-r7}\n" \
        "vmov   s17, r3\n"

/* To label 1, with which two positions begin. */
#define GEMM_BLOCK \
        "vmov   s22, r2\n" \
        "cmp    r5, #4\n" \
        "it     eq\n" \
        "cmpeq  r6, #1\n" \
        "it     ne\n" \
        "movne  r2, #0\n" \
        "vmov   s23, r2\n" \
        "adds   r4, r4, #255\n" \
        "it     ne\n" \
        "movne  r4, #1\n" \
        "vmov   s20, r4\n" \
 \
        "10:\n" /* next block */ \
        "ldm    sp, {r0-r3}\n" \
        "vldm   r1!, {s0-s7}\n" \
        "vmov   s16, r3\n" \
        "ldr    r10, [r0, #24]\n" \
        "add    r3, r3, r10, lsl #2\n" \
        "ldr    r10, [r0, #16]\n" \
        "ldr    r11, [r0, #28]\n" \
        "ldr    r12, [r0, #4]\n" \
        "ldr    r0, [r0]\n" \
        "vmov   r6, r7, s0, s1\n" \
        "vmov   r8, r9, s2, s3\n" \
        "lsl    r6, r10, r7\n" \
        "lsl    r8, r10, r9\n" \
        "vmov   s8, r6\n" \
        "vmov   s9, r8\n" \
        "asrs   r7, r7, #8\n" \
        "add    r9, r9, r7\n" \
        "vmov   s12, r7\n" \
        "vmov   s13, r9\n" \
        "vmov   r6, r7, s4, s5\n" \
        "vmov   r8, r9, s6, s7\n" \
        "lsl    r6, r10, r7\n" \
        "lsl    r8, r10, r9\n" \
        "vmov   s10, r6\n" \
        "vmov   s11, r8\n" \
        "asrs   r7, r7, #8\n" \
        "add    r9, r9, r7\n" \
        "vmov   s14, r7\n" \
        "vmov   s15, r9\n" \
        "mov    r5, r2\n" /* its weights here, or copied to the stage */ \
        "add    r2, r2, r12, lsl #3\n" \
        "str    r1, [sp, #4]\n" \
        "str    r2, [sp, #8]\n" \
        "str    r3, [sp, #12]\n" \
        "cmp    r11, #0\n" \
        "beq    13f\n" \
        "mov    r1, r5\n" \
        "mov    r2, r11\n" \
        "mov    r3, r12\n" \
        "vmov   s21, r11\n" \
        "subs   r3, r3, #4\n" \
        "blo    12f\n" \
        "11:\n" \
        "ldm    r1!, {r4-r11}\n" \
        "subs   r3, r3, #4\n" \
        "stm    r2!, {r4-r11}\n" \
        "bhs    11b\n" \
        "12:\n" \
        "adds   r3, r3, #4\n" \
        "itttt  ne\n" \
        "ldmne  r1!, {r4, r5}\n" \
        "stmne  r2!, {r4, r5}\n" \
        "subne  r3, r3, #5\n" \
        "bne    12b\n" \
        "vmov   r5, s21\n" \
        "13:\n" \
        "mov    r1, r5\n" \
        "vmov   s21, r1\n" \
        "add    r2, r1, r12, lsl #3\n" \
        "vmov   s18, r2\n" \
 \
        ".p2align 2\n" /* across two words, 32-bit instructions fetch slower and loads do not pipeline */ \
        "1:\n"         /* next two positions */

/* From sums to outputs. */
#define GEMM_FINISH \
        "vmov   r3, s20\n" \
        "cmp    r3, #0\n" \
        "bne.w  7f\n" FINISH_BLOCK_RELU "4:\n" \
                                                    "vmov   r1, s23\n" \
                                                    "vmov   r2, r3, s16, s17\n" \
                                                    "bfi    r4, r6, #8, #24\n" \
                                                    "bfi    r5, r7, #8, #24\n" \
                                                    "bfi    r4, r8, #16, #16\n" \
                                                    "bfi    r5, r9, #16, #16\n" \
                                                    "bfi    r4, r10, #24, #8\n" \
                                                    "bfi    r5, r11, #24, #8\n" \
                                                    "cmp    r0, r1\n" \
                                                    "bhs    5f\n" \
                                                    "str    r4, [r2]\n" \
                                                    "add    r2, r2, r3\n" \
                                                    "str    r5, [r2]\n" \
                                                    "add    r2, r2, r3\n" \
                                                    "vmov   r1, s21\n" \
                                                    "vmov   s16, r2\n" \
                                                    "b      1b\n" \
 \
                                                    "5:\n" /* the last two of words; all of bytes */ \
                                                    "ldr    r6, [sp]\n" \
                                                    "ldr    r9, [r6, #8]\n" /* positions */ \
                                                    "cmp    r1, #0\n" \
                                                    "beq    6f\n" \
                                                    "str    r4, [r2]\n" \
                                                    "lsls   r9, r9, #31\n" /* an odd last position has no \
                                                                              second */ \
                                                    "it     eq\n" \
                                                    "streq  r5, [r2, r3]\n" \
                                                    "14:\n" \
                                                    "ldr    r4, [sp, #16]\n" \
                                                    "subs   r4, r4, #1\n" \
                                                    "str    r4, [sp, #16]\n" \
                                                    "bne    10b\n" \
                                                    "add    sp, #20\n" \
                                                    "vpop   {s16-s25}\n" \
                                                    "pop    {r4-r11, pc}\n" \
 \
                                                    "7:\n" FINISH_BLOCK(REQUANTIZE) /* */ \
                                                    "b      4b\n" \
 \
                                                    "6:\n" \
                                                    "vmov   r8, s22\n" \
                                                    "ldrd   r6, r7, [r6, #20]\n" /* stored, channel_step */ \
                                                    "movs   r1, #2\n" \
                                                    "cmp    r0, r8\n" \
                                                    "bne    15f\n" \
                                                    "lsls   r9, r9, #31\n" \
                                                    "it     ne\n" \
                                                    "movne  r1, #1\n" \
                                                    "15:\n" \
                                                    "mov    r11, r2\n" \
                                                    "cmp    r7, #1\n" \
                                                    "bne    16f\n" \
                                                    "lsls   r10, r6, #31\n" /* two in C, one in N */ \
                                                    "itt    cs\n" \
                                                    "strhcs r4, [r11], #2\n" \
                                                    "lsrcs  r4, r4, #16\n" \
                                                    "it     mi\n" \
                                                    "strbmi r4, [r11]\n" \
                                                    "b      17f\n" \
                                                    "16:\n" \
                                                    "mov    r10, r6\n" \
                                                    "8:\n" \
                                                    "strb   r4, [r11]\n" \
                                                    "lsrs   r4, r4, #8\n" \
                                                    "add    r11, r11, r7\n" \
                                                    "subs   r10, r10, #1\n" \
                                                    "bne    8b\n" \
                                                    "17:\n" \
                                                    "mov    r4, r5\n" \
                                                    "add    r2, r2, r3\n" \
                                                    "subs   r1, r1, #1\n" \
                                                    "bne    15b\n" \
                                                    "vmov   s16, r2\n" \
                                                    "vmov   r1, s21\n" \
                                                    "cmp    r0, r8\n" \
                                                    "bne    1b\n" \
                                                    "b      14b\n"

/* clang-format on */

#endif
