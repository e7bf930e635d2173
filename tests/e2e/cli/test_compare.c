/* SPDX-License-Identifier: Apache-2.0 */
/* `hilfarm compare` on the runs of a file that changes between them, on real OpenOCD and virtual boards. */
#include <jansson.h>

#include "cli_fixture.h"
#include "hf_test.h"

#define SPEC    "name: nightly\nmodels: [{tflite: net.tflite}]\nmeasure: {warmup: 0, runs: 2}\n"
#define FARM_L4 "boards: [{id: l4, chip: stm32l4r5zi, virtual: true, baud: 921600}]\n"
#define FARM_F7 "boards: [{id: f7, chip: stm32f767zi, virtual: true, baud: 921600}]\n"

/* Measures net.tflite, which becomes a MobileNet of this width. */
static void measure(cli_fixture *fixture, const char *alpha, const char *farm_text)
{
    cli_make_net(fixture, alpha);
    const char *farm = cli_write(fixture, "farm.yaml", farm_text);
    const char *const words[] = {cli_write(fixture, "nightly.yaml", SPEC), "--farm", farm, NULL};
    cli_expect(fixture, "run", words, 0);
}

/* Run 2 is slower and bigger than run 1, run 3 equals run 1, run 4 is on another chip. */
static int set_up_runs(void **state)
{
    if (cli_set_up(state) != 0)
        return -1;
    measure(*state, "0.1", FARM_L4);
    measure(*state, "0.4", FARM_L4);
    measure(*state, "0.1", FARM_L4);
    measure(*state, "0.1", FARM_F7);
    return 0;
}

/* Compares two runs. @param option NULL = none */
static void compare(cli_fixture *fixture, const char *before, const char *after, const char *option,
                    int status)
{
    const char *const words[] = {before, after, option, NULL};
    cli_expect(fixture, "compare", words, status);
}

static int64_t image_bytes(cli_fixture *fixture, int run)
{
    char sql[96];
    snprintf(sql, sizeof sql, "SELECT image_bytes FROM results WHERE run_id = %d", run);
    return cli_query(fixture, sql);
}

/* The modelled samples of a run are equal. */
static double latency_ns(cli_fixture *fixture, int run)
{
    char sql[256];
    snprintf(sql, sizeof sql,
             "SELECT CAST(1e9 * max(cycles) / clock_hz AS TEXT) FROM results"
             " JOIN attempts ON result_id = results.id"
             " JOIN measurements ON measurements.attempt_id = attempts.id JOIN samples USING (attempt_id)"
             " WHERE run_id = %d",
             run);
    return strtod(cli_query_text(fixture, sql), NULL);
}

static void tables_mark_changes(void **state)
{
    cli_fixture *fixture = *state;
    compare(fixture, "1", "2", NULL, 5);
    cli_assert_output(fixture, "run 1 (nightly) -> run 2 (nightly): 0 unchanged, 0 improved,"
                               " 1 regressed, 0 uncertain, 0 not comparable\n");
    cli_assert_output(fixture, "  regressed\n");
    cli_assert_output(fixture, "* modelled: ");
    compare(fixture, "2", "1", NULL, 0);
    cli_assert_output(fixture, "  improved\n");
    compare(fixture, "1", "3", NULL, 0);
    cli_assert_output(fixture, ": 1 unchanged, 0 improved, 0 regressed");
    /* Nothing of one chip is compared with another. Only values that exist are marked. */
    compare(fixture, "3", "latest", NULL, 1);
    cli_assert_output(fixture, "hilfarm compare: nothing can be compared: ");
    cli_assert_output(fixture, "0 uncertain, 2 not comparable\n");
    cli_assert_output(fixture, "not comparable (missing -> measured)\n");
    cli_assert_output(fixture, "not comparable (measured -> missing)\n");
    cli_assert_output(fixture, " ms* -> - ");
    cli_assert_output(fixture, " - -> ");
    assert_null(strstr(fixture->child.output, "-*"));
}

static void csv_has_the_values_of_the_store(void **state)
{
    cli_fixture *fixture = *state;
    const long long before = image_bytes(fixture, 1), after = image_bytes(fixture, 2);
    char line[256];
    const double percent = 100.0 * (double)(after - before) / (double)before;
    compare(fixture, "1", "2", "--csv", 5);
    const char *csv = fixture->child.output;
    assert_int_equal(strncmp(csv, "name,chip,timing,quantity,before,after,change_percent,", 54), 0);
    snprintf(line, sizeof line, "\r\nnet,stm32l4r5zi,,image,%lld,%lld,%.10g,,,regressed,regressed\r\n",
             before, after, percent);
    cli_assert_output(fixture, line);
    cli_assert_output(fixture, "\r\nnet,stm32l4r5zi,modelled,latency,");
    cli_assert_output(fixture, "\r\nnet,stm32l4r5zi,,ram,");
}

static void json_has_the_values_of_the_store(void **state)
{
    cli_fixture *fixture = *state;
    char path[96], *change = NULL, *outcome = NULL;
    json_error_t error;
    double before = 0, after = 0;
    json_int_t run = 0, regressed = 0;
    snprintf(path, sizeof path, "%s/comparison.json", fixture->folder);
    const char *const words[] = {"1", "2", "--json", "-o", path, NULL};
    cli_expect(fixture, "compare", words, 5);
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        fail_msg("line %d: %s", error.line, error.text);
    assert_int_equal(json_unpack(root, "{s:{s:I}, s:{s:I}, s:[{s:s, s:s, s:{s:F, s:F}}]}", "after", "id",
                                 &run, "counts", "regressed", &regressed, "results", "outcome_after",
                                 &outcome, "change", &change, "latency", "before", &before, "after", &after),
                     0);
    assert_int_equal(run, 2);
    assert_int_equal(regressed, 1);
    assert_string_equal(outcome, "measured");
    assert_string_equal(change, "regressed");
    assert_float_equal(before, latency_ns(fixture, 1), 1);
    assert_float_equal(after, latency_ns(fixture, 2), 1);
    assert_true(before > 0 && before < after);
    json_decref(root);
}

static void wrong_arguments_are_rejected(void **state)
{
    cli_fixture *fixture = *state;
    compare(fixture, "1", "no_such_run", NULL, 2);
    cli_assert_output(fixture, "has no run 'no_such_run'");
    compare(fixture, "99", "1", NULL, 2);
    cli_assert_output(fixture, "has no run '99'");
    compare(fixture, "1", NULL, NULL, 2);
    cli_assert_output(fixture, "compare: a run is missing");
    compare(fixture, "1", "2", "3", 2);
    cli_assert_output(fixture, "unexpected argument '3'");
    const char *const both[] = {"1", "2", "--csv", "--json", NULL};
    cli_expect(fixture, "compare", both, 2);
    cli_assert_output(fixture, "--csv and --json exclude each other");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_mark_changes),
        cmocka_unit_test(csv_has_the_values_of_the_store),
        cmocka_unit_test(json_has_the_values_of_the_store),
        cmocka_unit_test(wrong_arguments_are_rejected),
    };
    return cmocka_run_group_tests_name("cli_compare", tests, set_up_runs, cli_tear_down);
}
