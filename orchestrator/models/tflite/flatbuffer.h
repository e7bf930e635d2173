/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TFLITE_FLATBUFFER_H
#define HF_TFLITE_FLATBUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * @file flatbuffer.h
 * Read access to a flatbuffer of unknown origin (layout: the FlatBuffers documentation, "FlatBuffer
 * Internals"). Every position is checked against the file before it is read. The first malformed one is noted
 * in the file and everything read from there on is empty or zero, so callers test `problem` once per object,
 * before they act on what they read.
 */
typedef struct hf_flat_file {
    const uint8_t *bytes;
    size_t size;         /**< at most 2^31 - 1 */
    const char *problem; /**< static text of the first malformed place, NULL while there is none */
    size_t problem_at;   /**< byte offset of it */
} hf_flat_file;

/** A table; the zero value is the absent table, all of whose fields are absent. */
typedef struct hf_flat_table {
    uint32_t at; /**< 0 = absent */
    uint32_t size;
    uint32_t vtable, vtable_size;
} hf_flat_table;

/** A vector; count 0 when absent. */
typedef struct hf_flat_vector {
    uint32_t at; /**< of the first element */
    uint32_t count;
    bool present;
} hf_flat_vector;

hf_flat_table hf_flat_root(hf_flat_file *file);
/** Whether the field is stored at all. */
bool hf_flat_has(hf_flat_file *file, hf_flat_table table, uint32_t field);
/* Scalars; `otherwise` is the schema's default for an absent field. */
uint8_t hf_flat_u8(hf_flat_file *file, hf_flat_table table, uint32_t field, uint8_t otherwise);
int32_t hf_flat_i32(hf_flat_file *file, hf_flat_table table, uint32_t field, int32_t otherwise);
uint64_t hf_flat_u64(hf_flat_file *file, hf_flat_table table, uint32_t field, uint64_t otherwise);
float hf_flat_f32(hf_flat_file *file, hf_flat_table table, uint32_t field, float otherwise);
hf_flat_table hf_flat_subtable(hf_flat_file *file, hf_flat_table table, uint32_t field);
/** A vector (or string) whose elements take element_bytes each; all of them lie inside the file. */
hf_flat_vector hf_flat_subvector(hf_flat_file *file, hf_flat_table table, uint32_t field,
                                 uint32_t element_bytes);
/* Elements; an index past the end is a problem of the file. */
hf_flat_table hf_flat_table_at(hf_flat_file *file, hf_flat_vector vector, uint32_t index);
int32_t hf_flat_i32_at(hf_flat_file *file, hf_flat_vector vector, uint32_t index);
int64_t hf_flat_i64_at(hf_flat_file *file, hf_flat_vector vector, uint32_t index);
float hf_flat_f32_at(hf_flat_file *file, hf_flat_vector vector, uint32_t index);

#endif
