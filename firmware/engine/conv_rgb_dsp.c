/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels.h"

/* hf_gemm_rgb and hf_expand_row for Armv7E-M with the DSP extension; conv_rgb.c says what they are for. */

#if HF_ENGINE_SPECIAL_KERNELS

#include "gemm_dsp.h"

_Static_assert(offsetof(hf_gemm, row_bytes) == 48, "ldr below");

/* clang-format off */

/* A second window begins 6 values behind the first, 12 bytes. */
#define RGB_PAIR PAIR("12", "4", "8")

#if defined(HF_ENGINE_DUAL_ISSUE)

/* The last pair of a row loads the next row's first. */
#define NEXT_ROW                                                                                             \
    "vmov   r12, s24\n"                                                                                      \
    "add.w  r0, r0, r12\n"
#define RGB_ROWS                                                                                             \
    FIRST_WORDS("8", "4")                                                                                    \
    ".p2align 2\n"                                                                                           \
    "2:\n"                                                                                                   \
    RGB_PAIR                                                                                                 \
    RGB_PAIR                                                                                                 \
    RGB_PAIR                                                                                                 \
    RGB_PAIR                                                                                                 \
    "vmov   lr, s18\n"                                                                                       \
    "cmp    r1, lr\n"                                                                                        \
    "beq.w  3f\n"                                                                                            \
    PAIR_THEN(NEXT_ROW, "8", "4")                                                                            \
    "b      2b\n"                                                                                            \
    "3:\n"                                                                                                   \
    LAST_PAIR                                                                                                \
    "vmov   r3, s24\n"                                                                                       \
    "add.w  r0, r0, r3\n"

#else

#define RGB_ROWS                                                                                             \
    FIRST_PAIR("12", "4")                                                                                    \
    "b      3f\n"                                                                                            \
    ".p2align 2\n"                                                                                           \
    "2:\n"                                                                                                   \
    RGB_PAIR                                                                                                 \
    "3:\n"                                                                                                   \
    RGB_PAIR                                                                                                 \
    RGB_PAIR                                                                                                 \
    RGB_PAIR                                                                                                 \
    RGB_PAIR                                                                                                 \
    "vmov   r2, s18\n"                                                                                       \
    "vmov   r3, s24\n"                                                                                       \
    "cmp    r1, r2\n"                                                                                        \
    "add.w  r0, r0, r3\n"                                                                                    \
    "bne.w  2b\n"

#endif

/* s24: bytes from behind a window's row to the next; s25: from behind a window to the one after the next. */
__attribute__((naked, aligned(HF_KERNEL_ALIGNMENT))) void hf_gemm_rgb(__attribute__((unused)) const hf_gemm *gemm)
{
    __asm__ volatile(
        GEMM_BEGIN
        "ldr    r8, [sp]\n"
        "ldr    r8, [r8, #48]\n" /* row_bytes */
        "sub    r9, r8, #20\n"
        "vmov   s24, r9\n"
        "add    r9, r8, r8, lsl #1\n"
        "rsb    r9, r9, #24\n"
        "vmov   s25, r9\n"
        "adds   r2, r2, #1\n"
        "lsrs   r2, r2, #1\n"
        "add    r2, r2, r2, lsl #1\n"
        "add    r2, r0, r2, lsl #3\n"
        GEMM_BLOCK
        RGB_ROWS
        "vmov   r2, s25\n"
        "add.w  r0, r0, r2\n"
        GEMM_FINISH
    );
}

/* r0 where values go, r1 where they come from, r2 how many are left. */
__attribute__((naked, aligned(4))) void hf_expand_row(__attribute__((unused)) int16_t *to,
                                                      __attribute__((unused)) const int8_t *from,
                                                      __attribute__((unused)) uint32_t values)
{
    __asm__ volatile(
        "push   {r4-r9, lr}\n"
        "subs   r2, r2, #8\n"
        "blo    2f\n"
        ".p2align 2\n"
        "1:\n"
        "ldr    r4, [r1], #4\n"
        "ldr    r6, [r1], #4\n"
        "subs   r2, r2, #8\n"
        "sxtb16 r5, r4, ror #8\n"
        "sxtb16 r4, r4\n"
        "sxtb16 r7, r6, ror #8\n"
        "sxtb16 r6, r6\n"
        "pkhbt  r8, r4, r5, lsl #16\n"
        "pkhtb  r9, r5, r4, asr #16\n"
        "pkhbt  r4, r6, r7, lsl #16\n"
        "pkhtb  r5, r7, r6, asr #16\n"
        "strd   r8, r9, [r0], #8\n"
        "strd   r4, r5, [r0], #8\n"
        "bhs    1b\n"
        "2:\n"
        "adds   r2, r2, #4\n" /* from -8 .. -1 on */
        "bmi    3f\n"
        "ldr    r4, [r1], #4\n"
        "sxtb16 r5, r4, ror #8\n"
        "sxtb16 r4, r4\n"
        "pkhbt  r8, r4, r5, lsl #16\n"
        "pkhtb  r9, r5, r4, asr #16\n"
        "strd   r8, r9, [r0], #8\n"
        "subs   r2, r2, #4\n"
        "3:\n"
        "adds   r2, r2, #4\n"
        "beq    5f\n"
        "4:\n"
        "ldrsb  r4, [r1], #1\n"
        "subs   r2, r2, #1\n"
        "strh   r4, [r0], #2\n"
        "bne    4b\n"
        "5:\n"
        "pop    {r4-r9, pc}\n"
    );
}

/* clang-format on */

#else
typedef int hf_conv_rgb_dsp_is_special;
#endif
