/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon and runs in other processes never use a board at once. */
#include "hf_test.h"

#include <signal.h>

#include "daemon_fixture.h"

/* Below the range from which the kernel takes ports, and different from those of other tests. */
#define FIRST_PORT 22900u

static int set_up(void **state)
{
    int status = daemon_set_up(state);
    setenv("FAKE_FLASH_MS", "100", 1);
    if (status == 0)
        daemon_fake_farm(*state, FIRST_PORT, 1);
    return status;
}

static int tear_down(void **state)
{
    unsetenv("FAKE_FLASH_MS");
    return daemon_tear_down(state);
}

static void test_while_the_daemon_measures(void **state)
{
    daemon_fixture *f = *state;
    daemon_write("long.yaml", LONG_SWEEP);
    daemon_write("sweep.yaml", SWEEP);
    daemon_start(f);
    EXPECT(f, 0, "run", "long.yaml", "--detach");
    START(f, "attach");
    client_says(f, "/64]");
    kill(f->client.pid, SIGINT);
    client_finish(f, 4);
    /* The daemon has the only board. */
    EXPECT(f, 3, "run", "sweep.yaml", "--farm", "farm.yaml", "--openocd", f->openocd);
    client_said(f, "running in this process because of --farm; the daemon at ");
    client_said(f, "in use by process");
    client_said(f, "0 measured, 0 failed, 4 not run");
    /* It gets the board when the daemon's run is over. */
    EXPECT(f, 0, "run", "sweep.yaml", "--farm", "farm.yaml", "--openocd", f->openocd, "--wait", "2 min");
    client_said(f, "4 measured, 0 failed");
    EXPECT(f, 0, "attach");
    client_said(f, "64 measured, 0 failed");
}

static void test_while_another_process_measures(void **state)
{
    daemon_fixture *f = *state;
    process other;
    daemon_write("long.yaml", LONG_SWEEP);
    daemon_write("sweep.yaml", SWEEP);
    daemon_start(f);
    START(f, "run", "long.yaml", "--farm", "farm.yaml", "--openocd", f->openocd);
    client_says(f, "[1/64]");
    other = f->client;
    START(f, "run", "sweep.yaml");
    client_says(f, "waiting for board fake-0: in use by process");
    assert_null(strstr(f->client.output, "[1/4]"));
    process client = f->client;
    assert_int_equal(process_wait_exit(&other, WAIT_MS), 0);
    f->client = client;
    client_finish(f, 0);
    client_said(f, "4 measured, 0 failed");
}

/* Two runs share the boards of the daemon: the second, small one does not wait for the end of the first. */
static void test_two_runs(void **state)
{
    daemon_fixture *f = *state;
    daemon_write("long.yaml", LONG_SWEEP);
    daemon_write("sweep.yaml", SWEEP);
    daemon_start(f);
    EXPECT(f, 0, "run", "long.yaml", "--detach", "--title", "after the new compiler", "--tag", "compiler");
    EXPECT(f, 0, "run", "sweep.yaml", "--priority", "4");
    client_said(f, "it shares the boards with 1 other run");
    client_said(f, "4 measured, 0 failed");
    EXPECT(f, 0, "queue");
    client_said(f, "long (after the new compiler)"); /* still under way */
    EXPECT(f, 0, "queue", "long", "--priority", "-4");
    client_said(f, " (long) has priority -4");
    EXPECT(f, 0, "queue");
    client_said(f, "  -4 ");
    EXPECT(f, 2, "queue", "long");
    EXPECT(f, 2, "queue", "--priority", "3");
    EXPECT(f, 2, "queue", "long", "--priority", "9");
    START(f, "runs", "--watch");
    client_says(f, "under way");
    client_says(f, "green");
    kill(f->client.pid, SIGINT);
    client_finish(f, 0);
    EXPECT(f, 0, "attach", "long");
    client_said(f, "64 measured, 0 failed");
    EXPECT(f, 0, "report", "compiler");
    client_said(f, "64 measured, 0 failed");
    EXPECT(f, 2, "run", "sweep.yaml", "--local", "--title", "x"); /* only a daemon shows it */
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_while_the_daemon_measures),
        CASE(test_while_another_process_measures),
        CASE(test_two_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
