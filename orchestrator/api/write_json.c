/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <string.h>

#include "base/utf8.h"
#include "fields.h"

/* A message may contain any bytes of a serial line; JSON allows only UTF-8. */
static json_t *string_of(const char *text)
{
    json_t *value = json_string(text);
    if (value)
        return value;
    hf_buffer clean = HF_BUFFER_INIT;
    hf_utf8_append(&clean, text);
    value = clean.failed ? NULL : json_string(hf_buffer_text(&clean));
    hf_buffer_free(&clean);
    return value;
}

static json_t *word_of(const hf_api_field *field, const char *at)
{
    int value = 0;
    memcpy(&value, at, sizeof value);
    const char *text = hf_api_word_of(field->words, value);
    return text ? json_string(text) : NULL;
}

static json_t *integer_of(const hf_api_field *field, const char *at)
{
    union {
        int32_t i32;
        uint32_t u32;
        int64_t i64;
        uint64_t u64;
    } value = {.u64 = 0};
    switch (field->kind) {
    case HF_API_INT32:
        memcpy(&value.i32, at, sizeof value.i32);
        return json_integer(value.i32);
    case HF_API_UINT32:
        memcpy(&value.u32, at, sizeof value.u32);
        return json_integer(value.u32);
    case HF_API_UINT64:
        memcpy(&value.u64, at, sizeof value.u64);
        if (value.u64 == UINT64_MAX && field->may_be_unknown)
            return json_null();
        return value.u64 <= INT64_MAX ? json_integer((json_int_t)value.u64) : NULL;
    default:
        memcpy(&value.i64, at, sizeof value.i64);
        return json_integer(value.i64);
    }
}

static json_t *object_of(const hf_api_type *type, const void *object, const char **failed);

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the types nest */
static json_t *array_of(const hf_api_field *field, const void *object, const char **failed)
{
    json_t *array = json_array();
    const char *elements = hf_api_pointer(field, object);
    const size_t count = elements ? hf_api_count(field, object) : 0;
    for (size_t i = 0; array && i < count; i++) {
        json_t *element = field->kind == HF_API_TEXTS
                              ? string_of(((char *const *)(const void *)elements)[i])
                              : object_of(field->type, elements + i * field->type->size_bytes, failed);
        if (json_array_append_new(array, element) != 0) {
            json_decref(array);
            array = NULL;
        }
    }
    return array;
}

/* NULL if the value is out of range, or there is no memory. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as the types nest */
static json_t *value_of(const hf_api_field *field, const void *object, const char **failed)
{
    const char *at = (const char *)object + field->offset;
    const char *text;
    double real = 0;
    bool truth = false;
    switch (field->kind) {
    case HF_API_TEXT:
        text = hf_api_pointer(field, object);
        return text ? string_of(text) : field->may_be_unknown ? json_null() : NULL;
    case HF_API_BOOL:
        memcpy(&truth, at, sizeof truth);
        return json_boolean(truth);
    case HF_API_REAL:
        memcpy(&real, at, sizeof real);
        return json_real(real); /* NULL unless it is finite */
    case HF_API_WORD:
        return word_of(field, at);
    case HF_API_OBJECT:
        return object_of(field->type, at, failed);
    case HF_API_OBJECTS:
    case HF_API_TEXTS:
        return array_of(field, object, failed);
    default:
        return integer_of(field, at);
    }
}

/* @param failed set to the innermost member that has no JSON form */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as the types nest */
static json_t *object_of(const hf_api_type *type, const void *object, const char **failed)
{
    json_t *json = json_object();
    for (size_t i = 0; json && i < type->field_count; i++) {
        const hf_api_field *field = &type->fields[i];
        if (json_object_set_new(json, field->key, value_of(field, object, failed)) != 0) {
            *failed = *failed ? *failed : field->key;
            json_decref(json);
            json = NULL;
        }
    }
    return json;
}

static int append(const char *bytes, size_t size, void *user)
{
    hf_buffer *out = user;
    hf_buffer_append(out, bytes, size);
    return out->failed ? -1 : 0;
}

hf_status hf_api_write(const hf_api_type *type, const void *object, hf_buffer *out, hf_error *err)
{
    const char *failed = NULL;
    hf_buffer text = HF_BUFFER_INIT;
    hf_status status = HF_OK;
    json_t *json = object_of(type, object, &failed);
    if (!json && failed)
        status = HF_FAIL(err, HF_EINVALID, "%s has no value that JSON can hold", failed);
    else if (!json || json_dump_callback(json, append, &text, JSON_COMPACT) != 0)
        status = HF_FAIL(err, HF_ENOMEM, "no memory to write JSON");
    json_decref(json);
    if (status == HF_OK) {
        hf_buffer_append(out, text.data, text.size);
        if (out->failed)
            status = HF_FAIL(err, HF_ENOMEM, "no memory to write JSON");
    }
    hf_buffer_free(&text);
    return status;
}
