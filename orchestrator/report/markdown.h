/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_MARKDOWN_H
#define HF_REPORT_MARKDOWN_H

#include "base/buffer.h"
#include "report/rows.h"

/**
 * @file markdown.h
 * Parts of Markdown (GitHub Flavored); numbers in the C locale.
 */

/** A text from outside, in the middle of a line: no control characters, and no character with a meaning. */
void hf_markdown_text(const char *text, hf_buffer *out);
/** The head of a table of results. */
void hf_markdown_table_head(hf_buffer *out);
/** A line of that table. */
void hf_markdown_result(const hf_run_row *run, const hf_result_row *row, hf_buffer *out);

#endif
