/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BASE_UTF8_H
#define HF_BASE_UTF8_H

#include <stddef.h>

#include "base/buffer.h"

/**
 * @file utf8.h
 * Serial lines may contain any bytes; HTML and JSON allow only UTF-8.
 */

/** U+FFFD replaces a byte that is not UTF-8. */
#define HF_UTF8_REPLACEMENT "\xEF\xBF\xBD"

/** Length in bytes of the well-formed UTF-8 character at the start of NUL-terminated text; 0 if there is none. */
size_t hf_utf8_length(const char *text);

/** Appends NUL-terminated text with U+FFFD in place of every byte that is not UTF-8. */
void hf_utf8_append(hf_buffer *out, const char *text);

#endif
