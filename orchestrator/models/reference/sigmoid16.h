/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REFERENCE_SIGMOID16_H
#define HF_REFERENCE_SIGMOID16_H

#include <stdint.h>

/* Sigmoid and hyperbolic tangent of 16-bit values by a table with linear interpolation. The argument is
 * value * multiplier * 2^-shift, rounded, in steps of 1 / (3 * 2^12); results have 15 bits behind the point. */

#define HF_SIGMOID16_ENTRIES 256

typedef struct hf_sigmoid16 {
    int32_t entries[HF_SIGMOID16_ENTRIES]; /* of i / 24, 16 bits behind the point */
} hf_sigmoid16;

void hf_sigmoid16_init(hf_sigmoid16 *table);
int16_t hf_sigmoid16_logistic(const hf_sigmoid16 *table, int32_t value, int32_t multiplier, int32_t shift);
int16_t hf_sigmoid16_tanh(const hf_sigmoid16 *table, int32_t value, int32_t multiplier, int32_t shift);

#endif
