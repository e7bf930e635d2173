/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_CHART_AXIS_H
#define HF_REPORT_CHART_AXIS_H

#include <stdbool.h>

/** @file chart_axis.h A chart's axis: which values it spans, where they lie, where its ticks are. */

#define HF_AXIS_TICKS 16

typedef struct hf_axis {
    double low, high; /**< values at its ends */
    bool logarithmic;
    double pixel_low, pixel_high; /**< where its ends lie */
    double ticks[HF_AXIS_TICKS];
    int tick_count;
} hf_axis;

/**
 * An axis for values between `smallest` and `largest`, with ticks at 1, 2 and 5 times powers of ten of the
 * unit. It begins at 0, or is logarithmic where the values span more than a factor of 30.
 * @param smallest, largest > 0, in the unit the ticks are to be round in
 */
hf_axis hf_axis_over(double smallest, double largest, double pixel_low, double pixel_high);
/** Where a value lies, in pixels; values outside the axis lie at its ends. */
double hf_axis_place(const hf_axis *axis, double value);

#endif
