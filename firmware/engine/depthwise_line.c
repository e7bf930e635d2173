/* SPDX-License-Identifier: Apache-2.0 */
#include "depthwise.h"

/*
 * A depthwise layer that is one row of outputs, as in audio and sensor networks. Such rows are short, so little may stand
 * between groups of channels: padding is stored once, and one call computes all groups. As in other kernels the last group
 * is moved back to four channels.
 */

#if HF_ENGINE_SPECIAL_KERNELS

/* One group. Its parameters may have to be narrowed first; if one of them cannot be, other kernels compute it. */
__attribute__((noinline)) static void run_group(depthwise *d, hf_depthwise_line *line)
{
    const hf_op_record *r = d->context->record;
    line->groups = 1;
    line->input = hf_input_row(d->context, 0) + d->channel - d->in_front;
    line->out = hf_output_row(d->context, 0) + d->channel;
    line->weights = hf_depthwise_weights(d, d->channel);
    line->skipped = d->in_front;
    line->stored = d->group;
    line->channels = hf_depthwise_narrow(d, 0);
    if (r->params == HF_PARAMS_WIDE)
        for (uint32_t i = 0; i < d->group && line->channels; i++)
            line->channels = hf_depthwise_narrow(d, i) ? d->narrow : NULL;
    if (line->channels) {
        hf_depthwise_by_line(line);
        return;
    }
    d->intake.to = line->to;
    d->intake.from = line->input;
    d->intake.rows = 1;
    hf_depthwise_take(&d->intake);
    hf_depthwise_make_rows(d, 0, 1);
}

void hf_depthwise_run_line(depthwise *d)
{
    const hf_op_context *c = d->context;
    const hf_op_record *r = c->record;
    const uint32_t first = r->pad_left % 2U; /* a pair that begins with padding */
    hf_depthwise_line line = {
        .row = d->ring,
        .out = hf_output_row(c, 0),
        .weights = hf_depthwise_weights(d, 0),
        .channels = (const hf_channel_compact *)(const void *)c->data,
        .groups = r->params == HF_PARAMS_COMPACT ? r->in_channels / HF_DEPTHWISE_GROUP : 0,
        .channel_bytes = d->row_values * (uint32_t)sizeof *d->ring,
        .out_step = r->out_step,
        .outputs = r->out_width,
        .zero_half = 2 * r->output_zero_point + 1,
        .taps = r->kernel_width,
        .stride = r->stride_width,
        .to = d->ring + (r->pad_left & ~1U),
        .in_step = r->in_step,
        .pairs = (r->in_width - first) / 2,
        .zeros = (uint8_t)r->input_zero_point * 0x01010101U,
        .lone = first | (r->in_width - first) % 2 << 1,
        .stored = HF_DEPTHWISE_GROUP,
        .input = hf_input_row(c, 0),
    };
    hf_depthwise_blank(d, 0, 1);
    if (line.groups > 0)
        hf_depthwise_by_line(&line);
    for (d->channel = HF_DEPTHWISE_GROUP * line.groups; d->channel < r->in_channels; d->channel += d->group) {
        const uint32_t left = r->in_channels - d->channel;
        d->group = left < HF_DEPTHWISE_GROUP ? left : HF_DEPTHWISE_GROUP;
        d->in_front = HF_DEPTHWISE_GROUP - d->group;
        run_group(d, &line);
    }
}

#else
typedef int hf_depthwise_run_line_is_special;
#endif
