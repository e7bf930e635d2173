/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SOURCE_SOURCE_H
#define HF_SOURCE_SOURCE_H

#include "families/families.h"
#include "graph/graph.h"

/**
 * @file source.h
 * Where a model comes from: a variation of a family, given by its name, or a .tflite file.
 */

#define HF_WEIGHTS_SEED_DEFAULT 1 /* unless a spec's weights.seed or an option says otherwise */

typedef struct hf_source {
    char name[HF_VARIATION_NAME_SIZE]; /**< of the graph, and for messages */
    const char *tflite_path;           /**< borrowed; NULL = a variation */
    hf_variation variation;            /**< when tflite_path is NULL */
    uint32_t weights_seed;             /**< of a variation, for hf_weights_generate() */
} hf_source;

/**
 * Reads what a person named: a path ending in .tflite, or a variation's name. Opens no file.
 * @param argument borrowed by *out
 * @param out with HF_WEIGHTS_SEED_DEFAULT; a file's model is named after the file
 * @return HF_OK; HF_EINVALID for a name that no family has
 */
hf_status hf_source_parse(const char *argument, hf_source *out, hf_error *err);

/**
 * Builds or reads the graph. A variation has no weights yet, which is enough for its analysis.
 * @param out hf_graph_free(); written on HF_OK only
 */
hf_status hf_source_build(const hf_source *source, hf_graph **out, hf_error *err);

/** The same with weights: a file's own, or generated from the seed. */
hf_status hf_source_load(const hf_source *source, hf_graph **out, hf_error *err);

#endif
