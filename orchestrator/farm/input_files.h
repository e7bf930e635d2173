/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_INPUT_FILES_H
#define HF_FARM_INPUT_FILES_H

#include "graph/graph.h"
#include "npy/npy.h"
#include "spec/spec.h"

/**
 * @file input_files.h
 * Inputs of a model from files: raw values or .npy files, one file for all inputs of the model or one for each. A file may
 * hold several inputs, one after the other.
 */

/** The values of one of the model's inputs. */
typedef struct hf_input_values {
    hf_model_port port;
    const char *path; /**< borrowed */
    uint8_t *file;    /**< owned; NULL: those of the first */
    hf_npy array;     /**< of a .npy file; otherwise without values */
    const uint8_t *raw;
    size_t raw_stride; /**< from one inference to the next, bytes */
} hf_input_values;

typedef struct hf_input_files {
    hf_input_values *values; /**< owned, one for each input of the model */
    uint32_t value_count;
    uint64_t count; /**< inferences, at least 1 */
} hf_input_files;

/** Whether a file is read as a .npy file, by its name. */
bool hf_input_file_is_npy(const char *path);

/**
 * Reads the files.
 * @param input borrowed until hf_input_files_free()
 * @param out to be freed also after a failure
 * @return HF_EINVALID, HF_EFORMAT, HF_EUNSUPPORTED: a file does not fit the model, which the message explains; HF_EIO
 */
hf_status hf_input_files_read(const hf_graph *graph, const hf_spec_input *input, hf_input_files *out,
                              hf_error *err);
/**
 * Puts the inputs of an inference into an input tensor.
 * @param at from 0
 * @return HF_EINVALID if a value is not a number
 */
hf_status hf_input_files_get(const hf_input_files *files, uint64_t at, int8_t *tensor, hf_error *err);
void hf_input_files_free(hf_input_files *files);

#endif
