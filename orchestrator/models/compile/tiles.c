/* SPDX-License-Identifier: Apache-2.0 */
#include "tiles.h"

#include "engine/layout.h"

/* A stretch of the arena that nobody uses during a step. */
typedef struct gap {
    int64_t offset, bytes;
} gap;

static bool is_alive(const hf_plan_buffer *buffer, int32_t step)
{
    return buffer->bytes > 0 && buffer->first <= step && step <= buffer->last;
}

/* The end of whatever lies over `offset`, aligned; `offset` if nothing does. */
static int64_t behind(const hf_plan *plan, int32_t step, int32_t scratch, int64_t offset)
{
    int64_t end = offset;
    for (int32_t i = 0; i < plan->buffer_count; i++) {
        const hf_plan_buffer *b = &plan->buffers[i];
        if (i != scratch && is_alive(b, step) && b->offset <= offset && offset < b->offset + b->bytes &&
            hf_arena_align(b->offset + b->bytes) > end)
            end = hf_arena_align(b->offset + b->bytes);
    }
    return end;
}

static int64_t next_begin(const hf_plan *plan, int32_t step, int32_t scratch, int64_t offset)
{
    int64_t begin = plan->arena_bytes;
    for (int32_t i = 0; i < plan->buffer_count; i++) {
        const hf_plan_buffer *b = &plan->buffers[i];
        if (i != scratch && is_alive(b, step) && b->offset >= offset && b->offset < begin)
            begin = b->offset;
    }
    return begin;
}

static gap largest_gap(const hf_plan *plan, int32_t step, int32_t scratch)
{
    gap best = {0, 0};
    for (int64_t at = 0; at < plan->arena_bytes;) {
        const int64_t end = behind(plan, step, scratch, at);
        if (end > at) {
            at = end;
            continue;
        }
        const int64_t begin = next_begin(plan, step, scratch, at);
        if (begin - at > best.bytes)
            best = (gap){at, begin - at};
        at = begin > at ? begin : at + HF_IMAGE_ALIGNMENT;
    }
    return best;
}

/* Pairs of positions that a convolution is asked for at once. */
static uint32_t most_couples(const hf_op_record *r, bool by_rows)
{
    const uint32_t positions = (uint32_t)r->out_width * (by_rows ? 1U : r->out_height);
    const uint32_t couples = (positions + 1) / 2;
    return couples < UINT8_MAX ? couples : UINT8_MAX;
}

/* The largest tile for which there is room. */
static void choose_tile(hf_op_record *r, bool by_rows, int64_t room)
{
    for (uint32_t couples = most_couples(r, by_rows); couples > 0; couples--) {
        r->tile = (uint8_t)couples;
        if ((int64_t)hf_record_scratch_bytes(r) <= room)
            return;
    }
    r->tile = 0;
}

void hf_tiles_choose(hf_lowered *l, hf_plan *plan)
{
    for (int32_t first = 0, last = 0; first < l->op_count; first = last + 1) {
        hf_plan_buffer *scratch = &plan->buffers[l->tensor_count + first];
        last = hf_step_last(l, first);
        if (scratch->bytes == 0)
            continue;
        const gap room = largest_gap(plan, first, l->tensor_count + first);
        scratch->bytes = 0;
        scratch->offset = room.offset;
        for (int32_t i = first; i <= last; i++) {
            hf_op_record *r = &l->ops[i].record;
            if (r->op == HF_IMAGE_OP_CONV2D)
                choose_tile(r, last > first, room.bytes);
            const int64_t bytes = (int64_t)hf_record_scratch_bytes(r);
            scratch->bytes = bytes > scratch->bytes ? bytes : scratch->bytes;
        }
    }
}
