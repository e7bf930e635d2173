/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/layout.h"

#include "kernels.h"

/* Indexed by number; unused numbers have no traits. */
static const uint8_t traits_of[] = {
#define HF_IMAGE_OP_TRAITS(name, number, text, kernel, shape, data, bytes, order, traits) [number] = (traits),
    HF_IMAGE_OP_MAP(HF_IMAGE_OP_TRAITS)
#undef HF_IMAGE_OP_TRAITS
};

int hf_record_has(const hf_op_record *r, uint32_t trait)
{
    return (traits_of[r->op] & trait) != 0;
}

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

/* Parts are stored one after the other, or interleaved channel by channel. */
static int channel_step_ok(const hf_op_record *r)
{
    return r->channel_step == 1 ||
           (hf_record_has(r, HF_TRAIT_SPREADS) && r->channel_step > 1 && r->parts <= r->channel_step);
}

static int same_channels(const hf_op_record *r)
{
    return r->in_channels == r->out_channels;
}

static int is_packed(const hf_op_record *r)
{
    return r->in_step == r->in_channels && r->out_step == r->out_channels;
}

/* ---- The rules for shapes that operators.h names ---- */

static int shape_conv(const hf_op_record *r)
{
    return windows_ok(r) && groups_ok(r);
}

static int shape_dense(const hf_op_record *r)
{
    return windows_ok(r) && one_position(r) && r->parts == 1 && r->in_height == 1 && r->in_width == 1;
}

static int shape_windows(const hf_op_record *r)
{
    return windows_ok(r) && same_channels(r);
}

static int shape_same(const hf_op_record *r)
{
    return same_area(r) && same_channels(r);
}

static int shape_packed(const hf_op_record *r)
{
    return shape_same(r) && is_packed(r);
}

static int shape_gate(const hf_op_record *r)
{
    return shape_packed(r) && r->parts <= 2;
}

static int shape_parts(const hf_op_record *r)
{
    return shape_same(r) && groups_ok(r);
}

static int shape_pad(const hf_op_record *r)
{
    return same_channels(r) && (uint32_t)r->in_height + r->pad_top <= r->out_height &&
           (uint32_t)r->in_width + r->pad_left <= r->out_width && is_packed(r);
}

static int shape_mean(const hf_op_record *r)
{
    return same_channels(r) && one_position(r) && is_packed(r);
}

#if !defined(HF_ENGINE_SMALL)

static int shape_binary(const hf_op_record *r)
{
    return shape_packed(r) && r->parts <= 8;
}

static uint64_t tensor_bytes(uint32_t height, uint32_t width, uint32_t channels)
{
    return (uint64_t)height * width * channels;
}

static int shape_move(const hf_op_record *r)
{
    return is_packed(r) && tensor_bytes(r->in_height, r->in_width, r->in_channels) ==
                               tensor_bytes(r->out_height, r->out_width, r->out_channels);
}

static int shape_take(const hf_op_record *r)
{
    return same_channels(r) && is_packed(r);
}

static int shape_reduce(const hf_op_record *r)
{
    return same_channels(r) && is_packed(r) && r->in_height == r->out_height && r->out_width == 1;
}

static int shape_lstm(const hf_op_record *r)
{
    const uint32_t value_bytes = hf_lstm_value_bytes(r);
    return r->in_height == 1 && one_position(r) && is_packed(r) && (value_bytes == 1 || value_bytes == 2) &&
           r->in_channels % value_bytes == 0 && r->out_channels % (r->in_width * value_bytes + 2U) == 0;
}

static uint64_t lstm_bytes(const hf_op_record *r)
{
    const uint64_t units = hf_lstm_units(r);
    const uint64_t inputs = r->in_channels / hf_lstm_value_bytes(r);
    return sizeof(hf_lstm_data) + HF_LSTM_KINDS * units * (2 * sizeof(int32_t) + inputs + units);
}

/* Of the second operand of a binary and of a binary_const. */
static uint64_t operand_bytes(const hf_op_record *r)
{
    const uint32_t repeat = r->parts - 1U;
    const uint32_t value_bytes = r->op == HF_IMAGE_OP_BINARY16 || r->op == HF_IMAGE_OP_BINARY16_CONST ? 2 : 1;
    return tensor_bytes(repeat & HF_REPEAT_HEIGHT ? 1 : r->in_height,
                        repeat & HF_REPEAT_WIDTH ? 1 : r->in_width,
                        repeat & HF_REPEAT_CHANNELS ? value_bytes : r->in_channels);
}

static int even(uint32_t channels)
{
    return channels % 2 == 0;
}

static int shape_binary16(const hf_op_record *r)
{
    return shape_binary(r) && even(r->in_channels);
}

/* Values of 16 bits become values of 16 or 8 bits, or those of 8 bits become wider. */
static int shape_function16(const hf_op_record *r)
{
    return same_area(r) && is_packed(r) &&
           ((r->in_channels == r->out_channels && even(r->in_channels)) ||
            r->in_channels == 2U * r->out_channels || r->out_channels == 2U * r->in_channels);
}

static int shape_pool16(const hf_op_record *r)
{
    return windows_ok(r) && same_channels(r) && is_packed(r);
}

static int shape_arg(const hf_op_record *r)
{
    return is_packed(r) && r->in_height == r->out_height && r->out_width == 1 &&
           r->out_channels == 4U * r->in_channels;
}

/* Any size: the kernel looks only at taps inside the input. */
static int shape_general(const hf_op_record *r)
{
    const uint32_t value_bytes = r->tile & HF_GENERAL_16_BITS ? 2 : 1;
    const uint32_t inputs = r->in_channels / value_bytes;
    const uint32_t outputs = r->out_channels / value_bytes;
    if (!is_packed(r) || r->in_channels % value_bytes != 0 || r->out_channels % value_bytes != 0 ||
        r->tile > 15 || r->kernel_height < 1 || r->kernel_width < 1 || r->stride_height < 1 ||
        r->stride_width < 1)
        return 0;
    if (r->tile & HF_GENERAL_DEPTHWISE)
        return r->parts == 1 && outputs % inputs == 0;
    return inputs % r->parts == 0 && outputs % r->parts == 0;
}

static uint64_t general_bytes(const hf_op_record *r)
{
    const uint64_t value_bytes = r->tile & HF_GENERAL_16_BITS ? 2 : 1;
    const uint64_t inputs = r->tile & HF_GENERAL_DEPTHWISE ? 1 : r->in_channels / value_bytes / r->parts;
    return sizeof(hf_general_data) +
           r->out_channels / value_bytes *
               (sizeof(hf_general_channel) + inputs * r->kernel_height * r->kernel_width);
}

static uint64_t svdf_filter_state(const hf_op_record *r)
{
    return 2 * (uint64_t)r->kernel_height;
}

static int shape_svdf(const hf_op_record *r)
{
    return r->in_height == 1 && r->in_width == 1 && one_position(r) && is_packed(r) &&
           r->kernel_height >= 1 && r->kernel_width >= 1 &&
           r->out_channels % (svdf_filter_state(r) * r->kernel_width + 1) == 0;
}

static uint64_t svdf_bytes(const hf_op_record *r)
{
    const uint64_t units = hf_svdf_units(r);
    const uint64_t filters = units * r->kernel_width;
    return sizeof(hf_svdf_data) + 4 * (filters + units) + filters * (svdf_filter_state(r) + r->in_channels);
}

#endif

static int shape_ok(const hf_op_record *r)
{
    switch ((hf_image_op)r->op) {
#define HF_IMAGE_OP_SHAPE(name, number, text, kernel, shape, ...)                                            \
    case HF_IMAGE_OP_##name:                                                                                 \
        return shape_##shape(r);
        HF_IMAGE_OP_MAP(HF_IMAGE_OP_SHAPE) /* NOLINT(bugprone-branch-clone): rows share rules */
#undef HF_IMAGE_OP_SHAPE
    case HF_IMAGE_OP_COUNT:
        break;
    }
    return 0;
}

int hf_record_geometry_ok(const hf_op_record *r)
{
    return r->in_height >= 1 && r->in_width >= 1 && r->in_channels >= 1 && r->out_height >= 1 &&
           r->out_width >= 1 && r->out_channels >= 1 && r->parts >= 1 && r->in_step >= r->in_channels &&
           channel_step_ok(r) && r->out_step >= hf_record_position_span(r) && shape_ok(r);
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

int hf_record_is_gated(const hf_op_record *r)
{
    return hf_record_has(r, HF_TRAIT_GATE) && r->parts == 2;
}

uint64_t hf_record_second_bytes(const hf_op_record *r)
{
    if (!hf_record_has(r, HF_TRAIT_PAIR))
        return 0;
#if !defined(HF_ENGINE_SMALL)
    if (r->op == HF_IMAGE_OP_BINARY || r->op == HF_IMAGE_OP_BINARY16)
        return operand_bytes(r);
    if (r->op == HF_IMAGE_OP_SVDF)
        return r->out_channels - hf_svdf_units(r);
    if (r->op == HF_IMAGE_OP_LSTM)
        return (hf_lstm_value_bytes(r) + UINT64_C(2)) * hf_lstm_units(r);
#endif
    return hf_record_is_gated(r) ? r->in_channels : (uint64_t)r->in_height * r->in_width * r->in_channels;
}

uint32_t hf_record_rows_needed(const hf_op_record *r, uint32_t row)
{
    const uint32_t end = row * r->stride_height + r->kernel_height;
    if (end <= r->pad_top) /* no validated window lies above its input */
        return 1;
    return end - r->pad_top < r->in_height ? end - r->pad_top : r->in_height;
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
    if (r->tile == 0) /* unused with wide parameters, but the plan is made before weights are known */
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

/* In addition to channel parameters and weights. */
static const uint16_t fixed_data_bytes[] = {
#define HF_IMAGE_OP_BYTES(name, number, text, kernel, shape, data, bytes, ...) [number] = (bytes),
    HF_IMAGE_OP_MAP(HF_IMAGE_OP_BYTES)
#undef HF_IMAGE_OP_BYTES
};

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
#if !defined(HF_ENGINE_SMALL)
    case HF_IMAGE_OP_BINARY_CONST:
        return sizeof(hf_binary_data) + operand_bytes(r);
    case HF_IMAGE_OP_LSTM:
        return lstm_bytes(r);
    case HF_IMAGE_OP_SVDF:
        return svdf_bytes(r);
    case HF_IMAGE_OP_CONV_GENERAL:
        return general_bytes(r);
    case HF_IMAGE_OP_BINARY16_CONST:
        return sizeof(hf_binary16_data) + operand_bytes(r);
    case HF_IMAGE_OP_TAKE:
        return 2 * ((uint64_t)r->out_height + r->out_width);
#endif
    default:
        return fixed_data_bytes[r->op];
    }
}
