/* SPDX-License-Identifier: Apache-2.0 */
/* Runs on the daemon go on without their client, and clients go on without their daemon. */
#include "hf_test.h"

#include <signal.h>

#include "daemon_fixture.h"

#define EACH_ONCE                                                                                            \
    "SELECT count(*) FROM results WHERE outcome = 'measured' AND "                                           \
    "(SELECT count(*) FROM attempts WHERE result_id = results.id AND succeeded) = 1"

/* Below the range from which the kernel takes ports, and different from those of other tests. */
#define FIRST_PORT 22910u

static int set_up(void **state)
{
    int status = daemon_set_up(state);
    setenv("FAKE_FLASH_MS", "50", 1);
    if (status == 0)
        daemon_fake_farm(*state, FIRST_PORT, 2);
    return status;
}

static int tear_down(void **state)
{
    unsetenv("FAKE_FLASH_MS");
    return daemon_tear_down(state);
}

static void test_detach_and_attach(void **state)
{
    daemon_fixture *f = *state;
    char key[18];
    daemon_write("long.yaml", LONG_SWEEP);
    daemon_start(f);
    EXPECT(f, 0, "run", "long.yaml", "--detach", "--quiet", "--priority", "-2");
    assert_int_equal(strlen(f->client.output), 18); /* the key alone, for scripts */
    snprintf(key, sizeof key, "%s", client_key(f));
    EXPECT(f, 0, "queue");
    client_said(f, key);
    client_said(f, "-2");
    START(f, "attach", key);
    client_says(f, "/64]");
    kill(f->client.pid, SIGINT); /* only stops following */
    client_finish(f, 4);
    client_said(f, "the run goes on; follow it with: hilfarm attach ");
    EXPECT(f, 0, "attach", "long", "--all");
    client_said(f, "long: run ");
    client_said(f, key);
    client_said(f, "[1/64]");
    client_said(f, "[64/64]");
    client_said(f, "64 measured, 0 failed");
    EXPECT(f, 0, "attach", key); /* it is over */
    client_said(f, "64 measured, 0 failed");
    assert_int_equal(daemon_query(EACH_ONCE), LONG_JOBS);
}

static void test_cancel(void **state)
{
    daemon_fixture *f = *state;
    char key[18], said[64];
    daemon_write("long.yaml", LONG_SWEEP);
    daemon_start(f);
    START(f, "run", "long.yaml");
    client_says(f, "[1/64]");
    kill(f->client.pid, SIGINT);
    client_finish(f, 4);
    client_said(f, "the run is being cancelled");
    client_said(f, "interrupted: ");
    EXPECT(f, 0, "run", "long.yaml", "--detach");
    snprintf(key, sizeof key, "%s", client_key(f));
    EXPECT(f, 0, "cancel", "long", "--wait"); /* by its name: the answer says which run that is */
    snprintf(said, sizeof said, "run %s (long) of ", key);
    client_said(f, said);
    client_said(f, " is being cancelled");
    client_said(f, "is over: ");
    EXPECT(f, 4, "attach", key);
    EXPECT(f, 2, "cancel", "nothing");
    assert_int_equal(daemon_query("SELECT count(*) FROM runs WHERE state = 'interrupted'"), 2);
    /* What is missing is measured by resuming the run. */
    EXPECT(f, 0, "run", "--resume", key);
    client_said(f, "resuming run 2 (");
    client_said(f, "64 measured, 0 failed");
    assert_int_equal(daemon_query("SELECT count(*) FROM runs WHERE state = 'done'"), 1);
}

static void test_lost_terminal(void **state)
{
    daemon_fixture *f = *state;
    daemon_write("long.yaml", LONG_SWEEP);
    daemon_start(f);
    START(f, "run", "long.yaml");
    client_says(f, "[1/64]");
    kill(f->client.pid, SIGHUP);
    client_finish(f, 4);
    EXPECT(f, 0, "attach");
    client_said(f, "64 measured, 0 failed");
    START(f, "run", "long.yaml"); /* and one that is killed */
    client_says(f, "[1/64]");
    kill(f->client.pid, SIGKILL);
    client_finish(f, 128 + SIGKILL);
    EXPECT(f, 0, "attach");
    client_said(f, "64 measured, 0 failed");
    assert_int_equal(daemon_query("SELECT count(*) FROM runs WHERE state = 'done'"), 2);
}

/* The daemon is killed and started again while a client follows: the client connects again, the run is whole, and every
 * measurement is there once. */
static void restart_daemon(daemon_fixture *f, int signal)
{
    daemon_write("long.yaml", LONG_SWEEP);
    daemon_start(f);
    START(f, "run", "long.yaml");
    client_says(f, "[3/64]");
    daemon_stop(f, signal);
    client_says(f, "the connection to the daemon is lost");
    daemon_start(f);
    client_says(f, "connected to the daemon again");
    client_finish(f, 0);
    client_said(f, "[64/64]");
    client_said(f, "64 measured, 0 failed");
    assert_int_equal(daemon_query(EACH_ONCE), LONG_JOBS);
    assert_int_equal(daemon_query("SELECT count(*) FROM runs"), 1);
}

static void test_daemon_killed(void **state)
{
    restart_daemon(*state, SIGKILL);
}

static void test_daemon_stopped(void **state)
{
    restart_daemon(*state, SIGTERM);
}

static void test_no_daemon(void **state)
{
    daemon_fixture *f = *state;
    daemon_write("long.yaml", LONG_SWEEP);
    EXPECT(f, 3, "run", "long.yaml"); /* $HILFARM_SOCKET promises one */
    client_said(f, "without the daemon: --local");
    EXPECT(f, 3, "queue");
    EXPECT(f, 3, "runs");
    client_said(f, "without the daemon: --local, or --db FILE");
    EXPECT(f, 3, "report");
    EXPECT(f, 3, "export", "csv", "1");
    EXPECT(f, 3, "compare", "1", "2");
    EXPECT(f, 3, "tag", "latest", "v1");
    EXPECT(f, 3, "prune", "--keep", "30d");
    EXPECT(f, 2, "runs", "--local"); /* nothing was run in this folder */
    EXPECT(f, 2, "tag", "latest", "v1", "--db", "absent.db");
    setenv("HILFARM_SOCKET", "", 1);
    EXPECT(f, 3, "queue");
    client_said(f, "no daemon is running here");
    EXPECT(f, 2, "run", "long.yaml", "--detach");
    client_said(f, "--detach is for runs on the daemon, and none is running here");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_detach_and_attach), CASE(test_cancel),         CASE(test_lost_terminal),
        CASE(test_daemon_killed),     CASE(test_daemon_stopped), CASE(test_no_daemon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
