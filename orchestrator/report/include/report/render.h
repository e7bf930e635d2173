/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_RENDER_H
#define HF_REPORT_RENDER_H

#include "base/buffer.h"
#include "report/rows.h"

/**
 * @file render.h
 * A run as text for people and for programs. Everything from virtual boards is marked "modelled" (modelled.h).
 */

/**
 * The final table: name, MACs, params, model size, peak memory, RAM, latency median and spread, constraint
 * verdict; then failures with class and message.
 * @param columns width of the terminal; 0 = unlimited
 * @param colour use ANSI colours
 */
void hf_render_table(const hf_report *report, int columns, bool colour, hf_buffer *out);

/**
 * The failures that the table lists below the figures, under the table's header: each cause once with a count. Appends
 * nothing if nothing failed, everything was run and no board was dead.
 * @param missed also list the results that missed a limit or were pruned because of one
 */
void hf_render_failures(const hf_report *report, bool missed, hf_buffer *out);

/** results.csv (RFC 4180), one line per result; columns documented in report/FORMATS.md. */
void hf_render_csv(const hf_report *report, hf_buffer *out);

/**
 * The layers of each result whose layers were measured: MACs, cycles, share of the cycles, MACs per cycle,
 * instructions.
 */
void hf_render_layers_table(const hf_report *report, hf_buffer *out);

/** layers.csv, one line per layer of each result; columns documented in report/FORMATS.md. */
void hf_render_layers_csv(const hf_report *report, hf_buffer *out);

/** results.json: the whole run as one JSON object, layers and samples included. */
void hf_render_json(const hf_report *report, hf_buffer *out);
/** A run's own members as a JSON object, as in results.json; in the C locale. */
void hf_json_run(const hf_run_row *run, hf_buffer *out);
/** The runs as a JSON array, newest first, for `hilfarm runs --json`. */
void hf_render_runs_json(const hf_run_row *runs, size_t count, hf_buffer *out);

/** The list that `hilfarm runs` prints, newest first: which runs are green, and what is wrong with the others. Without
 * owners, if they are the same, 64 columns and the name. */
void hf_render_runs(const hf_run_row *runs, size_t count, hf_buffer *out);

/** The list that `hilfarm tag` prints, by name. */
void hf_render_tags(const hf_tag_row *tags, size_t count, hf_buffer *out);

/** Inputs, outputs and states of a result's model, and the number of inferences compared: "int8 3x1x40 -> uint8 1x1x1, 4
 * states, 8 inferences compared". Appends nothing if they are not known. Control characters are replaced. */
void hf_ports_text(const hf_result_row *row, hf_buffer *out);

/** Human forms: "21.9 M", "243.9 KB", "181.7 ms". */
void hf_format_count(double value, char *text, size_t size);
void hf_format_bytes(double bytes, char *text, size_t size);
void hf_format_ns(double nanoseconds, char *text, size_t size);

#endif
