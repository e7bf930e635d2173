/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ENGINE_SIGMOID_H
#define HF_ENGINE_SIGMOID_H

#include <stdint.h>

/* Functions with a table of 256 entries and linear interpolation. The argument has steps of 1 / (3 * 2^12) and at most 31 bits;
 * results have 15 bits behind the point. */

/** 1 / (1 + exp(-x)). */
int16_t hf_sigmoid16(int32_t steps);
/** tanh(x). */
int16_t hf_tanh16(int32_t steps);

#endif
