/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TFLITE_FLATBUFFER_H
#define HF_TFLITE_FLATBUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * @file flatbuffer.h
 * Reads an untrusted flatbuffer (layout: the FlatBuffers documentation, "FlatBuffer Internals"). Every
 * position is checked against the file before it is read. The first error is recorded in the file; all later
 * reads return zero or empty. Callers test `problem` once per object, before they use its values.
 */
typedef struct hf_flat_file {
    const uint8_t *bytes;
    size_t size;         /**< at most 2^31 - 1 */
    const char *problem; /**< static text of the first error, NULL if there is none */
    size_t problem_at;   /**< its byte offset */
} hf_flat_file;

/** A table. The zero value is an absent table: all its fields are absent. */
typedef struct hf_flat_table {
    uint32_t at; /**< 0 = absent */
    uint32_t size;
    uint32_t vtable, vtable_size;
} hf_flat_table;

/** A vector; count 0 if absent. */
typedef struct hf_flat_vector {
    uint32_t at; /**< of the first element */
    uint32_t count;
    bool present;
} hf_flat_vector;

hf_flat_table hf_flat_root(hf_flat_file *file);
/** Whether the table stores the field. */
bool hf_flat_has(hf_flat_file *file, hf_flat_table table, uint32_t field);
/* Scalars. @param default_value the value of an absent field in the schema */
uint8_t hf_flat_u8(hf_flat_file *file, hf_flat_table table, uint32_t field, uint8_t default_value);
int32_t hf_flat_i32(hf_flat_file *file, hf_flat_table table, uint32_t field, int32_t default_value);
uint64_t hf_flat_u64(hf_flat_file *file, hf_flat_table table, uint32_t field, uint64_t default_value);
float hf_flat_f32(hf_flat_file *file, hf_flat_table table, uint32_t field, float default_value);
hf_flat_table hf_flat_subtable(hf_flat_file *file, hf_flat_table table, uint32_t field);
/** A vector or string with elements of element_bytes each, all inside the file. */
hf_flat_vector hf_flat_subvector(hf_flat_file *file, hf_flat_table table, uint32_t field,
                                 uint32_t element_bytes);
/* Elements. An index past the end is an error of the file. */
hf_flat_table hf_flat_table_at(hf_flat_file *file, hf_flat_vector vector, uint32_t index);
int32_t hf_flat_i32_at(hf_flat_file *file, hf_flat_vector vector, uint32_t index);
int64_t hf_flat_i64_at(hf_flat_file *file, hf_flat_vector vector, uint32_t index);
float hf_flat_f32_at(hf_flat_file *file, hf_flat_vector vector, uint32_t index);

#endif
