/* SPDX-License-Identifier: Apache-2.0 */
#include "overlap.h"

#include "engine/layout.h"

/*
 * How far each kernel's output may overlap its input follows from the order in which the kernel reads and
 * writes; plan_check.c verifies it by replaying that order. Distances here are between the first bytes of
 * input and output, not between the tensors that contain them.
 */

static const hf_overlap never = {HF_OVERLAP_NEVER, HF_OVERLAP_NEVER};

static int64_t max64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t in_row_bytes(const hf_op_record *r)
{
    return (int64_t)r->in_width * r->in_step;
}

static int64_t out_row_bytes(const hf_op_record *r)
{
    return (int64_t)r->out_width * r->out_step;
}

/* End of output row y. */
static int64_t out_row_end(const hf_op_record *r, int64_t y)
{
    return (y + 1) * out_row_bytes(r) - r->out_step + (int64_t)hf_record_position_span(r);
}

static int64_t first_window_row(const hf_op_record *r, int64_t y)
{
    return max64(y * r->stride_height - r->pad_top, 0);
}

/* Row by row: while an output row is written, the first input row of its windows is still needed. */
static int64_t window_distance(const hf_op_record *r)
{
    int64_t distance = HF_OVERLAP_ALWAYS;
    for (int64_t y = 0; y < r->out_height; y++)
        distance = max64(distance, out_row_end(r, y) - first_window_row(r, y) * in_row_bytes(r));
    return distance;
}

/* Lowest input byte that positions after (y, x) still read. */
static int64_t lowest_read_after(const hf_op_record *r, int64_t y, int64_t x)
{
    int64_t lowest = INT64_MAX;
    if (y + 1 < r->out_height)
        lowest = first_window_row(r, y + 1) * in_row_bytes(r);
    if (x + 1 < r->out_width) {
        const int64_t column = max64((x + 1) * r->stride_width - r->pad_left, 0);
        const int64_t next = first_window_row(r, y) * in_row_bytes(r) + column * r->in_step;
        lowest = next < lowest ? next : lowest;
    }
    return lowest;
}

/* A window is copied to scratch before its outputs are written, so they may extend to the first byte that
 * later windows read. Within a row both advance at constant steps, so only the positions at its ends are
 * examined. */
static int64_t conv_distance(const hf_op_record *r)
{
    int64_t distance = HF_OVERLAP_ALWAYS;
    for (int64_t y = 0; y < r->out_height; y++)
        for (int64_t x = 0; x < r->out_width; x++) {
            if (x > r->pad_left && x + 2 < r->out_width)
                x = r->out_width - 2;
            const int64_t lowest = lowest_read_after(r, y, x);
            const int64_t end = y * out_row_bytes(r) + x * r->out_step + (int64_t)hf_record_position_span(r);
            if (lowest != INT64_MAX)
                distance = max64(distance, end - lowest);
        }
    return distance;
}

/* Value by value, in ascending order. */
static int64_t forwards_distance(const hf_op_record *r, int64_t in_step)
{
    const int64_t positions = (int64_t)r->out_height * r->out_width;
    return max64((r->out_step - in_step) * (positions - 1), 0);
}

/* The kernel processes four channels at a time through all rows, in bands whose input rows are copied to
 * scratch before it writes. In place and with equal steps, a write overwrites the same channels only; their
 * rows must have been copied. */
static bool depthwise_fits_over_itself(const hf_op_record *r)
{
    if (r->in_step != r->out_step)
        return false;
    const int64_t band = hf_depthwise_band_rows(r);
    for (int64_t end = band; end < r->out_height; end += band) {
        int64_t copied = (end - 1) * r->stride_height - r->pad_top + r->kernel_height;
        if (copied > r->in_height)
            copied = r->in_height;
        if (end * r->out_width > copied * r->in_width)
            return false;
    }
    return true;
}

/* Channels are copied in descending order: no write may overwrite a channel that is still to be read, nor the
 * next position.
 * @param ahead offset of the output's first byte from the input's */
static bool copy_fits_over_itself(const hf_op_record *r, int64_t ahead)
{
    return r->parts == 1 && r->in_step == r->out_step && ahead >= 0 &&
           ahead + (int64_t)hf_record_position_span(r) <= r->in_step;
}

/* Position by position: the outputs of each end before its inputs begin. */
static int64_t copy_distance(const hf_op_record *r)
{
    return forwards_distance(r, r->in_step) +
           (r->channel_step == 1 ? 0 : (int64_t)hf_record_position_span(r));
}

/* Row by row, in ascending order: the last input row has the most output before it. */
static int64_t pad_distance(const hf_op_record *r)
{
    return (r->in_height - 1) * (out_row_bytes(r) - in_row_bytes(r)) + r->pad_top * out_row_bytes(r) +
           (int64_t)r->pad_left * r->in_channels;
}

/* ---- The orders listed in engine/operators.h. `which`: input 0 or 1. `ahead`: offset of the output's first
 * byte from that input's. Distances are between these bytes ---- */

static hf_overlap from_distance(int64_t distance)
{
    return (hf_overlap){distance, HF_OVERLAP_NEVER};
}

/* Value by value or position by position, in ascending order: works in place. */
static hf_overlap order_values(const hf_op_record *r, int32_t which, int64_t ahead)
{
    (void)r;
    (void)which;
    (void)ahead;
    return from_distance(0);
}

/* The same with space between positions. */
static hf_overlap order_forwards(const hf_op_record *r, int32_t which, int64_t ahead)
{
    (void)which;
    (void)ahead;
    return from_distance(forwards_distance(r, r->in_step));
}

/* The whole input is read for every block of channels. */
static hf_overlap order_apart(const hf_op_record *r, int32_t which, int64_t ahead)
{
    (void)r;
    (void)which;
    (void)ahead;
    return never;
}

/* As order_values(), unless the output's values are wider. */
static hf_overlap order_convert(const hf_op_record *r, int32_t which, int64_t ahead)
{
    return r->out_channels > r->in_channels ? never : order_values(r, which, ahead);
}

/* As order_values(), but a gate is read at every position. */
static hf_overlap order_gate(const hf_op_record *r, int32_t which, int64_t ahead)
{
    return which == 1 && r->parts == 2 ? never : order_values(r, which, ahead);
}

/* As order_values(), but a second operand that is repeated is read again. */
static hf_overlap order_binary(const hf_op_record *r, int32_t which, int64_t ahead)
{
    return which == 1 && r->parts > 1 ? never : order_values(r, which, ahead);
}

/* Windows are copied before their outputs are written. */
static hf_overlap order_window(const hf_op_record *r, int32_t which, int64_t ahead)
{
    (void)which;
    (void)ahead;
    return from_distance(conv_distance(r));
}

/* Windows are read in place. */
static hf_overlap order_rows(const hf_op_record *r, int32_t which, int64_t ahead)
{
    const bool one =
        r->out_height == 1 && r->out_width == 1; /* its channels are read before they are written */
    return one ? order_values(r, which, ahead) : from_distance(window_distance(r));
}

static hf_overlap order_depthwise(const hf_op_record *r, int32_t which, int64_t ahead)
{
    (void)which;
    return (hf_overlap){HF_OVERLAP_NEVER, depthwise_fits_over_itself(r) ? ahead : HF_OVERLAP_NEVER};
}

static hf_overlap order_copy(const hf_op_record *r, int32_t which, int64_t ahead)
{
    hf_overlap overlap = from_distance(copy_distance(r));
    (void)which;
    if (r->channel_step > 1 && copy_fits_over_itself(r, ahead))
        overlap.exact_bytes = 0;
    return overlap;
}

static hf_overlap order_pad(const hf_op_record *r, int32_t which, int64_t ahead)
{
    (void)which;
    (void)ahead;
    return from_distance(pad_distance(r));
}

static hf_overlap kernel_overlap(const hf_op_record *r, int32_t which, int64_t ahead)
{
    switch ((hf_image_op)r->op) {
#define ORDER_CASE(name, number, text, kernel, shape, data, bytes, order, ...)                               \
    case HF_IMAGE_OP_##name:                                                                                 \
        return order_##order(r, which, ahead);
        HF_IMAGE_OP_MAP(ORDER_CASE) /* NOLINT(bugprone-branch-clone): rows share rules */
#undef ORDER_CASE
    case HF_IMAGE_OP_COUNT:
        break;
    }
    return never;
}

static hf_overlap op_overlap(const hf_lowered_op *op, int32_t which)
{
    const int64_t ahead = (int64_t)op->output.first_byte - op->inputs[which].first_byte;
    hf_overlap overlap = kernel_overlap(&op->record, which, ahead);
    if (overlap.distance_bytes != HF_OVERLAP_NEVER)
        overlap.distance_bytes += ahead;
    return overlap;
}

static bool allows(const hf_overlap *overlap, int64_t distance)
{
    return distance >= overlap->distance_bytes || distance == overlap->exact_bytes;
}

/* The overlap that both allow. */
static hf_overlap stricter(const hf_overlap *a, const hf_overlap *b)
{
    hf_overlap both = {max64(a->distance_bytes, b->distance_bytes), HF_OVERLAP_NEVER};
    if (a->exact_bytes != HF_OVERLAP_NEVER && allows(b, a->exact_bytes))
        both.exact_bytes = a->exact_bytes;
    else if (b->exact_bytes != HF_OVERLAP_NEVER && allows(a, b->exact_bytes))
        both.exact_bytes = b->exact_bytes;
    return both;
}

/* A chain during its execution. */
typedef struct chain_rows {
    const hf_lowered_op *ops;
    int32_t last;                   /* operator; the first is 0 */
    int32_t input;                  /* tensor */
    int64_t computed[HF_CHAIN_MAX]; /* rows, per operator */
} chain_rows;

/* Lowest byte of the input tensor that operator k will still read for its remaining rows. */
static int64_t lowest_still_read(const chain_rows *chain, int32_t k)
{
    const hf_lowered_op *op = &chain->ops[k];
    const hf_op_record *r = &op->record;
    const int64_t row = chain->computed[k];
    int64_t lowest = INT64_MAX;
    if (row >= r->out_height)
        return lowest;
    if (k == 0 && op->inputs[0].tensor == chain->input)
        lowest = op->inputs[0].first_byte + first_window_row(r, row) * in_row_bytes(r);
    if (op->input_count == 2 && op->inputs[1].tensor == chain->input) {
        const bool gate = hf_record_is_gated(r);
        const int64_t second =
            op->inputs[1].first_byte + (gate ? 0 : row * r->in_width * (int64_t)r->in_channels);
        lowest = second < lowest ? second : lowest;
    }
    return lowest;
}

/* The distance required between input and output while the last operator computes its next row. */
static int64_t last_row_distance(const chain_rows *chain)
{
    const hf_lowered_op *op = &chain->ops[chain->last];
    const hf_op_record *r = &op->record;
    const int64_t row = chain->computed[chain->last];
    const int64_t end = op->output.first_byte + out_row_end(r, row);
    int64_t distance = HF_OVERLAP_ALWAYS;
    for (int32_t k = 0; k < chain->last; k++) {
        const int64_t lowest = lowest_still_read(chain, k);
        if (lowest != INT64_MAX)
            distance = max64(distance, end - lowest);
    }
    if (op->input_count < 2 || op->inputs[1].tensor != chain->input)
        return distance;
    if (hf_record_is_gated(r))
        return max64(distance, end - op->inputs[1].first_byte);
    /* A second input has the output's shape and is read value by value as the output is written. */
    return max64(distance, (int64_t)op->output.first_byte - op->inputs[1].first_byte);
}

static hf_overlap chain_overlap(const hf_lowered_op *ops, int32_t last, int32_t input)
{
    chain_rows chain = {.ops = ops, .last = last, .input = input};
    int64_t distance = HF_OVERLAP_ALWAYS;
    int32_t k = last;
    while (chain.computed[last] < ops[last].record.out_height) {
        if (k > 0 &&
            chain.computed[k - 1] < hf_record_rows_needed(&ops[k].record, (uint32_t)chain.computed[k])) {
            k--;
            continue;
        }
        if (k == last)
            distance = max64(distance, last_row_distance(&chain));
        chain.computed[k]++;
        if (k < last)
            k++;
    }
    return (hf_overlap){distance, HF_OVERLAP_NEVER};
}

int32_t hf_step_last(const hf_lowered *l, int32_t first)
{
    while (l->ops[first].record.ring_rows > 0)
        first++;
    return first;
}

hf_overlap hf_step_overlap(const hf_lowered *l, int32_t first, int32_t last, int32_t input)
{
    if (last > first)
        return chain_overlap(&l->ops[first], last - first, input);
    const hf_lowered_op *op = &l->ops[first];
    hf_overlap overlap = {HF_OVERLAP_ALWAYS, HF_OVERLAP_NEVER};
    for (int32_t i = 0; i < op->input_count; i++)
        if (op->inputs[i].tensor == input) {
            const hf_overlap use = op_overlap(op, i);
            overlap = stricter(&overlap, &use);
        }
    return overlap;
}

bool hf_overlap_allows(const hf_overlap *overlap, int64_t input_offset, int64_t input_bytes,
                       int64_t output_offset, int64_t output_bytes)
{
    return input_offset + input_bytes <= output_offset || output_offset + output_bytes <= input_offset ||
           allows(overlap, input_offset - output_offset);
}

int64_t hf_overlap_bytes(const hf_overlap *overlap, int64_t in, int64_t out)
{
    int64_t min_bytes = hf_arena_align(in) + out < hf_arena_align(out) + in ? hf_arena_align(in) + out
                                                                            : hf_arena_align(out) + in;
    /* If the distance may be 0 or less, either may lie within the other. */
    const int64_t distances[2] = {overlap->distance_bytes < 0 ? 0 : overlap->distance_bytes,
                                  overlap->exact_bytes};
    for (int i = 0; i < 2; i++) {
        const int64_t distance = distances[i];
        if (distance == HF_OVERLAP_NEVER)
            continue;
        const int64_t together =
            distance < 0 ? max64(in, out - distance) : max64(out, hf_arena_align(distance) + in);
        min_bytes = together < min_bytes ? together : min_bytes;
    }
    return min_bytes;
}
