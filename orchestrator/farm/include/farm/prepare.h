/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_PREPARE_H
#define HF_FARM_PREPARE_H

#include "models/compile.h"
#include "models/models.h"

/**
 * @file prepare.h
 * Everything that happens to a variation before a board is touched: build or read the graph, analyse it, give
 * it weights, work out with the reference interpreter what a board must answer, compile the image.
 */

typedef struct hf_prepare_request {
    const char *name;              /**< for messages; borrowed during the call */
    const hf_variation *variation; /**< a family's variation, or NULL for a file */
    const char *tflite_path;       /**< used when variation is NULL */
    uint32_t weight_seed;
    uint32_t input_seed;
    const char *input_path; /**< raw int8 input tensor; NULL = generated from input_seed */
} hf_prepare_request;

typedef struct hf_prepared {
    hf_graph *graph;
    hf_analysis analysis;
    hf_image image;
    char image_sha256[65];
    uint8_t *input; /**< input tensor as it will be staged, owned */
    size_t input_bytes;
    bool input_from_seed;
    uint32_t input_crc32;
    uint32_t output_crc32; /**< of the reference's output tensor */
    uint32_t *layer_crc32; /**< of the reference's tensor for every image operator, owned, image.op_count */
} hf_prepared;

/**
 * Prepares a variation. Failures are of class job, except out of memory.
 * @param out zeroed, then filled as far as it got even on failure (graph and analysis are worth reporting
 * when only compiling failed); always free it with hf_prepared_free()
 */
hf_status hf_prepare(const hf_prepare_request *request, hf_prepared *out, hf_error *err);
void hf_prepared_free(hf_prepared *prepared);

#endif
