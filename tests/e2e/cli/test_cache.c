/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>

#include "cli_fixture.h"
#include "hf_test.h"

/* Prepared models are kept between runs. The suite sets HILFARM_CACHE_DIR to nothing; these tests use a folder. */

#define SWEEP                                                                                                \
    "name: kept\n"                                                                                           \
    "models:\n"                                                                                              \
    "  - {family: mobilenetv1, alpha: [0.1, 0.2], resolution: 32, channels: 1, classes: 2, l: 1, ll: 16, "   \
    "pl: 16}\n"                                                                                              \
    "measure: {warmup: 0, runs: 1, layers: true}\n"

static int set_up(void **state)
{
    char path[128];
    if (cli_set_up(state) != 0)
        return -1;
    snprintf(path, sizeof path, "%s/cache", ((cli_fixture *)*state)->folder);
    return setenv("HILFARM_CACHE_DIR", path, 1);
}

static int tear_down(void **state)
{
    setenv("HILFARM_CACHE_DIR", "", 1);
    unsetenv("HILFARM_CACHE_LIMIT");
    return cli_tear_down(state);
}

static void assert_no_output(const cli_fixture *fixture, const char *part)
{
    if (strstr(fixture->child.output, part))
        fail_msg("unexpected \"%s\" in:\n%s", part, fixture->child.output);
}

static bool has_cache(void)
{
    const char *folder = getenv("HILFARM_CACHE_DIR");
    return folder && access(folder, F_OK) == 0;
}

/* The same results, whether models were prepared or found: samples, layers and digests. */
static void test_a_second_run_prepares_nothing(void **state)
{
    cli_fixture *fixture = *state;
    const char *spec = cli_write(fixture, "kept.yaml", SWEEP);
    const char *run[] = {spec, NULL}, *plan[] = {spec, "--dry-run", NULL},
               *plain[] = {spec, "--no-cache", NULL};
    cli_expect(fixture, "run", plan, 0);
    assert_no_output(fixture, "prepared before");
    assert_false(has_cache());
    cli_expect(fixture, "run", run, 0);
    assert_no_output(fixture, "prepared before");
    assert_true(has_cache());
    cli_expect(fixture, "run", plan, 0);
    cli_assert_output(fixture, "2 of 2 models were prepared before");
    cli_expect(fixture, "run", run, 0);
    cli_assert_output(fixture, "2 of 2 models were prepared before");
    cli_expect(fixture, "run", plain, 0);
    assert_no_output(fixture, "prepared before");
    assert_string_equal(
        cli_query_text(
            fixture,
            "SELECT count(DISTINCT run_id) || ' ' || count(*) || ' ' || count(DISTINCT r.position || "
            "image_sha256 || image_crc32 || output_crc32 || macs || planned_arena_bytes || image_bytes) "
            "FROM results r JOIN attempts a ON a.result_id = r.id JOIN measurements m ON m.attempt_id = "
            "a.id"),
        "3 6 2");
    assert_int_equal(cli_query(fixture,
                               "SELECT count(*) FROM (SELECT r.position, t.position, count(DISTINCT cycles) "
                               "AS different FROM layer_times t JOIN attempts a ON a.id = t.attempt_id "
                               "JOIN results r ON r.id = a.result_id GROUP BY 1, 2) WHERE different > 1"),
                     0);
    const char *wider =
        cli_write(fixture, "wider.yaml",
                  "name: wider\nmodels:\n  - {family: mobilenetv1, alpha: [0.1, 0.3], resolution: 32, "
                  "channels: 1, classes: 2, l: 1, ll: 16, pl: 16}\nmeasure: {warmup: 0, runs: 1}\n");
    const char *other[] = {wider, NULL};
    cli_expect(fixture, "run", other, 0);
    cli_assert_output(fixture, "1 of 2 models were prepared before");
}

/* Resuming compares images with those that were measured: found in the cache, they need not be compiled. */
static void test_resuming_finds_images(void **state)
{
    cli_fixture *fixture = *state;
    const char *spec = cli_write(fixture, "kept.yaml", SWEEP);
    const char *run[] = {spec, NULL}, *resume[] = {"--resume", NULL};
    cli_expect(fixture, "run", run, 0);
    cli_expect(fixture, "run", resume, 0);
    cli_assert_output(fixture, "nothing is missing");
}

/* What is wrong with the cache never fails a run, but a wrong limit is a mistake. */
static void test_a_cache_that_cannot_be_used(void **state)
{
    cli_fixture *fixture = *state;
    const char *spec = cli_write(fixture, "kept.yaml", SWEEP);
    const char *run[] = {spec, "--only", "*_0.1_*", NULL};
    cli_write(fixture, "cache", "not a folder");
    cli_expect(fixture, "run", run, 0);
    cli_assert_output(fixture, "prepared models are not kept for later runs: ");
    cli_assert_output(fixture, "1 measured");
    setenv("HILFARM_CACHE_LIMIT", "plenty", 1);
    cli_expect(fixture, "run", run, 2);
    cli_assert_output(fixture, "HILFARM_CACHE_LIMIT is 'plenty', expected a size");
    setenv("HILFARM_CACHE_LIMIT", "10 KB", 1); /* less than an image */
    setenv("HILFARM_CACHE_DIR", "", 1);
    cli_expect(fixture, "run", run, 0);
    assert_no_output(fixture, "not kept");
}

static void test_a_small_cache_keeps_its_limit(void **state)
{
    cli_fixture *fixture = *state;
    const char *spec = cli_write(fixture, "kept.yaml", SWEEP);
    const char *run[] = {spec, NULL};
    setenv("HILFARM_CACHE_LIMIT", "1 KB", 1);
    cli_expect(fixture, "run", run, 0);
    cli_expect(fixture, "run", run, 0);
    assert_no_output(fixture, "prepared before");
    cli_assert_output(fixture, "2 measured");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_second_run_prepares_nothing),
        TEST(test_resuming_finds_images),
        TEST(test_a_cache_that_cannot_be_used),
        TEST(test_a_small_cache_keeps_its_limit),
    };
    return cmocka_run_group_tests_name("cli_cache", tests, NULL, NULL);
}
