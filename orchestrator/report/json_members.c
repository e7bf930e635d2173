/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_members.h"

#include "base/buffer.h"
#include "base/utf8.h"

static json_t *string_of_bytes(const char *text)
{
    hf_buffer clean = HF_BUFFER_INIT;
    hf_utf8_append(&clean, text);
    json_t *value = clean.failed ? NULL : json_string(hf_buffer_text(&clean));
    hf_buffer_free(&clean);
    return value;
}

void hf_json_set_text(json_t *object, const char *key, const char *text)
{
    json_t *value = text ? json_string(text) : json_null();
    if (!value && text)
        value = string_of_bytes(text);
    json_object_set_new(object, key, value);
}

void hf_json_set_int(json_t *object, const char *key, int64_t value)
{
    json_object_set_new(object, key, json_integer(value));
}

void hf_json_set_known(json_t *object, const char *key, int64_t value)
{
    json_object_set_new(object, key, value ? json_integer(value) : json_null());
}

void hf_json_set_known_real(json_t *object, const char *key, double value)
{
    json_object_set_new(object, key, value > 0 ? json_real(value) : json_null());
}
