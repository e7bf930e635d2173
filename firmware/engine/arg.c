/* SPDX-License-Identifier: Apache-2.0 */
/* The position of the largest or smallest value over the width of each row, for each channel; of equal values the first. */
#include "dsp.h"
#include "kernels.h"

#if !defined(HF_ENGINE_SMALL)

int hf_arg_data_ok(const hf_op_record *r, const uint8_t *data)
{
    (void)r;
    return ((const hf_arg_data *)(const void *)data)->smallest <= 1;
}

void hf_run_arg(const hf_op_context *c)
{
    const hf_op_record *r = c->record;
    const uint32_t smallest = ((const hf_arg_data *)(const void *)c->data)->smallest;
    const int8_t *row = c->input;
    int8_t *out = c->output;
    for (uint32_t y = 0; y < r->in_height; y++, row += (size_t)r->in_width * r->in_channels)
        for (uint32_t channel = 0; channel < r->in_channels; channel++, out += 4) {
            const int8_t *value = row + channel;
            int32_t best = INT8_MIN - 1;
            uint32_t position = 0;
            for (uint32_t x = 0; x < r->in_width; x++, value += r->in_channels) {
                const int32_t key = smallest ? ~*value : *value;
                if (key > best) {
                    best = key;
                    position = x;
                }
            }
            hf_store32(out, position);
        }
}

#endif
