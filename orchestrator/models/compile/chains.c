/* SPDX-License-Identifier: Apache-2.0 */
#include "chains.h"

#include <stdlib.h>

#include "engine/layout.h"
#include "overlap.h"

/* A chain must save this part of what a step needs to be worth its instructions. */
#define WORTHWHILE(bytes) ((bytes) / 64)

/* When a tensor's memory is in use, by operators. */
typedef struct life {
    int32_t first, last;      /* the graph's input is there from -1 on, its output to the end */
    int32_t readers, writers; /* operators */
} life;

typedef struct chaining {
    const hf_lowered *lowered;
    life *lives;    /* per tensor */
    int32_t *lasts; /* per operator that begins a step: the step's last operator */
    int64_t *bytes; /* and what the step needs; 0 if that is not known */
} chaining;

static int64_t align(int64_t bytes)
{
    return (bytes + HF_IMAGE_ALIGNMENT - 1) / HF_IMAGE_ALIGNMENT * HF_IMAGE_ALIGNMENT;
}

static int64_t min64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t max64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void find_lives(chaining *c)
{
    const hf_lowered *l = c->lowered;
    for (int32_t t = 0; t < l->tensor_count; t++)
        c->lives[t] = (life){.first = INT32_MAX, .last = -1};
    c->lives[l->input].first = -1;
    for (int32_t i = 0; i < l->op_count; i++) {
        const hf_lowered_op *op = &l->ops[i];
        life *out = &c->lives[op->output.tensor];
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

/* As the engine has it. */
static bool can_work_by_rows(const hf_op_record *r)
{
    return r->op != HF_IMAGE_OP_DENSE && r->op != HF_IMAGE_OP_SOFTMAX && r->op != HF_IMAGE_OP_PAD &&
           r->op != HF_IMAGE_OP_MEAN;
}

/* Rows of operator i's output that are enough for the next operator; 0 if it needs the whole. */
static uint32_t ring_rows(const chaining *c, int32_t i)
{
    const hf_lowered *l = c->lowered;
    if (i + 1 >= l->op_count)
        return 0;
    const hf_op_record *r = &l->ops[i].record;
    const hf_op_record *next = &l->ops[i + 1].record;
    const int32_t between = l->ops[i].output.tensor;
    const life *lives = &c->lives[between];
    const bool passes_on = l->ops[i + 1].inputs[0].tensor == between && lives->readers == 1 &&
                           lives->writers == 1 && between != l->input;
    const bool is_whole = l->ops[i].output.first_byte == 0 && l->ops[i + 1].inputs[0].first_byte == 0 &&
                          r->channel_step == 1 && r->out_step == r->out_channels &&
                          next->in_step == r->out_step && next->in_channels == r->out_channels &&
                          next->in_width == r->out_width && next->in_height == r->out_height;
    if (!passes_on || !is_whole || !can_work_by_rows(r) || !can_work_by_rows(next) ||
        hf_record_rows_needed(next, next->out_height - 1U) < next->in_height)
        return 0;
    return next->kernel_height < next->in_height ? next->kernel_height : next->in_height;
}

/* Operator i as it is if it hands the next one rows. */
static hf_op_record as_ring(const chaining *c, int32_t i)
{
    hf_op_record ring = c->lowered->ops[i].record;
    ring.ring_rows = (uint8_t)ring_rows(c, i);
    return ring;
}

static int64_t ring_bytes(const chaining *c, int32_t i)
{
    const hf_op_record ring = as_ring(c, i);
    return (int64_t)hf_record_output_span(&ring);
}

/* Scratch space of operator i, the last of its step or not. */
static int64_t scratch_bytes(const chaining *c, int32_t i, bool is_last)
{
    hf_op_record r = as_ring(c, i);
    if (is_last)
        r.ring_rows = 0;
    return (int64_t)hf_record_scratch_bytes(&r);
}

/* Rings, and the largest scratch space, of the operators of a step. */
static int64_t inner_bytes(const chaining *c, int32_t first, int32_t last)
{
    int64_t scratch = 0;
    int64_t rings = 0;
    for (int32_t i = first; i <= last; i++) {
        const int64_t bytes = scratch_bytes(c, i, i == last);
        scratch = bytes > scratch ? bytes : scratch;
        if (i < last)
            rings += align(ring_bytes(c, i));
    }
    return rings + align(scratch);
}

/* What is needed while operators first .. last are a step, or, if that is not less than `limit`, something
 * not less either. */
static int64_t step_bytes(const chaining *c, int32_t first, int32_t last, int64_t limit)
{
    const hf_lowered *l = c->lowered;
    const int32_t output = l->ops[last].output.tensor;
    const int64_t out = l->tensor_bytes[output];
    int32_t dying[2 * HF_CHAIN_MAX];
    int32_t dying_count = 0;
    int64_t alive = inner_bytes(c, first, last);
    int64_t saved = 0; /* at the very best */
    for (int32_t t = 0; t < l->tensor_count; t++) {
        const life *lives = &c->lives[t];
        const bool is_between = t != output && lives->first >= first;
        if (l->tensor_bytes[t] == 0 || lives->first > last || lives->last < first || is_between)
            continue;
        alive += align(l->tensor_bytes[t]);
        if (lives->last > last || t == output || c->lives[output].first < first)
            continue;
        dying[dying_count++] = t;
        saved = max64(saved, align(min64(l->tensor_bytes[t], out)));
    }
    if (alive - saved >= limit)
        return alive - saved;
    saved = 0;
    for (int32_t i = 0; i < dying_count; i++) {
        const int64_t in = l->tensor_bytes[dying[i]];
        const hf_overlap overlap = hf_step_overlap(l, first, last, dying[i]);
        saved = max64(saved, align(in) + align(out) - align(hf_overlap_bytes(&overlap, in, out)));
    }
    return alive - saved;
}

static int32_t largest_step(chaining *c, int64_t *bytes)
{
    int32_t largest = 0;
    *bytes = 0;
    for (int32_t i = 0; i < c->lowered->op_count; i = c->lasts[i] + 1) {
        if (c->bytes[i] == 0)
            c->bytes[i] = step_bytes(c, i, c->lasts[i], INT64_MAX);
        if (c->bytes[i] > *bytes) {
            *bytes = c->bytes[i];
            largest = i;
        }
    }
    return largest;
}

static void set_chain(chaining *c, int32_t first, int32_t last)
{
    for (int32_t i = first; i <= last; i++)
        c->lasts[i] = i;
    c->lasts[first] = last;
    c->bytes[first] = 0;
}

/* First operator of the step that operator i is in. */
static int32_t step_of(const chaining *c, int32_t i)
{
    int32_t first = i;
    for (int32_t k = i; k >= 0 && k > i - HF_CHAIN_MAX; k--)
        if (c->lasts[k] >= i)
            first = k;
    return first;
}

static bool can_chain(const chaining *c, int32_t first, int32_t last)
{
    for (int32_t i = first; i < last; i++)
        if (ring_rows(c, i) == 0)
            return false;
    return last - first < HF_CHAIN_MAX;
}

/* The best chain around a step: the shortest of those that are hardly worse than the smallest.
 * @return whether one saves enough */
static bool widen(const chaining *c, int32_t step, int64_t bytes, int32_t *best_first, int32_t *best_last)
{
    int64_t best = bytes - WORTHWHILE(bytes);
    bool found = false;
    for (int32_t length = c->lasts[step] - step + 2; length <= HF_CHAIN_MAX; length++)
        for (int32_t first = c->lasts[step] - length + 1; first <= step; first++) {
            const int32_t last = first + length - 1;
            if (first < 0 || last >= c->lowered->op_count || step_of(c, first) != first ||
                c->lasts[step_of(c, last)] != last)
                continue;
            if (!can_chain(c, first, last))
                continue;
            const int64_t needed = step_bytes(c, first, last, best);
            if (needed >= best)
                continue;
            best = needed - WORTHWHILE(needed);
            *best_first = first;
            *best_last = last;
            found = true;
        }
    return found;
}

/* Whether of a chain's operators from .. to can be a chain and the others steps by themselves, none of which
 * needs more than `most`. */
static bool fits(const chaining *c, int32_t first, int32_t last, int32_t from, int32_t to, int64_t most)
{
    for (int32_t i = first; i <= last; i++) {
        const int32_t end = i == from ? to : i;
        if (step_bytes(c, i, end, most + 1) > most)
            return false;
        i = end;
    }
    return true;
}

static void relax(chaining *c, int64_t most)
{
    for (int32_t first = 0; first < c->lowered->op_count; first++) {
        const int32_t last = c->lasts[first];
        bool done = last == first;
        for (int32_t length = 1; first + length <= last && !done; length++)
            for (int32_t from = first; from + length - 1 <= last && !done; from++)
                if (fits(c, first, last, from, from + length - 1, most)) {
                    for (int32_t i = first; i <= last; i++)
                        c->lasts[i] = i;
                    set_chain(c, from, from + length - 1);
                    done = true;
                }
        first = last;
    }
}

static void apply(const chaining *c, hf_lowered *lowered)
{
    for (int32_t first = 0; first < lowered->op_count; first = c->lasts[first] + 1)
        for (int32_t i = first; i <= c->lasts[first]; i++)
            lowered->ops[i].record.ring_rows = i < c->lasts[first] ? (uint8_t)ring_rows(c, i) : 0;
}

static hf_status begin(const hf_lowered *lowered, chaining *out, hf_error *err)
{
    chaining c = {
        .lowered = lowered,
        .lives = calloc((size_t)lowered->tensor_count + 1, sizeof *c.lives),
        .lasts = calloc((size_t)lowered->op_count + 1, sizeof *c.lasts),
        .bytes = calloc((size_t)lowered->op_count + 1, sizeof *c.bytes),
    };
    *out = c;
    if (!c.lives || !c.lasts || !c.bytes)
        return HF_FAIL(err, HF_ENOMEM, "no memory to chain %d operators", lowered->op_count);
    find_lives(&c);
    for (int32_t first = 0; first < lowered->op_count; first++) {
        c.lasts[first] = hf_step_last(lowered, first);
        for (const int32_t last = c.lasts[first]; first < last; first++)
            c.lasts[first + 1] = first + 1;
    }
    return HF_OK;
}

static void end(chaining *c)
{
    free(c->lives);
    free(c->lasts);
    free(c->bytes);
}

hf_status hf_chains_choose(hf_lowered *lowered, hf_error *err)
{
    chaining c;
    hf_status status = begin(lowered, &c, err);
    int64_t bytes = 0;
    int32_t first = 0;
    int32_t last = 0;
    while (!status && lowered->op_count > 0) {
        const int32_t step = largest_step(&c, &bytes);
        if (!widen(&c, step, bytes, &first, &last))
            break;
        set_chain(&c, first, last);
    }
    if (!status) {
        relax(&c, bytes);
        apply(&c, lowered);
    }
    end(&c);
    return status;
}

hf_status hf_chains_relax(hf_lowered *lowered, int64_t arena_bytes, hf_error *err)
{
    chaining c;
    hf_status status = begin(lowered, &c, err);
    if (!status) {
        relax(&c, arena_bytes);
        apply(&c, lowered);
    }
    end(&c);
    return status;
}

hf_status hf_chains_set(hf_lowered *lowered, int32_t first, int32_t last, hf_error *err)
{
    chaining c;
    hf_status status = begin(lowered, &c, err);
    if (!status && !can_chain(&c, first, last))
        status = HF_FAIL(err, HF_EINVALID, "operators %d .. %d cannot be a chain", first, last);
    if (!status) {
        set_chain(&c, first, last);
        apply(&c, lowered);
    }
    end(&c);
    return status;
}

bool hf_chains_any(const hf_lowered *lowered)
{
    for (int32_t i = 0; i < lowered->op_count; i++)
        if (lowered->ops[i].record.ring_rows > 0)
            return true;
    return false;
}

void hf_chains_clear(hf_lowered *lowered)
{
    for (int32_t i = 0; i < lowered->op_count; i++)
        lowered->ops[i].record.ring_rows = 0;
}

/* While operator i runs, in whatever step: its own input and output whole or, where chains can be, in rings.
 */
static int64_t least_bytes_at(const chaining *c, int32_t i)
{
    const hf_lowered *l = c->lowered;
    const hf_lowered_op *op = &l->ops[i];
    const bool is_born = c->lives[op->output.tensor].first == i;
    const int64_t out = is_born ? l->tensor_bytes[op->output.tensor] : 0;
    int64_t alive = min64(scratch_bytes(c, i, false), scratch_bytes(c, i, true));
    int64_t dying = 0;
    int64_t shared = out;
    for (int32_t t = 0; t < l->tensor_count; t++) {
        const life *lives = &c->lives[t];
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
    const bool before = i > 0 && ring_rows(c, i - 1) > 0;
    const bool behind = ring_rows(c, i) > 0;
    const int64_t others = before ? dying - l->tensor_bytes[op->inputs[0].tensor] : dying;
    const int64_t taken = before ? ring_bytes(c, i - 1) : 0;
    const int64_t made = behind ? ring_bytes(c, i) : 0;
    int64_t least = dying > shared ? dying : shared; /* by itself */
    if (before)
        least = min64(least, taken + (others > out ? others : out));
    if (behind)
        least = min64(least, dying + made);
    if (before && behind)
        least = min64(least, taken + others + made);
    return alive + least;
}

hf_status hf_chains_least_bytes(const hf_lowered *lowered, int64_t *out, hf_error *err)
{
    chaining c;
    hf_status status = begin(lowered, &c, err);
    int64_t least = 0;
    for (int32_t i = 0; i < lowered->op_count && !status; i++) {
        const int64_t bytes = least_bytes_at(&c, i);
        least = bytes > least ? bytes : least;
    }
    end(&c);
    if (!status)
        *out = least;
    return status;
}
