/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/kernel_choice.h"
#include "engine/layout.h"
#include "work.h"

/* The work of convolutions: firmware/engine/conv.c and conv_rgb.c. */

#define M7_CACHE_BYTES 12288U /* of 16384; windows and outputs take the rest */
#define STAGED_BLOCKS  3U     /* of weights that the kernel for three channels keeps */
#define UNROLLED       6U     /* pairs of values of an iteration on a Cortex-M4 */

enum {
    CALLS,
    TILES,
    BLOCKS,        /* of four channels, set up once a tile */
    FINISHED,      /* blocks of two positions */
    PRODUCTS,      /* pairs of values of such a block */
    ITERATIONS,    /* over these pairs */
    STAGED,        /* pairs of values of blocks that are copied */
    READ,          /* of blocks that are not */
    EXPANDED,      /* pairs of values of windows of two positions */
    RUNS,          /* of such windows, read one behind the other */
    SINGLE_RUNS,   /* of windows read run by run */
    SINGLE_PAIRS,  /* these windows of two positions */
    STORED_BYTES,  /* outputs that are stored byte by byte */
    JOINED,        /* pairs of values of left-over channels, joined to a block */
    ALONE,         /* channels of two positions, computed one by one */
    ALONE_PAIRS,   /* pairs of values of these */
    WITHOUT_RELU,  /* blocks of two positions that round both ways */
    SINGLE_VALUES, /* of windows read run by run */
    PARTIAL,       /* blocks of two positions with fewer than four channels */
    LARGE,         /* pairs of values of blocks, if the layer's do not fit a Cortex-M7's data cache */
};

/* Pairs of positions of a call, over all its tiles. */
static uint32_t pairs_of_positions(uint32_t positions, uint32_t tile)
{
    return positions / tile * (tile / 2) + (positions % tile + 1) / 2;
}

/* Pairs of positions whose windows hf_expand_windows() can read: inside the input and, in a ring, not wrapped. */
static double pairs_inside(const hf_work_case *c)
{
    const hf_op_record *r = c->record;
    if (hf_record_runs(r) != r->kernel_height || r->parts != 1 || r->in_width < r->kernel_width)
        return 0;
    const uint32_t from = (r->pad_left + r->stride_width - 1U) / r->stride_width;
    const uint32_t fit = (uint32_t)(r->in_width - r->kernel_width + r->pad_left) / r->stride_width + 1;
    const uint32_t end = fit < r->out_width ? fit : r->out_width;
    double rows = 0;
    for (uint32_t y = 0; y < r->out_height; y++) {
        const int32_t top = (int32_t)(y * r->stride_height) - r->pad_top;
        rows += top >= 0 && top + r->kernel_height <= r->in_height &&
                (c->in_rows == r->in_height || (uint32_t)top % c->in_rows + r->kernel_height <= c->in_rows);
    }
    const uint32_t pairs = end > from ? (end - from) / 2 : 0;
    return rows * pairs;
}

/* Whether all positions are read as if they were one row. */
static bool is_one_row(const hf_work_case *c)
{
    const hf_op_record *r = c->record;
    return r->in_height == r->out_height && r->in_width == r->out_width &&
           r->kernel_height * r->kernel_width == 1 && r->stride_width == 1 && c->in_rows == r->in_height &&
           r->ring_rows == 0 && hf_record_runs(r) == r->kernel_height && r->parts == 1;
}

static void rgb(const hf_work_case *c, hf_op_work *out)
{
    const hf_op_record *r = c->record;
    const uint32_t pairs = hf_conv_rgb_position_pairs(r);
    const uint32_t tiles = (r->out_width + 2 * pairs - 1) / (2 * pairs);
    const uint32_t blocks = (r->out_channels + 3U) / 4;
    const double position_pairs = (double)r->out_height * pairs_of_positions(r->out_width, 2 * pairs);
    out->kernel = HF_KERNEL_CONV_RGB;
    out->terms[0] = c->calls;
    out->terms[1] = r->out_height;
    out->terms[2] = (double)r->out_height * tiles;
    out->terms[3] = (double)r->out_height * r->in_width;
    out->terms[4] = (double)r->out_height * tiles * blocks;
    out->terms[5] = position_pairs * blocks;
    out->terms[6] = position_pairs * (r->out_channels % 4U);
    out->terms[7] = blocks <= STAGED_BLOCKS ? c->calls * (double)blocks : out->terms[4];
    out->terms[8] = c->is_relu ? 0 : out->terms[5];
}

void hf_work_conv(const hf_work_case *c, hf_op_work *out)
{
    const hf_op_record *r = c->record;
    double *terms = out->terms;
    if (hf_conv_is_rgb(r)) {
        rgb(c, out);
        return;
    }
    const uint32_t runs = hf_record_runs(r);
    const uint32_t pairs = (uint32_t)hf_window_pairs(runs, hf_record_run_values(r));
    const uint32_t positions = r->out_width * c->rows;
    const uint32_t tile = 2U * (r->tile ? r->tile : 1U);
    const uint32_t tiles_of_call = (positions + tile - 1) / tile;
    const double tiles = (double)c->calls * tiles_of_call;
    const double two = c->calls * pairs_of_positions(positions, tile);
    const uint32_t channels = (uint32_t)r->out_channels / r->parts;
    const bool compact = r->params == HF_PARAMS_COMPACT;
    const uint32_t blocks = compact ? channels / 4 : 0;
    const uint32_t rest = channels - 4 * blocks;
    const uint32_t iterations = (pairs - 1 + UNROLLED - 1) / UNROLLED;
    const bool joins = rest > 0 && compact && hf_conv_stage_bytes(r) > 0;
    const double all_blocks = blocks + (joins ? 1 : 0);
    const double inside = is_one_row(c) ? two : pairs_inside(c);
    const double singly = two > inside ? two - inside : 0;
    const bool stages = 8 * pairs > HF_CONV_CACHED_BYTES && hf_conv_stage_bytes(r) > 0 &&
                        (positions < tile ? positions : tile) >= 2 * HF_CONV_STAGE_TILE;
    out->kernel = HF_KERNEL_CONV;
    terms[CALLS] = c->calls;
    terms[TILES] = tiles;
    terms[BLOCKS] = tiles * r->parts * all_blocks;
    terms[FINISHED] = two * r->parts * all_blocks;
    terms[PRODUCTS] = terms[FINISHED] * pairs;
    terms[ITERATIONS] = terms[FINISHED] * iterations;
    terms[stages ? STAGED : READ] = tiles * r->parts * blocks * pairs;
    if ((uint64_t)8 * pairs * blocks * r->parts > M7_CACHE_BYTES)
        terms[LARGE] = tiles * r->parts * blocks * pairs;
    terms[EXPANDED] = inside * pairs;
    terms[RUNS] = inside * runs;
    terms[SINGLE_PAIRS] = singly;
    terms[SINGLE_RUNS] = singly * runs * r->parts;
    terms[SINGLE_VALUES] = singly * pairs * r->parts;
    if (r->channel_step > 1)
        terms[STORED_BYTES] = 2 * two * channels * r->parts;
    else
        terms[PARTIAL] = joins ? two * r->parts : 0;
    if (joins)
        terms[JOINED] = tiles * r->parts * pairs;
    else {
        terms[ALONE] = two * r->parts * rest;
        terms[ALONE_PAIRS] = terms[ALONE] * pairs;
    }
    terms[WITHOUT_RELU] = c->is_relu ? 0 : terms[FINISHED];
}
