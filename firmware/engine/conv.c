/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

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

/* How a layer's windows are taken in. */
typedef struct conv {
    const hf_op_context *context;
    uint32_t taps;         /* of a run */
    uint32_t run_values;   /* of a run */
    uint32_t rows;         /* of the output, to be made */
    uint32_t out_width;    /* positions in such a row */
    int32_t in_width;      /* and in one of the input */
    uint32_t channels;     /* of the output, per group */
    int8_t *staging;       /* a run of each window, where they lie partly outside the input */
    const int8_t *singles; /* weights of the channels that no block holds */
    uint32_t at_once;      /* positions that hf_gemm_blocks() makes; 0: not from the input on */
    hf_gemm gemm;          /* the first group's; no runs */
} conv;

/* An output position, and the first tap of its window. */
typedef struct position {
    int32_t y, x;
    int8_t *out;
} position;

/* The run whose first tap is (y, x), with the zero point for what is outside the input. */
static const int8_t *run_at(const conv *v, int32_t y, int32_t x, uint32_t first_channel, int8_t *staging)
{
    const hf_op_record *r = v->context->record;
    const int32_t taps = (int32_t)v->taps;
    int32_t begin = x < 0 ? -x : 0;
    int32_t end = v->in_width - x < taps ? v->in_width - x : taps;
    const int8_t *inside = NULL;
    if (y >= 0 && y < r->in_height && begin < end)
        inside = hf_input_row(v->context, (uint32_t)y) + (size_t)(x + begin) * r->in_step + first_channel;
    else
        begin = end = taps;
    if (end - begin == taps)
        return inside;
    for (uint32_t i = 0; i < v->run_values; i += 4)
        hf_store32(staging + i, (uint8_t)r->input_zero_point * 0x01010101U);
    if (begin < end) {
        const size_t tap_bytes = v->run_values / v->taps;
        hf_copy(staging + (size_t)begin * tap_bytes, inside, (size_t)(end - begin) * tap_bytes);
    }
    return staging;
}

/* Takes in the windows of two positions: all groups, so that outputs may be written after. */
static void take(const conv *v, const position at[2])
{
    const hf_op_record *r = v->context->record;
    const uint32_t group_channels = (uint32_t)r->in_channels / r->parts;
    int8_t *const second = v->staging + ((v->run_values + 3) & ~3U);
    int16_t *to = v->context->extra;
    for (uint32_t channel = 0; channel < r->in_channels; channel += group_channels)
        for (int32_t k = 0; k < r->kernel_height; k++)
            for (int32_t i = 0; i < r->kernel_width; i += (int32_t)v->taps)
                to = hf_expand(run_at(v, at[0].y + k, at[0].x + i, channel, v->staging),
                               run_at(v, at[1].y + k, at[1].x + i, channel, second), v->run_values, to);
}

/* Channels that no block holds, one by one: those left over, or all of a layer with wide parameters. */
static void multiply_singles(const conv *v, const hf_gemm *g, const int8_t *weights, uint32_t group)
{
    const hf_op_record *r = v->context->record;
    for (uint32_t i = 4 * g->blocks; i < v->channels; i++, weights += (size_t)2 * g->pairs) {
        const hf_channel_wide channel = hf_channel_at(v->context, group * v->channels + i);
        int32_t sums[2];
        hf_gemm_sums(g->windows, weights, g->pairs, sums);
        for (int w = 0; w < 2; w++)
            g->out[w][(size_t)i * r->channel_step] =
                hf_requantize_wide((int32_t)((uint32_t)sums[w] + (uint32_t)channel.bias), channel.multiplier,
                                   channel.shift, r->output_zero_point);
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

static void multiply_groups(const conv *v)
{
    const hf_op_record *r = v->context->record;
    const uint32_t out_step = r->channel_step == 1 ? v->channels : 1;
    const int8_t *singles = v->singles;
    hf_gemm g = v->gemm;
    const size_t block_bytes = (size_t)8 * g.pairs * g.blocks;
    for (uint32_t group = 0; group < r->parts; group++) {
        if (r->channel_step != 1)
            multiply_spread(&g, r->channel_step);
        else if (g.blocks > 0)
            hf_gemm_blocks(&g);
        multiply_singles(v, &g, singles, group);
        g.windows += (size_t)4 * g.pairs;
        g.weights += block_bytes;
        singles += (size_t)2 * g.pairs * v->channels - block_bytes;
        g.channels += v->channels;
        g.out[0] += out_step;
        g.out[1] += out_step;
    }
}

/* `count` positions, an even number, from one on whose windows lie in the input and are runs of whole rows.
 * `at_once` is all of them or two. */
static void run_inside(const conv *v, const position *from, uint32_t count)
{
    const hf_op_record *r = v->context->record;
    hf_gemm g = v->gemm;
    g.from = hf_input_row(v->context, (uint32_t)from->y) + (size_t)from->x * r->in_step;
    g.out[0] = from->out;
    const uint32_t at_once = count < v->at_once ? count : v->at_once;
    for (; count > 0; count -= at_once) {
        g.runs = r->kernel_height;
        g.end = g.from + (size_t)at_once * g.step;
        g.out[1] = g.out[0] + r->out_step;
        hf_gemm_blocks(&g);
        multiply_singles(v, &g, v->singles, 0);
        g.out[0] = g.out[1] + r->out_step;
    }
}

/* Two by two; pairs go on from one row to the next. An odd last position stands in both lanes; both write the
 * same bytes to the same place. */
static void run_rows(conv *v)
{
    const hf_op_context *c = v->context;
    const hf_op_record *r = c->record;
    const int32_t last_inside = v->in_width - r->kernel_width;
    position at[2];
    uint32_t lane = 0;
    position next = {.y = (int32_t)(c->first_row * r->stride_height) - r->pad_top,
                     .out = hf_output_row(c, c->first_row)};
    for (uint32_t row = 1; row <= v->rows; row++, next.y += r->stride_height) {
        const int rows_inside = v->at_once && next.y >= 0 && next.y + r->kernel_height <= r->in_height &&
                                (uint32_t)next.y % c->in_rows + r->kernel_height <= c->in_rows;
        next.x = -(int32_t)r->pad_left;
        for (uint32_t left = v->out_width; left > 0;) {
            uint32_t count = 1;
            if (lane == 0 && left > 1 && rows_inside && next.x >= 0 &&
                next.x + r->stride_width <= last_inside) {
                count = (uint32_t)(last_inside - next.x) / r->stride_width + 1;
                count = (count < left ? count : left) & ~1U;
                run_inside(v, &next, count);
            } else {
                at[lane++] = next;
                if (left == 1 && row == v->rows) {
                    at[1] = next;
                    lane = 2;
                }
                if (lane == 2) {
                    take(v, at);
                    v->gemm.out[0] = at[0].out;
                    v->gemm.out[1] = at[1].out;
                    multiply_groups(v);
                    lane = 0;
                }
            }
            next.x += (int32_t)(count * r->stride_width);
            next.out += (size_t)count * r->out_step;
            left -= count;
        }
    }
}

void hf_run_conv(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    const int wide = r->params == HF_PARAMS_WIDE;
    const uint32_t channel_bytes = wide ? sizeof(hf_channel_wide) : sizeof(hf_channel_compact);
    const uint32_t runs = hf_record_runs(r);
    const uint32_t run_values = hf_record_run_values(r);
    const uint32_t channels = (uint32_t)r->out_channels / r->parts;
    const uint32_t pairs = runs * ((run_values + 1) / 2);
    const uint32_t blocks = wide ? 0 : channels / 4;
    const int8_t *weights = (const int8_t *)c->data + (size_t)r->out_channels * channel_bytes;
    conv v = {
        .context = c,
        .taps = (uint32_t)r->kernel_height * r->kernel_width / runs,
        .run_values = run_values,
        .rows = c->end_row - c->first_row,
        .out_width = r->out_width,
        .in_width = r->in_width,
        .channels = channels,
        .staging = (int8_t *)c->extra + (size_t)8 * pairs * r->parts,
        .singles = weights + (size_t)8 * pairs * blocks * r->parts,
        .gemm = {.step = (uint32_t)r->stride_width * r->in_step,
                 .run_values = run_values,
                 .windows = c->extra,
                 .channels = (const hf_channel_compact *)(const void *)c->data,
                 .weights = weights,
                 .blocks = blocks,
                 .out_advance = 2 * (uint32_t)r->out_step - 4 * blocks,
                 .run_advance = (uint32_t)r->in_width * r->in_step - run_values,
                 .zero_half = 2 * r->output_zero_point + 1,
                 .pairs = pairs},
    };
    if (runs == r->kernel_height && r->parts == 1 && r->channel_step == 1 && blocks > 0)
        v.at_once = channels == 4 * blocks ? UINT32_MAX : 2;
    if (r->in_height == r->out_height && r->in_width == r->out_width &&
        r->kernel_height * r->kernel_width == 1 && r->stride_width == 1 && r->pad_top + r->pad_left == 0 &&
        c->in_rows == r->in_height && r->ring_rows == 0) { /* one row of all positions */
        v.out_width *= v.rows;
        v.in_width = (int32_t)v.out_width;
        v.rows = 1;
    }
    run_rows(&v);
}
