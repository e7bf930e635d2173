/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_NPY_NPY_H
#define HF_NPY_NPY_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

/**
 * @file npy.h
 * NumPy's .npy files: one array with its type and shape (NumPy reference, numpy.lib.format: versions 1.0 to 3.0 are
 * read, 1.0 is written). Numbers are little-endian, as on every host that hilfarm runs on, and in C order.
 */

#define HF_NPY_MAX_RANK 8

/** Types of values: name, NumPy's type string without byte order, bytes. */
#define HF_NPY_TYPE_MAP(X)                                                                                   \
    X(INT8, "int8", "i1", 1)                                                                                 \
    X(UINT8, "uint8", "u1", 1)                                                                               \
    X(INT16, "int16", "i2", 2)                                                                               \
    X(UINT16, "uint16", "u2", 2)                                                                             \
    X(INT32, "int32", "i4", 4)                                                                               \
    X(UINT32, "uint32", "u4", 4)                                                                             \
    X(INT64, "int64", "i8", 8)                                                                               \
    X(UINT64, "uint64", "u8", 8)                                                                             \
    X(FLOAT32, "float32", "f4", 4)                                                                           \
    X(FLOAT64, "float64", "f8", 8)

typedef enum hf_npy_type {
#define HF_NPY_TYPE_ENUM(name, ...) HF_NPY_##name,
    HF_NPY_TYPE_MAP(HF_NPY_TYPE_ENUM)
#undef HF_NPY_TYPE_ENUM
        HF_NPY_TYPES
} hf_npy_type;

/** "int8", as the tensors of TensorFlow Lite are called; static. */
const char *hf_npy_type_name(hf_npy_type type);
/** Bytes of a value. */
size_t hf_npy_type_bytes(hf_npy_type type);
/** @return HF_NPY_TYPES if there is no type of that name */
hf_npy_type hf_npy_type_find(const char *name);

/** An array in a file. */
typedef struct hf_npy {
    hf_npy_type type;
    int rank; /**< 0: a single value */
    uint64_t shape[HF_NPY_MAX_RANK];
    uint64_t count;        /**< of values */
    const uint8_t *values; /**< in the file's bytes; not aligned */
} hf_npy;

/**
 * Parses a file. It is untrusted.
 * @param bytes borrowed by *out
 * @param out written on HF_OK
 * @return HF_EFORMAT: it is damaged or not such a file; HF_EUNSUPPORTED: another type or order of values
 */
hf_status hf_npy_parse(const uint8_t *bytes, size_t size, hf_npy *out, hf_error *err);

/** Enough of a file to tell how long its header is; every file has more. */
#define HF_NPY_START_BYTES 12

/**
 * How many bytes come before the values, for who reads a file in parts.
 * @param start the file's first HF_NPY_START_BYTES
 * @param bytes written on HF_OK; at most 4 GiB
 * @return HF_EFORMAT; HF_EUNSUPPORTED: another version
 */
hf_status hf_npy_header_bytes(const uint8_t *start, uint64_t *bytes, hf_error *err);

/**
 * Parses what comes before the values. It is untrusted.
 * @param size as hf_npy_header_bytes() says
 * @param out written on HF_OK; count and values are not set
 * @return as hf_npy_parse()
 */
hf_status hf_npy_parse_header(const uint8_t *bytes, size_t size, hf_npy *out, hf_error *err);

/** Value `at` as a number; beyond 2^53 rounded. */
double hf_npy_value(const hf_npy *array, uint64_t at);

/** Appends a file. @param array its count follows from rank and shape and is not read */
void hf_npy_write(const hf_npy *array, hf_buffer *out);

#endif
