/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_GRAPH_ELEMENTWISE_TABLES_H
#define HF_GRAPH_ELEMENTWISE_TABLES_H

#include "graph/graph.h"

/**
 * @file elementwise_tables.h
 * Tables of functions of one int8 value, as hf_elementwise_table() returns them.
 */

/* @param table receives 256 values. Errors: HF_EUNSUPPORTED for scales that TensorFlow Lite does not allow. */
hf_status hf_logistic_table(const hf_node *node, hf_quant in, hf_quant out, int8_t *table, hf_error *err);
hf_status hf_tanh_table(const hf_node *node, hf_quant in, hf_quant out, int8_t *table, hf_error *err);
/** The node's binary function with its constant as second operand. */
hf_status hf_scalar_table(const hf_node *node, hf_quant in, hf_quant out, int8_t *table, hf_error *err);

#endif
