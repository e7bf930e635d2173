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

/* The weights of four values and their products, 72 bytes of code. `four` the values, r1 weights, r4 r6 low sums, r5 r7
 * both; lr and `four` pairs of values, r8 .. r11 weights. On a Cortex-M7 each SXTB16 pairs with the product behind it. */
#define PRODUCTS(four)                                                                                       \
    "ldr    r9, [r1, #4]\n"                                                                                  \
    "ldr    r10, [r1, #8]\n"                                                                                 \
    "ldr    r11, [r1, #12]\n"                                                                                \
    "ldr    r8, [r1], #16\n"                                                                                 \
    "sxtb16 lr, " four "\n"                                                                                  \
    "sxtb16 " four ", " four ", ror #8\n"                                                                    \
    "smlad  r5, lr, r8, r5\n"                                                                                \
    "sxtb16 r8, r8\n"                                                                                        \
    "smlad  r7, lr, r9, r7\n"                                                                                \
    "sxtb16 r9, r9\n"                                                                                        \
    "smlad  r4, lr, r8, r4\n"                                                                                \
    "smlad  r6, lr, r9, r6\n"                                                                                \
    "smlad  r5, " four ", r10, r5\n"                                                                         \
    "sxtb16 r10, r10\n"                                                                                      \
    "smlad  r7, " four ", r11, r7\n"                                                                         \
    "sxtb16 r11, r11\n"                                                                                      \
    "smlad  r4, " four ", r10, r4\n"                                                                         \
    "smlad  r6, " four ", r11, r6\n"

/* Eight values, 152 bytes of code. A load does not pipeline with one from another memory (measured on a Cortex-M4), so values, in RAM,
 * are loaded two words at a time, and weights, in flash, behind them. */
#define EIGHT_VALUES                                                                                         \
    "ldr.w  r3, [r0, #4]\n"                                                                                  \
    "ldr    r2, [r0], #8\n" PRODUCTS("r2") PRODUCTS("r3")

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

/* From twice the sum, as hf_requantize_compact(). r3 zero half, r8 multiplier, r9 shift. */
#define REQUANTIZE(acc, params)                                                                              \
    "vmov   r8, r9, " params "\n"                                                                            \
    "lsl    r2, r3, r9\n"                                                                                    \
    "add    r2, r2, " acc ", asr #31\n"                                                                      \
    "smmlar " acc ", " acc ", r8, r2\n"                                                                      \
    "asr    " acc ", " acc ", r9\n"                                                                          \
    "ssat   " acc ", #8, " acc ", asr #1\n"

/* r12: end of the input's groups of four. FPU registers: s0 input, s1 where a block's groups begin, s2 channels, s3
 * outputs, s4 blocks left, s5 where the groups of eight begin, s6 zero half, s7 values behind the groups, s8 .. s15 a
 * block's channels. ADR counts from a multiple of four. */
__attribute__((naked, aligned(HF_KERNEL_ALIGNMENT))) void hf_dense_blocks(__attribute__((unused)) const hf_dense *dense)
{
    __asm__ volatile(
        "push   {r4-r11, lr}\n"
        "ldm    r0, {r0-r6}\n" /* input, weights, channels, out, blocks, values, zero_half */
        "and    r7, r5, #3\n"
        "vmov   s0, r0\n"
        "vmov   s2, r2\n"
        "vmov   s3, r3\n"
        "vmov   s4, r4\n"
        "vmov   s6, r6\n"
        "vmov   s7, r7\n"
        "sub    r12, r5, r7\n"
        "add    r12, r12, r0\n"
        "ubfx   r2, r5, #3, #2\n" /* eights before the first full iteration */
        "rsb    r3, r2, r2, lsl #2\n"
        "add    r2, r2, r3, lsl #1\n"
        "add    r2, r2, r3, lsl #2\n" /* times 19, of 8 bytes */
        "adr.w  r3, 3f\n"
        "sub    r3, r3, r2, lsl #3\n"
        "orr    r3, r3, #1\n"
        "vmov   s5, r3\n"
        "lsls   r2, r5, #29\n" /* an odd group of four comes first */
        "bpl    6f\n"
        "adr.w  r3, 8f\n"
        "orr    r3, r3, #1\n"
        "6:\n"
        "vmov   s1, r3\n"

        "1:\n" /* next block */
        "vmov   lr, s2\n"
        "vmov   r0, s0\n"
        "vldm   lr!, {s8-s15}\n"
        "vmov   s2, lr\n"
        "vmov   r4, s9\n"
        "vmov   r5, s11\n"
        "vmov   r6, s13\n"
        "vmov   r7, s15\n"
        "asrs   r4, r4, #8\n"
        "asrs   r6, r6, #8\n"
        "adds   r5, r5, r4\n" /* the later difference subtracts it again */
        "adds   r7, r7, r6\n"
        "vmov   lr, s1\n"
        "bx     lr\n"

        ".p2align 2\n"
        "8:\n"
        "ldr    r2, [r0], #4\n"
        PRODUCTS("r2")
        "vmov   lr, s5\n"
        "bx     lr\n"

        ".p2align 2\n"
        "2:\n"
        EIGHT_VALUES
        EIGHT_VALUES
        EIGHT_VALUES
        EIGHT_VALUES
        "3:\n"
        "cmp    r0, r12\n"
        "bne.w  2b\n"
        "vmov   r3, s7\n"
        "cbz    r3, 5f\n"
        "lsls   r3, r3, #31\n" /* two in C, one in N */
        "bcc    4f\n"
        "ldrsb  r2, [r0], #1\n"
        "ldrsb  r8, [r0], #1\n"
        "pkhbt  r2, r2, r8, lsl #16\n"
        TWO_VALUES
        "movs   r3, r3\n"
        "4:\n"
        "bpl    5f\n"
        "ldrsb  r2, [r0]\n"
        TWO_VALUES
        "5:\n"
        "vmov   r3, s6\n"
        "subs   r5, r5, r4\n"
        "subs   r7, r7, r6\n"
        "asrs   r5, r5, #7\n"
        "asrs   r7, r7, #7\n"
        "lsls   r4, r4, #1\n"
        "lsls   r6, r6, #1\n"
        REQUANTIZE("r4", "s8, s9")
        REQUANTIZE("r5", "s10, s11")
        REQUANTIZE("r6", "s12, s13")
        REQUANTIZE("r7", "s14, s15")
        "vmov   r2, r3, s3, s4\n"
        "bfi    r4, r5, #8, #24\n"
        "bfi    r4, r6, #16, #16\n"
        "bfi    r4, r7, #24, #8\n"
        "str    r4, [r2], #4\n"
        "subs   r3, r3, #1\n"
        "vmov   s3, s4, r2, r3\n"
        "bne.w  1b\n"
        "pop    {r4-r11, pc}\n"
    );
}

/* clang-format on */

#else
typedef int hf_dense_dsp_is_special;
#endif
