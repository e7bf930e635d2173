/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"

/* Where the reader is, for messages: "run.boards[3].id". */
typedef struct place {
    const struct place *outer;
    const char *key;
    size_t index; /* of an array's element, else SIZE_MAX */
} place;

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the types nest */
static void put_place(const place *at, hf_buffer *text)
{
    if (at->outer)
        put_place(at->outer, text);
    if (at->key)
        hf_buffer_printf(text, "%s%s", text->size ? "." : "", at->key);
    if (at->index != SIZE_MAX)
        hf_buffer_printf(text, "[%zu]", at->index);
}

static hf_status fail(const place *at, hf_status status, const char *expected, hf_error *err)
{
    hf_buffer text = HF_BUFFER_INIT;
    put_place(at, &text);
    (void)HF_FAIL(err, status, "%s: expected %s", text.size ? hf_buffer_text(&text) : "JSON", expected);
    hf_buffer_free(&text);
    return status;
}

static hf_status no_memory(hf_error *err)
{
    return HF_FAIL(err, HF_ENOMEM, "no memory to read JSON");
}

static hf_status copy_text(json_t *value, size_t limit, const place *at, char **out, hf_error *err)
{
    char expected[64];
    limit = limit ? limit : HF_API_MAX_TEXT_BYTES;
    if (!json_is_string(value))
        return fail(at, HF_EFORMAT, "a text", err);
    if (json_string_length(value) > limit) {
        snprintf(expected, sizeof expected, "at most %zu bytes", limit);
        return fail(at, HF_ELIMIT, expected, err);
    }
    *out = strdup(json_string_value(value));
    return *out ? HF_OK : no_memory(err);
}

static hf_status read_word(const hf_api_field *field, json_t *value, const place *at, char *to, hf_error *err)
{
    const char *text = json_string_value(value);
    hf_buffer expected = HF_BUFFER_INIT;
    for (size_t i = 0; i < field->words->count; i++) {
        if (text && strcmp(field->words->rows[i].text, text) == 0) {
            memcpy(to, &field->words->rows[i].value, sizeof field->words->rows[i].value);
            hf_buffer_free(&expected);
            return HF_OK;
        }
        hf_buffer_printf(&expected, "%s%s", i ? ", " : "one of ", field->words->rows[i].text);
    }
    hf_status status = fail(at, HF_EFORMAT, hf_buffer_text(&expected), err);
    hf_buffer_free(&expected);
    return status;
}

/* The range of an integer: the row's own, or what its type holds. */
static void range_of(const hf_api_field *field, int64_t *min, int64_t *max)
{
    static const struct {
        int64_t min, max;
    } ranges[] = {
        [HF_API_INT32] = {INT32_MIN, INT32_MAX},
        [HF_API_INT64] = {INT64_MIN, INT64_MAX},
        [HF_API_UINT32] = {0, UINT32_MAX},
        [HF_API_UINT64] = {0, INT64_MAX},
    };
    const bool own = field->min || field->max;
    *min = own ? field->min : ranges[field->kind].min;
    *max = own ? field->max : ranges[field->kind].max;
}

static hf_status read_integer(const hf_api_field *field, json_t *value, const place *at, char *to,
                              hf_error *err)
{
    int64_t min, max;
    range_of(field, &min, &max);
    const int64_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < min || number > max) {
        char expected[96];
        snprintf(expected, sizeof expected, "an integer, %lld .. %lld", (long long)min, (long long)max);
        return fail(at, HF_EFORMAT, expected, err);
    }
    const int32_t narrow = (int32_t)(uint32_t)number; /* the same bits for uint32_t */
    if (field->kind == HF_API_INT32 || field->kind == HF_API_UINT32)
        memcpy(to, &narrow, sizeof narrow);
    else
        memcpy(to, &number, sizeof number);
    return HF_OK;
}

static hf_status read_object(const hf_api_type *type, json_t *json, const place *at, char *object,
                             hf_error *err);

static void set_array(const hf_api_field *field, char *object, void *elements, size_t count)
{
    const uint32_t narrow = (uint32_t)count;
    memcpy(object + field->offset, &elements, sizeof elements);
    if (field->count_bytes == sizeof narrow)
        memcpy(object + field->count_offset, &narrow, sizeof narrow);
    else
        memcpy(object + field->count_offset, &count, sizeof count);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the types nest */
static hf_status read_array(const hf_api_field *field, json_t *array, const place *at, char *object,
                            hf_error *err)
{
    if (!json_is_array(array))
        return fail(at, HF_EFORMAT, "an array", err);
    const size_t count = json_array_size(array);
    if (count > field->limit) {
        char expected[64];
        snprintf(expected, sizeof expected, "at most %zu elements, not %zu", field->limit, count);
        return fail(at, HF_ELIMIT, expected, err);
    }
    if (!count)
        return HF_OK;
    const size_t size = field->kind == HF_API_TEXTS ? sizeof(char *) : field->type->size_bytes;
    char *elements = calloc(count, size);
    if (!elements)
        return no_memory(err);
    set_array(field, object, elements, count); /* what was read so far is freed with the object */
    hf_status status = HF_OK;
    for (size_t i = 0; status == HF_OK && i < count; i++) {
        const place element = {at, NULL, i};
        json_t *value = json_array_get(array, i);
        status = field->kind == HF_API_TEXTS
                     ? copy_text(value, 0, &element, &((char **)(void *)elements)[i], err)
                     : read_object(field->type, value, &element, elements + i * size, err);
    }
    return status;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the types nest */
static hf_status read_value(const hf_api_field *field, json_t *value, const place *at, char *object,
                            hf_error *err)
{
    char *to = object + field->offset;
    char *text = NULL;
    hf_status status;
    switch (field->kind) {
    case HF_API_TEXT:
        status = copy_text(value, field->limit, at, &text, err);
        memcpy(to, &text, sizeof text);
        return status;
    case HF_API_BOOL:
        if (!json_is_boolean(value))
            return fail(at, HF_EFORMAT, "true or false", err);
        *(bool *)to = json_is_true(value);
        return HF_OK;
    case HF_API_REAL:
        if (!json_is_number(value))
            return fail(at, HF_EFORMAT, "a number", err);
        memcpy(to, &(double){json_number_value(value)}, sizeof(double));
        return HF_OK;
    case HF_API_WORD:
        return read_word(field, value, at, to, err);
    case HF_API_OBJECT:
        return read_object(field->type, value, at, to, err);
    case HF_API_OBJECTS:
    case HF_API_TEXTS:
        return read_array(field, value, at, object, err);
    default:
        return read_integer(field, value, at, to, err);
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the types nest */
static hf_status read_object(const hf_api_type *type, json_t *json, const place *at, char *object,
                             hf_error *err)
{
    static const uint64_t unknown = UINT64_MAX;
    hf_status status = HF_OK;
    if (type->defaults)
        memcpy(object, type->defaults, type->size_bytes);
    if (!json_is_object(json))
        return fail(at, HF_EFORMAT, "an object", err);
    for (size_t i = 0; status == HF_OK && i < type->field_count; i++) {
        const hf_api_field *field = &type->fields[i];
        const place member = {at, field->key, SIZE_MAX};
        json_t *value = json_object_get(json, field->key);
        const bool is_unknown = field->may_be_unknown && (!value || json_is_null(value));
        if (is_unknown && field->kind == HF_API_UINT64)
            memcpy(object + field->offset, &unknown, sizeof unknown);
        else if (!is_unknown && !(field->may_be_missing && !value))
            status = read_value(field, value, &member, object, err);
    }
    return status;
}

hf_status hf_api_read(const hf_api_type *type, const char *json, size_t size_bytes, void *out, hf_error *err)
{
    const place top = {NULL, NULL, SIZE_MAX};
    if (size_bytes > HF_API_MAX_BYTES)
        return HF_FAIL(err, HF_ELIMIT, "%zu bytes of JSON: expected at most %u", size_bytes,
                       HF_API_MAX_BYTES);
    json_error_t error;
    json_t *value = json_loadb(json, size_bytes, JSON_REJECT_DUPLICATES, &error);
    if (!value)
        return HF_FAIL(err, HF_EFORMAT, "not JSON: line %d, column %d: %s", error.line, error.column,
                       error.text);
    char *object = calloc(1, type->size_bytes);
    hf_status status = HF_OK;
    if (!object) {
        status = no_memory(err);
    } else if ((status = read_object(type, value, &top, object, err)) == HF_OK) {
        memcpy(out, object, type->size_bytes);
    } else {
        hf_api_clear(type, object);
    }
    free(object);
    json_decref(value);
    return status;
}
