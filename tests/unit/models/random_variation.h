/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_RANDOM_VARIATION_H
#define HF_TEST_RANDOM_VARIATION_H

#include <math.h>

#include "families/families.h"

static inline uint32_t random_bits(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/** A random integer from low to high, inclusive. */
static inline double random_whole(uint32_t *state, int low, int high)
{
    return low + (int)(random_bits(state) % (uint32_t)(high - low + 1));
}

/** A random variation of a family: factors from their whole range with up to three decimals, any head. */
static inline hf_variation random_variation(const hf_family *family, uint32_t *state)
{
    hf_variation v = {.family = family->name};
    for (uint32_t i = 0; i < family->range_count; i++) {
        const hf_factor_range *range = &family->ranges[i];
        if (range->optional && random_bits(state) % 2)
            continue;
        double steps = range->integer ? 1 : pow(10, random_whole(state, 0, 3));
        int low = (int)ceil(range->min * steps);
        int high = (int)floor(range->max * steps);
        if (range->values)
            v.factors[range->factor] = range->values[random_bits(state) % range->value_count];
        else if (range->factor == HF_FACTOR_CHANNELS)
            v.factors[range->factor] = random_bits(state) % 2 ? 1 : 3;
        else
            v.factors[range->factor] = random_whole(state, low, high) / steps;
        v.set |= UINT32_C(1) << range->factor;
    }
    hf_head head = (hf_head)(random_bits(state) % HF_HEAD_COUNT);
    if (head != family->default_head && family->heads & (1u << head))
        v.head = head;
    return v;
}

#endif
