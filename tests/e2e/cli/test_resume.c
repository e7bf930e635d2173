/* SPDX-License-Identifier: Apache-2.0 */
/* Runs that end before their time, on real OpenOCD and virtual boards: what they measured is there, once, and
 * what is missing is measured when they are resumed. */
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>

#include "cli_fixture.h"
#include "hf_test.h"

#define WAIT_MS 60000

#define FOUR                                                                                                 \
    "name: four\n"                                                                                           \
    "models:\n"                                                                                              \
    "  - {family: mobilenetv1, alpha: [0.1, 0.2, 0.3, 0.4], resolution: 32, channels: 1, classes: 2,"        \
    " l: 1, ll: 16, pl: 16}\n"                                                                               \
    "measure: {warmup: 0, runs: 2}\n"

#define assert_contains(text, part)                                                                          \
    do {                                                                                                     \
        if (!strstr(text, part))                                                                             \
            fail_msg("expected \"%s\" in:\n%s", part, text);                                                 \
    } while (0)

/* Fails with the output of the command. */
static void expect(cli_fixture *fixture, const char *command, const char *const *words, int status)
{
    int got = cli_run(fixture, command, words);
    if (got != status)
        fail_msg("%s: exit status %d, expected %d:\n%s", command, got, status, fixture->child.output);
}

static int count_paths(const cli_fixture *fixture, const char *pattern)
{
    char path[160];
    glob_t found;
    snprintf(path, sizeof path, "%s/%s", fixture->folder, pattern);
    int count = glob(path, 0, NULL, &found) == 0 ? (int)found.gl_pathc : 0;
    globfree(&found);
    return count;
}

/* Every variation measured by one attempt, before or after the run was resumed. */
static void assert_four_measured_once(cli_fixture *fixture)
{
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM runs"), 1);
    assert_string_equal(cli_query_text(fixture, "SELECT state FROM runs"), "done");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM results WHERE outcome = 'measured'"), 4);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM results"), 4);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM attempts WHERE succeeded"), 4);
    assert_int_equal(cli_query(fixture, "SELECT count(DISTINCT result_id) FROM attempts WHERE succeeded"), 4);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM samples"), 8);
    assert_string_equal(cli_query_text(fixture, "PRAGMA integrity_check"), "ok");
    assert_int_equal(count_paths(fixture, "out/farm.db.run-*"), 0);
    assert_int_equal(count_paths(fixture, "out/*-four/report.html"), 1);
}

/* Starts a run and ends it by a signal once the first result was shown. */
static void stop_after_one(cli_fixture *fixture, int signal_number)
{
    const char *words[] = {cli_write(fixture, "four.yaml", FOUR), NULL};
    cli_start(fixture, "run", words);
    assert_true(process_wait_output(&fixture->child, "[1/4]", WAIT_MS));
    kill(fixture->child.pid, signal_number);
    process_wait_exit(&fixture->child, WAIT_MS);
}

static void test_a_killed_run_is_resumed(void **state)
{
    cli_fixture *fixture = *state;
    stop_after_one(fixture, SIGKILL);
    const char *none[] = {NULL}, *words[] = {"--resume", NULL};
    /* Immediately, although its row says otherwise. */
    assert_string_equal(cli_query_text(fixture, "SELECT state FROM runs"), "running");
    expect(fixture, "runs", none, 0);
    assert_contains(fixture->child.output, "interrupted");
    const int64_t before = cli_query(fixture, "SELECT count(*) FROM attempts");
    assert_true(before >= 1);
    char started[64];
    snprintf(started, sizeof started, "%s",
             cli_query_text(fixture, "SELECT started_ms FROM attempts WHERE id = 1"));
    expect(fixture, "run", words, 0);
    assert_contains(fixture->child.output, "resuming run 1 (");
    assert_contains(fixture->child.output, "4 measured, 0 failed, 0 not run");
    assert_contains(fixture->child.output, "resumed once");
    assert_four_measured_once(fixture);
    assert_string_equal(cli_query_text(fixture, "SELECT started_ms FROM attempts WHERE id = 1"), started);
    assert_int_equal(cli_query(fixture, "SELECT resumptions FROM runs"), 1);
    /* Nothing is missing any more, so nothing is measured. */
    const char *named[] = {"--resume", "1", NULL};
    expect(fixture, "run", words, 0);
    assert_contains(fixture->child.output, "nothing is missing: 4 measured and 0 pruned");
    expect(fixture, "run", named, 0);
    assert_contains(fixture->child.output, "nothing is missing: 4 measured and 0 pruned");
    assert_four_measured_once(fixture);
    assert_int_equal(cli_query(fixture, "SELECT resumptions FROM runs"), 1);
}

static void test_without_a_store_nothing_is_created(void **state)
{
    cli_fixture *fixture = *state;
    const char *words[] = {"--resume", NULL};
    expect(fixture, "run", words, 2);
    assert_contains(fixture->child.output, "there is no store");
    assert_int_equal(count_paths(fixture, "*"), 0);
}

static void test_an_interrupted_run_is_resumed_by_its_key(void **state)
{
    cli_fixture *fixture = *state;
    stop_after_one(fixture, SIGINT);
    assert_string_equal(cli_query_text(fixture, "SELECT state FROM runs"), "interrupted");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM results"), 4);
    char key[64];
    snprintf(key, sizeof key, "%s", cli_query_text(fixture, "SELECT substr(key, 10) FROM runs"));
    const char *words[] = {"--resume", key, NULL}, *unknown[] = {"--resume", "nonesuch", NULL},
               *file[] = {"--resume", "configs/quick.yaml", NULL};
    expect(fixture, "run", unknown, 2);
    assert_contains(fixture->child.output, "no run 'nonesuch'");
    expect(fixture, "run", file, 2);
    assert_contains(fixture->child.output, "not a file");
    expect(fixture, "run", words, 0);
    assert_four_measured_once(fixture);
    assert_true(cli_query(fixture, "SELECT duration_ns FROM runs") > 0);
}

static void test_a_run_under_way_is_not_resumed(void **state)
{
    cli_fixture *fixture = *state;
    const char *words[] = {cli_write(fixture, "four.yaml", FOUR), NULL};
    cli_start(fixture, "run", words);
    assert_true(process_wait_output(&fixture->child, "four:", WAIT_MS));
    for (int tries = 0; tries < 1000 && count_paths(fixture, "out/farm.db.run-*") == 0; tries++)
        poll(NULL, 0, 10);
    for (int tries = 0; tries < 1000 && cli_query(fixture, "SELECT count(*) FROM runs") == 0; tries++)
        poll(NULL, 0, 10); /* its file is created before its row */
    process second = {0};
    const char *const again[] = {cli_program("hilfarm"), "run", "--resume", "--db", fixture->db, NULL};
    assert_true(process_start(&second, again));
    int status = process_wait_exit(&second, WAIT_MS);
    if (status != 2 || !strstr(second.output, "under way"))
        fail_msg("exit status %d:\n%s", status, second.output);
    assert_int_equal(process_wait_exit(&fixture->child, WAIT_MS), 0);
    assert_four_measured_once(fixture);
}

/* ---- What must be the same ---- */

static void copy_firmware(const cli_fixture *fixture, char *folder, size_t size)
{
    static const char name[] = "hilfarm-stm32l4r5zi.bin";
    char path[512];
    const char *from = getenv("HILFARM_FIRMWARE_DIR");
    snprintf(path, sizeof path, "%s/%s", from ? from : "build/release/firmware", name);
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    static uint8_t bytes[1 << 20];
    size_t length = fread(bytes, 1, sizeof bytes, in);
    fclose(in);
    assert_true(length > 0x240 && length < sizeof bytes);
    bytes[0x23c] ^= 1; /* the first byte of its build identifier: firmware/bench/INFO.md */
    snprintf(folder, size, "%s/firmware", fixture->folder);
    assert_int_equal(mkdir(folder, 0755), 0);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, length, out), length);
    assert_int_equal(fclose(out), 0);
}

static void export_network(const char *variation, const char *path)
{
    process export = {0};
    const char *const make[] = {cli_program("hilfarm"), "export", "tflite", variation, "-o", path, NULL};
    assert_true(process_start(&export, make));
    assert_int_equal(process_wait_exit(&export, WAIT_MS), 0);
}

static void test_differences_are_reported(void **state)
{
    cli_fixture *fixture = *state;
    char model[128], spec[512], firmware[128];
    snprintf(model, sizeof model, "%s/net.tflite", fixture->folder);
    export_network("mobilenetv1_0.1_32_c1_o2_l1ll16pl16", model);
    snprintf(spec, sizeof spec, "name: differs\nmodels: [{tflite: %s}]\nmeasure: {warmup: 0, runs: 1}\n",
             model);
    const char *words[] = {cli_write(fixture, "differs.yaml", spec), NULL}, *resume[] = {"--resume", NULL};
    expect(fixture, "run", words, 0);
    expect(fixture, "run", resume, 0);

    copy_firmware(fixture, firmware, sizeof firmware);
    const char *other_firmware[] = {"--resume", "--firmware-dir", firmware, NULL};
    expect(fixture, "run", other_firmware, 2);
    assert_contains(fixture->child.output, "the firmware for stm32l4r5zi has changed");

    export_network("mobilenetv1_0.2_32_c1_o2_l1ll16pl16", model);
    expect(fixture, "run", resume, 2);
    assert_contains(fixture->child.output, "the image of net has changed");
    export_network("mobilenetv1_0.1_32_c1_o2_l1ll16pl16", model);
    expect(fixture, "run", resume, 0);

    const char *farm[] = {
        "--resume", "--farm",
        cli_write(fixture, "farm.yaml", "boards: [{id: other, virtual: true, chip: stm32f767zi}]\n"), NULL};
    expect(fixture, "run", farm, 2);
    assert_contains(fixture->child.output, "same chips");

    char changed[600];
    snprintf(changed, sizeof changed, "%sconstraints: {ram: 1 KB}\n", spec);
    cli_write(fixture, "differs.yaml", changed);
    expect(fixture, "run", resume, 2);
    assert_contains(fixture->child.output, "has changed since then, first in line 4");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM attempts"), 1);
    assert_string_equal(cli_query_text(fixture, "SELECT state FROM runs"), "done");
}

/* Images are compared as the spec compiles them; this one differs from the default. */
static void test_images_are_compared_as_the_spec_made_them(void **state)
{
    cli_fixture *fixture = *state;
    const char *words[] = {cli_write(fixture, "small.yaml",
                                     "name: small\nobjective: ram\nconstraints: {ram: 100 KB}\n"
                                     "models: [{name: mobilenetv1_0.1_48_c1_o2}]\n"
                                     "measure: {warmup: 0, runs: 1}\n"),
                           NULL},
               *resume[] = {"--resume", NULL};
    expect(fixture, "run", words, 0);
    expect(fixture, "run", resume, 0);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM attempts"), 1);
}

/* ---- The store cannot be written ---- */

static sqlite3 *lock_store(const cli_fixture *fixture)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(fixture->db, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    return db;
}

/* Starts a run and locks its store as soon as the first result is there. */
static sqlite3 *start_and_lock(cli_fixture *fixture)
{
    const char *words[] = {cli_write(fixture, "four.yaml", FOUR), NULL};
    cli_start(fixture, "run", words);
    assert_true(process_wait_output(&fixture->child, "[1/4]", WAIT_MS));
    return lock_store(fixture);
}

static void test_a_run_waits_for_a_locked_store(void **state)
{
    cli_fixture *fixture = *state;
    sqlite3 *other = start_and_lock(fixture);
    assert_true(process_wait_output(&fixture->child, "measuring continues", WAIT_MS));
    assert_true(process_wait_output(&fixture->child, "[4/4]", WAIT_MS));
    sqlite3_close(other);
    int status = process_wait_exit(&fixture->child, WAIT_MS);
    if (status != 0)
        fail_msg("exit status %d:\n%s", status, fixture->child.output);
    assert_contains(fixture->child.output, "locked");
    assert_contains(fixture->child.output, "4 measured, 0 failed");
    assert_four_measured_once(fixture);
}

/* Results shown as measured survive, although the process was killed before the store could be written. */
static void test_killed_with_a_locked_store(void **state)
{
    cli_fixture *fixture = *state;
    const char *none[] = {NULL}, *resume[] = {"--resume", NULL};
    sqlite3 *other = start_and_lock(fixture);
    assert_true(process_wait_output(&fixture->child, "[3/4]", WAIT_MS));
    kill(fixture->child.pid, SIGKILL);
    process_wait_exit(&fixture->child, WAIT_MS);
    assert_true(cli_query(fixture, "SELECT count(*) FROM attempts") < 3);
    sqlite3_close(other);
    expect(fixture, "report", none, 0);
    assert_contains(fixture->child.output, "now in the store");
    assert_true(cli_query(fixture, "SELECT count(*) FROM results WHERE outcome = 'measured'") >= 3);
    expect(fixture, "run", resume, 0);
    assert_four_measured_once(fixture);
}

/* The store stays locked until the end: the run reports where its results are kept, and exits with 3. */
static void test_ends_with_a_locked_store(void **state)
{
    cli_fixture *fixture = *state;
    const char *none[] = {NULL};
    sqlite3 *other = start_and_lock(fixture);
    int status = process_wait_exit(&fixture->child, RUN_DEADLINE_MS);
    if (status != 3)
        fail_msg("exit status %d:\n%s", status, fixture->child.output);
    assert_contains(fixture->child.output, "[4/4]");
    assert_contains(fixture->child.output, "kept in ");
    assert_int_equal(count_paths(fixture, "out/farm.db.run-*"), 1);
    sqlite3_close(other);
    expect(fixture, "report", none, 0);
    assert_contains(fixture->child.output, "4 measured, 0 failed");
    assert_four_measured_once(fixture);
}

/* ---- Clock and temporary files ---- */

static void test_the_wall_clock_may_jump(void **state)
{
    cli_fixture *fixture = *state;
    const char *words[] = {cli_write(fixture, "four.yaml", FOUR), NULL};
    setenv("LD_PRELOAD", CLOCK_SHIM, 1);
    setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
    int status = cli_run(fixture, "run", words);
    unsetenv("LD_PRELOAD");
    if (status != 0)
        fail_msg("exit status %d:\n%s", status, fixture->child.output);
    assert_true(cli_query(fixture, "SELECT (finished_ms - started_ms) / 1000 FROM runs") > 1000);
    assert_int_equal(cli_query(fixture, "SELECT duration_ns BETWEEN 1 AND 600000000000 FROM runs"), 1);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM attempts WHERE duration_ns BETWEEN 1 AND"
                                        " (SELECT duration_ns FROM runs)"),
                     4);
    assert_null(strstr(fixture->child.output, "000.0 s"));
    assert_four_measured_once(fixture);
}

static void test_temporary_files_are_in_tmpdir(void **state)
{
    cli_fixture *fixture = *state;
    char folder[96];
    snprintf(folder, sizeof folder, "%s/t", fixture->folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    const char *words[] = {cli_write(fixture, "four.yaml", FOUR), NULL};
    setenv("TMPDIR", folder, 1);
    cli_start(fixture, "run", words);
    unsetenv("TMPDIR");
    assert_true(process_wait_output(&fixture->child, "[1/4]", WAIT_MS));
    assert_int_equal(count_paths(fixture, "t/hilfarm-run-*"), 1);
    assert_int_equal(process_wait_exit(&fixture->child, WAIT_MS), 0);
    assert_int_equal(count_paths(fixture, "t/*"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, cli_set_up, cli_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_killed_run_is_resumed),
        TEST(test_without_a_store_nothing_is_created),
        TEST(test_an_interrupted_run_is_resumed_by_its_key),
        TEST(test_a_run_under_way_is_not_resumed),
        TEST(test_differences_are_reported),
        TEST(test_images_are_compared_as_the_spec_made_them),
        TEST(test_a_run_waits_for_a_locked_store),
        TEST(test_killed_with_a_locked_store),
        TEST(test_ends_with_a_locked_store),
        TEST(test_the_wall_clock_may_jump),
        TEST(test_temporary_files_are_in_tmpdir),
    };
    return cmocka_run_group_tests_name("cli_resume", tests, NULL, NULL);
}
