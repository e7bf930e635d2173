/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_HTML_PAGE_H
#define HF_REPORT_HTML_PAGE_H

#include "base/buffer.h"

/**
 * @file html_page.h
 * Text in HTML. All that is not our own markup must be escaped.
 */

/** Appends text, escaped for use between tags and in quoted attributes; NULL appends nothing. */
void hf_html_text(hf_buffer *out, const char *text);

#endif
