/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TRAIN_JOB_FILE_H
#define HF_TRAIN_JOB_FILE_H

#include <jansson.h>
#include <stdint.h>

#include "datasets/dataset.h"
#include "graph/graph.h"
#include "spec/spec.h"

/**
 * @file job_file.h
 * What hilfarm-train reads: the graph and the recipe as JSON, and samples as tensors (FORMAT.md).
 */

/** The graph as a JSON object; NULL without memory, or with *err set for an operator that cannot be trained. */
json_t *hf_training_graph_json(const hf_graph *graph, hf_error *err);
/** The recipe as a JSON object; NULL without memory. */
json_t *hf_training_recipe_json(const hf_spec_training *training);

/** Samples that were left out because they cannot be read. */
typedef struct hf_left_out {
    uint32_t count;
    char first[512]; /**< why the first cannot be read */
} hf_left_out;

/**
 * Writes the samples of a data set as input tensors. Those that cannot be read are left out.
 * @param path  replaced when the file is complete
 * @param input shape and quantisation
 * @param left_out written on HF_OK
 * @return HF_OK; HF_EINVALID if no sample can be read, or if the number of classes is not `classes`; HF_EUNSUPPORTED for samples with
 * several windows; HF_EIO; HF_ENOMEM
 */
hf_status hf_training_write_samples(const char *path, const hf_dataset *dataset, const hf_tensor *input,
                                    const hf_pixel_range *pixels, uint32_t classes, hf_left_out *left_out,
                                    hf_error *err);

#endif
