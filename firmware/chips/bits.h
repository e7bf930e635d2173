/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CHIPS_BITS_H
#define HF_CHIPS_BITS_H

#include <stdbool.h>
#include <stdint.h>

/* About 0.3 s at 4 MHz and 80 ms at 16 MHz; the slowest of these waits, a PLL's or a
 * regulator's, takes less than 2 ms by the data sheets. */
#define POLL_TURNS 200000U

/** Polls up to `turns` times until the bits of `mask` have `value`. @return whether they do */
static inline bool poll_for(uint32_t turns, const volatile uint32_t *address, uint32_t mask, uint32_t value)
{
    for (uint32_t turn = 0; turn < turns; turn++)
        if ((*address & mask) == value)
            return true;
    return false;
}

/** Waits, for a limited time, until the bits of `mask` have `value`. @return whether they do */
static inline bool poll(const volatile uint32_t *address, uint32_t mask, uint32_t value)
{
    return poll_for(POLL_TURNS, address, mask, value);
}

/** Replaces the bits of `mask`. */
static inline void set_field(volatile uint32_t *address, uint32_t mask, uint32_t value)
{
    *address = (*address & ~mask) | value;
}

/** Names for bits of a status register, in order of priority; ends with a mask of UINT32_MAX. */
typedef struct flag_name {
    uint32_t mask;
    const char *name;
} flag_name;

/** The name of the first entry with a bit set, or of the last entry if there is none. */
static inline const char *first_flag_name(const flag_name *names, uint32_t flags)
{
    while (names->mask != UINT32_MAX && !(flags & names->mask))
        names++;
    return names->name;
}

#endif
