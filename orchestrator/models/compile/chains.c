/* SPDX-License-Identifier: Apache-2.0 */
#include "chains.h"

#include <stdlib.h>

#include "chaining.h"

/* The least saving for which a chain is worth its extra instructions: a fraction of what the step needs. */
#define MIN_SAVING(bytes) ((bytes) / 64)

static int32_t largest_step(hf_chaining *c, int64_t *bytes)
{
    int32_t largest = 0;
    *bytes = 0;
    for (int32_t i = 0; i < c->lowered->op_count; i = c->lasts[i] + 1) {
        if (c->bytes[i] == 0)
            c->bytes[i] = hf_chaining_step_bytes(c, i, c->lasts[i], INT64_MAX);
        if (c->bytes[i] > *bytes) {
            *bytes = c->bytes[i];
            largest = i;
        }
    }
    return largest;
}

static void set_chain(hf_chaining *c, int32_t first, int32_t last)
{
    for (int32_t i = first; i <= last; i++)
        c->lasts[i] = i;
    c->lasts[first] = last;
    c->bytes[first] = 0;
}

/* First operator of the step that contains operator i. */
static int32_t step_of(const hf_chaining *c, int32_t i)
{
    int32_t first = i;
    for (int32_t k = i; k >= 0 && k > i - HF_CHAIN_MAX; k--)
        if (c->lasts[k] >= i)
            first = k;
    return first;
}

static bool can_chain(const hf_chaining *c, int32_t first, int32_t last)
{
    for (int32_t i = first; i < last; i++)
        if (c->links[i].ring_rows == 0)
            return false;
    return last - first < HF_CHAIN_MAX;
}

/* Looks for the best chain that contains a step. A longer chain must save more than MIN_SAVING over a shorter
 * one.
 * @return whether one was found that saves enough */
static bool widen(const hf_chaining *c, int32_t step, int64_t bytes, int32_t *best_first, int32_t *best_last)
{
    int64_t best = bytes - MIN_SAVING(bytes);
    bool found = false;
    for (int32_t length = c->lasts[step] - step + 2; length <= HF_CHAIN_MAX; length++)
        for (int32_t first = c->lasts[step] - length + 1; first <= step; first++) {
            const int32_t last = first + length - 1;
            if (first < 0 || last >= c->lowered->op_count || step_of(c, first) != first ||
                c->lasts[step_of(c, last)] != last)
                continue;
            if (!can_chain(c, first, last))
                continue;
            const int64_t needed = hf_chaining_step_bytes(c, first, last, best);
            if (needed >= best)
                continue;
            best = needed - MIN_SAVING(needed);
            *best_first = first;
            *best_last = last;
            found = true;
        }
    return found;
}

/* Whether no step needs more than `max_bytes` if operators from .. to remain a chain and the others of
 * first .. last become separate steps. */
static bool fits(const hf_chaining *c, int32_t first, int32_t last, int32_t from, int32_t to,
                 int64_t max_bytes)
{
    for (int32_t i = first; i <= last; i++) {
        const int32_t end = i == from ? to : i;
        if (hf_chaining_step_bytes(c, i, end, max_bytes + 1) > max_bytes)
            return false;
        i = end;
    }
    return true;
}

/* Replaces each chain by the shortest part of it that suffices. */
static void relax(hf_chaining *c, int64_t max_bytes)
{
    for (int32_t first = 0; first < c->lowered->op_count; first++) {
        const int32_t last = c->lasts[first];
        bool done = last == first;
        for (int32_t length = 1; first + length <= last && !done; length++)
            for (int32_t from = first; from + length - 1 <= last && !done; from++)
                if (fits(c, first, last, from, from + length - 1, max_bytes)) {
                    for (int32_t i = first; i <= last; i++)
                        c->lasts[i] = i;
                    set_chain(c, from, from + length - 1);
                    done = true;
                }
        first = last;
    }
}

static void apply(const hf_chaining *c, hf_lowered *lowered)
{
    for (int32_t first = 0; first < lowered->op_count; first = c->lasts[first] + 1)
        for (int32_t i = first; i <= c->lasts[first]; i++)
            lowered->ops[i].record.ring_rows = i < c->lasts[first] ? (uint8_t)c->links[i].ring_rows : 0;
}

hf_status hf_chains_choose(hf_lowered *lowered, hf_error *err)
{
    hf_chaining c;
    hf_status status = hf_chaining_begin(lowered, &c, err);
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
    hf_chaining_end(&c);
    return status;
}

hf_status hf_chains_relax(hf_lowered *lowered, int64_t arena_bytes, hf_error *err)
{
    hf_chaining c;
    hf_status status = hf_chaining_begin(lowered, &c, err);
    if (!status) {
        relax(&c, arena_bytes);
        apply(&c, lowered);
    }
    hf_chaining_end(&c);
    return status;
}

hf_status hf_chains_set(hf_lowered *lowered, int32_t first, int32_t last, hf_error *err)
{
    hf_chaining c;
    hf_status status = hf_chaining_begin(lowered, &c, err);
    if (!status && !can_chain(&c, first, last))
        status = HF_FAIL(err, HF_EINVALID, "operators %d .. %d cannot be a chain", first, last);
    if (!status) {
        set_chain(&c, first, last);
        apply(&c, lowered);
    }
    hf_chaining_end(&c);
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

hf_status hf_chains_min_arena_bytes(const hf_lowered *lowered, int64_t *out, hf_error *err)
{
    hf_chaining c;
    hf_status status = hf_chaining_begin(lowered, &c, err);
    int64_t min_bytes = 0;
    for (int32_t i = 0; i < lowered->op_count && !status; i++) {
        const int64_t bytes = hf_chaining_min_bytes_at(&c, i);
        min_bytes = bytes > min_bytes ? bytes : min_bytes;
    }
    hf_chaining_end(&c);
    if (!status)
        *out = min_bytes;
    return status;
}
