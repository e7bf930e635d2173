/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Convolutions of 16-bit values, with weights that have a zero point, and transposed ones, window by window. Taps outside the
 * input count as its zero point. The input must not overlap the output.
 */
#include "dot.h"
#include "engine/layout.h"
#include "kernels.h"
#include "requant.h"

#if !defined(HF_ENGINE_SMALL)

/* A convolution while it runs. */
typedef struct general {
    const hf_op_context *context;
    const hf_op_record *record;
    const hf_general_data *data;
    uint32_t value_bytes;
    uint32_t run_values; /* of a tap: the channels of a group, or one */
    size_t in_row_bytes;
} general;

static int is(const hf_op_record *r, uint32_t form)
{
    return (r->tile & form) != 0;
}

int hf_general_data_ok(const hf_op_record *r, const uint8_t *data)
{
    const hf_general_data *d = (const hf_general_data *)(const void *)data;
    const hf_general_channel *channels = (const hf_general_channel *)(const void *)(d + 1);
    const uint32_t outputs = is(r, HF_GENERAL_16_BITS) ? r->out_channels / 2U : r->out_channels;
    const int32_t limit = is(r, HF_GENERAL_16_BITS) ? INT16_MIN : INT8_MIN;
    for (uint32_t o = 0; o < outputs; o++)
        if (!hf_scale_ok(channels[o].multiplier, channels[o].shift, is(r, HF_GENERAL_LONG) ? 7 : 30))
            return 0;
    return d->min <= d->max && d->min >= limit && d->max <= -limit - 1 && d->weight_zero_point >= INT8_MIN &&
           d->weight_zero_point <= INT8_MAX &&
           (!is(r, HF_GENERAL_16_BITS) || (d->weight_zero_point == 0 && r->input_zero_point == 0));
}

/* Products of 8-bit values and weights, without their zero points. */
static int32_t dot8(const general *g, const int8_t *weights, const int8_t *values, uint32_t count)
{
    const int32_t weight_zero = g->data->weight_zero_point;
    const int32_t value_offset = -g->record->input_zero_point;
    int32_t sum = 0;
#if defined(__ARM_FEATURE_DSP)
    const uint32_t weight_zeros = (uint32_t)(uint16_t)-weight_zero * 0x10001U;
    const uint32_t value_zeros = (uint32_t)(uint16_t)value_offset * 0x10001U;
    for (; count >= 4; count -= 4, weights += 4, values += 4) {
        const uint32_t w = hf_load32(weights);
        const uint32_t v = hf_load32(values);
        sum = hf_smlad(hf_add16(hf_sxtb16(w), weight_zeros), hf_add16(hf_sxtb16(v), value_zeros), sum);
        sum = hf_smlad(hf_add16(hf_sxtb16_ror8(w), weight_zeros), hf_add16(hf_sxtb16_ror8(v), value_zeros),
                       sum);
    }
#endif
    for (; count > 0; count--)
        sum = (int32_t)((uint32_t)sum + (uint32_t)((*weights++ - weight_zero) * (*values++ + value_offset)));
    return sum;
}

/* The input row or column that a tap reads; -1 if there is none. */
static int32_t tap(uint32_t at, uint32_t stride, uint32_t pad, uint32_t k, uint32_t size, int transposed)
{
    int32_t from;
    if (transposed) {
        const int32_t ahead = (int32_t)(at + pad) - (int32_t)k;
        from = ahead < 0 || (uint32_t)ahead % stride != 0 ? -1 : ahead / (int32_t)stride;
    } else {
        from = (int32_t)(at * stride + k) - (int32_t)pad;
    }
    return from >= (int32_t)size ? -1 : from;
}

/* @param weights of one output channel @param first channel that it reads, in bytes */
static int64_t sum_of(const general *g, const int8_t *weights, size_t first, uint32_t y, uint32_t x)
{
    const hf_op_record *r = g->record;
    const int transposed = is(r, HF_GENERAL_TRANSPOSED);
    int64_t sum = 0;
    for (uint32_t ky = 0; ky < r->kernel_height; ky++) {
        const int32_t row = tap(y, r->stride_height, r->pad_top, ky, r->in_height, transposed);
        if (row < 0) {
            weights += (size_t)r->kernel_width * g->run_values;
            continue;
        }
        const int8_t *from = g->context->input + (size_t)row * g->in_row_bytes + first;
        for (uint32_t kx = 0; kx < r->kernel_width; kx++, weights += g->run_values) {
            const int32_t column = tap(x, r->stride_width, r->pad_left, kx, r->in_width, transposed);
            if (column < 0)
                continue;
            const int8_t *values = from + (size_t)column * r->in_channels;
            if (g->value_bytes == 2)
                sum = hf_dot8x16(weights, values, g->run_values, sum);
            else
                sum += dot8(g, weights, values, g->run_values);
        }
    }
    return sum;
}

static void store(const general *g, const hf_general_channel *channel, int64_t sum, int8_t *out)
{
    const uint64_t bias = channel->bias_low | (uint64_t)(uint32_t)channel->bias_high << 32;
    const int64_t all = (int64_t)((uint64_t)sum + bias);
    const int32_t scaled = is(g->record, HF_GENERAL_LONG)
                               ? hf_multiply_quantized_long(all, channel->multiplier, channel->shift)
                               : hf_multiply_quantized((int32_t)all, channel->multiplier, channel->shift);
    int32_t value = (int32_t)((uint32_t)scaled + (uint32_t)(int32_t)g->record->output_zero_point);
    value = value < g->data->min ? g->data->min : value > g->data->max ? g->data->max : value;
    if (g->value_bytes == 2)
        hf_store16(out, value);
    else
        *out = (int8_t)value;
}

void hf_run_general(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    const uint32_t value_bytes = is(r, HF_GENERAL_16_BITS) ? 2 : 1;
    const uint32_t inputs = r->in_channels / value_bytes;
    const uint32_t outputs = r->out_channels / value_bytes;
    const uint32_t groups = is(r, HF_GENERAL_DEPTHWISE) ? inputs : r->parts;
    const hf_general_data *data = (const hf_general_data *)(const void *)c->data;
    const hf_general_channel *channels = (const hf_general_channel *)(const void *)(data + 1);
    const general g = {.context = c,
                       .record = r,
                       .data = data,
                       .value_bytes = value_bytes,
                       .run_values = inputs / groups,
                       .in_row_bytes = (size_t)r->in_width * r->in_channels};
    const size_t weight_bytes = (size_t)g.run_values * r->kernel_height * r->kernel_width;
    int8_t *out = c->output;
    for (uint32_t y = 0; y < r->out_height; y++)
        for (uint32_t x = 0; x < r->out_width; x++) {
            const int8_t *weights = (const int8_t *)(channels + outputs);
            for (uint32_t o = 0; o < outputs; o++, weights += weight_bytes, out += value_bytes) {
                const size_t first = (size_t)(o / (outputs / groups)) * g.run_values * value_bytes;
                store(&g, &channels[o], sum_of(&g, weights, first, y, x), out);
            }
        }
}

#endif
