/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TFLITE_TFLITE_H
#define HF_TFLITE_TFLITE_H

#include <stdbool.h>

#include "graph/graph.h"

/**
 * @file tflite.h
 * Reading and writing int8 TensorFlow Lite files.
 */

#define HF_TFLITE_MAX_BYTES (32u << 20)
/**
 * Reads an int8 TensorFlow Lite flatbuffer. Safe on any input: every offset is checked.
 * @param name of the graph, also for messages
 * @param out receives the graph, to be freed with hf_graph_free()
 * @return HF_EFORMAT if the file is malformed, HF_EUNSUPPORTED if it contains anything that the graph cannot
 * represent, HF_ELIMIT past a size limit, HF_ENOMEM
 */
hf_status hf_tflite_read(const char *name, const uint8_t *bytes, size_t size, hf_graph **out, hf_error *err);

/** Whether a model given by the user is a file: it ends in ".tflite". */
bool hf_tflite_is_path(const char *argument);
#define HF_TFLITE_NAME_SIZE 96
/** The name of the model in a file: the file name without folder and ".tflite", truncated to fit. */
void hf_tflite_name(const char *path, char name[HF_TFLITE_NAME_SIZE]);
/**
 * Reads a file; see hf_tflite_read().
 * @return also the errors of hf_file_read(); HF_ELIMIT if the file is larger than HF_TFLITE_MAX_BYTES
 */
hf_status hf_tflite_load(const char *name, const char *path, hf_graph **out, hf_error *err);

/**
 * Writes a graph with weights and quantisation as an int8 TensorFlow Lite flatbuffer (schema version 3). The
 * graph that is read back computes bit-identical outputs. Its nodes may be in a different order (several
 * slices are written as one SPLIT), and a convolution of a vector reads it through a RESHAPE.
 * @param bytes receives the file, to be freed with free()
 * @return HF_EUNSUPPORTED for an LSTM, for states, and if TensorFlow Lite has no int8 equivalent of a node (a
 * concatenation of different quantisations), HF_ELIMIT past HF_TFLITE_MAX_BYTES or HF_GRAPH_MAX_NODES, HF_EINVALID if the graph has no
 * weights or quantisation, HF_ENOMEM
 */
hf_status hf_tflite_write(const hf_graph *graph, uint8_t **bytes, size_t *size, hf_error *err);

#endif
