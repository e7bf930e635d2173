/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_TERMINAL_SAFE_TEXT_H
#define HF_REPORT_TERMINAL_SAFE_TEXT_H

#include "base/buffer.h"

/**
 * @file terminal_safe_text.h
 * Texts for terminals. Names and serial lines may contain control characters, which could move the cursor or change
 * colours: they are shown as '?', a line break as a space.
 */

/** All of a text; NULL appends nothing. */
void hf_terminal_put(hf_buffer *out, const char *text);

/** Up to `count` characters. @return the rest of the text */
const char *hf_terminal_put_some(hf_buffer *out, const char *text, int count);

/** Number of characters that hf_terminal_put() writes for a text. */
int hf_terminal_width(const char *text);

/** Length of the first character of a text in bytes, at least one. */
size_t hf_terminal_step(const char *text);

#endif
