/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/kernel_choice.h"
#include "engine/layout.h"
#include "work.h"

/* The work of convolutions: firmware/engine/conv.c, conv_rgb.c, conv_rows.c and conv_table.c. */

#define M4_CACHE_BYTES 256U /* for data in flash, of an STM32L4 */
#define STAGED_BLOCKS  3U   /* of weights that the kernel for three channels keeps */
#define UNROLLED       7U   /* pairs of values of an iteration on a Cortex-M4 */
#define ROWS_UNROLLED  8U   /* the same of the kernel for overlapping windows */

enum {
    CALLS,
    TILES,
    BLOCKS,        /* of four channels, set up once a tile */
    FINISHED,      /* blocks of two positions */
    PRODUCTS,      /* pairs of values of such a block */
    ITERATIONS,    /* over these pairs */
    STAGED,        /* pairs of values of blocks that are copied */
    READ,          /* of blocks that are not, and that a Cortex-M4's data cache holds */
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
    READ_AGAIN,    /* pairs of values of blocks that no Cortex-M4's cache holds, for each two positions */
    FLASH_LINES,   /* of blocks, that a Cortex-M7's cache loads */
    PADDED_RUNS,   /* of windows, partly or wholly outside the input, made of their inside and zero points */
    PADDED_WORDS,  /* of these, filled with the zero point */
    PADDED_INSIDE, /* words of these that are copied from the input */
    PADDED_BYTES,  /* their left-over bytes */
    FOURS,         /* runs, of two positions, with four values beside their eights */
    TWOS,          /* the same with two more */
    ONES,          /* the same with one more */
    MISALIGNED,    /* lost by words of windows off word boundaries */
    SHORT_RUNS,    /* in place of SINGLE_RUNS, of four or eight values */
    CALLS_LOST,    /* calls, as far as a Cortex-M7's cache has lost what they need */
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

/* Runs of windows that are read run by run and are not wholly inside the input. */
static void padded(const hf_work_case *c, double *terms)
{
    const hf_op_record *r = c->record;
    const uint32_t values = hf_record_run_values(r);
    const int32_t taps = (int32_t)(r->kernel_height * r->kernel_width / hf_record_runs(r));
    const double all_rows = (double)r->out_height * r->kernel_height;
    const double rows = hf_work_taps_inside(r->out_height, r->stride_height, r->pad_top, r->kernel_height,
                                            r->in_height, false);
    double runs = 0;
    for (int32_t column = 0; column < r->out_width; column++)
        for (int32_t i = 0; i < r->kernel_width; i += taps) {
            const int32_t x = column * r->stride_width - r->pad_left + i;
            const int32_t begin = x < 0 ? -x : 0;
            const int32_t end = r->in_width - x < taps ? r->in_width - x : taps;
            const uint32_t copied = begin < end ? (uint32_t)(end - begin) * (values / (uint32_t)taps) : 0;
            runs += copied == values ? all_rows - rows : all_rows;
            if (copied < values) {
                terms[PADDED_INSIDE] += rows * r->parts * hf_work_whole(copied, 4);
                terms[PADDED_BYTES] += rows * r->parts * (copied % 4);
            }
        }
    terms[PADDED_RUNS] = runs * r->parts;
    terms[PADDED_WORDS] = terms[PADDED_RUNS] * hf_work_whole(values + 3U, 4);
}

/* Of blocks of weights, once, and again for later tiles: those of a call find what its first tile has left, the first tiles of
 * later calls what the other operators of the chain have left. */
static double flash_lines(const hf_work_case *c, uint64_t bytes, double tiles)
{
    const double calls = (c->calls - 1.0) * hf_work_lost(c->chain_bytes);
    const double later = (tiles - c->calls) * hf_work_lost(bytes);
    return (double)bytes / 32 * (1 + calls + later);
}

/* What is left of runs behind their eights, and where windows begin. */
static void uneven(const hf_work_case *c, double *terms)
{
    const hf_op_record *r = c->record;
    const uint32_t values = hf_record_run_values(r);
    const double runs = terms[RUNS] + terms[SINGLE_RUNS];
    const double words = terms[EXPANDED] + terms[SINGLE_VALUES]; /* of two values of two windows */
    double lost = 0;
    for (uint32_t row = 0; row < 4; row++)
        lost += hf_work_misaligned(r->input_offset + (row * r->in_width - r->pad_left) * r->in_step,
                                   (uint32_t)r->stride_width * r->in_step);
    if (values == 4 || values == 8) { /* expanded in place */
        terms[SHORT_RUNS] = terms[SINGLE_RUNS];
        terms[SINGLE_RUNS] = terms[SINGLE_VALUES] = 0;
    }
    terms[FOURS] = values & 4U ? runs : 0;
    terms[TWOS] = values & 2U ? runs : 0;
    terms[ONES] = values & 1U ? runs : 0;
    terms[MISALIGNED] = words * lost / 4;
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

/* Overlapping windows. Terms: calls; tiles; input rows, expanded; their pairs of values, of two windows; positions at their ends;
 * blocks, set up once a tile; output rows of these; pairs of values of blocks that are copied; blocks of two positions; their
 * pairs of values; their rows; iterations over these; blocks of two positions that round both ways; flash lines of a Cortex-M7;
 * calls, as far as its cache has lost what they need. */
static void by_rows(const hf_work_case *c, const hf_op_record *shape, uint32_t tile, hf_op_work *out)
{
    const bool lies = shape->out_height != c->record->out_height;
    const uint32_t rows = lies ? 1 : c->rows;
    const uint32_t tiles_of_call = (rows + tile - 1) / tile;
    const double tiles = (double)c->calls * tiles_of_call;
    const double out_rows = (double)c->calls * rows;
    const double in_rows =
        out_rows * shape->stride_height + tiles * ((double)shape->kernel_height - shape->stride_height);
    const uint32_t half = (shape->out_width + 1U) / 2;
    const uint32_t row_pairs = (uint32_t)shape->kernel_width * shape->in_channels / 2;
    const uint32_t pairs = shape->kernel_height * row_pairs;
    const uint32_t blocks = shape->out_channels / 4U;
    const uint32_t right = (uint32_t)(shape->out_width - 1) * shape->stride_width + shape->kernel_width;
    const uint32_t inside = (uint32_t)shape->pad_left + shape->in_width;
    const uint32_t iterations = (row_pairs + ROWS_UNROLLED - 1) / ROWS_UNROLLED; /* of a window's row */
    const double two = out_rows * half * blocks;
    double *terms = out->terms;
    out->kernel = HF_KERNEL_CONV_ROWS;
    terms[0] = c->calls;
    terms[1] = tiles;
    terms[2] = in_rows;
    terms[3] = in_rows * hf_work_whole(hf_conv_rows_row_bytes(shape), 8);
    terms[4] = in_rows * ((double)shape->pad_left + (right > inside ? right - inside : 0));
    terms[5] = tiles * blocks;
    terms[6] = out_rows * blocks;
    terms[7] = tiles * blocks * pairs;
    terms[8] = two;
    terms[9] = two * pairs;
    terms[10] = two * shape->kernel_height;
    terms[11] = terms[10] * iterations;
    terms[12] = c->is_relu ? 0 : two;
    terms[13] = flash_lines(c, (uint64_t)8 * pairs * blocks, tiles);
    terms[14] = c->calls * hf_work_lost(c->chain_bytes);
}

/* One channel. Terms: calls; output channels, with compact and with wide parameters; positions; words of these; other
 * outputs. */
static void by_table(const hf_work_case *c, hf_op_work *out)
{
    const hf_op_record *r = c->record;
    const double positions = (double)r->out_height * r->out_width;
    out->kernel = HF_KERNEL_CONV_TABLE;
    out->terms[0] = c->calls;
    out->terms[r->params == HF_PARAMS_COMPACT ? 1 : 2] = r->out_channels;
    out->terms[3] = positions;
    out->terms[4] = positions * hf_work_whole(r->out_channels, 4);
    out->terms[5] = positions * (r->out_channels % 4U);
}

void hf_work_conv(const hf_work_case *c, hf_op_work *out)
{
    const hf_op_record *r = c->record;
    double *terms = out->terms;
    if (hf_conv_is_rgb(r)) {
        rgb(c, out);
        return;
    }
    if (hf_conv_is_table(r, c->rows)) {
        by_table(c, out);
        return;
    }
    const hf_op_record shape = hf_conv_rows_shape(r, c->rows, c->in_rows);
    const uint32_t rows_of_tile = hf_conv_rows_tile(r, &shape);
    if (rows_of_tile > 0) {
        by_rows(c, &shape, rows_of_tile, out);
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
    const uint32_t of_tile = positions < tile ? positions : tile;
    const bool stages = 8 * pairs > HF_CONV_CACHED_BYTES
                            ? hf_conv_stage_bytes(r) > 0 && of_tile >= 2 * HF_CONV_STAGE_TILE
                            : of_tile >= 2 * HF_CONV_SMALL_STAGE_TILE;
    out->kernel = HF_KERNEL_CONV;
    terms[CALLS] = c->calls;
    terms[TILES] = tiles;
    terms[BLOCKS] = tiles * r->parts * all_blocks;
    terms[FINISHED] = two * r->parts * all_blocks;
    terms[PRODUCTS] = terms[FINISHED] * pairs;
    terms[ITERATIONS] = terms[FINISHED] * iterations;
    if (!stages && 8 * pairs > M4_CACHE_BYTES)
        terms[READ_AGAIN] = two * r->parts * blocks * pairs;
    else
        terms[stages ? STAGED : READ] = tiles * r->parts * blocks * pairs;
    terms[FLASH_LINES] = flash_lines(c, (uint64_t)8 * pairs * blocks * r->parts, tiles);
    terms[CALLS_LOST] = c->calls * hf_work_lost(c->chain_bytes);
    if (r->kernel_height * r->kernel_width > 1 || r->pad_top + r->pad_left > 0)
        padded(c, terms);
    terms[EXPANDED] = inside * pairs;
    terms[RUNS] = inside * runs;
    terms[SINGLE_PAIRS] = singly;
    terms[SINGLE_RUNS] = singly * runs * r->parts;
    terms[SINGLE_VALUES] = singly * pairs * r->parts;
    uneven(c, terms);
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
