/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/layout.h"

#include "kernels.h"

static uint64_t round_up(uint64_t value, uint64_t step)
{
    return (value + step - 1) / step * step;
}

/* The last window starts inside the input and the first one ends inside it, so every window has a tap. */
static int axis_ok(uint32_t in, uint32_t out, uint32_t kernel, uint32_t stride, uint32_t pad)
{
    return kernel >= 1 && stride >= 1 && pad < kernel && (uint64_t)(out - 1) * stride < (uint64_t)in + pad;
}

static int windows_ok(const hf_op_record *r)
{
    return axis_ok(r->in_height, r->out_height, r->kernel_height, r->stride_height, r->pad_top) &&
           axis_ok(r->in_width, r->out_width, r->kernel_width, r->stride_width, r->pad_left);
}

static int same_area(const hf_op_record *r)
{
    return r->in_height == r->out_height && r->in_width == r->out_width;
}

static int groups_ok(const hf_op_record *r)
{
    return r->in_channels % r->parts == 0 && r->out_channels % r->parts == 0;
}

static int one_position(const hf_op_record *r)
{
    return r->out_height == 1 && r->out_width == 1;
}

/* One after the other, or one channel of every part in turn. */
static int channel_step_ok(const hf_op_record *r)
{
    if (r->op != HF_IMAGE_OP_CONV2D && r->op != HF_IMAGE_OP_COPY)
        return r->channel_step == 1;
    return r->channel_step == 1 || (r->channel_step > 1 && r->parts <= r->channel_step);
}

static int is_dense(const hf_op_record *r)
{
    return r->in_step == r->in_channels && r->out_step == r->out_channels;
}

int hf_record_geometry_ok(const hf_op_record *r)
{
    if (r->in_height < 1 || r->in_width < 1 || r->in_channels < 1 || r->out_height < 1 || r->out_width < 1 ||
        r->out_channels < 1 || r->parts < 1 || r->in_step < r->in_channels || !channel_step_ok(r) ||
        r->out_step < hf_record_position_span(r))
        return 0;
    const int same_channels = r->in_channels == r->out_channels;
    switch (r->op) {
    case HF_IMAGE_OP_CONV2D:
        return windows_ok(r) && groups_ok(r);
    case HF_IMAGE_OP_DENSE:
        return windows_ok(r) && one_position(r) && r->parts == 1 && r->in_height == 1 && r->in_width == 1;
    case HF_IMAGE_OP_DEPTHWISE:
    case HF_IMAGE_OP_AVERAGE_POOL:
    case HF_IMAGE_OP_MAX_POOL:
        return windows_ok(r) && same_channels;
    case HF_IMAGE_OP_MUL:
        return same_area(r) && same_channels && r->parts <= 2 && is_dense(r);
    case HF_IMAGE_OP_COPY:
        return same_area(r) && same_channels && groups_ok(r);
    case HF_IMAGE_OP_TABLE:
        return same_area(r) && same_channels;
    case HF_IMAGE_OP_PAD:
        return same_channels && (uint32_t)r->in_height + r->pad_top <= r->out_height &&
               (uint32_t)r->in_width + r->pad_left <= r->out_width && is_dense(r);
    case HF_IMAGE_OP_MEAN:
        return same_channels && one_position(r) && is_dense(r);
    default: /* add, softmax */
        return same_area(r) && same_channels && is_dense(r);
    }
}

uint64_t hf_record_position_span(const hf_op_record *r)
{
    if (r->channel_step == 1)
        return r->out_channels;
    return (uint64_t)(r->out_channels / r->parts - 1) * r->channel_step + r->parts;
}

static uint64_t span(uint64_t height, uint64_t width, uint64_t step, uint64_t position)
{
    return (height * width - 1) * step + position;
}

uint64_t hf_record_input_span(const hf_op_record *r)
{
    return span(r->in_height, r->in_width, r->in_step, r->in_channels);
}

uint64_t hf_record_output_span(const hf_op_record *r)
{
    return span(r->ring_rows ? r->ring_rows : r->out_height, r->out_width, r->out_step,
                hf_record_position_span(r));
}

uint64_t hf_record_second_bytes(const hf_op_record *r)
{
    if (r->op == HF_IMAGE_OP_MUL && r->parts == 2)
        return r->in_channels;
    if (r->op == HF_IMAGE_OP_ADD || r->op == HF_IMAGE_OP_MUL)
        return (uint64_t)r->in_height * r->in_width * r->in_channels;
    return 0;
}

uint32_t hf_record_rows_needed(const hf_op_record *r, uint32_t row)
{
    const uint32_t end = row * r->stride_height + r->kernel_height;
    if (end <= r->pad_top) /* no validated window lies above its input */
        return 1;
    return end - r->pad_top < r->in_height ? end - r->pad_top : r->in_height;
}

int hf_record_can_chain(const hf_op_record *r)
{
    return r->op != HF_IMAGE_OP_DENSE && r->op != HF_IMAGE_OP_SOFTMAX && r->op != HF_IMAGE_OP_PAD &&
           r->op != HF_IMAGE_OP_MEAN;
}

uint32_t hf_record_runs(const hf_op_record *r)
{
    const uint32_t rows = r->kernel_height;
    return r->parts == 1 && r->in_step == r->in_channels ? rows : rows * r->kernel_width;
}

uint32_t hf_record_run_values(const hf_op_record *r)
{
    const uint32_t channels = (uint32_t)r->in_channels / r->parts;
    return hf_record_runs(r) == r->kernel_height && r->parts == 1 ? channels * r->kernel_width : channels;
}

static uint64_t record_pairs(const hf_op_record *r)
{
    return hf_window_pairs(hf_record_runs(r), hf_record_run_values(r));
}

/* Some window has taps outside the input. */
static int touches_border(const hf_op_record *r)
{
    return r->pad_top != 0 || r->pad_left != 0 ||
           (uint64_t)(r->out_height - 1U) * r->stride_height + r->kernel_height > r->in_height ||
           (uint64_t)(r->out_width - 1U) * r->stride_width + r->kernel_width > r->in_width;
}

uint64_t hf_conv_stage_bytes(const hf_op_record *r)
{
    const uint64_t block = 8 * record_pairs(r);
    const int has_rest = r->out_channels / r->parts % 4 != 0;
    if (r->tile ==
        0) /* with wide parameters it is of no use, but the plan is made before weights are known */
        return 0;
    return has_rest || (block > HF_CONV_CACHED_BYTES && r->tile >= HF_CONV_STAGE_TILE) ? block : 0;
}

uint64_t hf_record_scratch_bytes(const hf_op_record *r)
{
    switch (r->op) {
    case HF_IMAGE_OP_CONV2D: {
        const uint64_t two = 8 * record_pairs(r); /* windows in int16 */
        const uint64_t expanded = two * r->parts * (r->tile ? r->tile : 1U) + hf_conv_stage_bytes(r);
        return touches_border(r) ? expanded + 2 * round_up(hf_record_run_values(r), 4) : expanded;
    }
    case HF_IMAGE_OP_DEPTHWISE:
        return hf_depthwise_scratch_bytes(r);
    default:
        return 0;
    }
}

uint64_t hf_record_data_bytes(const hf_op_record *r)
{
    uint64_t channel = r->params == HF_PARAMS_COMPACT ? sizeof(hf_channel_compact) : sizeof(hf_channel_wide);
    switch (r->op) {
    case HF_IMAGE_OP_CONV2D:
    case HF_IMAGE_OP_DENSE:
        return r->out_channels * (channel + 2 * record_pairs(r));
    case HF_IMAGE_OP_DEPTHWISE:
        return r->out_channels * (channel + (uint64_t)r->kernel_height * r->kernel_width);
    case HF_IMAGE_OP_MUL:
        return channel;
    case HF_IMAGE_OP_MEAN:
        return sizeof(hf_mean_data);
    case HF_IMAGE_OP_ADD:
        return sizeof(hf_add_data);
    case HF_IMAGE_OP_SOFTMAX:
        return sizeof(hf_softmax_data);
    case HF_IMAGE_OP_TABLE:
        return HF_TABLE_BYTES;
    default:
        return 0;
    }
}
