/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <string.h>

#include "dsp.h"
#include "engine/layout.h"
#include "kernels.h"
#include "requant.h"

/*
 * conv2d and dense: windows are taken from the input two at a time, expanded to int16 in scratch, and
 * multiplied with all output channels. Since a step reads before it writes, the output may follow closely
 * behind the input (layout.c, conv_distance). Taps outside the input hold the input's zero point, so that
 * the input offset is a constant per channel, which the compiler has added to the bias.
 */

static inline int8_t *fill(int8_t *to, int8_t value, size_t bytes)
{
    for (; bytes > 0; bytes--)
        *to++ = value;
    return to;
}

/* Copies the window whose first tap is at (y, x) to `to`. */
static void gather(const hf_op_context *c, int32_t y, int32_t x, int8_t *to)
{
    const hf_op_record *r = c->record;
    const size_t channels = r->in_channels;
    const int32_t begin = x < 0 ? -x : 0;
    const int32_t end = r->in_width - x < r->kernel_width ? r->in_width - x : r->kernel_width;
    const size_t before = (size_t)begin * channels;
    const size_t inside = (size_t)(end - begin) * channels;
    const size_t behind = (size_t)(r->kernel_width - end) * channels;
    for (int32_t k = 0; k < r->kernel_height; k++, y++) {
        if (y < 0 || y >= r->in_height) {
            to = fill(to, r->input_zero_point, before + inside + behind);
            continue;
        }
        to = fill(to, r->input_zero_point, before);
        to = hf_copy(to, hf_input_row(c, (uint32_t)y) + (size_t)(x + begin) * channels, inside);
        to = fill(to, r->input_zero_point, behind);
    }
}

/* The same of one group's channels. */
static void gather_group(const hf_op_context *c, int32_t y, int32_t x, uint32_t group, int8_t *to)
{
    const hf_op_record *r = c->record;
    const size_t channels = (size_t)r->in_channels / r->parts;
    for (int32_t k = 0; k < r->kernel_height; k++)
        for (int32_t i = 0; i < r->kernel_width; i++) {
            const int32_t row = y + k;
            const int32_t column = x + i;
            if (row < 0 || row >= r->in_height || column < 0 || column >= r->in_width)
                to = fill(to, r->input_zero_point, channels);
            else
                to = hf_copy(to,
                             hf_input_row(c, (uint32_t)row) + (size_t)column * r->in_step + group * channels,
                             channels);
        }
}

/* Windows a and b, interleaved pair by pair, values in hf_window_slot() order. An odd last value gets a 0. */
static void expand(const int8_t *a, const int8_t *b, uint32_t depth, int16_t *to)
{
    uint32_t fours = depth / 4;
#if defined(__ARM_FEATURE_DSP)
    uint32_t *words = (uint32_t *)(void *)to;
    for (; fours > 0; fours--) {
        uint32_t word_a = hf_load32(a);
        uint32_t word_b = hf_load32(b);
        words[0] = hf_sxtb16(word_a);
        words[1] = hf_sxtb16(word_b);
        words[2] = hf_sxtb16_ror8(word_a);
        words[3] = hf_sxtb16_ror8(word_b);
        a += 4;
        b += 4;
        words += 4;
    }
    to = (int16_t *)(void *)words;
#else
    for (; fours > 0; fours--, a += 4, b += 4, to += 8) {
        const int16_t values[8] = {a[0], a[2], b[0], b[2], a[1], a[3], b[1], b[3]};
        memcpy(to, values, sizeof values);
    }
#endif
    for (uint32_t rest = depth % 4; rest > 0; to += 4) {
        uint32_t taken = rest >= 2 ? 2 : 1;
        to[0] = (int16_t)a[0];
        to[1] = 0;
        to[2] = (int16_t)b[0];
        to[3] = 0;
        if (taken == 2) {
            to[1] = (int16_t)a[1];
            to[3] = (int16_t)b[1];
        }
        a += taken;
        b += taken;
        rest -= taken;
    }
}

/* How a layer's windows are taken in. */
typedef struct conv {
    const hf_op_context *context;
    uint32_t depth;      /* of one group's window */
    uint32_t group_step; /* from one group's expanded windows to the next group's, in values */
    int is_run;
    int16_t *expanded; /* [groups][pairs of values][two windows][2] */
    int8_t *gathered;  /* two windows of a group, where they are no runs of the input */
} conv;

static void multiply_compact(const conv *v, int8_t *const out[2])
{
    const hf_op_record *r = v->context->record;
    const uint8_t *data = v->context->data;
    const uint32_t channels = (uint32_t)r->out_channels / r->parts;
    hf_gemm gemm = {
        .windows = v->expanded,
        .channels = (const hf_channel_compact *)(const void *)data,
        .weights = (const int8_t *)data + r->out_channels * sizeof(hf_channel_compact),
        .out = {out[0], out[1]},
        .pairs = (v->depth + 1) / 2,
        .zero_half = 2 * r->output_zero_point + 1,
    };
    for (uint32_t group = 0; group < r->parts; group++, gemm.windows += v->group_step) {
        gemm.blocks = channels / 4U;
        hf_gemm_blocks(&gemm);
        if (channels & 2U)
            hf_gemm_two(&gemm);
        if (channels & 1U)
            hf_gemm_one(&gemm);
    }
}

/* Any bias, multiplier and shift; weights in plain order. */
static void multiply_wide(const conv *v, int8_t *const out[2])
{
    const hf_op_record *r = v->context->record;
    const hf_channel_wide *channel = (const hf_channel_wide *)(const void *)v->context->data;
    const int8_t *weights = (const int8_t *)v->context->data + r->out_channels * sizeof *channel;
    const uint32_t channels = (uint32_t)r->out_channels / r->parts;
    for (uint32_t o = 0; o < r->out_channels; o++, channel++, weights += v->depth) {
        const int16_t *windows = v->expanded + (size_t)(o / channels) * v->group_step;
        uint32_t sums[2] = {(uint32_t)channel->bias, (uint32_t)channel->bias};
        for (uint32_t k = 0; k < v->depth; k++) {
            uint32_t slot = hf_window_slot(k, v->depth);
            size_t at = (size_t)4 * (slot / 2) + slot % 2;
            sums[0] += (uint32_t)(windows[at] * weights[k]);
            sums[1] += (uint32_t)(windows[at + 2] * weights[k]);
        }
        for (int w = 0; w < 2; w++)
            out[w][o] = hf_requantize_wide((int32_t)sums[w], channel->multiplier, channel->shift,
                                           r->output_zero_point);
    }
}

static const int8_t *window_at(const conv *v, int32_t y, int32_t x, uint32_t group, uint32_t lane)
{
    const hf_op_record *r = v->context->record;
    if (v->is_run)
        return hf_input_row(v->context, (uint32_t)y) + (size_t)x * r->in_step + (size_t)group * v->depth;
    int8_t *staging = v->gathered + (size_t)lane * ((v->depth + 3U) & ~3U);
    if (r->parts > 1 || r->in_step != r->in_channels)
        gather_group(v->context, y, x, group, staging);
    else
        gather(v->context, y, x, staging);
    return staging;
}

/* Takes in the windows of one or two positions: all groups, so that outputs may be written after. */
static void take(const conv *v, const int32_t y[2], const int32_t x[2], uint32_t count)
{
    for (uint32_t group = 0; group < v->context->record->parts; group++) {
        const int8_t *first = window_at(v, y[0], x[0], group, 0);
        const int8_t *second = count == 2 ? window_at(v, y[1], x[1], group, 1) : first;
        expand(first, second, v->depth, v->expanded + (size_t)group * v->group_step);
    }
}

void hf_run_conv(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    const uint32_t depth = (uint32_t)hf_record_depth(r);
    const uint32_t expanded_bytes = (uint32_t)hf_expanded_bytes(depth);
    const conv v = {
        .context = c,
        .depth = depth,
        .group_step = expanded_bytes / (uint32_t)sizeof(int16_t),
        .is_run = hf_record_window_is_run(r),
        .expanded = c->extra,
        .gathered = (int8_t *)c->extra + (size_t)r->parts * expanded_bytes,
    };
    const uint32_t positions = (c->end_row - c->first_row) * r->out_width;
    int32_t next_y = (int32_t)(c->first_row * r->stride_height) - r->pad_top;
    int32_t next_x = -(int32_t)r->pad_left;
    uint32_t column = 0;
    int8_t *output = hf_output_row(c, c->first_row);

    for (uint32_t p = 0; p < positions; p += 2) {
        int32_t y[2] = {0, 0};
        int32_t x[2] = {0, 0};
        int8_t *out[2] = {output, output};
        const uint32_t count = positions - p < 2 ? 1 : 2;
        for (uint32_t w = 0; w < count; w++) {
            y[w] = next_y;
            x[w] = next_x;
            out[w] = output;
            output += r->out_step;
            next_x += r->stride_width;
            if (++column == r->out_width) {
                column = 0;
                next_x = -(int32_t)r->pad_left;
                next_y += r->stride_height;
            }
        }
        /* An odd last position stands in both lanes; both write the same bytes to the same place. */
        if (count == 1)
            out[1] = out[0];
        take(&v, y, x, count);
        if (r->params == HF_PARAMS_COMPACT)
            multiply_compact(&v, out);
        else
            multiply_wide(&v, out);
    }
}
