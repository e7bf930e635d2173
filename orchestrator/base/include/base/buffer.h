/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BASE_BUFFER_H
#define HF_BASE_BUFFER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * @file buffer.h
 * A growable, NUL-terminated byte buffer with a sticky error: append without checking, then test `failed`
 * once at the end.
 */
typedef struct hf_buffer {
    char *data;      /**< owned; NULL until the first append; data[size] is NUL */
    size_t size;     /**< bytes in use, without the NUL */
    size_t capacity; /**< bytes allocated */
    size_t limit;    /**< appending past this fails; 0 = no limit */
    bool failed;     /**< an append failed: too large or out of memory; data holds what came before */
} hf_buffer;

#define HF_BUFFER_INIT                                                                                       \
    {                                                                                                        \
        0                                                                                                    \
    }

void hf_buffer_free(hf_buffer *buffer);
/** Empties the buffer and clears `failed`; keeps the allocation. */
void hf_buffer_clear(hf_buffer *buffer);
void hf_buffer_append(hf_buffer *buffer, const void *bytes, size_t size);
void hf_buffer_puts(hf_buffer *buffer, const char *text);
void hf_buffer_putc(hf_buffer *buffer, char character);
void hf_buffer_printf(hf_buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
void hf_buffer_vprintf(hf_buffer *buffer, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
/** A field of a CSV line, quoted if necessary (RFC 4180, 2.6-2.7); NULL appends nothing. */
void hf_buffer_csv(hf_buffer *buffer, const char *text);
/** Removes the first `size` bytes, or all of them if there are fewer. */
void hf_buffer_consume(hf_buffer *buffer, size_t size);
/** The contents as a string; "" if empty. Valid until the next call that changes the buffer. */
const char *hf_buffer_text(const hf_buffer *buffer);
/** Transfers the allocation to the caller, who frees it, and empties the buffer. @return NULL if failed or
 * out of memory */
char *hf_buffer_take(hf_buffer *buffer);

#endif
