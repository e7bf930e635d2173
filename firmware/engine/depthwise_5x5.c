/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels.h"

/*
 * 5x5 depthwise, two outputs of a row at a time, from six columns; with stride 2 the second goes to waste.
 * The offsets into the run are those that depthwise_3x3.c asserts. Registers: r0 rows' addresses, r8 what is
 * added to them, r1 weights, lr kernel rows left, r2 .. r4 inputs, r5 r6 r7 r9 r10 weights (w0,w1) (w2,w3) w4
 * (w1,w2) (w3,w4), doubled so that sums are; r11 r12 sums. Stack: 0 weights, 100 multiplier, 104 shift, 108
 * scaled zero half, 112 twice the bias, 116 from the first output to the second, 120 to the next two, 124 the
 * row's last output, 128 output, 132 rows left, 136 the channel's distance from the first, 140 the argument.
 */

#if defined(__ARM_FEATURE_DSP)

/* clang-format off */

__attribute__((naked)) void hf_depthwise_5x5(__attribute__((unused)) hf_depthwise_run *run)
{
    __asm__ volatile(
        "push   {r0, r4-r11, lr}\n"
        "sub    sp, #140\n"
        "mov    r8, #0\n"
        "1:\n" /* next channel; r0 is the argument */
        "str    r8, [sp, #136]\n"
        "ldrd   r1, r7, [r0, #24]\n" /* weights, channels */
        "mov    lr, sp\n"
        "mov    r4, #5\n"
        "2:\n" /* next kernel row's weights, doubled */
        "ldr    r5, [r1], #4\n" /* w0 w1 w2 w3 */
        "ldrsb  r6, [r1], #1\n"
        "sxtb16 r12, r5, ror #8\n"
        "sxtb16 r5, r5\n"
        "sadd16 r12, r12, r12\n"
        "sadd16 r5, r5, r5\n"
        "lsl    r11, r6, #1\n"
        "pkhbt  r9, r5, r12, lsl #16\n"
        "pkhtb  r10, r12, r5, asr #16\n"
        "pkhbt  r5, r12, r5\n"
        "lsr    r12, r12, #16\n"
        "pkhbt  r12, r12, r11, lsl #16\n"
        "stm    lr!, {r9-r11}\n"
        "str    r5, [lr], #4\n"
        "str    r12, [lr], #4\n"
        "subs   r4, r4, #1\n"
        "bne    2b\n"
        "ldrd   r9, r10, [r7], #8\n" /* multiplier, bias_shift */
        "strd   r1, r7, [r0, #24]\n"
        "ldr    r11, [r0, #64]\n"
        "asr    r12, r10, #7\n" /* twice the bias: the shift below it is < 128 */
        "lsl    r11, r11, r10\n"
        "stm    lr!, {r9-r12}\n"
        "ldrd   r5, r2, [r0, #40]\n" /* out_step, last_out */
        "ldr    r4, [r0, #60]\n"
        "ldr    r3, [r0, #20]\n"
        "cmp    r4, #3\n"
        "ite    lo\n"
        "lsllo  r6, r5, #1\n"
        "movhs  r6, r5\n"
        "it     hs\n"
        "movhs  r5, #0\n"
        "add    r7, r3, #1\n"
        "str    r7, [r0, #20]\n"
        "add    r2, r2, r3\n"
        "ldr    r4, [r0, #48]\n"
        "strd   r5, r6, [lr]\n"
        "strd   r2, r3, [lr, #8]\n"
        "str    r4, [lr, #16]\n"

        "3:\n" /* next two outputs, of which the second may be none */
        "ldr    r0, [sp, #140]\n"
        "mov    r1, sp\n"
        "ldr    r11, [sp, #112]\n"
        "mov    lr, #5\n"
        "mov    r12, r11\n"
        "4:\n" /* next kernel row */
        "ldr    r2, [r0], #4\n"
        "add    r2, r2, r8\n"
        "ldm    r2, {r2-r4}\n"
        "ldm    r1!, {r5-r7, r9, r10}\n"
        "smlad  r11, r2, r5, r11\n"
        "smlatb r12, r2, r5, r12\n"
        "smlad  r11, r3, r6, r11\n"
        "smlad  r12, r3, r9, r12\n"
        "smlabb r11, r4, r7, r11\n"
        "smlad  r12, r4, r10, r12\n"
        "subs   lr, lr, #1\n"
        "bne    4b\n"
        "ldm    r1, {r1-r7, r9}\n"
        "add    r10, r3, r11, asr #31\n" /* as hf_requantize_compact() */
        "add    r3, r3, r12, asr #31\n"
        "smmlar r11, r11, r1, r10\n"
        "smmlar r12, r12, r1, r3\n"
        "asr    r11, r11, r2\n"
        "asr    r12, r12, r2\n"
        "ssat   r11, #8, r11, asr #1\n"
        "ssat   r12, #8, r12, asr #1\n"
        "cmp    r9, r7\n"
        "it     eq\n"
        "moveq  r5, #0\n"
        "strb   r12, [r9, r5]\n"
        "strb   r11, [r9]\n"
        "add    r9, r9, r6\n"
        "str    r9, [sp, #128]\n"
        "add    r8, r8, #4\n"
        "cmp    r9, r7\n"
        "bls    3b\n"

        "ldr    r0, [sp, #140]\n" /* next row */
        "ldr    r1, [r0, #40]\n"
        "ldrd   r2, r3, [r0, #52]\n" /* row_advance, out_row */
        "ldr    r4, [sp, #132]\n"
        "add    r1, r1, r7\n"
        "add    r7, r7, r3\n"
        "strd   r7, r1, [sp, #124]\n"
        "add    r8, r8, r2\n"
        "subs   r4, r4, #1\n"
        "str    r4, [sp, #132]\n"
        "bne    3b\n"
        "ldrd   r1, r2, [r0, #32]\n" /* channel_count, channel_bytes */
        "ldr    r8, [sp, #136]\n"
        "add    r8, r8, r2\n"
        "subs   r1, r1, #1\n"
        "str    r1, [r0, #32]\n"
        "bne    1b\n"
        "add    sp, #140\n"
        "pop    {r0, r4-r11, pc}\n"
    );
}

/* clang-format on */

#endif
