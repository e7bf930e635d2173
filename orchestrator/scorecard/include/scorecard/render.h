/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SCORECARD_RENDER_H
#define HF_SCORECARD_RENDER_H

#include "base/buffer.h"
#include "scorecard/pareto.h"

/**
 * @file render.h
 * Scorecards for people and for programs (orchestrator/scorecard/FORMATS.md). All models of a call have
 * estimates for the same chips.
 */

/** A list of models to render. */
typedef struct hf_candidates {
    const hf_candidate *models;
    size_t count;
    bool has_front; /**< hf_candidates_mark_pareto() was called */
    hf_goal front[2];
} hf_candidates;

/** One model in full. @param layers also its layer table @param colour use ANSI colours */
void hf_scorecard_render_text(const hf_candidate *model, bool layers, bool colour, hf_buffer *out);
/** Several models as a table, one line each. */
void hf_candidates_render_table(const hf_candidates *candidates, bool colour, hf_buffer *out);

/** One object for one model, an array for several. */
void hf_candidates_render_json(const hf_candidates *candidates, hf_buffer *out);

/** RFC 4180, one line per model, or with `layers` one line per layer. */
void hf_candidates_render_csv(const hf_candidates *candidates, bool layers, hf_buffer *out);

/**
 * The models as rows of a report, one per chip with an estimate, for the page (page/page.h): estimated latency, memory with the
 * largest firmware, accuracy as given.
 * @param title of the page
 * @param out filled on HF_OK; hf_report_free()
 */
hf_status hf_candidates_report(const hf_candidates *candidates, const char *title, hf_report *out,
                               hf_error *err);

#endif
