/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "address_tracker.h"

/* Which of a tracker's streams and values an execution has to evaluate, and their new numbers. */
typedef struct needs {
    bool stream[VB_MAX_STREAMS], value[VB_MAX_VALUES];
    uint8_t new_stream[VB_MAX_STREAMS], new_value[VB_MAX_VALUES + 1];
    uint8_t streams, values, pairs;
    bool pair[VB_MAX_PAIRS];
} needs;

static bool is_stack(const vb_tracker *tracker, uint8_t stream)
{
    const vb_stream *s = &tracker->streams[stream];
    return tracker->core == VB_CORE_M4 && s->terms == 1 && s->slot[0] == VB_REGISTER_SP;
}

/** Accesses of one stream are in one memory: on a Cortex-M4 such a pair needs no check. */
static void need_pairs(const vb_tracker *tracker, needs *needed)
{
    for (uint32_t i = 0; i < tracker->pair_count; i++) {
        const vb_access_pair *pair = &tracker->pairs[i];
        if (tracker->core == VB_CORE_M4 && pair->first == pair->second)
            continue;
        needed->pair[i] = true;
        needed->pairs++;
        needed->stream[pair->first] |= !is_stack(tracker, pair->first);
        needed->stream[pair->second] |= !is_stack(tracker, pair->second);
    }
}

static void need_slot(needs *needed, uint8_t slot)
{
    if (slot >= VB_FIRST_VALUE)
        needed->value[slot - VB_FIRST_VALUE] = true;
}

/** Marks what a value is computed from. */
static void need_source(needs *needed, const vb_value *value)
{
    if (value->loaded)
        needed->stream[value->from] = true;
    else
        need_slot(needed, value->from);
}

/** Streams use only values below their values_before, and values use only earlier streams and values. Going
 * down from the last of both therefore finds everything. */
static void mark(const vb_tracker *tracker, needs *needed)
{
    for (uint32_t i = 0; i < tracker->access_count; i++)
        needed->stream[tracker->accesses[i].stream] = true;
    need_pairs(tracker, needed);
    uint32_t value = tracker->value_count;
    for (uint32_t stream = tracker->stream_count; stream-- > 0;) {
        const vb_stream *s = &tracker->streams[stream];
        while (value > s->values_before)
            if (needed->value[--value])
                need_source(needed, &tracker->values[value]);
        for (uint32_t t = 0; needed->stream[stream] && t < s->terms; t++)
            need_slot(needed, s->slot[t]);
    }
    while (value > 0)
        if (needed->value[--value])
            need_source(needed, &tracker->values[value]);
}

static void renumber(const vb_tracker *tracker, needs *needed)
{
    for (uint32_t i = 0; i < tracker->stream_count; i++) {
        needed->new_stream[i] = needed->streams;
        needed->streams = (uint8_t)(needed->streams + (needed->stream[i] ? 1 : 0));
    }
    for (uint32_t i = 0; i < tracker->value_count; i++) {
        needed->new_value[i] = needed->values;
        needed->values = (uint8_t)(needed->values + (needed->value[i] ? 1 : 0));
    }
    needed->new_value[tracker->value_count] = needed->values;
}

/** The slot's number in the block: a register's index among the inputs, or that of a value. */
static uint8_t place_of(const needs *needed, vb_block *block, uint8_t slot)
{
    if (slot >= VB_FIRST_VALUE)
        return (uint8_t)(VB_FIRST_VALUE + needed->new_value[slot - VB_FIRST_VALUE]);
    uint8_t n = 0;
    while (n < block->input_count && block->inputs[n] != slot)
        n++;
    if (n == block->input_count)
        block->inputs[block->input_count++] = slot;
    return n;
}

static void pack(const vb_tracker *tracker, const needs *needed, vb_block *block)
{
    for (uint32_t i = 0; i < tracker->stream_count; i++) {
        if (!needed->stream[i])
            continue;
        vb_stream *stream = &block->streams[needed->new_stream[i]];
        *stream = tracker->streams[i];
        stream->values_before = needed->new_value[stream->values_before];
        for (uint32_t t = 0; t < stream->terms; t++)
            stream->slot[t] = place_of(needed, block, stream->slot[t]);
        stream->plain = stream->terms == 1 && stream->factor[0] == 1;
    }
    for (uint32_t i = 0; i < tracker->value_count; i++) {
        if (!needed->value[i])
            continue;
        vb_value *value = &block->values[needed->new_value[i]];
        *value = tracker->values[i];
        value->from = value->loaded ? needed->new_stream[value->from] : place_of(needed, block, value->from);
    }
    for (uint32_t i = 0; i < tracker->access_count; i++) {
        block->accesses[i] = tracker->accesses[i];
        block->accesses[i].stream = needed->new_stream[block->accesses[i].stream];
    }
}

static void pack_pairs(const vb_tracker *tracker, const needs *needed, vb_block *block)
{
    uint8_t count = 0;
    for (uint32_t i = 0; i < tracker->pair_count; i++) {
        if (!needed->pair[i])
            continue;
        vb_access_pair *pair = &block->pairs[count++];
        *pair = tracker->pairs[i];
        pair->first = needed->stream[pair->first] ? needed->new_stream[pair->first] : VB_STACK;
        pair->second = needed->stream[pair->second] ? needed->new_stream[pair->second] : VB_STACK;
    }
    block->pair_count = count;
}

void vb_timing_release(vb_block *block)
{
    free(block->accesses);
    free(block->streams);
    free(block->values);
    free(block->pairs);
    block->pairs = NULL;
    block->accesses = NULL;
    block->streams = NULL;
    block->values = NULL;
    block->access_count = 0;
    block->stream_count = block->value_count = block->pair_count = 0;
}

bool vb_tracker_end(vb_tracker *tracker, vb_block *block)
{
    needs needed = {0};
    block->unfollowed = (uint16_t)(tracker->unfollowed < UINT16_MAX ? tracker->unfollowed : UINT16_MAX);
    if (tracker->access_count == 0)
        return true;
    mark(tracker, &needed);
    renumber(tracker, &needed);
    block->streams = calloc((size_t)needed.streams + 1, sizeof *block->streams);
    block->values = calloc((size_t)needed.values + 1, sizeof *block->values);
    block->accesses = calloc(tracker->access_count, sizeof *block->accesses);
    block->pairs = calloc((size_t)needed.pairs + 1, sizeof *block->pairs);
    if (!block->pairs || !block->streams || !block->values || !block->accesses) {
        vb_timing_release(block);
        return false;
    }
    block->stream_count = needed.streams;
    block->value_count = needed.values;
    block->access_count = (uint16_t)tracker->access_count;
    pack(tracker, &needed, block);
    pack_pairs(tracker, &needed, block);
    return true;
}
