/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/node.h"

static bool is_better(const hf_node *node, int8_t value, int8_t than)
{
    return node->smallest ? value < than : value > than;
}

hf_status hf_reference_arg(const hf_reference_call *call, hf_error *err)
{
    const hf_tensor *in = call->in;
    const int64_t row_bytes = (int64_t)in->width * in->channels;
    (void)err;
    for (int64_t y = 0; y < in->height; y++)
        for (int64_t c = 0; c < in->channels; c++) {
            const int8_t *row = call->inputs[0] + y * row_bytes + c;
            int8_t *out = call->output + 4 * (y * in->channels + c);
            int64_t best = 0;
            for (int64_t x = 1; x < in->width; x++)
                if (is_better(call->node, row[x * in->channels], row[best * in->channels]))
                    best = x;
            for (int byte = 0; byte < 4; byte++)
                out[byte] = (int8_t)(uint8_t)(best >> (8 * byte) & 0xFF);
        }
    return HF_OK;
}
