/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "graph/elementwise.h"
#include "pack.h"

/* From signed order (the output for q at index q + 128) to the image's (at index (uint8_t)q). */
static void write_table(const int8_t table[256], uint8_t *to)
{
    for (uint32_t i = 0; i < 256; i++)
        to[i ^ 128U] = (uint8_t)table[i];
}

/* An input of a concatenation whose quantisation differs from the output's. */
static hf_status pack_part(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    const hf_node *node = &graph->nodes[op->node];
    hf_node plain = *node;
    plain.activation = HF_ACTIVATION_NONE;
    int8_t table[256];
    hf_status status = hf_rescale_table(&plain, graph->tensors[node->inputs[op->part]].quant,
                                        graph->tensors[node->output].quant, table, err);
    if (!status)
        write_table(table, to);
    return status;
}

/* Composes the tables of the fused nodes, from the last node back to the first. */
static hf_status pack_fused(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    int8_t table[256];
    int32_t n = op->node;
    hf_status status = hf_elementwise_table(graph, &graph->nodes[n], table, err);
    for (int32_t i = 1; i < op->fused_nodes && !status; i++) {
        int8_t first[256];
        int8_t both[256];
        n = graph->tensors[graph->nodes[n].inputs[0]].producer;
        status = hf_elementwise_table(graph, &graph->nodes[n], first, err);
        for (int32_t q = 0; q < 256 && !status; q++)
            both[q] = table[first[q] - INT8_MIN];
        if (!status)
            memcpy(table, both, sizeof table);
    }
    if (!status)
        write_table(table, to);
    return status;
}

hf_status hf_pack_table(const hf_graph *graph, const hf_lowered_op *op, uint8_t *to, hf_error *err)
{
    return op->part >= 0 ? pack_part(graph, op, to, err) : pack_fused(graph, op, to, err);
}
