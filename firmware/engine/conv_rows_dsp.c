/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels.h"

/* hf_gemm_rows for Armv7E-M with the DSP extension; conv_rows.c says what it is for. */

#if HF_ENGINE_SPECIAL_KERNELS

#include "gemm_dsp.h"

_Static_assert(offsetof(hf_gemm_by_rows, gemm.row_bytes) == 48, "ldm below");
_Static_assert(offsetof(hf_gemm_by_rows, row_pairs) == 52, "ldm below");
_Static_assert(offsetof(hf_gemm_by_rows, window_bytes) == 56, "ldm below");
_Static_assert(offsetof(hf_gemm_by_rows, second_out) == 60, "ldm below");
_Static_assert(offsetof(hf_gemm_by_rows, rows) == 64, "ldrd below");
_Static_assert(offsetof(hf_gemm_by_rows, advance_bytes) == 68, "ldrd below");

/* clang-format off */

#define NEXT_PAIR  PAIR("4", "8", "-4")
#define FOUR_PAIRS NEXT_PAIR NEXT_PAIR NEXT_PAIR NEXT_PAIR

/* The first iteration over a window's row begins in the loop's middle, so that the last one ends at its end. */
#if defined(HF_ENGINE_DUAL_ISSUE)
#define FIRST_PAIRS "and    r8, r8, #7\n" /* the last pair of a row is apart */
#define BEGIN_ROW                                                                                            \
    "ldr    r2, [r0], #8\n"                                                                                  \
    "ldr    r12, [r1], #8\n"                                                                                 \
    "ldr.w  r3, [r0, #-4]\n"
#define END_ROW LAST_PAIR
#else
#define FIRST_PAIRS                                                                                          \
    "and    r8, r8, #7\n"                                                                                    \
    "adds   r8, r8, #1\n"
#define BEGIN_ROW
#define END_ROW
#endif

/* s18 end of a block's weights, s19 where the loop over a window's row begins, s22 end of the windows of an output row,
 * s23 that of the first one, s24 from behind a window's row to its next row, s25 from behind its last row to the next
 * window, s26 bytes of a row's weights, s27 from a window's output to that of the window half a row further, s28
 * end of a row's weights, s29 and s31 from an output row's end of windows to the next one's end, and begin, s30 end
 * of the windows of all output rows. Lines are loaded again after each call: so it computes all rows of a tile. */
__attribute__((naked, aligned(HF_KERNEL_ALIGNMENT))) void
hf_gemm_rows(__attribute__((unused)) const hf_gemm_by_rows *gemm)
{
    __asm__ volatile(
        "vpush  {s26-s31}\n"
        GEMM_BEGIN
        "ldr    r8, [sp]\n"
        "ldrd   r3, r7, [r8, #64]\n"
        "add    r8, r8, #48\n"
        "ldm    r8, {r8-r11}\n"
        "mul    lr, r2, r10\n"
        "add    r2, r0, lr\n"
        "sub    lr, r7, lr\n"
        "vmov   s31, lr\n"
        "vmov   s29, r7\n"
        "subs   r3, r3, #1\n"
        "mla    r3, r3, r7, r2\n"
        "vmov   s30, r3\n"
        "udiv   r12, r1, r9\n"
        "mls    r12, r12, r8, r10\n"
        "vmov   s25, r12\n"
        "sub    r12, r8, r9, lsl #3\n"
        "vmov   s24, r12\n"
        "lsl    r12, r9, #3\n"
        "vmov   s26, r12\n"
        "vmov   s27, r11\n"
        "sub    r8, r9, #1\n"
        FIRST_PAIRS
        "rsb    r8, r8, r8, lsl #3\n" /* of 56 bytes each */
        "adr.w  r9, 3f\n"
        "sub    r9, r9, r8, lsl #3\n"
        "orr    r9, r9, #1\n"
        "vmov   s19, r9\n"
        GEMM_BLOCK
        "vmov   r6, s13\n"
        "vmov   r10, s15\n"
        "vmov   r4, s12\n"
        "vmov   r8, s14\n"
        "mov    r7, r6\n"
        "mov    r11, r10\n"
        "mov    r5, r4\n"
        "mov    r9, r8\n"
        ".p2align 2\n"
        "8:\n" /* next row of two windows */
        "vmov   r2, s26\n"
        "vmov   lr, s19\n"
        "add.w  r2, r2, r1\n"
        "vmov   s28, r2\n"
        BEGIN_ROW
        "bx     lr\n"
        ".p2align 2\n"
        "2:\n"
        FOUR_PAIRS
        FOUR_PAIRS
        "3:\n"
        "vmov   lr, s28\n"
        "cmp    r1, lr\n"
        "bne.w  2b\n"
        END_ROW
        "vmov   r2, s24\n"
        "vmov   r3, s18\n"
        "add    r0, r0, r2\n"
        "cmp    r1, r3\n"
        "bne.w  8b\n"
        "vmov   r3, s20\n"
        "cmp    r3, #0\n"
        "bne.w  7f\n"
        FINISH_BLOCK_RELU
        "4:\n"
        "vmov   r2, r3, s16, s17\n"
        "vmov   r1, s27\n"
        "bfi    r4, r6, #8, #24\n"
        "bfi    r5, r7, #8, #24\n"
        "bfi    r4, r8, #16, #16\n"
        "bfi    r5, r9, #16, #16\n"
        "bfi    r4, r10, #24, #8\n"
        "bfi    r5, r11, #24, #8\n"
        "vmov   r6, s25\n"
        "str    r4, [r2]\n"
        "add    r7, r2, r3\n"
        "str    r5, [r2, r1]\n"
        "vmov   s16, r7\n"
        "vmov   r3, s22\n"
        "add    r0, r0, r6\n"
        "vmov   r1, s21\n"
        "cmp    r0, r3\n"
        "bne.w  1b\n"
        "vmov   r4, s30\n"
        "vmov   r5, s29\n"
        "vmov   r6, s31\n"
        "vmov   r2, s27\n"
        "cmp    r0, r4\n"
        "beq    9f\n"
        "add    r3, r3, r5\n"
        "add    r0, r0, r6\n"
        "add    r7, r7, r2\n"
        "vmov   s22, r3\n"
        "vmov   s16, r7\n"
        "b.w    1b\n"
        "9:\n"
        "vmov   r3, s23\n"
        "vmov   s22, r3\n"
        "ldr    r4, [sp, #16]\n"
        "subs   r4, r4, #1\n"
        "str    r4, [sp, #16]\n"
        "bne.w  10b\n"
        "add    sp, #20\n"
        "vpop   {s16-s25}\n"
        "pop    {r4-r11, lr}\n"
        "vpop   {s26-s31}\n"
        "bx     lr\n"
        "7:\n"
        FINISH_BLOCK(REQUANTIZE)
        "b.w    4b\n"
    );
}

/* clang-format on */

#else
typedef int hf_conv_rows_dsp_is_special;
#endif
