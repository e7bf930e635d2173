/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "work.h"

void hf_search_decide(hf_search_work *w, hf_search_step step, uint32_t epochs, int64_t candidate, bool kept,
                      const char *format, ...)
{
    hf_search_plan *plan = w->plan;
    char *reason = NULL;
    va_list arguments;
    va_start(arguments, format);
    const int length = vasprintf(&reason, format, arguments);
    va_end(arguments);
    hf_search_decision *grown =
        length < 0 ? NULL : reallocarray(plan->decisions, plan->decision_count + 1, sizeof *grown);
    if (!grown) {
        w->failed = true;
        free(length < 0 ? NULL : reason);
        return;
    }
    plan->decisions = grown;
    grown[plan->decision_count++] = (hf_search_decision){
        .step = step, .epochs = epochs, .candidate = candidate, .kept = kept, .reason = reason};
}

void hf_search_plan_free(hf_search_plan *plan)
{
    for (size_t i = 0; i < plan->decision_count; i++)
        free(plan->decisions[i].reason);
    free(plan->decisions);
    free(plan->todo);
    free(plan->winners);
    *plan = (hf_search_plan){0};
}

const char *hf_search_step_name(hf_search_step step)
{
    static const char *const names[] = {"analyse", "measure", "train", "finish", "prove", "done"};
    return names[step];
}

/* splitmix64 (Steele, Lea, Flood 2014) */
uint64_t hf_search_dice(const hf_search_work *w, uint32_t candidate)
{
    uint64_t z = w->settings->seed * UINT64_C(0x9e3779b97f4a7c15) + candidate + 1;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}
