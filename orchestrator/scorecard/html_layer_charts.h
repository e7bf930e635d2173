/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SCORECARD_HTML_LAYER_CHARTS_H
#define HF_SCORECARD_HTML_LAYER_CHARTS_H

#include "base/buffer.h"
#include "scorecard/scorecard.h"

/** @file html_layer_charts.h Charts and the table of a model's layers, for the page. */

/** Bar charts over the layers: parameters, MACs, live memory with the RAM limit, estimated time. */
void hf_html_layer_charts(const hf_scorecard *card, const hf_limits *limits, hf_buffer *out);
void hf_html_layer_table(const hf_scorecard *card, hf_buffer *out);

#endif
