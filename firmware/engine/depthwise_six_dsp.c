/* SPDX-License-Identifier: Apache-2.0 */
#include "depthwise_kernels.h"

/*
 * A row of outputs of one channel, for kernels of any height and width and stride 1 or 2, six outputs at a
 * time. With stride 1 each word of two columns serves an even and an odd output, by weights (w0,w1) (w2,w3) ..
 * and (0,w0) (w1,w2) ... The portable twin is the general kernel in depthwise_rows.c.
 */

#if HF_ENGINE_SPECIAL_KERNELS

_Static_assert(offsetof(hf_depthwise_row, row) == 0, "vldm below");
_Static_assert(offsetof(hf_depthwise_row, ring_end) == 4, "vldm below");
_Static_assert(offsetof(hf_depthwise_row, ring_bytes) == 8, "vldm below");
_Static_assert(offsetof(hf_depthwise_row, slot_bytes) == 12, "vldm below");
_Static_assert(offsetof(hf_depthwise_row, weights) == 16, "vldm below");
_Static_assert(offsetof(hf_depthwise_row, weights_end) == 20, "vldm below");
_Static_assert(offsetof(hf_depthwise_row, row_weights) == 24, "vldm below");
_Static_assert(offsetof(hf_depthwise_row, out) == 28, "vldm below");
_Static_assert(offsetof(hf_depthwise_row, out_step) == 32, "vldm below");
_Static_assert(offsetof(hf_depthwise_row, outputs) == 36, "vldm below");
_Static_assert(offsetof(hf_depthwise_row, multiplier) == 40, "vldm below");
_Static_assert(offsetof(hf_depthwise_row, shift) == 44, "vldm below");
_Static_assert(offsetof(hf_depthwise_row, zero) == 48, "vldm below");
_Static_assert(offsetof(hf_depthwise_row, bias) == 52, "vldm below");
_Static_assert(offsetof(hf_depthwise_row, stride) == 56, "vldm below");

/* clang-format off */

/* Two taps of six outputs, of columns x0, x1 and the word that is loaded to x2. */
#define TAPS(x0, x1, x2)                                                                                     \
    "ldr    " x2 ", [r0], #4\n"                                                                              \
    "ldr.w  r3, [r1, #4]\n"                                                                                  \
    "ldr    r2, [r1], #8\n"                                                                                  \
    "smlad  r4, " x0 ", r2, r4\n"                                                                            \
    "smlad  r5, " x0 ", r3, r5\n"                                                                            \
    "smlad  r6, " x1 ", r2, r6\n"                                                                            \
    "smlad  r7, " x1 ", r3, r7\n"                                                                            \
    "smlad  r8, " x2 ", r2, r8\n"                                                                            \
    "smlad  r9, " x2 ", r3, r9\n"                                                                            \
    "cmp    r1, lr\n"

/* As hf_requantize_compact(); 24 bytes of code. */
#define FINISH(acc)                                                                                          \
    "add    lr, r12, " acc ", asr #31\n"                                                                     \
    "smmlar " acc ", " acc ", r10, lr\n"                                                                     \
    "asr.w  " acc ", " acc ", r11\n"                                                                         \
    "ssat   " acc ", #8, " acc ", asr #1\n"                                                                  \
    "strb.w " acc ", [r2]\n"                                                                                 \
    "sub.w  r2, r2, r3\n"

/*
 * r0 columns, r1 weights, r4 .. r9 sums, lr end of a kernel row's weights. s0 .. s14 the argument, s15 the
 * kernel row. ADR counts from a multiple of four.
 */
__attribute__((naked, aligned(4))) void hf_depthwise_six(__attribute__((unused)) const hf_depthwise_row *row)
{
    __asm__ volatile(
        "push   {r4-r11, lr}\n"
        "vldm   r0, {s0-s14}\n"
        "1:\n" /* next six outputs */
        "vmov   r0, s0\n"
        "vmov   r1, s4\n"
        "vmov   r4, s13\n"
        "vmov   lr, s6\n"
        "vmov   r2, s14\n"
        "mov    r5, r4\n"
        "mov    r6, r4\n"
        "mov    r7, r4\n"
        "mov    r8, r4\n"
        "mov    r9, r4\n"
        "2:\n" /* next kernel row */
        "vmov   s15, r0\n"
        "add    lr, r1, lr\n"
        "cmp    r2, #1\n"
        "bne    8f\n"
        "ldr    r10, [r0], #4\n"
        "ldr    r11, [r0], #4\n"
        ".p2align 2\n"
        "3:\n"
        TAPS("r10", "r11", "r12")
        "beq    4f\n"
        TAPS("r11", "r12", "r10")
        "beq    4f\n"
        TAPS("r12", "r10", "r11")
        "bne    3b\n"
        "4:\n"
        "vmov   r2, s5\n"
        "vmov   r0, s15\n"
        "cmp    r1, r2\n"
        "beq    6f\n"
        "vmov   r2, r3, s2, s3\n"
        "vmov   lr, s1\n"
        "add    r0, r0, r3\n"
        "cmp    r0, lr\n"
        "it     hs\n"
        "subhs  r0, r0, r2\n"
        "vmov   lr, s6\n"
        "vmov   r2, s14\n"
        "b      2b\n"

        ".p2align 2\n"
        "8:\n" /* stride 2 */
        "ldr    r2, [r1], #4\n"
        "ldr    r10, [r0], #4\n"
        "ldr    r11, [r0]\n"
        "ldr    r12, [r0, #4]\n"
        "ldr.w  r3, [r0, #8]\n"
        "smlad  r4, r10, r2, r4\n"
        "smlad  r5, r11, r2, r5\n"
        "smlad  r6, r12, r2, r6\n"
        "smlad  r7, r3, r2, r7\n"
        "ldr    r10, [r0, #12]\n"
        "ldr    r11, [r0, #16]\n"
        "smlad  r8, r10, r2, r8\n"
        "smlad  r9, r11, r2, r9\n"
        "cmp    r1, lr\n"
        "bne    8b\n"
        "b      4b\n"

        "6:\n" /* stores as many of them as the row has, from the last backwards */
        "vmov   r0, s9\n"
        "vmov   r10, r11, s10, s11\n"
        "vmov   r12, s12\n"
        "vmov   r2, s7\n"
        "vmov   r3, s8\n"
        "subs   r1, r0, #6\n"
        "vmov   s9, r1\n"
        "it     hi\n"
        "movhi  r0, #6\n"
        "mla    r2, r0, r3, r2\n"
        "vmov   s7, r2\n" /* the next six outputs */
        "sub    r2, r2, r3\n"
        "rsb    r0, r0, #6\n"
        "adr.w  lr, 7f\n"
        "add    r0, r0, r0, lsl #1\n"
        "add    lr, lr, r0, lsl #3\n"
        "orr    lr, lr, #1\n"
        "bx     lr\n"
        ".p2align 2\n"
        "7:\n"
        FINISH("r9")
        FINISH("r8")
        FINISH("r7")
        FINISH("r6")
        FINISH("r5")
        FINISH("r4")
        "cmp    r1, #0\n"
        "ble    9f\n"
        "vmov   r0, s0\n"
        "vmov   r1, s14\n"
        "add    r1, r1, r1, lsl #1\n"
        "add    r0, r0, r1, lsl #2\n"
        "vmov   s0, r0\n"
        "b      1b\n"
        "9:\n"
        "pop    {r4-r11, pc}\n"
    );
}

/* clang-format on */

#else
typedef int hf_depthwise_row_is_special;
#endif
