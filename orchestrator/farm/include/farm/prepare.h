/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_PREPARE_H
#define HF_FARM_PREPARE_H

#include "board/board.h"
#include "chips/chips.h"
#include "compile/compile.h"
#include "farm/prepare_cache.h"
#include "graph/analysis.h"
#include "graph/graph.h"
#include "report/rows.h"
#include "source/source.h"
#include "spec/farm_file.h"
#include "spec/spec.h"

/**
 * @file prepare.h
 * Everything that happens to a variation before a board is used: build or read the graph, analyse it, generate
 * weights, compile the image, compute the expected outputs with the reference interpreter.
 */

typedef struct hf_prepare_request {
    hf_source source;
    uint32_t input_seed;   /**< of the only input, if there are neither `seeds` nor `inputs` */
    const uint32_t *seeds; /**< an input, or a sequence, from each */
    uint32_t seed_count;
    const hf_spec_input *inputs; /**< files with inputs; then there are no seeds */
    uint32_t input_count;
    uint32_t steps;              /**< length of a sequence from a seed, of models with states; 0 = 1 */
    const char *data_path;       /**< labelled data set to score the model with; NULL = none */
    const char *pixels;          /**< real values of its pixels, as in a spec; NULL = the default */
    hf_limits limits;            /**< preparation stops if they cannot be met */
    const hf_chip *const *chips; /**< to measure on; none = only the limits count */
    const hf_firmware_footprint *firmwares; /**< of the chips, in their order; NULL = unknown */
    uint32_t chip_count;
    hf_objective objective;  /**< what the image is compiled for, within limits and chips */
    hf_prepare_cache *cache; /**< where variations are kept and found; NULL = nowhere */
} hf_prepare_request;

/** What is expensive to compute is also kept in the cache: prepare_entry.h lists it. */
typedef struct hf_prepared {
    hf_graph *graph; /**< without weights if the variation comes from the cache; NULL once shrunk */
    hf_analysis analysis;
    uint64_t image_bytes;     /**< of the image; while there is none, a lower bound */
    uint64_t image_bytes_min; /**< the lower bound */
    hf_image image;
    uint8_t *input; /**< input tensor of the first inference, as sent to the board; owned */
    size_t input_bytes;
    hf_attempt_step *further; /**< the inferences after the first, with what is expected of them; owned */
    /** Their input tensors; owned. Those that continue a sequence have no states here. */
    uint8_t *further_inputs;
    hf_model_port *ports;     /**< of the model, without initial states; owned. They outlive the graph */
    hf_attempt_state *states; /**< of the model; owned */
    /** Expected output of each image operator in the first inference; owned, image.op_count. */
    uint32_t *layer_crc32;
    double accuracy_percent, accuracy_low_percent, accuracy_high_percent; /**< when has_accuracy */
    const char *accuracy_of; /**< "top-1" or "AUC"; static string */
    /** Of each layer, for one chip of the request after the other; owned, NULL = none. */
    int64_t *estimated_cycles;
    const hf_chip *const *estimated_chips; /**< borrowed from the request */
    uint32_t estimated_chip_count;
    uint32_t further_count;
    uint32_t port_count;
    uint32_t state_count;
    uint32_t input_seed;   /**< with input_from_seed */
    uint32_t inputs_bytes; /**< the part of an input tensor before the states */
    uint32_t arena_bytes;  /**< as planned; known before the image */
    uint32_t input_crc32;
    uint32_t output_crc32; /**< of the reference's output tensor of the first inference */
    bool pruned; /**< cannot fit any of the chips (see scorecard.h): no image, no expected outputs */
    bool input_from_seed;
    bool has_accuracy; /**< on the request's data set: top-1, or the AUC of an autoencoder */
    bool from_cache;   /**< it was prepared before */
    bool image_mapped; /**< image.bytes is a mapping of a file, not to be written */
    char image_sha256[65];
} hf_prepared;

/**
 * The firmware sizes of the chips of a selection, from the images in `firmware_dir`; all 0 where an image
 * cannot be read.
 * @param out selection->chip_count of them, the caller's to free()
 */
hf_status hf_prepare_measure_firmwares(const hf_selection *selection, const char *firmware_dir,
                                       hf_firmware_footprint **out, hf_error *err);

/** What a spec's models are compiled for. */
hf_objective hf_prepare_objective(const hf_spec *spec);

/** The request for a variation of a spec; everything in it is borrowed. @param firmwares NULL = not known */
hf_prepare_request hf_prepare_request_make(const hf_spec *spec, const hf_spec_variation *variation,
                                           const hf_selection *selection,
                                           const hf_firmware_footprint *firmwares);

/**
 * The first part of hf_prepare(): graph and analysis, enough to decide whether it can fit (`pruned`). Quick.
 * @param out as for hf_prepare(), without image and expected outputs
 */
hf_status hf_prepare_analysis(const hf_prepare_request *request, hf_prepared *out, hf_error *err);

/**
 * Prepares a variation. Failures are of class job, except out of memory. A variation that cannot fit is not a
 * failure: it is `pruned`.
 * @param out filled as far as possible even on failure: graph and analysis are reported if only compiling
 * failed; always free it with hf_prepared_free()
 */
hf_status hf_prepare(const hf_prepare_request *request, hf_prepared *out, hf_error *err);
/** Whether the variation is in the cache. hf_prepare() may still reject it: if it is damaged, or was kept without an image
 * because of limits that have changed. */
bool hf_prepare_is_cached(const hf_prepare_request *request);
/** Only the SHA-256 of the image that hf_prepare() would make. */
hf_status hf_prepare_digest(const hf_prepare_request *request, char image_sha256[65], hf_error *err);
/** Estimates the cycles of each layer on the request's chips; needs the graph. Without memory there are no estimates. */
void hf_prepare_estimate(const hf_prepare_request *request, hf_prepared *out);

/** Drops what boards and results do not need: the graph, and an input that boards generate from its seed. */
void hf_prepared_shrink(hf_prepared *prepared);
void hf_prepared_free(hf_prepared *prepared);

#endif
