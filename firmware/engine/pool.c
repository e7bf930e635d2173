/* SPDX-License-Identifier: Apache-2.0 */
#include "dsp.h"
#include "kernels.h"
#include "requant.h"

/* Pools and mean: four adjacent channels at a time, then the rest one by one. */

/* The part of a window inside the input. */
typedef struct window {
    const hf_op_context *context;
    uint32_t top, height, width; /* first row, rows, columns */
    size_t first;                /* byte of a row where it begins */
    size_t step;                 /* bytes from column to column */
} window;

static const int8_t *window_row(const window *w, uint32_t y)
{
    return hf_input_row(w->context, w->top + y) + w->first;
}

static void clip(int32_t at, uint32_t kernel, uint32_t in, uint32_t *begin, uint32_t *count)
{
    int32_t end = at + (int32_t)kernel;
    *begin = at < 0 ? 0 : (uint32_t)at;
    *count = (end > (int32_t)in ? in : (uint32_t)end) - *begin;
}

#if HF_ENGINE_SPECIAL_KERNELS

#define HALFWORD_VALUES 256U /* whose sum fits 16 bits */

/* sum_four() of a window of at most HALFWORD_VALUES values of a channel: two sums in a word. */
HF_SPECIAL_LOOP static void sum_four_small(const window *w, uint32_t sums[4])
{
    const size_t step = w->step;
    uint32_t even = 0;
    uint32_t odd = 0;
    for (uint32_t y = 0; y < w->height; y++) {
        const int8_t *at = window_row(w, y);
        uint32_t left = w->width;
        for (; left >= 2; left -= 2, at += 2 * step) {
            const uint32_t four = hf_load32(at);
            const uint32_t next = hf_load32(at + step);
            even = hf_sxtab16(hf_sxtab16(even, four), next);
            odd = hf_sxtab16_ror8(hf_sxtab16_ror8(odd, four), next);
        }
        if (left > 0) {
            const uint32_t four = hf_load32(at);
            even = hf_sxtab16(even, four);
            odd = hf_sxtab16_ror8(odd, four);
        }
    }
    sums[0] = (uint32_t)(int16_t)even;
    sums[1] = (uint32_t)(int16_t)odd;
    sums[2] = (uint32_t)((int32_t)even >> 16);
    sums[3] = (uint32_t)((int32_t)odd >> 16);
}

#endif

/* Sums wrap. */
__attribute__((optimize("O2"))) static void sum_four(const window *w, uint32_t sums[4])
{
#if HF_ENGINE_SPECIAL_KERNELS
    if (w->height * w->width <= HALFWORD_VALUES) {
        sum_four_small(w, sums);
        return;
    }
#endif
    uint32_t a = 0, b = 0, c = 0, d = 0;
    for (uint32_t y = 0; y < w->height; y++) {
        const int8_t *at = window_row(w, y);
        for (uint32_t x = w->width; x > 0; x--, at += w->step) {
            const uint32_t four = hf_load32(at);
            a += (uint32_t)(int8_t)four;
            b += (uint32_t)(int8_t)(four >> 8);
            c += (uint32_t)(int8_t)(four >> 16);
            d += (uint32_t)(int8_t)(four >> 24);
        }
    }
    sums[0] = a;
    sums[1] = b;
    sums[2] = c;
    sums[3] = d;
}

static uint32_t sum_one(const window *w)
{
    uint32_t sum = 0;
    for (uint32_t y = 0; y < w->height; y++) {
        const int8_t *at = window_row(w, y);
        for (uint32_t x = w->width; x > 0; x--, at += w->step)
            sum += (uint32_t)*at;
    }
    return sum;
}

static int8_t rounded_mean(const window *w, uint32_t unsigned_sum)
{
    int32_t sum = (int32_t)unsigned_sum; /* a window of 2^24 values would be needed to overflow it */
    int32_t count = (int32_t)(w->height * w->width);
    if (count < 1) /* no validated window is empty */
        return 0;
    return (int8_t)((sum > 0 ? sum + count / 2 : sum - count / 2) / count);
}

static void average_window(const hf_op_record *r, window *w, int8_t *out)
{
    uint32_t left = r->in_channels;
    for (; left >= 4; left -= 4, w->first += 4) {
        uint32_t sums[4];
        sum_four(w, sums);
        for (int i = 0; i < 4; i++)
            *out++ = rounded_mean(w, sums[i]);
    }
    for (; left > 0; left--, w->first++)
        *out++ = rounded_mean(w, sum_one(w));
}

static void max_window(const hf_op_record *r, window *w, int8_t *out)
{
    uint32_t left = r->in_channels;
    for (; left >= 4; left -= 4, w->first += 4, out += 4) {
        uint32_t max = 0x80808080U;
        for (uint32_t y = 0; y < w->height; y++) {
            const int8_t *at = window_row(w, y);
            for (uint32_t x = w->width; x > 0; x--, at += w->step)
                max = hf_max4(max, hf_load32(at));
        }
        hf_store32(out, max);
    }
    for (; left > 0; left--, w->first++) {
        int8_t max = INT8_MIN;
        for (uint32_t y = 0; y < w->height; y++) {
            const int8_t *at = window_row(w, y);
            for (uint32_t x = w->width; x > 0; x--, at += w->step)
                if (*at > max)
                    max = *at;
        }
        *out++ = max;
    }
}

static void pool(const hf_op_context *c, void (*reduce)(const hf_op_record *, window *, int8_t *))
{
    const hf_op_record *r = c->record;
    window w = {.context = c, .step = r->in_step};
    for (uint32_t y = c->first_row; y < c->end_row; y++) {
        int8_t *out = hf_output_row(c, y);
        clip((int32_t)(y * r->stride_height) - r->pad_top, r->kernel_height, r->in_height, &w.top, &w.height);
        for (uint32_t x = 0; x < r->out_width; x++, out += r->out_step) {
            uint32_t left;
            clip((int32_t)(x * r->stride_width) - r->pad_left, r->kernel_width, r->in_width, &left, &w.width);
            w.first = left * w.step;
            reduce(r, &w, out);
        }
    }
}

void hf_run_average_pool(const hf_op_context *context)
{
    pool(context, average_window);
}

void hf_run_max_pool(const hf_op_context *context)
{
    pool(context, max_window);
}

static int8_t scaled_mean(const hf_op_context *c, uint32_t sum)
{
    const hf_mean_data *data = (const hf_mean_data *)(const void *)c->data;
    return hf_requantize_wide((int32_t)(sum + (uint32_t)data->bias), data->multiplier, data->shift,
                              c->record->output_zero_point);
}

int hf_mean_data_ok(const hf_op_record *r, const uint8_t *data)
{
    const hf_mean_data *mean = (const hf_mean_data *)(const void *)data;
    (void)r;
    return hf_scale_ok(mean->multiplier, mean->shift, 30);
}

void hf_run_mean(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    window w = {.context = c, .height = r->in_height, .width = r->in_width, .step = r->in_step};
    int8_t *out = c->output;
    uint32_t left = r->in_channels;
    for (; left >= 4; left -= 4, w.first += 4) {
        uint32_t sums[4];
        sum_four(&w, sums);
        for (int i = 0; i < 4; i++)
            *out++ = scaled_mean(c, sums[i]);
    }
    for (; left > 0; left--, w.first++)
        *out++ = scaled_mean(c, sum_one(&w));
}
