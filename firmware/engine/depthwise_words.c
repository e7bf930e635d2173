/* SPDX-License-Identifier: Apache-2.0 */
#include "depthwise.h"

#include "dsp.h"

/* Computes outputs from columns of four interleaved channels. */

#if HF_ENGINE_SPECIAL_KERNELS

/* Doubles the weights of the group's channels and stores two taps to a word. */
HF_SPECIAL_LOOP static void spread_for_words(const depthwise *d, hf_depthwise_words_taps *pairs)
{
    const int8_t *weights = hf_depthwise_weights(d, d->channel);
    for (uint32_t i = d->in_front; i < HF_DEPTHWISE_GROUP; i++) {
        hf_depthwise_words_taps *pair = pairs;
        uint32_t left = d->taps;
        for (; left >= 4; left -= 4, pair += 2, weights += 4) {
            const uint32_t four = hf_load32(weights);
            const uint32_t even = hf_sxtb16(four);
            const uint32_t odd = hf_sxtb16_ror8(four);
            const uint32_t first = hf_pkhbt(even, odd);
            const uint32_t second = hf_pkhtb(odd, even);
            pair[0].weights[i] = hf_add16(first, first);
            pair[1].weights[i] = hf_add16(second, second);
        }
        if (left >= 2) {
            pair->weights[i] = hf_pkhbt(2U * (uint32_t)weights[0], 2U * (uint32_t)weights[1]);
            pair++;
            weights += 2;
            left -= 2;
        }
        if (left > 0)
            pair->weights[i] = 2U * (uint32_t)*weights++ & 0xFFFFU;
    }
}

/* Stores where the taps of a window are whose first row is in `slot`. */
HF_SPECIAL_LOOP static void place_taps(const depthwise *d, uint32_t slot, hf_depthwise_words_taps *pairs)
{
    const hf_op_record *r = d->context->record;
    const uint32_t row_bytes = d->row_values * (uint32_t)sizeof(uint32_t);
    uint32_t row = 0;
    uint32_t tap = 0;
    for (uint32_t k = r->kernel_height; k > 0; k--) {
        for (uint32_t x = 0; x < r->kernel_width; x++, tap++)
            pairs[tap / 2].column[tap % 2] = row + 4 * x;
        row += row_bytes;
        if (++slot == d->slots) {
            slot = 0;
            row -= d->slots * row_bytes;
        }
    }
    if (tap % 2)
        pairs[tap / 2].column[1] = 0; /* with weights 0 */
}

static void rows_by_words(const depthwise *d, uint32_t y, uint32_t rows)
{
    const hf_op_record *r = d->context->record;
    hf_depthwise_words *run = &d->words->run;
    const uint32_t whole = d->slots - r->kernel_height; /* last slot whose window does not reach the end */
    spread_for_words(d, d->words->pairs);
    run->out = hf_output_row(d->context, y) + d->channel;
    run->skipped = 8 * d->in_front;
    run->stored = d->group;
    for (uint32_t slot = y * r->stride_height % d->slots; rows > 0; rows--) {
        const uint32_t as = slot < whole ? whole : slot;
        if (as != d->words->placed)
            place_taps(d, as, d->words->pairs);
        d->words->placed = as;
        run->window = (const int8_t *)d->ring + (size_t)slot * d->row_values * sizeof(uint32_t);
        run->window_end = run->window + (size_t)r->out_width * run->advance - (d->group < HF_DEPTHWISE_GROUP);
        hf_depthwise_by_words(run);
        slot = (slot + r->stride_height) % d->slots;
    }
}

/* Prepares the group's channels. @return whether they can be computed by words; channels in front may be anything */
HF_SPECIAL_LOOP static int take_channels(depthwise *d)
{
    const hf_op_record *r = d->context->record;
    const int32_t zero_half = 2 * r->output_zero_point + 1;
    const hf_channel_compact *compact =
        (const hf_channel_compact *)(const void *)d->context->data + d->channel;
    if (!d->words || d->group + d->in_front < HF_DEPTHWISE_GROUP)
        return 0;
    for (uint32_t c = 0; c < d->group; c++) {
        const hf_channel_compact *channel =
            r->params == HF_PARAMS_COMPACT ? compact + c : hf_depthwise_narrow(d, c);
        if (!channel)
            return 0;
        const int32_t shift = channel->bias_shift & 0xFF;
        d->words->run.channels[d->in_front + c] = (hf_depthwise_words_channel){
            channel->multiplier, shift, zero_half * (1 << shift), channel->bias_shift >> 7};
    }
    return 1;
}

/* Prepares the group's channels for a 3x3 kernel. @return whether all have narrow parameters; channels in front
 * may be anything, but are readable */
static int take_3x3_channels(depthwise *d)
{
    depthwise_3x3 *by = d->by_3x3;
    hf_depthwise_3x3_words *run = &by->run;
    run->skipped = 8 * d->in_front;
    run->stored = d->group;
    run->outputs = d->context->record->out_width;
    if (d->group < HF_DEPTHWISE_GROUP)
        run->outputs -= 1 << 30;
    run->weights = hf_depthwise_weights(d, d->channel - d->in_front);
    run->channels = (const hf_channel_compact *)(const void *)d->context->data + d->channel - d->in_front;
    const int has_four = d->in_front + d->group == HF_DEPTHWISE_GROUP;
    if (!has_four) {
        run->weights = by->weights;
        hf_copy(by->weights, hf_depthwise_weights(d, 0), (size_t)9 * d->group);
    }
    if (has_four && d->context->record->params == HF_PARAMS_COMPACT)
        return 1;
    run->channels = by->channels;
    for (uint32_t c = 0; c < d->group; c++) {
        const hf_channel_compact *channel = hf_depthwise_narrow(d, c);
        if (!channel)
            return 0;
        by->channels[d->in_front + c] = *channel;
    }
    return 1;
}

/* Computes as many output rows at a time as the window's rows allow before one reaches the ring's end. */
static void rows_by_3x3_words(const depthwise *d, uint32_t y, uint32_t rows)
{
    const hf_op_record *r = d->context->record;
    hf_depthwise_3x3_words *run = &d->by_3x3->run;
    while (rows > 0) {
        uint32_t slot = y * r->stride_height % d->slots;
        run->height = rows;
        for (uint32_t k = 0; k < 3; k++) {
            const uint32_t fit =
                r->stride_height == 1 ? d->slots - slot : (d->slots - 1 - slot) / r->stride_height + 1;
            run->height = run->height < fit ? run->height : fit;
            run->rows[k] = (const uint32_t *)(const void *)d->ring + (size_t)slot * d->row_values;
            slot = slot + 1 == d->slots ? 0 : slot + 1;
        }
        run->out = hf_output_row(d->context, y) + d->channel;
        hf_depthwise_by_3x3_words(run);
        y += run->height;
        rows -= run->height;
    }
}

int hf_depthwise_take_word_channels(depthwise *d)
{
    return d->by_3x3 ? take_3x3_channels(d) : take_channels(d);
}

void hf_depthwise_make_rows_by_words(const depthwise *d, uint32_t y, uint32_t rows)
{
    if (d->by_3x3)
        rows_by_3x3_words(d, y, rows);
    else
        rows_by_words(d, y, rows);
}

void hf_depthwise_prepare_words(const depthwise *d, depthwise_words *words)
{
    const hf_op_record *r = d->context->record;
    words->placed = UINT32_MAX;
    words->run.out_step = r->out_step;
    words->run.advance = 4U * r->stride_width;
    words->run.taps = words->pairs;
    words->run.taps_end = words->pairs + (d->taps + 1) / 2;
}

void hf_depthwise_prepare_3x3_words(const depthwise *d, depthwise_3x3 *by)
{
    const hf_op_record *r = d->context->record;
    const uint32_t twos = (r->out_width + 1U) / 2;
    by->run.zero_half = 2 * r->output_zero_point + 1;
    by->run.out_step = r->out_step;
    by->run.row_advance = 4 * d->row_values * r->stride_height - 16 * twos;
    by->run.out_row = r->out_width * r->out_step;
}

#else
typedef int hf_depthwise_words_is_special;
#endif
