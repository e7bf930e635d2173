/* SPDX-License-Identifier: Apache-2.0 */
#include "report/sample_shift.h"

#include <math.h>
#include <stdlib.h>

#define TAIL 0.005              /* half of 1 - 99 % */
#define Z    2.5758293035489004 /* normal quantile of 1 - TAIL */
/* Up to here the numbers of arrangements are integers below 2^53, so the distribution is exact. */
#define EXACT_MAX 25

static int compare_double(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Thins sorted values to evenly spaced order statistics, both ends included. @return the new count */
static size_t thin(double *sorted, size_t count)
{
    if (count <= HF_SHIFT_MAX_SAMPLES)
        return count;
    for (size_t i = 0; i < HF_SHIFT_MAX_SAMPLES; i++)
        sorted[i] = sorted[i * (count - 1) / (HF_SHIFT_MAX_SAMPLES - 1)];
    return HF_SHIFT_MAX_SAMPLES;
}

/*
 * The exact distribution of the Mann-Whitney statistic U: the coefficients of the Gaussian binomial (m+n over n), the
 * product of (1 - q^(m+i)) / (1 - q^i) for i = 1 .. n.
 * @return the largest k with P(U < k) <= TAIL
 */
static size_t exact_rank(size_t m, size_t n)
{
    double counts[EXACT_MAX * EXACT_MAX + 1] = {1};
    const size_t most = m * n;
    double all = 0;
    for (size_t i = 1; i <= n; i++) {
        for (size_t q = most; q >= m + i; q--)
            counts[q] -= counts[q - m - i];
        for (size_t q = i; q <= most; q++)
            counts[q] += counts[q - i];
    }
    for (size_t q = 0; q <= most; q++)
        all += counts[q];
    size_t k = 0;
    double below = counts[0];
    while (k < most && below / all <= TAIL) {
        k++;
        below += counts[k];
    }
    return k;
}

/* As exact_rank(), by the normal approximation of U. */
static size_t approximate_rank(size_t m, size_t n)
{
    const double product = (double)m * (double)n;
    const double rank = product / 2 - Z * sqrt(product * (double)(m + n + 1) / 12);
    return rank > 0 ? (size_t)rank : 0;
}

bool hf_sample_shift(double *before, size_t before_count, double *after, size_t after_count, hf_shift *out)
{
    qsort(before, before_count, sizeof *before, compare_double);
    qsort(after, after_count, sizeof *after, compare_double);
    const size_t m = thin(before, before_count), n = thin(after, after_count), count = m * n;
    double *differences = calloc(count, sizeof *differences);
    if (!differences)
        return false;
    for (size_t i = 0; i < m; i++)
        for (size_t k = 0; k < n; k++)
            differences[i * n + k] = after[k] - before[i];
    qsort(differences, count, sizeof *differences, compare_double);
    const size_t rank = m <= EXACT_MAX && n <= EXACT_MAX ? exact_rank(m, n) : approximate_rank(m, n);
    *out = (hf_shift){.estimate = (differences[(count - 1) / 2] + differences[count / 2]) / 2};
    if (rank > 0) { /* the rank-th smallest and the rank-th largest difference bound the interval */
        out->bounded = true;
        out->low = differences[rank - 1];
        out->high = differences[count - rank];
    }
    free(differences);
    return true;
}
