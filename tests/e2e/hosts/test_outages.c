/* SPDX-License-Identifier: Apache-2.0 */
/* The server of a farm, and agents, that go and come. Skipped where there is no nats-server. */
#include "needs_server.h"

#include <signal.h>

#include "farm_of_hosts.h"

/* Neither daemon nor agent needs a hand, whatever the server does. */
static void test_a_server_that_comes_and_goes(void **state)
{
    static const char closed[] = "authorization {user: somebody, password: else}\n";
    HF_TEST_NEEDS_SERVER();
    farm_of_hosts *f = *state;
    f->own_board = f->lists_hosts = true;
    nats_server_kill(&f->server);
    nats_server_forget(&f->server);
    start_agent_without_server(f, 1);
    expect_line(&f->agents[0], "cannot connect to the NATS server");
    /* The board of this host does not wait for the others. */
    start_daemon(f);
    expect_line(&f->daemon, "cannot connect to the NATS server");
    const char *const run[] = {"run",
                               cli_write(&f->cli, "one.yaml",
                                         "name: one\n"
                                         "models: [{family: mobilenetv1, alpha: 0.1, resolution: 32, "
                                         "channels: 1, classes: 2}]\n"
                                         "boards: {tags: [stm32l4r5zi]}\n"
                                         "measure: {warmup: 0, runs: 3, layers: false}\n"),
                               "--plain", NULL};
    expect_command(f, run, 0);
    assert_true(nats_server_start(&f->server));
    expect_line(&f->daemon, "board lab1/left (stm32l4r5zi) belongs to the farm now");
    expect_line(&f->agents[0], "is connected to");

    /* Another configuration: it refuses both, and libnats closes the agent's connection for good. */
    assert_int_equal(process_stop(&f->daemon, DEADLINE_MS), 0);
    nats_server_kill(&f->server);
    f->server.config = cli_write(&f->cli, "closed.conf", closed);
    assert_true(nats_server_start(&f->server));
    expect_line(&f->agents[0], "does not accept lab1: it was revoked");
    start_daemon(f);
    await_boards(f, "host lab1 is away: the NATS server nats://127.0.0.1:", true);

    /* And as before, but its store of leases is gone. */
    nats_server_kill(&f->server);
    nats_server_forget(&f->server);
    f->server.config = NULL;
    assert_true(nats_server_start(&f->server));
    measure_here(f);
    const char *const sweep[] = {"run", spec_file(f), "--plain", NULL};
    await_boards(f, "is away", false);
    expect_command(f, sweep, 0);
    expect_same(f, 2);
    assert_int_equal(cli_query(&f->cli, "SELECT count(DISTINCT board_id) FROM attempts a JOIN results r ON "
                                        "r.id = a.result_id WHERE r.run_id = 2"),
                     2);
}

/* An agent that is stopped says so: nobody waits until it counts as lost. */
static void test_an_agent_is_stopped(void **state)
{
    HF_TEST_NEEDS_SERVER();
    farm_of_hosts *f = *state;
    f->patience = "1 h"; /* longer than this test may take */
    measure_here(f);
    start_agent(f, 1);
    start_agent(f, 2);
    start_daemon(f);
    await_boards(f, "lab2/left", true);
    const char *const run[] = {"run", spec_file(f), "--plain", NULL};
    start_command(f, run);
    if (!process_wait_output(&f->cli.child, "[1/8]", DEADLINE_MS))
        fail_msg("nothing is measured: %s", f->cli.child.output);
    kill(f->agents[0].pid, SIGTERM); /* as systemd does, in the middle of an attempt */
    assert_int_equal(process_wait_exit(&f->agents[0], DEADLINE_MS), 0);
    assert_int_equal(process_wait_exit(&f->cli.child, DEADLINE_MS), 0);
    expect_same(f, 1);
    assert_int_equal(cli_query(&f->cli, "SELECT count(*) FROM attempts"),
                     MODELS); /* what was cut short does not count */
    expect_line(&f->daemon, "host lab1 is away: its agent was stopped");
    await_boards(f, "host lab1 is away: its agent was stopped", true);
    start_agent(f, 1);
    await_boards(f, "is away", false);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, farm_of_hosts_set_up, farm_of_hosts_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_a_server_that_comes_and_goes),
        CASE(test_an_agent_is_stopped),
    };
    return cmocka_run_group_tests_name("hosts_outages", tests, NULL, NULL);
}
