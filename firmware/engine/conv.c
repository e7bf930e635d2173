/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "conv_rgb.h"
#include "conv_rows.h"
#include "conv_table.h"
#include "dsp.h"
#include "engine/layout.h"
#include "kernels.h"
#include "requant.h"

/*
 * conv2d: the windows of a tile of positions are expanded to int16 in scratch and then multiplied by all output
 * channels, a block of four at a time. All windows of a tile are read before any of its outputs is written, so
 * the output may follow closely behind the input. Taps outside the input hold the input's zero point. So the
 * input offset is a constant per channel, which the compiler has added to the bias.
 */

/* A layer, and how its windows are read. */
typedef struct conv {
    const hf_op_context *context;
    uint32_t taps;                    /* of a run */
    uint32_t run_values;              /* of a run */
    uint32_t rows;                    /* of the output, to compute */
    uint32_t out_width;               /* positions of an output row */
    int32_t in_width;                 /* positions of an input row */
    uint32_t channels;                /* of the output, per group */
    uint32_t blocks;                  /* of four channels, per group */
    uint32_t tile;                    /* positions whose windows are expanded together */
    uint32_t group_values;            /* of scratch, per group */
    uint32_t inside_from, inside_end; /* output columns whose windows lie within the input's width;
                             none if hf_expand_windows() cannot read them */
    int8_t *staging;                  /* a run of each of two windows that lie partly outside the input */
    int8_t *stage;                    /* room for a block of weights, or NULL */
    int8_t *small_stage;              /* the same for one of HF_CONV_CACHED_BYTES */
    const int8_t *weights;            /* of all blocks */
    const int8_t *singles;            /* weights of the channels outside blocks */
    hf_window_intake intake;
    hf_gemm gemm;
} conv;

/* An output position. */
typedef struct position {
    uint32_t x;
    int32_t top;     /* of its window */
    int rows_inside; /* the window's rows are inside the input and contiguous */
} position;

/* The run whose first tap is (y, x); taps outside the input are the zero point. */
HF_SPECIAL_LOOP static const int8_t *run_at(const conv *v, int32_t y, int32_t x, uint32_t first_channel,
                                            int8_t *staging)
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

/* Expands a run of two windows at any distance. @return end of what was written */
HF_SPECIAL_LOOP static int16_t *expand(const conv *v, const int8_t *a, const int8_t *b, int16_t *to)
{
#if HF_ENGINE_SPECIAL_KERNELS
    if (v->run_values == 4 || v->run_values == 8) { /* a call would take longer */
        uint32_t *words = (uint32_t *)(void *)to;
        for (uint32_t left = v->run_values; left > 0; left -= 4, a += 4, b += 4, words += 4) {
            const uint32_t first = hf_load32(a);
            const uint32_t second = hf_load32(b);
            words[0] = hf_sxtb16(first);
            words[1] = hf_sxtb16(second);
            words[2] = hf_sxtb16_ror8(first);
            words[3] = hf_sxtb16_ror8(second);
        }
        return (int16_t *)(void *)words;
    }
#endif
    hf_window_intake intake = {
        .from = a, .step = b - a, .run_values = v->run_values, .to = to, .runs = 1, .position_pairs = 1};
    hf_expand_windows(&intake);
    return intake.to;
}

/* Expands the windows of two positions, for all groups. */
HF_SPECIAL_LOOP static void take_two(const conv *v, const position at[2], int16_t *to)
{
    const hf_op_record *r = v->context->record;
    const uint32_t group_channels = (uint32_t)r->in_channels / r->parts;
    int8_t *const second = v->staging + ((v->run_values + 3) & ~3U);
    const int32_t left[2] = {(int32_t)(at[0].x * r->stride_width) - r->pad_left,
                             (int32_t)(at[1].x * r->stride_width) - r->pad_left};
    for (uint32_t channel = 0; channel < r->in_channels; channel += group_channels, to += v->group_values) {
        int16_t *run = to;
        for (int32_t k = 0; k < r->kernel_height; k++)
            for (int32_t i = 0; i < r->kernel_width; i += (int32_t)v->taps)
                run = expand(v, run_at(v, at[0].top + k, left[0] + i, channel, v->staging),
                             run_at(v, at[1].top + k, left[1] + i, channel, second), run);
    }
}

static void begin_row(const conv *v, position *at, int32_t top)
{
    const hf_op_record *r = v->context->record;
    at->x = 0;
    at->top = top;
    at->rows_inside = top >= 0 && top + r->kernel_height <= r->in_height &&
                      (v->context->in_rows == r->in_height ||
                       (uint32_t)top % v->context->in_rows + r->kernel_height <= v->context->in_rows);
}

static void advance(const conv *v, position *at, uint32_t positions)
{
    at->x += positions;
    if (at->x == v->out_width)
        begin_row(v, at, at->top + v->context->record->stride_height);
}

/* Expands the windows of `left` positions from `at` on and advances `at`. An odd last window is stored twice. */
static void take_tile(conv *v, position *at, uint32_t left)
{
    const hf_op_record *r = v->context->record;
    hf_window_intake *intake = &v->intake;
    intake->to = v->context->extra;
    while (left > 0) {
        uint32_t count = 0; /* positions for hf_expand_windows() */
        if (at->rows_inside && at->x >= v->inside_from && at->x < v->inside_end)
            count = (v->inside_end - at->x < left ? v->inside_end - at->x : left) & ~1U;
        if (count > 0) {
            intake->from = hf_input_row(v->context, (uint32_t)at->top) +
                           (size_t)(at->x * r->stride_width - r->pad_left) * r->in_step;
            intake->position_pairs = count / 2;
            hf_expand_windows(intake);
            advance(v, at, count);
        } else {
            position two[2] = {*at, *at};
            count = left > 1 ? 2 : 1;
            advance(v, at, 1);
            if (count == 2) {
                two[1] = *at;
                advance(v, at, 1);
            }
            take_two(v, two, intake->to);
            intake->to += (size_t)4 * v->gemm.pairs;
        }
        left -= count;
    }
}

/* Computes the channels outside blocks one by one: left-over channels, or all of a layer with wide parameters.
 * @param first  the first of them
 * @param behind its number within its group */
static void multiply_singles(const conv *v, const int8_t *weights, uint32_t first, uint32_t behind)
{
    const hf_op_record *r = v->context->record;
    const hf_gemm *g = &v->gemm;
    for (uint32_t i = behind; i < v->channels; i++, first++, weights += (size_t)2 * g->pairs) {
        const hf_channel_wide channel = hf_channel_at(v->context, first);
        const int16_t *windows = g->windows;
        int8_t *out = g->out + (size_t)i * r->channel_step;
        for (uint32_t p = 0; p < g->positions; p += 2, windows += (size_t)4 * g->pairs) {
            int32_t sums[2];
            hf_gemm_sums(windows, weights, g->pairs, sums);
            for (uint32_t w = 0; w < 2 && p + w < g->positions; w++, out += g->out_step)
                *out = hf_requantize_wide((int32_t)((uint32_t)sums[w] + (uint32_t)channel.bias),
                                          channel.multiplier, channel.shift, r->output_zero_point);
        }
    }
}

/* Computes the left-over channels as a block, if there is room for one. Changes v->gemm. */
static void multiply_rest(conv *v, const int8_t *weights, uint32_t first, uint32_t behind)
{
    hf_gemm *g = &v->gemm;
    hf_channel_compact four[4] = {0};
    const hf_channel_compact *channels = (const hf_channel_compact *)(const void *)v->context->data + first;
    g->stored = v->channels - behind;
    for (uint32_t i = 0; i < g->stored; i++)
        four[i] = channels[i];
    hf_gemm_join(weights, g->stored, g->pairs, (uint32_t *)(void *)v->stage);
    g->stage = NULL;
    g->weights = v->stage;
    g->channels = four;
    g->out += (size_t)behind * g->channel_step;
    g->blocks = 1;
    hf_gemm_blocks(g);
    g->channels = NULL; /* `four` ends here */
}

/* Where blocks of weights are copied to before they are used, or NULL. A cached block in flash costs only that loads
 * from two memories do not pipeline. */
static int8_t *stage_for(const conv *v)
{
    if (8 * v->gemm.pairs > HF_CONV_CACHED_BYTES)
        return v->gemm.positions >= 2 * HF_CONV_STAGE_TILE ? v->stage : NULL;
    return v->gemm.positions >= 2 * HF_CONV_SMALL_STAGE_TILE ? v->small_stage : NULL;
}

/* Computes one group's channels. v->gemm holds its windows and outputs. */
static void multiply_group(conv *v, uint32_t group)
{
    const hf_op_record *r = v->context->record;
    hf_gemm *g = &v->gemm;
    const uint32_t behind = 4 * v->blocks;
    const uint32_t first = group * v->channels;
    const int8_t *rest = v->singles + (size_t)2 * g->pairs * (v->channels - behind) * group;
    if (v->blocks > 0) {
        g->stored = 4;
        g->blocks = v->blocks;
        if (HF_CONV_STAGES)
            g->stage = stage_for(v);
        g->channels = (const hf_channel_compact *)(const void *)v->context->data + first;
        g->weights = v->weights + (size_t)2 * g->pairs * behind * group;
        hf_gemm_blocks(g);
    }
    if (behind == v->channels)
        return;
    if (v->stage && r->params == HF_PARAMS_COMPACT)
        multiply_rest(v, rest, first + behind, behind);
    else
        multiply_singles(v, rest, first + behind, behind);
}

static void run_tiles(conv *v)
{
    const hf_op_context *c = v->context;
    const hf_op_record *r = c->record;
    const uint32_t group_out = r->channel_step == 1 ? v->channels : 1;
    position at;
    begin_row(v, &at, (int32_t)(c->first_row * r->stride_height) - r->pad_top);
    int8_t *out = hf_output_row(c, c->first_row);
    for (uint32_t left = v->rows * v->out_width; left > 0;) {
        const uint32_t count = left < v->tile ? left : v->tile;
        take_tile(v, &at, count);
        v->gemm.positions = count;
        for (uint32_t group = 0; group < r->parts; group++) {
            v->gemm.windows = (const int16_t *)c->extra + (size_t)v->group_values * group;
            v->gemm.out = out + (size_t)group_out * group;
            multiply_group(v, group);
        }
        out += (size_t)count * r->out_step;
        left -= count;
    }
}

void hf_run_conv(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
#if HF_ENGINE_SPECIAL_KERNELS
    if (hf_run_conv_rgb(c) || hf_run_conv_rows(c) || hf_run_conv_table(c))
        return;
#endif
    const int wide = r->params == HF_PARAMS_WIDE;
    const uint32_t channel_bytes = wide ? sizeof(hf_channel_wide) : sizeof(hf_channel_compact);
    const uint32_t runs = hf_record_runs(r);
    const uint32_t run_values = hf_record_run_values(r);
    const uint32_t channels = (uint32_t)r->out_channels / r->parts;
    const uint32_t pairs = runs * ((run_values + 1) / 2);
    const uint32_t blocks = wide ? 0 : channels / 4;
    const uint32_t position_pairs = r->tile ? r->tile : 1;
    const int8_t *weights = (const int8_t *)c->data + (size_t)r->out_channels * channel_bytes;
    int8_t *const behind_windows = (int8_t *)c->extra + (size_t)8 * pairs * position_pairs * r->parts;
    const size_t stage_bytes = (size_t)hf_conv_stage_bytes(r);
    uint32_t small_stage[HF_CONV_CACHED_BYTES / sizeof(uint32_t)];
    conv v = {
        .context = c,
        .taps = (uint32_t)r->kernel_height * r->kernel_width / runs,
        .run_values = run_values,
        .rows = c->end_row - c->first_row,
        .out_width = r->out_width,
        .in_width = r->in_width,
        .channels = channels,
        .blocks = blocks,
        .tile = 2 * position_pairs,
        .group_values = 4 * pairs * position_pairs,
        .staging = behind_windows + stage_bytes,
        .stage = stage_bytes ? behind_windows : NULL,
        .small_stage = (int8_t *)small_stage,
        .weights = weights,
        .singles = weights + (size_t)8 * pairs * blocks * r->parts,
        .intake = {.step = (ptrdiff_t)r->stride_width * r->in_step,
                   .run_values = run_values,
                   .runs = r->kernel_height,
                   .run_advance = (uint32_t)r->in_width * r->in_step - run_values},
        .gemm = {.pairs = pairs,
                 .out_step = r->out_step,
                 .zero_half = 2 * r->output_zero_point + 1,
                 .channel_step = r->channel_step},
    };
    if (r->in_height == r->out_height && r->in_width == r->out_width &&
        r->kernel_height * r->kernel_width == 1 && r->stride_width == 1 && r->pad_top + r->pad_left == 0 &&
        c->in_rows == r->in_height && r->ring_rows == 0) { /* all positions as one row */
        v.out_width *= v.rows;
        v.in_width = (int32_t)v.out_width;
        v.rows = 1;
    }
    if (runs == r->kernel_height && r->parts == 1 && v.in_width >= r->kernel_width) {
        v.inside_from = (r->pad_left + r->stride_width - 1U) / r->stride_width;
        v.inside_end = (uint32_t)(v.in_width - r->kernel_width + r->pad_left) / r->stride_width + 1;
        v.inside_end = v.inside_end < v.out_width ? v.inside_end : v.out_width;
    }
    run_tiles(&v);
}
