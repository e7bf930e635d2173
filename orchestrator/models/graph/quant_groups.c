/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/quant_groups.h"

#include <stdlib.h>

/* The root of a tensor's group. */
static int32_t find(const hf_quant_groups *groups, int32_t tensor)
{
    while (groups->parents[tensor] != tensor)
        tensor = groups->parents[tensor];
    return tensor;
}

hf_status hf_quant_groups_init(hf_quant_groups *groups, const hf_graph *graph, hf_error *err)
{
    hf_quant_groups found = {.parents = calloc((size_t)graph->tensor_count, sizeof *found.parents),
                             .chosen = calloc((size_t)graph->tensor_count, sizeof *found.chosen)};
    if (!found.parents || !found.chosen) {
        hf_quant_groups_free(&found);
        return HF_FAIL(err, HF_ENOMEM, "%s: no memory for calibration", graph->name);
    }
    for (int32_t t = 0; t < graph->tensor_count; t++)
        found.parents[t] = t;
    for (int32_t n = 0; n < graph->node_count; n++) {
        const hf_node *node = &graph->nodes[n];
        for (int32_t i = 0; i < node->input_count && hf_op_has(node->op, HF_NODE_SAME_QUANT); i++)
            found.parents[find(&found, node->inputs[i])] = find(&found, node->output);
    }
    *groups = found;
    return HF_OK;
}

void hf_quant_groups_free(hf_quant_groups *groups)
{
    if (!groups)
        return;
    free(groups->parents);
    free(groups->chosen);
    *groups = (hf_quant_groups){0};
}

bool hf_quant_groups_same(const hf_quant_groups *groups, int32_t a, int32_t b)
{
    return find(groups, a) == find(groups, b);
}

const hf_quant *hf_quant_groups_get(const hf_quant_groups *groups, int32_t tensor)
{
    const hf_quant *quant = &groups->chosen[find(groups, tensor)];
    return quant->scale > 0 ? quant : NULL;
}

void hf_quant_groups_set(hf_quant_groups *groups, int32_t tensor, hf_quant quant)
{
    if (!hf_quant_groups_get(groups, tensor))
        groups->chosen[find(groups, tensor)] = quant;
}
