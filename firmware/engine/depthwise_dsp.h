/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ENGINE_DEPTHWISE_DSP_H
#define HF_ENGINE_DEPTHWISE_DSP_H

#include "depthwise_kernels.h"

/* Common parts of the 3x3 depthwise kernels in assembly. */

/* clang-format off */

/* Weights w0 .. w8 of a channel at r2, which advances, doubled: (w0,w2) to r4, (w1,w3) to r7, (w4,w6) to r5, (w5,w7)
 * to r8, w8 to r6; and the first kernel row's pairs (w0,w1) to r9, (w1,w2) to r10. */
#define DEPTHWISE_3X3_WEIGHTS                                                                                \
    "ldr    r5, [r2, #4]\n"                                                                                  \
    "ldr    r4, [r2]\n"                                                                                      \
    "ldrsb  r6, [r2, #8]\n"                                                                                  \
    "adds   r2, r2, #9\n"                                                                                    \
    "sxtb16 r7, r4, ror #8\n"                                                                                \
    "sxtb16 r4, r4\n"                                                                                        \
    "sxtb16 r8, r5, ror #8\n"                                                                                \
    "sxtb16 r5, r5\n"                                                                                        \
    "sadd16 r4, r4, r4\n"                                                                                    \
    "sadd16 r7, r7, r7\n"                                                                                    \
    "sadd16 r5, r5, r5\n"                                                                                    \
    "sadd16 r8, r8, r8\n"                                                                                    \
    "lsls   r6, r6, #1\n"                                                                                    \
    "pkhbt  r9, r4, r7, lsl #16\n"                                                                           \
    "pkhbt  r10, r7, r4\n"

/* clang-format on */

#endif
