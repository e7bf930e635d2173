/* SPDX-License-Identifier: Apache-2.0 */
#include "tiles.h"

#include "engine/kernel_choice.h"
#include "engine/layout.h"

#define SMALL_BYTES 20480

/* A range of the arena that is free during a step. */
typedef struct gap {
    int64_t offset, bytes;
} gap;

static bool is_live(const hf_plan_buffer *buffer, int32_t step)
{
    return buffer->bytes > 0 && buffer->first <= step && step <= buffer->last;
}

/* The aligned end of the buffers that cover `offset`; `offset` if none does. */
static int64_t end_of_cover(const hf_plan *plan, int32_t step, int32_t scratch, int64_t offset)
{
    int64_t end = offset;
    for (int32_t i = 0; i < plan->buffer_count; i++) {
        const hf_plan_buffer *b = &plan->buffers[i];
        if (i != scratch && is_live(b, step) && b->offset <= offset && offset < b->offset + b->bytes &&
            hf_arena_align(b->offset + b->bytes) > end)
            end = hf_arena_align(b->offset + b->bytes);
    }
    return end;
}

/* The lowest offset from `offset` on at which a buffer begins, at most `limit`. */
static int64_t next_begin(const hf_plan *plan, int32_t step, int32_t scratch, int64_t offset, int64_t limit)
{
    int64_t begin = limit;
    for (int32_t i = 0; i < plan->buffer_count; i++) {
        const hf_plan_buffer *b = &plan->buffers[i];
        if (i != scratch && is_live(b, step) && b->offset >= offset && b->offset < begin)
            begin = b->offset;
    }
    return begin;
}

/* @param limit where the arena ends or may end */
static gap largest_gap(const hf_plan *plan, int32_t step, int32_t scratch, int64_t limit)
{
    gap best = {0, 0};
    for (int64_t at = 0; at < limit;) {
        const int64_t end = end_of_cover(plan, step, scratch, at);
        if (end > at) {
            at = end;
            continue;
        }
        const int64_t begin = next_begin(plan, step, scratch, at, limit);
        if (begin - at > best.bytes)
            best = (gap){at, begin - at};
        at = begin > at ? begin : at + HF_IMAGE_ALIGNMENT;
    }
    return best;
}

/* Pairs of positions that one call of a convolution computes. */
static uint32_t max_position_pairs(const hf_op_record *r, bool by_rows)
{
    const uint32_t positions = (uint32_t)r->out_width * (by_rows ? 1U : r->out_height);
    const uint32_t position_pairs = (positions + 1) / 2;
    return position_pairs < UINT8_MAX ? position_pairs : UINT8_MAX;
}

/* The largest tile for which there is room. @param max in pairs of positions @param room in bytes */
static void choose_tile(hf_op_record *r, uint32_t max, int64_t room)
{
    for (uint32_t position_pairs = max; position_pairs > 0; position_pairs--) {
        r->tile = (uint8_t)position_pairs;
        if ((int64_t)hf_record_scratch_bytes(r) <= room)
            return;
    }
    r->tile = 0;
}

/* Pairs of positions beyond which larger tiles save less than 4 % of the time, because setting up a tile and
 * its blocks of weights then costs little compared to the work. In cycles on a Cortex-M4, including misses of
 * the STM32L4's instruction cache. */
static uint32_t sufficient_position_pairs(const hf_op_record *r)
{
    const uint64_t pairs = hf_window_pairs(hf_record_runs(r), hf_record_run_values(r));
    const uint64_t blocks = (r->out_channels + 3U) / 4U;
    const uint64_t set_up = 1200 / blocks + 120 + 12 * pairs;
    const uint64_t work = 70 + 15 * pairs;
    return (uint32_t)(25 * set_up / work) + 1;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

void hf_tiles_request(hf_lowered *l, const hf_plan *plan, int64_t limit, int32_t eighths)
{
    for (int32_t first = 0, last = 0; first < l->op_count; first = last + 1) {
        const hf_plan_buffer *scratch = &plan->buffers[l->tensor_count + first];
        last = hf_step_last(l, first);
        const int64_t room = (limit - scratch->peak_bytes) * eighths / 8 + scratch->bytes;
        for (int32_t i = first; i <= last; i++) {
            hf_op_record *r = &l->ops[i].record;
            if (r->op == HF_IMAGE_OP_CONV2D)
                choose_tile(r, smaller(max_position_pairs(r, last > first), sufficient_position_pairs(r)),
                            room);
        }
    }
}

void hf_tiles_clear(hf_lowered *l)
{
    for (int32_t i = 0; i < l->op_count; i++)
        if (l->ops[i].record.op == HF_IMAGE_OP_CONV2D)
            l->ops[i].record.tile = 0;
}

/* The fewest bands for which there is room, then as few rows as keep that number. */
static void choose_band(hf_op_record *r, int64_t room)
{
    r->tile = 0;
    const uint32_t height = r->out_height;
    const uint32_t usual = hf_depthwise_band_rows_of(r);
    if (usual >= height || hf_depthwise_is_column(r))
        return;
    for (uint32_t rows = smaller(height, UINT8_MAX); rows > usual; rows--) {
        const uint32_t bands = (height + rows - 1) / rows;
        r->tile = (uint8_t)((height + bands - 1) / bands);
        if ((int64_t)hf_record_scratch_bytes(r) <= room)
            return;
    }
    r->tile = 0;
}

/* Chooses a step's scratch space and the tiles of its convolutions. */
static void choose(hf_lowered *l, hf_plan *plan, int32_t first, int64_t limit)
{
    const int32_t index = l->tensor_count + first;
    const int32_t last = hf_step_last(l, first);
    hf_plan_buffer *scratch = &plan->buffers[index];
    const gap inside = largest_gap(plan, first, index, plan->arena_bytes);
    const gap beyond = largest_gap(plan, first, index, limit);
    gap room = inside;
    for (int32_t i = first; i <= last; i++) { /* decide whether the arena should grow */
        hf_op_record r = l->ops[i].record;
        if (r.op != HF_IMAGE_OP_CONV2D)
            continue;
        const uint32_t enough = smaller(max_position_pairs(&r, last > first), sufficient_position_pairs(&r));
        choose_tile(&r, enough, inside.bytes);
        if (r.tile < enough) {
            choose_tile(&r, enough, beyond.bytes);
            room.bytes = room.bytes > (int64_t)hf_record_scratch_bytes(&r)
                             ? room.bytes
                             : (int64_t)hf_record_scratch_bytes(&r);
        }
    }
    if (room.bytes > inside.bytes)
        room.offset = beyond.offset;
    scratch->bytes = 0;
    scratch->offset = room.offset;
    for (int32_t i = first; i <= last; i++) {
        hf_op_record *r = &l->ops[i].record;
        if (r->op == HF_IMAGE_OP_CONV2D)
            choose_tile(r, max_position_pairs(r, last > first), room.bytes);
        if (r->op == HF_IMAGE_OP_DEPTHWISE && last == first)
            choose_band(r, room.bytes);
        const int64_t bytes = (int64_t)hf_record_scratch_bytes(r);
        scratch->bytes = bytes > scratch->bytes ? bytes : scratch->bytes;
    }
    const int64_t end = scratch->offset + scratch->bytes;
    if (end > plan->arena_bytes)
        plan->arena_bytes = (uint32_t)end;
}

int64_t hf_tiles_arena_limit(uint32_t arena_bytes)
{
    const int64_t small =
        (int64_t)arena_bytes * 3 / 2 < SMALL_BYTES ? (int64_t)arena_bytes * 3 / 2 : SMALL_BYTES;
    const int64_t large = (int64_t)arena_bytes * 101 / 100;
    return small > large ? small : large;
}

void hf_tiles_choose(hf_lowered *l, hf_plan *plan)
{
    const int64_t limit = plan->limit_bytes > plan->arena_bytes ? plan->limit_bytes : plan->arena_bytes;
    for (int32_t first = 0; first < l->op_count; first = hf_step_last(l, first) + 1)
        if (plan->buffers[l->tensor_count + first].bytes > 0)
            choose(l, plan, first, limit);
}
