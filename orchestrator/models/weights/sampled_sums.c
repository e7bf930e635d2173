/* SPDX-License-Identifier: Apache-2.0 */
#include "sampled_sums.h"

#include <stdlib.h>

/* Large layers are sampled at about this many evenly spaced positions, enough to estimate their deviation. */
#define SAMPLED_POSITIONS 2048

hf_status hf_sampled_sums_make(const hf_accumulation *accumulation, const int8_t *const *inputs,
                               int32_t samples, hf_sampled_sums *out, hf_error *err)
{
    const hf_tensor *tensor = accumulation->out;
    const int64_t positions = (int64_t)tensor->height * tensor->width;
    const int64_t step =
        (positions * samples / SAMPLED_POSITIONS) | 1; /* odd, to reach all columns of even widths */
    hf_sampled_sums sampled = {.positions = samples * ((positions + step - 1) / step),
                               .channels = tensor->channels,
                               .all = step == 1};
    sampled.sums = malloc((size_t)(sampled.positions * sampled.channels) * sizeof *sampled.sums);
    if (!sampled.sums)
        return HF_FAIL(err, HF_ENOMEM, "%s: no memory for %lld sums of %d channels", accumulation->node->name,
                       (long long)sampled.positions, sampled.channels);
    uint32_t *sums = sampled.sums;
    for (int32_t s = 0; s < samples; s++)
        for (int64_t p = 0; p < positions; p += step, sums += sampled.channels)
            hf_accumulation_sums(accumulation, inputs[s], (int32_t)(p / tensor->width),
                                 (int32_t)(p % tensor->width), sums);
    *out = sampled;
    return HF_OK;
}

void hf_sampled_sums_free(hf_sampled_sums *sampled)
{
    free(sampled->sums);
    *sampled = (hf_sampled_sums){0};
}
