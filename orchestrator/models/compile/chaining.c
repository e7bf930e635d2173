/* SPDX-License-Identifier: Apache-2.0 */
#include "chaining.h"

#include <stdlib.h>

#include "engine/layout.h"
#include "overlap.h"

static int64_t min64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t max64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void find_lifetimes(hf_chaining *c)
{
    const hf_lowered *l = c->lowered;
    for (int32_t t = 0; t < l->tensor_count; t++)
        c->lifetimes[t] = (hf_lifetime){.first = INT32_MAX, .last = -1};
    c->lifetimes[l->input].first = -1;
    for (int32_t i = 0; i < l->op_count; i++) {
        const hf_lowered_op *op = &l->ops[i];
        hf_lifetime *out = &c->lifetimes[op->output.tensor];
        out->first = out->first < i ? out->first : i;
        out->last = i;
        out->writers++;
        for (int32_t k = 0; k < op->input_count; k++) {
            c->lifetimes[op->inputs[k].tensor].last = i;
            c->lifetimes[op->inputs[k].tensor].readers++;
        }
    }
    c->lifetimes[l->output].last = l->op_count;
    c->lifetimes[l->output].readers++;
}

/* Rows of operator i's output that the next operator needs at a time; 0 if they cannot be chained. */
static uint32_t ring_rows(const hf_chaining *c, int32_t i)
{
    const hf_lowered *l = c->lowered;
    if (i + 1 >= l->op_count)
        return 0;
    const hf_op_record *r = &l->ops[i].record;
    const hf_op_record *next = &l->ops[i + 1].record;
    const int32_t between = l->ops[i].output.tensor;
    const hf_lifetime *lifetime = &c->lifetimes[between];
    const bool passes_on = l->ops[i + 1].inputs[0].tensor == between && lifetime->readers == 1 &&
                           lifetime->writers == 1 && between != l->input;
    const bool is_whole = l->ops[i].output.first_byte == 0 && l->ops[i + 1].inputs[0].first_byte == 0 &&
                          r->channel_step == 1 && r->out_step == r->out_channels &&
                          next->in_step == r->out_step && next->in_channels == r->out_channels &&
                          next->in_width == r->out_width && next->in_height == r->out_height;
    if (!passes_on || !is_whole || !hf_record_has(r, HF_TRAIT_CHAINS) ||
        !hf_record_has(next, HF_TRAIT_CHAINS) ||
        hf_record_rows_needed(next, next->out_height - 1U) < next->in_height)
        return 0;
    return next->kernel_height < next->in_height ? next->kernel_height : next->in_height;
}

static hf_chain_link link_of(const hf_chaining *c, int32_t i)
{
    hf_op_record r = c->lowered->ops[i].record;
    hf_chain_link link = {.ring_rows = ring_rows(c, i)};
    r.ring_rows = 0;
    link.last_scratch_bytes = (int64_t)hf_record_scratch_bytes(&r);
    r.ring_rows = (uint8_t)link.ring_rows;
    link.scratch_bytes = (int64_t)hf_record_scratch_bytes(&r);
    link.ring_bytes = (int64_t)hf_record_output_span(&r);
    return link;
}

/* Bytes of the rings and of the largest scratch space of a step. */
static int64_t inner_bytes(const hf_chaining *c, int32_t first, int32_t last)
{
    int64_t scratch = 0;
    int64_t rings = 0;
    for (int32_t i = first; i <= last; i++) {
        const hf_chain_link *link = &c->links[i];
        const int64_t bytes = i == last ? link->last_scratch_bytes : link->scratch_bytes;
        scratch = bytes > scratch ? bytes : scratch;
        if (i < last)
            rings += hf_arena_align(link->ring_bytes);
    }
    return rings + hf_arena_align(scratch);
}

int64_t hf_chaining_step_bytes(const hf_chaining *c, int32_t first, int32_t last, int64_t limit)
{
    const hf_lowered *l = c->lowered;
    const int32_t output = l->ops[last].output.tensor;
    const int64_t out = l->tensor_bytes[output];
    int32_t dying[2 * HF_CHAIN_MAX];
    int32_t dying_count = 0;
    int64_t live = inner_bytes(c, first, last);
    int64_t saved = 0; /* upper bound */
    for (int32_t t = 0; t < l->tensor_count; t++) {
        const hf_lifetime *lifetime = &c->lifetimes[t];
        const bool is_between = t != output && lifetime->first >= first;
        if (l->tensor_bytes[t] == 0 || lifetime->first > last || lifetime->last < first || is_between)
            continue;
        live += hf_arena_align(l->tensor_bytes[t]);
        if (lifetime->last > last || t == output || c->lifetimes[output].first < first)
            continue;
        dying[dying_count++] = t;
        saved = max64(saved, hf_arena_align(min64(l->tensor_bytes[t], out)));
    }
    if (live - saved >= limit)
        return live - saved;
    saved = 0;
    for (int32_t i = 0; i < dying_count; i++) {
        const int64_t in = l->tensor_bytes[dying[i]];
        const hf_overlap overlap = hf_step_overlap(l, first, last, dying[i]);
        saved = max64(saved, hf_arena_align(in) + hf_arena_align(out) -
                                 hf_arena_align(hf_overlap_bytes(&overlap, in, out)));
    }
    return live - saved;
}

int64_t hf_chaining_min_bytes_at(const hf_chaining *c, int32_t i)
{
    const hf_lowered *l = c->lowered;
    const hf_lowered_op *op = &l->ops[i];
    const bool is_first_write = c->lifetimes[op->output.tensor].first == i;
    const int64_t out = is_first_write ? l->tensor_bytes[op->output.tensor] : 0;
    int64_t live = min64(c->links[i].scratch_bytes, c->links[i].last_scratch_bytes);
    int64_t dying = 0;
    int64_t shared = out;
    for (int32_t t = 0; t < l->tensor_count; t++) {
        const hf_lifetime *lifetime = &c->lifetimes[t];
        if (lifetime->first >= i || lifetime->last < i)
            continue;
        if (lifetime->last > i) {
            live += l->tensor_bytes[t];
            continue;
        }
        dying += l->tensor_bytes[t];
        if (!is_first_write)
            continue;
        const hf_overlap overlap = hf_step_overlap(l, i, i, t);
        const int64_t together = hf_overlap_bytes(&overlap, l->tensor_bytes[t], out);
        shared = together > shared ? together : shared;
    }
    const bool input_ring = i > 0 && c->links[i - 1].ring_rows > 0;
    const bool output_ring = c->links[i].ring_rows > 0;
    const int64_t others = input_ring ? dying - l->tensor_bytes[op->inputs[0].tensor] : dying;
    const int64_t in_ring_bytes = input_ring ? c->links[i - 1].ring_bytes : 0;
    const int64_t out_ring_bytes = output_ring ? c->links[i].ring_bytes : 0;
    int64_t min_bytes = dying > shared ? dying : shared; /* not in a chain */
    if (input_ring)
        min_bytes = min64(min_bytes, in_ring_bytes + (others > out ? others : out));
    if (output_ring)
        min_bytes = min64(min_bytes, dying + out_ring_bytes);
    if (input_ring && output_ring)
        min_bytes = min64(min_bytes, in_ring_bytes + others + out_ring_bytes);
    return live + min_bytes;
}

hf_status hf_chaining_begin(const hf_lowered *lowered, hf_chaining *out, hf_error *err)
{
    hf_chaining c = {
        .lowered = lowered,
        .links = calloc((size_t)lowered->op_count + 1, sizeof *c.links),
        .lifetimes = calloc((size_t)lowered->tensor_count + 1, sizeof *c.lifetimes),
        .lasts = calloc((size_t)lowered->op_count + 1, sizeof *c.lasts),
        .bytes = calloc((size_t)lowered->op_count + 1, sizeof *c.bytes),
    };
    *out = c;
    if (!c.links || !c.lifetimes || !c.lasts || !c.bytes)
        return HF_FAIL(err, HF_ENOMEM, "no memory to chain %d operators", lowered->op_count);
    find_lifetimes(&c);
    for (int32_t i = 0; i < lowered->op_count; i++)
        c.links[i] = link_of(&c, i);
    for (int32_t first = 0; first < lowered->op_count; first++) {
        c.lasts[first] = hf_step_last(lowered, first);
        for (const int32_t last = c.lasts[first]; first < last; first++)
            c.lasts[first + 1] = first + 1;
    }
    return HF_OK;
}

void hf_chaining_end(hf_chaining *c)
{
    free(c->links);
    free(c->lifetimes);
    free(c->lasts);
    free(c->bytes);
}
