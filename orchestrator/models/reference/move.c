/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that move values without computing: reshape, concatenation, slice, channel shuffle, pad. */
#include <string.h>

#include "graph/elementwise.h"
#include "reference/node.h"

static hf_status check_same_quant(const hf_reference_call *call, hf_error *err)
{
    if (hf_quant_same(call->in->quant, call->out->quant))
        return HF_OK;
    return HF_FAIL(err, HF_EUNSUPPORTED, "%s: %s needs equal input and output quantisation", call->node->name,
                   hf_op_name(call->node->op));
}

hf_status hf_reference_reshape(const hf_reference_call *call, hf_error *err)
{
    (void)err;
    memcpy(call->output, call->inputs[0], (size_t)hf_tensor_bytes(call->out));
    return HF_OK;
}

/* Copies the channels of one input to their place in every position of the output. */
static void place(const hf_reference_call *call, int32_t index, int32_t first_channel, const int8_t *table)
{
    const hf_tensor *in = &call->graph->tensors[call->node->inputs[index]];
    const int64_t positions = (int64_t)in->height * in->width;
    for (int64_t p = 0; p < positions; p++) {
        const int8_t *from = call->inputs[index] + p * in->channels;
        int8_t *to = call->output + p * call->out->channels + first_channel;
        for (int32_t c = 0; c < in->channels; c++)
            to[c] = from[c];
        for (int32_t c = 0; table && c < in->channels; c++)
            to[c] = table[from[c] - INT8_MIN];
    }
}

hf_status hf_reference_concat(const hf_reference_call *call, hf_error *err)
{
    hf_node plain = *call->node;
    plain.activation = HF_ACTIVATION_NONE;
    int32_t channel = 0;
    for (int32_t i = 0; i < call->node->input_count; i++) {
        const hf_tensor *in = &call->graph->tensors[call->node->inputs[i]];
        int8_t table[256];
        const bool same = hf_quant_same(in->quant, call->out->quant);
        hf_status status = same ? HF_OK : hf_rescale_table(&plain, in->quant, call->out->quant, table, err);
        if (status)
            return status;
        place(call, i, channel, same ? NULL : table);
        channel += in->channels;
    }
    return HF_OK;
}

hf_status hf_reference_slice(const hf_reference_call *call, hf_error *err)
{
    hf_status status = check_same_quant(call, err);
    const int64_t positions = (int64_t)call->in->height * call->in->width;
    const size_t count = (size_t)call->out->channels;
    for (int64_t p = 0; p < positions && !status; p++)
        memcpy(call->output + p * call->out->channels,
               call->inputs[0] + p * call->in->channels + call->node->slice_begin, count);
    return status;
}

hf_status hf_reference_channel_shuffle(const hf_reference_call *call, hf_error *err)
{
    hf_status status = check_same_quant(call, err);
    const int32_t groups = call->node->groups;
    const int32_t channels = call->in->channels;
    const int64_t positions = (int64_t)call->in->height * call->in->width;
    for (int64_t p = 0; p < positions && !status; p++)
        for (int32_t c = 0; c < channels; c++) {
            int32_t group = c / (channels / groups);
            int32_t member = c % (channels / groups);
            call->output[p * channels + (int64_t)member * groups + group] = call->inputs[0][p * channels + c];
        }
    return status;
}

hf_status hf_reference_pad(const hf_reference_call *call, hf_error *err)
{
    hf_status status = check_same_quant(call, err);
    if (status)
        return status;
    const hf_tensor *in = call->in;
    const hf_tensor *out = call->out;
    const int64_t in_row = (int64_t)in->width * in->channels;
    const int64_t out_row = (int64_t)out->width * out->channels;
    memset(call->output, out->quant.zero_point, (size_t)hf_tensor_bytes(out));
    for (int32_t y = 0; y < in->height; y++)
        memcpy(call->output + (y + call->node->pad_top) * out_row +
                   (int64_t)call->node->pad_left * out->channels,
               call->inputs[0] + y * in_row, (size_t)in_row);
    return HF_OK;
}
