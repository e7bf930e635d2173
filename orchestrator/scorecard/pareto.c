/* SPDX-License-Identifier: Apache-2.0 */
#include "scorecard/pareto.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/did_you_mean.h"

static const char *const names[] = {
#define HF_METRIC_NAME(name, text) [HF_METRIC_##name] = (text),
    HF_METRIC_MAP(HF_METRIC_NAME)
#undef HF_METRIC_NAME
};

const char *hf_metric_name(hf_metric metric)
{
    return (size_t)metric < HF_METRIC_COUNT ? names[metric] : "unknown";
}

hf_status hf_goal_parse(const char *text, size_t length, hf_goal *out, hf_error *err)
{
    bool more = length > 0 && text[0] == '-';
    const char *word = text + more;
    size_t word_length = length - more;
    for (int i = 0; i < HF_METRIC_COUNT; i++)
        if (strlen(names[i]) == word_length && memcmp(names[i], word, word_length) == 0) {
            *out = (hf_goal){(hf_metric)i, (i == HF_METRIC_ACCURACY) != more};
            return HF_OK;
        }
    char given[64];
    snprintf(given, sizeof given, "%.*s", (int)(word_length < sizeof given ? word_length : sizeof given),
             word);
    hf_suggestion suggestion = {.word = given};
    for (int i = 0; i < HF_METRIC_COUNT; i++)
        hf_suggest(&suggestion, names[i]);
    return HF_FAIL(
        err, HF_EINVALID,
        "'%s' is not a metric: expected macs, params, model, bytes_per_param, peak, arena, latency or "
        "accuracy, with a '-' before it if more is better%s%s%s",
        given, suggestion.best ? "; did you mean " : "", suggestion.best ? suggestion.best : "",
        suggestion.best ? "?" : "");
}

double hf_metric_value(const hf_scorecard *card, hf_metric metric)
{
    switch (metric) {
    case HF_METRIC_MACS:
        return (double)card->macs;
    case HF_METRIC_PARAMS:
        return (double)card->params;
    case HF_METRIC_MODEL:
        return (double)card->model_bytes;
    case HF_METRIC_BYTES_PER_PARAM:
        return hf_scorecard_bytes_per_param(card);
    case HF_METRIC_PEAK:
        return (double)card->peak_memory_bytes;
    case HF_METRIC_ARENA:
        return (double)card->arena_bytes;
    case HF_METRIC_LATENCY:
        return card->latency_count ? card->latencies[0].ns : 0;
    case HF_METRIC_ACCURACY:
        return card->accuracy_percent;
    case HF_METRIC_COUNT:
        break;
    }
    return 0;
}

/* Less is better. */
static double cost(const hf_scorecard *card, hf_goal goal)
{
    double value = hf_metric_value(card, goal.metric);
    if (goal.metric == HF_METRIC_ACCURACY && !card->has_accuracy)
        return INFINITY; /* the last of a list, and not on a front */
    return goal.more_is_better ? -value : value;
}

typedef struct ranked {
    double a, b;
    size_t index;
} ranked;

static int by_rank(const void *x, const void *y)
{
    const ranked *p = x, *q = y;
    if (p->a != q->a)
        return p->a < q->a ? -1 : 1;
    if (p->b != q->b)
        return p->b < q->b ? -1 : 1;
    return p->index < q->index ? -1 : p->index > q->index;
}

hf_status hf_candidates_sort(hf_candidate *models, size_t count, hf_goal goal, hf_error *err)
{
    if (count < 2)
        return HF_OK;
    ranked *ranks = calloc(count + 1, sizeof *ranks);
    hf_candidate *sorted = calloc(count + 1, sizeof *sorted);
    hf_status status = HF_OK;
    if (ranks && sorted) {
        for (size_t i = 0; i < count; i++)
            ranks[i] = (ranked){.a = cost(&models[i].card, goal), .index = i};
        qsort(ranks, count, sizeof *ranks, by_rank);
        for (size_t i = 0; i < count; i++)
            sorted[i] = models[ranks[i].index];
        memcpy(models, sorted, count * sizeof *models);
    } else {
        status = HF_FAIL(err, HF_ENOMEM, "no memory to sort %zu models", count);
    }
    free(ranks);
    free(sorted);
    return status;
}

hf_status hf_candidates_mark_pareto(hf_candidate *models, size_t count, hf_goal a, hf_goal b, hf_error *err)
{
    ranked *ranks = calloc(count + 1, sizeof *ranks);
    if (!ranks)
        return HF_FAIL(err, HF_ENOMEM, "no memory to compare %zu models", count);
    for (size_t i = 0; i < count; i++)
        ranks[i] = (ranked){cost(&models[i].card, a), cost(&models[i].card, b), i};
    qsort(ranks, count, sizeof *ranks, by_rank);
    /* Sorted by a, then b: a model is beaten unless it is better in b than all before it, or equals the last model
     * on the front in both. */
    double best_b = INFINITY, front_a = NAN;
    for (size_t i = 0; i < count; i++) {
        bool twin = ranks[i].a == front_a && ranks[i].b == best_b;
        bool on_front = (ranks[i].b < best_b || twin) && isfinite(ranks[i].a);
        models[ranks[i].index].on_front = on_front;
        if (on_front) {
            best_b = ranks[i].b;
            front_a = ranks[i].a;
        }
    }
    free(ranks);
    return HF_OK;
}
