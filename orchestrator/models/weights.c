/* SPDX-License-Identifier: Apache-2.0 */
#include "models/models.h"

void hf_input_generate(uint32_t seed, int8_t *bytes, size_t size)
{
    uint32_t state = seed;
    for (size_t i = 0; i < size; i++) {
        state = state * UINT32_C(1664525) + UINT32_C(1013904223);
        bytes[i] = (int8_t)(uint8_t)(state >> 24);
    }
}
