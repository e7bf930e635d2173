/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/layout.h"

#include "dsp.h"
#include "kernels.h"
#include "requant.h"

/*
 * Depthwise convolution, four channels at a time: input rows are turned from [W,C] to one padded row of int16
 * per channel in scratch, where neighbouring columns are neighbours, and stay there in a ring of rows. Rows
 * above and below the input are written there like others. So what a kernel needs of a channel, it prepares
 * once for all the output rows that the ring's rows make, a band.
 */

#define BAND_BYTES 1568U /* of scratch, if a kernel's rows need no more: a map of 12 x 12 with its border */

typedef struct depthwise {
    const hf_op_context *context;
    int16_t
        *ring; /* [slots][HF_DEPTHWISE_GROUP][row_values]; row y of the padded input is in slot y % slots */
    uint32_t row_values;
    uint32_t slots;
    uint32_t band;    /* output rows that a ring's rows make */
    uint32_t channel; /* the group's first */
    uint32_t group;   /* channels in it */
    int is_whole;     /* the ring has a slot for every row, so that padding stays */
    uint32_t taps;
#if defined(__ARM_FEATURE_DSP)
    void (*kernel)(hf_depthwise_run *run); /* NULL: any_rows() */
    hf_depthwise_intake intake;
    hf_depthwise_run run;
    hf_channel_compact narrow[HF_DEPTHWISE_GROUP];
#endif
} depthwise;

/* Columns of a padded row. The kernels for stride 1 make two outputs at a time. */
static uint32_t row_values(const hf_op_record *r)
{
    uint32_t last = (uint32_t)(r->out_width - 1) * r->stride_width;
    uint32_t windows = (r->stride_width == 1 ? last | 1U : last) + r->kernel_width;
    uint32_t interior = (uint32_t)r->pad_left + r->in_width;
    return ((windows > interior ? windows : interior) + 1U) & ~1U;
}

/* As few bands as scratch allows, of as few rows as make no more bands. */
uint32_t hf_depthwise_band_rows(const hf_op_record *r)
{
    const uint32_t fit = BAND_BYTES / (uint32_t)(HF_DEPTHWISE_GROUP * sizeof(int16_t)) / row_values(r);
    if (r->ring_rows > 0 || fit < r->kernel_height) /* with a ring, rows are asked for one by one */
        return 1;
    const uint32_t most = (fit - r->kernel_height) / r->stride_height + 1;
    const uint32_t bands = (r->out_height + most - 1) / most;
    return (r->out_height + bands - 1) / bands;
}

static uint32_t band_slots(const hf_op_record *r)
{
    return (hf_depthwise_band_rows(r) - 1) * r->stride_height + r->kernel_height;
}

uint64_t hf_depthwise_scratch_bytes(const hf_op_record *r)
{
    return (uint64_t)(HF_DEPTHWISE_GROUP * sizeof(int16_t)) * row_values(r) * band_slots(r);
}

/* Slots are multiples of four words. */
static void blank(const depthwise *d, uint32_t slot, uint32_t count)
{
    const uint32_t zeros = (uint16_t)d->context->record->input_zero_point * 0x10001U;
    uint32_t *to = (uint32_t *)(void *)d->ring + (size_t)slot * 2 * d->row_values;
    for (uint32_t left = count * d->row_values / 2; left > 0; left--, to += 4) {
        to[0] = zeros;
        to[1] = zeros;
        to[2] = zeros;
        to[3] = zeros;
    }
}

/* Consecutive rows `y` .. of the input, to consecutive slots. */
static void take_rows(depthwise *d, int16_t *to, uint32_t y, uint32_t rows)
{
    const hf_op_record *r = d->context->record;
    const size_t step = r->in_step;
    const int8_t *from = hf_input_row(d->context, y) + d->channel;
#if defined(__ARM_FEATURE_DSP)
    if (d->group == HF_DEPTHWISE_GROUP) {
        d->intake.to = to + (r->pad_left & ~1U);
        d->intake.from = from;
        d->intake.rows = rows;
        hf_depthwise_take(&d->intake);
        return;
    }
#endif
    to += r->pad_left;
    for (; rows > 0; rows--, to += HF_DEPTHWISE_GROUP * d->row_values - r->in_width)
        for (uint32_t x = r->in_width; x > 0; x--, from += step, to++)
            for (uint32_t c = 0; c < d->group; c++)
                to[(size_t)c * d->row_values] = (int16_t)(int32_t)from[c];
}

/* Rows `y` to before `end` of the padded input. */
static void take_padded_rows(depthwise *d, uint32_t y, uint32_t end)
{
    const hf_op_record *r = d->context->record;
    while (y < end) {
        const uint32_t slot = y % d->slots;
        const uint32_t row = y - r->pad_top;
        uint32_t rows = 1;
        if (row < r->in_height) {
            rows = end - y < d->slots - slot ? end - y : d->slots - slot;
            rows = rows < r->in_height - row ? rows : r->in_height - row;
            if (d->context->in_rows < r->in_height) /* a ring */
                rows = 1;
            take_rows(d, d->ring + (size_t)slot * HF_DEPTHWISE_GROUP * d->row_values, row, rows);
        } else if (!d->is_whole) {
            blank(d, slot, 1);
        }
        y += rows;
    }
}

static const int8_t *channel_weights(const depthwise *d, uint32_t channel)
{
    const hf_op_record *r = d->context->record;
    const size_t bytes =
        r->params == HF_PARAMS_COMPACT ? sizeof(hf_channel_compact) : sizeof(hf_channel_wide);
    return (const int8_t *)d->context->data + bytes * r->out_channels + (size_t)d->taps * channel;
}

/* Any kernel, stride and parameters. */
static void any_rows(const depthwise *d, uint32_t c, uint32_t y, uint32_t rows)
{
    const hf_op_record *r = d->context->record;
    const hf_channel_wide v = hf_channel_at(d->context, d->channel + c);
    const uint32_t slot_values = HF_DEPTHWISE_GROUP * d->row_values;
    int8_t *out = hf_output_row(d->context, y) + d->channel + c;
    for (uint32_t top = y * r->stride_height; rows > 0; rows--, top += r->stride_height) {
        const int16_t *at = d->ring + (size_t)c * d->row_values;
        for (uint32_t x = r->out_width; x > 0; x--, at += r->stride_width, out += r->out_step) {
            const int8_t *weights = channel_weights(d, d->channel + c);
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

/* In a layer with wide parameters few channels need them: the others go through the fast kernels too.
 * @return the group's parameters; NULL if one channel's are too wide */
static const hf_channel_compact *narrow(depthwise *d)
{
    if (d->context->record->params == HF_PARAMS_COMPACT)
        return (const hf_channel_compact *)(const void *)d->context->data + d->channel;
    const int32_t reach = (int32_t)d->taps << 14; /* of the sum without bias */
    for (uint32_t c = 0; c < d->group; c++) {
        const hf_channel_wide wide = hf_channel_at(d->context, d->channel + c);
        const int32_t shift = -wide.shift - 1;
        if (shift < 0 || shift > HF_COMPACT_SHIFT_MAX || wide.bias >= (1 << 23) - reach ||
            wide.bias < reach - (1 << 23))
            return NULL;
        d->narrow[c] = (hf_channel_compact){wide.multiplier, wide.bias * 256 + shift};
    }
    return d->narrow;
}

static void prepare_intake(depthwise *d)
{
    const hf_op_record *r = d->context->record;
    hf_depthwise_intake *intake = &d->intake;
    const uint32_t odd = r->pad_left % 2; /* the first pair begins with padding */
    const uint32_t left = r->in_width - 1U + odd;
    intake->channel_bytes = d->row_values * (uint32_t)sizeof *d->ring;
    intake->pairs = left / 2;
    intake->zeros = (uint8_t)r->input_zero_point * 0x01010101U;
    intake->step = r->in_step;
    intake->first = odd ? 0 : intake->step;
    intake->last = left % 2 ? (int32_t)((r->in_width - 1U) * intake->step) : -1;
    intake->to_advance = HF_DEPTHWISE_GROUP * intake->channel_bytes - 4 * (intake->pairs + 1);
    intake->from_advance = r->in_width * intake->step;
}

static void prepare_run(depthwise *d)
{
    const hf_op_record *r = d->context->record;
    if (r->stride_width > 2 || r->kernel_width != r->kernel_height)
        return;
    if (r->kernel_width == 3)
        d->kernel = hf_depthwise_3x3;
    if (r->kernel_width == 5)
        d->kernel = hf_depthwise_5x5;
    hf_depthwise_run *run = &d->run;
    run->channel_bytes = d->row_values * (uint32_t)sizeof *d->ring;
    run->out_step = r->out_step;
    run->last_out = (r->out_width - 1U) * run->out_step;
    run->out_row = r->out_width * run->out_step;
    run->zero_half = 2 * r->output_zero_point + 1;
    run->row_advance = HF_DEPTHWISE_GROUP * run->channel_bytes * r->stride_height;
    run->row_advance -= 4U * (r->stride_width == 2 ? r->out_width : (r->out_width + 1U) / 2);
    const int is_relu = run->zero_half == -255;
    if (r->stride_width == 2)
        run->kind = is_relu ? HF_DEPTHWISE_RELU_SECOND : HF_DEPTHWISE_SECOND;
    else if (is_relu)
        run->kind = r->out_width / 2 % 2 ? HF_DEPTHWISE_RELU_PAIRS_ODD : HF_DEPTHWISE_RELU_PAIRS;
    if (r->out_width == 1) /* all kinds of pairs begin with two outputs */
        run->kind = HF_DEPTHWISE_SECOND;
}

/* As many output rows at a time as no row of the kernel comes to the ring's end in between. */
static void fast_rows(depthwise *d, const hf_channel_compact *channels, uint32_t y, uint32_t rows)
{
    const hf_op_record *r = d->context->record;
    hf_depthwise_run *run = &d->run;
    while (rows > 0) {
        uint32_t slot = y * r->stride_height % d->slots;
        run->height = rows;
        for (uint32_t k = 0; k < r->kernel_height; k++) {
            const uint32_t fit = (d->slots - 1 - slot) / r->stride_height + 1;
            run->height = run->height < fit ? run->height : fit;
            run->rows[k] = d->ring + (size_t)slot * HF_DEPTHWISE_GROUP * d->row_values;
            slot = slot + 1 == d->slots ? 0 : slot + 1;
        }
        run->out = hf_output_row(d->context, y) + d->channel;
        run->weights = channel_weights(d, d->channel);
        run->channels = channels;
        run->channel_count = d->group;
        d->kernel(run);
        y += run->height;
        rows -= run->height;
    }
}

#endif

static void band_rows(depthwise *d, uint32_t y, uint32_t rows)
{
#if defined(__ARM_FEATURE_DSP)
    const hf_channel_compact *channels = d->kernel ? narrow(d) : NULL;
    if (channels) {
        fast_rows(d, channels, y, rows);
        return;
    }
#endif
    for (uint32_t c = 0; c < d->group; c++)
        any_rows(d, c, y, rows);
}

static void run_group(depthwise *d)
{
    const hf_op_record *r = d->context->record;
    uint32_t taken = 0; /* rows of the padded input */
    const uint32_t last = d->context->end_row;
    for (uint32_t y = d->context->first_row; y < last; y += d->band) {
        uint32_t rows = last - y < d->band ? last - y : d->band;
        uint32_t top = y * r->stride_height;
        uint32_t end = top + (rows - 1) * r->stride_height + r->kernel_height;
        take_padded_rows(d, taken > top ? taken : top, end);
        taken = end;
        band_rows(d, y, rows);
    }
}

void hf_run_depthwise(const hf_op_context *context)
{
    const hf_op_record *r = context->record;
    const uint32_t all = (context->end_row - context->first_row - 1) * r->stride_height + r->kernel_height;
    depthwise d = {
        .context = context,
        .ring = context->extra,
        .row_values = row_values(r),
        .slots = band_slots(r),
        .band = hf_depthwise_band_rows(r),
        .taps = (uint32_t)r->kernel_height * r->kernel_width,
    };
    d.is_whole = d.slots >= all;
    if (d.is_whole)
        d.slots = all;
    blank(&d, 0, d.slots);
#if defined(__ARM_FEATURE_DSP)
    prepare_intake(&d);
    prepare_run(&d);
#endif
    for (; d.channel < r->in_channels; d.channel += HF_DEPTHWISE_GROUP) {
        const uint32_t left = r->in_channels - d.channel;
        d.group = left < HF_DEPTHWISE_GROUP ? left : HF_DEPTHWISE_GROUP;
        run_group(&d);
    }
}
