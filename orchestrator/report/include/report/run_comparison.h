/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_RUN_COMPARISON_H
#define HF_REPORT_RUN_COMPARISON_H

#include "base/buffer.h"
#include "base/error.h"
#include "report/rows.h"

/**
 * @file run_comparison.h
 * Compares two runs, variation by variation: latency, memory, size and accuracy. Marks regressions and improvements. (Sorting
 * models before they are measured is something else: scorecard/pareto.h.)
 *
 * Results are compared if name and chip are equal; the boards may differ. RAM and image size are exact, so any change
 * counts. So does any change of a modelled latency, because a virtual board is deterministic. On silicon a latency
 * has changed if the confidence interval of the shift between the samples excludes 0 (sample_shift.h).
 *
 * Of the accuracy, more is better. One given in the spec is exact. One that was evaluated on a data set has changed if
 * the two confidence intervals do not overlap. It is comparable with the same metric on a data set of the same name.
 */

typedef enum hf_change {
    HF_CHANGE_NONE,
    HF_CHANGE_IMPROVED,
    HF_CHANGE_REGRESSED,
    HF_CHANGE_UNCERTAIN,      /**< the medians differ, but there are too few samples to decide, or they
                                   were deleted */
    HF_CHANGE_NOT_COMPARABLE, /**< known in one run only, or modelled in one and measured in the other */
} hf_change;

/** "unchanged", "improved", "regressed", "uncertain", "not comparable". Static. */
const char *hf_change_name(hf_change change);

/** A quantity in both runs; less is better, except for the accuracy. */
typedef struct hf_quantity_change {
    double before, after; /**< bytes, median nanoseconds or, of the accuracy, percent; NAN = unknown */
    /** Change relative to `before`, of the accuracy in percentage points; 0 unless both are known. */
    double percent;
    double low_percent,
        high_percent; /**< 99 % confidence interval of a measured latency's change; else percent */
    hf_change change;
} hf_quantity_change;

typedef enum hf_quantity {
    HF_QUANTITY_LATENCY,
    HF_QUANTITY_RAM,
    HF_QUANTITY_IMAGE,
    HF_QUANTITY_ACCURACY,
    HF_QUANTITY_COUNT,
} hf_quantity;

/** "latency", "ram", "image", "accuracy". Static. */
const char *hf_quantity_name(hf_quantity quantity);
/** The title for people: "latency", "RAM", "image", "accuracy". Static. */
const char *hf_quantity_title(hf_quantity quantity);
/** A known value with its unit, such as "7.846 ms" or "85.40 %". */
void hf_quantity_format(hf_quantity quantity, double value, char *text, size_t size);
/** A change with its sign: "+0.70 %", of the accuracy "-10.00 points". */
void hf_quantity_format_change(hf_quantity quantity, double percent, char *text, size_t size);

/** A variation on a chip in two runs. */
typedef struct hf_result_comparison {
    const hf_result_row *before, *after; /**< borrowed; NULL = the run does not have it */
    hf_quantity_change quantities[HF_QUANTITY_COUNT];
    /** All in all: regressed if any quantity is, or if it was measured before and failed or was pruned now. */
    hf_change change;
} hf_result_comparison;

typedef struct hf_run_comparison {
    const hf_report *before, *after; /**< borrowed */
    hf_result_comparison *results;   /**< owned; in the order of `after`, then those that only `before` has */
    size_t result_count;
    size_t counts[HF_CHANGE_NOT_COMPARABLE + 1]; /**< results with each change */
} hf_run_comparison;

/**
 * Compares two runs. Both reports must outlive the comparison.
 * @param out filled on HF_OK; hf_run_comparison_free()
 * @return HF_OK or HF_ENOMEM
 */
hf_status hf_run_compare(const hf_report *before, const hf_report *after, hf_run_comparison *out,
                         hf_error *err);
/** Frees what it owns and zeroes it; NULL is allowed. */
void hf_run_comparison_free(hf_run_comparison *comparison);

/** The outcome of one side of a comparison: hf_result_outcome_name(), "not run", or "missing" for NULL. Static. */
const char *hf_compared_outcome(const hf_result_row *row);

/** A table for terminals. @param colour use ANSI colours */
void hf_run_comparison_render_table(const hf_run_comparison *comparison, bool colour, hf_buffer *out);
/** As the table, without results that are unchanged or not comparable. */
void hf_run_comparison_render_summary(const hf_run_comparison *comparison, bool colour, hf_buffer *out);
/** As the table, with the regressed results only; nothing if there are none. */
void hf_run_comparison_render_regressions(const hf_run_comparison *comparison, hf_buffer *out);
/** RFC 4180, one line per result and quantity (report/FORMATS.md). */
void hf_run_comparison_render_csv(const hf_run_comparison *comparison, hf_buffer *out);
/** One object (report/FORMATS.md). */
void hf_run_comparison_render_json(const hf_run_comparison *comparison, hf_buffer *out);

#endif
