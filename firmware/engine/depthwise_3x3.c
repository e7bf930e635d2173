/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels.h"

/*
 * 3x3 depthwise. Two outputs of a row need four columns x0..x3, two words. With the words (w0,w1) and (w1,w2)
 * of a kernel row's weights each output takes a dual and a single multiply-accumulate: x0 w0 + x1 w1, x2 w2
 * and x1 w0, x2 w1 + x3 w2. The portable twin is depthwise.c's kernel for everything.
 */

#if defined(__ARM_FEATURE_DSP)

_Static_assert(offsetof(hf_depthwise_run, out) == 12, "offsets below");
_Static_assert(offsetof(hf_depthwise_run, weights) == 16, "offsets below");
_Static_assert(offsetof(hf_depthwise_run, channels) == 20, "offsets below");
_Static_assert(offsetof(hf_depthwise_run, channel_count) == 24, "offsets below");
_Static_assert(offsetof(hf_depthwise_run, channel_bytes) == 28, "offsets below");
_Static_assert(offsetof(hf_depthwise_run, out_step) == 32, "offsets below");
_Static_assert(offsetof(hf_depthwise_run, last_out) == 36, "offsets below");
_Static_assert(offsetof(hf_depthwise_run, height) == 40, "offsets below");
_Static_assert(offsetof(hf_depthwise_run, row_advance) == 44, "offsets below");
_Static_assert(offsetof(hf_depthwise_run, out_row) == 48, "offsets below");
_Static_assert(offsetof(hf_depthwise_run, kind) == 52, "offsets below");
_Static_assert(offsetof(hf_depthwise_run, zero_half) == 56, "offsets below");

/*
 * Registers: r0 r1 r2 rows, r3 .. r8 weights (w0,w1) (w1,w2) of each row, doubled so that sums are; r9 r10
 * inputs, r11 r12 sums, lr output. Stack: 0 multiplier, 4 shift, 8 scaled zero half, 12 twice the bias, 16
 * r8, 20 out_step, 24 the row's last output, 28 rows left, 32 row_advance, 36 out_row, 40 the kind's code, 44
 * the argument.
 */

/* clang-format off */

/* Weights w0 w1 w2 of a row, from (w0,w2) in r9 and (w1,?) in r10. */
#define PAIRS_OF_WEIGHTS(first, second)                                                                      \
    "sadd16 r9, r9, r9\n"                                                                                    \
    "sadd16 r10, r10, r10\n"                                                                                 \
    "pkhbt  " first ", r9, r10, lsl #16\n"                                                                   \
    "pkhbt  " second ", r10, r9\n"

#define TWO_OUTPUTS_TAPS(row, first, second)                                                                 \
    "ldrd   r9, r10, [" row "], #4\n"                                                                        \
    "smlad  r11, r9, " first ", r11\n"                                                                       \
    "smlatb r12, r9, " first ", r12\n"                                                                       \
    "smlabt r11, r10, " second ", r11\n"                                                                     \
    "smlad  r12, r10, " second ", r12\n"

/* The first row's begins with the bias, in r11. */
#define TWO_OUTPUTS                                                                                          \
    "ldrd   r11, r8, [sp, #12]\n"                                                                            \
    "ldrd   r9, r10, [r0], #4\n"                                                                             \
    "smlatb r12, r9, r3, r11\n"                                                                              \
    "smlad  r11, r9, r3, r11\n"                                                                              \
    "smlad  r12, r10, r4, r12\n"                                                                             \
    "smlabt r11, r10, r4, r11\n"                                                                             \
    TWO_OUTPUTS_TAPS("r1", "r5", "r6")                                                                       \
    TWO_OUTPUTS_TAPS("r2", "r7", "r8")

#define TWO_OUTPUTS_STORE                                                                                    \
    "asr    r11, r11, r9\n"                                                                                  \
    "asr    r12, r12, r9\n"                                                                                  \
    "ssat   r11, #8, r11, asr #1\n"                                                                          \
    "ssat   r12, #8, r12, asr #1\n"                                                                          \
    "ldrd   r9, r10, [sp, #20]\n"                                                                            \
    "strb   r11, [lr]\n"                                                                                     \
    "strb   r12, [lr, r9]\n"                                                                                 \
    "add    lr, lr, r9, lsl #1\n"

#define TWO_RELU_OUTPUTS                                                                                     \
    TWO_OUTPUTS                                                                                              \
    "ldm    sp, {r8-r10}\n"                                                                                  \
    "smmlar r11, r11, r8, r10\n"                                                                             \
    "smmlar r12, r12, r8, r10\n"                                                                             \
    TWO_OUTPUTS_STORE

#define TWO_SECOND_TAPS(row, first, second)                                                                  \
    "ldrd   r9, r10, [" row "], #8\n"                                                                        \
    "smlad  r11, r9, " first ", r11\n"                                                                       \
    "smlad  r12, r10, " first ", r12\n"                                                                      \
    "smlabt r11, r10, " second ", r11\n"                                                                     \
    "ldr    r9, [" row "]\n"                                                                                 \
    "smlabt r12, r9, " second ", r12\n"

#define ONE_OUTPUT_TAPS(row, first, second)                                                                  \
    "ldrd   r9, r10, [" row "], #4\n"                                                                        \
    "smlad  r11, r9, " first ", r11\n"                                                                       \
    "smlabt r11, r10, " second ", r11\n"

/* ADR counts from a multiple of four. */
__attribute__((naked, aligned(4))) void hf_depthwise_3x3(__attribute__((unused)) hf_depthwise_run *run)
{
    __asm__ volatile(
        "push   {r0, r4-r11, lr}\n"
        "sub    sp, #44\n"
        "ldrd   r9, r10, [r0, #48]\n" /* out_row, kind */
        "adr.w  r11, 60f\n"
        "ldrsh  r10, [r11, r10, lsl #1]\n"
        "add    r10, r11, r10\n"
        "orr    r10, r10, #1\n"
        "strd   r9, r10, [sp, #36]\n"
        "ldrd   r9, r10, [r0, #40]\n" /* height, row_advance */
        "str    r10, [sp, #32]\n"
        "1:\n" /* next channel; r0 is the argument */
        "ldrd   r1, r2, [r0, #16]\n" /* weights, channels */
        "ldr    r12, [r1]\n" /* w0 w1 w2 w3 */
        "sxtb16 r9, r12\n"
        "sxtb16 r10, r12, ror #8\n"
        PAIRS_OF_WEIGHTS("r3", "r4")
        "ldr    r12, [r1, #3]\n"
        "sxtb16 r9, r12\n"
        "sxtb16 r10, r12, ror #8\n"
        PAIRS_OF_WEIGHTS("r5", "r6")
        "ldr    r12, [r1, #5]\n"
        "sxtb16 r9, r12, ror #8\n"
        "sxtb16 r10, r12, ror #16\n"
        PAIRS_OF_WEIGHTS("r7", "r8")
        "ldrd   r9, r10, [r2], #8\n" /* multiplier, bias_shift */
        "ldr    r11, [r0, #56]\n"
        "add    r1, r1, #9\n"
        "strd   r1, r2, [r0, #16]\n"
        "asr    r12, r10, #7\n" /* twice the bias: the shift below it is < 128 */
        "lsl    r11, r11, r10\n"
        "stm    sp, {r9-r12}\n"
        "ldr    lr, [r0, #12]\n"
        "ldrd   r9, r10, [r0, #32]\n" /* out_step, last_out */
        "add    r10, r10, lr\n"
        "add    r12, lr, #1\n"
        "str    r12, [r0, #12]\n"
        "ldr    r11, [r0, #40]\n"
        "add    r12, sp, #16\n"
        "stm    r12, {r8-r11}\n"
        "ldr    r12, [r0, #28]\n"
        "ldm    r0, {r1, r2, r11}\n"
        "add    r1, r1, r12\n"
        "add    r2, r2, r12\n"
        "add    r11, r11, r12\n"
        "stm    r0, {r1, r2, r11}\n"
        "sub    r0, r1, r12\n"
        "sub    r1, r2, r12\n"
        "sub    r2, r11, r12\n"
        "ldr    pc, [sp, #40]\n"

        "10:\n" /* PAIRS */
        TWO_OUTPUTS
        "ldr    r8, [sp, #0]\n"
        "ldr    r10, [sp, #8]\n"
        "add    r9, r10, r11, asr #31\n" /* as hf_requantize_compact() */
        "add    r10, r10, r12, asr #31\n"
        "smmlar r11, r11, r8, r9\n"
        "smmlar r12, r12, r8, r10\n"
        "ldr    r9, [sp, #4]\n"
        TWO_OUTPUTS_STORE
        "cmp    lr, r10\n"
        "blo    10b\n"
        "b      22f\n"

        "50:\n" /* RELU_SECOND */
        "ldrd   r11, r8, [sp, #12]\n"
        "mov    r12, r11\n"
        TWO_SECOND_TAPS("r0", "r3", "r4")
        TWO_SECOND_TAPS("r1", "r5", "r6")
        TWO_SECOND_TAPS("r2", "r7", "r8")
        "ldm    sp, {r8-r10}\n"
        "smmlar r11, r11, r8, r10\n"
        "smmlar r12, r12, r8, r10\n"
        TWO_OUTPUTS_STORE
        "cmp    lr, r10\n"
        "blo    50b\n"
        "b      22f\n"

        "20:\n" /* RELU_PAIRS */
        TWO_RELU_OUTPUTS
        "21:\n" /* RELU_PAIRS_ODD */
        TWO_RELU_OUTPUTS
        "cmp    lr, r10\n"
        "blo    20b\n"
        "22:\n"
        "bhi    40f\n"

        "30:\n" /* SECOND, and the odd last output of others */
        "ldrd   r11, r8, [sp, #12]\n"
        ONE_OUTPUT_TAPS("r0", "r3", "r4")
        ONE_OUTPUT_TAPS("r1", "r5", "r6")
        ONE_OUTPUT_TAPS("r2", "r7", "r8")
        "ldm    sp, {r9, r10, r12}\n"
        "add    r12, r12, r11, asr #31\n"
        "smmlar r11, r11, r9, r12\n"
        "asr    r11, r11, r10\n"
        "ssat   r11, #8, r11, asr #1\n"
        "ldrd   r9, r10, [sp, #20]\n"
        "strb   r11, [lr]\n"
        "add    lr, lr, r9\n"
        "cmp    lr, r10\n"
        "bls    30b\n"

        "40:\n" /* next row */
        "ldrd   r11, r12, [sp, #28]\n"
        "ldr    r8, [sp, #36]\n"
        "add    lr, r10, r9\n"
        "add    r10, r10, r8\n"
        "add    r0, r0, r12\n"
        "add    r1, r1, r12\n"
        "add    r2, r2, r12\n"
        "subs   r11, r11, #1\n"
        "strd   r10, r11, [sp, #24]\n"
        "it     ne\n"
        "ldrne  pc, [sp, #40]\n"
        "ldr    r0, [sp, #44]\n"
        "ldr    r1, [r0, #24]\n"
        "subs   r1, r1, #1\n"
        "str    r1, [r0, #24]\n"
        "bne    1b\n"
        "add    sp, #44\n"
        "pop    {r0, r4-r11, pc}\n"
        "60:\n" /* where the kinds begin */
        ".short 10b - 60b, 20b - 60b, 21b - 60b, 30b - 60b, 50b - 60b\n"
    );
}

/* clang-format on */

#endif
