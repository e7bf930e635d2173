/* SPDX-License-Identifier: Apache-2.0 */
#include "guessing.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "evaluate/metrics.h"

/* The share of the most frequent class; 0 without memory, so that nothing is said. */
static double largest_share(const hf_dataset *dataset)
{
    uint32_t *counts = calloc((size_t)dataset->class_count + 1, sizeof *counts), most = 0;
    for (uint32_t i = 0; counts && i < dataset->sample_count; i++) {
        const uint32_t count = ++counts[dataset->samples[i].label];
        most = count > most ? count : most;
    }
    free(counts);
    return (double)most / dataset->sample_count;
}

void hf_training_describe_guessing(double percent, const hf_dataset *dataset, double share, const char *where,
                                   char *text, size_t size)
{
    const double count = floor(dataset->sample_count * share), guessed = largest_share(dataset);
    *text = '\0';
    if (!(percent >= 0 && percent <= 100) || count < 1)
        return;
    const hf_estimate accuracy = hf_wilson((uint64_t)llround(percent / 100 * count), (uint64_t)count);
    if (accuracy.low > guessed)
        return;
    snprintf(text, size,
             "%.2f %% on the %s samples is no better than guessing (the most frequent class has %.2f %%): "
             "check the labels, or try a smaller learning_rate or more epochs",
             percent, where, 100 * guessed);
}
