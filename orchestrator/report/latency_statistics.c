/* SPDX-License-Identifier: Apache-2.0 */
#include "report/latency_statistics.h"

#include <math.h>
#include <stdlib.h>

static int compare_int64(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The quantile `at` (0 .. 1) of sorted values, interpolated between adjacent ranks. */
static double quantile(const int64_t *sorted, size_t count, double at)
{
    double rank = at * (double)(count - 1);
    size_t below = (size_t)rank;
    if (below + 1 >= count)
        return (double)sorted[count - 1];
    double share = rank - (double)below;
    return (double)sorted[below] * (1 - share) + (double)sorted[below + 1] * share;
}

bool hf_result_clock_off(const hf_result_row *row)
{
    return row->clock_ratio > 0 && fabs(row->clock_ratio - 1) > HF_CLOCK_TOLERANCE;
}

/* The same statistics, computed before the samples were deleted. */
static void latency_of_summary(const hf_sample_summary *summary, double ns_per_cycle, hf_latency *out)
{
    *out = (hf_latency){
        .median_ns = summary->median_cycles * ns_per_cycle,
        .min_ns = (double)summary->min_cycles * ns_per_cycle,
        .max_ns = (double)summary->max_cycles * ns_per_cycle,
        .p05_ns = summary->p05_cycles * ns_per_cycle,
        .p95_ns = summary->p95_cycles * ns_per_cycle,
        .median_cycles = summary->median_cycles,
        .median_instructions = summary->median_instructions,
    };
}

bool hf_result_latency(const hf_result_row *row, hf_latency *out)
{
    *out = (hf_latency){0};
    size_t count = row->sample_count;
    if (row->clock_hz <= 0 || (!count && !row->summary.deleted))
        return false;
    if (!count) {
        latency_of_summary(&row->summary, 1e9 / (double)row->clock_hz, out);
        return true;
    }
    int64_t *values = calloc(count, sizeof *values);
    if (!values)
        return false;
    for (size_t i = 0; i < count; i++)
        values[i] = row->samples[i].cycles;
    qsort(values, count, sizeof *values, compare_int64);
    double ns_per_cycle = 1e9 / (double)row->clock_hz;
    out->median_cycles = quantile(values, count, 0.5);
    out->median_ns = out->median_cycles * ns_per_cycle;
    out->min_ns = (double)values[0] * ns_per_cycle;
    out->max_ns = (double)values[count - 1] * ns_per_cycle;
    out->p05_ns = quantile(values, count, 0.05) * ns_per_cycle;
    out->p95_ns = quantile(values, count, 0.95) * ns_per_cycle;
    for (size_t i = 0; i < count; i++)
        values[i] = row->samples[i].instructions;
    qsort(values, count, sizeof *values, compare_int64);
    out->median_instructions = values[0] > 0 ? quantile(values, count, 0.5) : 0;
    free(values);
    return true;
}

int64_t hf_result_samples(const hf_result_row *row)
{
    return (int64_t)row->sample_count + row->summary.deleted;
}

double hf_latency_spread_percent(const hf_latency *latency)
{
    return latency->median_ns > 0 ? 50 * (latency->max_ns - latency->min_ns) / latency->median_ns : 0;
}

double hf_macs_per_cycle(int64_t macs, double cycles)
{
    return macs > 0 && cycles > 0 ? (double)macs / cycles : 0;
}

int64_t hf_result_layers_cycles(const hf_result_row *row)
{
    int64_t cycles = 0;
    for (size_t i = 0; row->outcome == HF_RESULT_MEASURED && i < row->layer_count; i++)
        cycles += row->layers[i].cycles;
    return cycles;
}

double hf_layer_cycles_share_percent(const hf_layer *layer, int64_t layers_cycles)
{
    return layers_cycles > 0 ? 100.0 * (double)layer->cycles / (double)layers_cycles : 0;
}
