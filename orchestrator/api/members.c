/* SPDX-License-Identifier: Apache-2.0 */
/* Members of structures that own something, and freeing it. */
#include <stdlib.h>
#include <string.h>

#include "fields.h"

void *hf_api_pointer(const hf_api_field *field, const void *object)
{
    void *pointer = NULL;
    memcpy(&pointer, (const char *)object + field->offset, sizeof pointer);
    return pointer;
}

size_t hf_api_count(const hf_api_field *field, const void *object)
{
    const char *at = (const char *)object + field->count_offset;
    if (field->count_bytes == sizeof(uint32_t)) {
        uint32_t count = 0;
        memcpy(&count, at, sizeof count);
        return count;
    }
    size_t count = 0;
    memcpy(&count, at, sizeof count);
    return count;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the types nest */
static void free_array(const hf_api_field *field, void *object)
{
    char *elements = hf_api_pointer(field, object);
    const size_t count = elements ? hf_api_count(field, object) : 0;
    for (size_t i = 0; i < count; i++)
        if (field->kind == HF_API_TEXTS)
            free(((char **)(void *)elements)[i]);
        else
            hf_api_clear(field->type, elements + i * field->type->size_bytes);
    free(elements);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the types nest */
void hf_api_clear(const hf_api_type *type, void *object)
{
    for (size_t i = 0; object && i < type->field_count; i++) {
        const hf_api_field *field = &type->fields[i];
        if (field->kind == HF_API_TEXT)
            free(hf_api_pointer(field, object));
        else if (field->kind == HF_API_OBJECT)
            hf_api_clear(field->type, (char *)object + field->offset);
        else if (field->kind == HF_API_OBJECTS || field->kind == HF_API_TEXTS)
            free_array(field, object);
    }
    if (object)
        memset(object, 0, type->size_bytes);
}
