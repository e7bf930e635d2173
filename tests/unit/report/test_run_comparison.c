/* SPDX-License-Identifier: Apache-2.0 */
/* The comparison of two runs, and the shift between samples. */
#include <stdlib.h>
#include <string.h>

#include "hf_test.h"
#include "report/run_comparison.h"
#include "report/sample_shift.h"
#include "sample.h"

/* Hollander, Wolfe and Chicken, definition 4.3: checked against an enumeration by hand of 5 and 5 samples. */
static void shift_has_exact_bounds(void **state)
{
    (void)state;
    double before[] = {5, 1, 3, 2, 4}, after[] = {15, 11, 13, 12, 14};
    hf_shift shift;
    assert_true(hf_sample_shift(before, 5, after, 5, &shift));
    assert_true(shift.bounded && shift.estimate == 10 && shift.low == 6 && shift.high == 14);
    assert_true(
        hf_sample_shift(before, 4, after, 4, &shift)); /* P(U = 0) is 1/70, more than half a percent */
    assert_false(shift.bounded);
}

/* Two halves of one noisy sequence do not differ; a shift beyond the noise is found, for few and for many samples. */
static void shift_respects_the_spread(void **state)
{
    (void)state;
    static const size_t counts[] = {10, 25, 26, 300, 1000};
    static double before[1000], after[1000];
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++)
        for (int offset = 0; offset <= 400; offset += 400) {
            uint32_t random = 1;
            hf_shift shift;
            for (size_t i = 0; i < counts[c]; i++) {
                random = random * 1664525 + 1013904223;
                before[i] = 10000 + (double)(random >> 24);
                random = random * 1664525 + 1013904223;
                after[i] = 10000 + offset + (double)(random >> 24);
            }
            assert_true(hf_sample_shift(before, counts[c], after, counts[c], &shift));
            assert_true(shift.bounded && shift.low <= shift.estimate && shift.estimate <= shift.high);
            assert_true(offset ? shift.low > 0 : shift.low <= 0 && shift.high >= 0);
        }
}

static void compare(const hf_report *before, const hf_report *after, hf_run_comparison *out)
{
    hf_error err = {0};
    assert_int_equal(hf_run_compare(before, after, out, &err), HF_OK);
}

/* The first result is modelled: one cycle more is a regression, one byte less an improvement. */
static void modelled_changes_are_exact(void **state)
{
    (void)state;
    hf_report before, after;
    hf_run_comparison comparison;
    sample_small(&before);
    sample_small(&after);
    compare(&before, &after, &comparison);
    assert_int_equal(comparison.counts[HF_CHANGE_REGRESSED] + comparison.counts[HF_CHANGE_IMPROVED], 0);
    assert_int_equal(comparison.results[0].change, HF_CHANGE_NONE);
    hf_run_comparison_free(&comparison);
    for (size_t i = 0; i < after.results[0].sample_count; i++)
        after.results[0].samples[i].cycles++;
    after.results[0].image_bytes--;
    compare(&before, &after, &comparison);
    assert_int_equal(comparison.results[0].quantities[HF_QUANTITY_LATENCY].change, HF_CHANGE_REGRESSED);
    assert_int_equal(comparison.results[0].quantities[HF_QUANTITY_IMAGE].change, HF_CHANGE_IMPROVED);
    assert_int_equal(comparison.results[0].change, HF_CHANGE_REGRESSED);
    hf_run_comparison_free(&comparison);
    /* Modelled against measured says nothing about the latency. */
    after.results[0].modelled = false;
    compare(&before, &after, &comparison);
    assert_int_equal(comparison.results[0].quantities[HF_QUANTITY_LATENCY].change, HF_CHANGE_NOT_COMPARABLE);
    hf_run_comparison_free(&comparison);
    /* Two samples on silicon cannot decide. */
    before.results[0].modelled = false;
    compare(&before, &after, &comparison);
    assert_int_equal(comparison.results[0].quantities[HF_QUANTITY_LATENCY].change, HF_CHANGE_UNCERTAIN);
    hf_run_comparison_free(&comparison);
    /* What was measured and now fails has regressed. */
    after.results[0].outcome = HF_RESULT_FAILED;
    compare(&before, &after, &comparison);
    assert_int_equal(comparison.counts[HF_CHANGE_REGRESSED], 1);
    hf_run_comparison_free(&comparison);
    hf_report_free(&before);
    hf_report_free(&after);
}

/* Sets the text of a row. */
static void replace(char **text, const char *with)
{
    free(*text);
    *text = strdup(with);
    assert_non_null(*text);
}

static void set_accuracy(hf_result_row *row, double low, double percent, double high, const char *source)
{
    row->has_accuracy = true;
    row->accuracy_low_percent = low;
    row->accuracy_percent = percent;
    row->accuracy_high_percent = high;
    replace(&row->accuracy_source, source);
}

/* Compares the first result of the reports. */
static void expect_accuracy(const hf_report *before, const hf_report *after, hf_change expected)
{
    hf_run_comparison comparison;
    compare(before, after, &comparison);
    assert_int_equal(comparison.results[0].quantities[HF_QUANTITY_ACCURACY].change, expected);
    assert_int_equal(comparison.results[0].change,
                     expected == HF_CHANGE_REGRESSED || expected == HF_CHANGE_IMPROVED ? expected
                                                                                       : HF_CHANGE_NONE);
    hf_run_comparison_free(&comparison);
}

/* Any change of a given accuracy counts, more is better, and 0 % is known. */
static void given_accuracies_are_exact(void **state)
{
    (void)state;
    hf_report before, after;
    sample_small(&before);
    sample_small(&after);
    set_accuracy(&before.results[0], 90, 90, 90, HF_ACCURACY_GIVEN);
    set_accuracy(&after.results[0], 80, 80, 80, HF_ACCURACY_GIVEN);
    expect_accuracy(&before, &after, HF_CHANGE_REGRESSED);
    expect_accuracy(&after, &before, HF_CHANGE_IMPROVED);
    expect_accuracy(&before, &before, HF_CHANGE_NONE);
    set_accuracy(&after.results[0], 0, 0, 0, HF_ACCURACY_GIVEN);
    expect_accuracy(&before, &after, HF_CHANGE_REGRESSED);
    expect_accuracy(&after, &before, HF_CHANGE_IMPROVED);
    after.results[0].has_accuracy = false;
    expect_accuracy(&before, &after, HF_CHANGE_NOT_COMPARABLE);
    expect_accuracy(&after, &before, HF_CHANGE_NOT_COMPARABLE);
    hf_report_free(&before);
    hf_report_free(&after);
}

/* An evaluated accuracy changes beyond the intervals only, and only one of the same metric and data can be compared. */
static void evaluated_accuracies_change_beyond_their_intervals(void **state)
{
    (void)state;
    hf_report before, after;
    sample_small(&before);
    sample_small(&after);
    set_accuracy(&before.results[0], 88, 90, 92, "top-1 on data/val");
    set_accuracy(&after.results[0], 84, 86, 88, "top-1 on data/val");
    expect_accuracy(&before, &after, HF_CHANGE_NONE); /* they meet at 88 */
    expect_accuracy(&after, &before, HF_CHANGE_NONE);
    set_accuracy(&after.results[0], 83.9, 85.9, 87.9, "top-1 on ../data/val/");
    expect_accuracy(&before, &after, HF_CHANGE_REGRESSED);
    expect_accuracy(&after, &before, HF_CHANGE_IMPROVED);
    static const char *const others[] = {"AUC on data/val", "top-1 on data/test", HF_ACCURACY_GIVEN};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        set_accuracy(&after.results[0], 10, 10, 10, others[i]);
        expect_accuracy(&before, &after, HF_CHANGE_NOT_COMPARABLE);
    }
    hf_report_free(&before);
    hf_report_free(&after);
}

/* In all forms: the table has the column only if an accuracy is known. */
static void a_lost_accuracy_is_shown(void **state)
{
    (void)state;
    hf_report before, after;
    hf_run_comparison comparison;
    hf_buffer text = HF_BUFFER_INIT;
    sample_small(&before);
    sample_small(&after);
    set_accuracy(&before.results[0], 90, 90, 90, HF_ACCURACY_GIVEN);
    set_accuracy(&after.results[0], 80, 80, 80, HF_ACCURACY_GIVEN);
    compare(&before, &after, &comparison);
    hf_run_comparison_render_regressions(&comparison, &text);
    assert_non_null(strstr(hf_buffer_text(&text), "accuracy  change\n"));
    assert_non_null(strstr(hf_buffer_text(&text), "90.00 % -> 80.00 % -10.00 points  regressed\n"));
    hf_buffer_clear(&text);
    hf_run_comparison_render_csv(&comparison, &text);
    assert_non_null(strstr(hf_buffer_text(&text), ",,accuracy,90,80,-10,,,regressed,regressed\r\n"));
    hf_buffer_clear(&text);
    hf_run_comparison_render_json(&comparison, &text);
    const char *accuracy = strstr(hf_buffer_text(&text), "\"accuracy\": {");
    assert_non_null(accuracy);
    assert_non_null(strstr(accuracy, "\"change_percent\": -10.0"));
    hf_run_comparison_free(&comparison);
    before.results[0].has_accuracy = after.results[0].has_accuracy = false;
    compare(&before, &after, &comparison);
    hf_buffer_clear(&text);
    hf_run_comparison_render_table(&comparison, false, &text);
    assert_null(strstr(hf_buffer_text(&text), "accuracy"));
    hf_run_comparison_free(&comparison);
    hf_buffer_free(&text);
    hf_report_free(&before);
    hf_report_free(&after);
}

/* A model that failed before and is measured now has improved; one that was not run says nothing. */
static void recovered_models_have_improved(void **state)
{
    (void)state;
    hf_report before, after;
    hf_run_comparison comparison;
    sample_small(&before);
    sample_small(&after);
    for (int outcome = HF_RESULT_FAILED; outcome <= HF_RESULT_PRUNED; outcome++) {
        before.results[0].outcome = (hf_result_outcome)outcome;
        compare(&before, &after, &comparison);
        assert_int_equal(comparison.counts[HF_CHANGE_IMPROVED], outcome != HF_RESULT_NOT_RUN);
        assert_int_equal(comparison.counts[HF_CHANGE_REGRESSED], 0);
        hf_run_comparison_free(&comparison);
    }
    hf_report_free(&before);
    hf_report_free(&after);
}

/* The same model on another chip is another result, and what only one of the runs has is listed last. */
static void results_are_matched_by_name_and_chip(void **state)
{
    (void)state;
    hf_report before, after;
    hf_run_comparison comparison;
    sample_small(&before);
    sample_small(&after);
    replace(&after.results[0].chip, "another");
    compare(&before, &after, &comparison);
    assert_int_equal(comparison.result_count, 3);
    assert_ptr_equal(comparison.results[0].after, &after.results[0]);
    assert_null(comparison.results[0].before);
    assert_ptr_equal(comparison.results[2].before, &before.results[0]);
    assert_null(comparison.results[2].after);
    for (int i = 0; i < 3; i += 2)
        assert_int_equal(comparison.results[i].change, HF_CHANGE_NOT_COMPARABLE);
    hf_run_comparison_free(&comparison);
    replace(&before.results[0].chip, "another");
    replace(&before.results[0].name, "renamed");
    compare(&before, &after, &comparison);
    assert_int_equal(comparison.result_count, 3);
    hf_run_comparison_free(&comparison);
    hf_report_free(&before);
    hf_report_free(&after);
}

/* The summary leaves out what is unchanged; the list of regressions also leaves out what improved. */
static void summaries_show_changes_only(void **state)
{
    (void)state;
    hf_report before, after;
    hf_run_comparison comparison;
    hf_buffer text = HF_BUFFER_INIT;
    sample_small(&before);
    sample_small(&after);
    const char *name = after.results[0].name;
    compare(&before, &after, &comparison);
    hf_run_comparison_render_summary(&comparison, false, &text);
    assert_null(strstr(hf_buffer_text(&text), name));
    assert_int_equal(strcspn(hf_buffer_text(&text), "\n") + 1, text.size); /* one line */
    hf_buffer_clear(&text);
    hf_run_comparison_render_regressions(&comparison, &text);
    assert_int_equal(text.size, 0);
    hf_run_comparison_free(&comparison);

    after.results[0].image_bytes--;
    compare(&before, &after, &comparison);
    hf_run_comparison_render_summary(&comparison, false, &text);
    assert_non_null(strstr(hf_buffer_text(&text), name));
    assert_non_null(strstr(hf_buffer_text(&text), "  improved\n"));
    hf_buffer_clear(&text);
    hf_run_comparison_render_regressions(&comparison, &text);
    assert_int_equal(text.size, 0);
    hf_run_comparison_free(&comparison);

    after.results[0].image_bytes += 2;
    compare(&before, &after, &comparison);
    hf_run_comparison_render_summary(&comparison, true, &text);
    assert_non_null(strstr(hf_buffer_text(&text), "\033[31mregressed\033[0m\n"));
    hf_buffer_clear(&text);
    hf_run_comparison_render_regressions(&comparison, &text);
    assert_non_null(strstr(hf_buffer_text(&text), "  regressed\n"));
    hf_run_comparison_free(&comparison);
    hf_buffer_free(&text);
    hf_report_free(&before);
    hf_report_free(&after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shift_has_exact_bounds),
        cmocka_unit_test(shift_respects_the_spread),
        cmocka_unit_test(modelled_changes_are_exact),
        cmocka_unit_test(given_accuracies_are_exact),
        cmocka_unit_test(evaluated_accuracies_change_beyond_their_intervals),
        cmocka_unit_test(a_lost_accuracy_is_shown),
        cmocka_unit_test(recovered_models_have_improved),
        cmocka_unit_test(results_are_matched_by_name_and_chip),
        cmocka_unit_test(summaries_show_changes_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
