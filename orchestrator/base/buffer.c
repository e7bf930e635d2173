/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void hf_buffer_free(hf_buffer *buffer)
{
    if (!buffer)
        return;
    free(buffer->data);
    *buffer = (hf_buffer){.limit = buffer->limit};
}

void hf_buffer_clear(hf_buffer *buffer)
{
    buffer->size = 0;
    buffer->failed = false;
    if (buffer->data)
        buffer->data[0] = '\0';
}

/* Ensures capacity for `more` bytes and a NUL. @return false, with `failed` set, if that is impossible */
static bool ensure_capacity(hf_buffer *buffer, size_t more)
{
    if (buffer->failed)
        return false;
    if (more > SIZE_MAX / 2 - buffer->size - 1 || (buffer->limit && buffer->size + more > buffer->limit)) {
        buffer->failed = true;
        return false;
    }
    size_t needed = buffer->size + more + 1;
    if (needed <= buffer->capacity)
        return true;
    size_t grown = buffer->capacity ? buffer->capacity : 64;
    while (grown < needed)
        grown *= 2;
    char *data = realloc(buffer->data, grown);
    if (!data) {
        buffer->failed = true;
        return false;
    }
    buffer->data = data;
    buffer->capacity = grown;
    return true;
}

void hf_buffer_append(hf_buffer *buffer, const void *bytes, size_t size)
{
    if (!ensure_capacity(buffer, size))
        return;
    if (size)
        memcpy(buffer->data + buffer->size, bytes, size);
    buffer->size += size;
    buffer->data[buffer->size] = '\0';
}

void hf_buffer_puts(hf_buffer *buffer, const char *text)
{
    hf_buffer_append(buffer, text, strlen(text));
}

void hf_buffer_putc(hf_buffer *buffer, char character)
{
    hf_buffer_append(buffer, &character, 1);
}

void hf_buffer_vprintf(hf_buffer *buffer, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    if (length < 0)
        buffer->failed = true;
    else if (ensure_capacity(buffer, (size_t)length)) {
        vsnprintf(buffer->data + buffer->size, (size_t)length + 1, format, again);
        buffer->size += (size_t)length;
    }
    va_end(again);
}

void hf_buffer_printf(hf_buffer *buffer, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    hf_buffer_vprintf(buffer, format, args);
    va_end(args);
}

void hf_buffer_csv(hf_buffer *buffer, const char *text)
{
    if (!text)
        return;
    if (!strpbrk(text, ",\"\r\n")) {
        hf_buffer_puts(buffer, text);
        return;
    }
    hf_buffer_putc(buffer, '"');
    for (; *text; text++) {
        if (*text == '"')
            hf_buffer_putc(buffer, '"');
        hf_buffer_putc(buffer, *text);
    }
    hf_buffer_putc(buffer, '"');
}

void hf_buffer_consume(hf_buffer *buffer, size_t size)
{
    if (size > buffer->size)
        size = buffer->size;
    if (!size)
        return;
    memmove(buffer->data, buffer->data + size, buffer->size - size + 1);
    buffer->size -= size;
}

const char *hf_buffer_text(const hf_buffer *buffer)
{
    return buffer->data ? buffer->data : "";
}

char *hf_buffer_take(hf_buffer *buffer)
{
    if (buffer->failed || !ensure_capacity(buffer, 0))
        return NULL;
    char *data = buffer->data;
    data[buffer->size] = '\0';
    *buffer = (hf_buffer){.limit = buffer->limit};
    return data;
}
