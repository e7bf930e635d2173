/* SPDX-License-Identifier: Apache-2.0 */
#include "depthwise.h"

/* Depthwise convolution: loops over the groups of channels and, for each group, over bands of output rows. */

#if HF_ENGINE_SPECIAL_KERNELS

/* Computes the group as a small map if all its channels have narrow parameters. @return whether it did */
static int run_small_group(depthwise *d, int is_blank)
{
    const hf_op_context *c = d->context;
    const hf_op_record *r = c->record;
    const hf_channel_compact *channels = hf_depthwise_narrow(d, 0);
    for (uint32_t i = 0; i < d->group && r->params == HF_PARAMS_WIDE; i++) {
        if (!hf_depthwise_narrow(d, i))
            return 0;
        channels = d->narrow;
    }
    if (!is_blank && r->in_width + 2U <= HF_DEPTHWISE_SMALL_WIDTH) {
        uint32_t *word = (uint32_t *)(void *)d->ring;
        for (uint32_t words = HF_DEPTHWISE_GROUP * r->in_height * HF_DEPTHWISE_SMALL_WIDTH / 2; words > 0;
             words--)
            *word++ = (uint16_t)r->input_zero_point * 0x10001U;
    }
    const hf_depthwise_small map = {
        .planes = d->ring,
        .input = c->input + d->channel - d->in_front,
        .in_step = r->in_step,
        .width = r->in_width,
        .height = r->in_height,
        .out = c->output + d->channel,
        .out_step = r->out_step,
        .weights = hf_depthwise_weights(d, d->channel),
        .channels = channels,
        .skipped = d->in_front,
        .stored = d->group,
        .zero_half = 2 * r->output_zero_point + 1,
        .input_zero = r->input_zero_point,
    };
    hf_depthwise_small_map(&map);
    return 1;
}

#endif

static void run_group(depthwise *d)
{
    const hf_op_record *r = d->context->record;
    uint32_t taken = 0; /* rows of the padded input */
    const uint32_t last = d->context->end_row;
    for (uint32_t y = d->context->first_row; y < last; y += d->band) {
        uint32_t rows = last - y < d->band ? last - y : d->band;
        uint32_t top = y * r->stride_height;
        uint32_t end = top + (rows - 1) * r->stride_height + r->kernel_height;
        hf_depthwise_take_rows(d, taken > top ? taken : top, end);
        taken = end;
#if HF_ENGINE_SPECIAL_KERNELS
        if (d->by_words) {
            hf_depthwise_make_rows_by_words(d, y, rows);
            continue;
        }
#endif
        hf_depthwise_make_rows(d, y, rows);
    }
}

static void run_groups(depthwise *d)
{
    const uint32_t channels = d->context->record->in_channels;
    for (; d->channel < channels; d->channel += d->group) {
        const uint32_t left = channels - d->channel;
        d->group = left < HF_DEPTHWISE_GROUP ? left : HF_DEPTHWISE_GROUP;
        /* The last group is moved back to four channels; those already computed are read but not stored. */
        d->in_front = d->channel > 0 ? HF_DEPTHWISE_GROUP - d->group : 0;
        d->is_blank = d->channel > 0;
#if HF_ENGINE_SPECIAL_KERNELS
        if (d->is_small) {
            const int was_small = d->was_small;
            d->was_small = run_small_group(d, was_small);
            if (d->was_small)
                continue;
            d->is_blank &= !was_small;
        }
        const int by_words = d->by_words;
        d->by_words = hf_depthwise_take_word_channels(d);
        d->is_blank &= d->by_words == by_words;
        if (!d->is_blank && d->by_words)
            hf_depthwise_blank_sides(d);
        else
#endif
            if (!d->is_blank)
            hf_depthwise_blank(d, 0, d->slots);
        run_group(d);
    }
}

#if HF_ENGINE_SPECIAL_KERNELS

__attribute__((noinline)) static void run_by_words(depthwise *d)
{
    depthwise_words words; /* not cleared first, which would take long */
    hf_depthwise_prepare_words(d, &words);
    d->words = &words;
    run_groups(d);
}

__attribute__((noinline)) static void run_3x3(depthwise *d)
{
    depthwise_3x3 by; /* not cleared first */
    hf_depthwise_prepare_3x3_words(d, &by);
    d->by_3x3 = &by;
    run_groups(d);
}

#endif

static void run_rows(const hf_op_context *context)
{
    const hf_op_record *r = context->record;
    const uint32_t all = hf_depthwise_band_slots(r, context->end_row - context->first_row);
    const uint32_t band =
        context->in_rows < r->in_height && r->in_width == 1 ? 1 : hf_depthwise_band_rows_of(r);
    depthwise d = {
        .context = context,
        .ring = context->extra,
        .row_values = hf_depthwise_row_values(r),
        .slots = hf_depthwise_band_slots(r, band),
        .band = band,
        .taps = (uint32_t)r->kernel_height * r->kernel_width,
    };
    d.is_whole = d.slots >= all;
    if (d.is_whole)
        d.slots = all;
    if (d.slots == 0) /* no validated kernel is empty */
        return;
#if defined(__ARM_FEATURE_DSP)
    hf_depthwise_prepare_intake(&d);
    hf_depthwise_prepare_3x3(&d);
#endif
#if HF_ENGINE_SPECIAL_KERNELS
    const hf_depthwise_kernel kernel =
        hf_depthwise_kernel_of(r, context->end_row - context->first_row, context->in_rows);
    d.is_small = kernel == HF_DEPTHWISE_BY_SMALL_MAP;
    const int is_row = kernel == HF_DEPTHWISE_BY_3X3_ROW;
    if (is_row && r->params == HF_PARAMS_COMPACT) {
        hf_depthwise_run_row(context, d.row_values);
        return;
    }
    if (kernel == HF_DEPTHWISE_BY_3X3_WORDS || (is_row && r->stride_width == 2)) {
        run_3x3(&d);
        return;
    }
    if (kernel == HF_DEPTHWISE_BY_LINE) {
        hf_depthwise_run_line(&d);
        return;
    }
    if (kernel == HF_DEPTHWISE_BY_WORDS) {
        run_by_words(&d);
        return;
    }
#endif
    run_groups(&d);
}

void hf_run_depthwise(const hf_op_context *context)
{
    const hf_op_record *r = context->record;
    const int all =
        context->end_row - context->first_row == r->out_height && context->in_rows == r->in_height;
    if (!all || !hf_depthwise_is_column(r)) {
        run_rows(context);
        return;
    }
    const hf_op_record row = hf_depthwise_lying(r);
    hf_op_context as_row = *context;
    as_row.record = &row;
    as_row.in_rows = 1;
    as_row.end_row = 1;
    run_rows(&as_row);
}
