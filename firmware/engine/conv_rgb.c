/* SPDX-License-Identifier: Apache-2.0 */
#include "conv_rgb.h"

#include "dsp.h"
#include "engine/kernel_choice.h"
#include "requant.h"

/*
 * 3x3 convolution with stride 2 of three channels, the first layer of most image networks. Its windows are short
 * and overlap: expanding rows of the input to int16, for as many positions as scratch space has room for, is
 * cheaper than expanding each window. Adjacent windows then begin 12 bytes apart in a row. Values are stored in
 * order, so the weights are reordered to match, on the stack. The portable twin is conv.c.
 */

#if HF_ENGINE_SPECIAL_KERNELS

#define ROW_PAIRS     5U /* of a window's row: nine values and one that is multiplied by 0 */
#define BLOCK_WORDS   (3U * 2 * ROW_PAIRS)
#define STAGED_BLOCKS 3U /* of weights, on the stack */

typedef struct rgb {
    const hf_op_context *context;
    int16_t *rows; /* three, of row_values each */
    uint32_t row_values;
    uint32_t tile;    /* positions for which rows are expanded */
    uint32_t *staged; /* weights of up to STAGED_BLOCKS blocks */
    int is_staged;    /* `staged` holds all blocks of the layer */
    hf_gemm gemm;
} rgb;

/* Copies a block of weights, reordered from SXTB16's order to the order of the values. */
static void stage_block(const uint32_t *block, uint32_t *to)
{
    for (uint32_t row = 3; row > 0; row--, to += 2, block += 2) {
        for (uint32_t four = 2; four > 0; four--, to += 4, block += 4)
            for (uint32_t k = 0; k < 2; k++) {
                const uint32_t even = block[k]; /* values 0 and 2 */
                const uint32_t odd = block[k + 2];
                to[k] = hf_pkhbt(even, odd);
                to[k + 2] = (even >> 16) | (odd & 0xFFFF0000U);
            }
        to[0] = block[0];
        to[1] = block[1];
    }
}

static int16_t *fill(int16_t *to, uint32_t values, int16_t with)
{
    for (; values > 0; values--)
        *to++ = with;
    return to;
}

/* Expands the columns of input row y that the windows of `positions` from x on need. */
static void expand(const rgb *v, int16_t *to, int32_t y, uint32_t x, uint32_t positions)
{
    const hf_op_record *r = v->context->record;
    const int16_t zero = r->input_zero_point;
    const int32_t left = (int32_t)(2 * x) - r->pad_left;
    const int32_t right = left + (int32_t)(2 * positions) + 1;
    const int32_t begin = left < 0 ? 0 : left;
    const int32_t end = right < r->in_width ? right : r->in_width;
    if (y < 0 || y >= r->in_height) {
        fill(to, v->row_values, zero);
        return;
    }
    to = fill(to, 3U * (uint32_t)(begin - left), zero);
    const int8_t *from = hf_input_row(v->context, (uint32_t)y) + (size_t)3 * (uint32_t)begin;
    uint32_t values = 3U * (uint32_t)(end - begin);
    for (; ((uintptr_t)to & 3U) != 0; values--)
        *to++ = *from++;
    hf_expand_row(to, from, values);
    if (right > end)
        fill(to + values, 3U * (uint32_t)(right - end), zero);
}

/* Stages the weights of blocks `first` .. `end` - 1. The left-over channels are the last block. */
__attribute__((noinline)) static void stage(const rgb *v, uint32_t first, uint32_t end)
{
    const hf_op_record *r = v->context->record;
    const hf_channel_compact *channels = (const hf_channel_compact *)(const void *)v->context->data;
    const uint32_t *weights = (const uint32_t *)(const void *)(channels + r->out_channels);
    uint32_t *to = v->staged;
    weights += (size_t)first * BLOCK_WORDS;
    for (; first < end; first++, weights += BLOCK_WORDS, to += BLOCK_WORDS) {
        uint32_t block[BLOCK_WORDS];
        const uint32_t *from = weights;
        if (first == r->out_channels / 4U) {
            hf_gemm_join((const int8_t *)weights, r->out_channels % 4U, 3 * ROW_PAIRS, block);
            from = block;
        }
        stage_block(from, to);
    }
}

/* Computes the left-over channels of a tile. @param block their number */
static void multiply_rest(rgb *v, uint32_t block, int8_t *out)
{
    const hf_op_record *r = v->context->record;
    const hf_channel_compact *channels = (const hf_channel_compact *)(const void *)v->context->data;
    hf_channel_compact rest[4] = {0};
    hf_gemm *g = &v->gemm;
    g->stored = r->out_channels % 4U;
    for (uint32_t i = 0; i < g->stored; i++)
        rest[i] = channels[4 * block + i];
    g->channels = rest;
    g->weights = (const int8_t *)(v->staged + (size_t)block % STAGED_BLOCKS * BLOCK_WORDS);
    g->blocks = 1;
    g->out = out + (size_t)4 * block * r->channel_step;
    hf_gemm_rgb(g);
}

/* Computes all channels of a tile whose rows are expanded. */
static void multiply_tile(rgb *v, int8_t *out)
{
    const hf_op_record *r = v->context->record;
    const hf_channel_compact *channels = (const hf_channel_compact *)(const void *)v->context->data;
    const uint32_t whole = r->out_channels / 4U;
    const uint32_t all = (r->out_channels + 3U) / 4;
    hf_gemm *g = &v->gemm;
    for (uint32_t first = 0; first < all; first += STAGED_BLOCKS) {
        const uint32_t end = all - first < STAGED_BLOCKS ? all : first + STAGED_BLOCKS;
        if (!v->is_staged)
            stage(v, first, end);
        v->is_staged = all <= STAGED_BLOCKS; /* from now on */
        g->weights = (const int8_t *)v->staged;
        g->blocks = (end < whole ? end : whole) - first;
        g->channels = channels + 4 * first;
        g->stored = 4;
        g->out = out + (size_t)4 * first * r->channel_step;
        if (first < whole)
            hf_gemm_rgb(g);
        if (end > whole)
            multiply_rest(v, whole, out);
    }
}

__attribute__((noinline)) static void make_row(rgb *v, uint32_t y)
{
    const hf_op_record *r = v->context->record;
    int8_t *out = hf_output_row(v->context, y);
    for (uint32_t x = 0; x < r->out_width; x += v->tile, out += (size_t)v->tile * r->out_step) {
        v->gemm.positions = r->out_width - x < v->tile ? r->out_width - x : v->tile;
        for (int32_t k = 0; k < 3; k++)
            expand(v, v->rows + (size_t)k * v->row_values, (int32_t)(2 * y) - r->pad_top + k, x,
                   v->gemm.positions);
        multiply_tile(v, out);
    }
}

/* Whether the outputs before column x of a row end at or before the next window. */
static int stays_behind(const hf_op_context *c, const int8_t *out, const int8_t *top, uint32_t x)
{
    return out + (size_t)x * c->record->out_step <= top + (int32_t)(6 * x) - 3 * c->record->pad_left;
}

/* Whether no tile's outputs overwrite input that later windows need. */
static int spares_input(const rgb *v)
{
    const hf_op_context *c = v->context;
    const hf_op_record *r = c->record;
    const size_t row_bytes = r->in_width * 3U;
    const int is_ring = c->in_rows < r->in_height;
    const int8_t *in_end = c->input + c->in_rows * row_bytes;
    for (uint32_t y = c->first_row; y < c->end_row; y++) {
        const int8_t *out = hf_output_row(c, y);
        const uint32_t top = 2 * y > r->pad_top ? 2 * y - r->pad_top : 0;
        const int8_t *in = is_ring ? c->input : c->input + top * row_bytes;
        const int is_apart = out >= in_end || out + (size_t)r->out_width * r->out_step <= in;
        if (!is_apart &&
            (is_ring || !stays_behind(c, out, in, v->tile) || !stays_behind(c, out, in, r->out_width)))
            return 0;
    }
    return 1;
}

int hf_run_conv_rgb(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    if (!hf_conv_is_rgb(r))
        return 0;
    uint32_t staged[STAGED_BLOCKS * BLOCK_WORDS];
    const uint32_t position_pairs = hf_conv_rgb_position_pairs(r);
    rgb v = {.context = c,
             .rows = c->extra,
             .row_values = HF_CONV_RGB_POSITION_PAIR_VALUES * position_pairs + HF_CONV_RGB_ROW_REST,
             .tile = 2 * position_pairs,
             .staged = staged,
             .gemm = {.windows = c->extra,
                      .pairs = 3 * ROW_PAIRS,
                      .out_step = r->out_step,
                      .zero_half = 2 * r->output_zero_point + 1,
                      .channel_step = r->channel_step}};
    v.gemm.row_bytes = v.row_values * (uint32_t)sizeof(int16_t);
    if (!spares_input(&v))
        return 0;
    for (uint32_t y = c->first_row; y < c->end_row; y++)
        make_row(&v, y);
    return 1;
}

#else
typedef int hf_conv_rgb_is_special;
#endif
