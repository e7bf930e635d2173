/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of two operands of 16 bits, value by value: binary16, whose second operand is a tensor, and binary16_const. */
#include "dot.h"
#include "engine/layout.h"
#include "kernels.h"
#include "requant.h"

#if !defined(HF_ENGINE_SMALL)

static int32_t rescale(const hf_binary16_data *d, int32_t value, int index)
{
    return hf_multiply_quantized(value, d->multiplier[index], d->shift[index]);
}

static int32_t value_of(const hf_binary16_data *d, int32_t left, int32_t right)
{
    switch (d->function) {
    case HF_BINARY_KIND_MUL:
        return rescale(d, left * right, 2);
    case HF_BINARY_KIND_MAXIMUM:
        return left > right ? left : right;
    case HF_BINARY_KIND_MINIMUM:
        return left < right ? left : right;
    default:
        break;
    }
    left = rescale(d, left * (1 << d->left_shift), 0);
    right = rescale(d, right * (1 << d->left_shift), 1);
    if (d->function == HF_BINARY_KIND_ADD)
        return rescale(d, (int32_t)((uint32_t)left + (uint32_t)right), 2);
    const int32_t difference = (int32_t)((uint32_t)left - (uint32_t)right);
    if (d->function == HF_BINARY_KIND_SUB)
        return rescale(d, difference, 2);
    return rescale(d, (int32_t)((uint32_t)difference * (uint32_t)difference), 2);
}

int hf_binary16_data_ok(const hf_op_record *r, const uint8_t *data)
{
    const hf_binary16_data *d = (const hf_binary16_data *)(const void *)data;
    (void)r;
    for (int i = 0; i < 3; i++)
        if (!hf_scale_ok(d->multiplier[i], d->shift[i], 0))
            return 0;
    return d->function < HF_BINARY_KIND_COUNT && d->function != HF_BINARY_KIND_DIV &&
           d->function != HF_BINARY_KIND_PRELU && d->left_shift <= 15 && d->min <= d->max &&
           d->min >= INT16_MIN && d->max <= INT16_MAX;
}

int hf_operand16_data_ok(const hf_op_record *r, const uint8_t *data)
{
    return hf_binary16_data_ok(r, data);
}

/* @param step of the second operand, in bytes */
static void combine(const hf_binary16_data *d, const int8_t *first, const int8_t *second, uint32_t step,
                    int8_t *out, uint32_t count)
{
    for (; count > 0; count--, first += 2, second += step, out += 2) {
        const int32_t a = hf_load16(first);
        const int32_t b = hf_load16(second);
        const int32_t value = d->reversed ? value_of(d, b, a) : value_of(d, a, b);
        hf_store16(out, value < d->min ? d->min : value > d->max ? d->max : value);
    }
}

static void run(const hf_op_context *c, const int8_t *second)
{
    const hf_op_record *r = c->record;
    const uint32_t repeat = r->parts - 1U;
    const uint32_t channels = repeat & HF_REPEAT_CHANNELS ? 2 : r->in_channels;
    const uint32_t column = repeat & HF_REPEAT_WIDTH ? 0 : channels;
    const uint32_t row = repeat & HF_REPEAT_HEIGHT  ? 0
                         : repeat & HF_REPEAT_WIDTH ? channels
                                                    : r->in_width * channels;
    const int8_t *first = c->input;
    int8_t *out = c->output;
    for (uint32_t y = 0; y < r->in_height; y++)
        for (uint32_t x = 0; x < r->in_width; x++, first += r->in_channels, out += r->in_channels)
            combine((const hf_binary16_data *)(const void *)c->data, first,
                    second + (size_t)y * row + (size_t)x * column, repeat & HF_REPEAT_CHANNELS ? 0 : 2, out,
                    r->in_channels / 2U);
}

void hf_run_binary16(const hf_op_context *c)
{
    run(c, c->extra);
}

void hf_run_binary16_const(const hf_op_context *c)
{
    run(c, (const int8_t *)c->data + sizeof(hf_binary16_data));
}

#endif
