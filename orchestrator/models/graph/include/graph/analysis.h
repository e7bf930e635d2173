/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_GRAPH_ANALYSIS_H
#define HF_GRAPH_ANALYSIS_H

#include "figures/figures.h"
#include "graph/graph.h"

/**
 * @file analysis.h
 * MACs, parameters and live activation memory of a graph, layer by layer. Needs no weights.
 * figures.h declares the figures that are stored and shown.
 */

/** The figures of a graph. */
typedef struct hf_analysis {
    HF_RESULT_FIGURES(HF_GRAPH_MEMBER)
    int64_t parameter_bytes;  /**< as deployed: weights + 4 x biases */
    int32_t peak_memory_node; /**< index of the first node with peak_memory_bytes */
    hf_layer *layers;         /**< owned, one per node; measured figures are unset */
    int32_t layer_count;
} hf_analysis;

/**
 * Analyses a finished graph.
 * @param out to be freed with hf_analysis_free()
 * Errors: HF_ENOMEM.
 */
hf_status hf_analyze(const hf_graph *graph, hf_analysis *out, hf_error *err);
void hf_analysis_free(hf_analysis *analysis);

#endif
