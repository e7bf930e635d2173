/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_MODELLED_H
#define HF_REPORT_MODELLED_H

#include <stdbool.h>

/**
 * @file modelled.h
 * How modelled results are marked in every output: tables, CSV, JSON, pages. A virtual board's cycles come from a
 * timing model, and the reader of a figure must see that next to the figure. All texts that say so are here.
 */

/** "modelled" for a virtual board, "measured" for silicon: the value of `timing` in CSV and JSON. Static. */
const char *hf_timing_name(bool modelled);

/** " (modelled)" to append to a heading or a title; "" for silicon. Static. */
const char *hf_modelled_suffix(bool modelled);

/** Marks a latency in a table for terminals: "*", which HF_MODELLED_FOOTNOTE explains; "" for silicon. Static. */
const char *hf_modelled_asterisk(bool modelled);

/** The footnote of a table with marked latencies. */
#define HF_MODELLED_FOOTNOTE "* modelled: from a virtual board, whose cycle counts come from a timing model\n"

/** What marks a latency that was estimated without any board. */
#define HF_ESTIMATED "estimated (modelled)"

#endif
