/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/kernel_choice.h"
#include "engine/layout.h"
#include "work.h"

/* The work of depthwise convolutions: firmware/engine/depthwise*.c. */

enum {
    CALLS,
    GROUPS,        /* of four channels, begun once a call */
    BANDS,         /* of output rows, of each group */
    TAKEN_ROWS,    /* of the input, into scratch space */
    TAKEN_COLUMNS, /* of such rows */
    BLANK,         /* columns filled with the zero point */
    CHANNELS,      /* set up once a band */
    ROWS,          /* of outputs, of each channel or, by words, of each group */
    SIXES,         /* of outputs; twos or single ones by words */
    PRODUCTS,      /* words of weights for each of these */
    OUTPUTS,
    WITHOUT_RELU, /* outputs that round both ways */
    PARTIAL, /* by words: positions of a last group of fewer than four channels; else values taken of fewer than four */
    SPREAD,       /* weights prepared for a kernel */
    KERNEL_ROWS,  /* for each of SIXES, or of OUTPUTS; in a single row SIXES with stride 2 */
    LOADED_AGAIN, /* bytes of weights and parameters that a Cortex-M7's cache has lost since the row before */
    CALLS_LOST,   /* calls, as far as a Cortex-M7's cache has lost what they need */
    NEAR_TWOS,    /* in place of SIXES, twos with stride 1 */
    MISALIGNED,   /* lost by columns of four channels off word boundaries */
};

static uint32_t ceiling(uint32_t value, uint32_t of)
{
    return (value + of - 1) / of;
}

/* Rows taken from the input, and rows of padding, of one group over all calls. */
static void rows_taken(const hf_work_case *c, const hf_op_record *r, uint32_t band, double *taken,
                       double *blank)
{
    uint32_t before = 0;
    for (uint32_t y = 0; y < r->out_height; y += band) {
        const uint32_t rows = r->out_height - y < band ? r->out_height - y : band;
        const uint32_t top = y * r->stride_height;
        const uint32_t end = top + (rows - 1) * r->stride_height + r->kernel_height;
        for (uint32_t k = c->calls == 1 && before > top ? before : top; k < end; k++)
            *(k >= r->pad_top && k - r->pad_top < r->in_height ? taken : blank) += 1;
        before = end;
    }
}

static void small_map(const hf_work_case *c, const hf_op_record *r, hf_op_work *out)
{
    const double groups = ceiling(r->in_channels, 4);
    const double values = (double)r->out_height * r->out_width * r->out_channels;
    out->kernel = HF_KERNEL_DEPTHWISE_SMALL;
    out->terms[CALLS] = c->calls;
    out->terms[GROUPS] = groups;
    out->terms[TAKEN_ROWS] = groups * r->in_height;
    out->terms[TAKEN_COLUMNS] = groups * r->in_height * ceiling(r->in_width, 2);
    out->terms[CHANNELS] = r->out_channels;
    out->terms[ROWS] = (double)r->out_channels * r->out_height;
    out->terms[OUTPUTS] = values;
    out->terms[WITHOUT_RELU] = c->is_relu ? 0 : values;
}

/* Terms of the kernels that work on rows in scratch space. */
static void bands(const hf_work_case *c, const hf_op_record *r, hf_op_work *out)
{
    const uint32_t band = c->calls > 1 ? 1 : hf_depthwise_band_rows_of(r);
    const double groups = ceiling(r->in_channels, 4);
    double taken = 0;
    double blank = 0;
    rows_taken(c, r, band, &taken, &blank);
    out->terms[CALLS] = c->calls;
    out->terms[GROUPS] = c->calls * groups;
    out->terms[BANDS] = groups * (c->calls > 1 ? c->calls : ceiling(r->out_height, band));
    out->terms[TAKEN_ROWS] = groups * taken;
    out->terms[TAKEN_COLUMNS] = groups * taken * r->in_width;
    out->terms[BLANK] = groups * blank * r->in_width;
    out->terms[OUTPUTS] = (double)r->out_height * r->out_width * r->out_channels;
    out->terms[WITHOUT_RELU] = c->is_relu ? 0 : out->terms[OUTPUTS];
}

static void by_words(const hf_op_record *r, uint32_t at_a_time, double words, hf_op_work *out)
{
    const double groups = ceiling(r->in_channels, 4);
    out->terms[ROWS] = groups * r->out_height;
    out->terms[SIXES] = out->terms[ROWS] * ceiling(r->out_width, at_a_time);
    out->terms[PRODUCTS] = out->terms[SIXES] * words;
    out->terms[PARTIAL] = r->in_channels % 4U ? (double)r->out_height * r->out_width : 0;
    out->terms[SPREAD] = out->terms[BANDS] * 4 * words;
}

/* Rows of a chain, each with all its groups: hf_depthwise_run_row(). */
static void by_single_rows(const hf_op_record *r, hf_op_work *out)
{
    const double groups = ceiling(r->in_channels, 4);
    const double twos = groups * r->out_height * ceiling(r->out_width, 2);
    double lost = 0;
    for (uint32_t row = 0; row < 4; row++)
        lost += hf_work_misaligned(r->input_offset + row * r->in_width * r->in_step, r->in_step) / 4;
    out->kernel = HF_KERNEL_DEPTHWISE_3X3_ROW;
    out->terms[BANDS] = 0;
    out->terms[BLANK] /= groups; /* once for all groups */
    out->terms[r->stride_width == 1 ? NEAR_TWOS : SIXES] = twos;
    out->terms[PARTIAL] = r->in_channels % 4U ? (double)r->out_height * r->out_width : 0;
    out->terms[MISALIGNED] = out->terms[TAKEN_COLUMNS] * lost;
    out->terms[WITHOUT_RELU] = 0;
    out->terms[OUTPUTS] = 0;
}

static void by_six(const hf_op_record *r, double words, hf_op_work *out)
{
    out->terms[CHANNELS] = out->terms[BANDS] / ceiling(r->in_channels, 4) * r->out_channels;
    out->terms[PARTIAL] = r->in_channels < 4 ? out->terms[TAKEN_COLUMNS] * r->in_channels : 0;
    out->terms[ROWS] = (double)r->out_height * r->out_channels;
    out->terms[SIXES] = out->terms[ROWS] * ceiling(r->out_width, 6);
    out->terms[PRODUCTS] = out->terms[SIXES] * words;
    out->terms[SPREAD] = out->terms[CHANNELS] * words;
}

/* A layer of one row. */
static void by_line(const hf_op_record *r, hf_op_work *out)
{
    const double words = r->stride_width == 1 ? hf_depthwise_row_words(r) : (r->kernel_width + 1U) / 2;
    out->kernel = HF_KERNEL_DEPTHWISE_LINE;
    out->terms[CHANNELS] = r->out_channels;
    out->terms[SIXES] = r->out_channels * (double)ceiling(r->out_width, 6);
    out->terms[PRODUCTS] = out->terms[SIXES] * words;
    out->terms[SPREAD] = r->out_channels * words;
    out->terms[KERNEL_ROWS] = r->stride_width == 2 ? out->terms[SIXES] : 0;
    out->terms[MISALIGNED] = out->terms[TAKEN_COLUMNS] * hf_work_misaligned(r->input_offset, r->in_step);
}

void hf_work_depthwise(const hf_work_case *c, hf_op_work *out)
{
    hf_work_case as = *c;
    hf_op_record row;
    if (c->calls == 1 && hf_depthwise_is_column(c->record)) {
        row = hf_depthwise_lying(c->record);
        as.record = &row;
        as.in_rows = 1;
        as.rows = 1;
    }
    const hf_op_record *r = as.record;
    out->terms[CALLS_LOST] = c->calls * hf_work_lost(c->chain_bytes);
    if (c->calls > 1)
        out->terms[LOADED_AGAIN] =
            (c->calls - 1.0) * (double)hf_record_data_bytes(r) * hf_work_lost(c->chain_bytes);
    const uint32_t taps = (uint32_t)r->kernel_height * r->kernel_width;
    const hf_depthwise_kernel kernel = hf_depthwise_kernel_of(r, as.rows, as.in_rows);
    if (kernel == HF_DEPTHWISE_BY_SMALL_MAP) {
        small_map(&as, r, out);
        return;
    }
    bands(&as, r, out);
    switch (kernel) {
    case HF_DEPTHWISE_BY_3X3_ROW:
        by_single_rows(r, out);
        break;
    case HF_DEPTHWISE_BY_3X3_WORDS:
        out->kernel = HF_KERNEL_DEPTHWISE_3X3_WORDS;
        by_words(r, 2, 1, out);
        break;
    case HF_DEPTHWISE_BY_LINE:
        by_line(r, out);
        break;
    case HF_DEPTHWISE_BY_WORDS:
        out->kernel = HF_KERNEL_DEPTHWISE_WORDS;
        by_words(r, 1, ceiling(taps, 2), out);
        break;
    case HF_DEPTHWISE_BY_3X3:
        out->kernel = HF_KERNEL_DEPTHWISE_3X3;
        by_six(r, 1, out);
        break;
    case HF_DEPTHWISE_BY_SIX:
        out->kernel = HF_KERNEL_DEPTHWISE_SIX;
        by_six(r, (double)r->kernel_height * hf_depthwise_row_words(r), out);
        out->terms[KERNEL_ROWS] = out->terms[SIXES] * r->kernel_height;
        break;
    default:
        out->kernel = HF_KERNEL_DEPTHWISE_ANY;
        out->terms[PARTIAL] = r->in_channels < 4 ? out->terms[TAKEN_COLUMNS] * r->in_channels : 0;
        out->terms[ROWS] = (double)r->out_height * r->out_channels;
        out->terms[PRODUCTS] = out->terms[OUTPUTS] * taps;
        out->terms[KERNEL_ROWS] = out->terms[OUTPUTS] * r->kernel_height;
        break;
    }
}
