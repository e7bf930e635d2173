/* SPDX-License-Identifier: Apache-2.0 */
#include "pack.h"

#include <math.h>

#include "engine/layout.h"

bool hf_pack_has_weights(const hf_op_record *r)
{
    return hf_record_has(r, HF_TRAIT_WEIGHTS);
}

static hf_status check_quant(const hf_graph *graph, const hf_node *node, int32_t tensor, hf_error *err)
{
    const hf_quant q = graph->tensors[tensor].quant;
    if (!(q.scale > 0.0F) || !isfinite(q.scale) || q.zero_point < INT8_MIN || q.zero_point > INT8_MAX)
        return HF_FAIL(err, HF_EINVALID,
                       "%s: tensor %d has scale %g and zero point %d, expected a scale above 0 and a zero "
                       "point in -128 .. 127",
                       node->name, tensor, (double)q.scale, q.zero_point);
    return HF_OK;
}

static hf_status choose_form(const hf_graph *graph, hf_lowered_op *op, hf_error *err)
{
    if (hf_pack_has_weights(&op->record))
        return hf_pack_choose_params(graph, op, err);
    if (op->record.op == HF_IMAGE_OP_MUL)
        op->record.params = hf_pack_mul_params(graph, &graph->nodes[op->node]);
    return HF_OK;
}

hf_status hf_pack_quantisation(const hf_graph *graph, hf_lowered_op *op, hf_error *err)
{
    const hf_node *node = &graph->nodes[op->node];
    hf_op_record *r = &op->record;
    hf_status status = check_quant(graph, node, node->output, err);
    for (int32_t i = 0; i < node->input_count && !status; i++)
        status = check_quant(graph, node, node->inputs[i], err);
    if (status)
        return status;
    const hf_quant in = graph->tensors[node->inputs[op->part < 0 ? 0 : op->part]].quant;
    const hf_quant second = graph->tensors[node->inputs[node->input_count - 1]].quant;
    const hf_quant out = graph->tensors[node->output].quant;
    r->input_zero_point = (int8_t)in.zero_point;
    r->output_zero_point = (int8_t)out.zero_point;
    if (hf_record_has(r, HF_TRAIT_PAIR))
        r->second_zero_point = (int8_t)second.zero_point;
    if (r->op == HF_IMAGE_OP_BINARY_CONST)
        r->second_zero_point = (int8_t)node->constant_quant.zero_point;
    if (hf_record_has(r, HF_TRAIT_SAME_QUANT) && node->op != HF_OP_JOIN && /* which moves any bytes */
        (!hf_quant_same(in, out) || (hf_record_has(r, HF_TRAIT_PAIR) && !hf_quant_same(second, out))))
        return HF_FAIL(err, HF_EUNSUPPORTED, "%s: %s needs equal input and output quantisation", node->name,
                       hf_op_name(node->op));
    int32_t min = INT8_MIN;
    int32_t max = INT8_MAX;
    if (hf_record_has(r, HF_TRAIT_ACTIVATION))
        hf_activation_range(node->activation, out, &min, &max);
    if (min < INT8_MIN || max > INT8_MAX || min > max)
        return HF_FAIL(err, HF_EINVALID, "%s: activation range %d .. %d is not within int8", node->name, min,
                       max);
    r->activation_min = (int8_t)min;
    r->activation_max = (int8_t)max;
    return choose_form(graph, op, err);
}

hf_status hf_pack_no(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    (void)graph;
    (void)op;
    (void)to;
    (void)err;
    return HF_OK;
}

hf_status hf_pack_data(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    switch ((hf_image_op)op->record.op) {
#define PACK_CASE(name, number, text, kernel, shape, data, ...)                                              \
    case HF_IMAGE_OP_##name:                                                                                 \
        return hf_pack_##data(graph, op, to, err);
        HF_IMAGE_OP_MAP(PACK_CASE) /* NOLINT(bugprone-branch-clone): rows share rules */
#undef PACK_CASE
    case HF_IMAGE_OP_COUNT:
        break;
    }
    return HF_FAIL(err, HF_EINVALID, "image operator %u does not exist", op->record.op);
}
