/* SPDX-License-Identifier: Apache-2.0 */
/* Sweeps on the boards of several hosts, by hilfarm and by hilfarmd. Skipped where there is no nats-server. */
#include "needs_server.h"

#include <signal.h>

#include "farm_of_hosts.h"

static void test_a_sweep_in_one_process(void **state)
{
    HF_TEST_NEEDS_SERVER();
    farm_of_hosts *f = *state;
    f->lists_hosts = true;
    measure_here(f);
    start_agent(f, 1);
    start_agent(f, 2);
    const char *const list[] = {"--farm", farm_file(f), NULL};
    cli_expect(&f->cli, "boards", list, 0);
    cli_assert_output(&f->cli, "lab1/left  stm32l4r5zi");
    cli_assert_output(&f->cli, "cortex-m4        -  on host lab2");
    const char *const run[] = {spec_file(f), "--farm", farm_file(f), "--plain", NULL};
    cli_expect(&f->cli, "run", run, 0);
    expect_same(f, 1);
    assert_int_equal(cli_query(&f->cli, "SELECT count(DISTINCT board_id) FROM attempts"), 2);
    const char *const doctor[] = {"--farm", farm_file(f), NULL};
    (void)cli_run(&f->cli, "doctor", doctor); /* the clock of this host may not be kept */
    cli_assert_output(&f->cli, "host lab1: hilfarm-agent ");
    cli_assert_output(&f->cli, "host lab1: its clock is 0.");
    cli_assert_output(&f->cli, "NATS server: version ");
    assert_null(strstr(f->cli.child.output, "OpenOCD")); /* not needed here: all boards are on other hosts */
    char *rest = NULL;
    for (char *line = strtok_r(f->cli.child.output, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        const char *advisory =
            strstr(line, "CVE-"); /* of a weakness of the server, if it has one: each has its line */
        assert_null(advisory ? strstr(advisory + 1, "CVE-") : NULL);
    }
}

/* One agent is killed, another one stops answering. */
static void test_hosts_that_fail_cost_nothing_but_time(void **state)
{
    HF_TEST_NEEDS_SERVER();
    farm_of_hosts *f = *state;
    measure_here(f);
    for (int host = 1; host <= AGENTS; host++)
        start_agent(f, host);
    start_daemon(f);
    const char *const run[] = {"run", spec_file(f), "--plain", NULL};
    start_command(f, run);
    if (!process_wait_output(&f->cli.child, "[1/8]", DEADLINE_MS))
        fail_msg("nothing is measured: %s", f->cli.child.output);
    kill(f->agents[0].pid, SIGKILL);
    kill(f->agents[1].pid, SIGSTOP);
    assert_int_equal(process_wait_exit(&f->cli.child, DEADLINE_MS), 0);
    expect_same(f, 1);
    assert_int_equal(cli_query(&f->cli, "SELECT count(*) FROM attempts WHERE succeeded"), MODELS);
    assert_int_equal(cli_query(&f->cli, "SELECT count(*) FROM attempts"),
                     MODELS); /* what was lost does not count */
    /* People's decisions, by either name. */
    const char *const reserve[] = {"boards", "reserve", "lab3/left", NULL}, *const release[] = {
                                                                                "boards", "release",
                                                                                "lab3/left", NULL};
    expect_command(f, reserve, 0);
    cli_assert_output(&f->cli, "board lab3/left: reserved until it is released");
    const char *const ambiguous[] = {"boards", "reserve", "left", NULL};
    expect_command(f, ambiguous, 2);
    expect_command(f, release, 0);
    const char *const list[] = {"boards", NULL};
    expect_command(f, list, 0);
    cli_assert_output(&f->cli, "lab3/left");
    /* They are back, and everything is as before. */
    end_agent(f, 1, SIGKILL);
    start_agent(f, 1);
    kill(f->agents[1].pid, SIGCONT);
    expect_command(f, run, 0);
    expect_same(f, 2);
}

/* A daemon that starts before there is any host. */
static void test_hosts_appear_by_themselves(void **state)
{
    HF_TEST_NEEDS_SERVER();
    farm_of_hosts *f = *state;
    measure_here(f);
    start_daemon(f);
    start_agent(f, 1);
    start_agent(f, 3); /* which the farm file does not name */
    assert_true(process_wait_output(&f->daemon, "board lab1/left (stm32l4r5zi) belongs to the farm now",
                                    DEADLINE_MS));
    assert_true(process_wait_output(&f->daemon, "board lab3/left (stm32l4r5zi) belongs to the farm now",
                                    DEADLINE_MS));
    const char *const run[] = {"run", spec_file(f), "--plain", NULL};
    expect_command(f, run, 0);
    expect_same(f, 1);
    assert_int_equal(cli_query(&f->cli, "SELECT count(DISTINCT board_id) FROM attempts"), 2);
    end_agent(f, 3, SIGTERM);
    assert_true(process_wait_output(&f->daemon, "host lab3 is away: its agent was stopped", DEADLINE_MS));
    /* A restart knows the boards of the host that is away. */
    assert_int_equal(process_stop(&f->daemon, DEADLINE_MS), 0);
    start_daemon(f);
    const char *const list[] = {"boards", NULL};
    expect_command(f, list, 0);
    cli_assert_output(&f->cli, "host lab3 is away: its agent does not answer");
    cli_assert_output(&f->cli, "lab1/left  stm32l4r5zi  lab1");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, farm_of_hosts_set_up, farm_of_hosts_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_a_sweep_in_one_process),
        CASE(test_hosts_that_fail_cost_nothing_but_time),
        CASE(test_hosts_appear_by_themselves),
    };
    return cmocka_run_group_tests_name("hosts_farm", tests, NULL, NULL);
}
