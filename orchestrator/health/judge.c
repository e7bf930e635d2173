/* SPDX-License-Identifier: Apache-2.0 */
#include "health/judge.h"

#include <math.h>
#include <stdlib.h>

#define MAD_TO_DEVIATION 1.4826
#define DEVIATIONS       3.0

static int compare(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Sorts the values. Of an even number the upper median, which is one of the values. */
static int64_t median(int64_t *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return values[count / 2];
}

/* Median absolute deviation of the earlier checks; 0 for fewer than three, which tell nothing about a spread. */
static int64_t spread_of(const hf_health_history *history)
{
    int64_t values[HF_HEALTH_VALUES_MAX];
    size_t count = 0;
    for (; count < history->count && count < HF_HEALTH_VALUES_MAX; count++)
        values[count] = history->cycles[count];
    if (count < 3)
        return 0;
    const int64_t middle = median(values, count);
    for (size_t i = 0; i < count; i++)
        values[i] = llabs(values[i] - middle);
    return median(values, count);
}

hf_health_drift hf_health_judge(const hf_health_history *history, const hf_sample *samples, size_t count,
                                bool modelled)
{
    int64_t values[HF_HEALTH_VALUES_MAX];
    size_t used = 0;
    for (; used < count && used < HF_HEALTH_VALUES_MAX; used++)
        values[used] = samples[used].cycles;
    hf_health_drift result = {.cycles = median(values, used), .reference_cycles = history->reference_cycles};
    const double reference = (double)history->reference_cycles;
    if (history->reference_cycles <= 0)
        return result;
    result.drift = ((double)result.cycles - reference) / reference;
    if (!modelled) {
        const double range = (double)(values[used - 1] - values[0]) / reference;
        const double deviation = MAD_TO_DEVIATION * (double)spread_of(history) / reference;
        result.allowed = fmax(HF_HEALTH_DRIFT_MIN, fmax(range, DEVIATIONS * deviation));
    }
    result.drifted = fabs(result.drift) > result.allowed;
    return result;
}
