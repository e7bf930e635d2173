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

/** Number of models whose layers a page shows; further models are only in its table. */
#define HF_SCORECARD_PAGE_DETAILS 100
/** Self-contained page: a table of the models, and figures and charts of the layers for each of them. */
void hf_candidates_render_html(const hf_candidates *candidates, hf_buffer *out);

#endif
