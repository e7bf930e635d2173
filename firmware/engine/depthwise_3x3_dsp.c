/* SPDX-License-Identifier: Apache-2.0 */
#include "depthwise_kernels.h"

/*
 * 3x3 depthwise. Outputs of a row are computed six at a time with stride 1, two at a time with stride 2; with the words
 * (w0,w1) and (w1,w2) of a kernel row's weights each takes a dual and a single multiply-accumulate: of
 * columns x0 .. x3, two words, x0 w0 + x1 w1, x2 w2 and x1 w0, x2 w1 + x3 w2. The portable twin is
 * the general kernel in depthwise_rows.c.
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
_Static_assert(offsetof(hf_depthwise_run, width) == 60, "offsets below");
_Static_assert(offsetof(hf_depthwise_run, rest) == 64, "offsets below");

/*
 * Registers: r0 r1 r2 rows, r3 .. r8 weights (w0,w1) (w1,w2) of each row, doubled so that sums are; r9 r10
 * inputs, r11 r12 sums, lr output. Stack: 0 multiplier, 4 shift, 8 scaled zero half, 12 twice the bias, 16
 * r8, 20 out_step, 24 the row's last output, 28 rows left, 32 row_advance, 36 out_row, 40 the kind's code, 48
 * where a row's last outputs are stored, 52 the argument. By sixes: s0 .. s5 weights, s6 multiplier, s7
 * shift, s8 scaled zero half, s9 twice the bias, s10 next output, s11 width, s12 outputs left, s13 r2, s14
 * six out_steps, s15 as many as a row's last outputs.
 */

/* clang-format off */

/* Weights w0 w1 w2 of a row, from (w0,w2) in r9 and (w1,?) in r10. */
#define PAIRS_OF_WEIGHTS(first, second)                                                                      \
    "sadd16 r9, r9, r9\n"                                                                                    \
    "sadd16 r10, r10, r10\n"                                                                                 \
    "pkhbt  " first ", r9, r10, lsl #16\n"                                                                   \
    "pkhbt  " second ", r10, r9\n"

#if defined(HF_ENGINE_DUAL_ISSUE)

/* For a Cortex-M7: each word of columns is loaded together with a multiply-accumulate as soon as its register is free, the
 * first three of a kernel row during the row before it. The first pair of weights is in lr. */
#define SIX_OUTPUTS_TAPS(row, second, load3, load4, load5, r8_from, r7_from, r10_from, r9_from, r11_from)  \
    "smlad  r7, r3, lr, " r7_from "\n"                                                                       \
    "ldr    r6, [" row ", #12]\n"                                                                            \
    "smlatb r8, r3, lr, " r8_from "\n" load3                                                                 \
    "smlad  r9, r4, lr, " r9_from "\n"                                                                       \
    "add.w  " row ", " row ", #12\n"                                                                         \
    "smlatb r10, r4, lr, " r10_from "\n"                                                                     \
    "smlad  r11, r5, lr, " r11_from "\n"                                                                     \
    "smlatb r12, r5, lr, r12\n"                                                                              \
    "vmov   lr, " second "\n"                                                                                \
    "smlabt r7, r4, lr, r7\n"                                                                                \
    "smlad  r8, r4, lr, r8\n" load4                                                                          \
    "smlabt r9, r5, lr, r9\n"                                                                                \
    "smlad  r10, r5, lr, r10\n" load5                                                                        \
    "smlabt r11, r6, lr, r11\n"                                                                              \
    "smlad  r12, r6, lr, r12\n"

#define SIX_OUTPUTS                                                                                          \
    "ldr    r3, [r0]\n"                                                                                      \
    "vmov   lr, s0\n"                                                                                        \
    "ldr    r4, [r0, #4]\n"                                                                                  \
    "vmov   r12, s9\n"                                                                                       \
    "ldr    r5, [r0, #8]\n"                                                                                  \
    SIX_OUTPUTS_TAPS("r0", "s1", "ldr r3, [r1]\n", "ldr r4, [r1, #4]\n", "ldr r5, [r1, #8]\n", "r12",  \
                     "r12", "r12", "r12", "r12")                                                             \
    "vmov   lr, s2\n"                                                                                        \
    SIX_OUTPUTS_TAPS("r1", "s3", "ldr r3, [r2]\n", "ldr r4, [r2, #4]\n", "ldr r5, [r2, #8]\n", "r8",   \
                     "r7", "r10", "r9", "r11")                                                               \
    "vmov   lr, s4\n"                                                                                        \
    SIX_OUTPUTS_TAPS("r2", "s5", "", "", "", "r8", "r7", "r10", "r9", "r11")

#else

/* A kernel row's contribution to six outputs; the first row's sums start at the bias, in r12. */
#define SIX_OUTPUTS_TAPS(row, first, second, r8_from, r7_from, r10_from, r9_from, r11_from)                  \
    "vmov   lr, " first "\n"                                                                                 \
    "ldm    " row ", {r3-r6}\n"                                                                              \
    "add.w  " row ", " row ", #12\n"                                                                         \
    "smlad  r7, r3, lr, " r7_from "\n"                                                                       \
    "smlatb r8, r3, lr, " r8_from "\n"                                                                       \
    "smlad  r9, r4, lr, " r9_from "\n"                                                                       \
    "smlatb r10, r4, lr, " r10_from "\n"                                                                     \
    "smlad  r11, r5, lr, " r11_from "\n"                                                                     \
    "smlatb r12, r5, lr, r12\n"                                                                              \
    "vmov   lr, " second "\n"                                                                                \
    "smlabt r7, r4, lr, r7\n"                                                                                \
    "smlad  r8, r4, lr, r8\n"                                                                                \
    "smlabt r9, r5, lr, r9\n"                                                                                \
    "smlad  r10, r5, lr, r10\n"                                                                              \
    "smlabt r11, r6, lr, r11\n"                                                                              \
    "smlad  r12, r6, lr, r12\n"

#define SIX_OUTPUTS                                                                                          \
    "vmov   r12, s9\n"                                                                                       \
    SIX_OUTPUTS_TAPS("r0", "s0", "s1", "r12", "r12", "r12", "r12", "r12")                                    \
    SIX_OUTPUTS_TAPS("r1", "s2", "s3", "r8", "r7", "r10", "r9", "r11")                                       \
    SIX_OUTPUTS_TAPS("r2", "s4", "s5", "r8", "r7", "r10", "r9", "r11")

#endif

/* Computes the address of the last of six outputs in r6 and their distance in lr; branches to `partial` for a
 * row's last outputs. */
#define SIX_OUTPUTS_PLACE(partial, store)                                                                    \
    "vmov   r3, s12\n"                                                                                       \
    "vmov   r6, s10\n"                                                                                       \
    "vmov   r4, s14\n"                                                                                       \
    "ldr    lr, [sp, #20]\n"                                                                                 \
    "subs.w r3, r3, #6\n"                                                                                    \
    "vmov   s12, r3\n"                                                                                       \
    "bls.w  " partial "\n"                                                                                   \
    "add.w  r6, r6, r4\n"                                                                                    \
    "vmov   s10, r6\n"                                                                                       \
    "vmov   r3, r4, s6, s7\n"                                                                                \
    "vmov   r5, s8\n"                                                                                        \
    "sub    r6, r6, lr\n"                                                                                    \
    store

/* A row's last outputs. */
#define SIX_OUTPUTS_PARTIAL                                                                                  \
    "vmov   r4, s15\n"                                                                                       \
    "add.w  r6, r6, r4\n"                                                                                    \
    "vmov   s10, r6\n"                                                                                       \
    "vmov   r3, r4, s6, s7\n"                                                                                \
    "vmov   r5, s8\n"                                                                                        \
    "sub    r6, r6, lr\n"                                                                                    \
    "ldr    pc, [sp, #48]\n"

/* The row's next six outputs, or the next row's. */
#define SIX_OUTPUTS_NEXT(again)                                                                              \
    "vmov   r3, s12\n"                                                                                       \
    "cmp    r3, #0\n"                                                                                        \
    "bgt    " again "\n"                                                                                     \
    "ldrd   r4, r3, [sp, #28]\n"                                                                             \
    "vmov.f32 s12, s11\n"                                                                                    \
    "add    r0, r0, r3\n"                                                                                    \
    "add    r1, r1, r3\n"                                                                                    \
    "add    r2, r2, r3\n"                                                                                    \
    "subs   r4, r4, #1\n"                                                                                    \
    "str    r4, [sp, #28]\n"                                                                                 \
    "bne    " again "\n"                                                                                     \
    "b      41f\n"

/* As hf_requantize_compact(), r2 free; 24 bytes of code. */
#define SIX_STORE(acc)                                                                                       \
    "add    r2, r5, " acc ", asr #31\n"                                                                      \
    "smmlar " acc ", " acc ", r3, r2\n"                                                                      \
    "asr.w  " acc ", " acc ", r4\n"                                                                          \
    "ssat   " acc ", #8, " acc ", asr #1\n"                                                                  \
    "strb.w " acc ", [r6]\n"                                                                                 \
    "sub.w  r6, r6, lr\n"

/* 20 bytes of code. */
#define SIX_STORE_RELU(acc)                                                                                  \
    "smmlar " acc ", " acc ", r3, r5\n"                                                                      \
    "asr.w  " acc ", " acc ", r4\n"                                                                          \
    "ssat   " acc ", #8, " acc ", asr #1\n"                                                                  \
    "strb.w " acc ", [r6]\n"                                                                                 \
    "sub.w  r6, r6, lr\n"

#define TWO_OUTPUTS_STORE                                                                                    \
    "asr    r11, r11, r9\n"                                                                                  \
    "asr    r12, r12, r9\n"                                                                                  \
    "ssat   r11, #8, r11, asr #1\n"                                                                          \
    "ssat   r12, #8, r12, asr #1\n"                                                                          \
    "ldrd   r9, r10, [sp, #20]\n"                                                                            \
    "strb   r11, [lr]\n"                                                                                     \
    "strb   r12, [lr, r9]\n"                                                                                 \
    "add    lr, lr, r9, lsl #1\n"

/* Six outputs with zero_half == -255. For a Cortex-M7 interleaved: one is stored while the next two are scaled. A row's last
 * ones are then stored elsewhere. */
#if defined(HF_ENGINE_DUAL_ISSUE)
#define SCALE(acc) "smmlar " acc ", " acc ", r3, r5\n"
#define SHIFT(acc) "asr.w  " acc ", " acc ", r4\n"
#define STORE(acc)                                                                                           \
    "ssat   " acc ", #8, " acc ", asr #1\n"                                                                  \
    "strb.w " acc ", [r6]\n"                                                                                 \
    "sub.w  r6, r6, lr\n"
#define RELU_SIX_STORE_ALL                                                                                   \
    SCALE("r12") SCALE("r11") SCALE("r10") SHIFT("r12")                                                      \
    SCALE("r9") SHIFT("r11") STORE("r12")                                                                    \
    SCALE("r8") SHIFT("r10") STORE("r11")                                                                    \
    SCALE("r7") SHIFT("r9") STORE("r10")                                                                     \
    SHIFT("r8") STORE("r9")                                                                                  \
    SHIFT("r7") STORE("r8") STORE("r7")                                                                      \
    "b      26f\n"
#else
#define RELU_SIX_STORE_ALL
#endif

/* HF_DEPTHWISE_RELU_SIX, a copy without the correction of negative values. */
#if HF_ENGINE_SPECIAL_KERNELS
#define RELU_SIX \
    "20:\n" /* RELU_SIX */ \
    "vmov   s10, lr\n" \
    "vmov.f32 s12, s11\n" \
    ".p2align 2\n"  "21:\n" \
    SIX_OUTPUTS \
    SIX_OUTPUTS_PLACE("24f", RELU_SIX_STORE_ALL ".p2align 2\n 23:\n") \
    SIX_STORE_RELU("r12") \
    SIX_STORE_RELU("r11") \
    SIX_STORE_RELU("r10") \
    SIX_STORE_RELU("r9") \
    SIX_STORE_RELU("r8") \
    SIX_STORE_RELU("r7") \
    "26:\n" \
    SIX_OUTPUTS_NEXT("21b") \
    "24:\n" \
    SIX_OUTPUTS_PARTIAL
#define RELU_SIX_BEGIN "20b"
#define RELU_SIX_STORE "23f"
#define RELU_SIX_STORE_BYTES "20"
#else
#define RELU_SIX
#define RELU_SIX_BEGIN "10b"
#define RELU_SIX_STORE "12f"
#define RELU_SIX_STORE_BYTES "24"
#endif

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
__attribute__((naked, aligned(HF_KERNEL_ALIGNMENT))) void hf_depthwise_3x3(__attribute__((unused)) hf_depthwise_run *run)
{
    __asm__ volatile(
        "push   {r0, r4-r11, lr}\n"
        "sub    sp, #52\n"
        "ldrd   r9, r10, [r0, #48]\n" /* out_row, kind */
        "adr.w  r11, 60f\n"
        "ldrsh  r10, [r11, r10, lsl #1]\n"
        "add    r10, r11, r10\n"
        "orr    r10, r10, #1\n"
        "strd   r9, r10, [sp, #36]\n"
        "ldrd   r9, r10, [r0, #40]\n" /* height, row_advance */
        "str    r10, [sp, #32]\n"
        /* Where a row's last one to six outputs are stored, and how far they reach. */
        "ldr    r9, [r0, #52]\n"
        "cmp    r9, #1\n"
        "ite    lo\n"
        "movlo  r10, #24\n" /* bytes of code of each */
        "movhs  r10, #" RELU_SIX_STORE_BYTES "\n"
        "adr.w  r11, 12f\n"
        "adr.w  r12, " RELU_SIX_STORE "\n"
        "it     hs\n"
        "movhs  r11, r12\n"
        "ldr    r9, [r0, #64]\n"
        "rsb    r12, r9, #6\n"
        "mla    r11, r12, r10, r11\n"
        "orr    r11, r11, #1\n"
        "str    r11, [sp, #48]\n"
        "ldr    r10, [r0, #32]\n"
        "mul    r9, r9, r10\n"
        "vmov   s15, r9\n"
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
        "vmov   s0, s1, r3, r4\n"
        "vmov   s2, s3, r5, r6\n"
        "vmov   s4, s5, r7, r8\n"
        "asr    r12, r10, #7\n" /* twice the bias: the shift below it is < 128 */
        "lsl    r11, r11, r10\n"
        "stm    sp, {r9-r12}\n"
        "vmov   s6, s7, r9, r10\n"
        "vmov   s8, s9, r11, r12\n"
        "ldr    lr, [r0, #12]\n"
        "ldrd   r9, r10, [r0, #32]\n" /* out_step, last_out */
        "ldr    r11, [r0, #60]\n"
        "add    r12, r9, r9, lsl #1\n"
        "lsl    r12, r12, #1\n"
        "vmov   s11, r11\n"
        "vmov   s14, r12\n"
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

        "10:\n" /* SIX */
        "vmov   s10, lr\n"
        "vmov.f32 s12, s11\n"
        ".p2align 2\n"
        "11:\n"
        SIX_OUTPUTS
        "vmov   s13, r2\n"
        SIX_OUTPUTS_PLACE("14f", ".p2align 2\n 12:\n")
        SIX_STORE("r12")
        SIX_STORE("r11")
        SIX_STORE("r10")
        SIX_STORE("r9")
        SIX_STORE("r8")
        SIX_STORE("r7")
        "vmov   r2, s13\n"
        SIX_OUTPUTS_NEXT("11b")
        "14:\n"
        SIX_OUTPUTS_PARTIAL

        RELU_SIX

        ".p2align 2\n"
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
        "41:\n"
        "ldr    r0, [sp, #52]\n"
        "ldr    r1, [r0, #24]\n"
        "subs   r1, r1, #1\n"
        "str    r1, [r0, #24]\n"
        "bne    1b\n"
        "add    sp, #52\n"
        "pop    {r0, r4-r11, pc}\n"
        "60:\n" /* where the kinds begin */
        ".short 10b - 60b, " RELU_SIX_BEGIN " - 60b, 30b - 60b, 50b - 60b\n"
    );
}

/* clang-format on */

#endif
