/* SPDX-License-Identifier: Apache-2.0 */
#include "data_cache.h"

#include <string.h>

void vb_data_cache_clear(vb_data_cache *cache)
{
    memset(cache, 0, sizeof *cache);
}

/** Moves entry `way` to the front. */
static void touch(uint32_t *lines, unsigned way)
{
    const uint32_t line = lines[way];
    for (; way > 0; way--)
        lines[way] = lines[way - 1];
    lines[0] = line;
}

/** @return false if the unit had to be read */
static bool art_unit(vb_data_cache *cache, uint32_t unit)
{
    const uint32_t units_per_line = VB_DATA_LINE_BYTES / VB_ART_UNIT_BYTES;
    const uint32_t tag = unit / units_per_line + 1;
    const uint8_t bit = (uint8_t)(1U << unit % units_per_line);
    unsigned way = 0;
    while (way < VB_ART_LINES - 1 && cache->art_lines[way] != tag)
        way++;
    uint8_t units = cache->art_units[way];
    if (cache->art_lines[way] != tag) {
        cache->art_lines[way] = tag; /* the least recently used one is replaced */
        units = 0;
    }
    if (way > 0) {
        touch(cache->art_lines, way);
        memmove(cache->art_units + 1, cache->art_units, way);
    }
    cache->art_units[0] = units | bit;
    return units & bit;
}

uint32_t vb_art_load(vb_data_cache *cache, uint32_t address, uint32_t bytes, bool enabled)
{
    uint32_t misses = 0;
    const uint32_t last = (address + bytes - 1) / VB_ART_UNIT_BYTES;
    for (uint32_t unit = address / VB_ART_UNIT_BYTES; unit <= last; unit++) {
        if (cache->art_buffer == unit + 1)
            continue; /* also the cache's most recent one: the order does not change */
        cache->art_buffer = unit + 1;
        misses += !(enabled && art_unit(cache, unit));
    }
    return misses;
}

static bool l1_line(vb_data_cache *cache, uint32_t line)
{
    uint32_t *lines = cache->l1_lines[line % VB_L1_SETS];
    const uint32_t tag = line + 1;
    if (lines[0] == tag)
        return true;
    unsigned way = 1;
    while (way < VB_L1_WAYS - 1 && lines[way] != tag)
        way++;
    const bool hit = lines[way] == tag;
    lines[way] = tag;
    touch(lines, way);
    return hit;
}

uint32_t vb_l1_access(vb_data_cache *cache, uint32_t address, uint32_t bytes)
{
    uint32_t misses = 0;
    const uint32_t last = (address + bytes - 1) / VB_DATA_LINE_BYTES;
    for (uint32_t line = address / VB_DATA_LINE_BYTES; line <= last; line++)
        misses += !l1_line(cache, line);
    return misses;
}
