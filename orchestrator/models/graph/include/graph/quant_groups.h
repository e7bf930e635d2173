/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_GRAPH_QUANT_GROUPS_H
#define HF_GRAPH_QUANT_GROUPS_H

#include "graph/graph.h"

/**
 * @file quant_groups.h
 * Groups of tensors that must have the same quantisation, because the operators between
 * them (pools, slices, shuffles, concatenations, reshapes, pads) do not rescale values. The first tensor of a
 * group that is calibrated sets the quantisation of the group.
 */
typedef struct hf_quant_groups {
    int32_t *parents; /**< owned, per tensor: a union-find forest; a root is its own parent */
    hf_quant *chosen; /**< owned, per root; scale 0: not set */
} hf_quant_groups;

/**
 * Finds the groups of a graph.
 * @param groups to be freed with hf_quant_groups_free()
 * Errors: HF_ENOMEM.
 */
hf_status hf_quant_groups_init(hf_quant_groups *groups, const hf_graph *graph, hf_error *err);
void hf_quant_groups_free(hf_quant_groups *groups);
/** Whether two tensors are of one group. */
bool hf_quant_groups_same(const hf_quant_groups *groups, int32_t a, int32_t b);
/** The quantisation of a tensor's group, borrowed; NULL if not set. */
const hf_quant *hf_quant_groups_get(const hf_quant_groups *groups, int32_t tensor);
/** Sets the quantisation of a tensor's group, unless it is already set. */
void hf_quant_groups_set(hf_quant_groups *groups, int32_t tensor, hf_quant quant);

#endif
