/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_GRAPH_QUANT_GROUPS_H
#define HF_GRAPH_QUANT_GROUPS_H

#include "graph/graph.h"

/**
 * @file quant_groups.h
 * Tensors that must share one quantisation, because operators between them move values without rescaling them
 * (pools, slices, shuffles, concatenations, reshapes, pads). The first tensor of a group to be calibrated
 * decides for all; later ones fit themselves to it.
 */
typedef struct hf_quant_groups {
    int32_t *parents; /**< owned, per tensor: another tensor of its group, or itself */
    hf_quant *chosen; /**< owned, per tensor that is its own parent; scale 0 = not yet */
} hf_quant_groups;

hf_status hf_quant_groups_init(hf_quant_groups *groups, const hf_graph *graph, hf_error *err);
void hf_quant_groups_free(hf_quant_groups *groups);
/** The quantisation of a tensor's group, NULL if not decided yet. */
const hf_quant *hf_quant_groups_get(const hf_quant_groups *groups, int32_t tensor);
/** Decides for a tensor's group, unless that is decided. */
void hf_quant_groups_set(hf_quant_groups *groups, int32_t tensor, hf_quant quant);

#endif
