/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_RESULTS_FORMAT_H
#define HF_REPORT_RESULTS_FORMAT_H

#include "base/buffer.h"
#include "base/error.h"
#include "report/rows.h"

/**
 * @file results_format.h
 * Formats of a run's results for other programs (report/FORMATS.md), written one result at a time: a run of any size
 * needs the memory of one result.
 */

/** Parts of a run that not every format needs, as a set. */
enum {
    HF_PART_LAYERS = 1,
    HF_PART_ATTEMPTS = 2, /**< with transcripts */
    HF_PARTS_ALL = HF_PART_LAYERS | HF_PART_ATTEMPTS,
};

/** What is known before the first result. */
typedef struct hf_results_head {
    const hf_report *report; /**< run, boards and failures; results and attempts are ignored */
    const char *const
        *factors; /**< names of all factors of the run, in the order of their first appearance */
    size_t factor_count;
    size_t offset; /**< results that are left out before the first one */
    size_t total;  /**< results of the run */
} hf_results_head;

/** One result. */
typedef struct hf_results_item {
    const hf_result_row *row;              /**< layers only if the format needs them */
    const hf_attempt_row *const *attempts; /**< in order, only if the format needs them */
    size_t attempt_count;
    bool is_first; /**< of those written */
} hf_results_item;

typedef struct hf_results_format {
    const char *name;                                           /**< "results.csv" */
    unsigned parts;                                             /**< needed */
    void (*begin)(const hf_results_head *head, hf_buffer *out); /**< NULL = nothing */
    void (*item)(const hf_results_head *head, const hf_results_item *item, hf_buffer *out);
    /** @param any whether an item appended anything; NULL = nothing follows */
    void (*end)(const hf_results_head *head, bool any, hf_buffer *out);
} hf_results_format;

extern const hf_results_format hf_results_csv;  /**< a line per result */
extern const hf_results_format hf_layers_csv;   /**< a line per layer */
extern const hf_results_format hf_results_json; /**< one object; a line per result */
extern const hf_results_format
    hf_layers_table; /**< a table of layers for terminals, per result that has them */
extern const hf_results_format hf_results_markdown; /**< a table for a pull request */

/** Who gets the results of a run one by one; what is not HF_OK ends the visit. */
typedef struct hf_results_visitor {
    void *user;
    unsigned parts; /**< that the visitor needs */
    hf_status (*begin)(void *user, const hf_results_head *head, hf_error *err);
    hf_status (*item)(void *user, const hf_results_head *head, const hf_results_item *item, hf_error *err);
    hf_status (*end)(void *user, const hf_results_head *head, hf_error *err);
} hf_results_visitor;

/** Visits a report that is in memory. */
hf_status hf_report_visit(const hf_report *report, const hf_results_visitor *visitor, hf_error *err);

/** Writes a report that is in memory. */
void hf_render_results(const hf_results_format *format, const hf_report *report, hf_buffer *out);

/** Where a text goes that is too large for memory. */
typedef struct hf_text_sink {
    void *user;
    hf_status (*write)(void *user, const void *bytes, size_t size, hf_error *err);
} hf_text_sink;

/** Passes what is in the buffer on to the sink, once there is enough of it or at the end. */
hf_status hf_results_flush(hf_buffer *text, bool at_end, const hf_text_sink *sink, hf_error *err);

/** The attempts of a report by result. */
typedef struct hf_attempts_by_result {
    const hf_attempt_row **attempts; /**< owned array of borrowed rows */
    size_t *start;                   /**< owned; per result, and one more: where its attempts begin */
} hf_attempts_by_result;

/** @return false if memory is short; then *out is empty */
bool hf_attempts_by_result_make(const hf_report *report, hf_attempts_by_result *out);
void hf_attempts_by_result_free(hf_attempts_by_result *attempts);

/** A factor of a result; NULL = its family does not have it. */
const hf_factor_row *hf_result_factor(const hf_result_row *row, const char *name);

#endif
