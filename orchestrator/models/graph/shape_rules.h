/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_GRAPH_SHAPE_RULES_H
#define HF_GRAPH_SHAPE_RULES_H

#include "graph/graph.h"

/**
 * @file shape_rules.h
 * The rules for shapes that operators.h names.
 */

/** A node whose output shape is inferred. */
typedef struct hf_shape_case {
    const hf_graph *graph;
    const hf_node *node;
    const hf_tensor *in;  /**< its first input */
    int32_t out_channels; /**< conv, dense and part only */
} hf_shape_case;

/* Each receives an output with the first input's shape and changes it. Errors: HF_EINVALID. */
#define HF_SHAPE_RULE(name, text, min_inputs, max_inputs, shape, ...)                                        \
    hf_status hf_shape_##shape(const hf_shape_case *c, hf_tensor *out, hf_error *err);
HF_OP_MAP(HF_SHAPE_RULE)
#undef HF_SHAPE_RULE

#endif
