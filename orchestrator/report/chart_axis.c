/* SPDX-License-Identifier: Apache-2.0 */
#include "report/chart_axis.h"

#include <math.h>
#include <stddef.h>

#define LOGARITHMIC_FROM 30.0
#define LINEAR_TICKS     5

/* The smallest of 1, 2, 5 times a power of ten that is not below `value`. */
static double round_up(double value)
{
    double power = pow(10, floor(log10(value)));
    const double steps[] = {1, 2, 5, 10};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (steps[i] * power >= value * (1 - 1e-9))
            return steps[i] * power;
    return 10 * power;
}

static void add_tick(hf_axis *axis, double value)
{
    if (axis->tick_count < HF_AXIS_TICKS)
        axis->ticks[axis->tick_count++] = value;
}

hf_axis hf_axis_over(double smallest, double largest, double pixel_low, double pixel_high)
{
    hf_axis axis = {.pixel_low = pixel_low, .pixel_high = pixel_high};
    axis.logarithmic = largest > smallest * LOGARITHMIC_FROM;
    if (!axis.logarithmic) {
        double step = round_up(largest / LINEAR_TICKS);
        int steps = (int)ceil(largest / step - 1e-9);
        axis.high = step * steps;
        for (int i = 0; i <= steps; i++)
            add_tick(&axis, step * i);
        return axis;
    }
    /* 5, 2 and 1 below the smallest value: 10 / round_up(10 / x) of the same power. */
    axis.low = 1 / round_up(1 / smallest);
    axis.high = round_up(largest);
    bool every = axis.high / axis.low < 1e4; /* else powers of ten only */
    double tick = axis.low;
    while (tick <= axis.high * (1 + 1e-9)) {
        if (every || fabs(log10(tick) - round(log10(tick))) < 1e-9)
            add_tick(&axis, tick);
        tick = round_up(tick * 1.5);
    }
    return axis;
}

double hf_axis_place(const hf_axis *axis, double value)
{
    double share = 0;
    if (axis->logarithmic && value > 0)
        share = log(value / axis->low) / log(axis->high / axis->low);
    else if (!axis->logarithmic)
        share = (value - axis->low) / (axis->high - axis->low);
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    return axis->pixel_low + share * (axis->pixel_high - axis->pixel_low);
}
