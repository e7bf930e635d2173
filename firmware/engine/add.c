/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels.h"
#include "requant.h"

void hf_run_add(const hf_op_context *context)
{
    const hf_op_record *r = context->record;
    const hf_add_data *data = (const hf_add_data *)(const void *)context->data;
    const int8_t *first = context->input;
    const int8_t *second = context->extra;
    int8_t *out = context->output;
    for (uint32_t left = (uint32_t)r->out_height * r->out_width * r->out_channels; left > 0; left--) {
        int32_t a = (*first++ - r->input_zero_point) * (1 << HF_ADD_LEFT_SHIFT);
        int32_t b = (*second++ - r->second_zero_point) * (1 << HF_ADD_LEFT_SHIFT);
        a = hf_multiply_quantized(a, data->multiplier[0], data->shift[0]);
        b = hf_multiply_quantized(b, data->multiplier[1], data->shift[1]);
        *out++ = hf_requantize_wide((int32_t)((uint32_t)a + (uint32_t)b), data->multiplier[2], data->shift[2],
                                    r->output_zero_point);
    }
}
