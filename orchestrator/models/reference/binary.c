/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of two operands, of which the second may be repeated or constant. */
#include "graph/binary.h"
#include "reference/node.h"

hf_status hf_reference_binary(const hf_reference_call *call, hf_error *err)
{
    const hf_node *node = call->node;
    const bool constant = node->op == HF_OP_BINARY_CONST;
    if (constant && !node->operand)
        return HF_FAIL(err, HF_EINVALID, "%s: no operand", node->name);
    const hf_tensor *other = constant ? NULL : &call->graph->tensors[node->inputs[1]];
    const int32_t shape[3] = {constant ? node->operand_shape[0] : other->height,
                              constant ? node->operand_shape[1] : other->width,
                              constant ? node->operand_shape[2] : other->channels};
    const int8_t *second = constant ? node->operand : call->inputs[1];
    const hf_quant first_quant = call->in->quant;
    const hf_quant second_quant = constant ? node->constant_quant : other->quant;
    hf_binary_rule rule;
    hf_status status =
        hf_binary_rule_init(node, node->reversed ? second_quant : first_quant,
                            node->reversed ? first_quant : second_quant, call->out->quant, &rule, err);
    if (status)
        return status;
    const hf_tensor *in = call->in;
    int64_t i = 0;
    for (int32_t y = 0; y < in->height; y++)
        for (int32_t x = 0; x < in->width; x++)
            for (int32_t c = 0; c < in->channels; c++, i++) {
                const int64_t row = shape[0] == 1 ? 0 : y;
                const int64_t column = shape[1] == 1 ? 0 : x;
                const int64_t channel = shape[2] == 1 ? 0 : c;
                const int8_t a = call->inputs[0][i];
                const int8_t b = second[(row * shape[1] + column) * shape[2] + channel];
                if (node->reversed)
                    call->output[i] = hf_binary_value(&rule, b, a);
                else
                    call->output[i] = hf_binary_value(&rule, a, b);
            }
    return HF_OK;
}
