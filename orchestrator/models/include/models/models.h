/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_MODELS_MODELS_H
#define HF_MODELS_MODELS_H

#include "models/graph.h"

/**
 * @file models.h
 * Where graphs come from (families by name, .tflite files, seeded weights), what is known about them without
 * a board (analysis), and the reference interpreter that says what a board must compute.
 */

/* ---- Families and names: <family>_<alpha>_<resolution>_c<channels>_o<classes>[_<variation>] ---- */

/** Scaling factors; a factor that the name leaves out has its `set` bit clear and its default value. */
typedef enum hf_factor {
    HF_FACTOR_ALPHA,      /**< width multiplier */
    HF_FACTOR_RESOLUTION, /**< input height and width */
    HF_FACTOR_CHANNELS,   /**< input channels, 1 or 3 */
    HF_FACTOR_CLASSES,
    HF_FACTOR_L,
    HF_FACTOR_LL,
    HF_FACTOR_PL,
    HF_FACTOR_B,
    HF_FACTOR_T,
    HF_FACTOR_SE,
    HF_FACTOR_G,
    HF_FACTOR_F,
    HF_FACTOR_COUNT
} hf_factor;

/** The factor's code in names and specs: "alpha", "resolution", "channels", "classes", "l", "ll", ... */
const char *hf_factor_name(hf_factor factor);

/** Classifier heads, in names a trailing ".GAP", ".MV1" or ".MV3" where it is not the family's own. */
typedef enum hf_head {
    HF_HEAD_DEFAULT, /**< the family's own; never written in a name */
    HF_HEAD_GAP,     /**< conv 1x1 +bias to the classes, whose maps are averaged; softmax */
    HF_HEAD_MV1,     /**< global average pool, dense +bias, softmax */
    HF_HEAD_MV3,     /**< global average pool, conv 1x1 to `l`, conv 1x1 to the classes, no biases; softmax */
    HF_HEAD_COUNT
} hf_head;

/** The head's code in names: "GAP", "MV1", "MV3"; "" for the default. */
const char *hf_head_name(hf_head head);

typedef struct hf_variation {
    const char *family; /**< static string, the family's name */
    double factors[HF_FACTOR_COUNT];
    uint32_t set; /**< bit per factor given explicitly; the first four always are */
    hf_head head;
} hf_variation;

/** What a factor of a family may be. */
typedef struct hf_factor_range {
    double min, max;
    hf_factor factor;
    bool integer;
    bool optional;        /**< may be left out of a name */
    const double *values; /**< the only values there are, ascending, from min to max; NULL = any in between */
    uint32_t value_count;
} hf_factor_range;

typedef struct hf_family {
    const char *name;
    const hf_factor_range *ranges;
    uint32_t range_count;
    /** Fills in defaults of optional factors that are not set, then builds the graph (no weights). */
    hf_status (*build)(const hf_variation *variation, hf_graph **out, hf_error *err);
    hf_head own_head;
    uint32_t heads; /**< bit per hf_head that it can have, its own among them */
} hf_family;

const hf_family *hf_family_find(const char *name);
/** @return the i-th family, NULL past the last */
const hf_family *hf_family_at(uint32_t index);

#define HF_VARIATION_NAME_SIZE 96
/** Parses a name in the paper's convention; errors say which part is wrong and what was expected. */
hf_status hf_variation_parse(const char *name, hf_variation *out, hf_error *err);
/** The canonical name. @param name HF_VARIATION_NAME_SIZE bytes */
hf_status hf_variation_name(const hf_variation *variation, char *name, hf_error *err);
/** Checks every factor against the family's ranges, and the head. */
hf_status hf_variation_check(const hf_variation *variation, hf_error *err);
hf_status hf_variation_build(const hf_variation *variation, hf_graph **out, hf_error *err);

/* ---- Analysis: needs no weights ---- */

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

/* ---- Weights ---- */

/**
 * The generator of firmware/proto/SPEC.md: fills `bytes` from the seed, byte = state >> 24 after each step.
 */
void hf_input_generate(uint32_t seed, int8_t *bytes, size_t size);

/**
 * Fills a graph from a family with deterministic int8 weights, biases and quantisation, scaled layer by layer
 * on seeded inputs so that activations stay alive (no layer with more than 90 % of its outputs saturated or
 * equal; a softmax over more than 500 classes excepted, whose output steps are 1/256). Same graph and seed,
 * same bytes on any host.
 */
hf_status hf_weights_generate(hf_graph *graph, uint32_t seed, hf_error *err);

/* ---- .tflite files ---- */

#define HF_TFLITE_MAX_BYTES (32u << 20)
/**
 * Reads an int8 TensorFlow Lite flatbuffer. Safe on any bytes: every offset is checked.
 * @param name for messages and the graph
 */
hf_status hf_tflite_read(const char *name, const uint8_t *bytes, size_t size, hf_graph **out, hf_error *err);
/**
 * Writes a graph with weights and quantisation as an int8 TensorFlow Lite flatbuffer (schema version 3). Read
 * back, it computes the same outputs bit for bit; its nodes may be in another order where slices became one
 * SPLIT, and a vector that a convolution reads gains a RESHAPE.
 * @param bytes receives the file, the caller's to free()
 * Fails where TensorFlow Lite has no int8 form of a node (a concatenation of different quantisations) and
 * past HF_TFLITE_MAX_BYTES.
 */
hf_status hf_tflite_write(const hf_graph *graph, uint8_t **bytes, size_t *size, hf_error *err);

/* ---- Reference interpreter: plain TensorFlow Lite int8 semantics, one tensor at a time ---- */

typedef struct hf_reference {
    int8_t **outputs; /**< one per node, owned: that node's whole output tensor */
    int32_t node_count;
} hf_reference;

/**
 * Runs one inference on a graph with weights.
 * @param input hf_tensor_bytes() of the input tensor
 */
hf_status hf_reference_run(const hf_graph *graph, const int8_t *input, hf_reference *out, hf_error *err);
void hf_reference_free(hf_reference *reference);

#endif
