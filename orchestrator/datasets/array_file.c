/* SPDX-License-Identifier: Apache-2.0 */
#include "array_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define NPY_MAGIC        "\x93NUMPY"
#define NPY_MAGIC_BYTES  6
#define NPY_MAX_HEADER   65536
#define GZIP_CHUNK_BYTES ((size_t)64 << 20)

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
    array->values = malloc(array->bytes);
    if (!array->values)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "%s: no memory for %zu bytes", path, array->bytes);
    hf_status status = read_bytes(file, path, array->values, array->bytes, err);
    uint8_t more;
    if (status == HF_OK && gzread(file, &more, 1) != 0)
        status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EFORMAT, "%s: more bytes than its shape needs", path);
    return status;
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

/* The value of a key in the header's dictionary, past the colon; NULL if there is none. */
static const char *npy_value(const char *header, const char *key)
{
    const char *found = strstr(header, key);
    if (!found)
        return NULL;
    found += strlen(key);
    found += strspn(found, " :");
    return found;
}

static hf_status parse_npy(const char *path, const char *header, hf_array *array, hf_error *err)
{
    const char *type = npy_value(header, "'descr'"), *order = npy_value(header, "'fortran_order'"),
               *shape = npy_value(header, "'shape'");
    if (!type || *type != '\'' || !order || !shape || *shape != '(')
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EFORMAT, "%s: a NumPy file with a damaged header", path);
    static const struct {
        const char *name;
        hf_array_type type;
        uint32_t width;
    } types[] = {
        {"'|u1'", HF_ARRAY_UNSIGNED, 1}, {"'<u2'", HF_ARRAY_UNSIGNED, 2}, {"'<u4'", HF_ARRAY_UNSIGNED, 4},
        {"'<u8'", HF_ARRAY_UNSIGNED, 8}, {"'|i1'", HF_ARRAY_SIGNED, 1},   {"'<i2'", HF_ARRAY_SIGNED, 2},
        {"'<i4'", HF_ARRAY_SIGNED, 4},   {"'<i8'", HF_ARRAY_SIGNED, 8},   {"'<f4'", HF_ARRAY_FLOAT, 4}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strncmp(type, types[i].name, 5) == 0)
            *array = (hf_array){.type = types[i].type, .width = types[i].width};
    if (!array->width)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EUNSUPPORTED,
                          "%s: values of type %.*s, expected integers or '<f4' (float32)", path,
                          (int)strcspn(type, ","), type);
    if (strncmp(order, "False", 5) != 0)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EUNSUPPORTED, "%s: in Fortran's order, expected C's", path);
    for (const char *at = shape + 1; *at && *at != ')';) {
        char *end;
        const unsigned long long size = strtoull(at, &end, 10);
        if (end == at || size > UINT32_MAX || array->dimensions == HF_ARRAY_MAX_DIMENSIONS)
            return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EUNSUPPORTED,
                              "%s: shape %.*s, expected 1 to %d dimensions", path,
                              (int)strcspn(shape, ")") + 1, shape, HF_ARRAY_MAX_DIMENSIONS);
        array->shape[array->dimensions++] = (uint32_t)size;
        at = end + strspn(end, " ,");
    }
    if (!array->dimensions)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EUNSUPPORTED, "%s: one value, expected an array", path);
    return HF_OK;
}

/* NumPy: the magic, a version, the length of the header (2 bytes, from version 2 on 4), the header, the values. */
static hf_status read_npy(gzFile file, const char *path, hf_array *array, hf_error *err)
{
    uint8_t rest[2 + 2 + 4]; /* of the magic, of which 4 bytes have been read; version; length */
    hf_status status = read_bytes(file, path, rest, 6, err);
    if (status == HF_OK && memcmp(rest, NPY_MAGIC + 4, NPY_MAGIC_BYTES - 4) != 0)
        status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EFORMAT, "%s: neither an IDX nor a NumPy file", path);
    if (status == HF_OK && (rest[2] < 1 || rest[2] > 3))
        status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EUNSUPPORTED,
                            "%s: version %u of NumPy's format, expected 1 to 3", path, rest[2]);
    size_t length = (size_t)rest[4] | (size_t)rest[5] << 8;
    if (status == HF_OK && rest[2] > 1) {
        status = read_bytes(file, path, rest + 6, 2, err);
        length |= (size_t)rest[6] << 16 | (size_t)rest[7] << 24;
    }
    if (status == HF_OK && length > NPY_MAX_HEADER)
        status = HF_FAIL_AS(err, HF_FAULT_NONE, HF_EFORMAT, "%s: a header of %zu bytes", path, length);
    if (status != HF_OK)
        return status;
    char *header = calloc(1, length + 1);
    if (!header)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "%s: no memory for its header", path);
    status = read_bytes(file, path, header, length, err);
    if (status == HF_OK)
        status = parse_npy(path, header, array, err);
    free(header);
    return status == HF_OK ? read_values(file, path, array, err) : status;
}

hf_status hf_array_read(const char *path, hf_array *out, hf_error *err)
{
    hf_array array = {0};
    uint8_t start[4] = {0};
    gzFile file = gzopen(path, "rbe");
    if (!file)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EIO, "%s: %s", path, strerror(errno));
    gzbuffer(file, 1 << 18);
    hf_status status = read_bytes(file, path, start, sizeof start, err);
    if (status == HF_OK)
        status = memcmp(start, NPY_MAGIC, sizeof start) == 0 ? read_npy(file, path, &array, err)
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
