/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of two operands, value by value: binary, whose second operand is a tensor, and binary_const. */
#include "kernels.h"
#include "requant.h"

#if !defined(HF_ENGINE_SMALL)

typedef struct binary {
    const hf_binary_data *data;
    int32_t left_zero_point, right_zero_point;
    int32_t zero_point; /* of the output */
} binary;

static int32_t rescale(const binary *b, int32_t value, int index)
{
    return hf_multiply_quantized(value, b->data->multiplier[index], b->data->shift[index]);
}

/* 1 / value, 1 <= value < 512, as a number of 31 bits in [1/2, 1] times 2^-bits: Newton-Raphson from a linear
 * estimate. */
static int32_t reciprocal(int32_t value, int32_t *bits)
{
    const int32_t zeros = __builtin_clz((unsigned)value);
    const int32_t fraction = (int32_t)(((uint32_t)value << zeros) - 0x80000000U);
    const int32_t half = (int32_t)(((int64_t)fraction + INT32_MAX + 1) / 2);
    int32_t x = 1515870810 + hf_doubling_high_multiply(half, -1010580540); /* 48/17, -32/17; 2 integer bits */
    for (int step = 0; step < 3; step++) {
        const int32_t error = (1 << 29) - hf_doubling_high_multiply(half, x);
        x += hf_doubling_high_multiply(x, error) * 4;
    }
    *bits = 31 - zeros;
    return x > INT32_MAX / 2 ? INT32_MAX : x * 2;
}

static int32_t quotient(const binary *b, int32_t left, int32_t right)
{
    if (right == 0)
        return left < 0 ? INT8_MIN - b->zero_point : left > 0 ? INT8_MAX - b->zero_point : 0;
    int32_t bits;
    const int32_t inverse = reciprocal(right < 0 ? -right : right, &bits);
    const int32_t dividend = right < 0 ? -left : left;
    const int32_t magnitude = dividend < 0 ? ~dividend : dividend;
    const int32_t headroom = magnitude ? __builtin_clz((unsigned)magnitude) - 1 : 31;
    const int32_t product = hf_doubling_high_multiply((int32_t)((uint32_t)dividend << headroom), inverse);
    const int32_t right_shift = headroom + bits - b->data->shift[2];
    const int32_t scaled = hf_doubling_high_multiply(product, b->data->multiplier[2]);
    return hf_rounding_shift_right(scaled, right_shift < 0 ? 0 : right_shift > 62 ? 62 : right_shift);
}

/* Wraps, which a valid model never needs. */
static int32_t wrapping_sum(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

static int32_t wrapping_difference(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a - (uint32_t)b);
}

static int32_t value_of(const binary *b, int32_t left, int32_t right)
{
    switch (b->data->function) {
    case HF_BINARY_KIND_ADD:
        left = rescale(b, left * (1 << HF_ADD_LEFT_SHIFT), 0);
        return rescale(b, wrapping_sum(left, rescale(b, right * (1 << HF_ADD_LEFT_SHIFT), 1)), 2);
    case HF_BINARY_KIND_SUB:
        left = rescale(b, left * (1 << HF_ADD_LEFT_SHIFT), 0);
        return rescale(b, wrapping_difference(left, rescale(b, right * (1 << HF_ADD_LEFT_SHIFT), 1)), 2);
    case HF_BINARY_KIND_SQUARED_DIFFERENCE:
        left = wrapping_difference(rescale(b, left * (1 << HF_SQUARE_LEFT_SHIFT), 0),
                                   rescale(b, right * (1 << HF_SQUARE_LEFT_SHIFT), 1));
        return rescale(b, (int32_t)((uint32_t)left * (uint32_t)left), 2);
    case HF_BINARY_KIND_MUL:
        return rescale(b, left * right, 2);
    case HF_BINARY_KIND_DIV:
        return quotient(b, left, right);
    case HF_BINARY_KIND_PRELU:
        return left >= 0 ? rescale(b, left, 0) : rescale(b, left * right, 2);
    case HF_BINARY_KIND_MAXIMUM:
        return left > right ? left : right;
    default:
        return left < right ? left : right;
    }
}

/* Combines `count` values; the second operand advances by `step`. */
static void combine(const binary *b, const int8_t *first, const int8_t *second, uint32_t step, int8_t *out,
                    uint32_t count)
{
    for (; count > 0; count--, second += step) {
        const int8_t x = *first++;
        const int32_t left = (b->data->reversed ? *second : x) - b->left_zero_point;
        const int32_t right = (b->data->reversed ? x : *second) - b->right_zero_point;
        *out++ = hf_offset_to_int8(value_of(b, left, right), b->zero_point);
    }
}

static void run(const hf_op_context *c, const int8_t *second)
{
    const hf_op_record *r = c->record;
    const hf_binary_data *data = (const hf_binary_data *)(const void *)c->data;
    const uint32_t repeat = r->parts - 1U;
    const uint32_t channels = repeat & HF_REPEAT_CHANNELS ? 1 : r->in_channels;
    const uint32_t column = repeat & HF_REPEAT_WIDTH ? 0 : channels;
    const uint32_t row = repeat & HF_REPEAT_HEIGHT  ? 0
                         : repeat & HF_REPEAT_WIDTH ? channels
                                                    : r->in_width * channels;
    const binary b = {.data = data,
                      .left_zero_point = data->reversed ? r->second_zero_point : r->input_zero_point,
                      .right_zero_point = data->reversed ? r->input_zero_point : r->second_zero_point,
                      .zero_point = r->output_zero_point};
    for (uint32_t y = c->first_row; y < c->end_row; y++) {
        const int8_t *first = hf_input_row(c, y);
        int8_t *out = hf_output_row(c, y);
        const int8_t *from = second + (size_t)y * row;
        for (uint32_t x = 0; x < r->in_width; x++, first += r->in_channels, out += r->in_channels)
            combine(&b, first, from + (size_t)x * column, channels == 1 && r->in_channels > 1 ? 0 : 1, out,
                    r->in_channels);
    }
}

int hf_binary_data_ok(const hf_op_record *r, const uint8_t *data)
{
    const hf_binary_data *rule = (const hf_binary_data *)(const void *)data;
    (void)r;
    for (int i = 0; i < 3; i++)
        if (!hf_scale_ok(rule->multiplier[i], rule->shift[i], 14))
            return 0;
    return rule->function < HF_BINARY_KIND_COUNT;
}

int hf_operand_data_ok(const hf_op_record *r, const uint8_t *data)
{
    return hf_binary_data_ok(r, data);
}

void hf_run_binary(const hf_op_context *c)
{
    run(c, c->extra);
}

void hf_run_binary_const(const hf_op_context *c)
{
    run(c, (const int8_t *)c->data + sizeof(hf_binary_data));
}

#endif
