/* SPDX-License-Identifier: Apache-2.0 */
/* Bilinear resizing with weights of HF_RESIZE_BITS bits. */
#include "kernels.h"

#if !defined(HF_ENGINE_SMALL)

#define ONE    (1 << HF_RESIZE_BITS)
#define SQUARE (INT64_C(1) << 2 * HF_RESIZE_BITS)

/* An output row or column: between two of the input. */
typedef struct between {
    uint32_t first, second;
    int32_t weight; /* of the second, out of ONE */
} between;

static int32_t inside(int32_t position, uint32_t size)
{
    return position < 0 ? 0 : (uint32_t)position >= size ? (int32_t)size - 1 : position;
}

static between locate(const hf_resize_data *data, int axis, uint32_t at, uint32_t size)
{
    const int32_t position = (int32_t)at * data->step[axis] + data->first[axis];
    between b;
    b.first = (uint32_t)inside(position / ONE, size); /* towards zero, as in TensorFlow Lite */
    b.second = (uint32_t)inside((position + ONE - 1) / ONE, size);
    b.weight = position - (int32_t)b.first * ONE;
    return b;
}

/* All positions are less than 2^16 units away from the input, so that nothing overflows. */
static int axis_ok(const hf_resize_data *data, int axis, uint32_t in, uint32_t out)
{
    const int64_t last = (int64_t)(out - 1) * data->step[axis] + data->first[axis];
    return data->step[axis] >= 0 && data->first[axis] >= -ONE && data->first[axis] <= INT32_MAX / 2 &&
           last <= (int64_t)in * ONE && data->first[axis] <= (int64_t)in * ONE;
}

int hf_resize_data_ok(const hf_op_record *r, const uint8_t *data)
{
    const hf_resize_data *resize = (const hf_resize_data *)(const void *)data;
    return axis_ok(resize, 0, r->in_height, r->out_height) && axis_ok(resize, 1, r->in_width, r->out_width);
}

void hf_run_resize(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    const hf_resize_data *data = (const hf_resize_data *)(const void *)c->data;
    int8_t *out = c->output;
    for (uint32_t y = 0; y < r->out_height; y++) {
        const between rows = locate(data, 0, y, r->in_height);
        const int8_t *above = hf_input_row(c, rows.first);
        const int8_t *below = hf_input_row(c, rows.second);
        for (uint32_t x = 0; x < r->out_width; x++) {
            const between columns = locate(data, 1, x, r->in_width);
            const size_t left = (size_t)columns.first * r->in_channels;
            const size_t right = (size_t)columns.second * r->in_channels;
            for (uint32_t channel = 0; channel < r->in_channels; channel++) {
                const int64_t upper = (int64_t)above[left + channel] * (ONE - columns.weight) +
                                      (int64_t)above[right + channel] * columns.weight;
                const int64_t lower = (int64_t)below[left + channel] * (ONE - columns.weight) +
                                      (int64_t)below[right + channel] * columns.weight;
                const int64_t sum = upper * (ONE - rows.weight) + lower * rows.weight;
                *out++ = (int8_t)((sum + (sum > 0 ? SQUARE / 2 : -SQUARE / 2)) / SQUARE);
            }
        }
    }
}

#endif
