/* SPDX-License-Identifier: Apache-2.0 */
/* Sums and extremes over the width of each row, for each channel. */
#include "kernels.h"
#include "requant.h"

#if !defined(HF_ENGINE_SMALL)

int hf_reduce_data_ok(const hf_op_record *r, const uint8_t *data)
{
    const hf_reduce_data *reduce = (const hf_reduce_data *)(const void *)data;
    (void)r;
    return hf_scale_ok(reduce->multiplier, reduce->shift, 30) && reduce->function < HF_REDUCE_KIND_COUNT;
}

void hf_run_reduce(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    const hf_reduce_data *data = (const hf_reduce_data *)(const void *)c->data;
    int8_t *out = c->output;
    for (uint32_t y = 0; y < r->in_height; y++) {
        const int8_t *row = hf_input_row(c, y);
        for (uint32_t channel = 0; channel < r->in_channels; channel++) {
            const int8_t *value = row + channel;
            int32_t sum = -(int32_t)r->in_width * r->input_zero_point;
            int8_t largest = *value;
            int8_t smallest = *value;
            for (uint32_t x = r->in_width; x > 0; x--, value += r->in_channels) {
                sum += *value;
                if (*value > largest)
                    largest = *value;
                if (*value < smallest)
                    smallest = *value;
            }
            if (data->function == HF_REDUCE_KIND_SUM)
                *out++ = hf_requantize_wide(sum, data->multiplier, data->shift, r->output_zero_point);
            else if (data->function == HF_REDUCE_KIND_MAXIMUM)
                *out++ = largest;
            else
                *out++ = smallest;
        }
    }
}

#endif
