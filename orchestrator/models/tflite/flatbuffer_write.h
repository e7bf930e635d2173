/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TFLITE_FLATBUFFER_WRITE_H
#define HF_TFLITE_FLATBUFFER_WRITE_H

#include <stdint.h>

#include "base/buffer.h"

/**
 * @file flatbuffer_write.h
 * Writes a flatbuffer front to back (layout: the FlatBuffers documentation, "FlatBuffer Internals"). Objects
 * are appended with zero offsets; hf_flat_link() sets an offset once its target has been appended. Positions
 * are byte offsets from the start. Errors are kept in the buffer: test `bytes.failed` at the end.
 */
typedef struct hf_flat_writer {
    hf_buffer bytes;
} hf_flat_writer;

/** Starts a file with the offset of the root table, still zero, and the identifier.
 * @param identifier 4 characters */
void hf_flat_begin(hf_flat_writer *writer, const char *identifier);
/** Sets the offset of the root table. */
void hf_flat_link_root(hf_flat_writer *writer, size_t table);

/**
 * Appends a table with all its fields zero.
 * @param layout one character per field, in order of field numbers: '4' four bytes (also offsets), '1' one
 * byte, '-' absent
 * @return its position
 */
size_t hf_flat_put_table(hf_flat_writer *writer, const char *layout);
/* Setting a field. Its size must be the one in the layout. */
void hf_flat_set_u8(hf_flat_writer *writer, size_t table, uint32_t field, uint8_t value);
void hf_flat_set_i32(hf_flat_writer *writer, size_t table, uint32_t field, int32_t value);
void hf_flat_set_f32(hf_flat_writer *writer, size_t table, uint32_t field, float value);
/** Sets an offset field. @param object position of its target, which was appended after the table */
void hf_flat_link(hf_flat_writer *writer, size_t table, uint32_t field, size_t object);

/** Appends a vector of `count` elements of 4 bytes, all zero. @return its position */
size_t hf_flat_put_vector(hf_flat_writer *writer, uint32_t count);
/** As hf_flat_link(), for an element of a vector of offsets. */
void hf_flat_link_element(hf_flat_writer *writer, size_t vector, uint32_t index, size_t object);

/* Appending a vector with values. @return its position */
size_t hf_flat_put_ints(hf_flat_writer *writer, const int32_t *values, uint32_t count);
size_t hf_flat_put_floats(hf_flat_writer *writer, const float *values, uint32_t count);
/** Sets an element of a vector of floats. */
void hf_flat_set_float_element(hf_flat_writer *writer, size_t vector, uint32_t index, float value);
/** A vector of `count` equal int64 elements. */
size_t hf_flat_put_longs(hf_flat_writer *writer, int64_t value, uint32_t count);
/** @param alignment of the first byte: a power of two, at least 4 */
size_t hf_flat_put_bytes(hf_flat_writer *writer, const void *bytes, uint32_t count, uint32_t alignment);
/** A vector of bytes that contains `count` little-endian int32 values. @param alignment as above */
size_t hf_flat_put_int_bytes(hf_flat_writer *writer, const int32_t *values, uint32_t count,
                             uint32_t alignment);
size_t hf_flat_put_string(hf_flat_writer *writer, const char *text);

#endif
