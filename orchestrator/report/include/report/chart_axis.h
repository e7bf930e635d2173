/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_CHART_AXIS_H
#define HF_REPORT_CHART_AXIS_H

#include <stdbool.h>

/** @file chart_axis.h A chart's axis: its range of values, their positions in pixels, its ticks. */

#define HF_AXIS_TICKS 16

typedef struct hf_axis {
    double low, high; /**< values at its ends */
    bool logarithmic;
    double pixel_low, pixel_high; /**< position of its ends */
    double ticks[HF_AXIS_TICKS];
    int tick_count;
} hf_axis;

/**
 * An axis for values between `smallest` and `largest`, with ticks at 1, 2 and 5 times powers of ten of the
 * unit. It starts at 0, or is logarithmic if the values span more than a factor of 30.
 * @param smallest, largest > 0, in the unit in which ticks are round numbers
 */
hf_axis hf_axis_over(double smallest, double largest, double pixel_low, double pixel_high);
/** Position of a value, in pixels; values outside the axis are clamped to its ends. */
double hf_axis_place(const hf_axis *axis, double value);

#endif
