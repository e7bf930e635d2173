/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_CONVERTER_CASE_H
#define HF_TEST_CONVERTER_CASE_H

#include "converter_model.h"
#include "graph/graph.h"

/**
 * @file converter_case.h
 * What tests do with the files of converter_model.h.
 */

/** Reads a file; fails the test if it is refused. @return hf_graph_free() */
hf_graph *must_read(const converter_model *m);
/** Fails the test unless the file is refused with a message that contains `words`. */
void must_reject(const converter_model *m, const char *words);
/** The output of a graph for the input 0, 1, 2, ..., which has at most 256 bytes. @param size of the output */
void run(const hf_graph *graph, int8_t *output, size_t size);

#define INTS(m, ...)                                                                                         \
    model_add_ints((m), sizeof((int32_t[]){__VA_ARGS__}) / sizeof(int32_t), (int32_t[]){__VA_ARGS__})

#endif
