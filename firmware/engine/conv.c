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
 * behind the input. Taps outside the input hold the input's zero point, so that the input offset is a
 * constant per channel, which the compiler has added to the bias.
 */

/* An output position, and the first tap of its window. */
typedef struct position {
    int32_t y, x;
    int inside; /* the window lies in the input as a whole */
    int8_t *out;
} position;

/* How a layer's windows are taken in. */
typedef struct conv {
    const hf_op_context *context;
    uint32_t taps;         /* of a run */
    uint32_t run_values;   /* of a run */
    uint32_t channels;     /* of the output, per group */
    int8_t *staging;       /* a run of each window, where they lie partly outside the input */
    const int8_t *singles; /* weights of the channels that no block holds */
    hf_gemm gemm;          /* the first group's */
} conv;

static const int8_t *tap_at(const hf_op_context *c, int32_t y, int32_t x)
{
    return hf_input_row(c, (uint32_t)y) + (size_t)x * c->record->in_step;
}

static int8_t *fill(int8_t *to, int8_t value, size_t bytes)
{
    for (; bytes > 0; bytes--)
        *to++ = value;
    return to;
}

/* A run that lies partly outside the input, or not, with the zero point for what is outside. */
static const int8_t *stage(const conv *v, int32_t y, int32_t x, size_t first_channel, int8_t *staging)
{
    const hf_op_record *r = v->context->record;
    const int32_t taps = (int32_t)v->taps;
    const size_t values = v->run_values / v->taps; /* per tap */
    int32_t begin = x < 0 ? -x : 0;
    int32_t end = r->in_width - x < taps ? r->in_width - x : taps;
    if (y < 0 || y >= r->in_height || begin >= end)
        begin = end = taps;
    int8_t *to = fill(staging, r->input_zero_point, (size_t)begin * values);
    if (begin < end)
        to = hf_copy(to, tap_at(v->context, y, x + begin) + first_channel, (size_t)(end - begin) * values);
    fill(to, r->input_zero_point, (size_t)(taps - end) * values);
    return staging;
}

/* Takes in the windows of two positions: all groups, so that outputs may be written after. */
static void take(const conv *v, const position at[2])
{
    const hf_op_context *c = v->context;
    const hf_op_record *r = c->record;
    const uint32_t group_channels = (uint32_t)r->in_channels / r->parts;
    int16_t *to = c->extra;
    for (uint32_t channel = 0; channel < r->in_channels; channel += group_channels)
        for (int32_t k = 0; k < r->kernel_height; k++)
            for (int32_t i = 0; i < r->kernel_width; i += (int32_t)v->taps) {
                const int8_t *runs[2];
                int8_t *staging = v->staging;
                for (int w = 0; w < 2; w++, staging += (v->run_values + 3) & ~3U) {
                    const int32_t y = at[w].y + k;
                    const int32_t x = at[w].x + i;
                    runs[w] = at[w].inside ? tap_at(c, y, x) + channel : stage(v, y, x, channel, staging);
                }
                to = hf_expand(runs[0], runs[1], v->run_values, to);
            }
}

/* The same of windows that are whole rows of the kernel, inside the input, one behind the other. */
static void take_rows(const conv *v, const position at[2])
{
    const hf_op_context *c = v->context;
    const hf_op_record *r = c->record;
    const size_t row_bytes = (size_t)r->in_width * r->in_step;
    const uint32_t row = (uint32_t)at[0].y % c->in_rows;
    const int8_t *first = c->input + row * row_bytes + (size_t)at[0].x * r->in_step;
    const ptrdiff_t apart = (ptrdiff_t)(at[1].x - at[0].x) * r->in_step;
    uint32_t rows_to_wrap = c->in_rows - row;
    int16_t *to = c->extra;
    for (uint32_t k = r->kernel_height; k > 0; k--) {
        to = hf_expand(first, first + apart, v->run_values, to);
        first += row_bytes;
        if (--rows_to_wrap == 0)
            first -= c->in_rows * row_bytes;
    }
}

/* Channels that no block holds, one by one: those left over, or all of a layer with wide parameters. */
static void multiply_singles(const conv *v, const hf_gemm *g, const int8_t *weights, uint32_t group)
{
    const hf_op_record *r = v->context->record;
    const hf_channel_wide *wide = (const hf_channel_wide *)(const void *)v->context->data;
    for (uint32_t i = 4 * g->blocks; i < v->channels; i++, weights += 2 * g->pairs) {
        const hf_channel_compact *compact = &g->channels[i];
        const hf_channel_wide *channel = &wide[group * v->channels + i];
        int32_t sums[2];
        hf_gemm_sums(g->windows, weights, g->pairs, sums);
        for (int w = 0; w < 2; w++) {
            int8_t *out = &g->out[w][(size_t)i * r->channel_step];
            if (r->params == HF_PARAMS_WIDE)
                *out = hf_requantize_wide((int32_t)((uint32_t)sums[w] + (uint32_t)channel->bias),
                                          channel->multiplier, channel->shift, r->output_zero_point);
            else
                *out = hf_requantize_compact(2 * sums[w] + (compact->bias_shift >> 7), compact->multiplier,
                                             compact->bias_shift & 0xFF, g->zero_half);
        }
    }
}

/* Blocks whose channels are not neighbours. */
static void multiply_spread(const hf_gemm *g, size_t channel_step)
{
    int8_t fours[2][4];
    hf_gemm one = *g;
    one.blocks = 1;
    one.out[0] = fours[0];
    one.out[1] = fours[1];
    for (size_t o = 0; o < (size_t)4 * g->blocks; o++) {
        if (o % 4 == 0) {
            hf_gemm_blocks(&one);
            one.weights += (size_t)8 * g->pairs;
            one.channels += 4;
        }
        g->out[0][o * channel_step] = fours[0][o % 4];
        g->out[1][o * channel_step] = fours[1][o % 4];
    }
}

/* All channels of two positions. */
static void multiply(const conv *v, int8_t *first_out, int8_t *second_out)
{
    const hf_op_record *r = v->context->record;
    const uint32_t group_step = r->channel_step == 1 ? v->channels : 1; /* outputs of one to the next's */
    const int8_t *singles = v->singles;
    hf_gemm g = v->gemm;
    g.out[0] = first_out;
    g.out[1] = second_out;
    for (uint32_t group = 0;;) {
        if (r->channel_step != 1)
            multiply_spread(&g, r->channel_step);
        else if (g.blocks > 0)
            hf_gemm_blocks(&g);
        multiply_singles(v, &g, singles, group);
        if (++group == r->parts)
            return;
        g.windows += (size_t)4 * g.pairs;
        g.weights += (size_t)8 * g.pairs * g.blocks;
        singles += (size_t)2 * g.pairs * (v->channels - 4 * g.blocks);
        g.channels += v->channels;
        g.out[0] += group_step;
        g.out[1] += group_step;
    }
}

static conv prepare(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    const int wide = r->params == HF_PARAMS_WIDE;
    const uint32_t runs = hf_record_runs(r);
    conv v = {
        .context = c,
        .run_values = hf_record_run_values(r),
        .taps = (uint32_t)r->kernel_height * r->kernel_width / runs,
        .channels = (uint32_t)r->out_channels / r->parts,
        .gemm = {.windows = c->extra,
                 .channels = (const hf_channel_compact *)(const void *)c->data,
                 .zero_half = 2 * r->output_zero_point + 1},
    };
    const uint32_t channel_bytes = wide ? sizeof(hf_channel_wide) : sizeof(hf_channel_compact);
    v.gemm.pairs = (uint32_t)hf_window_pairs(runs, v.run_values);
    v.gemm.blocks = wide ? 0 : v.channels / 4;
    v.gemm.weights = (const int8_t *)c->data + r->out_channels * channel_bytes;
    v.singles = v.gemm.weights + (size_t)8 * v.gemm.pairs * v.gemm.blocks * r->parts;
    v.staging = (int8_t *)c->extra + (size_t)8 * v.gemm.pairs * r->parts;
    return v;
}

/* Windows are positions: input and output are two lists of them. */
static int is_pointwise(const hf_op_record *r)
{
    return r->kernel_height == 1 && r->kernel_width == 1 && r->stride_height == 1 && r->stride_width == 1 &&
           r->in_width == r->out_width && r->parts == 1 && r->out_height <= r->in_height;
}

/* An odd last position stands in both lanes; both write the same bytes to the same place. */
static void run_pointwise(const conv *v)
{
    const hf_op_context *c = v->context;
    const hf_op_record *r = c->record;
    const int8_t *input = hf_input_row(c, c->first_row);
    int8_t *output = hf_output_row(c, c->first_row);
    for (int32_t left = (int32_t)((c->end_row - c->first_row) * r->out_width); left > 0; left -= 2) {
        const int8_t *input_2 = left > 1 ? input + r->in_step : input;
        int8_t *output_2 = left > 1 ? output + r->out_step : output;
        hf_expand(input, input_2, v->run_values, c->extra);
        multiply(v, output, output_2);
        input = input_2 + r->in_step;
        output = output_2 + r->out_step;
    }
}

static void run_pair(const conv *v, const position at[2], int whole_rows)
{
    if (whole_rows && at[0].inside && at[1].inside && at[0].y == at[1].y)
        take_rows(v, at);
    else
        take(v, at);
    multiply(v, at[0].out, at[1].out);
}

static void run_windows(const conv *v)
{
    const hf_op_context *c = v->context;
    const hf_op_record *r = c->record;
    const int whole_rows = v->taps == r->kernel_width && r->parts == 1;
    const int32_t inside_width = r->in_width - r->kernel_width;
    position next = {.y = (int32_t)(c->first_row * r->stride_height) - r->pad_top,
                     .out = hf_output_row(c, c->first_row)};
    uint32_t lane = 0;
    position at[2];
    for (uint32_t row = c->first_row; row < c->end_row; row++, next.y += r->stride_height) {
        const int rows_inside = next.y >= 0 && next.y + r->kernel_height <= r->in_height;
        next.x = -(int32_t)r->pad_left;
        for (uint32_t left = r->out_width; left > 0; left--) {
            next.inside = rows_inside && next.x >= 0 && next.x <= inside_width;
            at[lane] = next;
            next.x += r->stride_width;
            next.out += r->out_step;
            lane ^= 1U;
            if (lane == 0)
                run_pair(v, at, whole_rows);
        }
    }
    if (lane == 1) {
        at[1] = at[0];
        run_pair(v, at, whole_rows);
    }
}

void hf_run_conv(const hf_op_context *c)
{
    const conv v = prepare(c);
    if (is_pointwise(c->record))
        run_pointwise(&v);
    else
        run_windows(&v);
}
