/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DATASETS_ARRAY_FILE_H
#define HF_DATASETS_ARRAY_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/**
 * @file array_file.h
 * Arrays in files: IDX, the format of MNIST, and NumPy's .npy (format versions 1 to 3). Both may be compressed with gzip. Safe
 * on any input.
 */

#define HF_ARRAY_MAX_DIMENSIONS 4
#define HF_ARRAY_MAX_BYTES      ((size_t)4 << 30)

typedef enum hf_array_type { HF_ARRAY_UNSIGNED, HF_ARRAY_SIGNED, HF_ARRAY_FLOAT } hf_array_type;

typedef struct hf_array {
    hf_array_type type;
    uint32_t width; /**< bytes of a value: 1, 2, 4 or 8; a float has 4 */
    uint32_t dimensions;
    uint32_t shape[HF_ARRAY_MAX_DIMENSIONS]; /**< each at least 1; the last varies fastest */
    uint8_t *values;                         /**< owned; in the byte order of this host */
    size_t bytes;
} hf_array;

/**
 * Reads a file. The content determines its format.
 * @param out the caller frees its values; written on HF_OK
 * @return HF_OK; HF_EIO; HF_EFORMAT; HF_EUNSUPPORTED for other types of values and for Fortran's order; HF_ELIMIT; HF_ENOMEM
 */
hf_status hf_array_read(const char *path, hf_array *out, hf_error *err);

/** The value at an index as an integer; INT64_MIN for a float that is none. */
int64_t hf_array_integer(const hf_array *array, size_t index);

#endif
