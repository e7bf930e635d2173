/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_RESULTS_TABLE_H
#define HF_REPORT_RESULTS_TABLE_H

#include "base/buffer.h"
#include "report/limit_verdicts.h"
#include "report/rows.h"

/**
 * @file results_table.h
 * Parts of the final table: results_table.c writes its header and the figures, failure_causes.c the failures.
 */

#define HF_VERDICT_SIZE 32

/** "met", or which limits are missed: "RAM ROM missed"; "-" if there is none. */
void hf_table_verdict(const hf_verdicts *verdicts, char text[HF_VERDICT_SIZE]);

/** Name, time, state and counts of the run, and its limits. */
void hf_table_header(const hf_report *report, bool colour, hf_buffer *out);

/** Each appends nothing if there is nothing to report. */
/** Types and shapes of inputs and outputs of models that are not simply int8, states, and how many inferences were compared. */
void hf_table_ports(const hf_report *report, hf_buffer *out);
void hf_table_pruned(const hf_report *report, hf_buffer *out);
/** Models failed and not run, and boards that failed. */
void hf_table_failures(const hf_report *report, hf_buffer *out);

#endif
