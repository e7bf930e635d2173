/* SPDX-License-Identifier: Apache-2.0 */
#include "depthwise_kernels.h"

/*
 * Depthwise convolution of single rows, with at most 15 taps and stride 1 or 2: audio and sensor networks. Six outputs of
 * a channel at a time. Weights are in FPU registers, two to a word, so that a turn loads columns only; there is a piece of
 * code for each word, and a row enters them where as many are left as it has. With stride 1 each word of two columns
 * serves an even and an odd output, by weights (w0,w1) (w2,w3) .. and (0,w0) (w1,w2) ... The portable twin is the general
 * kernel in depthwise_rows.c.
 */

#if HF_ENGINE_SPECIAL_KERNELS

_Static_assert(offsetof(hf_depthwise_line, row) == 0, "offsets below");
_Static_assert(offsetof(hf_depthwise_line, out) == 4, "offsets below");
_Static_assert(offsetof(hf_depthwise_line, weights) == 8, "offsets below");
_Static_assert(offsetof(hf_depthwise_line, channels) == 12, "offsets below");
_Static_assert(offsetof(hf_depthwise_line, groups) == 16, "offsets below");
_Static_assert(offsetof(hf_depthwise_line, channel_bytes) == 20, "offsets below");
_Static_assert(offsetof(hf_depthwise_line, out_step) == 24, "offsets below");
_Static_assert(offsetof(hf_depthwise_line, outputs) == 28, "offsets below");
_Static_assert(offsetof(hf_depthwise_line, zero_half) == 32, "offsets below");
_Static_assert(offsetof(hf_depthwise_line, taps) == 36, "offsets below");
_Static_assert(offsetof(hf_depthwise_line, stride) == 40, "offsets below");
_Static_assert(offsetof(hf_depthwise_line, to) == 44, "offsets below");
_Static_assert(offsetof(hf_depthwise_line, in_step) == 48, "offsets below");
_Static_assert(offsetof(hf_depthwise_line, pairs) == 52, "offsets below");
_Static_assert(offsetof(hf_depthwise_line, zeros) == 56, "offsets below");
_Static_assert(offsetof(hf_depthwise_line, lone) == 60, "offsets below");
_Static_assert(offsetof(hf_depthwise_line, skipped) == 64, "offsets below");
_Static_assert(offsetof(hf_depthwise_line, stored) == 68, "offsets below");
_Static_assert(offsetof(hf_depthwise_line, input) == 72, "offsets below");
_Static_assert(HF_DEPTHWISE_LINE_TAPS == 15, "eight pieces of code below");

/* clang-format off */

/* Stride 1: words a, b, c of columns by a word of weights for even outputs, in r2, and one for odd outputs, in r3; then the
 * next words of weights. */
#define PRODUCTS(a, b, c)                                                                                    \
    "smlad  r4, " a ", r2, r4\n"                                                                             \
    "smlad  r6, " b ", r2, r6\n"                                                                             \
    "smlad  r8, " c ", r2, r8\n"

#define ODD_PRODUCTS(a, b, c)                                                                                \
    "smlad  r5, " a ", r3, r5\n"                                                                             \
    "smlad  r7, " b ", r3, r7\n"                                                                             \
    "smlad  r9, " c ", r3, r9\n"

#define PIECE(a, b, c, next_even, next_odd)                                                                  \
    PRODUCTS(a, b, c)                                                                                        \
    "vmov   r2, " next_even "\n"                                                                             \
    ODD_PRODUCTS(a, b, c)                                                                                    \
    "vmov   r3, " next_odd "\n"

/* Two words are loaded one behind the other, which takes a cycle less. */
#define LOAD_PIECE(a, b, c, d, next_even, next_odd)                                                          \
    "ldr    " c ", [r0], #4\n"                                                                               \
    "ldr    " d ", [r0], #4\n"                                                                               \
    PIECE(a, b, c, next_even, next_odd)

/* The first piece, from the bias in s19 on, then piece `label`; 64 bytes of code. */
#define BEGIN(a, b, c, even, odd, next_even, next_odd, label)                                                \
    "vmov   r2, " even "\n"                                                                                  \
    "vmov   r4, s19\n"                                                                                       \
    "vmov   r3, " odd "\n"                                                                                   \
    "smlad  r6, " b ", r2, r4\n"                                                                             \
    "smlad  r8, " c ", r2, r4\n"                                                                             \
    "smlad  r5, " a ", r3, r4\n"                                                                             \
    "smlad  r7, " b ", r3, r4\n"                                                                             \
    "smlad  r9, " c ", r3, r4\n"                                                                             \
    "smlad  r4, " a ", r2, r4\n"                                                                             \
    "vmov   r2, " next_even "\n"                                                                             \
    "vmov   r3, " next_odd "\n"                                                                              \
    "b.w    " label "\n"

#define BEGIN_WITH_THREE(a, b, c, even, odd, next_even, next_odd, label)                                     \
    "ldr    " a ", [r0], #4\n"                                                                               \
    "ldr    " b ", [r0], #4\n"                                                                               \
    "ldr    " c ", [r0], #4\n"                                                                               \
    BEGIN(a, b, c, even, odd, next_even, next_odd, label)                                                    \
    "nop.w\n"

#define BEGIN_WITH_FOUR(a, b, c, d, even, odd, next_even, next_odd, label)                                   \
    "ldr    " a ", [r0], #4\n"                                                                               \
    "ldr    " b ", [r0], #4\n"                                                                               \
    "ldr    " c ", [r0], #4\n"                                                                               \
    "ldr    " d ", [r0], #4\n"                                                                               \
    BEGIN(a, b, c, even, odd, next_even, next_odd, label)

/* Stride 2: six words of columns by a word of weights, in lr; the next column takes the first one's place. */
#define FAR_PIECE(a, b, c, d, e, f, next)                                                                    \
    "smlad  r4, " a ", lr, r4\n"                                                                             \
    "ldr    " a ", [r0], #4\n"                                                                               \
    "smlad  r5, " b ", lr, r5\n"                                                                             \
    "smlad  r6, " c ", lr, r6\n"                                                                             \
    "smlad  r7, " d ", lr, r7\n"                                                                             \
    "smlad  r8, " e ", lr, r8\n"                                                                             \
    "smlad  r9, " f ", lr, r9\n"                                                                             \
    "vmov   lr, " next "\n"

/* The same from the bias in s19 on; 56 bytes of code. */
#define BEGIN_FAR(a, b, c, d, e, f, weights, label)                                                          \
    "vmov   s27, lr\n"                                                                                       \
    "vmov   lr, " weights "\n"                                                                               \
    "vmov   r4, s19\n"                                                                                       \
    "ldr    " a ", [r0], #4\n"                                                                               \
    "ldr    " b ", [r0], #4\n"                                                                               \
    "ldr    " c ", [r0], #4\n"                                                                               \
    "ldr    " d ", [r0], #4\n"                                                                               \
    "ldr    " e ", [r0], #4\n"                                                                               \
    "ldr    " f ", [r0], #4\n"                                                                               \
    "mov    r5, r4\n"                                                                                        \
    "mov    r6, r4\n"                                                                                        \
    "mov    r7, r4\n"                                                                                        \
    "mov    r8, r4\n"                                                                                        \
    "mov    r9, r4\n"                                                                                        \
    "b.w    " label "\n"                                                                                     \
    "nop\n"                                                                                                  \
    "nop.w\n"

/* As hf_requantize_compact(); 24 bytes of code. */
#define FINISH(acc)                                                                                          \
    "add    r3, r12, " acc ", asr #31\n"                                                                     \
    "smmlar " acc ", " acc ", r10, r3\n"                                                                     \
    "asr.w  " acc ", " acc ", r11\n"                                                                         \
    "ssat   " acc ", #8, " acc ", asr #1\n"                                                                  \
    "strb.w " acc ", [r1]\n"                                                                                 \
    "sub.w  r1, r1, r2\n"

/*
 * r0 columns, r4 .. r9 sums, lr outputs left. s0 .. s15 weights, the last ones in s14 and s15; s16 multiplier, s17 shift,
 * s18 scaled zero half, s19 twice the bias, s20 where a row enters, s21 from the end of six windows to the next, s22 last
 * of six outputs, s23 out_step, s24 channel_bytes, s25 five out_steps, s26 outputs, s27 outputs left, s28 zero half, s29
 * taps. Stack: 0 weights, 72 the argument, 76 where the first weights go, 80 channels left in the group, 84 row, 88 out,
 * 92 weights, 96 channels, 100 groups left, 104 the next group's input. ADR counts from a multiple of four.
 */
__attribute__((naked, aligned(HF_KERNEL_ALIGNMENT))) void
hf_depthwise_by_line(__attribute__((unused)) const hf_depthwise_line *line)
{
    __asm__ volatile(
        "push   {r4-r11, lr}\n"
        "vpush  {s16-s29}\n"
        "sub    sp, #108\n"
        "ldrd   r6, r7, [r0, #36]\n" /* taps, stride */
        "ldrd   r8, r9, [r0, #4]\n" /* out, weights */
        "ldrd   r10, r11, [r0, #12]\n" /* channels, groups */
        "ldr    r12, [r0, #24]\n"
        "ldr    r1, [r0, #72]\n" /* input */
        "add    lr, sp, #88\n"
        "stm    lr, {r8-r11}\n"
        "str    r1, [sp, #104]\n"
        "vmov   s23, r12\n"
        "add    r12, r12, r12, lsl #2\n"
        "ldr    r2, [r0, #20]\n"
        "vmov   s24, s25, r2, r12\n"
        "ldrd   r2, r3, [r0, #28]\n" /* outputs, zero_half */
        "vmov   s26, r2\n"
        "vmov   s28, s29, r3, r6\n"
        "cmp    r7, #1\n"
        "ite    eq\n"
        "lsreq  r1, r6, #1\n"
        "subne  r1, r6, #1\n"
        "it     ne\n"
        "lsrne  r1, r1, #1\n" /* words, without one */
        "add    r3, sp, #56\n"
        "sub    r3, r3, r1, lsl #3\n"
        "strd   r0, r3, [sp, #72]\n"
        "mvn    r3, #0\n"
        "mul    r3, r3, r1\n"
        "lsl    r3, r3, #2\n"
        "vmov   s21, r3\n"
        "mov    r4, #64\n"
        "adr.w  r2, 20f\n"
        "beq    1f\n"
        "mov    r4, #56\n"
        "adr.w  r2, 30f\n"
        "1:\n"
        "mla    r2, r1, r4, r2\n"
        "orr    r2, r2, #1\n"
        "vmov   s20, r2\n"

        ".p2align 2\n"
        "13:\n" /* next group: two columns at a time to its rows, r0 r3 r4 r5 */
        "ldr    r12, [sp, #72]\n"
        "ldr    r1, [sp, #104]\n"
        "add    r0, r12, #44\n"
        "ldm    r0, {r0, r2, r6, r10, r11}\n" /* to, in_step, pairs, zeros, lone */
        "add    r7, r1, #4\n"
        "ldr    r3, [r12, #20]\n"
        "str    r7, [sp, #104]\n"
        "add    r4, r0, r3, lsl #1\n"
        "add    r5, r4, r3\n"
        "add    r3, r0, r3\n"
        "lsrs   r11, r11, #1\n"
        "bcc    15f\n"
        "mov    r7, r10\n"
        "ldr    r8, [r1]\n"
        "add    r1, r1, r2\n"
        "adds   r6, r6, #1\n"
        "b      16f\n"
        "15:\n"
        "cbz    r6, 17f\n"
        "14:\n"
        "ldr    r7, [r1]\n"
        "ldr    r8, [r1, r2]\n"
        "add    r1, r1, r2, lsl #1\n"
        "16:\n"
        "pkhbt  r9, r7, r8, lsl #16\n"
        "pkhtb  r8, r8, r7, asr #16\n"
        "sxtb16 r7, r9\n"
        "sxtb16 r9, r9, ror #8\n"
        "str    r7, [r0], #4\n"
        "sxtb16 r7, r8\n"
        "str    r9, [r3], #4\n"
        "sxtb16 r8, r8, ror #8\n"
        "str    r7, [r4], #4\n"
        "subs   r6, r6, #1\n"
        "str    r8, [r5], #4\n"
        "bne    14b\n"
        "17:\n"
        "cmp    r11, #0\n"
        "beq    18f\n"
        "ldr    r7, [r1]\n"
        "mov    r8, r10\n"
        "mov    r11, #0\n"
        "mov    r6, #1\n"
        "b      16b\n"
        "18:\n"
        "ldrd   r1, r2, [r12, #64]\n" /* skipped, stored */
        "ldr    r5, [r12]\n"
        "ldr    r3, [r12, #20]\n"
        "ldrd   r9, r10, [r12, #32]\n" /* zero_half, taps */
        "mla    r5, r1, r3, r5\n"
        "strd   r2, r5, [sp, #80]\n"

        "2:\n" /* next channel; r10 taps, r9 zero half */
        "ldrd   r2, r4, [sp, #92]\n"
        "ldrd   r6, r7, [r4], #8\n"
        "str    r4, [sp, #96]\n"
        "lsl    r8, r9, r7\n"
        "vmov   s16, s17, r6, r7\n"
        "asr    r7, r7, #7\n" /* the shift below it is < 128 */
        "vmov   s18, s19, r8, r7\n"
        "ldr    r1, [sp, #76]\n"
        "mov    lr, #0\n"
        "subs   r5, r10, #4\n"
        "blo    4f\n"
        "3:\n" /* four weights, doubled */
        "ldr    r6, [r2], #4\n"
        "sxtb16 r7, r6, ror #8\n"
        "sxtb16 r6, r6\n"
        "sadd16 r7, r7, r7\n"
        "sadd16 r6, r6, r6\n"
        "pkhbt  r3, r6, r7, lsl #16\n"
        "pkhbt  r4, lr, r6, lsl #16\n"
        "pkhtb  r8, r7, r6, asr #16\n"
        "pkhbt  r11, r7, r6\n"
        "lsr    lr, r7, #16\n"
        "stm    r1!, {r3, r4, r8, r11}\n"
        "subs   r5, r5, #4\n"
        "bhs    3b\n"
        "4:\n"
        "lsls   r5, r5, #31\n" /* two in C, one in N */
        "bcc    5f\n"
        "ldrsb  r6, [r2], #1\n"
        "ldrsb  r7, [r2], #1\n"
        "pkhbt  r3, r6, r7, lsl #16\n"
        "sadd16 r3, r3, r3\n"
        "pkhbt  r4, lr, r3, lsl #16\n"
        "lsr    lr, r3, #16\n"
        "strd   r3, r4, [r1], #8\n"
        "5:\n"
        "mov    r3, #0\n"
        "bpl    6f\n"
        "ldrsb  r6, [r2], #1\n"
        "add    r6, r6, r6\n"
        "uxth   r3, r6\n"
        "6:\n"
        "pkhbt  r4, lr, r3, lsl #16\n"
        "strd   r3, r4, [r1]\n"
        "cmp    r10, #9\n"
        "add    r4, sp, #24\n"
        "it     hi\n"
        "vldmhi sp, {s0-s5}\n"
        "vldm   r4, {s6-s15}\n"
        "ldrd   r0, r1, [sp, #84]\n"
        "vmov   r3, r4, s24, s25\n"
        "vmov   lr, s26\n"
        "str    r2, [sp, #92]\n"
        "add    r2, r0, r3\n"
        "add    r3, r1, #1\n"
        "strd   r2, r3, [sp, #84]\n"
        "add    r1, r1, r4\n"
        "vmov   s22, r1\n"

        "vmov   r3, s20\n"
        "bx     r3\n"

        ".p2align 2\n"
        "20:\n"
        BEGIN_WITH_THREE("r12", "r11", "r10", "s14", "s15", "s14", "s15", "8f")
        BEGIN_WITH_FOUR("r1", "r12", "r11", "r10", "s12", "s13", "s14", "s15", "40f")
        BEGIN_WITH_THREE("r10", "r1", "r12", "s10", "s11", "s12", "s13", "41f")
        BEGIN_WITH_FOUR("r11", "r10", "r1", "r12", "s8", "s9", "s10", "s11", "42f")
        BEGIN_WITH_THREE("r12", "r11", "r10", "s6", "s7", "s8", "s9", "43f")
        BEGIN_WITH_FOUR("r1", "r12", "r11", "r10", "s4", "s5", "s6", "s7", "44f")
        BEGIN_WITH_THREE("r10", "r1", "r12", "s2", "s3", "s4", "s5", "45f")
        BEGIN_WITH_FOUR("r11", "r10", "r1", "r12", "s0", "s1", "s2", "s3", "46f")
        "46:\n"
        PIECE("r10", "r1", "r12", "s4", "s5")
        "45:\n"
        LOAD_PIECE("r1", "r12", "r11", "r10", "s6", "s7")
        "44:\n"
        PIECE("r12", "r11", "r10", "s8", "s9")
        "43:\n"
        LOAD_PIECE("r11", "r10", "r1", "r12", "s10", "s11")
        "42:\n"
        PIECE("r10", "r1", "r12", "s12", "s13")
        "41:\n"
        LOAD_PIECE("r1", "r12", "r11", "r10", "s14", "s15")
        "40:\n"
        PRODUCTS("r12", "r11", "r10")
        ODD_PRODUCTS("r12", "r11", "r10")

        "8:\n" /* stores as many of them as the row has, from the last backwards */
        "vmov   r10, r11, s16, s17\n"
        "vmov   r12, s18\n"
        "vmov   r1, r2, s22, s23\n"
        "subs   lr, lr, #6\n"
        "blo.w  11f\n"
        "9:\n"
        FINISH("r9")
        FINISH("r8")
        FINISH("r7")
        FINISH("r6")
        FINISH("r5")
        FINISH("r4")
        "ble.w  12f\n"
        "vmov   r3, s21\n"
        "add    r4, r2, r2, lsl #1\n"
        "add    r0, r0, r3\n"
        "add    r1, r1, r4, lsl #2\n"
        "vmov   s22, r1\n"
        "vmov   r3, s20\n"
        "bx     r3\n" /* the next six outputs */

        "11:\n" /* lr minus those that the row does not have */
        "adr.w  r3, 9b\n"
        "mla    r1, lr, r2, r1\n"
        "add.w  r0, lr, lr, lsl #1\n"
        "sub.w  r3, r3, r0, lsl #3\n"
        "orr    r3, r3, #1\n"
        "bx     r3\n"

        "12:\n"
        "ldr    r1, [sp, #80]\n"
        "vmov   r9, r10, s28, s29\n"
        "subs   r1, r1, #1\n"
        "str    r1, [sp, #80]\n"
        "bne.w  2b\n"
        "ldr    r1, [sp, #100]\n"
        "subs   r1, r1, #1\n"
        "str    r1, [sp, #100]\n"
        "bne.w  13b\n"
        "add    sp, #108\n"
        "vpop   {s16-s29}\n"
        "pop    {r4-r11, pc}\n"

        ".p2align 2\n"
        "30:\n"
        BEGIN_FAR("r12", "r11", "r10", "r3", "r2", "r1", "s14", "50f")
        BEGIN_FAR("r1", "r12", "r11", "r10", "r3", "r2", "s12", "51f")
        BEGIN_FAR("r2", "r1", "r12", "r11", "r10", "r3", "s10", "52f")
        BEGIN_FAR("r3", "r2", "r1", "r12", "r11", "r10", "s8", "53f")
        BEGIN_FAR("r10", "r3", "r2", "r1", "r12", "r11", "s6", "54f")
        BEGIN_FAR("r11", "r10", "r3", "r2", "r1", "r12", "s4", "55f")
        BEGIN_FAR("r12", "r11", "r10", "r3", "r2", "r1", "s2", "56f")
        BEGIN_FAR("r1", "r12", "r11", "r10", "r3", "r2", "s0", "57f")
        "57:\n"
        FAR_PIECE("r1", "r12", "r11", "r10", "r3", "r2", "s2")
        "56:\n"
        FAR_PIECE("r12", "r11", "r10", "r3", "r2", "r1", "s4")
        "55:\n"
        FAR_PIECE("r11", "r10", "r3", "r2", "r1", "r12", "s6")
        "54:\n"
        FAR_PIECE("r10", "r3", "r2", "r1", "r12", "r11", "s8")
        "53:\n"
        FAR_PIECE("r3", "r2", "r1", "r12", "r11", "r10", "s10")
        "52:\n"
        FAR_PIECE("r2", "r1", "r12", "r11", "r10", "r3", "s12")
        "51:\n"
        FAR_PIECE("r1", "r12", "r11", "r10", "r3", "r2", "s14")
        "50:\n"
        "smlad  r4, r12, lr, r4\n"
        "smlad  r5, r11, lr, r5\n"
        "smlad  r6, r10, lr, r6\n"
        "smlad  r7, r3, lr, r7\n"
        "smlad  r8, r2, lr, r8\n"
        "smlad  r9, r1, lr, r9\n"
        "vmov   lr, s27\n"
        "b      8b\n"
    );
}

/* clang-format on */

#else
typedef int hf_depthwise_line_is_special;
#endif
