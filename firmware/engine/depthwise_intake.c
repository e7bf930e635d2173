/* SPDX-License-Identifier: Apache-2.0 */
#include "depthwise.h"

#include "dsp.h"

/* Copies the input to the ring of padded rows: as int16 rows of each channel or, for kernels by words, as
 * columns of four interleaved channels. */

#if HF_ENGINE_SPECIAL_KERNELS

HF_SPECIAL_LOOP static void blank_words(const depthwise *d, uint32_t *to, uint32_t words)
{
    const uint32_t zeros = (uint8_t)d->context->record->input_zero_point * 0x01010101U;
    for (; words > 0; words--)
        *to++ = zeros;
}

void hf_depthwise_blank_sides(const depthwise *d)
{
    const hf_op_record *r = d->context->record;
    const uint32_t right = r->pad_left + r->in_width;
    uint32_t *row = (uint32_t *)(void *)d->ring;
    for (uint32_t slot = d->slots; slot > 0; slot--, row += d->row_values) {
        blank_words(d, row, r->pad_left);
        blank_words(d, row + right, d->row_values - right);
    }
}

#endif

/* A slot is a multiple of four words, or half of that if columns are words. */
void hf_depthwise_blank(const depthwise *d, uint32_t slot, uint32_t count)
{
#if HF_ENGINE_SPECIAL_KERNELS
    if (d->by_words) {
        blank_words(d, (uint32_t *)(void *)d->ring + (size_t)slot * d->row_values, count * d->row_values);
        return;
    }
#endif
    const uint32_t zeros = (uint16_t)d->context->record->input_zero_point * 0x10001U;
    uint32_t *to = (uint32_t *)(void *)d->ring + (size_t)slot * 2 * d->row_values;
    for (uint32_t left = count * d->row_values / 2; left > 0; left--, to += 4) {
        to[0] = zeros;
        to[1] = zeros;
        to[2] = zeros;
        to[3] = zeros;
    }
}

/* Size of a slot in int16. */
static uint32_t slot_values(const depthwise *d)
{
    return (d->by_words ? 2 : HF_DEPTHWISE_GROUP) * d->row_values;
}

#if HF_ENGINE_SPECIAL_KERNELS

/* For fewer than four channels: reads nothing behind them. */
HF_SPECIAL_LOOP static void take_narrow_words(const depthwise *d, uint32_t *to, const int8_t *from,
                                              uint32_t rows)
{
    const hf_op_record *r = d->context->record;
    for (; rows > 0; rows--, to += d->row_values - r->in_width)
        for (uint32_t left = r->in_width; left > 0; left--, from += r->in_step) {
            uint32_t column = (uint8_t)from[0];
            if (r->in_channels > 1)
                column |= (uint32_t)(uint8_t)from[1] << 8;
            if (r->in_channels > 2)
                column |= (uint32_t)(uint8_t)from[2] << 16;
            *to++ = column;
        }
}

HF_SPECIAL_LOOP static void take_words(const depthwise *d, uint32_t *to, const int8_t *from, uint32_t rows)
{
    const hf_op_record *r = d->context->record;
    const size_t step = r->in_step;
    to += r->pad_left;
    if (r->in_channels < HF_DEPTHWISE_GROUP) {
        take_narrow_words(d, to, from, rows);
        return;
    }
    for (; rows > 0; rows--, to += d->row_values, from += r->in_width * step)
        hf_depthwise_take_words(to, from, step, r->in_width);
}

#endif

/* Copies consecutive rows `y` .. of the input to consecutive slots. */
static void take_rows(depthwise *d, int16_t *to, uint32_t y, uint32_t rows)
{
    const hf_op_record *r = d->context->record;
    const size_t step = r->in_step;
    const int8_t *from = hf_input_row(d->context, y) + d->channel - d->in_front;
#if HF_ENGINE_SPECIAL_KERNELS
    if (d->by_words) {
        take_words(d, (uint32_t *)(void *)to, from, rows);
        return;
    }
#endif
#if defined(__ARM_FEATURE_DSP)
    if (d->group + d->in_front == HF_DEPTHWISE_GROUP) {
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
            for (uint32_t c = 0; c < d->in_front + d->group; c++)
                to[(size_t)c * d->row_values] = (int16_t)(int32_t)from[c];
}

void hf_depthwise_take_rows(depthwise *d, uint32_t y, uint32_t end)
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
            take_rows(d, d->ring + (size_t)slot * slot_values(d), row, rows);
        } else if (!d->is_whole || !d->is_blank) {
            hf_depthwise_blank(d, slot, 1);
        }
        y += rows;
    }
}

#if defined(__ARM_FEATURE_DSP)

void hf_depthwise_prepare_intake(depthwise *d)
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

#endif
