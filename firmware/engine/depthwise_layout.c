/* SPDX-License-Identifier: Apache-2.0 */
#include "depthwise.h"

/* How much scratch space a depthwise layer needs, and how many output rows it computes at a time. */

#define BAND_BYTES                                                                                           \
    1568U /* of scratch, unless the compiler chose, or one window's rows need more: a 12 x 12 map with its border */
#define NARROW_BYTES                                                                                         \
    1792U /* the same for outputs as narrow as hf_depthwise_small_map() accepts: 26 rows of six columns */

uint32_t hf_depthwise_row_values(const hf_op_record *r)
{
    uint32_t last = (uint32_t)(r->out_width - 1) * r->stride_width;
    uint32_t windows = (r->stride_width == 1 ? last | 1U : last) + r->kernel_width;
    uint32_t interior = (uint32_t)r->pad_left + r->in_width;
    return ((windows > interior ? windows : interior) + 1U) & ~1U;
}

uint32_t hf_depthwise_row_words(const hf_op_record *r)
{
    return r->stride_width == 1 ? r->kernel_width / 2U + 1 : (r->kernel_width + 1U) / 2;
}

int hf_depthwise_goes_by_six(const hf_op_record *r)
{
    if (r->stride_width > 2 || (r->kernel_width == 3 && r->kernel_height == 3))
        return 0;
    return r->kernel_height * hf_depthwise_row_words(r) <= HF_DEPTHWISE_WORDS;
}

/* Bytes behind the ring's last row that kernels for six outputs read. */
static uint32_t tail_bytes(const hf_op_record *r)
{
    const uint32_t words = hf_depthwise_row_words(r) + (r->stride_width == 1 ? 2 : 5);
    const uint32_t end = (r->out_width - 1U) / 6 * 6 * r->stride_width + 2 * words;
    const uint32_t columns = hf_depthwise_row_values(r);
    const int by_six = hf_depthwise_goes_by_six(r) ||
                       (r->kernel_width == 3 && r->kernel_height == 3 && r->stride_width == 1);
    return by_six && end > columns ? (end - columns) * (uint32_t)sizeof(int16_t) : 0;
}

/* As few bands as little scratch space allows, then as few rows as keep that number of bands; or what the compiler chose, if
 * it is more. */
uint32_t hf_depthwise_band_rows_of(const hf_op_record *r)
{
    const uint32_t fit = (r->out_width <= HF_DEPTHWISE_SMALL_WIDTH ? NARROW_BYTES : BAND_BYTES) /
                         (uint32_t)(HF_DEPTHWISE_GROUP * sizeof(int16_t)) / hf_depthwise_row_values(r);
    if (r->ring_rows > 0) /* rows of a ring are computed one by one */
        return 1;
    uint32_t rows = 1;
    if (fit >= r->kernel_height) {
        const uint32_t most = (fit - r->kernel_height) / r->stride_height + 1;
        const uint32_t bands = (r->out_height + most - 1) / most;
        rows = (r->out_height + bands - 1) / bands;
    }
    const uint32_t chosen = r->tile < r->out_height ? r->tile : r->out_height;
    return chosen > rows ? chosen : rows;
}

uint64_t hf_depthwise_ring_bytes(const hf_op_record *r, uint32_t band)
{
    return (uint64_t)(HF_DEPTHWISE_GROUP * sizeof(int16_t)) * hf_depthwise_row_values(r) *
               hf_depthwise_band_slots(r, band) +
           tail_bytes(r);
}

/* The record of a tensor of one column as one row. */
hf_op_record hf_depthwise_lying(const hf_op_record *r)
{
    hf_op_record row = *r;
    row.in_height = row.out_height = row.kernel_height = row.stride_height = 1;
    row.pad_top = 0;
    row.in_width = r->in_height;
    row.out_width = r->out_height;
    row.kernel_width = r->kernel_height;
    row.stride_width = r->stride_height;
    row.pad_left = r->pad_top;
    return row;
}

int hf_depthwise_is_column(const hf_op_record *r)
{
    if (r->in_width != 1 || r->out_width != 1 || r->kernel_width != 1 || r->ring_rows > 0)
        return 0;
    const hf_op_record row = hf_depthwise_lying(r);
    return hf_depthwise_ring_bytes(&row, 1) <= BAND_BYTES;
}

uint32_t hf_depthwise_band_rows(const hf_op_record *r)
{
    return hf_depthwise_is_column(r) ? r->out_height : hf_depthwise_band_rows_of(r);
}

uint64_t hf_depthwise_scratch_bytes(const hf_op_record *r)
{
    if (!hf_depthwise_is_column(r))
        return hf_depthwise_ring_bytes(r, hf_depthwise_band_rows_of(r));
    const hf_op_record row = hf_depthwise_lying(r);
    const uint64_t as_row = hf_depthwise_ring_bytes(&row, 1);
    const uint64_t by_rows = hf_depthwise_ring_bytes(r, 1); /* at the end of a chain */
    return as_row > by_rows ? as_row : by_rows;
}
