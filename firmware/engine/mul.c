/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels.h"
#include "requant.h"

/* Products of differences have 17 bits, so nearly every scale fits the compact form. */
static void mul_compact(const hf_op_context *c, const int8_t *first, const int8_t *second, int8_t *out,
                        uint32_t count)
{
    const hf_op_record *r = c->record;
    const hf_channel_compact *data = (const hf_channel_compact *)(const void *)c->data;
    const int32_t shift = data->bias_shift & 0xFF;
    const int32_t zero_half = 2 * r->output_zero_point + 1;
    for (; count > 0; count--) {
        int32_t doubled = 2 * (*first++ - r->input_zero_point) * (*second++ - r->second_zero_point);
        *out++ = hf_requantize_compact(doubled, data->multiplier, shift, zero_half);
    }
}

static void mul_wide(const hf_op_context *c, const int8_t *first, const int8_t *second, int8_t *out,
                     uint32_t count)
{
    const hf_op_record *r = c->record;
    const hf_channel_wide *data = (const hf_channel_wide *)(const void *)c->data;
    for (; count > 0; count--) {
        int32_t product = (*first++ - r->input_zero_point) * (*second++ - r->second_zero_point);
        *out++ = hf_requantize_wide(product, data->multiplier, data->shift, r->output_zero_point);
    }
}

int hf_mul_data_ok(const hf_op_record *r, const uint8_t *data)
{
    return hf_parameters_ok(r, data, 1);
}

void hf_run_mul(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    const uint32_t row = (uint32_t)r->out_width * r->out_channels;
    const int gated = r->parts == 2; /* by a value per channel */
    const uint32_t count = gated ? r->out_channels : row;
    const int8_t *second = (const int8_t *)c->extra + (gated ? 0 : (size_t)c->first_row * row);
    for (uint32_t y = c->first_row; y < c->end_row; y++) {
        const int8_t *first = hf_input_row(c, y);
        int8_t *out = hf_output_row(c, y);
        for (uint32_t done = 0; done < row; done += count) {
            if (r->params == HF_PARAMS_COMPACT)
                mul_compact(c, first + done, second, out + done, count);
            else
                mul_wide(c, first + done, second, out + done, count);
        }
        if (!gated)
            second += row;
    }
}
