/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels.h"

/* hf_dense_blocks for Armv7E-M with the DSP extension; dense.c computes the same. */

#if HF_ENGINE_SPECIAL_KERNELS

_Static_assert(offsetof(hf_dense, input) == 0, "offsets below");
_Static_assert(offsetof(hf_dense, weights) == 4, "offsets below");
_Static_assert(offsetof(hf_dense, channels) == 8, "offsets below");
_Static_assert(offsetof(hf_dense, out) == 12, "offsets below");
_Static_assert(offsetof(hf_dense, blocks) == 16, "offsets below");
_Static_assert(offsetof(hf_dense, values) == 20, "offsets below");
_Static_assert(offsetof(hf_dense, zero_half) == 24, "offsets below");

/* clang-format off */

/* Four values by four channels, 76 bytes of code. r0 input, r1 weights, r4 r6 low sums, r5 r7 both; r3 and r2
 * pairs of values, r8 .. r11 weights. On a Cortex-M7 each SXTB16 pairs with the product behind it. */
#define FOUR_VALUES                                                                                          \
    "ldr    r2, [r0], #4\n"                                                                                  \
    "ldr    r9, [r1, #4]\n"                                                                                  \
    "ldr    r10, [r1, #8]\n"                                                                                 \
    "ldr    r11, [r1, #12]\n"                                                                                \
    "ldr    r8, [r1], #16\n"                                                                                 \
    "sxtb16 r3, r2\n"                                                                                        \
    "sxtb16 r2, r2, ror #8\n"                                                                                \
    "smlad  r5, r3, r8, r5\n"                                                                                \
    "sxtb16 r8, r8\n"                                                                                        \
    "smlad  r7, r3, r9, r7\n"                                                                                \
    "sxtb16 r9, r9\n"                                                                                        \
    "smlad  r4, r3, r8, r4\n"                                                                                \
    "smlad  r6, r3, r9, r6\n"                                                                                \
    "smlad  r5, r2, r10, r5\n"                                                                               \
    "sxtb16 r10, r10\n"                                                                                      \
    "smlad  r7, r2, r11, r7\n"                                                                               \
    "sxtb16 r11, r11\n"                                                                                      \
    "smlad  r4, r2, r10, r4\n"                                                                               \
    "smlad  r6, r2, r11, r6\n"

/* A pair of values, in r2; for a single value, the other's weights are 0. */
#define TWO_VALUES                                                                                           \
    "ldr    r8, [r1]\n"                                                                                      \
    "ldr    r9, [r1, #4]\n"                                                                                  \
    "adds   r1, r1, #8\n"                                                                                    \
    "smlad  r5, r2, r8, r5\n"                                                                                \
    "smlad  r7, r2, r9, r7\n"                                                                                \
    "sxtb16 r8, r8\n"                                                                                        \
    "sxtb16 r9, r9\n"                                                                                        \
    "smlad  r4, r2, r8, r4\n"                                                                                \
    "smlad  r6, r2, r9, r6\n"

/* From twice the sum, as hf_requantize_compact(). r3 zero half. */
#define REQUANTIZE(acc, multiplier, shift)                                                                   \
    "lsl    r2, r3, " shift "\n"                                                                             \
    "add    r2, r2, " acc ", asr #31\n"                                                                      \
    "smmlar " acc ", " acc ", " multiplier ", r2\n"                                                          \
    "asr    " acc ", " acc ", " shift "\n"                                                                   \
    "ssat   " acc ", #8, " acc ", asr #1\n"

/* r12 end of the input's full groups of four, lr channels. Stack: 0 the argument, 4 where the groups begin, 8
 * channels, 12 outputs, 16 blocks left. ADR counts from a multiple of four. */
__attribute__((naked, aligned(4))) void hf_dense_blocks(__attribute__((unused)) const hf_dense *dense)
{
    __asm__ volatile(
        "push   {r4-r11, lr}\n"
        "ldr    r1, [r0, #20]\n"
        "ubfx   r2, r1, #2, #2\n" /* groups before the first full iteration */
        "rsb    r3, r2, r2, lsl #2\n"
        "add    r2, r2, r3, lsl #1\n"
        "add    r2, r2, r3, lsl #2\n" /* times 19 instructions */
        "adr.w  r3, 3f\n"
        "sub    r3, r3, r2, lsl #2\n"
        "orr    r5, r3, #1\n"
        "mov    r4, r0\n"
        "ldrd   r6, r7, [r0, #8]\n"
        "ldr    r8, [r0, #16]\n"
        "ldr    r1, [r0, #4]\n"
        "push   {r4-r8}\n"
        "1:\n" /* next block */
        "ldr    r2, [sp]\n"
        "ldr    lr, [sp, #8]\n"
        "ldr    r0, [r2]\n"
        "ldr    r2, [r2, #20]\n"
        "ldr    r4, [lr, #4]\n"
        "ldr    r5, [lr, #12]\n"
        "ldr    r6, [lr, #20]\n"
        "ldr    r7, [lr, #28]\n"
        "bic    r2, r2, #3\n"
        "add    r12, r0, r2\n"
        "asrs   r4, r4, #8\n"
        "asrs   r6, r6, #8\n"
        "adds   r5, r5, r4\n" /* the later difference subtracts it again */
        "adds   r7, r7, r6\n"
        "ldr    pc, [sp, #4]\n"
        ".p2align 2\n"
        "2:\n"
        FOUR_VALUES
        FOUR_VALUES
        FOUR_VALUES
        FOUR_VALUES
        "3:\n"
        "cmp    r0, r12\n"
        "bne    2b\n"
        "ldr    r3, [sp]\n"
        "ldr    r3, [r3, #20]\n"
        "lsls   r3, r3, #31\n" /* two in C, one in N */
        "bcc    4f\n"
        "ldrsb  r2, [r0], #1\n"
        "ldrsb  r8, [r0], #1\n"
        "pkhbt  r2, r2, r8, lsl #16\n"
        TWO_VALUES
        "ldr    r3, [sp]\n"
        "ldr    r3, [r3, #20]\n"
        "lsls   r3, r3, #31\n"
        "4:\n"
        "bpl    5f\n"
        "ldrsb  r2, [r0]\n"
        TWO_VALUES
        "5:\n"
        "ldr    r3, [sp]\n"
        "ldr    r3, [r3, #24]\n"
        "ldm    lr!, {r8-r11}\n"
        "subs   r5, r5, r4\n"
        "subs   r7, r7, r6\n"
        "asrs   r5, r5, #7\n"
        "asrs   r7, r7, #7\n"
        "lsls   r4, r4, #1\n"
        "lsls   r6, r6, #1\n"
        REQUANTIZE("r4", "r8", "r9")
        REQUANTIZE("r5", "r10", "r11")
        "ldm    lr!, {r8-r11}\n"
        REQUANTIZE("r6", "r8", "r9")
        REQUANTIZE("r7", "r10", "r11")
        "ldr    r2, [sp, #12]\n"
        "ldr    r3, [sp, #16]\n"
        "bfi    r4, r5, #8, #24\n"
        "bfi    r4, r6, #16, #16\n"
        "bfi    r4, r7, #24, #8\n"
        "str    r4, [r2], #4\n"
        "str    lr, [sp, #8]\n"
        "str    r2, [sp, #12]\n"
        "subs   r3, r3, #1\n"
        "str    r3, [sp, #16]\n"
        "bne    1b\n"
        "add    sp, sp, #20\n"
        "pop    {r4-r11, pc}\n"
    );
}

/* clang-format on */

#else
typedef int hf_dense_dsp_is_special;
#endif
