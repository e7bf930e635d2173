/* SPDX-License-Identifier: Apache-2.0 */
#include "conv_table.h"

#include "dot.h"
#include "dsp.h"
#include "engine/kernel_choice.h"
#include "requant.h"

/*
 * 1x1 convolution of one channel: an output depends on one int8, so each output channel is a table of 256 entries. It
 * is computed once and then looked up at every position. A word of the table holds four channels. Positions are
 * read and written one by one, as conv.c does at least; that is the portable twin.
 */

#if HF_ENGINE_SPECIAL_KERNELS

/* The weight of a channel. Those of whole blocks are joined by two: 256 * the second + the first. */
static int32_t weight_of(const hf_op_record *r, const int8_t *weights, uint32_t channel)
{
    if (r->params == HF_PARAMS_WIDE || channel >= (r->out_channels & ~3U))
        return weights[(size_t)2 * channel];
    const int8_t *two = weights + (size_t)8 * (channel / 4) + 4 * (channel / 2 % 2);
    const int32_t joined = (int32_t)(uint8_t)two[0] | two[1] * 256;
    return channel % 2 == 0 ? two[0] : (joined - two[0]) >> 8;
}

/* The outputs of a channel for 128 inputs, from the one that gives `sum` on, in every fourth byte. */
HF_SPECIAL_LOOP static void fill(const hf_op_record *r, const hf_channel_wide *channel, int32_t weight,
                                 uint32_t sum, int8_t *entry)
{
    const int32_t zero_point = r->output_zero_point;
    const int32_t multiplier = channel->multiplier;
    const int8_t *const end = entry + 512;
    if (r->params == HF_PARAMS_WIDE) {
        for (; entry < end; entry += 4, sum += (uint32_t)weight)
            *entry = hf_requantize_wide((int32_t)sum, multiplier, channel->shift, zero_point);
        return;
    }
    const int32_t shift = -1 - channel->shift;
    const int32_t zero_half = 2 * zero_point + 1;
    sum *= 2;
    weight *= 2;
    for (; entry < end; entry += 4, sum += (uint32_t)weight)
        *entry = hf_requantize_compact((int32_t)sum, multiplier, shift, zero_half);
}

/* Four channels, and `rest` more, of each position. */
HF_SPECIAL_LOOP static void look_up(const hf_op_record *r, const uint32_t *table, const int8_t *in,
                                    int8_t *out, uint32_t positions)
{
    const uint32_t in_step = r->in_step;
    const uint32_t out_step = r->out_step;
    const uint32_t blocks = r->out_channels / 4U;
    const uint32_t rest = r->out_channels % 4U;
    for (; positions > 0; positions--, in += in_step, out += out_step) {
        const uint32_t *words = table + (uint8_t)*in;
        int8_t *to = out;
        for (uint32_t left = blocks; left > 0; left--, words += 256, to += 4)
            hf_store32(to, *words);
        for (uint32_t left = rest, word = *words; left > 0; left--, word >>= 8)
            *to++ = (int8_t)word;
    }
}

/* The same of a layer with three channels. */
HF_SPECIAL_LOOP static void look_up_three(const hf_op_record *r, const uint32_t *table, const int8_t *in,
                                          int8_t *out, uint32_t positions)
{
    const uint32_t in_step = r->in_step;
    const uint32_t out_step = r->out_step;
    for (; positions > 0; positions--, in += in_step, out += out_step) {
        const uint32_t word = table[(uint8_t)*in];
        hf_store16(out, (int32_t)word);
        out[2] = (int8_t)(word >> 16);
    }
}

int hf_run_conv_table(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    const uint32_t rows = c->end_row - c->first_row;
    if (!hf_conv_is_table(r, rows))
        return 0;
    const int wide = r->params == HF_PARAMS_WIDE;
    const size_t channel_bytes = wide ? sizeof(hf_channel_wide) : sizeof(hf_channel_compact);
    const int8_t *weights = (const int8_t *)c->data + r->out_channels * channel_bytes;
    for (uint32_t i = 0; i < r->out_channels; i++) {
        const hf_channel_wide channel = hf_channel_at(c, i);
        const int32_t weight = weight_of(r, weights, i);
        int8_t *const entry = (int8_t *)c->extra + (size_t)1024 * (i / 4) + i % 4;
        fill(r, &channel, weight, (uint32_t)channel.bias, entry);
        fill(r, &channel, weight, (uint32_t)channel.bias - 128U * (uint32_t)weight,
             entry + 512); /* -128 .. -1 */
    }
    const int8_t *in = hf_input_row(c, c->first_row);
    int8_t *out = hf_output_row(c, c->first_row);
    if (r->out_channels == 3)
        look_up_three(r, c->extra, in, out, rows * r->out_width);
    else
        look_up(r, c->extra, in, out, rows * r->out_width);
    return 1;
}

#else
typedef int hf_conv_table_is_special;
#endif
