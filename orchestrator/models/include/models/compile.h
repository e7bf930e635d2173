/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_MODELS_COMPILE_H
#define HF_MODELS_COMPILE_H

#include "models/graph.h"

/**
 * @file compile.h
 * From a graph with weights to the image the firmware executes (firmware/engine/FORMAT.md).
 */

/** Which graph node an image operator stands for: the one whose output tensor it leaves behind. */
typedef struct hf_image {
    uint8_t *bytes; /**< owned */
    size_t size;
    uint32_t crc32; /**< as the engine and the firmware report it */
    uint32_t arena_bytes;
    uint32_t input_bytes;
    uint32_t output_bytes;
    int32_t *op_nodes; /**< owned, op_count */
    uint32_t op_count;
} hf_image;

/** Compiles; the plan is checked by replaying it (no two live tensors overlap) before the image is handed
 * out. */
hf_status hf_compile(const hf_graph *graph, hf_image *out, hf_error *err);
void hf_image_free(hf_image *image);

/**
 * Arena bytes that hf_compile() would plan, without weights.
 */
hf_status hf_plan_arena_bytes(const hf_graph *graph, uint32_t *out, hf_error *err);

/** What hf_compile() would make of a graph, as far as that can be said without weights. */
typedef struct hf_image_forecast {
    uint32_t arena_bytes;     /**< what is planned; after a quick look not less than that */
    uint32_t arena_bytes_min; /**< not more than what is planned; equal to arena_bytes: both are exact */
    uint64_t image_bytes; /**< if all parameters can be stored compactly, as those of most networks can: no
                               image is smaller */
    uint64_t image_bytes_max; /**< if none can: no image is larger */
} hf_image_forecast;

/**
 * Geometry only: needs neither weights nor quantisation.
 * @param quick take a first plan of the memory instead of searching for the one that hf_compile() will find;
 * ten times as fast
 */
hf_status hf_forecast(const hf_graph *graph, bool quick, hf_image_forecast *out, hf_error *err);

#endif
