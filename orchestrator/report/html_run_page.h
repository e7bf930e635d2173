/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_HTML_RUN_PAGE_H
#define HF_REPORT_HTML_RUN_PAGE_H

#include "report/html_page.h"
#include "report/render.h"

/**
 * @file html_run_page.h
 * The parts of the HTML page of a run.
 */

/** Local time of a wall clock reading with its offset from UTC: "2026-11-22 17:30:55 +0100". */
void hf_html_time(hf_buffer *out, int64_t unix_ms);
/** <details> with the transcript of a board and OpenOCD; nothing if there is none. */
void hf_html_transcript(hf_buffer *out, const char *transcript);

/** Index of a result's chip among the report's chips, in order of appearance: the colour in charts. */
size_t hf_html_chip_index(const hf_report *report, size_t result);

/** The text of an outcome: "not run". Static string. */
const char *hf_html_outcome(hf_result_outcome outcome);

void hf_html_summary(const hf_report *report, hf_buffer *out);
void hf_html_results(const hf_report *report, hf_buffer *out);
void hf_html_charts(const hf_report *report, hf_buffer *out);
void hf_html_failures(const hf_report *report, hf_buffer *out);
/** One <details> per variation: factors, memory, samples, layers, attempts. */
void hf_html_variations(const hf_report *report, hf_buffer *out);
/** A result's layers and, if they were measured, each layer's share of the cycles. */
void hf_html_layers(const hf_result_row *row, hf_buffer *out);
void hf_html_provenance(const hf_report *report, hf_buffer *out);

#endif
