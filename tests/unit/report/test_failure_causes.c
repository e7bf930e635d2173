/* SPDX-License-Identifier: Apache-2.0 */
/* Failures of a run: each cause once, with a count, in every output. */
#include "hf_test.h"

#include <jansson.h>

#include "report/limit_verdicts.h"
#include "report/render.h"
#include "sample.h"

static const char outage[] =
    "\nfailed:\n"
    "  3 models on stm32f767zi (probe): no board left\n" /* the board says why, below */
    "  net_d on stm32f767zi (job): compiling its image: no\n"
    "\nnot run:\n"
    "  2 models on stm32l4r5zi: stopped on request (TERM)\n"
    "\nboards that failed:\n"
    "  f7-bench, never opened, 2 times (probe): no debug probe with serial number "
    "066B is plugged in\n"
    "  virtual-1 (probe): it did not become ready\n";

static char *render(void (*make)(hf_report *report), void (*renderer)(const hf_report *, hf_buffer *))
{
    hf_report report;
    hf_buffer out = HF_BUFFER_INIT;
    make(&report);
    renderer(&report, &out);
    hf_report_free(&report);
    char *text = hf_buffer_take(&out);
    assert_non_null(text);
    return text;
}

static void plain_table(const hf_report *report, hf_buffer *out)
{
    hf_render_table(report, 0, false, out);
}

static void failures(const hf_report *report, hf_buffer *out)
{
    hf_render_failures(report, false, out);
}

static void failures_and_missed(const hf_report *report, hf_buffer *out)
{
    hf_render_failures(report, true, out);
}

static void the_table_ends_with_each_cause_once(void **state)
{
    (void)state;
    char *text = render(sample_outage, plain_table);
    const char *failed = strstr(text, "\nfailed:\n");
    assert_non_null(failed);
    assert_string_equal(failed, outage);
    free(text);
}

static void failures_without_table_for_cron(void **state)
{
    (void)state;
    char expected[2048];
    snprintf(expected, sizeof expected,
             "run 7: outage, 2025-11-22 16:30, interrupted: 0 measured, 4 failed, 2 not run, 42.6 s\nlimits: "
             "none\n%s",
             outage);
    char *text = render(sample_outage, failures);
    assert_string_equal(text, expected);
    free(text);

    text = render(sample_empty, failures_and_missed); /* nothing failed: nothing is said */
    assert_string_equal(text, "");
    free(text);

    text = render(sample_small, failures_and_missed);
    assert_non_null(strstr(text, "\nlimits missed:\n  net_a on stm32l4r5zi: ROM missed\n"));
    free(text);
    text = render(sample_small, failures);
    assert_null(strstr(text, "limits missed"));
    free(text);
}

static void running_run_lists_nothing_as_not_run(void **state)
{
    (void)state;
    hf_report report;
    hf_buffer out = HF_BUFFER_INIT;
    sample_outage(&report);
    report.run.state = HF_RUN_RUNNING;
    hf_render_table(&report, 0, false, &out);
    assert_null(strstr(hf_buffer_text(&out), "not run:"));
    hf_buffer_free(&out);
    hf_report_free(&report);
}

static void missed_limits_are_measured_or_pruned(void **state)
{
    (void)state;
    hf_report report;
    sample_small(&report);
    assert_true(hf_report_missed(&report, &report.results[0]));  /* its ROM */
    assert_false(hf_report_missed(&report, &report.results[1])); /* it failed, which is another thing */
    report.results[1].outcome = HF_RESULT_PRUNED;
    assert_true(hf_report_missed(&report, &report.results[1]));
    report.run.limits = (hf_limits){0};
    assert_false(hf_report_missed(&report, &report.results[0]));
    hf_report_free(&report);
}

static void dead_boards_are_in_the_json(void **state)
{
    (void)state;
    char *text = render(sample_outage, hf_render_json);
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    json_t *boards = json_object_get(root, "boards");
    assert_true(json_is_null(json_object_get(json_array_get(boards, 1), "dead")));
    assert_string_equal(json_string_value(json_object_get(json_array_get(boards, 0), "dead")),
                        "never opened: no debug probe with serial number 066B is plugged in");
    assert_int_equal(json_array_size(json_object_get(root, "board_failures")),
                     3); /* failures, not last words */
    json_decref(root);
    free(text);
}

static void a_dead_board_has_a_state_and_a_cause(void **state)
{
    (void)state;
    static const struct {
        const char *message, *end, *cause;
    } cases[] = {
        {"quarantined: no answer: it is mute", "quarantined", "no answer: it is mute"},
        {"given up: quarantined: no answer", "given up", "quarantined: no answer"},
        {"never opened: ", "never opened", ""},
        {"no answer", "unusable at the end", "no answer"}, /* as earlier versions recorded it */
        {"quarantined", "unusable at the end", "quarantined"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char message[64];
        snprintf(message, sizeof message, "%s", cases[i].message);
        const hf_failure_row row = {.dead = true, .message = message};
        const char *cause = NULL;
        assert_string_equal(hf_failure_end(&row, &cause), cases[i].end);
        assert_string_equal(cause, cases[i].cause);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_ends_with_each_cause_once),
        cmocka_unit_test(failures_without_table_for_cron),
        cmocka_unit_test(running_run_lists_nothing_as_not_run),
        cmocka_unit_test(missed_limits_are_measured_or_pruned),
        cmocka_unit_test(dead_boards_are_in_the_json),
        cmocka_unit_test(a_dead_board_has_a_state_and_a_cause),
    };
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
