/* SPDX-License-Identifier: Apache-2.0 */
#include "dsp.h"
#include "kernels.h"

/*
 * Operators that only move values: concat, slice, channel_shuffle, pad. All go through the output forwards,
 * position by position; where the output may lie over an input (overlap.c) follows from that.
 */

static uint32_t positions(const hf_op_record *r)
{
    return (uint32_t)r->out_height * r->out_width;
}

static int8_t *fill(int8_t *to, int8_t value, size_t bytes)
{
    for (; bytes > 0; bytes--)
        *to++ = value;
    return to;
}

void hf_run_concat(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    const hf_concat_part *parts = (const hf_concat_part *)(const void *)c->data;
    const uint8_t *tables = c->data + r->parts * sizeof *parts;
    const int8_t *inputs[HF_CONCAT_MAX_PARTS] = {NULL};
    for (uint32_t i = 0; i < r->parts; i++)
        inputs[i] = (const int8_t *)c->arena + parts[i].offset;
    int8_t *out = c->output;
    for (uint32_t left = positions(r); left > 0; left--)
        for (uint32_t i = 0; i < r->parts; i++) {
            const uint32_t channels = parts[i].channels;
            if (r->params == HF_PARAMS_TABLES) {
                hf_look_up(tables + (size_t)i * HF_TABLE_BYTES, inputs[i], out, channels);
                out += channels;
            } else {
                out = hf_copy(out, inputs[i], channels);
            }
            inputs[i] += channels;
        }
}

void hf_run_slice(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    const int8_t *input = c->input + r->first_channel;
    int8_t *out = c->output;
    for (uint32_t left = positions(r); left > 0; left--, input += r->in_channels)
        out = hf_copy(out, input, r->out_channels);
}

void hf_run_channel_shuffle(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    const uint32_t groups = r->parts;
    const uint32_t channels = (uint32_t)r->in_channels / groups;
    const int8_t *input = c->input;
    int8_t *out = c->output;
    for (uint32_t left = positions(r); left > 0; left--, input += r->in_channels) {
        /* A copy of the position, so that it may be shuffled in place. */
        const int8_t *from = c->extra;
        hf_copy(c->extra, input, r->in_channels);
        for (uint32_t g = 0; g < groups; g++) {
            int8_t *to = out + g;
            for (uint32_t i = channels; i > 0; i--, to += groups)
                *to = *from++;
        }
        out += r->out_channels;
    }
}

void hf_run_pad(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    const size_t in_row = (size_t)r->in_width * r->in_channels;
    const size_t out_row = (size_t)r->out_width * r->out_channels;
    const size_t before = (size_t)r->pad_left * r->in_channels;
    const uint32_t below = (uint32_t)r->out_height - r->in_height - r->pad_top;
    const int8_t *input = c->input;
    int8_t *out = fill(c->output, r->input_zero_point, out_row * r->pad_top);
    for (uint32_t y = r->in_height; y > 0; y--, input += in_row) {
        out = fill(out, r->input_zero_point, before);
        out = hf_copy(out, input, in_row);
        out = fill(out, r->input_zero_point, out_row - before - in_row);
    }
    fill(out, r->input_zero_point, out_row * below);
}
