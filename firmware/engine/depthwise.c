/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "dsp.h"
#include "kernels.h"
#include "requant.h"

/*
 * Depthwise convolution, four channels at a time: input rows are turned from [W,C] to one padded row per
 * channel in scratch, where neighbouring columns are neighbouring bytes, and stay there in a ring of
 * kernel_height rows. One more row holds zero points, for rows above and below the input.
 */

#define PLAIN_ROWS 8 /* whose addresses are worked out once per output row */

typedef struct depthwise {
    const hf_op_context *context;
    uint32_t row_bytes;
    int8_t *ring;      /* [kernel_height][group][row_bytes] */
    int8_t *blank_row; /* row_bytes zero points */
    uint32_t channel;  /* the group's first */
    uint32_t group;    /* channels in it */
    int is_narrow;     /* all of them fit the compact form, whatever form the layer's parameters have */
    hf_channel_compact narrow[HF_DEPTHWISE_GROUP];
} depthwise;

uint32_t hf_depthwise_row_bytes(const hf_op_record *r)
{
    uint32_t windows = (uint32_t)(r->out_width - 1) * r->stride_width + r->kernel_width;
    uint32_t interior = (uint32_t)r->pad_left + r->in_width;
    /* One byte more: the 3x3 kernels read words of four columns for windows of three. */
    return ((windows > interior ? windows : interior) + 1 + 3U) & ~3U;
}

static int8_t *ring_row(const depthwise *d, int32_t y, uint32_t channel)
{
    uint32_t slot = (uint32_t)y % d->context->record->kernel_height;
    return d->ring + (size_t)(slot * HF_DEPTHWISE_GROUP + channel) * d->row_bytes;
}

/* Splits one input row into the group's rows. */
static __attribute__((noinline)) void take_row(const depthwise *d, int32_t y)
{
    const hf_op_record *r = d->context->record;
    const size_t step = r->in_step;
    const int8_t *from = hf_input_row(d->context, (uint32_t)y) + d->channel;
    int8_t *to = ring_row(d, y, 0) + r->pad_left;
    const uint32_t row = d->row_bytes;
    if (d->group == HF_DEPTHWISE_GROUP) {
        for (uint32_t x = r->in_width; x > 0; x--, from += step, to++) {
            uint32_t four = hf_load32(from);
            to[0] = (int8_t)four;
            to[row] = (int8_t)(four >> 8);
            to[(size_t)2 * row] = (int8_t)(four >> 16);
            to[(size_t)3 * row] = (int8_t)(four >> 24);
        }
        return;
    }
    for (uint32_t x = r->in_width; x > 0; x--, from += step, to++)
        for (uint32_t c = 0; c < d->group; c++)
            to[(size_t)c * row] = from[c];
}

static const int8_t *padded_row(const depthwise *d, int32_t y, uint32_t channel)
{
    return y < 0 || y >= d->context->record->in_height ? d->blank_row : ring_row(d, y, channel);
}

/* One channel's parameters, however they are stored. */
typedef struct channel {
    const int8_t *weights;
    uint32_t bias;
    int32_t multiplier, shift; /* compact: right shift - 1 */
    int32_t zero_point;
    int compact;
} channel;

static channel channel_at(const hf_op_context *context, uint32_t index)
{
    const hf_op_record *r = context->record;
    const size_t taps = (size_t)r->kernel_height * r->kernel_width;
    if (r->params == HF_PARAMS_COMPACT) {
        const hf_channel_compact *all = (const hf_channel_compact *)(const void *)context->data;
        return (channel){(const int8_t *)(all + r->out_channels) + taps * index,
                         (uint32_t)(all[index].bias_shift >> 8),
                         all[index].multiplier,
                         all[index].bias_shift & 0xFF,
                         r->output_zero_point,
                         1};
    }
    const hf_channel_wide *all = (const hf_channel_wide *)(const void *)context->data;
    return (channel){(const int8_t *)(all + r->out_channels) + taps * index,
                     (uint32_t)all[index].bias,
                     all[index].multiplier,
                     all[index].shift,
                     r->output_zero_point,
                     0};
}

static inline int8_t output_of(const channel *v, uint32_t sum)
{
    if (v->compact)
        return hf_requantize_compact((int32_t)(2 * sum), v->multiplier, v->shift, 2 * v->zero_point + 1);
    return hf_requantize_wide((int32_t)sum, v->multiplier, v->shift, v->zero_point);
}

/* Taps of one kernel row: four at a time where there are four. */
static inline uint32_t add_taps(uint32_t sum, const int8_t *at, const int8_t *weights, uint32_t count)
{
    for (; count >= 4; count -= 4, at += 4, weights += 4)
        sum = hf_dot4(hf_load32(at), hf_load32(weights), sum);
    for (; count > 0; count--)
        sum += (uint32_t)(*at++ * *weights++);
    return sum;
}

/* Any kernel of up to PLAIN_ROWS rows, any stride and parameters. */
static __attribute__((noinline)) void plain_row(const depthwise *d, int32_t y, uint32_t c, int8_t *out)
{
    const hf_op_record *r = d->context->record;
    const channel v = channel_at(d->context, d->channel + c);
    const int8_t *rows[PLAIN_ROWS];
    size_t x = 0;
    for (uint32_t k = 0; k < r->kernel_height; k++)
        rows[k] = padded_row(d, y + (int32_t)k, c);
    for (uint32_t left = r->out_width; left > 0; left--, x += r->stride_width, out += r->out_step) {
        const int8_t *weights = v.weights;
        uint32_t sum = v.bias;
        for (uint32_t k = 0; k < r->kernel_height; k++, weights += r->kernel_width)
            sum = add_taps(sum, rows[k] + x, weights, r->kernel_width);
        *out = output_of(&v, sum);
    }
}

/* Kernels with more rows. */
static __attribute__((noinline)) void tall_row(const depthwise *d, int32_t y, uint32_t c, int8_t *out)
{
    const hf_op_record *r = d->context->record;
    const channel v = channel_at(d->context, d->channel + c);
    for (uint32_t x = 0; x < r->out_width; x++, out += r->out_step) {
        uint32_t sum = v.bias;
        const int8_t *weights = v.weights;
        for (int32_t k = 0; k < r->kernel_height; k++, weights += r->kernel_width)
            sum = add_taps(sum, padded_row(d, y + k, c) + (size_t)x * r->stride_width, weights,
                           r->kernel_width);
        *out = output_of(&v, sum);
    }
}

/* In a layer with wide parameters few channels need them: the others go through the fast kernels too. */
static void narrow(depthwise *d)
{
    const hf_op_record *r = d->context->record;
    if (r->params == HF_PARAMS_COMPACT) {
        d->is_narrow = 1;
        memcpy(d->narrow, d->context->data + d->channel * sizeof *d->narrow, d->group * sizeof *d->narrow);
        return;
    }
    const hf_channel_wide *wide = (const hf_channel_wide *)(const void *)d->context->data + d->channel;
    const int64_t reach = (int64_t)r->kernel_height * r->kernel_width << 14; /* of the sum without bias */
    d->is_narrow = 0;
    for (uint32_t c = 0; c < d->group; c++) {
        const int32_t shift = -wide[c].shift - 1;
        if (shift < 0 || shift > HF_COMPACT_SHIFT_MAX || wide[c].bias + reach >= 1 << 23 ||
            wide[c].bias - reach < -(1 << 23))
            return;
        d->narrow[c] = (hf_channel_compact){wide[c].multiplier, wide[c].bias * 256 + shift};
    }
    d->is_narrow = 1;
}

static const int8_t *group_weights(const depthwise *d)
{
    const hf_op_record *r = d->context->record;
    const size_t bytes =
        r->params == HF_PARAMS_COMPACT ? sizeof(hf_channel_compact) : sizeof(hf_channel_wide);
    return (const int8_t *)d->context->data + bytes * r->out_channels +
           (size_t)r->kernel_height * r->kernel_width * d->channel;
}

static void row_3x3(const depthwise *d, int32_t y, int8_t *out)
{
    const hf_op_record *r = d->context->record;
    hf_depthwise_rows rows = {
        .weights = group_weights(d),
        .channels = d->narrow,
        .out = out,
        .channel_count = d->group,
        .out_step = r->out_step,
        .width = r->out_width,
        .zero_half = 2 * r->output_zero_point + 1,
    };
    for (int32_t k = 0; k < 3; k++) {
        rows.rows[k] = padded_row(d, y + k, 0);
        rows.row_steps[k] = rows.rows[k] == d->blank_row ? 0 : d->row_bytes;
    }
    if (r->stride_width == 1)
        hf_depthwise_rows_3x3_s1(&rows);
    else
        hf_depthwise_rows_3x3_s2(&rows);
}

static void row_5x5(const depthwise *d, int32_t y, int8_t *out)
{
    const hf_op_record *r = d->context->record;
    hf_depthwise_row_5x5 row = {
        .weights = group_weights(d),
        .out_step = r->out_step,
        .stride = r->stride_width,
        .width = r->out_width,
        .zero_half = 2 * r->output_zero_point + 1,
    };
    for (uint32_t c = 0; c < d->group; c++, row.weights += 25) {
        for (int32_t k = 0; k < 5; k++)
            row.rows[k] = padded_row(d, y + k, c);
        row.channel = d->narrow[c];
        row.out = out + c;
        hf_run_depthwise_row_5x5(&row);
    }
}

static void any_row(const depthwise *d, int32_t y, int8_t *out)
{
    for (uint32_t c = 0; c < d->group; c++, out++) {
        if (d->context->record->kernel_height <= PLAIN_ROWS)
            plain_row(d, y, c, out);
        else
            tall_row(d, y, c, out);
    }
}

typedef void row_kernel(const depthwise *d, int32_t y, int8_t *out);

static row_kernel *kernel_for(const depthwise *d)
{
    const hf_op_record *r = d->context->record;
    if (d->is_narrow && r->kernel_height == 3 && r->kernel_width == 3 &&
        (r->stride_width == 1 || r->stride_width == 2))
        return row_3x3;
    return d->is_narrow && r->kernel_height == 5 && r->kernel_width == 5 ? row_5x5 : any_row;
}

static void run_group(const depthwise *d)
{
    const hf_op_record *r = d->context->record;
    row_kernel *kernel = kernel_for(d);
    int32_t taken = 0;
    for (uint32_t row = d->context->first_row; row < d->context->end_row; row++) {
        const int32_t y = (int32_t)row;
        const int32_t top = y * r->stride_height - r->pad_top;
        int32_t needed = top + r->kernel_height;
        if (needed > r->in_height)
            needed = r->in_height;
        for (taken = taken < top ? top : taken; taken < needed; taken++)
            take_row(d, taken);
        kernel(d, top, hf_output_row(d->context, row) + d->channel);
    }
}

void hf_run_depthwise(const hf_op_context *context)
{
    const hf_op_record *r = context->record;
    depthwise d = {.context = context, .row_bytes = hf_depthwise_row_bytes(r), .ring = context->extra};
    size_t ring_bytes = (size_t)r->kernel_height * HF_DEPTHWISE_GROUP * d.row_bytes;
    d.blank_row = d.ring + ring_bytes;
    memset(d.ring, r->input_zero_point, ring_bytes + d.row_bytes);
    for (; d.channel < r->in_channels; d.channel += HF_DEPTHWISE_GROUP) {
        uint32_t left = r->in_channels - d.channel;
        d.group = left < HF_DEPTHWISE_GROUP ? left : HF_DEPTHWISE_GROUP;
        narrow(&d);
        run_group(&d);
    }
}
