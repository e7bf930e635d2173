/* SPDX-License-Identifier: Apache-2.0 */
/* Data of the operators that rearrange, reduce or resize a tensor. */
#include <string.h>

#include "graph/quantize.h"
#include "graph/resize.h"
#include "pack.h"

hf_status hf_pack_move(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    const hf_node *node = &graph->nodes[op->node];
    (void)err;
    uint32_t steps[4];
    steps[3] = 1;
    for (int d = 2; d >= 0; d--)
        steps[d] = steps[d + 1] * (uint32_t)node->dimensions[d + 1];
    hf_move_data data;
    for (int d = 0; d < 4; d++) {
        data.count[d] = (uint32_t)node->dimensions[node->order[d]];
        data.step[d] = steps[node->order[d]];
    }
    memcpy(to, &data, sizeof data);
    return HF_OK;
}

hf_status hf_pack_take(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    const hf_node *node = &graph->nodes[op->node];
    const hf_op_record *r = &op->record;
    if (!node->positions)
        return HF_FAIL(err, HF_EINVALID, "%s: its positions are missing", node->name);
    for (uint32_t i = 0; i < (uint32_t)r->out_height + r->out_width; i++) {
        const int32_t limit = i < r->out_height ? r->in_height : r->in_width;
        if (node->positions[i] < 0 || node->positions[i] >= limit)
            return HF_FAIL(err, HF_EINVALID, "%s: position %d, expected 0 .. %d", node->name,
                           node->positions[i], limit - 1);
        const uint16_t position = (uint16_t)node->positions[i];
        memcpy(to + 2 * (size_t)i, &position, sizeof position);
    }
    return HF_OK;
}

hf_status hf_pack_reduce(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    const hf_node *node = &graph->nodes[op->node];
    const hf_tensor *in = &graph->tensors[node->inputs[0]];
    const hf_quant out = graph->tensors[node->output].quant;
    hf_reduce_data data = {.function = HF_REDUCE_KIND_SUM};
    const bool extreme = node->reduction == HF_REDUCTION_MAXIMUM || node->reduction == HF_REDUCTION_MINIMUM;
    hf_status status = HF_OK;
    if (extreme) {
        data.function =
            node->reduction == HF_REDUCTION_MAXIMUM ? HF_REDUCE_KIND_MAXIMUM : HF_REDUCE_KIND_MINIMUM;
        if (in->quant.scale != out.scale || in->quant.zero_point != out.zero_point)
            return HF_FAIL(err, HF_EUNSUPPORTED, "%s: needs equal input and output quantisation", node->name);
    } else {
        status = hf_reduce_multiplier(node, in, out, &data.multiplier, &data.shift, err);
    }
    if (!status)
        memcpy(to, &data, sizeof data);
    return status;
}

hf_status hf_pack_resize(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    const hf_node *node = &graph->nodes[op->node];
    const hf_op_record *r = &op->record;
    const int32_t in[2] = {r->in_height, r->in_width};
    const int32_t out[2] = {r->out_height, r->out_width};
    hf_resize_data data;
    for (int axis = 0; axis < 2; axis++) {
        hf_resize_line(node, in[axis], out[axis], &data.step[axis], &data.first[axis]);
        /* A step is a whole number of units, so that the last of very many positions may lie behind the input. */
        if ((int64_t)(out[axis] - 1) * data.step[axis] + data.first[axis] > (int64_t)in[axis] * HF_RESIZE_ONE)
            return HF_FAIL(err, HF_EUNSUPPORTED,
                           "%s: resizes %d to %d, at most about %d times as many are supported", node->name,
                           in[axis], out[axis], HF_RESIZE_ONE);
    }
    memcpy(to, &data, sizeof data);
    return HF_OK;
}
