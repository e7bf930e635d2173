/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_TIMING_DATA_CACHE_H
#define VB_TIMING_DATA_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "timing/timing.h"

/**
 * @file data_cache.h
 * The two chips' data caches, looked up on every access; the least recently used line is replaced.
 */

enum {
    VB_ART_LINES = 8,      /**< STM32L4+: RM0432 3.3.5; a line is filled in units of one flash read each */
    VB_ART_UNIT_BYTES = 8, /**< one flash read in dual-bank mode, the chip's default */
    VB_L1_SETS = 128,      /**< STM32F767: 16 KB, 4 ways of 32 bytes (RM0410 2.1, DDI0489 5.1) */
    VB_L1_WAYS = 4,
    VB_DATA_LINE_BYTES = 32
};

typedef struct vb_data_cache {
    /* Most recently used first; a line's number + 1, 0 = empty. */
    uint32_t art_lines[VB_ART_LINES];
    uint8_t art_units[VB_ART_LINES]; /**< bit per unit of the line that has been read */
    uint32_t art_buffer;             /**< unit read last, + 1: the only one kept while the cache is off */
    uint32_t l1_lines[VB_L1_SETS][VB_L1_WAYS];
} vb_data_cache;

void vb_data_cache_clear(vb_data_cache *cache);
/**
 * A load from flash through the ART accelerator.
 * @param address, bytes of the whole load; bytes > 0
 * @param enabled FLASH_ACR.DCEN
 * @return number of flash reads that it waits for
 */
uint32_t vb_art_load(vb_data_cache *cache, uint32_t address, uint32_t bytes, bool enabled);
/** @return true if all of the load lies in the unit read last: it waits for nothing and changes nothing */
static inline bool vb_art_holds(const vb_data_cache *cache, uint32_t address, uint32_t bytes)
{
    return cache->art_buffer == address / VB_ART_UNIT_BYTES + 1 &&
           address % VB_ART_UNIT_BYTES + bytes <= VB_ART_UNIT_BYTES;
}
/** An access through the Cortex-M7's data cache, which allocates on loads and stores.
 * @return number of lines filled */
uint32_t vb_l1_access(vb_data_cache *cache, uint32_t address, uint32_t bytes);

#endif
