/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SCORECARD_SCORECARD_H
#define HF_SCORECARD_SCORECARD_H

#include "chips/chips.h"
#include "compile/compile.h"
#include "graph/graph.h"
#include "report/rows.h"

/**
 * @file scorecard.h
 * What can be said of a model before any board is touched: counts, sizes, memory, an estimate of its latency,
 * and whether it can fit.
 */

#define HF_SCORECARD_MAX_CHIPS 4

typedef struct hf_scorecard_layer {
    char name[48];
    hf_op op;
    int32_t height, width, channels;                                  /**< of its output */
    int32_t kernel_height, kernel_width, stride_height, stride_width; /**< 0 where it has none */
    int64_t macs;
    int64_t params;                        /**< training graph */
    int64_t params_deployed;               /**< int8 weights and int32 biases, counted as values */
    int64_t parameter_bytes;               /**< int8 weights and 4 bytes a bias */
    int64_t alive_bytes;                   /**< activations alive while it runs (peak memory's definition) */
    double cycles[HF_SCORECARD_MAX_CHIPS]; /**< estimated, for the scorecard's chips in their order */
} hf_scorecard_layer;

/** How long an inference is estimated to take on a chip: a model of a model, never a measurement. */
typedef struct hf_scorecard_latency {
    const hf_chip *chip; /**< static */
    double cycles;
    double ns; /**< at the chip's clock */
} hf_scorecard_latency;

typedef struct hf_scorecard {
    char name[96];
    char family[32]; /**< "mobilenetv1"; "tflite" for a file */
    int64_t macs;
    int64_t params; /**< training graph, Keras convention */
    int64_t params_non_trainable;
    int64_t params_deployed;
    int64_t parameter_bytes;
    int64_t model_bytes;        /**< the image in flash */
    hf_range model_bytes_range; /**< in which it certainly is */
    bool model_bytes_exact;     /**< false: by geometry, without weights, see hf_image_forecast */
    int64_t peak_memory_bytes;  /**< the paper's definition */
    int32_t peak_memory_layer;  /**< index in layers: the first that reaches it */
    char peak_memory_name[48];
    int64_t arena_bytes;     /**< what the compiler really plans; after a quick look not less than that */
    int64_t arena_bytes_min; /**< not more than that; equal to arena_bytes: both are exact */
    hf_scorecard_latency latencies[HF_SCORECARD_MAX_CHIPS];
    uint32_t latency_count;
    hf_scorecard_layer *layers; /**< owned, layer_count; in execution order */
    int32_t layer_count;
} hf_scorecard;

/** How to make a scorecard. */
typedef struct hf_scorecard_options {
    const hf_chip *const *chips; /**< to estimate latencies for; at most HF_SCORECARD_MAX_CHIPS */
    uint32_t chip_count;
    /** The compiled image, so that the model's size is exact; NULL = by geometry. Borrowed during the call.
     */
    const hf_image *image;
    hf_compile_options compile; /**< without an image: what one would be compiled for */
    bool quick; /**< without an image: do not search for the best plan of the memory (hf_forecast()) */
} hf_scorecard_options;

/**
 * Scores a graph; it needs weights only as far as the caller wants to give an image of it.
 * @param family "tflite" for a file
 * @param out filled on HF_OK; hf_scorecard_free()
 */
hf_status hf_scorecard_make(const hf_graph *graph, const char *family, const hf_scorecard_options *options,
                            hf_scorecard *out, hf_error *err);
/** Frees what it owns and zeroes it; NULL allowed. */
void hf_scorecard_free(hf_scorecard *card);

/** Bytes of flash per parameter of the training graph, as the paper counts them; 0 without parameters. */
double hf_scorecard_bytes_per_param(const hf_scorecard *card);

/** Whether arena_bytes is what the compiler plans, not only a first look at it. */
bool hf_scorecard_arena_is_exact(const hf_scorecard *card);

/* ---- Limits ---- */

/** What the firmware takes on the chips that a model may be measured on; all 0 = not known. */
typedef struct hf_firmware_bounds {
    hf_firmware_footprint least, most;
} hf_firmware_bounds;

/** Widens the bounds by one more chip's firmware. */
void hf_firmware_bounds_add(hf_firmware_bounds *bounds, const hf_firmware_footprint *footprint);

/**
 * What a model needs on a board: arena, static data and stack; image and firmware; MACs.
 * @param arena_bytes, image_bytes ranges in which they are; the upper ends count for nothing while the
 * firmware is not known
 * @param firmware NULL or all 0 = not known
 */
hf_needs hf_needs_of(hf_range arena_bytes, hf_range image_bytes, int64_t macs,
                     const hf_firmware_bounds *firmware);

/** A figure against its limit. */
typedef struct hf_scorecard_check {
    int64_t value;      /**< what is certainly needed, as far as it is known */
    int64_t most;       /**< it is not more than this; INT64_MAX = not known */
    int64_t limit;      /**< 0 = none given */
    hf_verdict verdict; /**< NONE without a limit */
    double margin;      /**< share of the limit that is left; negative: over it; 0 without a limit */
    const char *name;   /**< "ram", "rom", "macs"; static */
    const char *title;  /**< "RAM", "ROM", "MACs"; static */
} hf_scorecard_check;

#define HF_SCORECARD_CHECKS 3

/** Holds a scorecard against limits, by the same rules as a run's result. @param firmware NULL = not known */
void hf_scorecard_check_limits(const hf_scorecard *card, const hf_limits *limits,
                               const hf_firmware_bounds *firmware,
                               hf_scorecard_check checks[HF_SCORECARD_CHECKS]);

/**
 * For hf_compile_options: how large an arena may grow without missing the RAM limit or leaving a chip's RAM,
 * static data and stack taken off.
 * @param chip, firmware NULL = not known
 * @param input_bytes of the input tensor: a chip keeps a second one beside the arena
 * @return bytes, at least 1; 0 = no limit
 */
uint32_t hf_arena_limit_bytes(const hf_limits *limits, const hf_chip *chip,
                              const hf_firmware_footprint *firmware, int64_t input_bytes);

#define HF_CANNOT_FIT_SIZE 256

/**
 * Whether a model certainly cannot be measured within the limits, or not on a chip at all, and why.
 * @param chip NULL = only the limits count
 * @param firmware of the chip; NULL or all 0 = not known
 * @param arena_bytes, image_bytes, macs of the model; 0 = not known, which excludes nothing
 * @param why receives all reasons as one line: "ROM: model and firmware take 301.2 KB, the limit is 250.0 KB"
 * @return true if it cannot fit
 */
bool hf_cannot_fit(const hf_limits *limits, const hf_chip *chip, const hf_firmware_footprint *firmware,
                   int64_t arena_bytes, int64_t image_bytes, int64_t macs, char why[HF_CANNOT_FIT_SIZE]);

#endif
