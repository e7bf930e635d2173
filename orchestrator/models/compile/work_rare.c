/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/layout.h"
#include "work.h"

/*
 * The work of operators that few models have, and of those that only move values. A value of 16 bits counts as one. Terms are
 * counts of what the kernel's loops do; each function says which.
 */

/* Words of four bytes and single bytes of runs that hf_copy() copies. */
static void copied(double runs, uint32_t bytes, double *words, double *rest)
{
    *words = runs * hf_work_whole(bytes, 4);
    *rest = runs * (bytes % 4U);
}

/* Terms: 1; rows; words of rows; their left-over bytes; bytes of padding; lost by words off word boundaries, reading and
 * writing. */
static void pad(const hf_op_record *r, hf_op_work *out)
{
    const uint32_t in_row = (uint32_t)r->in_width * r->in_channels;
    const double all = (double)r->out_height * r->out_width * r->out_channels;
    out->terms[0] = 1;
    out->terms[1] = r->in_height;
    copied(r->in_height, in_row, &out->terms[2], &out->terms[3]);
    out->terms[4] = all - (double)r->in_height * in_row;
    out->terms[5] = out->terms[2] * hf_work_misaligned(r->input_offset, in_row);
    out->terms[6] =
        out->terms[2] * hf_work_misaligned(r->output_offset + (uint32_t)r->pad_left * r->in_channels,
                                           (uint32_t)r->out_width * r->out_channels);
}

/* Terms: 1; rows; positions; words of positions; their left-over bytes; words that may be off word boundaries. */
static void take(const hf_op_record *r, hf_op_work *out)
{
    const double positions = (double)r->out_height * r->out_width;
    out->terms[0] = 1;
    out->terms[1] = r->out_height;
    out->terms[2] = positions;
    copied(positions, r->in_channels, &out->terms[3], &out->terms[4]);
    out->terms[5] = r->in_channels % 4U ? out->terms[3] : 0;
}

/* Terms: 1; innermost loops; if these copy adjacent bytes: such loops, words, left-over bytes, words that may be off word
 * boundaries; else bytes. */
static void move(const hf_node *node, hf_op_work *out)
{
    const uint32_t run = (uint32_t)node->dimensions[node->order[3]];
    double runs = 1;
    for (int d = 0; d < 3; d++)
        runs *= node->dimensions[node->order[d]];
    out->terms[0] = 1;
    out->terms[1] = runs;
    if (node->order[3] != 3) {
        out->terms[6] = runs * run;
        return;
    }
    out->terms[2] = runs;
    copied(runs, run, &out->terms[3], &out->terms[4]);
    out->terms[5] = run % 4U ? out->terms[3] : 0;
}

/* Terms: 1; positions; values by function, from term 2 on. */
static void binary(const hf_work_case *c, uint32_t value_bytes, hf_op_work *out)
{
    const hf_op_record *r = c->record;
    const double positions = (double)r->in_height * r->in_width;
    out->terms[0] = 1;
    out->terms[1] = positions;
    out->terms[2 + c->node->function] = positions * hf_work_whole(r->in_channels, value_bytes);
}

/* Terms: 1; rows; channels of these; values; channels whose sum is rescaled. */
static void reduce(const hf_work_case *c, uint32_t value_bytes, hf_op_work *out)
{
    const hf_op_record *r = c->record;
    const bool sums = c->node->reduction == HF_REDUCTION_MEAN || c->node->reduction == HF_REDUCTION_SUM;
    out->terms[0] = 1;
    out->terms[1] = r->in_height;
    out->terms[2] = out->terms[1] * hf_work_whole(r->in_channels, value_bytes);
    out->terms[3] = out->terms[2] * r->in_width;
    out->terms[4] = sums ? out->terms[2] : 0;
}

/* Terms: 1; rows; positions; values. */
static void by_position(const hf_op_record *r, uint32_t value_bytes, hf_op_work *out)
{
    out->terms[0] = 1;
    out->terms[1] = r->out_height;
    out->terms[2] = out->terms[1] * r->out_width;
    out->terms[3] = out->terms[2] * hf_work_whole(r->out_channels, value_bytes);
}

/* Terms: 1; values by function. */
static void function16(const hf_work_case *c, hf_op_work *out)
{
    const hf_op_record *r = c->record;
    const uint32_t bytes = r->in_channels < r->out_channels ? r->in_channels : r->in_channels / 2U;
    const double values = (double)r->in_height * r->in_width * bytes;
    out->terms[0] = 1;
    out->terms[1 + c->node->function16] = values;
    out->terms[5] = r->in_channels == r->out_channels ? 0 : values; /* that change their size */
}

/* Terms: 1; positions; channels of these; their values; values of an average. */
static void pool16(const hf_work_case *c, hf_op_work *out)
{
    const hf_op_record *r = c->record;
    const double rows = hf_work_taps_inside(r->out_height, r->stride_height, r->pad_top, r->kernel_height,
                                            r->in_height, false);
    const double columns =
        hf_work_taps_inside(r->out_width, r->stride_width, r->pad_left, r->kernel_width, r->in_width, false);
    const double channels = hf_work_whole(r->in_channels, 2);
    out->terms[0] = 1;
    out->terms[1] = (double)r->out_height * r->out_width;
    out->terms[2] = out->terms[1] * channels;
    out->terms[3] = rows * r->out_width * channels;
    out->terms[4] = rows * columns * channels;
    out->terms[5] = c->node->reduction == HF_REDUCTION_MAXIMUM ? 0 : out->terms[2];
}

/* Terms: 1; positions; outputs; kernel rows of outputs, taps in rows inside the input, taps inside it; fours of these taps'
 * values, others: of 8 bits, then of 16; outputs with 64-bit sums; taps looked for with strides to divide by. */
static void general(const hf_op_record *r, hf_op_work *out)
{
    const bool wide = r->tile & HF_GENERAL_16_BITS;
    const bool transposed = r->tile & HF_GENERAL_TRANSPOSED;
    const uint32_t value_bytes = wide ? 2 : 1;
    const uint32_t inputs = r->in_channels / value_bytes;
    const double outputs = hf_work_whole(r->out_channels, value_bytes);
    const uint32_t run = inputs / (r->tile & HF_GENERAL_DEPTHWISE ? inputs : r->parts);
    const double rows = hf_work_taps_inside(r->out_height, r->stride_height, r->pad_top, r->kernel_height,
                                            r->in_height, transposed);
    const double columns = hf_work_taps_inside(r->out_width, r->stride_width, r->pad_left, r->kernel_width,
                                               r->in_width, transposed);
    out->terms[0] = 1;
    out->terms[1] = (double)r->out_height * r->out_width;
    out->terms[2] = out->terms[1] * outputs;
    out->terms[3] = out->terms[2] * r->kernel_height;
    out->terms[4] = outputs * rows * r->out_width * r->kernel_width;
    out->terms[5] = outputs * rows * columns;
    out->terms[wide ? 8 : 6] = out->terms[5] * hf_work_whole(run, 4);
    out->terms[wide ? 9 : 7] = out->terms[5] * (run % 4U);
    out->terms[10] = r->tile & HF_GENERAL_LONG ? out->terms[2] : 0;
    out->terms[11] = transposed ? out->terms[3] + out->terms[4] : 0;
    out->terms[12] = wide ? out->terms[5] : 0;
}

/* Terms: 1; units; filters; fours of inputs of these, other inputs; pairs of remembered values, single ones. */
static void svdf(const hf_op_record *r, hf_op_work *out)
{
    const double units = hf_svdf_units(r);
    const double filters = units * r->kernel_width;
    out->terms[0] = 1;
    out->terms[1] = units;
    out->terms[2] = filters;
    out->terms[3] = filters * hf_work_whole(r->in_channels, 4);
    out->terms[4] = filters * (r->in_channels % 4U);
    out->terms[5] = filters * hf_work_whole(r->kernel_height, 2);
    out->terms[6] = filters * (r->kernel_height % 2U);
}

/* Terms: 1; steps; units of these; fours of products of their gates, other products. */
static void lstm(const hf_op_record *r, hf_op_work *out)
{
    const uint32_t units = hf_lstm_units(r);
    out->terms[0] = 1;
    out->terms[1] = r->in_width;
    out->terms[2] = (double)r->in_width * units;
    out->terms[3] = out->terms[2] * (hf_work_whole(r->in_channels, 4) + hf_work_whole(units, 4));
    out->terms[4] = out->terms[2] * (r->in_channels % 4U + units % 4U);
}

void hf_work_rare(const hf_work_case *c, hf_op_work *out)
{
    const hf_op_record *r = c->record;
    switch ((hf_image_op)r->op) {
    case HF_IMAGE_OP_PAD:
        out->kernel = HF_KERNEL_PAD;
        pad(r, out);
        break;
    case HF_IMAGE_OP_MOVE:
        out->kernel = HF_KERNEL_MOVE;
        move(c->node, out);
        break;
    case HF_IMAGE_OP_TAKE:
        out->kernel = HF_KERNEL_TAKE;
        take(r, out);
        break;
    case HF_IMAGE_OP_BINARY:
    case HF_IMAGE_OP_BINARY_CONST:
        out->kernel = HF_KERNEL_BINARY;
        binary(c, 1, out);
        break;
    case HF_IMAGE_OP_BINARY16:
    case HF_IMAGE_OP_BINARY16_CONST:
        out->kernel = HF_KERNEL_BINARY16;
        binary(c, 2, out);
        break;
    case HF_IMAGE_OP_REDUCE:
        out->kernel = HF_KERNEL_REDUCE;
        reduce(c, 1, out);
        break;
    case HF_IMAGE_OP_REDUCE16:
        out->kernel = HF_KERNEL_REDUCE16;
        reduce(c, 2, out);
        break;
    case HF_IMAGE_OP_ARG:
        out->kernel = HF_KERNEL_ARG;
        reduce(c, 1, out);
        break;
    case HF_IMAGE_OP_RESIZE:
        out->kernel = HF_KERNEL_RESIZE;
        by_position(r, 1, out);
        break;
    case HF_IMAGE_OP_LOG_SOFTMAX:
        out->kernel = HF_KERNEL_LOG_SOFTMAX;
        by_position(r, 1, out);
        break;
    case HF_IMAGE_OP_SOFTMAX16:
        out->kernel = HF_KERNEL_SOFTMAX16;
        by_position(r, 2, out);
        break;
    case HF_IMAGE_OP_FUNCTION16:
        out->kernel = HF_KERNEL_FUNCTION16;
        function16(c, out);
        break;
    case HF_IMAGE_OP_POOL16:
        out->kernel = HF_KERNEL_POOL16;
        pool16(c, out);
        break;
    case HF_IMAGE_OP_CONV_GENERAL:
        out->kernel = HF_KERNEL_CONV_GENERAL;
        general(r, out);
        break;
    case HF_IMAGE_OP_SVDF:
        out->kernel = HF_KERNEL_SVDF;
        svdf(r, out);
        break;
    case HF_IMAGE_OP_LSTM:
        out->kernel = HF_KERNEL_LSTM;
        lstm(r, out);
        break;
    default:
        out->kernel = HF_KERNEL_RARE;
        by_position(r, 1, out);
        break;
    }
}
