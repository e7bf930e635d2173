/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_REPORT_LATENCY_STATISTICS_H
#define HF_REPORT_LATENCY_STATISTICS_H

#include "report/rows.h"

/**
 * @file latency_statistics.h
 * Order statistics of a result's samples, and the shares of its layers.
 */

/** A larger deviation between the core's clock and the host's is reported wherever times are shown. */
#define HF_CLOCK_TOLERANCE 0.005
/** @return true if the row's clock deviates by more than HF_CLOCK_TOLERANCE */
bool hf_result_clock_off(const hf_result_row *row);

/** Order statistics of the samples in nanoseconds at the row's clock (linear interpolation between ranks). */
typedef struct hf_latency {
    double median_ns, min_ns, max_ns, p05_ns, p95_ns;
    double median_cycles;
    double median_instructions; /**< 0 = unknown */
} hf_latency;
/** @return false (and *out zeroed) if there are no samples */
bool hf_result_latency(const hf_result_row *row, hf_latency *out);

/** Number of timed inferences, those deleted since included. */
int64_t hf_result_samples(const hf_result_row *row);

/** Half the distance between the fastest and the slowest sample, in percent of the median; 0 without a median. */
double hf_latency_spread_percent(const hf_latency *latency);

/** Multiply-accumulates per cycle; 0 if either is unknown. */
double hf_macs_per_cycle(int64_t macs, double cycles);

/** Sum of the cycles of a result's layers, the base of shares; 0 = layers were not measured. */
int64_t hf_result_layers_cycles(const hf_result_row *row);
/** Share of a layer's cycles in hf_result_layers_cycles(), percent; 0 if either is unknown. */
double hf_layer_cycles_share_percent(const hf_layer *layer, int64_t layers_cycles);

#endif
