/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SOURCE_SOURCE_H
#define HF_SOURCE_SOURCE_H

#include "families/families.h"
#include "graph/graph.h"

/**
 * @file source.h
 * Loads models: variations of families, given by name, and .tflite files.
 */

#define HF_WEIGHTS_SEED_DEFAULT 1 /**< unless a spec's weights.seed or an option sets another */

/** Where a model comes from. */
typedef struct hf_source {
    char name[HF_VARIATION_NAME_SIZE]; /**< of the graph, and for messages */
    const char *tflite_path;           /**< borrowed; NULL: a variation */
    hf_variation variation;            /**< if tflite_path is NULL */
    const char
        *weights_path; /**< borrowed; a .tflite file with the weights of a variation; NULL: from the seed */
    uint32_t weights_seed; /**< of a variation without a file: seed of hf_weights_generate() */
} hf_source;

/**
 * Parses a user's argument: a path that ends in .tflite, or a variation's name. Opens no file.
 * @param argument borrowed by *out
 * @param out its seed is HF_WEIGHTS_SEED_DEFAULT; the model of a file is named after the file
 * @return HF_OK; HF_EINVALID if it is neither
 */
hf_status hf_source_parse(const char *argument, hf_source *out, hf_error *err);

/** The .tflite file that the graph is read from, borrowed; NULL: a variation with generated weights. */
const char *hf_source_file(const hf_source *source);

/**
 * Builds or reads the graph. A variation without a file has no weights yet, which suffices for analysis. A file with a
 * variation's weights must have its inputs, outputs, multiply-accumulates and number of weights.
 * @param out owned by the caller; hf_graph_free(); written on HF_OK only
 * Errors: those of hf_variation_build() and hf_tflite_load(); HF_EINVALID for weights of another network.
 */
hf_status hf_source_build(const hf_source *source, hf_graph **out, hf_error *err);

/** The same with weights: those of the file, or generated from the seed. */
hf_status hf_source_load(const hf_source *source, hf_graph **out, hf_error *err);

#endif
