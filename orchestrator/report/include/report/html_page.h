/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_HTML_PAGE_H
#define HF_REPORT_HTML_PAGE_H

#include <stdint.h>

#include "base/buffer.h"

/**
 * @file html_page.h
 * What all of hilfarm's HTML pages share, and how text gets into them: everything that is not markup of our
 * own goes through hf_html_text().
 */

/** Appends text so that it is text both between tags and in quoted attributes; NULL appends nothing. */
void hf_html_text(hf_buffer *out, const char *text);
void hf_html_count(hf_buffer *out, int64_t value);
void hf_html_bytes(hf_buffer *out, int64_t bytes);
void hf_html_ns(hf_buffer *out, double nanoseconds);

/** The style sheet and the script, without their tags. */
extern const char hf_html_style[];
extern const char hf_html_script[];

/** A page's beginning, up to <main>, and its end. Self-contained: a content security policy forbids the rest.
 */
void hf_html_page_begin(hf_buffer *out, const char *title);
void hf_html_page_end(hf_buffer *out);

#endif
