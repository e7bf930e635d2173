/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "kernels.h"

/* The part of a window that lies inside the input. */
typedef struct window {
    const int8_t *first;
    uint32_t height, width;
} window;

static void clip(int32_t at, uint32_t kernel, uint32_t in, uint32_t *begin, uint32_t *count)
{
    int32_t end = at + (int32_t)kernel;
    *begin = at < 0 ? 0 : (uint32_t)at;
    *count = (end > (int32_t)in ? in : (uint32_t)end) - *begin;
}

static int8_t mean(const hf_op_record *r, const window *w)
{
    int32_t sum = 0; /* a window of 2^24 values would be needed to overflow it */
    int32_t count = (int32_t)(w->height * w->width);
    if (count < 1) /* no validated window is empty */
        return 0;
    for (uint32_t y = 0; y < w->height; y++)
        for (uint32_t x = 0; x < w->width; x++)
            sum += w->first[((size_t)y * r->in_width + x) * r->in_channels];
    return (int8_t)((sum > 0 ? sum + count / 2 : sum - count / 2) / count);
}

static int8_t largest(const hf_op_record *r, const window *w)
{
    int8_t max = INT8_MIN;
    for (uint32_t y = 0; y < w->height; y++)
        for (uint32_t x = 0; x < w->width; x++) {
            int8_t value = w->first[((size_t)y * r->in_width + x) * r->in_channels];
            if (value > max)
                max = value;
        }
    return max;
}

static void pool(const hf_op_context *context, int8_t (*reduce)(const hf_op_record *, const window *))
{
    const hf_op_record *r = context->record;
    int8_t *out = context->output;
    for (int32_t y = 0; y < r->out_height; y++) {
        uint32_t top;
        window w;
        clip(y * r->stride_height - r->pad_top, r->kernel_height, r->in_height, &top, &w.height);
        for (int32_t x = 0; x < r->out_width; x++) {
            uint32_t left;
            clip(x * r->stride_width - r->pad_left, r->kernel_width, r->in_width, &left, &w.width);
            w.first = context->input + ((size_t)top * r->in_width + left) * r->in_channels;
            for (uint32_t c = 0; c < r->in_channels; c++, w.first++)
                *out++ = reduce(r, &w);
        }
    }
}

void hf_run_average_pool(const hf_op_context *context)
{
    pool(context, mean);
}

void hf_run_max_pool(const hf_op_context *context)
{
    pool(context, largest);
}
