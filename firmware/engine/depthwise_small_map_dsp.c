/* SPDX-License-Identifier: Apache-2.0 */
#include "depthwise_dsp.h"

/*
 * 3x3 depthwise with stride 1 and padding 1 of maps at most six columns wide. Padding is not stored: the initial
 * sums contain what the taps outside contribute, input zero point times weight. So each row of a channel is
 * three words, rows are contiguous, and all outputs of a row are computed together: with the words (x0,x1)
 * (x2,x3) (x4,x5), ten multiply-accumulates by (w0,w1) and (w1,w2) give a kernel row's share of six outputs. The
 * portable twin is the general kernel in depthwise_rows.c.
 */

#if HF_ENGINE_SPECIAL_KERNELS

/* Offsets in the assembly below. */
_Static_assert(offsetof(hf_depthwise_small, planes) == 0, "offset");
_Static_assert(offsetof(hf_depthwise_small, input) == 4, "offset");
_Static_assert(offsetof(hf_depthwise_small, in_step) == 8, "offset");
_Static_assert(offsetof(hf_depthwise_small, width) == 12, "offset");
_Static_assert(offsetof(hf_depthwise_small, height) == 16, "offset");
_Static_assert(offsetof(hf_depthwise_small, out) == 20, "offset");
_Static_assert(offsetof(hf_depthwise_small, out_step) == 24, "offset");
_Static_assert(offsetof(hf_depthwise_small, weights) == 28, "offset");
_Static_assert(offsetof(hf_depthwise_small, channels) == 32, "offset");
_Static_assert(offsetof(hf_depthwise_small, skipped) == 36, "offset");
_Static_assert(offsetof(hf_depthwise_small, stored) == 40, "offset");
_Static_assert(offsetof(hf_depthwise_small, zero_half) == 44, "offset");
_Static_assert(offsetof(hf_depthwise_small, input_zero) == 48, "offset");

/* clang-format off */

/* Columns r6 and r7 of four channels become a word of two columns for each channel. */
#define STORE_PAIR                                                                                           \
    "pkhbt  r8, r6, r7, lsl #16\n"                                                                           \
    "pkhtb  r7, r7, r6, asr #16\n"                                                                           \
    "sxtb16 r6, r8\n"                                                                                        \
    "sxtb16 r8, r8, ror #8\n"                                                                                \
    "str    r6, [r0], #4\n"                                                                                  \
    "str    r8, [r1], #4\n"                                                                                  \
    "sxtb16 r6, r7\n"                                                                                        \
    "sxtb16 r7, r7, ror #8\n"                                                                                \
    "str    r6, [r2], #4\n"                                                                                  \
    "str    r7, [r3], #4\n"

/* A kernel row's contribution to six outputs. */
#define TAPS(first, second)                                                                                  \
    "ldm    r0!, {r3, r4, r5}\n"                                                                             \
    "vmov   lr, " first "\n"                                                                                 \
    "vmov   r6, " second "\n"                                                                                \
    "smlad  r8, r3, lr, r8\n"                                                                                \
    "smlatb r9, r3, lr, r9\n"                                                                                \
    "smlad  r10, r4, lr, r10\n"                                                                              \
    "smlatb r11, r4, lr, r11\n"                                                                              \
    "smlad  r12, r5, lr, r12\n"                                                                              \
    "smlad  r7, r3, r6, r7\n"                                                                                \
    "smlabt r8, r4, r6, r8\n"                                                                                \
    "smlad  r9, r4, r6, r9\n"                                                                                \
    "smlabt r10, r5, r6, r10\n"                                                                              \
    "smlad  r11, r5, r6, r11\n"

/* The initial sums of a row. */
#define BEGIN_ROW(left, middle, right)                                                                       \
    "vmov   r7, " left "\n"                                                                                  \
    "vmov   r8, " middle "\n"                                                                                \
    "vmov   r12, " right "\n"                                                                                \
    "mov    r9, r8\n"                                                                                        \
    "mov    r10, r8\n"                                                                                       \
    "mov    r11, r8\n"

/* As hf_requantize_compact(); 24 bytes of code. */
#define FINISH(acc)                                                                                          \
    "add    lr, r5, " acc ", asr #31\n"                                                                      \
    "smmlar " acc ", " acc ", r3, lr\n"                                                                      \
    "asr.w  " acc ", " acc ", r4\n"                                                                          \
    "ssat   " acc ", #8, " acc ", asr #1\n"                                                                  \
    "strb.w " acc ", [r1]\n"                                                                                 \
    "sub.w  r1, r1, r2\n"

/* The same for zero_half == -255, as gemm_dsp.h explains; 20 bytes of code. */
#define FINISH_RELU(acc)                                                                                     \
    "smmlar " acc ", " acc ", r3, r5\n"                                                                      \
    "asr.w  " acc ", " acc ", r4\n"                                                                          \
    "ssat   " acc ", #8, " acc ", asr #1\n"                                                                  \
    "strb.w " acc ", [r1]\n"                                                                                 \
    "sub.w  r1, r1, r2\n"

/* The last five outputs with zero_half == -255, interleaved for the pipeline of a Cortex-M7: one is stored while
 * the next two are scaled. */
#define SCALE(acc) "smmlar " acc ", " acc ", r3, r5\n"
#define SHIFT(acc) "asr.w  " acc ", " acc ", r4\n"
#define STORE(acc)                                                                                           \
    "ssat   " acc ", #8, " acc ", asr #1\n"                                                                  \
    "strb.w " acc ", [r1]\n"                                                                                 \
    "sub.w  r1, r1, r2\n"
#define STORE_FIVE_RELU                                                                                      \
    SCALE("r10") SHIFT("r11") SCALE("r9") SHIFT("r10") STORE("r11")                                          \
    SCALE("r8") SHIFT("r9") STORE("r10")                                                                     \
    SCALE("r7") SHIFT("r8") STORE("r9")                                                                      \
    SHIFT("r7") STORE("r8") STORE("r7")

/*
 * Registers of a row: r0 columns, r1 output, r2 out_step, r7 .. r12 sums. s0 .. s5 weights, (w0,w1) and
 * (w1,w2) of each kernel row; s6 multiplier, s7 shift, s8 scaled zero half; s9 .. s17 initial sums of the
 * left, inner and right columns, for the first row, inner rows and the last row; s18 where finishing a row's
 * outputs begins; s19 bytes from the end of a row's outputs to the last output of the next row; s20 rows left
 * before the last one. Stack: 0 the argument, 4 channels left, 8 plane, 12 weights, 16 channels, 20 the last output of
 * the first row. ADR counts from a multiple of four.
 */
__attribute__((naked, aligned(HF_KERNEL_ALIGNMENT))) void
hf_depthwise_small_map(__attribute__((unused)) const hf_depthwise_small *map)
{
    __asm__ volatile(
        "push   {r4-r11, lr}\n"
        "vpush  {s16-s20}\n"
        "sub    sp, #24\n"
        /* Copies the input to a plane for each channel. */
        "str    r0, [sp]\n"
        "ldr    r11, [r0, #16]\n" /* height */
        "ldrd   r4, r5, [r0, #4]\n" /* input, in_step */
        "ldr    r9, [r0, #12]\n" /* width */
        "ldr    r12, [r0, #48]\n"
        "ldr    r0, [r0]\n"
        "uxtb   r12, r12\n"
        "orr    r12, r12, r12, lsl #8\n"
        "orr    r12, r12, r12, lsl #16\n"
        "add    r6, r11, r11, lsl #1\n"
        "add    r1, r0, r6, lsl #2\n" /* 12 bytes a row */
        "add    r2, r1, r6, lsl #2\n"
        "add    r3, r2, r6, lsl #2\n"
        "add    lr, r9, #1\n"
        "lsr    lr, lr, #1\n"
        "rsb    lr, lr, #3\n"
        "lsl    lr, lr, #2\n" /* bytes of a row beyond its columns */
        "1:\n"
        "lsrs   r10, r9, #1\n"
        "beq    3f\n"
        "2:\n"
        "ldr    r6, [r4]\n"
        "ldr    r7, [r4, r5]\n"
        "add    r4, r4, r5, lsl #1\n"
        STORE_PAIR
        "subs   r10, r10, #1\n"
        "bne    2b\n"
        "3:\n"
        "lsls   r6, r9, #31\n"
        "beq    4f\n"
        "ldr    r6, [r4]\n"
        "mov    r7, r12\n"
        "add    r4, r4, r5\n"
        STORE_PAIR
        "4:\n"
        "add    r0, r0, lr\n"
        "add    r1, r1, lr\n"
        "add    r2, r2, lr\n"
        "add    r3, r3, lr\n"
        "subs   r11, r11, #1\n"
        "bne    1b\n"

        /* What all channels have in common. */
        "ldr    r0, [sp]\n"
        "ldrd   r10, r11, [r0, #12]\n" /* width, height */
        "ldrd   r4, r5, [r0, #20]\n" /* out, out_step */
        "ldrd   r6, r7, [r0, #28]\n" /* weights, channels */
        "ldrd   r8, r9, [r0, #36]\n" /* skipped, stored */
        "ldr    r1, [r0]\n"
        "add    r12, r11, r11, lsl #1\n"
        "lsl    r12, r12, #2\n" /* bytes of a plane */
        "mla    r1, r8, r12, r1\n"
        "mul    r2, r10, r5\n"
        "lsl    r3, r2, #1\n"
        "vmov   s19, r3\n"
        "sub    r2, r2, r5\n"
        "add    r4, r4, r2\n"
        "str    r9, [sp, #4]\n"
        "str    r1, [sp, #8]\n"
        "strd   r6, r7, [sp, #12]\n"
        "str    r4, [sp, #20]\n"
        "ldr    r1, [r0, #44]\n"
        "adr.w  r2, 30f\n"
        "adr.w  r3, 31f\n"
        "mov    r4, #24\n"
        "cmn    r1, #255\n"
        "itt    eq\n"
        "moveq  r2, r3\n"
        "moveq  r4, #20\n"
        "rsb    r5, r10, #6\n"
        "mla    r2, r5, r4, r2\n"
        "cmp    r4, #20\n"
        "bne    11f\n"
        "adr.w  r3, 32f\n"
        "cmp    r5, #0\n"
        "it     eq\n"
        "moveq  r2, r3\n"
        "adr.w  r3, 33f\n"
        "cmp    r5, #1\n"
        "it     eq\n"
        "moveq  r2, r3\n"
        "11:\n"
        "orr    r2, r2, #1\n"
        "vmov   s18, r2\n"

        "10:\n" /* next channel; r0 is the argument */
        "ldr    r1, [r0, #44]\n"
        "ldr    r12, [r0, #48]\n"
        "ldrd   r2, r3, [sp, #12]\n"
        "ldrd   r4, r5, [r3], #8\n"
        "lsl    r6, r1, r5\n"
        "vmov   s6, s7, r4, r5\n"
        "asr    lr, r5, #7\n" /* twice the bias: the shift below it is < 128 */
        "vmov   s8, r6\n"
        DEPTHWISE_3X3_WEIGHTS
        "strd   r2, r3, [sp, #12]\n"
        "vmov   s0, s1, r9, r10\n"
        "lsrs   r9, r7, #16\n"
        "pkhbt  r9, r9, r5, lsl #16\n"
        "pkhbt  r10, r5, r8, lsl #16\n"
        "vmov   s2, s3, r9, r10\n"
        "pkhtb  r9, r8, r5, asr #16\n"
        "lsrs   r10, r8, #16\n"
        "pkhbt  r10, r10, r6, lsl #16\n"
        "vmov   s4, s5, r9, r10\n"
        /* Products with the zero point: left column in r1 r2 r3, right column in r9 r10 r11. */
        "smulbb r1, r4, r12\n" /* w0 */
        "smultb r2, r7, r12\n" /* w3 */
        "smultb r3, r5, r12\n" /* w6 */
        "smultb r9, r4, r12\n" /* w2 */
        "smulbb r10, r8, r12\n" /* w5 */
        "smulbb r11, r6, r12\n" /* w8 */
        "smlabb r7, r7, r12, lr\n" /* bias + w1 */
        "smlatb r8, r8, r12, lr\n" /* bias + w7 */
        "add    r7, r7, r1\n"
        "add    r7, r7, r9\n" /* the first row */
        "add    r8, r8, r3\n"
        "add    r8, r8, r11\n" /* the last row */
        "add    r4, r7, r2\n"
        "add    r4, r4, r3\n"
        "add    r5, r7, r10\n"
        "add    r5, r5, r11\n"
        "vmov   s9, s10, r4, r7\n"
        "vmov   s11, r5\n"
        "add    r1, r1, r2\n"
        "add    r9, r9, r10\n"
        "add    r4, r8, r1\n"
        "add    r5, r8, r9\n"
        "vmov   s15, s16, r4, r8\n"
        "vmov   s17, r5\n"
        "add    r1, r1, r3\n"
        "add    r9, r9, r11\n"
        "add    r4, lr, r1\n"
        "add    r5, lr, r9\n"
        "vmov   s12, s13, r4, lr\n"
        "vmov   s14, r5\n"
        "ldr    r3, [r0, #16]\n" /* height */
        "ldr    r2, [r0, #24]\n" /* out_step */
        "subs   r3, r3, #1\n"
        "vmov   s20, r3\n"
        "ldr    r0, [sp, #8]\n"
        "ldr    r1, [sp, #20]\n"
        BEGIN_ROW("s9", "s10", "s11")
        "b      21f\n"

        ".p2align 2\n"
        "20:\n"
        BEGIN_ROW("s12", "s13", "s14")
        "25:\n"
        TAPS("s0", "s1")
        "21:\n"
        TAPS("s2", "s3")
        "vmov   r3, s20\n"
        "cmp.w  r3, #0\n"
        "beq.w  22f\n" /* the last row */
        TAPS("s4", "s5")
        "22:\n"
        "vmov   r6, s18\n"
        "vmov   r3, r4, s6, s7\n"
        "vmov   r5, s8\n"
        "bx     r6\n"

        ".p2align 2\n"
        "30:\n"
        FINISH("r12")
        FINISH("r11")
        FINISH("r10")
        FINISH("r9")
        FINISH("r8")
        FINISH("r7")
        "b      23f\n"

        ".p2align 2\n"
        "31:\n"
        FINISH_RELU("r12")
        FINISH_RELU("r11")
        FINISH_RELU("r10")
        FINISH_RELU("r9")
        FINISH_RELU("r8")
        FINISH_RELU("r7")
        "b      23f\n"

        ".p2align 2\n"
        "32:\n" /* six */
        SCALE("r12")
        SHIFT("r12")
        STORE("r12")
        "33:\n" /* five */
        SCALE("r11")
        STORE_FIVE_RELU
        "23:\n"
        "vmov   r3, s20\n"
        "vmov   r4, s19\n"
        "subs.w r3, r3, #1\n"
        "vmov   s20, r3\n"
        "sub.w  r0, r0, #24\n"
        "add.w  r1, r1, r4\n"
        "bgt    20b\n"
        "bne    24f\n"
        BEGIN_ROW("s15", "s16", "s17")
        "b      25b\n"
        "24:\n"
        "ldr    r0, [sp]\n"
        "ldr    r1, [sp, #4]\n"
        "ldr    r2, [sp, #8]\n"
        "ldr    r3, [sp, #20]\n"
        "ldr    r4, [r0, #16]\n"
        "add    r4, r4, r4, lsl #1\n"
        "add    r2, r2, r4, lsl #2\n"
        "adds   r3, r3, #1\n"
        "str    r2, [sp, #8]\n"
        "str    r3, [sp, #20]\n"
        "subs   r1, r1, #1\n"
        "str    r1, [sp, #4]\n"
        "bne.w  10b\n"
        "add    sp, #24\n"
        "vpop   {s16-s20}\n"
        "pop    {r4-r11, pc}\n"
    );
}

/* clang-format on */

#else
typedef int hf_depthwise_small_is_special;
#endif
