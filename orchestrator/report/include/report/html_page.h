/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_HTML_PAGE_H
#define HF_REPORT_HTML_PAGE_H

#include <stdint.h>

#include "base/buffer.h"

/**
 * @file html_page.h
 * Parts that all HTML pages of hilfarm share. All text that is not our own markup must be escaped with hf_html_text().
 */

/** Appends text, escaped for use between tags and in quoted attributes; NULL appends nothing. */
void hf_html_text(hf_buffer *out, const char *text);
void hf_html_count(hf_buffer *out, int64_t value);
void hf_html_bytes(hf_buffer *out, int64_t bytes);
void hf_html_ns(hf_buffer *out, double nanoseconds);

/** The style sheet and the script, without their tags. */
extern const char hf_html_style[];
extern const char hf_html_script[];

/** The start of a page, up to <main>, and its end. A content security policy forbids external references. */
void hf_html_page_begin(hf_buffer *out, const char *title);
void hf_html_page_end(hf_buffer *out);

#endif
