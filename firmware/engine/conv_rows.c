/* SPDX-License-Identifier: Apache-2.0 */
#include "conv_rows.h"

#include "dsp.h"
#include "engine/kernel_choice.h"
#include "engine/layout.h"

/*
 * Convolution whose windows overlap: rows of the input are expanded to int16 once for all windows that they are part
 * of, not once per window. Two windows are computed at a time, x and x + half a row, so the two halves of a row are
 * stored interleaved, pair of values by pair of values, as hf_expand_windows() does. A row of a window is then a
 * contiguous piece of it. If a row has an odd number of windows, its middle one belongs to both halves and is computed
 * twice. The input rows of a tile are read before any of its outputs is written, as in conv.c, which is the portable
 * twin.
 */

#if HF_ENGINE_SPECIAL_KERNELS

typedef struct conv_rows {
    const hf_op_context *context;
    int8_t *buffer;      /* expanded rows */
    const int8_t *zeros; /* a position outside the input */
    uint32_t second;     /* first column of the second half, less that of the first */
    uint32_t positions;  /* of an input row that half a row of windows needs */
    hf_gemm_by_rows by_rows;
} conv_rows;

HF_SPECIAL_LOOP static int16_t *expand(const int8_t *a, const int8_t *b, uint32_t values, int16_t *to)
{
    hf_window_intake intake = {
        .from = a, .step = b - a, .run_values = values, .to = to, .runs = 1, .position_pairs = 1};
    hf_expand_windows(&intake);
    return intake.to;
}

/* Position `column` of a row, or zeros. */
static const int8_t *at(const conv_rows *v, const int8_t *row, int32_t column)
{
    const hf_op_record *r = v->context->record;
    return column >= 0 && column < r->in_width ? row + (size_t)column * r->in_step : v->zeros;
}

static int16_t *expand_edge(const conv_rows *v, const int8_t *row, int32_t column, int32_t end, int16_t *to)
{
    for (; column < end; column++)
        to = expand(at(v, row, column), at(v, row, column + (int32_t)v->second),
                    v->context->record->in_channels, to);
    return to;
}

/* Expands input row y, or a row outside the input. */
HF_SPECIAL_LOOP static void expand_row(const conv_rows *v, int32_t y, int16_t *to)
{
    const hf_op_record *r = v->context->record;
    if (y < 0 || y >= r->in_height) {
        uint32_t *words = (uint32_t *)(void *)to;
        const uint32_t zero = (uint16_t)r->input_zero_point * 0x00010001U;
        for (uint32_t left = v->by_rows.gemm.row_bytes; left > 0; left -= 8) {
            *words++ = zero;
            *words++ = zero;
        }
        return;
    }
    const int8_t *row = hf_input_row(v->context, (uint32_t)y);
    const int32_t first = -(int32_t)r->pad_left; /* columns, of the first half */
    const int32_t last = first + (int32_t)v->positions;
    const int32_t inside =
        (int32_t)r->in_width - (int32_t)v->second; /* end of those inside, of the second half */
    int32_t end = last < inside ? last : inside;
    if (end <= 0) {
        expand_edge(v, row, first, last, to);
        return;
    }
    to = expand_edge(v, row, first, 0, to);
    to = expand(row, at(v, row, (int32_t)v->second), (uint32_t)end * r->in_channels, to);
    expand_edge(v, row, end, last, to);
}

static void make_tile(conv_rows *v, uint32_t y, uint32_t rows)
{
    const hf_op_record *r = v->context->record;
    const uint32_t in_rows = (rows - 1) * r->stride_height + r->kernel_height;
    const int32_t top = (int32_t)(y * r->stride_height) - r->pad_top;
    for (uint32_t k = 0; k < in_rows; k++)
        expand_row(v, top + (int32_t)k,
                   (int16_t *)(void *)(v->buffer + (size_t)k * v->by_rows.gemm.row_bytes));
    v->by_rows.rows = rows;
    v->by_rows.gemm.out = hf_output_row(v->context, y);
    hf_gemm_rows(&v->by_rows);
}

int hf_run_conv_rows(const hf_op_context *c)
{
    const hf_op_record shape = hf_conv_rows_shape(c->record, c->end_row - c->first_row, c->in_rows);
    const hf_op_record *r = &shape;
    const uint32_t tile = hf_conv_rows_tile(c->record, r);
    if (tile == 0)
        return 0;
    hf_op_context context = *c;
    context.record = r;
    if (r->in_height != c->record->in_height) /* a column as one row */
        context.in_rows = context.end_row = 1;
    const uint32_t half = (r->out_width + 1U) / 2;
    const uint32_t apart = r->out_width - half; /* windows between those of a pair */
    const uint32_t row_bytes = hf_conv_rows_row_bytes(r);
    const uint32_t row_pairs = (uint32_t)r->kernel_width * r->in_channels / 2;
    const size_t block_bytes = (size_t)8 * r->kernel_height * row_pairs;
    int8_t *const stage =
        (int8_t *)c->extra + (size_t)((tile - 1) * r->stride_height + r->kernel_height) * row_bytes;
    int8_t *const zeros = stage + block_bytes;
    const hf_channel_compact *channels = (const hf_channel_compact *)(const void *)c->data;
    conv_rows v = {.context = &context,
                   .buffer = c->extra,
                   .zeros = zeros,
                   .second = apart * r->stride_width,
                   .positions = (half - 1) * r->stride_width + r->kernel_width,
                   .by_rows = {.gemm = {.windows = c->extra,
                                        .pairs = r->kernel_height * row_pairs,
                                        .positions = half,
                                        .out_step = r->out_step,
                                        .zero_half = 2 * r->output_zero_point + 1,
                                        .stored = 4,
                                        .channel_step = 1,
                                        .stage = HF_CONV_STAGES ? stage : NULL,
                                        .channels = channels,
                                        .weights = (const int8_t *)(channels + r->out_channels),
                                        .blocks = r->out_channels / 4U,
                                        .row_bytes = row_bytes},
                               .row_pairs = row_pairs,
                               .window_bytes = (uint32_t)r->stride_width * r->in_channels * 4,
                               .second_out = apart * r->out_step,
                               .advance_bytes = r->stride_height * row_bytes}};
    for (uint32_t i = 0; i < r->in_channels; i++)
        zeros[i] = r->input_zero_point;
    for (uint32_t y = context.first_row; y < context.end_row; y += tile)
        make_tile(&v, y, context.end_row - y < tile ? context.end_row - y : tile);
    return 1;
}

#else
typedef int hf_conv_rows_is_special;
#endif
