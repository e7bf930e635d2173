/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_PAGE_PAGE_H
#define HF_PAGE_PAGE_H

#include "base/buffer.h"
#include "report/history_rows.h"
#include "report/results_format.h"
#include "report/run_comparison.h"

/**
 * @file page.h
 * The interactive page of a run: one file without references to others. It consists of a frame, a style sheet and a program
 * (web/report/, bundled when hilfarm is built), and the data of the run, deflated. The results are written one by one: what tables and
 * charts need of all of them is collected, and the details follow in blocks, which the program unpacks when a result is opened.
 */

typedef enum hf_page_kind {
    HF_PAGE_WHOLE,   /**< the page */
    HF_PAGE_DATA,    /**< its data without the details: `PageData` of web/report/data.ts, JSON */
    HF_PAGE_DETAILS, /**< the details of the results that are visited: `DetailBlock` of data.ts, JSON */
} hf_page_kind;

/** Where the earlier results of a variation come from. */
typedef struct hf_page_history {
    void *user;
    /**
     * Reads the results of a variation on a chip, newest run first.
     * @param before only runs with a smaller number
     * @param most at most so many
     * @param rows hf_rows_free() with hf_trend_row_type
     */
    hf_status (*load)(void *user, const char *name, const char *chip, int64_t before, size_t most,
                      hf_trend_row **rows, size_t *count, hf_error *err);
} hf_page_history;

typedef struct hf_page_options {
    hf_page_kind kind;
    /** with the baseline, of the run that is visited (`after`), which must have the same results; NULL = there is none */
    const hf_run_comparison *comparison;
    /** the details of each result then have its trend over the runs up to this one, unless there are too many results: the size of the
     * page is bounded. NULL = no trends */
    const hf_page_history *history;
} hf_page_options;

typedef struct hf_page_writer hf_page_writer;

/**
 * @param options what they point to must outlive the writer
 * @param sink gets the text, in the C locale only if the visit is made in it (report/c_locale.h)
 * @return NULL if memory is short; hf_page_writer_free()
 */
hf_page_writer *hf_page_writer_new(const hf_page_options *options, const hf_text_sink *sink);
/** What writes the page: to be passed to hf_store_visit_results() or hf_report_visit(), once. */
hf_results_visitor hf_page_visitor(hf_page_writer *writer);
/** NULL is allowed. */
void hf_page_writer_free(hf_page_writer *writer);

/**
 * Appends the page of a report that is in memory.
 * @param comparison as in hf_page_options
 * @param out marked as failed if memory is short
 */
void hf_page_render(const hf_report *report, const hf_run_comparison *comparison, hf_buffer *out);

/** The style sheet of the page, for other pages that are to look alike. @param bytes set to its length @return static, not terminated */
const char *hf_page_style_sheet(size_t *bytes);

#endif
