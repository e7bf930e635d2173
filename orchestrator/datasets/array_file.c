/* SPDX-License-Identifier: Apache-2.0 */
#include "array_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "npy/npy.h"

#define START_BYTES       4 /* tell the formats apart */
#define NPY_MAGIC         "\x93NUM"
#define NPY_MAX_HEADER    65536
#define GZIP_CHUNK_BYTES  ((size_t)64 << 20)
#define DEFLATE_MAX_RATIO 1032 /* zlib's documentation: of values to compressed bytes */

/* Reads exactly `size` bytes. */
static hf_status read_bytes(gzFile file, const char *path, void *to, size_t size, hf_error *err)
{
    for (size_t done = 0; done < size;) {
        const size_t wanted = size - done < GZIP_CHUNK_BYTES ? size - done : GZIP_CHUNK_BYTES;
        const int got = gzread(file, (uint8_t *)to + done, (unsigned)wanted);
        int code = Z_OK;
        const char *why = got < 0 ? gzerror(file, &code) : "it ends too early";
        if (got <= 0)
            return HF_FAIL_AS(err, HF_FAULT_NONE, code == Z_ERRNO ? HF_EIO : HF_EFORMAT, "%s: %s", path,
                              code == Z_ERRNO ? strerror(errno) : why);
        done += (size_t)got;
    }
    return HF_OK;
}

/* Reads past the last value, where zlib compares the checksum of a compressed file. */
static hf_status expect_end(gzFile file, const char *path, hf_error *err)
{
    uint8_t more;
    int code = Z_OK;
    const int got = gzread(file, &more, 1);
    const char *why = gzerror(file, &code);
    if (got > 0)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EFORMAT, "%s: more bytes than its shape needs", path);
    if (code != Z_OK && code != Z_STREAM_END)
        return HF_FAIL_AS(err, HF_FAULT_NONE, code == Z_ERRNO ? HF_EIO : HF_EFORMAT, "%s: %s", path,
                          code == Z_ERRNO ? strerror(errno) : why);
    return HF_OK;
}

/* Whether a file is large enough for so many bytes: a damaged header must not claim all memory. */
static bool can_hold(gzFile file, const char *path, size_t bytes)
{
    struct stat about;
    if (stat(path, &about) != 0 || !S_ISREG(about.st_mode))
        return true;
    const size_t most = (size_t)about.st_size;
    return gzdirect(file) ? bytes <= most : bytes / DEFLATE_MAX_RATIO <= most;
}

/* Checks the shape, and reads the values, which end the file. */
static hf_status read_values(gzFile file, const char *path, hf_array *array, hf_error *err)
{
    array->bytes = array->width;
    for (uint32_t d = 0; d < array->dimensions; d++) {
        if (array->shape[d] == 0)
            return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EFORMAT, "%s: dimension %u is 0", path, (unsigned)d);
        if (array->shape[d] > HF_ARRAY_MAX_BYTES / array->bytes)
            return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ELIMIT, "%s: more than %zu bytes", path,
                              HF_ARRAY_MAX_BYTES);
        array->bytes *= array->shape[d];
    }
    if (!can_hold(file, path, array->bytes))
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EFORMAT, "%s: it ends too early: its shape needs %zu bytes",
                          path, array->bytes);
    array->values = malloc(array->bytes);
    if (!array->values)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "%s: no memory for %zu bytes", path, array->bytes);
    hf_status status = read_bytes(file, path, array->values, array->bytes, err);
    return status == HF_OK ? expect_end(file, path, err) : status;
}

static uint32_t big_endian(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* IDX: two zeros, the type of the values (8 = unsigned bytes), the number of dimensions, each dimension as a big-endian
 * number, the values. */
static hf_status read_idx(gzFile file, const char *path, const uint8_t *start, hf_array *array, hf_error *err)
{
    uint8_t shape[4 * HF_ARRAY_MAX_DIMENSIONS] = {0};
    if (start[0] || start[1])
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EFORMAT, "%s: neither an IDX nor a NumPy file", path);
    if (start[2] != 8 || start[3] < 1 || start[3] > HF_ARRAY_MAX_DIMENSIONS)
        return HF_FAIL_AS(
            err, HF_FAULT_NONE, HF_EUNSUPPORTED,
            "%s: IDX type 0x%02x with %u dimensions, expected unsigned bytes (0x08) with 1 to %d", path,
            start[2], start[3], HF_ARRAY_MAX_DIMENSIONS);
    *array = (hf_array){.type = HF_ARRAY_UNSIGNED, .width = 1, .dimensions = start[3]};
    hf_status status = read_bytes(file, path, shape, (size_t)4 * array->dimensions, err);
    for (uint32_t d = 0; d < array->dimensions && status == HF_OK; d++)
        array->shape[d] = big_endian(shape + (size_t)4 * d);
    return status == HF_OK ? read_values(file, path, array, err) : status;
}

static hf_status take_npy(const char *path, const hf_npy *npy, hf_array *array, hf_error *err)
{
    static const hf_array_type types[HF_NPY_TYPES] = {
        [HF_NPY_INT8] = HF_ARRAY_SIGNED,     [HF_NPY_INT16] = HF_ARRAY_SIGNED,
        [HF_NPY_INT32] = HF_ARRAY_SIGNED,    [HF_NPY_INT64] = HF_ARRAY_SIGNED,
        [HF_NPY_UINT8] = HF_ARRAY_UNSIGNED,  [HF_NPY_UINT16] = HF_ARRAY_UNSIGNED,
        [HF_NPY_UINT32] = HF_ARRAY_UNSIGNED, [HF_NPY_UINT64] = HF_ARRAY_UNSIGNED,
        [HF_NPY_FLOAT32] = HF_ARRAY_FLOAT};
    if (npy->type == HF_NPY_FLOAT64)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EUNSUPPORTED,
                          "%s: has values of type '<f8', expected integers or '<f4' (float32)", path);
    if (npy->rank < 1 || npy->rank > HF_ARRAY_MAX_DIMENSIONS)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EUNSUPPORTED, "%s: has %d dimensions, expected 1 to %d",
                          path, npy->rank, HF_ARRAY_MAX_DIMENSIONS);
    *array = (hf_array){.type = types[npy->type],
                        .width = (uint32_t)hf_npy_type_bytes(npy->type),
                        .dimensions = (uint32_t)npy->rank};
    for (int d = 0; d < npy->rank; d++) {
        if (npy->shape[d] > UINT32_MAX)
            return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ELIMIT, "%s: more than %zu bytes", path,
                              HF_ARRAY_MAX_BYTES);
        array->shape[d] = (uint32_t)npy->shape[d];
    }
    return HF_OK;
}

/* Reads the header, whose first START_BYTES have been read already, and the values. */
static hf_status read_npy(gzFile file, const char *path, const uint8_t *start, hf_array *array, hf_error *err)
{
    uint8_t first[HF_NPY_START_BYTES];
    uint64_t size = 0;
    hf_npy npy = {0};
    hf_error cause = {0};
    memcpy(first, start, START_BYTES);
    hf_status status = read_bytes(file, path, first + START_BYTES, sizeof first - START_BYTES, err);
    if (status != HF_OK)
        return status;
    status = hf_npy_header_bytes(first, &size, &cause);
    if (status == HF_OK && (size < sizeof first || size > NPY_MAX_HEADER))
        status = HF_FAIL(&cause, HF_EFORMAT, "has a .npy header of %llu bytes", (unsigned long long)size);
    if (status != HF_OK)
        return HF_FAIL_AS(err, HF_FAULT_NONE, status, "%s: %s", path, cause.message);
    uint8_t *header = malloc(size);
    if (!header)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "%s: no memory for its header", path);
    memcpy(header, first, sizeof first);
    status = read_bytes(file, path, header + sizeof first, size - sizeof first, err);
    if (status == HF_OK) {
        status = hf_npy_parse_header(header, size, &npy, &cause);
        status = status == HF_OK ? take_npy(path, &npy, array, err)
                                 : HF_FAIL_AS(err, HF_FAULT_NONE, status, "%s: %s", path, cause.message);
    }
    free(header);
    return status == HF_OK ? read_values(file, path, array, err) : status;
}

hf_status hf_array_read(const char *path, hf_array *out, hf_error *err)
{
    hf_array array = {0};
    uint8_t start[START_BYTES] = {0};
    gzFile file = gzopen(path, "rbe");
    if (!file)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EIO, "%s: %s", path, strerror(errno));
    gzbuffer(file, 1 << 18);
    hf_status status = read_bytes(file, path, start, sizeof start, err);
    if (status == HF_OK)
        status = memcmp(start, NPY_MAGIC, sizeof start) == 0 ? read_npy(file, path, start, &array, err)
                                                             : read_idx(file, path, start, &array, err);
    gzclose(file);
    if (status == HF_OK)
        *out = array;
    else
        free(array.values);
    return status;
}

int64_t hf_array_integer(const hf_array *array, size_t index)
{
    const uint8_t *at = array->values + index * array->width;
    uint64_t value = 0;
    if (array->type == HF_ARRAY_FLOAT) {
        float real;
        memcpy(&real, at, sizeof real);
        return real >= -9e15f && real <= 9e15f && (float)(int64_t)real == real ? (int64_t)real : INT64_MIN;
    }
    for (uint32_t b = 0; b < array->width; b++)
        value |= (uint64_t)at[b] << (8 * b);
    if (array->type == HF_ARRAY_SIGNED && array->width >= 1 && array->width < 8 &&
        value >> (8 * array->width - 1))
        value |= UINT64_MAX << (8 * array->width);
    return (int64_t)value;
}
