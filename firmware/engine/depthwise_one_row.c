/* SPDX-License-Identifier: Apache-2.0 */
#include "depthwise.h"

/*
 * A row of a 3x3 depthwise convolution in a chain, which is computed row by row. Setting up the kernels for whole layers
 * takes as long as a row itself; here padding is stored once for all channels, and each group of four only copies
 * its columns. As in other kernels the last group is moved back to four channels.
 */

#if HF_ENGINE_SPECIAL_KERNELS

HF_SPECIAL_LOOP static uint32_t *blank(uint32_t *to, uint32_t words, uint32_t zeros)
{
    for (; words > 0; words--)
        *to++ = zeros;
    return to;
}

/* Finds the window's three rows and stores what is padding in them. @param from receives them; NULL: outside the input */
HF_SPECIAL_LOOP static void begin_rows(const hf_op_context *c, uint32_t row_words, const int8_t *from[3])
{
    const hf_op_record *r = c->record;
    const uint32_t zeros = (uint8_t)r->input_zero_point * 0x01010101U;
    const uint32_t right = row_words - r->pad_left - r->in_width;
    uint32_t y = c->first_row * r->stride_height - r->pad_top; /* wraps above the input */
    uint32_t *row = c->extra;
    for (uint32_t k = 0; k < 3; k++, y++) {
        from[k] = y < r->in_height ? hf_input_row(c, y) : NULL;
        row = blank(row, from[k] ? r->pad_left : row_words, zeros);
        if (from[k])
            row = blank(row + r->in_width, right, zeros);
    }
}

HF_SPECIAL_LOOP void hf_depthwise_run_row(const hf_op_context *c, uint32_t row_words)
{
    const hf_op_record *r = c->record;
    const hf_channel_compact *channels = (const hf_channel_compact *)(const void *)c->data;
    const int8_t *weights = (const int8_t *)(channels + r->out_channels);
    uint32_t *const rows = c->extra;
    int8_t *const out = hf_output_row(c, c->first_row);
    const int8_t *from[3];
    begin_rows(c, row_words, from);
    hf_depthwise_3x3_words run;
    for (uint32_t k = 0; k < 3; k++)
        run.rows[k] = rows + (size_t)k * row_words;
    run.zero_half = 2 * r->output_zero_point + 1;
    run.out_step = r->out_step;
    run.height = 1;
    run.row_advance = 0;
    run.out_row = 0;
    for (uint32_t channel = 0; channel < r->in_channels; channel += HF_DEPTHWISE_GROUP) {
        const uint32_t left = r->in_channels - channel;
        const uint32_t skipped = left < HF_DEPTHWISE_GROUP ? HF_DEPTHWISE_GROUP - left : 0;
        const uint32_t first = channel - skipped;
        for (uint32_t k = 0; k < 3; k++)
            if (from[k])
                hf_depthwise_take_words(rows + (size_t)k * row_words + r->pad_left, from[k] + first,
                                        r->in_step, r->in_width);
        run.out = out + channel;
        run.weights = weights + (size_t)9 * first;
        run.channels = channels + first;
        run.skipped = 8 * skipped;
        run.stored = HF_DEPTHWISE_GROUP - skipped;
        run.outputs = (int32_t)r->out_width - (skipped > 0 ? 1 << 30 : 0);
        if (r->stride_width == 1)
            hf_depthwise_by_3x3_near_words(&run);
        else
            hf_depthwise_by_3x3_words(&run);
    }
}

#else
typedef int hf_depthwise_one_row_is_special;
#endif
