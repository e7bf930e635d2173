/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels.h"

/*
 * Depthwise convolution's way from four interleaved channels to rows of one channel each. Registers: r0 r6
 * where channels 0 and 1 go, r3 from there on to channels 2 and 3; r1 the row, r10 where its next pair's
 * second column is, r2 step, r5 the pair's first column, r4 pairs left, r11 where the last pair's second
 * column is, r7 .. r9 values, lr rows left, r12 the argument.
 */

#if defined(__ARM_FEATURE_DSP)

_Static_assert(offsetof(hf_depthwise_intake, to) == 0, "offsets below");
_Static_assert(offsetof(hf_depthwise_intake, from) == 4, "offsets below");
_Static_assert(offsetof(hf_depthwise_intake, rows) == 8, "offsets below");
_Static_assert(offsetof(hf_depthwise_intake, channel_bytes) == 16, "offsets below");
_Static_assert(offsetof(hf_depthwise_intake, pairs) == 20, "offsets below");
_Static_assert(offsetof(hf_depthwise_intake, zeros) == 24, "offsets below");
_Static_assert(offsetof(hf_depthwise_intake, first) == 28, "offsets below");
_Static_assert(offsetof(hf_depthwise_intake, last) == 32, "offsets below");
_Static_assert(offsetof(hf_depthwise_intake, step) == 36, "offsets below");
_Static_assert(offsetof(hf_depthwise_intake, to_advance) == 40, "offsets below");
_Static_assert(offsetof(hf_depthwise_intake, from_advance) == 44, "offsets below");

/* clang-format off */

__attribute__((naked)) void hf_depthwise_take(__attribute__((unused)) const hf_depthwise_intake *intake)
{
    __asm__ volatile(
        "push   {r0, r4-r11, lr}\n"
        "mov    r12, r0\n"
        "ldm    r12, {r0, r1, lr}\n" /* to, from, rows */
        "1:\n" /* next row */
        "ldrd   r3, r4, [r12, #16]\n" /* channel_bytes, pairs */
        "ldrd   r5, r9, [r12, #24]\n" /* zeros, first */
        "ldrd   r11, r2, [r12, #32]\n" /* last, step */
        "add    r10, r1, r9\n"
        "cmp    r9, #0\n"
        "it     ne\n"
        "ldrne  r5, [r1]\n"
        "cmp    r11, #0\n"
        "ite    ge\n"
        "addge  r11, r11, r1\n"
        "addlt  r11, r12, #24\n"
        "add    r6, r0, r3\n"
        "b      3f\n"
        "2:\n" /* next pair */
        "ldr    r7, [r10]\n"
        "pkhbt  r8, r5, r7, lsl #16\n"
        "pkhtb  r7, r7, r5, asr #16\n"
        "ldr    r5, [r10, r2]\n"
        "add    r10, r10, r2, lsl #1\n"
        "sxtb16 r9, r7\n"
        "sxtb16 r7, r7, ror #8\n"
        "str    r9, [r0, r3, lsl #1]\n"
        "str    r7, [r6, r3, lsl #1]\n"
        "sxtb16 r9, r8\n"
        "sxtb16 r8, r8, ror #8\n"
        "str    r9, [r0], #4\n"
        "str    r8, [r6], #4\n"
        "3:\n"
        "subs   r4, r4, #1\n"
        "bpl    2b\n"
        "adds   r7, r4, #1\n"
        "ittt   eq\n" /* the last pair; a step would leave the input */
        "moveq  r10, r11\n"
        "moveq  r2, #0\n"
        "beq    2b\n"
        "ldrd   r7, r8, [r12, #40]\n" /* to_advance, from_advance */
        "add    r0, r0, r7\n"
        "add    r1, r1, r8\n"
        "subs   lr, lr, #1\n"
        "bne    1b\n"
        "pop    {r0, r4-r11, pc}\n"
    );
}

/* clang-format on */

#endif
