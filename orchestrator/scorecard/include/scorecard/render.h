/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SCORECARD_RENDER_H
#define HF_SCORECARD_RENDER_H

#include "base/buffer.h"
#include "scorecard/pareto.h"

/**
 * @file render.h
 * Scorecards for people and for programs (orchestrator/scorecard/FORMATS.md). All models of a call have been
 * estimated for the same chips.
 */

/** What is said of a comparison as a whole. */
typedef struct hf_candidates {
    const hf_candidate *models;
    size_t count;
    bool has_front; /**< hf_candidates_mark_pareto() was asked for */
    hf_goal front[2];
} hf_candidates;

/** One model in full. @param layers also its layer table @param colour use ANSI colours */
void hf_scorecard_render_text(const hf_candidate *model, bool layers, bool colour, hf_buffer *out);
/** Several models as a table, one line each. */
void hf_candidates_render_table(const hf_candidates *candidates, bool colour, hf_buffer *out);

/** One object for one model, an array for several. */
void hf_candidates_render_json(const hf_candidates *candidates, hf_buffer *out);

/** RFC 4180, one line a model, or with `layers` one line a layer. */
void hf_candidates_render_csv(const hf_candidates *candidates, bool layers, hf_buffer *out);

/** Models whose layers a page shows; of further ones it has the line in the table. */
#define HF_SCORECARD_PAGE_DETAILS 100
/** Self-contained page: the comparison, and for each model its figures and charts over its layers. */
void hf_candidates_render_html(const hf_candidates *candidates, hf_buffer *out);

#endif
