/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_PAGE_PAGE_H
#define HF_PAGE_PAGE_H

#include "base/buffer.h"
#include "report/rows.h"
#include "report/run_comparison.h"

/**
 * @file page.h
 * The interactive page of a run: one file without references to others. It consists of a frame, a style sheet and a program
 * (web/report/, bundled when hilfarm is built), and the data of the run, deflated.
 */

/**
 * Appends the page. Its program builds everything else in the browser.
 * @param comparison with the baseline, of this report (`after`); NULL = there is none
 * @param out marked as failed if memory is short
 */
void hf_page_render(const hf_report *report, const hf_run_comparison *comparison, hf_buffer *out);
/** Appends the data of the page alone, as JSON: what web/report/data.ts declares. Parameters as above. */
void hf_page_render_data(const hf_report *report, const hf_run_comparison *comparison, hf_buffer *out);

#endif
