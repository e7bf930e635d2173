/* SPDX-License-Identifier: Apache-2.0 */
#include "depthwise_dsp.h"

/*
 * 3x3 depthwise of four channels, from columns of four interleaved channels: two outputs of all four at a
 * time. Two neighbouring columns become a pair of values per channel; with the words (w0,w1) and (w1,w2) of a
 * kernel row's weights each output takes a dual and a single multiply-accumulate for each kernel row. Little
 * has to be set up, which suits small maps and single rows. The portable twin is the general kernel in
 * depthwise_rows.c.
 */

#if HF_ENGINE_SPECIAL_KERNELS

_Static_assert(offsetof(hf_depthwise_3x3_words, rows) == 0, "vldm below");
_Static_assert(offsetof(hf_depthwise_3x3_words, out) == 12, "vldm below");
_Static_assert(offsetof(hf_depthwise_3x3_words, weights) == 16, "ldrd below");
_Static_assert(offsetof(hf_depthwise_3x3_words, channels) == 20, "ldrd below");
_Static_assert(offsetof(hf_depthwise_3x3_words, zero_half) == 24, "ldr below");
_Static_assert(offsetof(hf_depthwise_3x3_words, out_step) == 28, "ldm below");
_Static_assert(offsetof(hf_depthwise_3x3_words, outputs) == 32, "ldm below");
_Static_assert(offsetof(hf_depthwise_3x3_words, height) == 36, "ldm below");
_Static_assert(offsetof(hf_depthwise_3x3_words, row_advance) == 40, "ldm below");
_Static_assert(offsetof(hf_depthwise_3x3_words, out_row) == 44, "ldm below");
_Static_assert(offsetof(hf_depthwise_3x3_words, skipped) == 48, "ldrd below");
_Static_assert(offsetof(hf_depthwise_3x3_words, stored) == 52, "ldrd below");

/*
 * r4 .. r7 sums of the first output, r8 .. r11 of the second. s0 .. s23 weights, row by row, channel by
 * channel, (w0,w1) and (w1,w2); s24 .. s27 twice the biases; s28 .. s30 rows; s31 output. Stack: 0 multiplier,
 * shift and scaled zero half of each channel, 48 out_step, 52 outputs of a row, 56 rows left, 60 row_advance,
 * 64 out_row, 68 outputs left, 72 the row's first output, 144 the argument.
 */

/* clang-format off */

/* Columns x and y to pairs of values: channels 0 and 1 to `low`, 2 and 3 to y. */
#define PACK(low, x, y)                                                                                      \
    "pkhbt  " low ", " x ", " y ", lsl #16\n"                                                                \
    "pkhtb  " y ", " y ", " x ", asr #16\n"

#define BIAS(first, bias) "vmov   " first ", " bias "\n"

/* Stride 2: columns 0 and 1 of a channel for the first output, 2 and 3 for both, and column 4 for the second. */
#define FOUR_COLUMNS(pair, next_pair, first, second, a, b, first_from)                                       \
    "sxtb16 r0, " pair "\n"                                                                                  \
    "vmov   r3, " a "\n"                                                                                     \
    "smlad  " first ", r0, r3, " first_from "\n"                                                             \
    "sxtb16 r0, " next_pair "\n"                                                                             \
    "smlad  " second ", r0, r3, " second "\n"                                                                \
    "vmov   r3, " b "\n"                                                                                     \
    "smlabt " first ", r0, r3, " first "\n"

#define ROW_BEGINS(row)                                                                               \
    "vmov   r0, " row "\n"                                                                                   \
    "ldm    r0, {r1, r2, r3, r12}\n"                                                                         \
    PACK("lr", "r1", "r2")                                                                                   \
    PACK("r1", "r3", "r12")

#define ROW_ENDS(row, b0, b1, b2, b3)                                                                 \
    "vmov   r0, " row "\n"                                                                                   \
    "ldr    r1, [r0, #16]!\n"                                                                                \
    "vmov   r3, " b0 "\n"                                                                                    \
    "vmov   r12, " b1 "\n"                                                                                   \
    "vmov   " row ", r0\n"                                                                                   \
    "sxtb16 r2, r1\n"                                                                                        \
    "sxtb16 r1, r1, ror #8\n"                                                                                \
    "smlabt r8, r2, r3, r8\n"                                                                                \
    "vmov   r3, " b2 "\n"                                                                                    \
    "smlabt r9, r1, r12, r9\n"                                                                               \
    "vmov   r12, " b3 "\n"                                                                                   \
    "smlatt r10, r2, r3, r10\n"                                                                              \
    "smlatt r11, r1, r12, r11\n"

#define ROW(row, a0, b0, a1, b1, a2, b2, a3, b3)                                                      \
    ROW_BEGINS(row)                                                                                   \
    FOUR_COLUMNS("lr", "r1", "r4", "r8", a0, b0, "r4")                                                       \
    FOUR_COLUMNS("lr, ror #8", "r1, ror #8", "r5", "r9", a1, b1, "r5")                                       \
    FOUR_COLUMNS("r2", "r12", "r6", "r10", a2, b2, "r6")                                                     \
    FOUR_COLUMNS("r2, ror #8", "r12, ror #8", "r7", "r11", a3, b3, "r7")                                     \
    ROW_ENDS(row, b0, b1, b2, b3)

/* Stride 1: of a channel's columns 0 to 3 the first three for the first output, the last three for the second. */
#define NEAR_COLUMNS(pair, next_pair, first, second, a, b, first_from, second_from)                          \
    "sxtb16 r0, " pair "\n"                                                                                  \
    "vmov   r3, " a "\n"                                                                                     \
    "smlad  " first ", r0, r3, " first_from "\n"                                                             \
    "smlatb " second ", r0, r3, " second_from "\n"                                                           \
    "sxtb16 r0, " next_pair "\n"                                                                             \
    "vmov   r3, " b "\n"                                                                                     \
    "smlabt " first ", r0, r3, " first "\n"                                                                  \
    "smlad  " second ", r0, r3, " second "\n"

#define NEAR_ROW_BEGINS(row)                                                                                 \
    "vmov   r0, " row "\n"                                                                                   \
    "ldm    r0, {r1, r2, r3, r12}\n"                                                                         \
    "adds   r0, r0, #8\n"                                                                                    \
    "vmov   " row ", r0\n"                                                                                   \
    PACK("lr", "r1", "r2")                                                                                   \
    PACK("r1", "r3", "r12")

#define NEAR_ROW(row, a0, b0, a1, b1, a2, b2, a3, b3)                                                        \
    NEAR_ROW_BEGINS(row)                                                                                     \
    NEAR_COLUMNS("lr", "r1", "r4", "r8", a0, b0, "r4", "r8")                                                 \
    NEAR_COLUMNS("lr, ror #8", "r1, ror #8", "r5", "r9", a1, b1, "r5", "r9")                                 \
    NEAR_COLUMNS("r2", "r12", "r6", "r10", a2, b2, "r6", "r10")                                              \
    NEAR_COLUMNS("r2, ror #8", "r12, ror #8", "r7", "r11", a3, b3, "r7", "r11")

#define TWO_NEAR_OUTPUTS                                                                                     \
    NEAR_ROW_BEGINS("s28")                                                                                   \
    BIAS("r8", "s24")                                                                                        \
    NEAR_COLUMNS("lr", "r1", "r4", "r8", "s0", "s1", "r8", "r8")                                             \
    BIAS("r9", "s25")                                                                                        \
    NEAR_COLUMNS("lr, ror #8", "r1, ror #8", "r5", "r9", "s2", "s3", "r9", "r9")                             \
    BIAS("r10", "s26")                                                                                       \
    NEAR_COLUMNS("r2", "r12", "r6", "r10", "s4", "s5", "r10", "r10")                                         \
    BIAS("r11", "s27")                                                                                       \
    NEAR_COLUMNS("r2, ror #8", "r12, ror #8", "r7", "r11", "s6", "s7", "r11", "r11")                         \
    NEAR_ROW("s29", "s8", "s9", "s10", "s11", "s12", "s13", "s14", "s15")                                    \
    NEAR_ROW("s30", "s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23")

#define TWO_OUTPUTS                                                                                          \
    ROW_BEGINS("s28")                                                                                        \
    BIAS("r8", "s24")                                                                                        \
    FOUR_COLUMNS("lr", "r1", "r4", "r8", "s0", "s1", "r8")                                                   \
    BIAS("r9", "s25")                                                                                        \
    FOUR_COLUMNS("lr, ror #8", "r1, ror #8", "r5", "r9", "s2", "s3", "r9")                                   \
    BIAS("r10", "s26")                                                                                       \
    FOUR_COLUMNS("r2", "r12", "r6", "r10", "s4", "s5", "r10")                                                \
    BIAS("r11", "s27")                                                                                       \
    FOUR_COLUMNS("r2, ror #8", "r12, ror #8", "r7", "r11", "s6", "s7", "r11")                                \
    ROW_ENDS("s28", "s1", "s3", "s5", "s7")                                                                  \
    ROW("s29", "s8", "s9", "s10", "s11", "s12", "s13", "s14", "s15")                                         \
    ROW("s30", "s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23")

/* As hf_requantize_compact(), two outputs of a channel. */
#define FINISH(first, second, multiplier, shift, zero)                                                       \
    "ldr    r0, [sp, #" multiplier "]\n"                                                                     \
    "ldr    r1, [sp, #" shift "]\n"                                                                          \
    "ldr.w  r2, [sp, #" zero "]\n"                                                                           \
    "add    r3, r2, " first ", asr #31\n"                                                                    \
    "add    r2, r2, " second ", asr #31\n"                                                                   \
    "smmlar " first ", " first ", r0, r3\n"                                                                  \
    "smmlar " second ", " second ", r0, r2\n"                                                                \
    "asr.w  " first ", " first ", r1\n"                                                                      \
    "asr.w  " second ", " second ", r1\n"                                                                    \
    "ssat   " first ", #8, " first ", asr #1\n"                                                              \
    "ssat   " second ", #8, " second ", asr #1\n"

/* All eight outputs, packed in r4 and r8; outputs left in the row to r2. */
#define FINISH_ALL                                                                                           \
    FINISH("r4", "r8", "0", "4", "8")                                                                        \
    FINISH("r5", "r9", "12", "16", "20")                                                                     \
    FINISH("r6", "r10", "24", "28", "32")                                                                    \
    FINISH("r7", "r11", "36", "40", "44")                                                                    \
    "ldr    r2, [sp, #68]\n"                                                                                 \
    "ldr    r1, [sp, #48]\n"                                                                                 \
    "vmov   r0, s31\n"                                                                                       \
    "bfi    r4, r5, #8, #24\n"                                                                               \
    "bfi    r8, r9, #8, #24\n"                                                                               \
    "bfi    r4, r6, #16, #16\n"                                                                              \
    "bfi    r8, r10, #16, #16\n"                                                                             \
    "bfi    r4, r7, #24, #8\n"                                                                               \
    "bfi    r8, r11, #24, #8\n"                                                                              \
    "subs   r2, r2, #2\n"                                                                                    \
    "str    r2, [sp, #68]\n"

#define STORE                                                                                                \
    "str    r4, [r0]\n"                                                                                      \
    "str    r8, [r0, r1]\n"                                                                                  \
    "add    r0, r0, r1, lsl #1\n"                                                                            \
    "vmov   s31, r0\n"

/* A whole kernel. @param two_outputs sums of the next two outputs */
#define KERNEL(two_outputs)                                                            \
        "push   {r0, r4-r11, lr}\n"                                                                      \
        "vpush  {s16-s31}\n"                                                                             \
        "sub    sp, #192\n" /* weights and biases, until they are in registers, then the frame */        \
        "ldrd   r2, r3, [r0, #16]\n"                                                                     \
        "ldr    r1, [r0, #24]\n"                                                                         \
        "mov    r12, sp\n"                                                                               \
        "add    r11, sp, #96\n"                                                                          \
        "add    lr, sp, #112\n"                                                                          \
        "8:\n" /* a channel: parameters, whose shift below the bias is < 128, then weights */            \
        "ldrd   r4, r5, [r3], #8\n"                                                                      \
        "asr    r7, r5, #7\n"                                                                            \
        "lsl    r6, r1, r5\n"                                                                            \
        "str    r7, [r11], #4\n"                                                                         \
        "stm    lr!, {r4-r6}\n"                                                                          \
        DEPTHWISE_3X3_WEIGHTS                                                                            \
        "strd   r9, r10, [r12], #8\n"                                                                    \
        "lsrs   r7, r7, #16\n"                                                                           \
        "pkhbt  r9, r7, r5, lsl #16\n"                                                                   \
        "pkhbt  r10, r5, r8, lsl #16\n"                                                                  \
        "strd   r9, r10, [r12, #24]\n"                                                                   \
        "pkhtb  r9, r8, r5, asr #16\n"                                                                   \
        "lsr    r10, r8, #16\n"                                                                          \
        "pkhbt  r10, r10, r6, lsl #16\n"                                                                 \
        "strd   r9, r10, [r12, #56]\n"                                                                   \
        "add    r4, sp, #112\n"                                                                          \
        "cmp    r11, r4\n"                                                                               \
        "bne    8b\n"                                                                                    \
        "mov    r12, lr\n"                                                                               \
        "vpop   {s0-s27}\n"                                                                              \
        "vldm   r0, {s28-s31}\n"                                                                         \
        "add    r1, r0, #28\n"                                                                           \
        "ldm    r1, {r4-r8}\n"                                                                           \
        "mov    r9, r5\n"                                                                                \
        "ldr    r10, [r0, #12]\n"                                                                        \
        "stm    r12, {r4-r10}\n"                                                                         \
                                                                                                         \
        ".p2align 2\n"                                                                                   \
        "1:\n" /* the next two outputs */                                                                \
        two_outputs                                                                                      \
        FINISH_ALL                                                                                       \
        "ble    3f\n"                                                                                    \
        STORE                                                                                            \
        "b      1b\n"                                                                                    \
                                                                                                         \
        "3:\n" /* the last outputs of a row, or not all channels */                                      \
        "ldr    r3, [sp, #144]\n"                                                                        \
        "ldrd   r5, r6, [r3, #48]\n" /* bits skipped, channels stored */                                 \
        "cmp    r6, #4\n"                                                                                \
        "bne    5f\n"                                                                                    \
        "str    r4, [r0]\n"                                                                              \
        "cmp    r2, #0\n"                                                                                \
        "it     eq\n"                                                                                    \
        "streq  r8, [r0, r1]\n"                                                                          \
        "4:\n" /* the next row */                                                                        \
        "add    r12, sp, #52\n"                                                                          \
        "ldm    r12, {r4-r7}\n" /* outputs, rows left, row_advance, out_row */                           \
        "ldr    r10, [sp, #72]\n"                                                                        \
        "vmov   r1, r2, s28, s29\n"                                                                      \
        "vmov   r3, s30\n"                                                                               \
        "add    r10, r10, r7\n"                                                                          \
        "add    r1, r1, r6\n"                                                                            \
        "add    r2, r2, r6\n"                                                                            \
        "add    r3, r3, r6\n"                                                                            \
        "vmov   s28, s29, r1, r2\n"                                                                      \
        "vmov   s30, s31, r3, r10\n"                                                                     \
        "str    r4, [sp, #68]\n"                                                                         \
        "str    r10, [sp, #72]\n"                                                                        \
        "subs   r5, r5, #1\n"                                                                            \
        "str    r5, [sp, #56]\n"                                                                         \
        "bne    1b\n"                                                                                    \
        "add    sp, #80\n"                                                                               \
        "vpop   {s16-s31}\n"                                                                             \
        "pop    {r0, r4-r11, pc}\n"                                                                      \
                                                                                                         \
        "5:\n" /* single bytes; the count of outputs left is lower by 2^30 */                            \
        "lsr    r4, r4, r5\n"                                                                            \
        "mov    r7, r6\n"                                                                                \
        "mov    r9, r0\n"                                                                                \
        "6:\n"                                                                                           \
        "strb   r4, [r9], #1\n"                                                                          \
        "lsrs   r4, r4, #8\n"                                                                            \
        "subs   r7, r7, #1\n"                                                                            \
        "bne    6b\n"                                                                                    \
        "adds   r2, r2, #0x40000000\n"                                                                   \
        "bmi    4b\n" /* an odd last output has no second */                                             \
        "lsr    r8, r8, r5\n"                                                                            \
        "add    r9, r0, r1\n"                                                                            \
        "7:\n"                                                                                           \
        "strb   r8, [r9], #1\n"                                                                          \
        "lsrs   r8, r8, #8\n"                                                                            \
        "subs   r6, r6, #1\n"                                                                            \
        "bne    7b\n"                                                                                    \
        "add    r0, r0, r1, lsl #1\n"                                                                    \
        "vmov   s31, r0\n"                                                                               \
        "cmp    r2, #0\n"                                                                                \
        "beq    4b\n"                                                                                    \
        "b      1b\n"

__attribute__((naked, aligned(HF_KERNEL_ALIGNMENT))) void
hf_depthwise_by_3x3_words(__attribute__((unused)) const hf_depthwise_3x3_words *run)
{
    __asm__ volatile(KERNEL(TWO_OUTPUTS));
}

__attribute__((naked, aligned(HF_KERNEL_ALIGNMENT))) void
hf_depthwise_by_3x3_near_words(__attribute__((unused)) const hf_depthwise_3x3_words *run)
{
    __asm__ volatile(KERNEL(TWO_NEAR_OUTPUTS));
}

__attribute__((naked, aligned(4))) void hf_depthwise_take_words(__attribute__((unused)) uint32_t *to,
                                                                __attribute__((unused)) const int8_t *from,
                                                                __attribute__((unused)) size_t step,
                                                                __attribute__((unused)) uint32_t columns)
{
    __asm__ volatile(
        "push   {r4-r7, lr}\n"
        "subs   r3, r3, #4\n"
        "blo    2f\n"
        ".p2align 2\n"
        "1:\n"
        "ldr    r4, [r1]\n"
        "ldr    r5, [r1, r2]\n"
        "add    r1, r1, r2, lsl #1\n"
        "subs   r3, r3, #4\n"
        "ldr    r6, [r1]\n"
        "ldr    r7, [r1, r2]\n"
        "add    r1, r1, r2, lsl #1\n"
        "stm    r0!, {r4-r7}\n"
        "bhs    1b\n"
        "2:\n"
        "adds   r3, r3, #4\n"
        "beq    4f\n"
        "3:\n"
        "ldr    r4, [r1]\n"
        "subs   r3, r3, #1\n"
        "add    r1, r1, r2\n"
        "str    r4, [r0], #4\n"
        "bne    3b\n"
        "4:\n"
        "pop    {r4-r7, pc}\n"
    );
}

/* clang-format on */

#else
typedef int hf_depthwise_3x3_words_is_special;
#endif
