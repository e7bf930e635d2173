/* SPDX-License-Identifier: Apache-2.0 */
#include "report/run_comparison.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/latency_statistics.h"
#include "report/sample_shift.h"

const char *hf_change_name(hf_change change)
{
    static const char *const names[] = {"unchanged", "improved", "regressed", "uncertain", "not comparable"};
    return names[change];
}

const char *hf_quantity_name(hf_quantity quantity)
{
    static const char *const names[HF_QUANTITY_COUNT] = {"latency", "ram", "image", "accuracy"};
    return names[quantity];
}

static bool is_measured(const hf_result_row *row)
{
    return row && row->outcome == HF_RESULT_MEASURED;
}

static hf_quantity_change not_comparable(double before, double after)
{
    return (hf_quantity_change){.before = before, .after = after, .change = HF_CHANGE_NOT_COMPARABLE};
}

/* An exact quantity, of which less is better; 0 = unknown. */
static hf_quantity_change compare_exactly(double before, double after)
{
    hf_quantity_change quantity = not_comparable(before > 0 ? before : NAN, after > 0 ? after : NAN);
    if (isnan(quantity.before) || isnan(quantity.after))
        return quantity;
    quantity.percent = quantity.low_percent = quantity.high_percent = 100 * (after - before) / before;
    quantity.change = after > before   ? HF_CHANGE_REGRESSED
                      : after < before ? HF_CHANGE_IMPROVED
                                       : HF_CHANGE_NONE;
    return quantity;
}

/* Owned by the caller; NULL if memory is short. */
static double *samples_ns(const hf_result_row *row)
{
    double *samples = calloc(row->sample_count, sizeof *samples);
    for (size_t i = 0; samples && i < row->sample_count; i++)
        samples[i] = (double)row->samples[i].cycles * 1e9 / (double)row->clock_hz;
    return samples;
}

/* Decides by the samples whether a latency on silicon has changed. @return false if memory is short */
static bool decide_by_samples(const hf_result_row *before, const hf_result_row *after,
                              hf_quantity_change *quantity)
{
    if (!before->sample_count || !after->sample_count) { /* deleted: only the medians are known */
        quantity->change = quantity->change == HF_CHANGE_NONE ? HF_CHANGE_NONE : HF_CHANGE_UNCERTAIN;
        return true;
    }
    hf_shift shift;
    double *a = samples_ns(before), *b = samples_ns(after);
    const bool ok = a && b && hf_sample_shift(a, before->sample_count, b, after->sample_count, &shift);
    free(a);
    free(b);
    if (!ok)
        return false;
    const double to_percent = 100 / quantity->before;
    quantity->low_percent = (shift.bounded ? shift.low : shift.estimate) * to_percent;
    quantity->high_percent = (shift.bounded ? shift.high : shift.estimate) * to_percent;
    if (!shift.bounded)
        quantity->change = quantity->change == HF_CHANGE_NONE ? HF_CHANGE_NONE : HF_CHANGE_UNCERTAIN;
    else
        quantity->change = shift.low > 0    ? HF_CHANGE_REGRESSED
                           : shift.high < 0 ? HF_CHANGE_IMPROVED
                                            : HF_CHANGE_NONE;
    return true;
}

static bool compare_latency(const hf_result_row *before, const hf_result_row *after, hf_quantity_change *out)
{
    hf_latency latency[2] = {0};
    const bool known[2] = {is_measured(before) && hf_result_latency(before, &latency[0]),
                           is_measured(after) && hf_result_latency(after, &latency[1])};
    *out = compare_exactly(latency[0].median_ns, latency[1].median_ns);
    if (!known[0] || !known[1])
        return true;
    if (before->modelled != after->modelled) {
        *out = not_comparable(out->before, out->after);
        return true;
    }
    return before->modelled || decide_by_samples(before, after, out);
}

/* Whether two texts are the same up to where each of them ends. */
static bool is_same_text(const char *a, size_t a_size, const char *b, size_t b_size)
{
    return a_size == b_size && memcmp(a, b, a_size) == 0;
}

/* The last part of the path at the end of a text, without a slash at its end. */
static const char *file_name(const char *text, size_t *size)
{
    *size = strlen(text);
    while (*size && text[*size - 1] == '/')
        --*size;
    const char *start = memrchr(text, '/', *size);
    start = start ? start + 1 : text;
    *size -= (size_t)(start - text);
    return start;
}

/* Whether two accuracies mean the same: both given, or "METRIC on DATA" with the same metric and name of the data. Its folder may differ: a path
 * is relative to where hilfarm was started. */
static bool is_same_source(const char *before, const char *after)
{
    if (!before || !after)
        return before == after;
    if (strcmp(before, after) == 0)
        return true;
    const char *data[2] = {strstr(before, " on "), strstr(after, " on ")};
    if (!data[0] || !data[1] ||
        !is_same_text(before, (size_t)(data[0] - before), after, (size_t)(data[1] - after)))
        return false;
    size_t sizes[2];
    const char *names[2] = {file_name(data[0] + 4, &sizes[0]), file_name(data[1] + 4, &sizes[1])};
    return is_same_text(names[0], sizes[0], names[1], sizes[1]);
}

static hf_quantity_change compare_accuracy(const hf_result_row *before, const hf_result_row *after)
{
    const bool known[2] = {before && before->has_accuracy, after && after->has_accuracy};
    hf_quantity_change quantity =
        not_comparable(known[0] ? before->accuracy_percent : NAN, known[1] ? after->accuracy_percent : NAN);
    if (!known[0] || !known[1] || !is_same_source(before->accuracy_source, after->accuracy_source))
        return quantity;
    quantity.percent = quantity.low_percent = quantity.high_percent = quantity.after - quantity.before;
    /* The bounds of an exact accuracy are equal to it. */
    quantity.change = after->accuracy_high_percent < before->accuracy_low_percent   ? HF_CHANGE_REGRESSED
                      : after->accuracy_low_percent > before->accuracy_high_percent ? HF_CHANGE_IMPROVED
                                                                                    : HF_CHANGE_NONE;
    return quantity;
}

/* Whether a result that was measured in one run was tried in vain in the other. A variation that was not run says
 * nothing. */
static bool is_lost(const hf_result_row *row)
{
    return row && (row->outcome == HF_RESULT_FAILED || row->outcome == HF_RESULT_PRUNED);
}

static hf_change overall(const hf_result_comparison *result)
{
    if (is_measured(result->before) && is_lost(result->after))
        return HF_CHANGE_REGRESSED;
    if (is_lost(result->before) && is_measured(result->after))
        return HF_CHANGE_IMPROVED;
    bool seen[HF_CHANGE_NOT_COMPARABLE + 1] = {false};
    for (int q = 0; q < HF_QUANTITY_COUNT; q++)
        seen[result->quantities[q].change] = true;
    static const hf_change order[] = {HF_CHANGE_REGRESSED, HF_CHANGE_UNCERTAIN, HF_CHANGE_IMPROVED,
                                      HF_CHANGE_NONE};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        if (seen[order[i]])
            return order[i];
    return HF_CHANGE_NOT_COMPARABLE;
}

/* @return false if memory is short */
static bool add_result(hf_run_comparison *comparison, const hf_result_row *before, const hf_result_row *after)
{
    hf_result_comparison *result = &comparison->results[comparison->result_count++];
    *result = (hf_result_comparison){.before = before, .after = after};
    const bool measured[2] = {is_measured(before), is_measured(after)};
    result->quantities[HF_QUANTITY_RAM] =
        compare_exactly(measured[0] ? (double)hf_result_ram_bytes(before) : 0,
                        measured[1] ? (double)hf_result_ram_bytes(after) : 0);
    result->quantities[HF_QUANTITY_IMAGE] =
        compare_exactly(before ? (double)before->image_bytes : 0, after ? (double)after->image_bytes : 0);
    result->quantities[HF_QUANTITY_ACCURACY] = compare_accuracy(before, after);
    if (!compare_latency(before, after, &result->quantities[HF_QUANTITY_LATENCY]))
        return false;
    result->change = overall(result);
    comparison->counts[result->change]++;
    return true;
}

/* The result of the same variation on the same chip. */
static const hf_result_row *find_same(const hf_report *report, const hf_result_row *row)
{
    for (size_t i = 0; i < report->result_count; i++)
        if (strcmp(report->results[i].name, row->name) == 0 &&
            strcmp(report->results[i].chip, row->chip) == 0)
            return &report->results[i];
    return NULL;
}

hf_status hf_run_compare(const hf_report *before, const hf_report *after, hf_run_comparison *out,
                         hf_error *err)
{
    hf_run_comparison comparison = {.before = before, .after = after};
    comparison.results = calloc(before->result_count + after->result_count + 1, sizeof *comparison.results);
    bool ok = comparison.results != NULL;
    for (size_t i = 0; ok && i < after->result_count; i++)
        ok = add_result(&comparison, find_same(before, &after->results[i]), &after->results[i]);
    for (size_t i = 0; ok && i < before->result_count; i++)
        if (!find_same(after, &before->results[i]))
            ok = add_result(&comparison, &before->results[i], NULL);
    if (ok) {
        *out = comparison;
        return HF_OK;
    }
    hf_run_comparison_free(&comparison);
    return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to compare two runs");
}

void hf_run_comparison_free(hf_run_comparison *comparison)
{
    if (!comparison)
        return;
    free(comparison->results);
    *comparison = (hf_run_comparison){0};
}
