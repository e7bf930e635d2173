/* SPDX-License-Identifier: Apache-2.0 */
#include "dsp.h"
#include "kernels.h"

/*
 * Operators that only move values: copy (slices, parts of concatenations, channel shuffles) and pad. Both
 * process positions forwards.
 */

/* Channel c goes to byte c * step. Backwards, so that step > 1 never overwrites a channel that is still to be
 * read and a copy can spread out a position in place. */
static void spread(const int8_t *from, int8_t *to, size_t channels, size_t step)
{
    for (size_t c = channels; c-- > 0;)
        to[c * step] = from[c];
}

static void copy_position(const hf_op_record *r, const int8_t *from, int8_t *to)
{
    if (r->channel_step == 1) {
        hf_copy(to, from, r->in_channels);
        return;
    }
    const size_t channels = (size_t)r->in_channels / r->parts;
    for (uint32_t part = r->parts; part-- > 0;)
        spread(from + part * channels, to + part, channels, r->channel_step);
}

void hf_run_copy(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    for (uint32_t y = c->first_row; y < c->end_row; y++) {
        const int8_t *from = hf_input_row(c, y);
        int8_t *to = hf_output_row(c, y);
        for (uint32_t left = r->out_width; left > 0; left--, from += r->in_step, to += r->out_step)
            copy_position(r, from, to);
    }
}

static int8_t *fill(int8_t *to, int8_t value, size_t bytes)
{
    for (; bytes > 0; bytes--)
        *to++ = value;
    return to;
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
