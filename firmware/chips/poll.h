/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CHIPS_POLL_H
#define HF_CHIPS_POLL_H

#include <stdbool.h>
#include <stdint.h>

/* About 0.3 s at 4 MHz and 80 ms at 16 MHz; the slowest of the waits, an oscillator's or a PLL's, takes less
 * than 2 ms by the data sheets. */
#define POLL_TURNS 200000U

/** Waits, for a bounded time, until the bits of `mask` have `value`. @return whether they did */
static inline bool poll(const volatile uint32_t *address, uint32_t mask, uint32_t value)
{
    for (uint32_t turn = 0; turn < POLL_TURNS; turn++)
        if ((*address & mask) == value)
            return true;
    return false;
}

/** Replaces the bits of `mask`. */
static inline void set_field(volatile uint32_t *address, uint32_t mask, uint32_t value)
{
    *address = (*address & ~mask) | value;
}

#endif
