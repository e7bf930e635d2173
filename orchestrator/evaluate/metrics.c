/* SPDX-License-Identifier: Apache-2.0 */
#include "evaluate/metrics.h"

#include <math.h>
#include <stdlib.h>

#define Z_95 1.959963984540054 /* 97.5 % point of the normal distribution */

hf_estimate hf_wilson(uint64_t hits, uint64_t count)
{
    if (!count || hits > count)
        return (hf_estimate){0};
    double n = (double)count, p = (double)hits / n, zz = Z_95 * Z_95;
    double centre = (p + zz / (2 * n)) / (1 + zz / n);
    double half = Z_95 / (1 + zz / n) * sqrt(p * (1 - p) / n + zz / (4 * n * n));
    return (hf_estimate){
        .value = p,
        /* At the ends the formula gives exactly 0 and 1 except for rounding. */
        .low = hits == 0 ? 0 : centre - half,
        .high = hits == count ? 1 : centre + half,
        .has_value = true,
        .has_interval = true,
    };
}

typedef struct ranked {
    double score;
    size_t sample;
    bool positive;
} ranked;

static int by_score(const void *a, const void *b)
{
    double x = ((const ranked *)a)->score, y = ((const ranked *)b)->score;
    return (x > y) - (x < y);
}

/* Samples sorted by score, and the number of positives. */
typedef struct ranking {
    ranked *items;
    size_t count, positives;
} ranking;

/*
 * One pass over the sorted samples, group of equal scores by group. A positive's placement is the share of
 * negatives below it, a negative's that of positives above it, ties counting half; the mean of either is the
 * area. With `components`, adds to each sample's the weighted deviation of its placement from `mean`.
 */
static double area(const ranking *r, double mean, double *components, double weight)
{
    double m = (double)r->positives, n = (double)(r->count - r->positives), sum = 0;
    size_t below_positive = 0, below_negative = 0;
    for (size_t start = 0, end; start < r->count; start = end) {
        size_t positives = 0;
        for (end = start; end < r->count && r->items[end].score == r->items[start].score; end++)
            positives += r->items[end].positive;
        size_t negatives = end - start - positives;
        double of_positive = ((double)below_negative + 0.5 * (double)negatives) / n;
        double of_negative = 1 - ((double)below_positive + 0.5 * (double)positives) / m;
        sum += of_positive * (double)positives;
        for (size_t i = start; components && i < end; i++) {
            double own = r->items[i].positive ? m : n;
            double placement = r->items[i].positive ? of_positive : of_negative;
            /* The square summed over a set is its sample variance divided by its size. */
            components[r->items[i].sample] += weight * (placement - mean) / sqrt(own * (own - 1));
        }
        below_positive += positives;
        below_negative += negatives;
    }
    return sum / m;
}

static hf_estimate with_interval(double value, const double *components, size_t count, bool enough)
{
    double variance = 0;
    for (size_t i = 0; enough && i < count; i++)
        variance += components[i] * components[i];
    double half = Z_95 * sqrt(variance);
    return (hf_estimate){
        .value = value,
        .low = fmax(0, value - half),
        .high = fmin(1, value + half),
        .has_value = true,
        .has_interval = enough && variance > 0,
    };
}

/* Allocates a ranking and the components of its samples. */
static hf_status allocate(size_t count, ranking *r, double **components, hf_error *err)
{
    *r = (ranking){.items = calloc(count ? count : 1, sizeof *r->items), .count = count};
    *components = calloc(count ? count : 1, sizeof **components);
    if (r->items && *components)
        return HF_OK;
    free(r->items);
    free(*components);
    return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "no memory to rank %zu samples", count);
}

hf_status hf_auc(const double *scores, const bool *positive, size_t count, hf_estimate *out, hf_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(scores[i]))
            return HF_FAIL_AS(err, HF_FAULT_NONE, HF_EINVALID, "sample %zu has no finite score", i);
    ranking r;
    double *components = NULL;
    hf_status status = allocate(count, &r, &components, err);
    if (status != HF_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        r.items[i] = (ranked){.score = scores[i], .sample = i, .positive = positive[i]};
        r.positives += positive[i];
    }
    size_t negatives = count - r.positives;
    *out = (hf_estimate){0};
    if (r.positives && negatives) {
        qsort(r.items, count, sizeof *r.items, by_score);
        bool enough = r.positives > 1 && negatives > 1;
        double value = area(&r, 0, NULL, 0);
        if (enough)
            area(&r, value, components, 1);
        *out = with_interval(value, components, count, enough);
    }
    free(r.items);
    free(components);
    return HF_OK;
}

static void rank_class(const int8_t *scores, const uint32_t *labels, uint32_t class_count, uint32_t which,
                       ranking *r)
{
    r->positives = 0;
    for (size_t i = 0; i < r->count; i++) {
        bool positive = labels[i] == which;
        r->items[i] = (ranked){.score = scores[i * class_count + which], .sample = i, .positive = positive};
        r->positives += positive;
    }
}

hf_status hf_auc_macro(const int8_t *scores, const uint32_t *labels, size_t count, uint32_t class_count,
                       hf_estimate *out, uint32_t *used, hf_error *err)
{
    ranking r;
    double *components = NULL;
    uint32_t *sizes = calloc(class_count ? class_count : 1, sizeof *sizes);
    if (!sizes)
        return HF_FAIL_AS(err, HF_FAULT_NONE, HF_ENOMEM, "no memory for %u classes", (unsigned)class_count);
    hf_status status = allocate(count, &r, &components, err);
    if (status != HF_OK) {
        free(sizes);
        return status;
    }
    for (size_t i = 0; i < count; i++)
        sizes[labels[i]]++;
    uint32_t defined = 0;
    bool enough = true;
    for (uint32_t c = 0; c < class_count; c++) {
        if (!sizes[c] || sizes[c] == count)
            continue;
        defined++;
        enough = enough && sizes[c] > 1 && count - sizes[c] > 1;
    }
    double sum = 0;
    for (uint32_t c = 0; c < class_count; c++) {
        if (!sizes[c] || sizes[c] == count)
            continue;
        rank_class(scores, labels, class_count, c, &r);
        qsort(r.items, count, sizeof *r.items, by_score);
        double value = area(&r, 0, NULL, 0);
        sum += value;
        if (enough)
            area(&r, value, components, 1.0 / defined);
    }
    *out = defined ? with_interval(sum / defined, components, count, enough) : (hf_estimate){0};
    *used = defined;
    free(sizes);
    free(r.items);
    free(components);
    return HF_OK;
}

uint32_t hf_top_class(const int8_t *scores, uint32_t class_count)
{
    uint32_t best = 0;
    for (uint32_t c = 1; c < class_count; c++)
        if (scores[c] > scores[best])
            best = c;
    return best;
}

bool hf_in_top(const int8_t *scores, uint32_t class_count, uint32_t label, uint32_t k)
{
    uint32_t before = 0;
    for (uint32_t c = 0; c < class_count; c++)
        before += scores[c] > scores[label] || (scores[c] == scores[label] && c < label);
    return before < k;
}
