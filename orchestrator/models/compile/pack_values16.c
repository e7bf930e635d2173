/* SPDX-License-Identifier: Apache-2.0 */
/* Operators of 16-bit values, and arg_max. */
#include <string.h>

#include "graph/quantize.h"
#include "graph/values16.h"
#include "pack.h"

_Static_assert((int)HF_FUNCTION16_KIND_RESCALE == (int)HF_FUNCTION16_RESCALE &&
                   (int)HF_FUNCTION16_KIND_LEAKY_RELU == (int)HF_FUNCTION16_LEAKY_RELU &&
                   (int)HF_FUNCTION16_KIND_LOGISTIC == (int)HF_FUNCTION16_LOGISTIC &&
                   (int)HF_FUNCTION16_KIND_TANH == (int)HF_FUNCTION16_TANH,
               "functions of an image");

static hf_status check_range(const hf_node *node, int32_t min, int32_t max, hf_error *err)
{
    if (min <= max)
        return HF_OK;
    return HF_FAIL(err, HF_EINVALID, "%s: activation range %d .. %d is empty", node->name, min, max);
}

static hf_status pack_pair(const hf_graph *graph, const hf_node *node, hf_quant second, uint8_t *to,
                           hf_error *err)
{
    const hf_quant first = graph->tensors[node->inputs[0]].quant;
    hf_binary16_rule rule = {0};
    hf_status status =
        hf_binary16_rule_init(node, node->reversed ? second : first, node->reversed ? first : second,
                              graph->tensors[node->output].quant, &rule, err);
    if (status || (status = check_range(node, rule.min, rule.max, err)))
        return status;
    const hf_binary16_data data = {.multiplier = {rule.multiplier[0], rule.multiplier[1], rule.multiplier[2]},
                                   .shift = {rule.shift[0], rule.shift[1], rule.shift[2]},
                                   .min = rule.min,
                                   .max = rule.max,
                                   .function = (uint8_t)node->function,
                                   .reversed = node->reversed,
                                   .left_shift = (uint8_t)rule.left_shift};
    memcpy(to, &data, sizeof data);
    return HF_OK;
}

hf_status hf_pack_binary16(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    const hf_node *node = &graph->nodes[op->node];
    return pack_pair(graph, node, graph->tensors[node->inputs[1]].quant, to, err);
}

hf_status hf_pack_operand16(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    const hf_node *node = &graph->nodes[op->node];
    const int32_t *shape = node->operand_shape;
    if (!node->operand)
        return HF_FAIL(err, HF_EINVALID, "%s: its constant is missing", node->name);
    hf_status status = pack_pair(graph, node, node->constant_quant, to, err);
    if (!status)
        memcpy(to + sizeof(hf_binary16_data), node->operand,
               (size_t)shape[0] * (size_t)shape[1] * (size_t)shape[2]);
    return status;
}

hf_status hf_pack_function16(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    const hf_node *node = &graph->nodes[op->node];
    hf_function16_rule rule = {0};
    hf_status status = hf_function16_rule_init(graph, node, &rule, err);
    if (status || (status = check_range(node, rule.min, rule.max, err)))
        return status;
    const hf_function16_data data = {.multiplier = {rule.multiplier[0], rule.multiplier[1]},
                                     .shift = {rule.shift[0], rule.shift[1]},
                                     .min = rule.min,
                                     .max = rule.max,
                                     .function = (uint8_t)node->function16};
    memcpy(to, &data, sizeof data);
    return HF_OK;
}

hf_status hf_pack_pool16(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    const hf_node *node = &graph->nodes[op->node];
    const bool bytes = node->in_bytes == 1;
    hf_pool16_data data = {.kind = bytes                                     ? HF_POOL16_AVERAGE_OF_BYTES
                                   : node->reduction == HF_REDUCTION_MAXIMUM ? HF_POOL16_LARGEST
                                                                             : HF_POOL16_AVERAGE};
    hf_activation_range16(node->activation, graph->tensors[node->output].quant, bytes ? 1 : 2, &data.min,
                          &data.max);
    hf_status status = check_range(node, data.min, data.max, err);
    if (!status)
        memcpy(to, &data, sizeof data);
    return status;
}

hf_status hf_pack_softmax16(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    hf_softmax16_rule rule;
    hf_status status = hf_softmax16_rule_init(graph, &graph->nodes[op->node], &rule, err);
    if (status)
        return status;
    hf_softmax16_data data = {.multiplier = rule.multiplier, .shift = rule.shift};
    memcpy(data.exponential, rule.exponential, sizeof data.exponential);
    memcpy(data.reciprocal, rule.reciprocal, sizeof data.reciprocal);
    memcpy(to, &data, sizeof data);
    return HF_OK;
}

hf_status hf_pack_reduce16(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    return hf_pack_reduce(graph, op, to, err);
}

hf_status hf_pack_arg(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    const hf_arg_data data = {.smallest = graph->nodes[op->node].smallest};
    (void)err;
    memcpy(to, &data, sizeof data);
    return HF_OK;
}
