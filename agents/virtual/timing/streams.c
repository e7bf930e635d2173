/* SPDX-License-Identifier: Apache-2.0 */
#include "timing/streams.h"

#include <string.h>

enum {
    MAX_STRIDE_BYTES = 4096 /* beyond it every execution is on fresh lines anyway */
};

void vb_tracker_begin(vb_tracker *tracker)
{
    for (uint8_t i = 0; i < 16; i++)
        tracker->registers[i] = (vb_symbol){.known = i < VB_REGISTER_PC, .base = i, .index = VB_NO_REGISTER};
}

/** a + (b << shift), if that still is one base, one index and a constant. */
static vb_symbol add_symbols(vb_symbol a, vb_symbol b, uint8_t shift)
{
    bool fits = a.known && b.known && a.index == VB_NO_REGISTER && b.index == VB_NO_REGISTER && shift < 32;
    if (!fits)
        return (vb_symbol){.known = false};
    uint32_t constant = (uint32_t)a.constant + ((uint32_t)b.constant << shift);
    return (vb_symbol){
        .known = true, .base = a.base, .index = b.base, .shift = shift, .constant = (int32_t)constant};
}

static vb_symbol add_constant(vb_symbol symbol, int32_t constant)
{
    symbol.constant = (int32_t)((uint32_t)symbol.constant + (uint32_t)constant);
    return symbol;
}

static vb_stream *find_stream(vb_block *block, const vb_symbol *address)
{
    for (unsigned i = 0; i < block->stream_count; i++) {
        vb_stream *stream = &block->streams[i];
        if (stream->base == address->base && stream->index == address->index &&
            (address->index == VB_NO_REGISTER || stream->shift == address->shift))
            return stream;
    }
    if (block->stream_count == VB_STREAMS_PER_BLOCK)
        return NULL;
    vb_stream *stream = &block->streams[block->stream_count++];
    memset(stream, 0, sizeof *stream);
    stream->base = address->base;
    stream->index = address->index;
    stream->shift = address->shift;
    return stream;
}

static void add_load(vb_block *block, const vb_symbol *address, const vb_instruction *load)
{
    vb_stream *stream = find_stream(block, address);
    if (!stream)
        return;
    int32_t low = address->constant;
    int32_t high = (int32_t)((uint32_t)low + (uint32_t)load->words * load->access_bytes);
    if (stream->loads == 0 || low < stream->low)
        stream->low = low;
    if (stream->loads == 0 || high > stream->high)
        stream->high = high;
    stream->loads =
        (uint16_t)(stream->loads + load->words < UINT16_MAX ? stream->loads + load->words : UINT16_MAX);
    uint8_t *aligned = NULL;
    if (load->class == VB_CLASS_LOAD && load->access_bytes == 4)
        aligned = &stream->word_loads[(uint32_t)low & 3];
    else if (load->class == VB_CLASS_LOAD && load->access_bytes == 2)
        aligned = &stream->halfword_loads[(uint32_t)low & 1];
    if (aligned && *aligned < UINT8_MAX)
        ++*aligned;
}

/** Notes where a load goes; nothing if its address is not known or on the stack (zero wait states). */
static void note_load(const vb_tracker *tracker, const vb_instruction *load, vb_block *block)
{
    vb_symbol address;
    if (load->base == VB_REGISTER_PC) {
        address = (vb_symbol){.known = true, .base = VB_REGISTER_PC, .index = VB_NO_REGISTER};
    } else if (load->base < VB_REGISTER_PC) {
        address = tracker->registers[load->base];
        if (load->index < VB_REGISTER_PC)
            address = add_symbols(address, tracker->registers[load->index], load->index_shift);
        address = add_constant(address, load->offset);
    } else {
        return;
    }
    if (address.known && address.base != VB_REGISTER_SP)
        add_load(block, &address, load);
}

void vb_tracker_step(vb_tracker *tracker, const vb_instruction *next, vb_block *block)
{
    if (next->is_load)
        note_load(tracker, next, block);

    vb_symbol result = {.known = false};
    if (next->flow != VB_FLOW_OPAQUE && next->rd < VB_REGISTER_PC && next->rn < VB_REGISTER_PC &&
        !next->conditional) {
        result = tracker->registers[next->rn];
        if (next->flow == VB_FLOW_ADD_IMMEDIATE)
            result = add_constant(result, next->immediate);
        else if (next->rm < VB_REGISTER_PC)
            result = add_symbols(result, tracker->registers[next->rm], next->rm_shift);
        else
            result.known = false;
    }
    vb_symbol base = {.known = false};
    bool updates_base = next->writeback && next->base < VB_REGISTER_PC;
    if (updates_base && !next->conditional)
        base = add_constant(tracker->registers[next->base], next->increment);

    for (unsigned i = 0; i < VB_REGISTER_PC; i++) {
        if (next->writes >> i & 1)
            tracker->registers[i].known = false;
    }
    if (next->flow != VB_FLOW_OPAQUE && next->rd < VB_REGISTER_PC)
        tracker->registers[next->rd] = result;
    if (updates_base)
        tracker->registers[next->base] = base;
}

/** Bytes between the lowest and the highest address the stream was seen at, its own footprint included. */
static uint32_t working_set_bytes(const vb_stream *stream)
{
    uint32_t low = stream->history[0];
    uint32_t high = low;
    for (unsigned i = 1; i < stream->history_count; i++) {
        low = stream->history[i] < low ? stream->history[i] : low;
        high = stream->history[i] > high ? stream->history[i] : high;
    }
    return high - low + (uint32_t)(stream->high - stream->low);
}

static uint32_t distance(uint32_t a, uint32_t b)
{
    return a - b < b - a ? a - b : b - a;
}

/** True if the stream does not only move on: its last samples, this one included, go up and down. Gaps
 * between samples are irregular, so samples of a walk that starts over again and again come in no order. */
static bool has_returned(const vb_stream *stream, uint32_t address)
{
    if (stream->history_count < VB_STREAM_HISTORY)
        return false; /* too little known to tell how much memory it walks */
    bool rises = true;
    bool falls = true;
    for (unsigned i = 0; i < VB_STREAM_HISTORY; i++) {
        uint32_t next = i + 1 < VB_STREAM_HISTORY ? stream->history[i + 1] : address;
        rises &= next > stream->history[i];
        falls &= next < stream->history[i];
    }
    return !rises && !falls;
}

static void follow(vb_stream *stream, uint32_t address, bool second)
{
    if (second) {
        stream->stride_bytes = distance(address, stream->last_address);
        stream->stride_known = true;
        return;
    }
    stream->revisits = has_returned(stream, address);
    if (stream->history_count == VB_STREAM_HISTORY) {
        memmove(stream->history, stream->history + 1, sizeof stream->history - sizeof stream->history[0]);
        stream->history_count--;
    }
    stream->history[stream->history_count++] = address;
    stream->last_address = address;
}

/** Cache units fetched per execution by a stream that finds nothing of its own in the cache, in 1/256. */
static uint32_t misses_q8(const vb_stream *stream, uint32_t address, uint32_t unit_bytes)
{
    uint32_t footprint = (uint32_t)(stream->high - stream->low);
    uint32_t first = (address + (uint32_t)stream->low) / unit_bytes;
    uint32_t last = (address + (uint32_t)stream->high - 1) / unit_bytes;
    uint32_t touched = last - first + 1;
    if (touched > stream->loads)
        touched = stream->loads;
    uint32_t stride = stream->stride_known ? stream->stride_bytes : footprint;
    if (stride > MAX_STRIDE_BYTES)
        stride = MAX_STRIDE_BYTES;
    uint32_t fresh_q8 = stride * 256 / unit_bytes;
    /* Loads far apart walk in parallel: each meets a fresh unit at the rate of the stride. */
    bool sparse = footprint > 4U * stream->loads;
    if (sparse)
        return touched * (fresh_q8 < 256 ? fresh_q8 : 256);
    return touched * 256 < fresh_q8 ? touched * 256 : fresh_q8;
}

static uint32_t alignment_wait_q8(const vb_stream *stream, uint32_t address, const vb_load_costs *costs)
{
    uint32_t wait_q8 = 0;
    for (uint32_t offset = 0; offset < 4; offset++)
        wait_q8 += stream->word_loads[offset] * costs->unaligned_q8[(address + offset) & 3];
    for (uint32_t offset = 0; offset < 2; offset++)
        wait_q8 += (address + offset) & 1 ? stream->halfword_loads[offset] * costs->unaligned_half_q8 : 0;
    return wait_q8;
}

uint32_t vb_streams_sample(vb_block *block, const uint32_t registers[16], bool second,
                           const vb_load_costs *costs, vb_region (*region_of)(void *user, uint32_t address),
                           void *user)
{
    uint32_t addresses[VB_STREAMS_PER_BLOCK];
    vb_region regions[VB_STREAMS_PER_BLOCK];
    uint32_t working_set = 0;
    for (unsigned i = 0; i < block->stream_count; i++) {
        vb_stream *stream = &block->streams[i];
        if (stream->base == VB_REGISTER_PC) {
            addresses[i] = block->address;
            regions[i] = region_of(user, block->address);
            continue;
        }
        addresses[i] = registers[stream->base];
        if (stream->index != VB_NO_REGISTER)
            addresses[i] += registers[stream->index] << stream->shift;
        regions[i] = region_of(user, addresses[i] + (uint32_t)stream->low);
        follow(stream, addresses[i], second);
        bool cacheable = regions[i] == VB_REGION_FLASH || regions[i] == VB_REGION_AXI;
        uint32_t bytes = cacheable ? working_set_bytes(stream) : 0;
        working_set = working_set + bytes < working_set ? UINT32_MAX : working_set + bytes;
    }

    uint32_t wait_q8 = 0;
    for (unsigned i = 0; i < block->stream_count; i++) {
        const vb_stream *stream = &block->streams[i];
        if (regions[i] == VB_REGION_DEVICE) {
            wait_q8 += stream->loads * costs->device_wait * 256;
            continue;
        }
        bool literal = stream->base == VB_REGISTER_PC;
        if (!literal)
            wait_q8 += alignment_wait_q8(stream, addresses[i], costs);
        if (regions[i] == VB_REGION_RAM)
            continue;
        uint32_t wait = regions[i] == VB_REGION_FLASH ? costs->flash_wait : costs->axi_wait;
        if (!costs->cached)
            wait_q8 += stream->loads * wait * 256;
        else if (!literal && !(stream->revisits && working_set <= costs->capacity_bytes))
            wait_q8 += misses_q8(stream, addresses[i], costs->unit_bytes) * wait;
    }
    return wait_q8;
}
