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

typedef struct depthwise {
    const hf_op_context *context;
    uint32_t row_bytes;
    int8_t *ring;      /* [kernel_height][group][row_bytes] */
    int8_t *blank_row; /* row_bytes zero points */
    uint32_t channel;  /* the group's first */
    uint32_t group;    /* channels in it */
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
static void take_row(const depthwise *d, int32_t y)
{
    const hf_op_record *r = d->context->record;
    const size_t step = r->in_channels;
    const int8_t *from = d->context->input + (size_t)y * r->in_width * step + d->channel;
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

/* Any kernel, stride and parameters. */
static void plain_row(const depthwise *d, int32_t y, uint32_t c, int8_t *out)
{
    const hf_op_record *r = d->context->record;
    const uint8_t *data = d->context->data;
    const uint32_t channel = d->channel + c;
    const uint32_t taps = (uint32_t)r->kernel_height * r->kernel_width;
    const int compact = r->params == HF_PARAMS_COMPACT;
    const hf_channel_compact *narrow = (const hf_channel_compact *)(const void *)data + channel;
    const hf_channel_wide *wide = (const hf_channel_wide *)(const void *)data + channel;
    const int8_t *weights = (const int8_t *)data + (size_t)taps * channel +
                            r->out_channels * (compact ? sizeof *narrow : sizeof *wide);
    const uint32_t bias = (uint32_t)(compact ? narrow->bias_shift >> 8 : wide->bias);
    for (uint32_t x = 0; x < r->out_width; x++, out += r->out_channels) {
        uint32_t sum = bias;
        const int8_t *tap = weights;
        for (int32_t k = 0; k < r->kernel_height; k++) {
            const int8_t *row = padded_row(d, y + k, c) + (size_t)x * r->stride_width;
            for (uint32_t i = 0; i < r->kernel_width; i++)
                sum += (uint32_t)(row[i] * *tap++);
        }
        if (compact)
            *out = hf_requantize_compact((int32_t)(2 * sum), narrow->multiplier, narrow->bias_shift & 0xFF,
                                         2 * r->output_zero_point + 1);
        else
            *out = hf_requantize_wide((int32_t)sum, wide->multiplier, wide->shift, r->output_zero_point);
    }
}

static int is_fast(const hf_op_record *r)
{
    return r->params == HF_PARAMS_COMPACT && r->kernel_height == 3 && r->kernel_width == 3 &&
           (r->stride_width == 1 || r->stride_width == 2);
}

static void fast_row(const depthwise *d, int32_t y, int8_t *out)
{
    const hf_op_record *r = d->context->record;
    const hf_channel_compact *channels = (const hf_channel_compact *)(const void *)d->context->data;
    hf_depthwise_rows rows = {
        .weights = (const int8_t *)(channels + r->out_channels) + (size_t)9 * d->channel,
        .channels = channels + d->channel,
        .out = out,
        .channel_count = d->group,
        .out_step = r->out_channels,
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

static void run_group(const depthwise *d)
{
    const hf_op_record *r = d->context->record;
    const int fast = is_fast(r);
    int32_t taken = 0;
    for (int32_t y = 0; y < r->out_height; y++) {
        const int32_t top = y * r->stride_height - r->pad_top;
        int32_t needed = top + r->kernel_height;
        if (needed > r->in_height)
            needed = r->in_height;
        for (taken = taken < top ? top : taken; taken < needed; taken++)
            take_row(d, taken);
        int8_t *out = d->context->output + (size_t)y * r->out_width * r->out_channels + d->channel;
        if (fast) {
            fast_row(d, top, out);
            continue;
        }
        for (uint32_t c = 0; c < d->group; c++)
            plain_row(d, top, c, out + c);
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
        run_group(&d);
    }
}
