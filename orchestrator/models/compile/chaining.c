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

static void find_lives(hf_chaining *c)
{
    const hf_lowered *l = c->lowered;
    for (int32_t t = 0; t < l->tensor_count; t++)
        c->lives[t] = (hf_life){.first = INT32_MAX, .last = -1};
    c->lives[l->input].first = -1;
    for (int32_t i = 0; i < l->op_count; i++) {
        const hf_lowered_op *op = &l->ops[i];
        hf_life *out = &c->lives[op->output.tensor];
        out->first = out->first < i ? out->first : i;
        out->last = i;
        out->writers++;
        for (int32_t k = 0; k < op->input_count; k++) {
            c->lives[op->inputs[k].tensor].last = i;
            c->lives[op->inputs[k].tensor].readers++;
        }
    }
    c->lives[l->output].last = l->op_count;
    c->lives[l->output].readers++;
}

/* Rows of operator i's output that are enough for the next operator; 0 if it needs the whole. */
static uint32_t ring_rows(const hf_chaining *c, int32_t i)
{
    const hf_lowered *l = c->lowered;
    if (i + 1 >= l->op_count)
        return 0;
    const hf_op_record *r = &l->ops[i].record;
    const hf_op_record *next = &l->ops[i + 1].record;
    const int32_t between = l->ops[i].output.tensor;
    const hf_life *lives = &c->lives[between];
    const bool passes_on = l->ops[i + 1].inputs[0].tensor == between && lives->readers == 1 &&
                           lives->writers == 1 && between != l->input;
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

/* Rings, and the largest scratch space, of the operators of a step. */
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
    int64_t alive = inner_bytes(c, first, last);
    int64_t saved = 0; /* at the very best */
    for (int32_t t = 0; t < l->tensor_count; t++) {
        const hf_life *lives = &c->lives[t];
        const bool is_between = t != output && lives->first >= first;
        if (l->tensor_bytes[t] == 0 || lives->first > last || lives->last < first || is_between)
            continue;
        alive += hf_arena_align(l->tensor_bytes[t]);
        if (lives->last > last || t == output || c->lives[output].first < first)
            continue;
        dying[dying_count++] = t;
        saved = max64(saved, hf_arena_align(min64(l->tensor_bytes[t], out)));
    }
    if (alive - saved >= limit)
        return alive - saved;
    saved = 0;
    for (int32_t i = 0; i < dying_count; i++) {
        const int64_t in = l->tensor_bytes[dying[i]];
        const hf_overlap overlap = hf_step_overlap(l, first, last, dying[i]);
        saved = max64(saved, hf_arena_align(in) + hf_arena_align(out) -
                                 hf_arena_align(hf_overlap_bytes(&overlap, in, out)));
    }
    return alive - saved;
}

/* While operator i runs, in whatever step: its own input and output whole or, where chains can be, in rings.
 */
int64_t hf_chaining_least_bytes_at(const hf_chaining *c, int32_t i)
{
    const hf_lowered *l = c->lowered;
    const hf_lowered_op *op = &l->ops[i];
    const bool is_born = c->lives[op->output.tensor].first == i;
    const int64_t out = is_born ? l->tensor_bytes[op->output.tensor] : 0;
    int64_t alive = min64(c->links[i].scratch_bytes, c->links[i].last_scratch_bytes);
    int64_t dying = 0;
    int64_t shared = out;
    for (int32_t t = 0; t < l->tensor_count; t++) {
        const hf_life *lives = &c->lives[t];
        if (lives->first >= i || lives->last < i)
            continue;
        if (lives->last > i) {
            alive += l->tensor_bytes[t];
            continue;
        }
        dying += l->tensor_bytes[t];
        if (!is_born)
            continue;
        const hf_overlap overlap = hf_step_overlap(l, i, i, t);
        const int64_t together = hf_overlap_bytes(&overlap, l->tensor_bytes[t], out);
        shared = together > shared ? together : shared;
    }
    const bool before = i > 0 && c->links[i - 1].ring_rows > 0;
    const bool behind = c->links[i].ring_rows > 0;
    const int64_t others = before ? dying - l->tensor_bytes[op->inputs[0].tensor] : dying;
    const int64_t taken = before ? c->links[i - 1].ring_bytes : 0;
    const int64_t made = behind ? c->links[i].ring_bytes : 0;
    int64_t least = dying > shared ? dying : shared; /* by itself */
    if (before)
        least = min64(least, taken + (others > out ? others : out));
    if (behind)
        least = min64(least, dying + made);
    if (before && behind)
        least = min64(least, taken + others + made);
    return alive + least;
}

hf_status hf_chaining_begin(const hf_lowered *lowered, hf_chaining *out, hf_error *err)
{
    hf_chaining c = {
        .lowered = lowered,
        .links = calloc((size_t)lowered->op_count + 1, sizeof *c.links),
        .lives = calloc((size_t)lowered->tensor_count + 1, sizeof *c.lives),
        .lasts = calloc((size_t)lowered->op_count + 1, sizeof *c.lasts),
        .bytes = calloc((size_t)lowered->op_count + 1, sizeof *c.bytes),
    };
    *out = c;
    if (!c.links || !c.lives || !c.lasts || !c.bytes)
        return HF_FAIL(err, HF_ENOMEM, "no memory to chain %d operators", lowered->op_count);
    find_lives(&c);
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
    free(c->lives);
    free(c->lasts);
    free(c->bytes);
}
