/* SPDX-License-Identifier: Apache-2.0 */
#include "depthwise_kernels.h"

/*
 * De-interleaves four channels to int16 rows of one channel each, four columns at a time and then two. Registers: r0 r6 r3 r1 where channels 0 to 3 go, r10 where the next pair's second column
 * is, r2 step, r5 the pair's first column, r4 pairs left, others values. Frame: 0 the row, 4 rows left, 8
 * the argument.
 */

#if defined(__ARM_FEATURE_DSP)

_Static_assert(offsetof(hf_depthwise_intake, to) == 0, "offsets below");
_Static_assert(offsetof(hf_depthwise_intake, from) == 4, "offsets below");
_Static_assert(offsetof(hf_depthwise_intake, rows) == 8, "offsets below");
_Static_assert(offsetof(hf_depthwise_intake, channel_bytes) == 12, "offsets below");
_Static_assert(offsetof(hf_depthwise_intake, pairs) == 16, "offsets below");
_Static_assert(offsetof(hf_depthwise_intake, zeros) == 20, "offsets below");
_Static_assert(offsetof(hf_depthwise_intake, first) == 24, "offsets below");
_Static_assert(offsetof(hf_depthwise_intake, last) == 28, "offsets below");
_Static_assert(offsetof(hf_depthwise_intake, step) == 32, "offsets below");
_Static_assert(offsetof(hf_depthwise_intake, to_advance) == 36, "offsets below");
_Static_assert(offsetof(hf_depthwise_intake, from_advance) == 40, "offsets below");

/* clang-format off */

/* Words in r12 and lr. Two single stores take a cycle less on a Cortex-M4 (DDI0439 3.3.2). */
#if HF_ENGINE_SPECIAL_KERNELS
#define STORE_TWO(to)                                                                                        \
    "str.w  lr, [" to ", #4]\n"                                                                              \
    "str    r12, [" to "], #8\n"
#else
#define STORE_TWO(to) "stm    " to "!, {r12, lr}\n"
#endif

__attribute__((naked)) void hf_depthwise_take(__attribute__((unused)) const hf_depthwise_intake *intake)
{
    __asm__ volatile(
        "push   {r0, r4-r11, lr}\n"
        "mov    r12, r0\n"
        "ldm    r12, {r0, r7, r8}\n" /* to, from, rows */
        "sub    sp, #8\n"
        "1:\n" /* next row; r7 the row, r8 rows left */
        "strd   r7, r8, [sp]\n"
        "ldrd   r3, r4, [r12, #12]\n" /* channel_bytes, pairs */
        "ldrd   r5, r9, [r12, #20]\n" /* zeros, first */
        "ldr    r2, [r12, #32]\n" /* step */
        "add    r10, r7, r9\n"
        "cmp    r9, #0\n"
        "it     ne\n"
        "ldrne  r5, [r7]\n"
        "add    r6, r0, r3\n"
        "add    r1, r6, r3, lsl #1\n"
        "add    r3, r6, r3\n"
        "subs   r4, r4, #2\n"
        "blo    3f\n"
        "2:\n" /* two pairs */
        "ldr    r7, [r10]\n"
        "ldr    r8, [r10, r2]\n"
        "add    r10, r10, r2, lsl #1\n"
        "pkhbt  r9, r5, r7, lsl #16\n"
        "pkhtb  r7, r7, r5, asr #16\n"
        "ldr    r5, [r10]\n"
        "pkhbt  r11, r8, r5, lsl #16\n"
        "pkhtb  r8, r5, r8, asr #16\n"
        "ldr    r5, [r10, r2]\n"
        "add    r10, r10, r2, lsl #1\n"
        "sxtb16 r12, r9\n"
        "sxtb16 lr, r11\n"
        STORE_TWO("r0")
        "sxtb16 r12, r9, ror #8\n"
        "sxtb16 lr, r11, ror #8\n"
        STORE_TWO("r6")
        "sxtb16 r12, r7\n"
        "sxtb16 lr, r8\n"
        STORE_TWO("r3")
        "sxtb16 r12, r7, ror #8\n"
        "sxtb16 lr, r8, ror #8\n"
        STORE_TWO("r1")
        "subs   r4, r4, #2\n"
        "bhs    2b\n"
        "3:\n"
        "adds   r4, r4, #2\n"
        "bne    5f\n"
        "4:\n" /* the last pair; another step would leave the input */
        "ldr    r12, [sp, #8]\n"
        "ldr    r10, [r12, #28]\n" /* last */
        "ldr    r7, [sp]\n"
        "mov    r2, #0\n"
        "cmp    r10, #0\n"
        "ite    ge\n"
        "addge  r10, r10, r7\n"
        "addlt  r10, r12, #20\n"
        "5:\n"
        "ldr    r7, [r10]\n"
        "pkhbt  r8, r5, r7, lsl #16\n"
        "pkhtb  r7, r7, r5, asr #16\n"
        "ldr    r5, [r10, r2]\n"
        "add    r10, r10, r2, lsl #1\n"
        "sxtb16 r9, r8\n"
        "sxtb16 r8, r8, ror #8\n"
        "str    r9, [r0], #4\n"
        "str    r8, [r6], #4\n"
        "sxtb16 r9, r7\n"
        "sxtb16 r7, r7, ror #8\n"
        "str    r9, [r3], #4\n"
        "str    r7, [r1], #4\n"
        "subs   r4, r4, #1\n"
        "beq    4b\n"
        "ldrd   r9, r11, [r12, #36]\n" /* to_advance, from_advance */
        "ldrd   r7, r8, [sp]\n"
        "add    r0, r0, r9\n"
        "add    r7, r7, r11\n"
        "subs   r8, r8, #1\n"
        "bne    1b\n"
        "add    sp, #8\n"
        "pop    {r0, r4-r11, pc}\n"
    );
}

/* clang-format on */

#endif
