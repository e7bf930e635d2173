/* SPDX-License-Identifier: Apache-2.0 */
/* `hilfarm run --baseline` and `hilfarm report --baseline` on a file that changes between the runs, on real OpenOCD and
 * virtual boards. */
#include <unistd.h>

#include "cli_fixture.h"
#include "hf_test.h"

#define SPEC       "name: nightly\nmodels: [{tflite: net.tflite}]\nmeasure: {warmup: 0, runs: 2}\n"
#define SPEC_TIGHT SPEC "constraints: {rom: 10 KB}\n"
#define FARM       "boards: [{id: l4, chip: stm32l4r5zi, virtual: true, baud: 921600}]\n"

/* Measures net.tflite. @param baseline, option NULL = none */
static void measure(cli_fixture *fixture, const char *alpha, const char *baseline, const char *option,
                    int status)
{
    cli_make_net(fixture, alpha);
    const char *farm = cli_write(fixture, "farm.yaml", FARM);
    const char *words[8] = {cli_write(fixture, "nightly.yaml", SPEC), "--farm", farm};
    int count = 3;
    if (baseline) {
        words[count++] = "--baseline";
        words[count++] = baseline;
    }
    words[count] = option;
    cli_expect(fixture, "run", words, status);
}

static int64_t regressed(cli_fixture *fixture, int run)
{
    char sql[96];
    snprintf(sql, sizeof sql, "SELECT coalesce(regressed, -1) FROM runs WHERE id = %d", run);
    return cli_query(fixture, sql);
}

static bool has_comparison(const cli_fixture *fixture)
{
    char path[128];
    snprintf(path, sizeof path, "%s/out/latest/comparison.json", fixture->folder);
    return access(path, F_OK) == 0;
}

/* A night after a night: only a run that is no worse becomes the next baseline. */
static void runs_are_compared_with_the_last_green_one(void **state)
{
    cli_fixture *fixture = *state;
    measure(fixture, "0.2", "last-green", NULL, 0);
    cli_assert_output(fixture,
                      "no baseline: no earlier run of nightly by the same user has finished without");
    assert_int_equal(regressed(fixture, 1), -1);
    assert_false(has_comparison(fixture));

    measure(fixture, "0.4", "last-green", NULL, 5);
    cli_assert_output(fixture, "comparison with the baseline: run 1 (nightly) -> run 2 (nightly):"
                               " 0 unchanged, 0 improved, 1 regressed,");
    cli_assert_output(fixture, "  regressed\n");
    cli_assert_output(fixture, "comparison.json, results.csv");
    assert_int_equal(regressed(fixture, 2), 1);
    assert_int_equal(
        cli_query(fixture, "SELECT baseline = (SELECT key FROM runs WHERE id = 1) FROM runs WHERE id = 2"),
        1);
    assert_true(has_comparison(fixture));

    measure(fixture, "0.1", "last-green", NULL, 0); /* not compared with run 2 */
    cli_assert_output(fixture, "run 1 (nightly) -> run 3 (nightly): 0 unchanged, 1 improved");
    assert_int_equal(regressed(fixture, 3), 0);

    /* For cron: nothing is printed until something regresses. */
    measure(fixture, "0.1", "last-green", "--quiet", 0);
    assert_string_equal(fixture->child.output, "");
    measure(fixture, "0.2", "last-green", "--quiet", 5);
    cli_assert_output(fixture, "run 4 (nightly) -> run 5 (nightly)");
    cli_assert_output(fixture, "  regressed\n");

    measure(fixture, "0.2", NULL, NULL, 0); /* run 6: the change is accepted */
    const char *const latest[] = {"--baseline", "last-green", NULL};
    cli_expect(fixture, "report", latest, 5); /* compared with run 4 */
    cli_assert_output(fixture, "run 4 (nightly) -> run 6 (nightly)");
    const char *const sixth[] = {"last-green", "6", "--csv", NULL};
    cli_expect(fixture, "compare", sixth, 5);
    measure(fixture, "0.2", "last-green", NULL, 0);
    cli_assert_output(fixture, "run 6 (nightly) -> run 7 (nightly): 1 unchanged");
    /* Two runs: the second is compared with the first, on the terminal and in the page. */
    const char *const two[] = {"4", "5", NULL}, *const twice[] = {"4", "5", "--baseline", "3", NULL};
    cli_expect(fixture, "report", two, 5);
    cli_assert_output(fixture, "run 4 (nightly) -> run 5 (nightly)");
    cli_expect(fixture, "report", twice, 2);
    char page[256];
    snprintf(page, sizeof page, "%s/compared.html", fixture->folder);
    const char *const paged[] = {"4", "5", "--html", page, NULL};
    cli_expect(fixture, "report", paged, 5);
    assert_int_equal(access(page, R_OK), 0);
    const char *const json[] = {"json", "5", NULL};
    cli_expect(fixture, "export", json, 0);
    cli_assert_output(fixture, "\"regressed\":1");
}

static void baselines_are_any_runs(void **state)
{
    cli_fixture *fixture = *state;
    measure(fixture, "0.1", NULL, NULL, 0);
    measure(fixture, "0.4", "latest", NULL, 5); /* the latest before this run */
    cli_assert_output(fixture, "run 1 (nightly) -> run 2 (nightly)");
    measure(fixture, "0.1", "2", NULL, 0);
    cli_assert_output(fixture, "run 2 (nightly) -> run 3 (nightly): 0 unchanged, 1 improved");
    const char *const against[] = {"2", "--baseline", "1", NULL};
    cli_expect(fixture, "report", against, 5);
    cli_assert_output(fixture, "run 2: nightly, ");
    cli_assert_output(fixture, ", 1 regressed against 20");
    cli_assert_output(fixture, "run 1 (nightly) -> run 2 (nightly)");
    const char *const itself[] = {"--baseline", "latest", NULL};
    cli_expect(fixture, "report", itself, 2);
    cli_assert_output(fixture, "run 3 cannot be its own baseline");
    const char *const unknown[] = {"--baseline", "no_such_run", NULL};
    cli_expect(fixture, "report", unknown, 2);
    cli_assert_output(fixture, "has no run 'no_such_run'");

    /* A wrong baseline is reported before any board is used. */
    measure(fixture, "0.1", "no_such_run", NULL, 2);
    cli_assert_output(fixture, "has no run 'no_such_run'");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM runs"), 3);
}

/* A model that no longer fits has regressed; with --fail-on missed it is a failure, which counts more. */
static void failures_count_more_than_regressions(void **state)
{
    cli_fixture *fixture = *state;
    measure(fixture, "0.1", NULL, NULL, 0);
    const char *farm = cli_write(fixture, "farm.yaml", FARM);
    const char *const words[] = {
        cli_write(fixture, "nightly.yaml", SPEC_TIGHT), "--farm", farm, "--baseline", "1", NULL, NULL, NULL};
    cli_expect(fixture, "run", words, 5);
    cli_assert_output(fixture, "regressed (measured -> pruned)");
    assert_int_equal(regressed(fixture, 2), 1);
    const char *strict[8];
    memcpy(strict, words, sizeof strict);
    strict[5] = "--fail-on";
    strict[6] = "missed";
    cli_expect(fixture, "run", strict, 1);
    cli_assert_output(fixture, "regressed (measured -> pruned)");
    assert_int_equal(regressed(fixture, 3), 1);
}

/* A night with a regression: the CI system and the lab are told. */
static void others_are_told_of_a_regression(void **state)
{
    cli_fixture *fixture = *state;
    char junit[128], told[400], out[128], text[4096] = "";
    measure(fixture, "0.2", NULL, NULL, 0);
    cli_make_net(fixture, "0.4");
    snprintf(junit, sizeof junit, "%s/junit.xml", fixture->folder);
    snprintf(out, sizeof out, "%s/told", fixture->folder);
    snprintf(told, sizeof told,
             "echo \"$HILFARM_STATUS $HILFARM_REGRESSED $HILFARM_SPEC: $HILFARM_SUBJECT\" >%s; cat >>%s", out,
             out);
    char folder[96];
    snprintf(folder, sizeof folder, "%s", fixture->folder);
    char spec[128], farm[128];
    snprintf(spec, sizeof spec, "%s/nightly.yaml", folder);
    snprintf(farm, sizeof farm, "%s/farm.yaml", folder);
    const char *words[] = {spec,      "--farm", farm,       "--baseline", "last-green", "--quiet",
                           "--junit", junit,    "--notify", told,         NULL};
    cli_expect(fixture, "run", words, 5);
    FILE *file = fopen(out, "r");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    static const char expected[] = "red 1 nightly: hilfarm nightly: 1 regressed (1 of 1 measured)\n{";
    if (strncmp(text, expected, sizeof expected - 1) != 0)
        fail_msg("expected '%s' in: %s", expected, text);
    assert_non_null(strstr(text, "\"quantity\": \"latency\""));
    assert_non_null(strstr(text, "/report.html\""));
    assert_int_equal(access(junit, R_OK), 0);

    /* A command that fails is reported, and the exit status is still that of the run. */
    const char *failing[] = {spec, "--farm", farm, "--notify", "echo no mail here >&2; exit 7", NULL};
    cli_expect(fixture, "run", failing, 0);
    cli_assert_output(fixture, "nobody was notified: --notify: ");
    cli_assert_output(fixture, "status 7: no mail here");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(others_are_told_of_a_regression, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(runs_are_compared_with_the_last_green_one, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(baselines_are_any_runs, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(failures_count_more_than_regressions, cli_set_up, cli_tear_down),
    };
    return cmocka_run_group_tests_name("cli_baseline", tests, NULL, NULL);
}
