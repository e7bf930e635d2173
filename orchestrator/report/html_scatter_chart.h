/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_HTML_SCATTER_CHART_H
#define HF_REPORT_HTML_SCATTER_CHART_H

#include "html_run_page.h"
#include "report/chart_axis.h"

/**
 * @file html_scatter_chart.h
 * A scatter chart. Points are labelled with the numbers of their lines in the table of results.
 */

/* The plane, in the pixels of the chart's viewBox. */
#define SCATTER_WIDTH  560
#define SCATTER_HEIGHT 340
#define SCATTER_LEFT   58
#define SCATTER_RIGHT  (SCATTER_WIDTH - 18)
#define SCATTER_TOP    16
#define SCATTER_BOTTOM (SCATTER_HEIGHT - 46)

typedef struct scatter_point {
    size_t result; /**< index in the report */
    double x, y;   /**< in the axes' units */
    bool hollow;
    size_t hue;
} scatter_point;

typedef struct scatter {
    const char *title, *x_title, *y_title;
    hf_axis x, y;
    double x_limit, y_limit;                   /**< in the axes' units; 0 = none */
    const char *x_limit_title, *y_limit_title; /**< "ROM limit" */
    bool shade_beyond;                         /**< tint the area beyond the limits */
    scatter_point *points;
    size_t point_count;
} scatter;

/** Appends the chart as <svg>. */
void hf_html_scatter(const hf_report *report, const scatter *chart, hf_buffer *out);

#endif
