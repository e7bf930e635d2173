/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/kernel_choice.h"

#include "conv_rgb.h"
#include "depthwise.h"
#include "engine/layout.h"

int hf_add_goes_by_fours(const hf_add_data *data)
{
    const uint32_t half = data->shift[1] == 0 ? 1 : 0;
    const int32_t out_shift = -data->shift[2];
    if (data->multiplier[half] != 1 << 30 || data->shift[half] != 0 || out_shift < 1 || out_shift > 22)
        return 0;
    return data->shift[1 - half] != 0 || data->multiplier[1 - half] == 1 << 30;
}

int hf_conv_is_rgb(const hf_op_record *r)
{
    return r->kernel_height == 3 && r->kernel_width == 3 && r->stride_height == 2 && r->stride_width == 2 &&
           r->in_channels == 3 && r->in_step == 3 && r->parts == 1 && r->params == HF_PARAMS_COMPACT;
}

uint32_t hf_conv_rgb_position_pairs(const hf_op_record *r)
{
    const uint32_t row_bytes = (uint32_t)hf_record_scratch_bytes(r) / 3 & ~3U;
    const uint32_t fit =
        (row_bytes / (uint32_t)sizeof(int16_t) - HF_CONV_RGB_ROW_REST) / HF_CONV_RGB_POSITION_PAIR_VALUES;
    const uint32_t most = (r->out_width + 1U) / 2;
    return fit < most ? fit : most;
}

hf_op_record hf_conv_rows_shape(const hf_op_record *r, uint32_t rows, uint32_t in_rows)
{
    const int is_column = r->in_width == 1 && r->out_width == 1 && r->kernel_width == 1 && r->pad_left == 0 &&
                          r->ring_rows == 0 && rows == r->out_height && in_rows == r->in_height;
    return is_column ? hf_depthwise_lying(r) : *r;
}

uint32_t hf_conv_rows_row_bytes(const hf_op_record *shape)
{
    const uint32_t half = (shape->out_width + 1U) / 2;
    return ((half - 1) * shape->stride_width + shape->kernel_width) * shape->in_channels * 4;
}

/* Whether windows overlap, and few of a row are computed twice. */
static int is_for_rows(const hf_op_record *shape)
{
    return shape->kernel_width > shape->stride_width && shape->in_channels % 4 == 0 &&
           shape->in_step == shape->in_channels && shape->out_channels % 4 == 0 && shape->channel_step == 1 &&
           shape->parts == 1 && shape->params == HF_PARAMS_COMPACT && shape->out_width >= 2 &&
           (shape->out_width % 2 == 0 || shape->out_width >= 7);
}

uint32_t hf_conv_rows_tile(const hf_op_record *r, const hf_op_record *shape)
{
    if (!is_for_rows(shape))
        return 0;
    const uint64_t row = hf_conv_rows_row_bytes(shape);
    const uint64_t block = UINT64_C(4) * shape->kernel_height * shape->kernel_width * shape->in_channels;
    const uint64_t least = shape->kernel_height * row + block + shape->in_channels;
    const uint64_t room = hf_record_scratch_bytes(r);
    if (room < least)
        return 0;
    const uint64_t fit = (room - least) / (row * shape->stride_height) + 1;
    return fit < shape->out_height ? (uint32_t)fit : shape->out_height;
}

/* Positions for which a table of 256 entries per channel pays. */
#define TABLE_POSITIONS 192U

int hf_conv_is_table(const hf_op_record *r, uint32_t rows)
{
    const uint64_t bytes = UINT64_C(1024) * ((r->out_channels + 3U) / 4);
    return r->in_channels == 1 && r->parts == 1 && r->channel_step == 1 &&
           r->kernel_height * r->kernel_width == 1 && r->stride_height == 1 && r->stride_width == 1 &&
           r->pad_top + r->pad_left == 0 && r->in_height == r->out_height && r->in_width == r->out_width &&
           rows * r->out_width >= TABLE_POSITIONS && rows == r->out_height && r->ring_rows == 0 &&
           bytes <= hf_record_scratch_bytes(r);
}

/* Whether hf_depthwise_small_map() can compute it: a whole layer whose rows fit into scratch space. */
static int is_small_map(const hf_op_record *r, uint32_t rows, uint32_t in_rows)
{
    const uint32_t plane_bytes = (uint32_t)sizeof(int16_t) * HF_DEPTHWISE_SMALL_WIDTH * r->in_height;
    return rows == r->out_height && in_rows == r->in_height &&
           hf_depthwise_band_rows_of(r) == r->out_height &&
           (uint64_t)HF_DEPTHWISE_GROUP * plane_bytes <= hf_depthwise_ring_bytes(r, r->out_height) &&
           r->kernel_height == 3 && r->kernel_width == 3 && r->stride_height == 1 && r->stride_width == 1 &&
           r->pad_top == 1 && r->pad_left == 1 && r->in_height == r->out_height &&
           r->in_width == r->out_width && r->out_width <= HF_DEPTHWISE_SMALL_WIDTH && r->out_height > 1 &&
           r->in_channels >= HF_DEPTHWISE_GROUP && r->ring_rows == 0;
}

/* Whether so many outputs take less time by words than by sixes, which have a long set-up. Compares the cycles of a
 * group of four channels on a Cortex-M4. */
static int words_pay(const hf_op_record *r, uint32_t outputs)
{
    const uint32_t taps = (uint32_t)r->kernel_height * r->kernel_width;
    if (!hf_depthwise_goes_by_six(r) || (taps + 1) / 2 > HF_DEPTHWISE_WORD_PAIRS)
        return 0;
    return outputs * (5 + 5 * taps) < 1300 + 20 * taps;
}

/* Whether hf_depthwise_run_line() can compute it. */
static int is_line(const hf_op_record *r)
{
    return r->in_height == 1 && r->out_height == 1 && r->kernel_height == 1 && r->stride_width <= 2 &&
           r->kernel_width <= HF_DEPTHWISE_LINE_TAPS && r->in_channels >= HF_DEPTHWISE_GROUP;
}

hf_depthwise_kernel hf_depthwise_kernel_of(const hf_op_record *r, uint32_t rows, uint32_t in_rows)
{
    const int is_3x3 = r->kernel_width == 3 && r->kernel_height == 3;
    const int is_thin_ring = in_rows < r->in_height && r->in_width == 1;
    const uint32_t band = is_thin_ring ? 1 : hf_depthwise_band_rows_of(r);
    if (is_small_map(r, rows, in_rows))
        return HF_DEPTHWISE_BY_SMALL_MAP;
    if (is_3x3 && r->stride_width <= 2 && rows == 1 && r->in_channels >= HF_DEPTHWISE_GROUP)
        return HF_DEPTHWISE_BY_3X3_ROW;
    if (is_3x3 && r->stride_width == 2)
        return HF_DEPTHWISE_BY_3X3_WORDS;
    if (is_line(r))
        return HF_DEPTHWISE_BY_LINE;
    if (words_pay(r, r->out_width * (band < rows ? band : rows)))
        return HF_DEPTHWISE_BY_WORDS;
    if (hf_depthwise_goes_by_six(r))
        return HF_DEPTHWISE_BY_SIX;
    return is_3x3 && r->stride_width == 1 ? HF_DEPTHWISE_BY_3X3 : HF_DEPTHWISE_BY_ANY;
}
