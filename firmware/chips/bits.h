/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CHIPS_BITS_H
#define HF_CHIPS_BITS_H

#include <stdbool.h>
#include <stdint.h>

/* About 0.3 s at 4 MHz and 80 ms at 16 MHz; the slowest of these waits, a PLL's or a
 * regulator's, takes less than 2 ms by the data sheets. */
#define POLL_TURNS 200000U

/** Looks up to `turns` times whether the bits of `mask` have `value`. @return whether they have */
static inline bool poll_for(uint32_t turns, const volatile uint32_t *address, uint32_t mask, uint32_t value)
{
    for (uint32_t turn = 0; turn < turns; turn++)
        if ((*address & mask) == value)
            return true;
    return false;
}

/** Waits, for a bounded time, until the bits of `mask` have `value`. @return whether they did */
static inline bool poll(const volatile uint32_t *address, uint32_t mask, uint32_t value)
{
    return poll_for(POLL_TURNS, address, mask, value);
}

/** Replaces the bits of `mask`. */
static inline void set_field(volatile uint32_t *address, uint32_t mask, uint32_t value)
{
    *address = (*address & ~mask) | value;
}

/** Names for bits of a status register, the most telling first; ends with a mask of UINT32_MAX. */
typedef struct flag_name {
    uint32_t mask;
    const char *name;
} flag_name;

/** The name of the first entry of which a bit is set; the last entry's if none is. */
static inline const char *first_flag_name(const flag_name *names, uint32_t flags)
{
    while (names->mask != UINT32_MAX && !(flags & names->mask))
        names++;
    return names->name;
}

#endif
