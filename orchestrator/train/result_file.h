/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TRAIN_RESULT_FILE_H
#define HF_TRAIN_RESULT_FILE_H

#include "graph/graph.h"

/**
 * @file result_file.h
 * Reads what hilfarm-train writes (FORMAT.md).
 */

typedef struct hf_training_result {
    int64_t epochs;       /**< trained */
    double float_percent; /**< on the test set; negative: there is none */
} hf_training_result;

/**
 * Reads a result into a graph of the same network without weights.
 * @param key   of the training; another's result is refused
 * @param input quantisation of the input tensor
 * @return HF_OK; HF_EIO; HF_EFORMAT if the file does not fit the graph; HF_ENOMEM
 */
hf_status hf_training_result_read(const char *path, const char *key, hf_quant input, hf_graph *graph,
                                  hf_training_result *out, hf_error *err);

#endif
