/* SPDX-License-Identifier: Apache-2.0 */
#include "sigmoid16.h"

#include <math.h>
#include <stdlib.h>

/* The sigmoid of i / 24, raised by half of the largest error of a linear interpolation between entries: it is a sixteenth of
 * the second derivative times the square of their distance. */
static int32_t table_entry(int i)
{
    const double step = 1.0 / 24;
    const double f = 1.0 / (1.0 + exp(-i * step));
    return (int32_t)lround(65536.0 * (f - f * (1 - f) * (1 - 2 * f) * step * step / 16));
}

void hf_sigmoid16_init(hf_sigmoid16 *table)
{
    for (int i = 0; i < HF_SIGMOID16_ENTRIES; i++)
        table->entries[i] = table_entry(i);
    table->entries[HF_SIGMOID16_ENTRIES - 1] = 65535;
}

static int32_t steps_of(int32_t value, int32_t multiplier, int32_t shift)
{
    const int64_t round = shift > 0 ? INT64_C(1) << (shift - 1) : 0;
    return (int32_t)(((int64_t)value * multiplier + round) >> shift);
}

/* Between two entries of the table; `bits` are behind the entry's number. @return -1 beyond the table */
static int32_t interpolate(const hf_sigmoid16 *table, int32_t magnitude, int32_t bits)
{
    const int32_t entry = magnitude >> bits;
    if (entry >= HF_SIGMOID16_ENTRIES - 1)
        return -1;
    const int32_t rest = magnitude & ((1 << bits) - 1);
    return (table->entries[entry] << bits) + rest * (table->entries[entry + 1] - table->entries[entry]);
}

int16_t hf_sigmoid16_logistic(const hf_sigmoid16 *table, int32_t value, int32_t multiplier, int32_t shift)
{
    const int32_t steps = steps_of(value, multiplier, shift); /* 2^12 * 3 / 2^9 = 24 entries for 1 */
    const int32_t found = interpolate(table, abs(steps), 9);
    const int64_t magnitude = found < 0 ? 0x7FFF << 10 : found;
    const int64_t result = steps >= 0 ? magnitude + (1 << 9) : (1 << 25) - magnitude + (1 << 9) - 1;
    return (int16_t)(result >> 10);
}

/* tanh(x) = 2 sigmoid(2 x) - 1 */
int16_t hf_sigmoid16_tanh(const hf_sigmoid16 *table, int32_t value, int32_t multiplier, int32_t shift)
{
    const int32_t steps = steps_of(value, multiplier, shift);
    const int32_t found = interpolate(table, abs(steps), 8);
    const int32_t magnitude = found < 0 ? 0xFFFF << 8 : found;
    const int32_t result =
        steps >= 0 ? magnitude - (1 << 23) + (1 << 7) : -magnitude + (1 << 23) + (1 << 7) - 1;
    return (int16_t)(result >> 8);
}
