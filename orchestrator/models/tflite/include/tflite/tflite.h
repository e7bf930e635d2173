/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TFLITE_TFLITE_H
#define HF_TFLITE_TFLITE_H

#include <stdbool.h>

#include "graph/graph.h"

/**
 * @file tflite.h
 * Graphs from and to int8 TensorFlow Lite files.
 */

#define HF_TFLITE_MAX_BYTES (32u << 20)
/**
 * Reads an int8 TensorFlow Lite flatbuffer. Safe on any bytes: every offset is checked.
 * @param name for messages and the graph
 */
hf_status hf_tflite_read(const char *name, const uint8_t *bytes, size_t size, hf_graph **out, hf_error *err);

/** Whether a model that a person named is a file: its name ends in ".tflite". */
bool hf_tflite_is_path(const char *argument);
#define HF_TFLITE_NAME_SIZE 96
/** What a file's model is called: the file's name without its folder and ".tflite", cut to fit. */
void hf_tflite_name(const char *path, char name[HF_TFLITE_NAME_SIZE]);
/**
 * Reads a file as hf_tflite_read() does.
 * @param name for messages and the graph
 * @return also what reading a file can fail with; HF_ELIMIT if it is larger than HF_TFLITE_MAX_BYTES
 */
hf_status hf_tflite_load(const char *name, const char *path, hf_graph **out, hf_error *err);

/**
 * Writes a graph with weights and quantisation as an int8 TensorFlow Lite flatbuffer (schema version 3). Read
 * back, it computes the same outputs bit for bit; its nodes may be in another order where slices became one
 * SPLIT, and a vector that a convolution reads gains a RESHAPE.
 * @param bytes receives the file, the caller's to free()
 * Fails where TensorFlow Lite has no int8 form of a node (a concatenation of different quantisations) and
 * past HF_TFLITE_MAX_BYTES.
 */
hf_status hf_tflite_write(const hf_graph *graph, uint8_t **bytes, size_t *size, hf_error *err);

#endif
