/* SPDX-License-Identifier: Apache-2.0 */
/* A run whose details were deleted is shown with its latencies, and says what is missing. */
#include "hf_test.h"

#include "report/latency_statistics.h"
#include "report/render.h"
#include "report/run_comparison.h"
#include "sample.h"

/* As hf_store_trim() leaves a result. */
static void trim_row(hf_result_row *row)
{
    if (!row->sample_count)
        return;
    hf_latency latency;
    row->clock_hz = 1000000000;
    assert_true(hf_result_latency(row, &latency));
    row->summary = (hf_sample_summary){.deleted = (int64_t)row->sample_count,
                                       .min_cycles = (int64_t)latency.min_ns,
                                       .max_cycles = (int64_t)latency.max_ns,
                                       .p05_cycles = latency.p05_ns,
                                       .median_cycles = latency.median_cycles,
                                       .p95_cycles = latency.p95_ns,
                                       .median_instructions = latency.median_instructions};
    free(row->samples);
    row->samples = NULL;
    row->sample_count = row->layer_count = 0;
}

static void sample_trimmed(hf_report *report, bool modelled)
{
    sample_small(report);
    report->run.trimmed_ms = 1764500000000;
    report->results[0].modelled = modelled;
    trim_row(&report->results[0]);
    report->results[0].clock_hz = 100000000;
}

static void assert_contains(const hf_buffer *out, const char *text)
{
    assert_false(out->failed);
    if (!strstr(out->data, text))
        fail_msg("expected '%s' in: %s", text, out->data);
}

static void latencies_stay(void **state)
{
    (void)state;
    hf_report whole, trimmed;
    hf_latency want, got;
    sample_small(&whole);
    sample_trimmed(&trimmed, true);
    assert_true(hf_result_latency(&whole.results[0], &want));
    assert_true(hf_result_latency(&trimmed.results[0], &got));
    assert_memory_equal(&want, &got, sizeof want);
    hf_report_free(&whole);
    hf_report_free(&trimmed);
}

static void every_format_says_what_is_missing(void **state)
{
    (void)state;
    hf_report report;
    hf_buffer out = HF_BUFFER_INIT;
    sample_trimmed(&report, true);
    hf_render_table(&report, 0, false, &out);
    assert_contains(&out,
                    "samples, layers, outputs and transcripts were deleted on 2025-11-30 by `hilfarm prune`");
    assert_contains(&out, "101 us*");
    hf_buffer_clear(&out);
    hf_render_layers_table(&report, &out);
    assert_contains(&out, "the layers of this run were deleted");
    hf_buffer_clear(&out);
    hf_render_json(&report, &out);
    assert_contains(&out, "\"trimmed_ms\":1764500000000");
    assert_contains(&out, "\"samples\":[],\"samples_deleted\":2");
    assert_contains(&out, "\"cycles_median\":10100.0,");
    hf_buffer_clear(&out);
    hf_render_csv(&report, &out);
    assert_contains(&out, ",2,");
    hf_buffer_free(&out);
    hf_report_free(&report);
}

static hf_change change_of_latency(const hf_report *before, const hf_report *after)
{
    hf_run_comparison comparison;
    assert_int_equal(hf_run_compare(before, after, &comparison, NULL), HF_OK);
    const hf_change change = comparison.results[0].quantities[HF_QUANTITY_LATENCY].change;
    hf_run_comparison_free(&comparison);
    return change;
}

/* Modelled medians can be compared; measured ones need samples. */
static void comparisons_do_not_guess(void **state)
{
    (void)state;
    hf_report whole, trimmed;
    sample_small(&whole);
    sample_trimmed(&trimmed, true);
    assert_int_equal(change_of_latency(&trimmed, &whole), HF_CHANGE_NONE);
    trimmed.results[0].summary.median_cycles--;
    assert_int_equal(change_of_latency(&trimmed, &whole), HF_CHANGE_REGRESSED);
    whole.results[0].modelled = trimmed.results[0].modelled = false;
    assert_int_equal(change_of_latency(&trimmed, &whole), HF_CHANGE_UNCERTAIN);
    assert_int_equal(change_of_latency(&whole, &trimmed), HF_CHANGE_UNCERTAIN);
    hf_report_free(&whole);
    hf_report_free(&trimmed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(latencies_stay),
        cmocka_unit_test(every_format_says_what_is_missing),
        cmocka_unit_test(comparisons_do_not_guess),
    };
    return cmocka_run_group_tests_name("report_trimmed", tests, NULL, NULL);
}
