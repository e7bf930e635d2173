/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "evaluate/evaluate.h"

hf_status hf_agreement_compute(const hf_dataset *dataset, const hf_evaluation *first,
                               const hf_evaluation *other, const char *other_name, hf_agreement *out,
                               hf_error *err)
{
    if (!first->outputs || !other->outputs)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID,
                          "only classifiers can be compared by their predictions");
    const uint32_t classes = dataset->class_count;
    hf_agreement result = {0};
    uint32_t same = 0;
    /* Both are in the order in which the samples were chosen, but each may lack samples. */
    for (uint32_t i = 0, k = 0; i < first->scored_count && k < other->scored_count;) {
        const uint32_t sample = first->scored[i];
        uint32_t at = k;
        while (at < other->scored_count && other->scored[at] != sample)
            at++;
        if (at == other->scored_count) {
            i++;
            continue;
        }
        const uint32_t label = dataset->samples[sample].label;
        const uint32_t a = hf_top_class(first->outputs + (size_t)i * classes, classes);
        const uint32_t b = hf_top_class(other->outputs + (size_t)at * classes, classes);
        result.compared++;
        same += a == b;
        result.both_right += a == label && b == label;
        result.only_first_right += a == label && b != label;
        result.only_other_right += a != label && b == label;
        i++;
        k = at + 1;
    }
    if (!result.compared)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID, "no sample was scored by both models");
    result.same = hf_wilson(same, result.compared);
    result.other_top1 = hf_wilson((uint64_t)result.both_right + result.only_other_right, result.compared);
    snprintf(result.other, sizeof result.other, "%s", other_name);
    *out = result;
    return HF_OK;
}
