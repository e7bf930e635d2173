/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SCORECARD_HTML_LAYER_CHARTS_H
#define HF_SCORECARD_HTML_LAYER_CHARTS_H

#include "base/buffer.h"
#include "scorecard/scorecard.h"

/** @file html_layer_charts.h A model layer by layer, as the page shows it. */

/** Bars over the layers: parameters, MACs, memory alive with the RAM limit, estimated time. */
void hf_html_layer_charts(const hf_scorecard *card, const hf_limits *limits, hf_buffer *out);
void hf_html_layer_table(const hf_scorecard *card, hf_buffer *out);

#endif
