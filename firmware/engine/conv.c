/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <string.h>

#include "dsp.h"
#include "engine/layout.h"
#include "kernels.h"
#include "requant.h"

/*
 * conv2d and dense: windows are taken from the input two at a time, expanded to int16 in scratch, and
 * multiplied with all output channels. Since a step reads before it writes, the output may follow closely
 * behind the input (layout.c, conv_distance). Taps outside the input hold the input's zero point, so that
 * the input offset is a constant per channel, which the compiler has added to the bias.
 */

/* Windows are short: calls of memcpy would cost more than they copy. Nothing overlaps. */
static inline int8_t *copy(int8_t *to, const int8_t *from, size_t bytes)
{
    for (; bytes >= 4; bytes -= 4, to += 4, from += 4)
        hf_store32(to, hf_load32(from));
    for (; bytes > 0; bytes--)
        *to++ = *from++;
    return to;
}

static inline int8_t *fill(int8_t *to, int8_t value, size_t bytes)
{
    for (; bytes > 0; bytes--)
        *to++ = value;
    return to;
}

/* Copies the window whose first tap is at (y, x) to `to`. */
static void gather(const hf_op_context *c, int32_t y, int32_t x, int8_t *to)
{
    const hf_op_record *r = c->record;
    const size_t channels = r->in_channels;
    const size_t in_row = r->in_width * channels;
    const int32_t begin = x < 0 ? -x : 0;
    const int32_t end = r->in_width - x < r->kernel_width ? r->in_width - x : r->kernel_width;
    const size_t before = (size_t)begin * channels;
    const size_t inside = (size_t)(end - begin) * channels;
    const size_t behind = (size_t)(r->kernel_width - end) * channels;
    for (int32_t k = 0; k < r->kernel_height; k++, y++) {
        if (y < 0 || y >= r->in_height) {
            to = fill(to, r->input_zero_point, before + inside + behind);
            continue;
        }
        to = fill(to, r->input_zero_point, before);
        to = copy(to, c->input + (size_t)y * in_row + (size_t)(x + begin) * channels, inside);
        to = fill(to, r->input_zero_point, behind);
    }
}

/* Windows a and b, interleaved pair by pair, values in hf_window_slot() order. An odd last value gets a 0. */
static void expand(const int8_t *a, const int8_t *b, uint32_t depth, int16_t *to)
{
    uint32_t fours = depth / 4;
#if defined(__ARM_FEATURE_DSP)
    uint32_t *words = (uint32_t *)(void *)to;
    for (; fours > 0; fours--) {
        uint32_t word_a = hf_load32(a);
        uint32_t word_b = hf_load32(b);
        words[0] = hf_sxtb16(word_a);
        words[1] = hf_sxtb16(word_b);
        words[2] = hf_sxtb16_ror8(word_a);
        words[3] = hf_sxtb16_ror8(word_b);
        a += 4;
        b += 4;
        words += 4;
    }
    to = (int16_t *)(void *)words;
#else
    for (; fours > 0; fours--, a += 4, b += 4, to += 8) {
        const int16_t values[8] = {a[0], a[2], b[0], b[2], a[1], a[3], b[1], b[3]};
        memcpy(to, values, sizeof values);
    }
#endif
    for (uint32_t rest = depth % 4; rest > 0; to += 4) {
        uint32_t taken = rest >= 2 ? 2 : 1;
        to[0] = (int16_t)a[0];
        to[1] = 0;
        to[2] = (int16_t)b[0];
        to[3] = 0;
        if (taken == 2) {
            to[1] = (int16_t)a[1];
            to[3] = (int16_t)b[1];
        }
        a += taken;
        b += taken;
        rest -= taken;
    }
}

static void multiply_compact(const hf_op_context *c, const int16_t *windows, uint32_t depth, int8_t *out[2])
{
    const hf_op_record *r = c->record;
    hf_gemm gemm = {
        .windows = windows,
        .channels = (const hf_channel_compact *)(const void *)c->data,
        .weights = (const int8_t *)c->data + r->out_channels * sizeof(hf_channel_compact),
        .out = {out[0], out[1]},
        .pairs = (depth + 1) / 2,
        .blocks = r->out_channels / 4U,
        .zero_half = 2 * r->output_zero_point + 1,
    };
    hf_gemm_blocks(&gemm);
    if (r->out_channels & 2U)
        hf_gemm_two(&gemm);
    if (r->out_channels & 1U)
        hf_gemm_one(&gemm);
}

/* Any bias, multiplier and shift; weights in plain order. */
static void multiply_wide(const hf_op_context *c, const int16_t *windows, uint32_t depth, int8_t *out[2])
{
    const hf_op_record *r = c->record;
    const hf_channel_wide *channel = (const hf_channel_wide *)(const void *)c->data;
    const int8_t *weights = (const int8_t *)c->data + r->out_channels * sizeof *channel;
    for (uint32_t o = 0; o < r->out_channels; o++, channel++, weights += depth) {
        uint32_t sums[2] = {(uint32_t)channel->bias, (uint32_t)channel->bias};
        for (uint32_t k = 0; k < depth; k++) {
            uint32_t slot = hf_window_slot(k, depth);
            size_t at = (size_t)4 * (slot / 2) + slot % 2;
            sums[0] += (uint32_t)(windows[at] * weights[k]);
            sums[1] += (uint32_t)(windows[at + 2] * weights[k]);
        }
        for (int w = 0; w < 2; w++)
            out[w][o] = hf_requantize_wide((int32_t)sums[w], channel->multiplier, channel->shift,
                                           r->output_zero_point);
    }
}

void hf_run_conv(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    const uint32_t depth = (uint32_t)hf_record_depth(r);
    const int is_run = hf_record_window_is_run(r);
    int16_t *expanded = c->extra;
    int8_t *gathered = (int8_t *)c->extra + (size_t)(depth + 1) / 2 * 8;
    const uint32_t positions = (uint32_t)r->out_height * r->out_width;
    int32_t y = -(int32_t)r->pad_top;
    int32_t x = -(int32_t)r->pad_left;
    uint32_t column = 0;
    int8_t *output = c->output;

    for (uint32_t p = 0; p < positions; p += 2) {
        const int8_t *windows[2] = {NULL, NULL};
        int8_t *out[2] = {output, output};
        for (uint32_t w = 0; w < 2 && p + w < positions; w++) {
            if (is_run) {
                windows[w] = c->input + ((size_t)y * r->in_width + (size_t)x) * r->in_channels;
            } else {
                int8_t *staging = gathered + (size_t)w * ((depth + 3U) & ~3U);
                gather(c, y, x, staging);
                windows[w] = staging;
            }
            out[w] = output;
            output += r->out_channels;
            x += r->stride_width;
            if (++column == r->out_width) {
                column = 0;
                x = -(int32_t)r->pad_left;
                y += r->stride_height;
            }
        }
        /* An odd last position stands in both lanes; both write the same bytes to the same place. */
        if (p + 1 == positions) {
            windows[1] = windows[0];
            out[1] = out[0];
        }
        expand(windows[0], windows[1], depth, expanded);
        if (r->params == HF_PARAMS_COMPACT)
            multiply_compact(c, expanded, depth, out);
        else
            multiply_wide(c, expanded, depth, out);
    }
}
