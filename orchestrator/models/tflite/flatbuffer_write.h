/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TFLITE_FLATBUFFER_WRITE_H
#define HF_TFLITE_FLATBUFFER_WRITE_H

#include <stdint.h>

#include "base/buffer.h"

/**
 * @file flatbuffer_write.h
 * Writing a flatbuffer front to back (layout: the FlatBuffers documentation, "FlatBuffer Internals"): an
 * object is appended with room for its offsets, which are linked once what they lead to has been appended
 * behind it. Positions are byte offsets from the start. Failures stick in the buffer: write freely, test
 * `bytes.failed` at the end.
 */
typedef struct hf_flat_writer {
    hf_buffer bytes;
} hf_flat_writer;

/** Starts a file: room for the offset of the root table, and the identifier. @param
 * identifier 4 characters */
void hf_flat_begin(hf_flat_writer *writer, const char *identifier);
void hf_flat_link_root(hf_flat_writer *writer, size_t table);

/**
 * Appends a table with all its fields zero.
 * @param layout one character per field in the order of their numbers: '4' stored in four bytes (also
 * offsets), '1' in one byte, '-' left out
 * @return its position
 */
size_t hf_flat_put_table(hf_flat_writer *writer, const char *layout);
/** Sets a field that the layout stores, in as many bytes as the layout gives it. */
void hf_flat_set_u8(hf_flat_writer *writer, size_t table, uint32_t field, uint8_t value);
void hf_flat_set_i32(hf_flat_writer *writer, size_t table, uint32_t field, int32_t value);
void hf_flat_set_f32(hf_flat_writer *writer, size_t table, uint32_t field, float value);
/** Makes an offset field lead to an object that was appended later than the table. */
void hf_flat_link(hf_flat_writer *writer, size_t table, uint32_t field, size_t object);

/** Appends a vector of `count` elements of 4 bytes, all zero; for offsets or to be set.
 * @return its position */
size_t hf_flat_put_vector(hf_flat_writer *writer, uint32_t count);
void hf_flat_link_element(hf_flat_writer *writer, size_t vector, uint32_t index, size_t object);

/* Vectors with their values. @return position */
size_t hf_flat_put_ints(hf_flat_writer *writer, const int32_t *values, uint32_t count);
size_t hf_flat_put_floats(hf_flat_writer *writer, const float *values, uint32_t count);
/** Changes an element of a vector of floats. */
void hf_flat_set_float_element(hf_flat_writer *writer, size_t vector, uint32_t index, float value);
/** @param value what each of the `count` int64 elements is */
size_t hf_flat_put_longs(hf_flat_writer *writer, int64_t value, uint32_t count);
/** @param alignment of the first byte: a power of two, at least 4 */
size_t hf_flat_put_bytes(hf_flat_writer *writer, const void *bytes, uint32_t count, uint32_t alignment);
/** A vector of bytes that holds `count` little-endian int32 values. @param alignment as above */
size_t hf_flat_put_int_bytes(hf_flat_writer *writer, const int32_t *values, uint32_t count,
                             uint32_t alignment);
size_t hf_flat_put_string(hf_flat_writer *writer, const char *text);

#endif
