/* SPDX-License-Identifier: Apache-2.0 */
#include "scorecard/latency_estimate.h"

#include <string.h>

const char *hf_cost_class_name(hf_cost_class cost_class)
{
    static const char *const names[] = {
#define HF_COST_CLASS_NAME(name, text) [HF_COST_##name] = (text),
        HF_COST_CLASS_MAP(HF_COST_CLASS_NAME)
#undef HF_COST_CLASS_NAME
    };
    return (size_t)cost_class < HF_COST_CLASS_COUNT ? names[cost_class] : "free";
}

/* A chain of elementwise operators is one table in the image, which stands for the last of them. */
static bool is_folded(const hf_graph *graph, const hf_node *node)
{
    const hf_tensor *output = &graph->tensors[node->output];
    int32_t next = output->producer + 1;
    return output->last_consumer == next && next < graph->node_count && node->output != graph->output &&
           hf_op_has(graph->nodes[next].op, HF_NODE_ELEMENTWISE);
}

static hf_cost_class class_of(const hf_graph *graph, const hf_node *node)
{
    static const hf_cost_class classes[HF_OP_COUNT] = {
#define COST_CLASS(name, text, min_inputs, max_inputs, shape, calibration, reference, lowering, image, cost, \
                   traits)                                                                                   \
    HF_COST_##cost,
        HF_OP_MAP(COST_CLASS)
#undef COST_CLASS
    };
    if (node->op == HF_OP_CONV2D)
        return node->groups > 1                                      ? HF_COST_GROUPED
               : node->kernel_height == 1 && node->kernel_width == 1 ? HF_COST_POINTWISE
                                                                     : HF_COST_CONV;
    if (node->op == HF_OP_DEPTHWISE && (node->kernel_height > 3 || node->kernel_width > 3))
        return HF_COST_DEPTHWISE_LARGE;
    if (hf_op_has(node->op, HF_NODE_ELEMENTWISE) && is_folded(graph, node))
        return HF_COST_FREE;
    return classes[node->op];
}

hf_cost_class hf_cost_terms(const hf_graph *graph, const hf_node *node, double terms[HF_COST_TERMS])
{
    const hf_tensor *input = &graph->tensors[node->inputs[0]];
    const hf_tensor *output = &graph->tensors[node->output];
    const double positions = (double)output->height * output->width;
    const double outputs = positions * output->channels;
    const double area = (double)node->kernel_height * node->kernel_width;
    const int64_t weights = hf_node_weight_count(graph, node);
    for (int i = 0; i < HF_COST_TERMS; i++)
        terms[i] = 0;
    hf_cost_class cost_class = class_of(graph, node);
    if (cost_class == HF_COST_FREE)
        return cost_class;
    terms[HF_COST_FIXED] = 1;
    terms[HF_COST_OUTPUTS] = outputs;
    terms[HF_COST_ROWS] = (double)output->height * output->channels;
    switch (cost_class) {
    case HF_COST_POINTWISE:
    case HF_COST_CONV:
    case HF_COST_GROUPED:
        terms[HF_COST_WINDOWS] = positions * area * input->channels;
        break;
    case HF_COST_AVERAGE_POOL:
    case HF_COST_MAX_POOL:
        terms[HF_COST_WORK] = outputs * area;
        break;
    case HF_COST_MEAN:
        terms[HF_COST_WORK] = (double)hf_tensor_bytes(input);
        break;
    default:
        break;
    }
    if (weights > 0) {
        const int32_t groups = cost_class == HF_COST_GROUPED ? node->groups : 1;
        const int32_t left_over = output->channels / groups % 4 * groups;
        terms[HF_COST_WORK] = (double)hf_node_macs(graph, node);
        terms[HF_COST_LEFT_OVER] = terms[HF_COST_WORK] * left_over / output->channels;
        terms[HF_COST_PARAMETERS] = (double)weights;
    }
    return cost_class;
}

static const hf_cost_table *table_of(const hf_chip *chip)
{
    for (const hf_cost_table *table = hf_cost_tables; table->chip; table++)
        if (strcmp(table->chip, chip->name) == 0)
            return table;
    return NULL;
}

bool hf_cost_knows(const hf_chip *chip)
{
    return table_of(chip) != NULL;
}

double hf_cost_cycles(const hf_chip *chip, const hf_graph *graph, const hf_node *node)
{
    const hf_cost_table *table = table_of(chip);
    double terms[HF_COST_TERMS], cycles = 0;
    hf_cost_class cost_class = hf_cost_terms(graph, node, terms);
    if (!table || cost_class == HF_COST_FREE)
        return 0;
    for (int i = 0; i < HF_COST_TERMS; i++)
        cycles += table->cycles[cost_class][i] * terms[i];
    return cycles;
}
