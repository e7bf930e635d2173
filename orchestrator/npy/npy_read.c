/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "npy/npy.h"

#define MAGIC       "\x93NUMPY"
#define MAGIC_BYTES 6

static const struct {
    const char *name, *code;
    size_t bytes;
} types[HF_NPY_TYPES] = {
#define TYPE(name, text, code, bytes) [HF_NPY_##name] = {text, code, bytes},
    HF_NPY_TYPE_MAP(TYPE)
#undef TYPE
};

const char *hf_npy_type_name(hf_npy_type type)
{
    return types[type].name;
}

size_t hf_npy_type_bytes(hf_npy_type type)
{
    return types[type].bytes;
}

hf_npy_type hf_npy_type_find(const char *name)
{
    hf_npy_type type = (hf_npy_type)0;
    while (type < HF_NPY_TYPES && strcmp(types[type].name, name) != 0)
        type++;
    return type;
}

/* The header: a Python dictionary, of which the three keys are read in any order. */
typedef struct header {
    const char *at, *end;
    bool failed;
} header;

static void skip_blanks(header *h)
{
    while (h->at < h->end && (*h->at == ' ' || *h->at == '\n' || *h->at == '\t'))
        h->at++;
}

/* Whether the text follows; then it is behind. */
static bool accept(header *h, const char *text)
{
    const size_t size = strlen(text);
    skip_blanks(h);
    if ((size_t)(h->end - h->at) < size || memcmp(h->at, text, size) != 0)
        return false;
    h->at += size;
    return true;
}

static void expect(header *h, const char *text)
{
    h->failed = !accept(h, text) || h->failed;
}

/* A text in quotation marks. */
static void read_text(header *h, char *out, size_t size)
{
    const char *quote = accept(h, "'") ? "'" : "\"";
    if (*quote == '"')
        expect(h, "\"");
    const char *last = h->failed ? NULL : memchr(h->at, *quote, (size_t)(h->end - h->at));
    if (!last || (size_t)(last - h->at) >= size) {
        h->failed = true;
        return;
    }
    memcpy(out, h->at, (size_t)(last - h->at));
    out[last - h->at] = '\0';
    h->at = last + 1;
}

static uint64_t read_number(header *h)
{
    uint64_t value = 0;
    skip_blanks(h);
    const char *first = h->at;
    while (h->at < h->end && *h->at >= '0' && *h->at <= '9' && value < UINT64_MAX / 10 - 1)
        value = value * 10 + (uint64_t)(*h->at++ - '0');
    h->failed |= h->at == first || (h->at < h->end && *h->at >= '0' && *h->at <= '9');
    return value;
}

static void read_shape(header *h, hf_npy *out)
{
    expect(h, "(");
    while (!h->failed && !accept(h, ")")) {
        if (out->rank == HF_NPY_MAX_RANK) {
            h->failed = true;
            return;
        }
        out->shape[out->rank++] = read_number(h);
        if (!accept(h, ",")) {
            expect(h, ")");
            return;
        }
    }
}

/* @param code receives the type string, "<f4" */
static void read_dictionary(header *h, hf_npy *out, char code[16], bool *fortran_order)
{
    unsigned seen = 0;
    expect(h, "{");
    while (!h->failed && !accept(h, "}")) {
        char key[16] = "";
        read_text(h, key, sizeof key);
        expect(h, ":");
        if (strcmp(key, "descr") == 0 && !(seen & 1)) {
            seen |= 1;
            read_text(h, code, 16);
        } else if (strcmp(key, "fortran_order") == 0 && !(seen & 2)) {
            seen |= 2;
            *fortran_order = accept(h, "True");
            if (!*fortran_order)
                expect(h, "False");
        } else if (strcmp(key, "shape") == 0 && !(seen & 4)) {
            seen |= 4;
            read_shape(h, out);
        } else {
            h->failed = true;
        }
        if (!accept(h, ",")) {
            expect(h, "}");
            break;
        }
    }
    h->failed |= seen != 7;
}

/* The type of a type string. Order does not matter for single bytes. */
static hf_npy_type type_of(const char *code)
{
    hf_npy_type type = (hf_npy_type)0;
    while (type < HF_NPY_TYPES && (!code[0] || strcmp(types[type].code, code + 1) != 0))
        type++;
    if (type < HF_NPY_TYPES && types[type].bytes > 1 && code[0] != '<' && code[0] != '=')
        return HF_NPY_TYPES;
    return type;
}

/* Counts values. @return false if there are more than `most` */
static bool count_values(hf_npy *array, uint64_t most)
{
    array->count = 1;
    for (int i = 0; i < array->rank; i++) {
        if (array->shape[i] && array->count > most / array->shape[i])
            return false;
        array->count *= array->shape[i];
    }
    return array->count <= most;
}

hf_status hf_npy_header_bytes(const uint8_t *start, uint64_t *bytes, hf_error *err)
{
    if (memcmp(start, MAGIC, MAGIC_BYTES) != 0)
        return HF_FAIL(err, HF_EFORMAT, "is not a .npy file");
    const unsigned major = start[MAGIC_BYTES];
    const size_t length_bytes = major == 1 ? 2 : 4, first = MAGIC_BYTES + 2 + length_bytes;
    if (major < 1 || major > 3)
        return HF_FAIL(err, HF_EUNSUPPORTED, "has version %u of the .npy format, expected 1 to 3", major);
    uint64_t length = 0;
    for (size_t i = length_bytes; i-- > 0;)
        length = length << 8 | start[MAGIC_BYTES + 2 + i];
    *bytes = first + length;
    return HF_OK;
}

hf_status hf_npy_parse_header(const uint8_t *bytes, size_t size, hf_npy *out, hf_error *err)
{
    hf_npy array = {0};
    char code[16] = "";
    bool fortran_order = false;
    const size_t first = MAGIC_BYTES + 2 + (bytes[MAGIC_BYTES] == 1 ? 2 : 4);
    if (size < first)
        return HF_FAIL(err, HF_EFORMAT, "ends within its .npy header");
    header h = {.at = (const char *)bytes + first, .end = (const char *)bytes + size};
    read_dictionary(&h, &array, code, &fortran_order);
    if (h.failed)
        return HF_FAIL(err, HF_EFORMAT, "has a damaged .npy header");
    array.type = type_of(code);
    if (array.type == HF_NPY_TYPES)
        return HF_FAIL(err, HF_EUNSUPPORTED,
                       "has values of type '%s', expected little-endian integers, float32 or float64", code);
    if (fortran_order && array.rank > 1)
        return HF_FAIL(err, HF_EUNSUPPORTED,
                       "is in Fortran order, expected C order (numpy.ascontiguousarray)");
    *out = array;
    return HF_OK;
}

hf_status hf_npy_parse(const uint8_t *bytes, size_t size, hf_npy *out, hf_error *err)
{
    hf_npy array = {0};
    uint64_t first = 0;
    if (size < HF_NPY_START_BYTES)
        return HF_FAIL(err, HF_EFORMAT, "is not a .npy file");
    hf_status status = hf_npy_header_bytes(bytes, &first, err);
    if (status != HF_OK)
        return status;
    if (first > size)
        return HF_FAIL(err, HF_EFORMAT, "ends within its .npy header");
    status = hf_npy_parse_header(bytes, first, &array, err);
    if (status != HF_OK)
        return status;
    array.values = bytes + first;
    const uint64_t present = (size - first) / types[array.type].bytes;
    if (!count_values(&array, present) || array.count * types[array.type].bytes != size - first)
        return HF_FAIL(err, HF_EFORMAT, "does not have as many values as its .npy header says");
    *out = array;
    return HF_OK;
}

double hf_npy_value(const hf_npy *array, uint64_t at)
{
    const uint8_t *value = array->values + at * types[array->type].bytes;
    union {
        int8_t int8;
        int16_t int16;
        uint16_t uint16;
        int32_t int32;
        uint32_t uint32;
        int64_t int64;
        uint64_t uint64;
        float float32;
        double float64;
    } as;
    memcpy(&as, value, types[array->type].bytes);
    switch (array->type) {
    case HF_NPY_INT8:
        return as.int8;
    case HF_NPY_UINT8:
        return *value;
    case HF_NPY_INT16:
        return as.int16;
    case HF_NPY_UINT16:
        return as.uint16;
    case HF_NPY_INT32:
        return as.int32;
    case HF_NPY_UINT32:
        return as.uint32;
    case HF_NPY_INT64:
        return (double)as.int64;
    case HF_NPY_UINT64:
        return (double)as.uint64;
    case HF_NPY_FLOAT32:
        return (double)as.float32;
    case HF_NPY_FLOAT64:
        return as.float64;
    case HF_NPY_TYPES:
        break;
    }
    return 0;
}
