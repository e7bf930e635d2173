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
        cmocka_unit_test(recovered_models_have_improved),
        cmocka_unit_test(results_are_matched_by_name_and_chip),
        cmocka_unit_test(summaries_show_changes_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
