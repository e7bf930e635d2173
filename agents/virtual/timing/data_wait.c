/* SPDX-License-Identifier: Apache-2.0 */
#include "timing_state.h"

/** Cycles that a load waits for 8 bytes of flash: 4 on silicon with 5 wait states (TIMING.md). */
static uint32_t m4_data_miss(uint32_t wait_states)
{
    return wait_states > 1 ? wait_states - 1 : wait_states;
}

/** Wait cycles of one load or store of a stream in cached memory. */
static inline uint32_t transfer_wait(vb_timing *timing, const vb_transfer *access, uint32_t address,
                                     vb_region region)
{
    const uint32_t wait_states = timing->memory.flash_wait_states;
    if (region == VB_REGION_FLASH)
        address %= FLASH_BYTES; /* aliases share lines */
    if (timing->core == VB_CORE_M4) {
        if (vb_art_holds(&timing->data_cache, address, access->bytes))
            return 0;
        uint32_t misses = vb_art_load(&timing->data_cache, address, access->bytes, timing->memory.data_cache);
        return misses * m4_data_miss(wait_states);
    }
    uint32_t wait = region == VB_REGION_FLASH ? wait_states + M7_FLASH_WAIT : M7_AXI_WAIT;
    if (timing->memory.data_cache)
        return vb_l1_access(&timing->data_cache, address, access->bytes) * wait;
    return access->store ? 0 : (access->bytes + 3U) / 4U * wait;
}

static uint32_t bits_of(const vb_value *value, uint32_t word)
{
    word = word << (32 - value->first - value->bits);
    return value->is_signed ? (uint32_t)((int32_t)word >> (32 - value->bits)) : word >> (32 - value->bits);
}

static uint32_t evaluate(vb_timing *timing, const vb_value *value, const uint32_t *slots,
                         const uint32_t *addresses)
{
    const vb_memory_view *view = &timing->view;
    if (!value->loaded)
        return bits_of(value, slots[value->from]);
    uint32_t word = 0;
    if (!view->read(view->user, addresses[value->from] + (uint32_t)value->offset, value->bits / 8, &word))
        return 0;
    return bits_of(value, word);
}

/** A stream's address in this execution. */
static inline uint32_t stream_address(const vb_stream *stream, const uint32_t *slots)
{
    if (stream->plain)
        return slots[stream->slot[0]];
    uint32_t address = 0;
    for (uint32_t t = 0; t < stream->terms; t++)
        address += slots[stream->slot[t]] * stream->factor[t];
    return address;
}

/** Cycles lost by pairs of accesses that cannot share a cycle: M4, different memories; M7, same bank of 32
 * bits. */
static uint32_t pair_wait(const vb_timing *timing, const vb_block *block, const uint32_t *addresses,
                          const uint8_t *places, uint8_t when)
{
    uint32_t wait = 0;
    for (uint32_t i = 0; i < block->pair_count; i++) {
        const vb_access_pair *pair = &block->pairs[i];
        if (!(pair->when & when))
            continue;
        if (timing->core == VB_CORE_M7) {
            uint32_t first = addresses[pair->first] + (uint32_t)pair->first_offset;
            uint32_t second = addresses[pair->second] + (uint32_t)pair->second_offset;
            wait += !((first ^ second) & 4);
        } else if (pair->first == VB_STACK || pair->second == VB_STACK) {
            uint8_t other = pair->first == VB_STACK ? pair->second : pair->first;
            wait += other != VB_STACK && vb_region_of(places[other]) == VB_REGION_FLASH;
        } else {
            wait += places[pair->first] != places[pair->second];
        }
    }
    return wait;
}

/* One bit of a place says whether it goes through a data cache. */
_Static_assert(!((REGION_FIRST + VB_REGION_FLASH) & 1) && !((REGION_FIRST + VB_REGION_AXI) & 1) &&
                   ((REGION_FIRST + VB_REGION_RAM) & 1) && ((REGION_FIRST + VB_REGION_DEVICE) & 1),
               "cached places are even");

static inline bool is_cached(uint8_t place)
{
    return !(place & 1);
}

uint32_t vb_data_wait(vb_timing *timing, const vb_block *block, uint32_t slots[VB_MAX_SLOTS], uint8_t when)
{
    uint32_t addresses[VB_MAX_STREAMS], wait = 0, values = 0;
    uint8_t places[VB_MAX_STREAMS];
    bool cached = false;
    for (uint32_t i = 0; i < block->stream_count; i++) {
        const vb_stream *stream = &block->streams[i];
        for (; values < stream->values_before; values++)
            slots[VB_FIRST_VALUE + values] = evaluate(timing, &block->values[values], slots, addresses);
        addresses[i] = stream_address(stream, slots);
        places[i] = vb_place_at(timing, addresses[i] + (uint32_t)stream->low);
        if (vb_region_of(places[i]) == VB_REGION_DEVICE)
            wait += stream->loads * (timing->core == VB_CORE_M4 ? M4_DEVICE_WAIT : M7_DEVICE_WAIT);
        else
            wait += stream->unaligned[addresses[i] & 3];
        cached |= is_cached(places[i]);
    }
    if (block->pair_count != 0)
        wait += pair_wait(timing, block, addresses, places, when);
    for (uint32_t i = 0; cached && i < block->access_count; i++) {
        const vb_transfer *access = &block->accesses[i];
        uint8_t place = places[access->stream];
        if (is_cached(place))
            wait += transfer_wait(timing, access, addresses[access->stream] + (uint32_t)access->offset,
                                  vb_region_of(place));
    }
    return wait;
}
