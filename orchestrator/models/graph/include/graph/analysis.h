/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_GRAPH_ANALYSIS_H
#define HF_GRAPH_ANALYSIS_H

#include "graph/graph.h"

/**
 * @file analysis.h
 * MACs, parameters and live activation memory of a graph, layer by layer. Needs no weights.
 */

typedef struct hf_layer_analysis {
    int64_t macs;
    int64_t params;          /**< training graph, Keras convention */
    int64_t params_deployed; /**< int8 weights + int32 biases, counted as values */
    int64_t parameter_bytes; /**< deployed: weights + 4 x biases */
    int64_t alive_bytes;     /**< activation bytes alive while it runs (the paper's definition) */
} hf_layer_analysis;

typedef struct hf_analysis {
    int64_t macs;
    int64_t params;
    int64_t params_non_trainable;
    int64_t params_deployed;
    int64_t parameter_bytes;
    int64_t peak_memory_bytes;
    int32_t peak_memory_node;
    hf_layer_analysis *layers; /**< owned, one per node */
    int32_t layer_count;
} hf_analysis;

hf_status hf_analyze(const hf_graph *graph, hf_analysis *out, hf_error *err);
void hf_analysis_free(hf_analysis *analysis);

#endif
