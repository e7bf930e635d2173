/* SPDX-License-Identifier: Apache-2.0 */
/* Pools and reductions of 16-bit values, and averages of bytes as uint8 has them. The input must not overlap the output. */
#include "dot.h"
#include "engine/layout.h"
#include "kernels.h"
#include "requant.h"

#if !defined(HF_ENGINE_SMALL)

/* Values to be combined: `rows` times `columns` of them, with their distances in bytes. */
typedef struct block {
    const int8_t *first;
    uint32_t rows, columns;
    size_t row_bytes, column_bytes;
} block;

typedef struct summary {
    int32_t sum; /* wraps */
    int32_t smallest, largest;
} summary;

static summary summarise(const block *b)
{
    summary s = {0, INT16_MAX, INT16_MIN};
    for (uint32_t y = 0; y < b->rows; y++) {
        const int8_t *at = b->first + y * b->row_bytes;
        for (uint32_t x = 0; x < b->columns; x++, at += b->column_bytes) {
            const int32_t value = hf_load16(at);
            s.sum = (int32_t)((uint32_t)s.sum + (uint32_t)value);
            s.smallest = value < s.smallest ? value : s.smallest;
            s.largest = value > s.largest ? value : s.largest;
        }
    }
    return s;
}

static int32_t clamp(int32_t value, int32_t min, int32_t max)
{
    return value < min ? min : value > max ? max : value;
}

int hf_pool16_data_ok(const hf_op_record *r, const uint8_t *data)
{
    const hf_pool16_data *d = (const hf_pool16_data *)(const void *)data;
    const uint32_t value_bytes = d->kind == HF_POOL16_AVERAGE_OF_BYTES ? 1 : 2;
    return d->min <= d->max && d->min >= INT16_MIN && d->max <= INT16_MAX && d->kind < HF_POOL16_KINDS &&
           r->in_channels % value_bytes == 0;
}

/* The part of a window inside the input. */
static uint32_t clip(int32_t at, uint32_t kernel, uint32_t in, uint32_t *count)
{
    const uint32_t end = at + (int32_t)kernel > (int32_t)in ? in : (uint32_t)(at + (int32_t)kernel);
    const uint32_t begin = at < 0 ? 0 : (uint32_t)at;
    *count = end - begin;
    return begin;
}

static int32_t pool(const hf_pool16_data *d, const block *b)
{
    const summary s = summarise(b);
    const int32_t count = (int32_t)(b->rows * b->columns);
    if (d->kind == HF_POOL16_LARGEST)
        return s.largest;
    return (s.sum > 0 ? s.sum + count / 2 : s.sum - count / 2) / count; /* halves away from 0 */
}

/* Halves round up: of bytes from 0 to 255 this is the nearest, so 128 is added to each and taken off the average. */
static int32_t average_bytes(const block *b)
{
    const int32_t count = (int32_t)(b->rows * b->columns);
    if (count < 1) /* no validated window is empty */
        return 0;
    int32_t sum = 128 * count + count / 2;
    for (uint32_t y = 0; y < b->rows; y++) {
        const int8_t *at = b->first + y * b->row_bytes;
        for (uint32_t x = 0; x < b->columns; x++, at += b->column_bytes)
            sum += *at;
    }
    return sum / count - 128;
}

void hf_run_pool16(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    const hf_pool16_data *d = (const hf_pool16_data *)(const void *)c->data;
    const size_t row_bytes = (size_t)r->in_width * r->in_channels;
    int8_t *out = c->output;
    for (uint32_t y = 0; y < r->out_height; y++)
        for (uint32_t x = 0; x < r->out_width; x++) {
            block b = {.row_bytes = row_bytes, .column_bytes = r->in_channels};
            const uint32_t top =
                clip((int32_t)(y * r->stride_height) - r->pad_top, r->kernel_height, r->in_height, &b.rows);
            const uint32_t left =
                clip((int32_t)(x * r->stride_width) - r->pad_left, r->kernel_width, r->in_width, &b.columns);
            b.first = c->input + top * row_bytes + (size_t)left * r->in_channels;
            if (d->kind == HF_POOL16_AVERAGE_OF_BYTES)
                for (uint32_t channel = 0; channel < r->in_channels; channel++, b.first++)
                    *out++ = (int8_t)clamp(average_bytes(&b), d->min, d->max);
            else
                for (uint32_t channel = 0; channel < r->in_channels; channel += 2, b.first += 2, out += 2)
                    hf_store16(out, clamp(pool(d, &b), d->min, d->max));
        }
}

/* ---- Reductions over the width of each row ---- */

int hf_reduce16_data_ok(const hf_op_record *r, const uint8_t *data)
{
    const hf_reduce_data *d = (const hf_reduce_data *)(const void *)data;
    return hf_scale_ok(d->multiplier, d->shift, 30) && d->function < HF_REDUCE_KIND_COUNT &&
           r->in_channels % 2 == 0;
}

void hf_run_reduce16(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    const hf_reduce_data *d = (const hf_reduce_data *)(const void *)c->data;
    const size_t row_bytes = (size_t)r->in_width * r->in_channels;
    int8_t *out = c->output;
    for (uint32_t y = 0; y < r->in_height; y++) {
        block b = {c->input + y * row_bytes, 1, r->in_width, 0, r->in_channels};
        for (uint32_t channel = 0; channel < r->in_channels; channel += 2, b.first += 2, out += 2) {
            const summary s = summarise(&b);
            const int32_t value = d->function == HF_REDUCE_KIND_MAXIMUM ? s.largest
                                  : d->function == HF_REDUCE_KIND_MINIMUM
                                      ? s.smallest
                                      : hf_multiply_quantized(s.sum, d->multiplier, d->shift);
            hf_store16(out, clamp(value, INT16_MIN, INT16_MAX));
        }
    }
}

#endif
