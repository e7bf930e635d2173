/* SPDX-License-Identifier: Apache-2.0 */
#include "report/rows.h"

#define HF_FIGURE_STRUCTURE hf_result_row
static const hf_figure result_figures[] = {HF_RESULT_FIGURES(HF_FIGURE_ROW)};
#undef HF_FIGURE_STRUCTURE

const hf_figure_table hf_result_figures = {result_figures, sizeof result_figures / sizeof *result_figures};
