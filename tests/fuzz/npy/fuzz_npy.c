/* SPDX-License-Identifier: Apache-2.0 */
/* libFuzzer harness for .npy files. An array that is accepted lies in the file, its values can be read, and written anew it is
 * the same array. The parser of headers alone agrees. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "npy/npy.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define MOST_VALUES 65536 /* larger arrays take too long */

static void require(int condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

static int same_shape(const hf_npy *a, const hf_npy *b)
{
    if (a->type != b->type || a->rank != b->rank)
        return 0;
    for (int d = 0; d < a->rank; d++)
        if (a->shape[d] != b->shape[d])
            return 0;
    return 1;
}

/* The header by itself, as who reads a file in parts does. @param array what the whole file holds */
static void check_header(const uint8_t *bytes, size_t size, const hf_npy *array)
{
    uint64_t header = 0;
    hf_npy alone = {0};
    hf_error err;
    hf_error_clear(&err);
    require(size >= HF_NPY_START_BYTES, "accepted, but too short");
    require(hf_npy_header_bytes(bytes, &header, &err) == HF_OK, "the header's length is refused");
    require(header <= size, "the header ends behind the file");
    require(hf_npy_parse_header(bytes, (size_t)header, &alone, &err) == HF_OK, "the header is refused");
    require(same_shape(array, &alone), "the header alone says something else");
    require(array->count == 0 || array->values == bytes + header, "the values are elsewhere");
}

/* Of a single value or more. Written arrays are little-endian and in C order, as those that are read. */
static void check_written(const hf_npy *array)
{
    hf_buffer buffer = HF_BUFFER_INIT;
    hf_npy again = {0};
    hf_error err;
    hf_error_clear(&err);
    hf_npy_write(array, &buffer);
    require(!buffer.failed, "no memory");
    require(hf_npy_parse((const uint8_t *)buffer.data, buffer.size, &again, &err) == HF_OK,
            "what was written is refused");
    require(same_shape(array, &again) && again.count == array->count, "another array was written");
    require(memcmp(again.values, array->values, (size_t)array->count * hf_npy_type_bytes(array->type)) == 0,
            "other values were written");
    hf_buffer_free(&buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    hf_npy array = {0};
    hf_error err;
    hf_error_clear(&err);
    const hf_status status = hf_npy_parse(bytes, size, &array, &err);
    if (status) {
        require(err.status == status && err.message[0] != '\0', "refused without a reason");
        return 0;
    }
    require(array.type < HF_NPY_TYPES && array.rank >= 0 && array.rank <= HF_NPY_MAX_RANK,
            "a type or rank of its own");
    check_header(bytes, size, &array);
    if (array.count > MOST_VALUES)
        return 0;
    const size_t value_bytes = hf_npy_type_bytes(array.type);
    require(array.count == 0 || (array.values >= bytes && array.values <= bytes + size &&
                                 array.count <= (size_t)(bytes + size - array.values) / value_bytes),
            "values outside the file");
    volatile double sum = 0;
    for (uint64_t i = 0; i < array.count; i++)
        sum = sum + hf_npy_value(&array, i);
    if (array.count > 0)
        check_written(&array);
    return 0;
}
