/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_TERMINAL_SAFE_TEXT_H
#define HF_REPORT_TERMINAL_SAFE_TEXT_H

#include "base/buffer.h"

/**
 * @file terminal_safe_text.h
 * Texts for terminals. Names and serial lines may hold anything: what would move the cursor or change colours
 * is shown as '?', a line break as a space.
 */

/** All of a text; NULL appends nothing. */
void hf_terminal_put(hf_buffer *out, const char *text);

/** Up to `count` characters. @return what is left of the text */
const char *hf_terminal_put_some(hf_buffer *out, const char *text, int count);

/** Characters that hf_terminal_put() makes of a text. */
int hf_terminal_width(const char *text);

/** Bytes of the character that a text begins with, one at least. */
size_t hf_terminal_step(const char *text);

#endif
