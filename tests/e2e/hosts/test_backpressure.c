/* SPDX-License-Identifier: Apache-2.0 */
/* What waits is bounded, and nothing is lost, when the store is locked or the daemon stands still. Skipped where there is no
 * nats-server. */
#include "needs_server.h"

#include <glob.h>
#include <signal.h>
#include <time.h>

#include "base/clock.h"
#include "farm_of_hosts.h"

static int count_files(farm_of_hosts *f, const char *pattern)
{
    char path[160];
    glob_t found = {0};
    snprintf(path, sizeof path, "%s/%s", f->cli.folder, pattern);
    const int count = glob(path, 0, NULL, &found) == 0 ? (int)found.gl_pathc : 0;
    globfree(&found);
    return count;
}

static bool await_files(farm_of_hosts *f, const char *pattern, bool there, int deadline_ms)
{
    const hf_deadline deadline = hf_deadline_in_ms(deadline_ms);
    const struct timespec step = {.tv_nsec = 5 * (long)HF_NS_PER_MS};
    while ((count_files(f, pattern) > 0) != there) {
        if (hf_deadline_passed(deadline))
            return false;
        nanosleep(&step, NULL);
    }
    return true;
}

static void start_sweep(farm_of_hosts *f)
{
    measure_here(f);
    start_agent(f, 1);
    start_agent(f, 2);
    start_daemon(f);
    const char *const run[] = {"run", spec_file(f), "--plain", NULL};
    start_command(f, run);
    if (!process_wait_output(&f->cli.child, "[1/8]", DEADLINE_MS))
        fail_msg("nothing is measured: %s", f->cli.child.output);
}

static void expect_each_once(farm_of_hosts *f)
{
    const int ended = process_wait_exit(&f->cli.child, DEADLINE_MS);
    if (ended != 0)
        fail_msg("run: %d: %s", ended, f->cli.child.output);
    expect_same(f, 1);
    assert_int_equal(cli_query(&f->cli, "SELECT count(*) FROM attempts"), MODELS);
}

/* Another program holds the store: boards go on, what they measure waits in the journal of the run. */
static void test_a_locked_store(void **state)
{
    HF_TEST_NEEDS_SERVER();
    farm_of_hosts *f = *state;
    sqlite3 *other = NULL;
    start_sweep(f);
    assert_int_equal(sqlite3_open_v2(f->cli.db, &other, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_busy_timeout(other, DEADLINE_MS);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    if (!process_wait_output(&f->cli.child, "[8/8]", DEADLINE_MS))
        fail_msg("the boards do not go on: %s", f->cli.child.output);
    assert_true(cli_query(&f->cli, "SELECT count(*) FROM attempts") < MODELS);
    assert_int_equal(count_files(f, "state/hilfarm.db.run-*"), 1);
    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    expect_each_once(f);
    assert_true(await_files(f, "state/hilfarm.db.run-*", false, DEADLINE_MS));
}

/* Answers that nobody takes: an agent keeps one for each board, however often it has sent it, and it counts once. */
static void test_a_daemon_that_stands_still(void **state)
{
    HF_TEST_NEEDS_SERVER();
    farm_of_hosts *f = *state;
    f->patience = "1 h";
    start_sweep(f);
    bool waits = false;
    const hf_deadline deadline = hf_deadline_in_ms(DEADLINE_MS);
    while (!waits) { /* it may have been stopped while no board had an order */
        assert_int_equal(kill(f->daemon.pid, SIGSTOP), 0);
        waits = await_files(f, "agent?/left.answer", true, 3000);
        if (!waits)
            assert_int_equal(kill(f->daemon.pid, SIGCONT), 0);
        assert_false(hf_deadline_passed(deadline));
    }
    assert_true(count_files(f, "agent1/*.answer") <= 1 && count_files(f, "agent2/*.answer") <= 1);
    assert_int_equal(kill(f->daemon.pid, SIGCONT), 0);
    expect_each_once(f);
    assert_true(
        await_files(f, "agent?/*.answer", false, DEADLINE_MS)); /* acknowledged, or of an older lease */
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, farm_of_hosts_set_up, farm_of_hosts_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_a_locked_store),
        CASE(test_a_daemon_that_stands_still),
    };
    return cmocka_run_group_tests_name("hosts_backpressure", tests, NULL, NULL);
}
