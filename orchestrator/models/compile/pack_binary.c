/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "graph/binary.h"
#include "pack.h"

/* The image's numbers are those of the graph's enumeration. */
_Static_assert((int)HF_BINARY_KIND_ADD == (int)HF_BINARY_ADD &&
                   (int)HF_BINARY_KIND_SUB == (int)HF_BINARY_SUB &&
                   (int)HF_BINARY_KIND_MUL == (int)HF_BINARY_MUL &&
                   (int)HF_BINARY_KIND_MAXIMUM == (int)HF_BINARY_MAXIMUM &&
                   (int)HF_BINARY_KIND_MINIMUM == (int)HF_BINARY_MINIMUM &&
                   (int)HF_BINARY_KIND_DIV == (int)HF_BINARY_DIV &&
                   (int)HF_BINARY_KIND_SQUARED_DIFFERENCE == (int)HF_BINARY_SQUARED_DIFFERENCE &&
                   (int)HF_BINARY_KIND_PRELU == (int)HF_BINARY_PRELU,
               "functions of an image");

static hf_status pack_rule(const hf_graph *graph, const hf_lowered_op *op, hf_quant second, uint8_t *to,
                           hf_error *err)
{
    const hf_node *node = &graph->nodes[op->node];
    const hf_quant first = graph->tensors[node->inputs[0]].quant;
    hf_binary_rule rule;
    hf_status status =
        hf_binary_rule_init(node, node->reversed ? second : first, node->reversed ? first : second,
                            graph->tensors[node->output].quant, &rule, err);
    if (status)
        return status;
    hf_binary_data data = {.function = (uint8_t)node->function, .reversed = node->reversed};
    memcpy(data.multiplier, rule.multiplier, sizeof data.multiplier);
    memcpy(data.shift, rule.shift, sizeof data.shift);
    memcpy(to, &data, sizeof data);
    return HF_OK;
}

hf_status hf_pack_binary(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    return pack_rule(graph, op, graph->tensors[graph->nodes[op->node].inputs[1]].quant, to, err);
}

hf_status hf_pack_operand(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    const hf_node *node = &graph->nodes[op->node];
    const int32_t *shape = node->operand_shape;
    if (!node->operand || !(node->constant_quant.scale > 0.0f))
        return HF_FAIL(err, HF_EINVALID, "%s: its constant operand is missing or not quantised", node->name);
    hf_status status = pack_rule(graph, op, node->constant_quant, to, err);
    if (!status)
        memcpy(to + sizeof(hf_binary_data), node->operand,
               (size_t)shape[0] * (size_t)shape[1] * (size_t)shape[2]);
    return status;
}
