/* SPDX-License-Identifier: Apache-2.0 */
#include "depthwise_kernels.h"

/*
 * A row of outputs of four channels from columns of four interleaved channels, for any kernel and stride: two
 * taps at a time, one SMLAD per channel. Slower per tap than the kernels that process rows of one channel, but
 * columns are copied unchanged, and there is little set-up. The portable twin is the general kernel in
 * depthwise_rows.c.
 */

#if HF_ENGINE_SPECIAL_KERNELS

_Static_assert(offsetof(hf_depthwise_words, out_step) == 4, "ldm below");
_Static_assert(offsetof(hf_depthwise_words, advance) == 8, "ldm below");
_Static_assert(offsetof(hf_depthwise_words, window_end) == 12, "ldm below");
_Static_assert(offsetof(hf_depthwise_words, taps) == 16, "ldrd below");
_Static_assert(offsetof(hf_depthwise_words, taps_end) == 20, "ldrd below");
_Static_assert(offsetof(hf_depthwise_words, skipped) == 24, "ldrd below");
_Static_assert(offsetof(hf_depthwise_words, stored) == 28, "ldrd below");
_Static_assert(offsetof(hf_depthwise_words, window) == 32, "ldr below");
_Static_assert(offsetof(hf_depthwise_words, channels) == 36, "vldm below");
_Static_assert(sizeof(hf_depthwise_words_channel) == 16, "vldm below");
_Static_assert(sizeof(hf_depthwise_words_taps) == 24, "ldm below");

/* clang-format off */

/* Two taps: their columns' offsets, then weights of four channels. */
#define TWO_TAPS                                                                                             \
    "ldm    r1!, {r2, r3, r8-r11}\n"                                                                         \
    "ldr    r2, [r0, r2]\n"                                                                                  \
    "ldr    r3, [r0, r3]\n"                                                                                  \
    "pkhbt  r12, r2, r3, lsl #16\n"                                                                          \
    "pkhtb  r3, r3, r2, asr #16\n"                                                                           \
    "sxtb16 r2, r12\n"                                                                                       \
    "sxtb16 r12, r12, ror #8\n"                                                                              \
    "smlad  r4, r2, r8, r4\n"                                                                                \
    "smlad  r5, r12, r9, r5\n"                                                                               \
    "sxtb16 r2, r3\n"                                                                                        \
    "sxtb16 r3, r3, ror #8\n"                                                                                \
    "smlad  r6, r2, r10, r6\n"                                                                               \
    "smlad  r7, r3, r11, r7\n"                                                                               \
    "cmp    r1, lr\n"

/* As hf_requantize_compact(). */
#define FINISH(acc, multiplier, shift, zero)                                                                 \
    "vmov   r10, " zero "\n"                                                                                 \
    "vmov   r8, " multiplier "\n"                                                                            \
    "vmov   r9, " shift "\n"                                                                                 \
    "add    r10, r10, " acc ", asr #31\n"                                                                    \
    "smmlar " acc ", " acc ", r8, r10\n"                                                                     \
    "asr    " acc ", " acc ", r9\n"                                                                          \
    "ssat   " acc ", #8, " acc ", asr #1\n"

/* r0 window, r1 taps, lr their end, r4 .. r7 sums, s0 .. s15 channels. The argument is on top of the stack. */
__attribute__((naked, aligned(4))) void hf_depthwise_by_words(__attribute__((unused)) hf_depthwise_words *run)
{
    __asm__ volatile(
        "push   {r0, r4-r11, lr}\n"
        "add    r1, r0, #36\n"
        "vldm   r1, {s0-s15}\n"
        "ldr    r0, [r0, #32]\n"
        "1:\n" /* next output */
        "ldr    r2, [sp]\n"
        "ldrd   r1, lr, [r2, #16]\n"
        "vmov   r4, s3\n"
        "vmov   r5, s7\n"
        "vmov   r6, s11\n"
        "vmov   r7, s15\n"
        ".p2align 2\n"
        "2:\n"
        TWO_TAPS
        "beq    3f\n"
        TWO_TAPS
        "bne    2b\n"
        "3:\n"
        FINISH("r4", "s0", "s1", "s2")
        FINISH("r5", "s4", "s5", "s6")
        FINISH("r6", "s8", "s9", "s10")
        FINISH("r7", "s12", "s13", "s14")
        "ldr    r12, [sp]\n"
        "bfi    r4, r5, #8, #24\n"
        "ldm    r12, {r8-r11}\n" /* out, out_step, advance, window_end */
        "bfi    r4, r6, #16, #16\n"
        "add    r0, r0, r10\n"
        "bfi    r4, r7, #24, #8\n"
        "lsls   r1, r11, #31\n"
        "bne    4f\n"
        "str    r4, [r8]\n"
        "add    r8, r8, r9\n"
        "str    r8, [r12]\n"
        "cmp    r0, r11\n"
        "blo    1b\n"
        "pop    {r0, r4-r11, pc}\n"

        "4:\n" /* not all four channels */
        "ldrd   r1, r2, [r12, #24]\n" /* bits skipped, channels stored */
        "lsr    r4, r4, r1\n"
        "mov    r3, r8\n"
        "5:\n"
        "strb   r4, [r3], #1\n"
        "lsr    r4, r4, #8\n"
        "subs   r2, r2, #1\n"
        "bne    5b\n"
        "add    r8, r8, r9\n"
        "str    r8, [r12]\n"
        "cmp    r0, r11\n"
        "blo    1b\n"
        "pop    {r0, r4-r11, pc}\n"
    );
}

/* clang-format on */

#else
typedef int hf_depthwise_words_is_special;
#endif
