/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/layout.h"

/* How far each kernel's output may lie over its input, from the order in which the kernel reads and writes.
 */

/* By rows: while an output row is written, the first input row of its windows is still needed. */
static int64_t window_distance(const hf_op_record *r)
{
    const int64_t in_row = (int64_t)r->in_width * r->in_channels;
    const int64_t out_row = (int64_t)r->out_width * r->out_channels;
    int64_t distance = INT64_MIN;
    for (int64_t y = 0; y < r->out_height; y++) {
        int64_t first = y * r->stride_height - r->pad_top;
        int64_t needed = (y + 1) * out_row - (first > 0 ? first : 0) * in_row;
        if (needed > distance)
            distance = needed;
    }
    return distance;
}

/* Windows are copied to scratch two at a time before their outputs are written. Byte q * N of the output may
 * therefore reach up to the first input byte that a later window needs. */
static int64_t conv_distance(const hf_op_record *r)
{
    int64_t positions = (int64_t)r->out_height * r->out_width;
    if (positions == 1)
        return -(int64_t)hf_record_input_bytes(r);
    if (r->kernel_height == 1 && r->kernel_width == 1 && r->stride_height == 1 && r->stride_width == 1 &&
        r->in_width == r->out_width) {
        int64_t growth = (int64_t)r->out_channels - r->in_channels;
        return growth > 0 ? growth * (positions - 1) : growth;
    }
    return window_distance(r);
}

/* The kernel takes four channels at a time through all rows, in bands. Output and input have the same
 * channels, so at the same offset a write lands on its own channels only; it must land on rows that were
 * taken in already.
 */
static int depthwise_fits_over_itself(const hf_op_record *r)
{
    const int64_t band = hf_depthwise_band_rows(r);
    for (int64_t end = band; end < r->out_height; end += band) {
        int64_t taken = (end - 1) * r->stride_height - r->pad_top + r->kernel_height;
        if (taken > r->in_height)
            taken = r->in_height;
        if (end * r->out_width > taken * r->in_width)
            return 0;
    }
    return 1;
}

/* Position by position, part by part: before value i of this part of the last position is read, everything
 * left of its own place in the output has been written. */
static int64_t concat_distance(const hf_op_record *r, uint32_t input, const hf_concat_part *parts)
{
    int64_t begin = 0;
    for (uint32_t i = 0; i < input; i++)
        begin += parts[i].channels;
    return ((int64_t)r->out_height * r->out_width - 1) * (r->out_channels - parts[input].channels) + begin;
}

/* Row by row, forwards: the last input row has the most output before it. */
static int64_t pad_distance(const hf_op_record *r)
{
    const int64_t in_row = (int64_t)r->in_width * r->in_channels;
    const int64_t out_row = (int64_t)r->out_width * r->out_channels;
    return (r->in_height - 1) * (out_row - in_row) + r->pad_top * out_row +
           (int64_t)r->pad_left * r->in_channels;
}

hf_overlap hf_record_overlap(const hf_op_record *r, uint32_t input, const hf_concat_part *parts)
{
    hf_overlap overlap = {HF_OVERLAP_DISTANCE, 0}; /* value by value, or position by position, forwards */
    switch (r->op) {
    case HF_IMAGE_OP_CONV2D:
    case HF_IMAGE_OP_DENSE:
        overlap.distance_bytes = conv_distance(r);
        break;
    case HF_IMAGE_OP_DEPTHWISE:
        overlap.mode = depthwise_fits_over_itself(r) ? HF_OVERLAP_SAME : HF_OVERLAP_NONE;
        break;
    case HF_IMAGE_OP_AVERAGE_POOL:
    case HF_IMAGE_OP_MAX_POOL:
        if (r->out_height > 1 || r->out_width > 1)
            overlap.distance_bytes = window_distance(r);
        break;
    case HF_IMAGE_OP_MUL: /* the gate is read again and again */
        if (input == 1 && (r->kernel_height != r->in_height || r->kernel_width != r->in_width))
            overlap.mode = HF_OVERLAP_NONE;
        break;
    case HF_IMAGE_OP_CONCAT:
        overlap.distance_bytes = concat_distance(r, input, parts);
        break;
    case HF_IMAGE_OP_SLICE:
        overlap.distance_bytes = -(int64_t)r->first_channel;
        break;
    case HF_IMAGE_OP_PAD:
        overlap.distance_bytes = pad_distance(r);
        break;
    default:
        break;
    }
    return overlap;
}

int hf_overlap_allows(const hf_overlap *overlap, uint64_t input_offset, uint64_t input_bytes,
                      uint64_t output_offset, uint64_t output_bytes)
{
    if (input_offset + input_bytes <= output_offset || output_offset + output_bytes <= input_offset)
        return 1;
    switch (overlap->mode) {
    case HF_OVERLAP_SAME:
        return input_offset == output_offset;
    case HF_OVERLAP_DISTANCE:
        return (int64_t)(input_offset - output_offset) >= overlap->distance_bytes;
    default:
        return 0;
    }
}
