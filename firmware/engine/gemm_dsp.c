/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels.h"

/* hf_gemm_blocks and hf_expand_windows for Armv7E-M with the DSP extension; gemm.c computes the same. */

#if defined(__ARM_FEATURE_DSP)

#include "gemm_dsp.h"

/* Offsets in the assembly below; `ldm` loads the first six members. */
_Static_assert(offsetof(hf_window_intake, from) == 0, "offset");
_Static_assert(offsetof(hf_window_intake, step) == 4, "offset");
_Static_assert(offsetof(hf_window_intake, run_values) == 8, "offset");
_Static_assert(offsetof(hf_window_intake, to) == 12, "offset");
_Static_assert(offsetof(hf_window_intake, runs) == 16, "offset");
_Static_assert(offsetof(hf_window_intake, position_pairs) == 20, "offset");
_Static_assert(offsetof(hf_window_intake, run_advance) == 24, "offset");

/* r0 and r1 runs, r2 values left, r3 where they go, r12 runs left, lr
 * pairs of positions left. Eight values of both at a time, then four,
 * then two and one. Stack: 0 run_values, 4 run_advance, 8 the argument. */
__attribute__((naked, aligned(4))) void hf_expand_windows(__attribute__((unused)) hf_window_intake *intake)
{
    __asm__ volatile("push   {r0, r4-r11, lr}\n"
                     "ldr    r2, [r0, #8]\n"
                     "ldr    r3, [r0, #24]\n"
                     "push   {r2, r3}\n"
                     "mov    r4, r0\n"
                     "ldm    r4, {r0-r3, r12, lr}\n"
                     "2:\n" /* next two positions */
                     "add    r5, r0, r1, lsl #1\n"
                     "str    r5, [r4]\n"
                     "add    r1, r0, r1\n"
                     "3:\n" /* next run */
                     "subs   r2, r2, #8\n"
                     "blo    5f\n"
                     "4:\n"
                     "ldr    r4, [r0], #4\n"
                     "ldr    r5, [r1], #4\n"
                     "ldr    r8, [r0], #4\n"
                     "ldr    r9, [r1], #4\n"
                     "sxtb16 r6, r4, ror #8\n"
                     "sxtb16 r7, r5, ror #8\n"
                     "sxtb16 r4, r4\n"
                     "sxtb16 r5, r5\n"
                     "sxtb16 r10, r8, ror #8\n"
                     "sxtb16 r11, r9, ror #8\n"
                     "sxtb16 r8, r8\n"
                     "sxtb16 r9, r9\n"
                     "stm    r3!, {r4-r11}\n"
                     "subs   r2, r2, #8\n"
                     "bhs    4b\n"
                     "5:\n"
                     "lsls   r4, r2, #29\n" /* as many as are left: four in N, all in Z */
                     "beq    8f\n"
                     "bpl    6f\n"
                     "ldr    r4, [r0], #4\n"
                     "ldr    r5, [r1], #4\n"
                     "sxtb16 r6, r4, ror #8\n"
                     "sxtb16 r7, r5, ror #8\n"
                     "sxtb16 r4, r4\n"
                     "sxtb16 r5, r5\n"
                     "stm    r3!, {r4-r7}\n"
                     "6:\n"
                     "lsls   r4, r2, #31\n" /* two in C, one in N */
                     "bcc    7f\n"
                     "ldrsb  r4, [r0], #1\n"
                     "ldrsb  r6, [r1], #1\n"
                     "ldrsb  r5, [r0], #1\n"
                     "ldrsb  r7, [r1], #1\n"
                     "pkhbt  r4, r4, r5, lsl #16\n"
                     "pkhbt  r5, r6, r7, lsl #16\n"
                     "strd   r4, r5, [r3], #8\n"
                     "7:\n"
                     "bpl    8f\n"
                     "ldrsb  r4, [r0], #1\n"
                     "ldrsb  r5, [r1], #1\n"
                     "uxth   r4, r4\n"
                     "uxth   r5, r5\n"
                     "strd   r4, r5, [r3], #8\n"
                     "8:\n"
                     "ldrd   r2, r4, [sp]\n"
                     "add    r0, r0, r4\n"
                     "add    r1, r1, r4\n"
                     "subs   r12, r12, #1\n"
                     "bne    3b\n"
                     "ldr    r4, [sp, #8]\n"
                     "str    r3, [r4, #12]\n"
                     "ldrd   r0, r1, [r4]\n"
                     "ldr    r12, [r4, #16]\n"
                     "subs   lr, lr, #1\n"
                     "bne    2b\n"
                     "add    sp, sp, #8\n"
                     "pop    {r0, r4-r11, pc}\n");
}

/* clang-format off */

/* Windows are interleaved. */
#define NEXT_PAIR  PAIR("4", "8", "-4")
#define FOUR_PAIRS NEXT_PAIR NEXT_PAIR NEXT_PAIR NEXT_PAIR

#if defined(HF_ENGINE_DUAL_ISSUE)
#define BEGIN_PAIRS    FIRST_WORDS("-4", "8")
#define UNROLLED       "8"
#define UNROLLED_PAIRS FOUR_PAIRS FOUR_PAIRS
#define END_PAIRS      LAST_PAIR
#else
#define BEGIN_PAIRS FIRST_PAIR("4", "8")
#define UNROLLED    "7" /* the loop over blocks has to fit the instruction cache of an STM32L4, 32 lines of 32 bytes */
#define UNROLLED_PAIRS FOUR_PAIRS NEXT_PAIR NEXT_PAIR NEXT_PAIR
#define END_PAIRS
#endif

/* s19: where all pairs but one begin. ADR counts from a multiple of four. */
__attribute__((naked, aligned(HF_KERNEL_ALIGNMENT))) void hf_gemm_blocks(__attribute__((unused)) const hf_gemm *gemm)
{
    __asm__ volatile(
        GEMM_BEGIN
        "subs   r8, r1, #1\n"
        "mov    r9, #" UNROLLED "\n"
        "udiv   r10, r8, r9\n"
        "mls    r8, r10, r9, r8\n"
        "rsb    r8, r8, r8, lsl #3\n" /* of 56 bytes each */
        "adr.w  r9, 3f\n"
        "sub    r9, r9, r8, lsl #3\n"
        "orr    r9, r9, #1\n"
        "vmov   s19, r9\n"
        "adds   r2, r2, #1\n"
        "lsrs   r2, r2, #1\n"
        "mul    r2, r2, r1\n"
        "add    r2, r0, r2, lsl #3\n"
        GEMM_BLOCK
        BEGIN_PAIRS
        "vmov   lr, s19\n"
        "bx     lr\n"
        ".p2align 2\n"
        "2:\n"
        UNROLLED_PAIRS
        "3:\n"
        "vmov   lr, s18\n"
        "cmp    r1, lr\n"
        "bne.w  2b\n"
        END_PAIRS
        GEMM_FINISH
    );
}

/* clang-format on */

#else
typedef int hf_gemm_dsp_needs_dsp;
#endif
