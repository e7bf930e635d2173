/* SPDX-License-Identifier: Apache-2.0 */
/* `hilfarm tag` and `hilfarm prune` on a store that was filled without boards. */
#include "cli_fixture.h"
#include "fixture.h"
#include "sample.h"

/* Runs 1 and 2 of "small", which ended in 2025. */
static void fill_store(cli_fixture *fixture)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report report;
    int64_t run_id = 0;
    sample_small(&report);
    assert_ok(hf_store_open(fixture->db, &store, &err), &err);
    for (int i = 0; i < 2; i++)
        assert_ok(fixture_record(store, &report, &run_id, &err), &err);
    hf_store_close(store);
    hf_report_free(&report);
}

static void expect(cli_fixture *fixture, int status, const char *command, const char *a, const char *b,
                   const char *c)
{
    const char *words[] = {a, b, c, NULL};
    cli_expect(fixture, command, words, status);
}

static void tags_name_runs(void **state)
{
    cli_fixture *fixture = *state;
    fill_store(fixture);
    expect(fixture, 0, "tag", "1", "v1.0", NULL);
    expect(fixture, 0, "tag", "latest", "night", NULL);
    expect(fixture, 2, "tag", "latest", "v1.0", NULL);
    cli_assert_output(fixture, "run 1 has the tag 'v1.0'");
    cli_assert_output(fixture, "--move");
    expect(fixture, 2, "tag", "1", "7", NULL);
    cli_assert_output(fixture, "not a valid tag");
    expect(fixture, 2, "tag", "77", "v3", NULL);
    cli_assert_output(fixture, "has no run '77'");
    expect(fixture, 0, "tag", NULL, NULL, NULL);
    cli_assert_output(fixture, "night      2  ");
    cli_assert_output(fixture, "v1.0       1  ");
    expect(fixture, 0, "runs", NULL, NULL, NULL);
    cli_assert_output(fixture, "small [v1.0]\n");

    /* Wherever a run is expected. */
    expect(fixture, 0, "report", "v1.0", NULL, NULL);
    cli_assert_output(fixture, "run 1: small");
    expect(fixture, 0, "report", "night", "--baseline", "v1.0");
    cli_assert_output(fixture, "comparison with the baseline: run 1 (small) -> run 2 (small)");
    expect(fixture, 0, "compare", "v1.0", "night", NULL);
    expect(fixture, 0, "export", "csv", "v1.0", NULL);

    expect(fixture, 0, "tag", "2", "v1.0", "--move");
    expect(fixture, 0, "report", "v1.0", NULL, NULL);
    cli_assert_output(fixture, "run 2: small");
    expect(fixture, 0, "tag", "--delete", "v1.0", NULL);
    expect(fixture, 2, "tag", "--delete", "v1.0", NULL);
    cli_assert_output(fixture, "has no tag 'v1.0'");
    expect(fixture, 2, "report", "v1.0", NULL, NULL);
}

static void details_of_old_runs_are_deleted(void **state)
{
    cli_fixture *fixture = *state;
    fill_store(fixture);
    expect(fixture, 0, "tag", "2", "v1.0", NULL);
    expect(fixture, 0, "prune", "--keep", "1 d", "--dry-run");
    cli_assert_output(
        fixture,
        "would delete details of 1 run: 2 samples, 2 rows of layers, 0 outputs, 1 transcripts, about ");
    cli_assert_output(fixture, "left alone: 1 tagged, 0 newest without failures\n");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM samples"), 4);
    expect(fixture, 0, "prune", "--keep", "5000w", NULL); /* nothing is that old */
    cli_assert_output(fixture, "deleted details of 0 runs");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM samples"), 4);
    expect(fixture, 0, "prune", "--keep", "1d", NULL);
    cli_assert_output(fixture, "deleted details of 1 run: 2 samples");
    cli_assert_output(fixture, "\nstore: ");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM samples"), 2);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM runs WHERE trimmed_ms IS NOT NULL"), 1);
    expect(fixture, 0, "report", "1", NULL, NULL);
    cli_assert_output(fixture, "were deleted on ");
    cli_assert_output(fixture, "101 us*");
    expect(fixture, 0, "compare", "1", "2", NULL);
}

/* The latest run, with one limit missed and a failure, for others. */
static void runs_are_reported_to_others(void **state)
{
    cli_fixture *fixture = *state;
    char junit[128], markdown[128];
    fill_store(fixture);
    snprintf(junit, sizeof junit, "%s/junit.xml", fixture->folder);
    snprintf(markdown, sizeof markdown, "%s/report.md", fixture->folder);
    const char *files[] = {"--junit", junit, "--markdown", markdown, NULL};
    cli_expect(fixture, "report", files, 0);
    assert_string_equal(fixture->child.output, "");
    assert_int_equal(access(junit, R_OK), 0);
    assert_int_equal(access(markdown, R_OK), 0);
    expect(fixture, 0, "report", "--subject", NULL, NULL);
    assert_string_equal(fixture->child.output, "hilfarm small: 1 failed, 1 limit missed (1 of 2 measured)\n");
    expect(fixture, 0, "report", "--summary", "-", NULL);
    cli_assert_output(fixture, "\"green\": false");
    cli_assert_output(fixture, "\"files\": null");
    expect(fixture, 2, "run", "x.yaml", "--webhook", "ftp://x");
    cli_assert_output(fixture, "--webhook 'ftp://x': expected an http:// or https:// URL");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tags_name_runs, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(runs_are_reported_to_others, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(details_of_old_runs_are_deleted, cli_set_up, cli_tear_down),
    };
    return cmocka_run_group_tests_name("cli_store_commands", tests, NULL, NULL);
}
