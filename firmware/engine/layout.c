/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/layout.h"

#include "kernels.h"

static uint64_t round_up(uint64_t value, uint64_t step)
{
    return (value + step - 1) / step * step;
}

static int has_window(const hf_op_record *r)
{
    return r->op != HF_IMAGE_OP_ADD && r->op != HF_IMAGE_OP_SOFTMAX;
}

/* The last window starts inside the input and the first one ends inside it, so every window has a tap. */
static int axis_ok(uint32_t in, uint32_t out, uint32_t kernel, uint32_t stride, uint32_t pad)
{
    return in >= 1 && out >= 1 && kernel >= 1 && stride >= 1 && pad < kernel &&
           (uint64_t)(out - 1) * stride < (uint64_t)in + pad;
}

int hf_record_geometry_ok(const hf_op_record *r)
{
    if (r->in_channels < 1 || r->out_channels < 1)
        return 0;
    if (!has_window(r)) {
        return r->in_height >= 1 && r->in_width >= 1 && r->in_height == r->out_height &&
               r->in_width == r->out_width && r->in_channels == r->out_channels;
    }
    if (!axis_ok(r->in_height, r->out_height, r->kernel_height, r->stride_height, r->pad_top) ||
        !axis_ok(r->in_width, r->out_width, r->kernel_width, r->stride_width, r->pad_left))
        return 0;
    if (r->op == HF_IMAGE_OP_DENSE)
        return r->kernel_height == r->in_height && r->kernel_width == r->in_width && r->out_height == 1 &&
               r->out_width == 1 && r->pad_top == 0 && r->pad_left == 0;
    return r->op == HF_IMAGE_OP_CONV2D || r->in_channels == r->out_channels;
}

uint64_t hf_record_input_bytes(const hf_op_record *r)
{
    return (uint64_t)r->in_height * r->in_width * r->in_channels;
}

uint64_t hf_record_output_bytes(const hf_op_record *r)
{
    return (uint64_t)r->out_height * r->out_width * r->out_channels;
}

uint64_t hf_record_depth(const hf_op_record *r)
{
    return (uint64_t)r->kernel_height * r->kernel_width * r->in_channels;
}

int hf_record_window_is_run(const hf_op_record *r)
{
    if (r->pad_top != 0 || r->pad_left != 0)
        return 0;
    if ((uint64_t)(r->out_height - 1U) * r->stride_height + r->kernel_height > r->in_height ||
        (uint64_t)(r->out_width - 1U) * r->stride_width + r->kernel_width > r->in_width)
        return 0;
    return r->kernel_height == 1 || (r->kernel_width == r->in_width);
}

uint64_t hf_record_scratch_bytes(const hf_op_record *r)
{
    uint64_t depth = hf_record_depth(r);
    switch (r->op) {
    case HF_IMAGE_OP_CONV2D:
    case HF_IMAGE_OP_DENSE: {
        uint64_t expanded = (depth + 1) / 2 * 8; /* two windows of int16 pairs */
        return hf_record_window_is_run(r) ? expanded : expanded + 2 * round_up(depth, 4);
    }
    case HF_IMAGE_OP_DEPTHWISE:
        return (uint64_t)hf_depthwise_row_bytes(r) * ((uint64_t)r->kernel_height * HF_DEPTHWISE_GROUP + 1);
    default:
        return 0;
    }
}

uint64_t hf_record_data_bytes(const hf_op_record *r)
{
    uint64_t channel = r->params == HF_PARAMS_COMPACT ? sizeof(hf_channel_compact) : sizeof(hf_channel_wide);
    uint64_t depth = hf_record_depth(r);
    switch (r->op) {
    case HF_IMAGE_OP_CONV2D:
    case HF_IMAGE_OP_DENSE:
        if (r->params == HF_PARAMS_COMPACT)
            depth = (depth + 1) / 2 * 2;
        return r->out_channels * (channel + depth);
    case HF_IMAGE_OP_DEPTHWISE:
        return r->out_channels * (channel + (uint64_t)r->kernel_height * r->kernel_width);
    case HF_IMAGE_OP_ADD:
        return sizeof(hf_add_data);
    case HF_IMAGE_OP_SOFTMAX:
        return sizeof(hf_softmax_data);
    default:
        return 0;
    }
}

/* Windows are copied to scratch two at a time before their outputs are written. Byte q * N of the output may
 * therefore reach up to the first input byte that a later window needs. */
static int64_t conv_distance(const hf_op_record *r)
{
    int64_t positions = (int64_t)r->out_height * r->out_width;
    int64_t in_row = (int64_t)r->in_width * r->in_channels;
    int64_t out_row = (int64_t)r->out_width * r->out_channels;
    if (positions == 1)
        return -(int64_t)hf_record_input_bytes(r);
    if (r->kernel_height == 1 && r->kernel_width == 1 && r->stride_height == 1 && r->stride_width == 1 &&
        r->in_width == r->out_width) {
        int64_t growth = (int64_t)r->out_channels - r->in_channels;
        return growth > 0 ? growth * (positions - 1) : growth;
    }
    /* Otherwise by rows: while a row is written, its own first input row is still needed. */
    int64_t distance = INT64_MIN;
    for (int64_t y = 0; y < r->out_height; y++) {
        int64_t first = y * r->stride_height - r->pad_top;
        int64_t needed = (y + 1) * out_row - (first > 0 ? first : 0) * in_row;
        if (needed > distance)
            distance = needed;
    }
    return distance;
}

/* The kernel takes four channels at a time through all rows and keeps the rows of a window in scratch. Output
 * and input have the same channels, so at the same offset a write lands on its own channels only; it must
 * land on rows that were taken in already. */
static int depthwise_fits_over_itself(const hf_op_record *r)
{
    for (int64_t y = 0; y + 1 < r->out_height; y++) {
        int64_t taken = y * r->stride_height - r->pad_top + r->kernel_height;
        if (taken > r->in_height)
            taken = r->in_height;
        if ((y + 1) * r->out_width > taken * r->in_width)
            return 0;
    }
    return 1;
}

hf_overlap hf_record_overlap(const hf_op_record *r)
{
    hf_overlap overlap = {HF_OVERLAP_NONE, 0};
    switch (r->op) {
    case HF_IMAGE_OP_CONV2D:
    case HF_IMAGE_OP_DENSE:
        overlap.mode = HF_OVERLAP_DISTANCE;
        overlap.distance_bytes = conv_distance(r);
        break;
    case HF_IMAGE_OP_DEPTHWISE:
        if (depthwise_fits_over_itself(r))
            overlap.mode = HF_OVERLAP_SAME;
        break;
    case HF_IMAGE_OP_ADD:
    case HF_IMAGE_OP_SOFTMAX:
        overlap.mode = HF_OVERLAP_DISTANCE; /* value by value, forwards */
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
