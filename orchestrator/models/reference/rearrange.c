/* SPDX-License-Identifier: Apache-2.0 */
/* Operators that rearrange a tensor: transpose, take, part, join; and bilinear resizing. */
#include <string.h>

#include "graph/resize.h"
#include "reference/node.h"

hf_status hf_reference_transpose(const hf_reference_call *call, hf_error *err)
{
    const hf_node *node = call->node;
    const int32_t *size = node->dimensions;
    (void)err;
    int64_t steps[4]; /* in the input, of its dimensions */
    steps[3] = 1;
    for (int d = 2; d >= 0; d--)
        steps[d] = steps[d + 1] * size[d + 1];
    const int32_t *order = node->order;
    int8_t *to = call->output;
    for (int64_t a = 0; a < size[order[0]]; a++)
        for (int64_t b = 0; b < size[order[1]]; b++)
            for (int64_t c = 0; c < size[order[2]]; c++)
                for (int64_t d = 0; d < size[order[3]]; d++)
                    *to++ = call->inputs[0][a * steps[order[0]] + b * steps[order[1]] + c * steps[order[2]] +
                                            d * steps[order[3]]];
    return HF_OK;
}

hf_status hf_reference_take(const hf_reference_call *call, hf_error *err)
{
    const hf_node *node = call->node;
    const hf_tensor *in = call->in;
    const hf_tensor *out = call->out;
    if (!node->positions)
        return HF_FAIL(err, HF_EINVALID, "%s: no positions", node->name);
    for (int32_t y = 0; y < out->height; y++)
        for (int32_t x = 0; x < out->width; x++) {
            const int32_t row = node->positions[y];
            const int32_t column = node->positions[out->height + x];
            if (row < 0 || row >= in->height || column < 0 || column >= in->width)
                return HF_FAIL(err, HF_EINVALID, "%s: takes position %d, %d of %dx%d", node->name, row,
                               column, in->height, in->width);
            memcpy(call->output + ((int64_t)y * out->width + x) * out->channels,
                   call->inputs[0] + ((int64_t)row * in->width + column) * in->channels,
                   (size_t)in->channels);
        }
    return HF_OK;
}

hf_status hf_reference_part(const hf_reference_call *call, hf_error *err)
{
    (void)err;
    memcpy(call->output, call->inputs[0] + call->node->part_offset, (size_t)hf_tensor_bytes(call->out));
    return HF_OK;
}

hf_status hf_reference_join(const hf_reference_call *call, hf_error *err)
{
    int8_t *to = call->output;
    (void)err;
    for (int32_t i = 0; i < call->node->input_count; i++) {
        const size_t bytes = (size_t)hf_tensor_bytes(&call->graph->tensors[call->node->inputs[i]]);
        memcpy(to, call->inputs[i], bytes);
        to += bytes;
    }
    return HF_OK;
}

hf_status hf_reference_resize_bilinear(const hf_reference_call *call, hf_error *err)
{
    const hf_node *node = call->node;
    const hf_tensor *in = call->in;
    const hf_tensor *out = call->out;
    (void)err;
    for (int32_t y = 0; y < out->height; y++) {
        const hf_resize_axis rows = hf_resize_position(node, in->height, out->height, y);
        for (int32_t x = 0; x < out->width; x++) {
            const hf_resize_axis columns = hf_resize_position(node, in->width, out->width, x);
            for (int32_t c = 0; c < out->channels; c++) {
                int64_t sum = 0;
                for (int corner = 0; corner < 4; corner++) {
                    const int64_t row = corner & 1 ? rows.second : rows.first;
                    const int64_t column = corner & 2 ? columns.second : columns.first;
                    const int64_t weight = (int64_t)(corner & 1 ? rows.weight : HF_RESIZE_ONE - rows.weight) *
                                           (corner & 2 ? columns.weight : HF_RESIZE_ONE - columns.weight);
                    sum += weight * call->inputs[0][(row * in->width + column) * in->channels + c];
                }
                const int64_t one = (int64_t)HF_RESIZE_ONE * HF_RESIZE_ONE;
                *(call->output + ((int64_t)y * out->width + x) * out->channels + c) =
                    (int8_t)((sum + (sum > 0 ? one / 2 : -one / 2)) / one);
            }
        }
    }
    return HF_OK;
}
