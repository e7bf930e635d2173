/* SPDX-License-Identifier: Apache-2.0 */
#include "depthwise.h"

#include "dsp.h"
#include "requant.h"

/* Computes outputs from int16 rows of each channel: the general kernel, which is the portable twin of all
 * others, and the calls of the kernels for 3x3 and for six outputs at a time. */

const int8_t *hf_depthwise_weights(const depthwise *d, uint32_t channel)
{
    const hf_op_record *r = d->context->record;
    const size_t bytes =
        r->params == HF_PARAMS_COMPACT ? sizeof(hf_channel_compact) : sizeof(hf_channel_wide);
    return (const int8_t *)d->context->data + bytes * r->out_channels + (size_t)d->taps * channel;
}

static const int16_t *channel_rows(const depthwise *d, uint32_t c)
{
    return d->ring + (size_t)(d->in_front + c) * d->row_values;
}

/* The general kernel: any size, stride and parameters. */
static void any_rows(const depthwise *d, uint32_t c, uint32_t y, uint32_t rows)
{
    const hf_op_record *r = d->context->record;
    const hf_channel_wide v = hf_channel_at(d->context, d->channel + c);
    const uint32_t slot_values = HF_DEPTHWISE_GROUP * d->row_values;
    int8_t *out = hf_output_row(d->context, y) + d->channel + c;
    for (uint32_t top = y * r->stride_height; rows > 0; rows--, top += r->stride_height) {
        const int16_t *at = channel_rows(d, c);
        for (uint32_t x = r->out_width; x > 0; x--, at += r->stride_width, out += r->out_step) {
            const int8_t *weights = hf_depthwise_weights(d, d->channel + c);
            uint32_t sum = (uint32_t)v.bias;
            for (uint32_t k = top; k < top + r->kernel_height; k++) {
                const int16_t *tap = at + (size_t)(k % d->slots) * slot_values;
                for (uint32_t i = r->kernel_width; i > 0; i--)
                    sum += (uint32_t)(*tap++ * *weights++);
            }
            *out = hf_requantize_wide((int32_t)sum, v.multiplier, v.shift, r->output_zero_point);
        }
    }
}

#if defined(__ARM_FEATURE_DSP)

const hf_channel_compact *hf_depthwise_narrow(depthwise *d, uint32_t c)
{
    if (d->context->record->params == HF_PARAMS_COMPACT)
        return (const hf_channel_compact *)(const void *)d->context->data + d->channel + c;
    const int32_t reach = (int32_t)d->taps << 14; /* largest sum without bias */
    const hf_channel_wide wide = hf_channel_at(d->context, d->channel + c);
    const int32_t shift = -wide.shift - 1;
    if (shift < 0 || shift > HF_COMPACT_SHIFT_MAX || wide.bias >= (1 << 23) - reach ||
        wide.bias < reach - (1 << 23))
        return NULL;
    d->narrow[c] = (hf_channel_compact){wide.multiplier, wide.bias * 256 + shift};
    return &d->narrow[c];
}

void hf_depthwise_prepare_3x3(depthwise *d)
{
    const hf_op_record *r = d->context->record;
    hf_depthwise_run *run = &d->run;
    run->channel_bytes = d->row_values * (uint32_t)sizeof *d->ring;
    run->out_step = r->out_step;
    run->last_out = (r->out_width - 1U) * run->out_step;
    run->out_row = r->out_width * run->out_step;
    run->zero_half = 2 * r->output_zero_point + 1;
    run->width = r->out_width;
    run->rest = (r->out_width - 1U) % 6 + 1;
    run->row_advance = HF_DEPTHWISE_GROUP * run->channel_bytes * r->stride_height;
    const int is_relu = run->zero_half == -255;
    if (r->stride_width == 2) {
        run->kind = is_relu ? HF_DEPTHWISE_RELU_SECOND : HF_DEPTHWISE_SECOND;
        run->row_advance -= 4U * r->out_width;
    } else {
        run->kind = is_relu ? HF_DEPTHWISE_RELU_SIX : HF_DEPTHWISE_SIX;
        run->row_advance -= (r->out_width + 5U) / 6 * 12;
    }
    if (r->out_width == 1 && r->stride_width == 2)
        run->kind = HF_DEPTHWISE_SECOND; /* the other kernel begins with two outputs */
}

/* 3x3, channels c to before c + count. Computes as many output rows at a time as the window's rows allow before
 * one of them reaches the ring's end. */
static void rows_3x3(depthwise *d, const hf_channel_compact *channels, uint32_t c, uint32_t count, uint32_t y,
                     uint32_t rows)
{
    const hf_op_record *r = d->context->record;
    hf_depthwise_run *run = &d->run;
    while (rows > 0) {
        uint32_t slot = y * r->stride_height % d->slots;
        run->height = rows;
        for (uint32_t k = 0; k < 3; k++) {
            const uint32_t fit = (d->slots - 1 - slot) / r->stride_height + 1;
            run->height = run->height < fit ? run->height : fit;
            run->rows[k] = channel_rows(d, c) + (size_t)slot * HF_DEPTHWISE_GROUP * d->row_values;
            slot = slot + 1 == d->slots ? 0 : slot + 1;
        }
        run->out = hf_output_row(d->context, y) + d->channel + c;
        run->weights = hf_depthwise_weights(d, d->channel + c);
        run->channels = channels;
        run->channel_count = count;
        hf_depthwise_3x3(run);
        y += run->height;
        rows -= run->height;
    }
}

#if HF_ENGINE_SPECIAL_KERNELS

/* Spreads weights for hf_depthwise_six(). @return end of the words written */
__attribute__((optimize("O2"))) static uint32_t *spread_weights(const hf_op_record *r, const int8_t *weights,
                                                                uint32_t *to)
{
    const uint32_t twice = r->stride_width == 1;
    for (uint32_t row = r->kernel_height; row > 0; row--) {
        uint32_t before = 0;
        uint32_t left = r->kernel_width;
        for (; left > 1; left -= 2, weights += 2) {
            const uint32_t a = 2U * (uint32_t)weights[0];
            *to++ = hf_pkhbt(a, 2U * (uint32_t)weights[1]);
            if (twice)
                *to++ = hf_pkhbt(before, a);
            before = 2U * (uint32_t)weights[1];
        }
        if (left == 0 && !twice)
            continue;
        const uint32_t a = left > 0 ? 2U * (uint32_t)*weights++ : 0;
        *to++ = a & 0xFFFFU;
        if (twice)
            *to++ = hf_pkhbt(before, a);
    }
    return to;
}

__attribute__((noinline)) static void rows_by_six(const depthwise *d, const hf_channel_compact *channel,
                                                  uint32_t c, uint32_t y, uint32_t rows)
{
    const hf_op_record *r = d->context->record;
    const uint32_t slot_values = HF_DEPTHWISE_GROUP * d->row_values;
    uint32_t weights[2 * HF_DEPTHWISE_WORDS];
    hf_depthwise_row row; /* not cleared first, which would take long */
    row.ring_end = d->ring + (size_t)d->slots * slot_values;
    row.ring_bytes = d->slots * slot_values * (uint32_t)sizeof *d->ring;
    row.slot_bytes = slot_values * (uint32_t)sizeof *d->ring;
    row.weights = weights;
    row.weights_end = spread_weights(r, hf_depthwise_weights(d, d->channel + c), weights);
    row.row_weights = hf_depthwise_row_words(r) * (r->stride_width == 1 ? 8 : 4);
    row.out = hf_output_row(d->context, y) + d->channel + c;
    row.out_step = r->out_step;
    row.outputs = r->out_width;
    row.multiplier = channel->multiplier;
    row.shift = channel->bias_shift;
    row.zero = (2 * r->output_zero_point + 1) * (1 << (channel->bias_shift & 31));
    row.bias = channel->bias_shift >> 7; /* the shift below it is < 128 */
    row.stride = r->stride_width;
    uint32_t slot = y * r->stride_height % d->slots;
    for (; rows > 0; rows--, row.out += (size_t)r->out_width * r->out_step) {
        row.row = channel_rows(d, c) + (size_t)slot * slot_values;
        hf_depthwise_six(&row);
        slot = (slot + r->stride_height) % d->slots;
    }
}

#else

/* Not in the small flavour. */
static void rows_by_six(const depthwise *d, const hf_channel_compact *channel, uint32_t c, uint32_t y,
                        uint32_t rows)
{
    (void)channel;
    any_rows(d, c, y, rows);
}

#endif
#endif

void hf_depthwise_make_rows(depthwise *d, uint32_t y, uint32_t rows)
{
#if defined(__ARM_FEATURE_DSP)
    const hf_op_record *r = d->context->record;
    const int by_six = hf_depthwise_goes_by_six(r);
    const int is_3x3 = !by_six && r->stride_width <= 2 && r->kernel_width == 3 && r->kernel_height == 3;
    if (is_3x3 && r->params == HF_PARAMS_COMPACT) {
        rows_3x3(d, hf_depthwise_narrow(d, 0), 0, d->group, y, rows);
        return;
    }
    for (uint32_t c = 0; c < d->group; c++) {
        const hf_channel_compact *channel = by_six || is_3x3 ? hf_depthwise_narrow(d, c) : NULL;
        if (!channel)
            any_rows(d, c, y, rows);
        else if (by_six)
            rows_by_six(d, channel, c, y, rows);
        else
            rows_3x3(d, channel, c, 1, y, rows);
    }
#else
    for (uint32_t c = 0; c < d->group; c++)
        any_rows(d, c, y, rows);
#endif
}
