/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SCORECARD_SCORECARD_H
#define HF_SCORECARD_SCORECARD_H

#include "chips/chips.h"
#include "compile/compile.h"
#include "graph/graph.h"
#include "report/limit_verdicts.h"
#include "report/rows.h"

/**
 * @file scorecard.h
 * The figures of a model that are known before any board runs: counts, sizes, memory and an estimate of its latency.
 */

#define HF_SCORECARD_MAX_CHIPS 4

typedef struct hf_scorecard_layer {
    hf_layer figures; /**< by analysis */
    hf_op op;
    int32_t kernel_height, kernel_width, stride_height, stride_width; /**< 0 where it has none */
    double cycles[HF_SCORECARD_MAX_CHIPS]; /**< estimated, for the scorecard's chips in their order */
} hf_scorecard_layer;

/** Estimated latency on a chip: a model of a model, never a measurement. */
typedef struct hf_scorecard_latency {
    const hf_chip *chip; /**< static */
    double cycles;
    double ns; /**< at the chip's clock */
    double
        error_percent; /**< 95 of 100 models outside the fit were estimated this well or better (LATENCY.md) */
} hf_scorecard_latency;

typedef struct hf_scorecard {
    char name[96];
    char family[32]; /**< "mobilenetv1"; "tflite" for a file */
    bool has_accuracy;
    double accuracy_percent; /**< as given in a spec; has_accuracy only */
    int64_t macs;
    int64_t params; /**< training graph, Keras convention */
    int64_t params_non_trainable;
    int64_t params_deployed;
    int64_t parameter_bytes;
    int64_t model_bytes;        /**< the image in flash */
    hf_range model_bytes_range; /**< in which it certainly lies */
    bool model_bytes_exact;     /**< false: computed from shapes, without weights, see hf_image_forecast */
    int64_t peak_memory_bytes;  /**< the paper's definition */
    int32_t peak_memory_layer;  /**< index in layers: the first that reaches it */
    char peak_memory_name[48];
    int64_t arena_bytes;     /**< the compiler's plan; of a quick plan an upper bound */
    int64_t arena_bytes_min; /**< lower bound; equal to arena_bytes if exact */
    hf_scorecard_latency latencies[HF_SCORECARD_MAX_CHIPS];
    uint32_t latency_count;
    char *arena_map;            /**< owned; hf_image_arena_map() of the compiled image, NULL without one */
    hf_scorecard_layer *layers; /**< owned, layer_count; in execution order */
    int32_t layer_count;
} hf_scorecard;

/** Options of a scorecard. */
typedef struct hf_scorecard_options {
    const hf_chip *const *chips; /**< chips to estimate latencies for; at most HF_SCORECARD_MAX_CHIPS */
    uint32_t chip_count;
    /** The compiled image, which makes the model's size exact; NULL = compute it from shapes. Borrowed. */
    const hf_image *image;
    hf_compile_options compile; /**< without an image: the options it would be compiled with */
    bool quick; /**< without an image: do not search for the best memory plan (hf_forecast()) */
} hf_scorecard_options;

/**
 * Scores a graph. It needs weights only if the caller passes an image of it.
 * @param family "tflite" for a file
 * @param out filled on HF_OK; hf_scorecard_free()
 */
hf_status hf_scorecard_make(const hf_graph *graph, const char *family, const hf_scorecard_options *options,
                            hf_scorecard *out, hf_error *err);
/** Frees what it owns and zeroes it; NULL allowed. */
void hf_scorecard_free(hf_scorecard *card);

/** Bytes of flash per parameter of the training graph, as the paper counts them; 0 without parameters. */
double hf_scorecard_bytes_per_param(const hf_scorecard *card);

/** Whether arena_bytes is the compiler's plan and not only a bound. */
bool hf_scorecard_arena_is_exact(const hf_scorecard *card);

#endif
