/* SPDX-License-Identifier: Apache-2.0 */
#include "order.h"

#include <stdlib.h>
#include <string.h>

#include "engine/layout.h"
#include "overlap.h"

#define MOVED_MAX  4  /* operators that are moved together */
#define PASSES_MAX 20 /* of the local search */

/* Properties of an operator that do not depend on the order. */
typedef struct op_info {
    int64_t scratch_bytes;
    int64_t saved_bytes[2]; /* that its output shares with this input if the input dies here */
} op_info;

typedef struct tensor_info {
    int32_t readers, writers; /* number of operators */
    int32_t reads, writes;    /* still to come, while the cost of an order is computed */
} tensor_info;

typedef struct ordering {
    const hf_lowered *lowered;
    op_info *ops;
    tensor_info *tensors;
    int32_t *order;     /* of operators */
    int32_t *candidate; /* the order with a move */
} ordering;

/* The memory that an order needs. */
typedef struct cost {
    int64_t peak_bytes;
    int64_t sum_bytes; /* over all operators */
} cost;

static bool less(cost a, cost b)
{
    return a.peak_bytes < b.peak_bytes || (a.peak_bytes == b.peak_bytes && a.sum_bytes < b.sum_bytes);
}

static void find_info(ordering *o)
{
    const hf_lowered *l = o->lowered;
    for (int32_t i = 0; i < l->op_count; i++) {
        const hf_lowered_op *op = &l->ops[i];
        o->ops[i].scratch_bytes = (int64_t)hf_record_scratch_bytes(&op->record);
        o->tensors[op->output.tensor].writers++;
        for (int32_t k = 0; k < op->input_count; k++) {
            const int32_t input = op->inputs[k].tensor;
            o->tensors[input].readers++;
            const hf_overlap overlap = hf_step_overlap(l, i, i, input);
            const int64_t in = l->tensor_bytes[input];
            const int64_t out = l->tensor_bytes[op->output.tensor];
            o->ops[i].saved_bytes[k] = in + out - hf_overlap_bytes(&overlap, in, out);
        }
    }
    o->tensors[l->output].readers++; /* the graph's caller */
}

static cost cost_of(const ordering *o, const int32_t *order)
{
    const hf_lowered *l = o->lowered;
    for (int32_t t = 0; t < l->tensor_count; t++) {
        o->tensors[t].reads = o->tensors[t].readers;
        o->tensors[t].writes = o->tensors[t].writers;
    }
    cost total = {0, 0};
    int64_t live = l->tensor_bytes[l->input];
    for (int32_t at = 0; at < l->op_count; at++) {
        const hf_lowered_op *op = &l->ops[order[at]];
        const op_info *info = &o->ops[order[at]];
        tensor_info *output = &o->tensors[op->output.tensor];
        const bool created = output->writes == output->writers;
        int64_t saved = 0;
        int64_t dead = 0;
        if (created)
            live += l->tensor_bytes[op->output.tensor];
        output->writes--;
        for (int32_t k = 0; k < op->input_count; k++) {
            tensor_info *input = &o->tensors[op->inputs[k].tensor];
            if (--input->reads > 0)
                continue;
            dead += l->tensor_bytes[op->inputs[k].tensor];
            if (created && info->saved_bytes[k] > saved)
                saved = info->saved_bytes[k];
        }
        const int64_t bytes = live + info->scratch_bytes - saved;
        if (bytes > total.peak_bytes)
            total.peak_bytes = bytes;
        total.sum_bytes += bytes;
        live -= dead;
    }
    return total;
}

/* Sets the candidate: the `count` operators at `from` are removed and inserted at `to` of what remains. */
static void move_operators(const ordering *o, int32_t from, int32_t count, int32_t to)
{
    const int32_t total = o->lowered->op_count;
    int32_t rest = 0;
    for (int32_t at = 0; at < total; at++) {
        if (at >= to && at < to + count) {
            o->candidate[at] = o->order[from + at - to];
            continue;
        }
        if (rest == from)
            rest += count;
        o->candidate[at] = o->order[rest++];
    }
}

static bool reads(const hf_lowered_op *op, int32_t tensor)
{
    for (int32_t k = 0; k < op->input_count; k++)
        if (op->inputs[k].tensor == tensor)
            return true;
    return false;
}

/* Whether a sequence of operators can be exchanged with the operator after it, or before it: neither reads
 * the other's output. */
static bool can_move_past(const ordering *o, int32_t from, int32_t count, int32_t passed, bool is_after)
{
    const hf_lowered_op *other = &o->lowered->ops[o->order[passed]];
    for (int32_t at = from; at < from + count; at++) {
        const hf_lowered_op *op = &o->lowered->ops[o->order[at]];
        if (is_after ? reads(other, op->output.tensor) : reads(op, other->output.tensor))
            return false;
    }
    return true;
}

/* Tries all places for a sequence of operators, in one direction, as far as dependencies allow. Makes the
 * best move.
 * @return whether a move helped */
static bool try_moves(ordering *o, int32_t from, int32_t count, bool later, cost *best)
{
    const int32_t direction = later ? 1 : -1;
    int32_t best_to = from;
    for (int32_t to = from + direction; to >= 0 && to + count <= o->lowered->op_count; to += direction) {
        if (!can_move_past(o, from, count, later ? to + count - 1 : to, later))
            break;
        move_operators(o, from, count, to);
        const cost moved = cost_of(o, o->candidate);
        if (less(moved, *best)) {
            *best = moved;
            best_to = to;
        }
    }
    if (best_to == from)
        return false;
    move_operators(o, from, count, best_to);
    memcpy(o->order, o->candidate, (size_t)o->lowered->op_count * sizeof *o->order);
    return true;
}

/* Whether no operator can be exchanged with the next one, as in most networks. */
static bool is_fixed(const ordering *o)
{
    const hf_lowered *l = o->lowered;
    for (int32_t at = 0; at + 1 < l->op_count; at++)
        if (!reads(&l->ops[at + 1], l->ops[at].output.tensor))
            return false;
    return true;
}

static void search(ordering *o)
{
    cost best = cost_of(o, o->order);
    bool helped = true;
    for (int pass = 0; pass < PASSES_MAX && helped; pass++) {
        helped = false;
        for (int32_t count = 1; count <= MOVED_MAX; count++)
            for (int32_t from = 0; from + count <= o->lowered->op_count; from++) {
                helped |= try_moves(o, from, count, true, &best);
                helped |= try_moves(o, from, count, false, &best);
            }
    }
}

static hf_status apply(const ordering *o, hf_lowered *lowered, hf_error *err)
{
    hf_lowered_op *ops = calloc((size_t)lowered->op_count + 1, sizeof *ops);
    if (!ops)
        return HF_FAIL(err, HF_ENOMEM, "no memory to order %d operators", lowered->op_count);
    for (int32_t at = 0; at < lowered->op_count; at++)
        ops[at] = lowered->ops[o->order[at]];
    free(lowered->ops);
    lowered->ops = ops;
    return HF_OK;
}

hf_status hf_order(hf_lowered *lowered, hf_error *err)
{
    const size_t ops = (size_t)lowered->op_count + 1;
    const size_t tensors = (size_t)lowered->tensor_count + 1;
    ordering o = {.lowered = lowered};
    if (is_fixed(&o))
        return HF_OK;
    o.ops = calloc(ops, sizeof *o.ops);
    o.tensors = calloc(tensors, sizeof *o.tensors);
    o.order = calloc(ops, sizeof *o.order);
    o.candidate = calloc(ops, sizeof *o.candidate);
    hf_status status = HF_OK;
    if (!o.ops || !o.tensors || !o.order || !o.candidate) {
        status = HF_FAIL(err, HF_ENOMEM, "no memory to order %d operators", lowered->op_count);
    } else {
        for (int32_t i = 0; i < lowered->op_count; i++)
            o.order[i] = i;
        find_info(&o);
        search(&o);
        status = apply(&o, lowered, err);
    }
    free(o.ops);
    free(o.tensors);
    free(o.order);
    free(o.candidate);
    return status;
}
