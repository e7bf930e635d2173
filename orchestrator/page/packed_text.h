/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_PAGE_PACKED_TEXT_H
#define HF_PAGE_PACKED_TEXT_H

#include <stdint.h>
#include <zlib.h>

#include "base/buffer.h"

/**
 * @file packed_text.h
 * Text as the page holds it: a zlib stream (RFC 1950) in base64, made piece by piece.
 */

/** Appends bytes in base64 (RFC 4648, section 4). */
void hf_base64_append(hf_buffer *out, const uint8_t *bytes, size_t size);

typedef struct hf_packed_text {
    z_stream stream;
    uint8_t rest[3]; /**< deflated bytes that do not fill a group of base64 yet */
    size_t rest_size;
    hf_buffer *out;
} hf_packed_text;

/** @param out gets the text; marked as failed when out of memory. The structure must not move until the end */
void hf_packed_text_begin(hf_packed_text *text, hf_buffer *out);
void hf_packed_text_add(hf_packed_text *text, const void *bytes, size_t size);
/** Must follow every begin. */
void hf_packed_text_end(hf_packed_text *text);

#endif
