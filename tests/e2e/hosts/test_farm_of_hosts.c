/* SPDX-License-Identifier: Apache-2.0 */
/* Whole farms over a real nats-server: hilfarm and hilfarmd with the boards of several hilfarm-agents. Skipped where there is no
 * nats-server. */
#include "needs_server.h"

#include <signal.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "broker/subjects.h"
#include "cli_fixture.h"

#define AGENTS      3
#define MODELS      8
#define DEADLINE_MS 120000

typedef struct farm {
    cli_fixture cli; /* first: the set-up of its tests makes it */
    nats_server server;
    process agents[AGENTS];
    process daemon;
    bool lists_hosts; /* the farm file does */
    bool own_board;   /* it has a board of this host too */
} farm;

static char measured_here[65536]; /* what a run on local boards measured */

static const char *agent_file(farm *f, int host)
{
    char name[32], text[512];
    snprintf(name, sizeof name, "agent%d.yaml", host);
    snprintf(text, sizeof text,
             "host: lab%d\n"
             "broker: {url: \"%s\"}\n"
             "boards:\n"
             "  - {id: left, chip: stm32l4r5zi, virtual: true, baud: 921600, tags: [bench%d]}\n",
             host, f->server.url, host);
    return cli_write(&f->cli, name, text);
}

static void start_agent_without_server(farm *f, int host)
{
    char state[96];
    snprintf(state, sizeof state, "%s/agent%d", f->cli.folder, host);
    const char *const argv[] = {
        cli_program("hilfarm-agent"), "--config", agent_file(f, host), "--state", state, NULL};
    assert_true(process_start(&f->agents[host - 1], argv));
}

static void start_agent(farm *f, int host)
{
    start_agent_without_server(f, host);
    if (!process_wait_output(&f->agents[host - 1], "connected to", DEADLINE_MS))
        fail_msg("no agent: %s", f->agents[host - 1].output);
}

static void end_agent(farm *f, int host, int number)
{
    if (!f->agents[host - 1].pid)
        return;
    kill(f->agents[host - 1].pid, number);
    kill(f->agents[host - 1].pid, SIGCONT);
    (void)process_wait_exit(&f->agents[host - 1], DEADLINE_MS);
}

/* Without a list of hosts, nobody is waited for. */
static const char *farm_file(farm *f)
{
    char text[512];
    snprintf(text, sizeof text, "broker: {url: \"%s\", patience: 3 s}\n%s%s", f->server.url,
             f->lists_hosts ? "hosts: [lab1, {name: lab2, tags: [north]}]\n" : "",
             f->own_board ? "boards: [{id: own, chip: stm32l4r5zi, virtual: true, baud: 921600}]\n" : "");
    return cli_write(&f->cli, "farm.yaml", text);
}

static const char *spec_file(farm *f)
{
    return cli_write(&f->cli, "sweep.yaml",
                     "name: sweep\n"
                     "models:\n"
                     "  - {family: mobilenetv1, alpha: [0.1, 0.2, 0.25, 0.3], resolution: 32, channels: 1, "
                     "classes: 2, l: [1, 3]}\n"
                     "boards: {tags: [stm32l4r5zi]}\n"
                     "measure: {warmup: 0, runs: 3, layers: true}\n");
}

static void start_daemon(farm *f)
{
    char state[96], socket[96];
    snprintf(state, sizeof state, "%s/state", f->cli.folder);
    snprintf(socket, sizeof socket, "%s/s", f->cli.folder);
    const char *const argv[] = {
        cli_program("hilfarmd"), "--farm", farm_file(f), "--state", state, "--socket", socket,
        "--dashboard",           "none",   NULL};
    assert_true(process_start(&f->daemon, argv));
    if (!process_wait_output(&f->daemon, "listening on", DEADLINE_MS))
        fail_msg("hilfarmd does not listen: %s", f->daemon.output);
    snprintf(f->cli.db, sizeof f->cli.db, "%s/state/hilfarm.db", f->cli.folder);
    setenv("HILFARM_SOCKET", socket, 1);
}

/* `hilfarm WORDS`, without a store: the daemon's is used. */
static void start_command(farm *f, const char *const *words)
{
    const char *argv[16] = {cli_program("hilfarm")};
    for (size_t i = 0; words[i]; i++)
        argv[i + 1] = words[i];
    assert_true(process_start(&f->cli.child, argv));
}

static void expect_command(farm *f, const char *const *words, int status)
{
    start_command(f, words);
    const int ended = process_wait_exit(&f->cli.child, DEADLINE_MS);
    if (ended != status)
        fail_msg("%s %s: %d, expected %d: %s", words[0], words[1], ended, status, f->cli.child.output);
}

/* All that a run has measured, in the order of its jobs, but not where. */
static const char *fingerprint(farm *f, int run)
{
    char sql[1024];
    snprintf(sql, sizeof sql,
             "SELECT group_concat(line, ';') FROM (SELECT name || ' ' || chip || ' ' || image_crc32 || ' ' "
             "|| output_crc32 || ' ' || "
             "(SELECT group_concat(cycles) FROM (SELECT cycles FROM samples WHERE attempt_id = a.id ORDER BY "
             "position)) || ' ' || "
             "(SELECT group_concat(cycles) FROM (SELECT cycles FROM layer_times WHERE attempt_id = a.id "
             "ORDER BY position)) AS line "
             "FROM results r JOIN attempts a ON a.result_id = r.id AND a.succeeded JOIN measurements m ON "
             "m.attempt_id = a.id "
             "WHERE run_id = %d ORDER BY r.position)",
             run);
    return cli_query_text(&f->cli, sql);
}

static void expect_same(farm *f, int run)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM results WHERE run_id = %d AND outcome = 'measured'", run);
    assert_int_equal(cli_query(&f->cli, sql), MODELS);
    assert_string_equal(fingerprint(f, run), measured_here);
}

/* Once for all cases: it is the same every time. */
static void measure_here(farm *f)
{
    if (measured_here[0])
        return;
    char used[sizeof f->cli.db];
    const char *const words[] = {spec_file(f), "--plain", NULL};
    memcpy(used, f->cli.db, sizeof used);
    snprintf(f->cli.db, sizeof f->cli.db, "%s/here.db", f->cli.folder);
    cli_expect(&f->cli, "run", words, 0);
    snprintf(measured_here, sizeof measured_here, "%s", fingerprint(f, 1));
    assert_true(strlen(measured_here) > 100);
    memcpy(f->cli.db, used, sizeof used);
}

static int set_up(void **state)
{
    farm *f = calloc(1, sizeof *f);
    void *cli = NULL;
    if (!f || cli_set_up(&cli) != 0) {
        free(f);
        return 1;
    }
    f->cli = *(cli_fixture *)cli;
    free(cli);
    *state = f;
    setenv("HILFARM_SOCKET", "", 1);
    return hf_test_has_server() && !nats_server_start(&f->server);
}

static int tear_down(void **state)
{
    farm *f = *state;
    for (int host = 1; host <= AGENTS; host++)
        end_agent(f, host, SIGTERM);
    if (f->daemon.pid)
        (void)process_stop(&f->daemon, DEADLINE_MS);
    nats_server_end(&f->server);
    setenv("HILFARM_SOCKET", "", 1);
    cli_fixture *cli = malloc(sizeof *cli);
    *cli = f->cli;
    void *owned = cli;
    free(f);
    return cli_tear_down(&owned);
}

/* ---- Cases ---- */

static void test_a_sweep_in_one_process(void **state)
{
    HF_TEST_NEEDS_SERVER();
    farm *f = *state;
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
}

/* One agent is killed, another one stops answering. */
static void test_hosts_that_fail_cost_nothing_but_time(void **state)
{
    HF_TEST_NEEDS_SERVER();
    farm *f = *state;
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
    farm *f = *state;
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
    assert_true(process_wait_output(&f->daemon, "host lab3 is away: its agent has ended", DEADLINE_MS));
    /* A restart knows the boards of the host that is away. */
    assert_int_equal(process_stop(&f->daemon, DEADLINE_MS), 0);
    start_daemon(f);
    const char *const list[] = {"boards", NULL};
    expect_command(f, list, 0);
    cli_assert_output(&f->cli, "host lab3 is away: its agent does not answer");
    cli_assert_output(&f->cli, "lab1/left  stm32l4r5zi  lab1");
}

static void expect_line(process *child, const char *words)
{
    if (!process_wait_output(child, words, DEADLINE_MS))
        fail_msg("no \"%s\": %s", words, child->output);
}

/* Until `hilfarm boards` shows the words, or does not any more. */
static void await_boards(farm *f, const char *words, bool shown)
{
    const char *const list[] = {"boards", NULL};
    const hf_deadline deadline = hf_deadline_in_ms(DEADLINE_MS);
    do {
        if (hf_deadline_passed(deadline))
            fail_msg("%s: %s", words, f->cli.child.output);
        expect_command(f, list, 0);
    } while ((strstr(f->cli.child.output, words) != NULL) != shown);
}

/* Neither daemon nor agent needs a hand, whatever the server does. */
static void test_a_server_that_comes_and_goes(void **state)
{
    static const char closed[] = "authorization {user: somebody, password: else}\n";
    HF_TEST_NEEDS_SERVER();
    farm *f = *state;
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

static void announce_another_version(void *user, const char *subject, const void *bytes, size_t size,
                                     hf_buffer *reply)
{
    static const char hello[] = {9};
    (void)subject;
    (void)bytes;
    (void)size;
    (void)reply;
    (void)hf_broker_publish(user, "hf.v1.announce.lab9", hello, sizeof hello, NULL);
}

static void test_an_agent_of_another_version(void **state)
{
    HF_TEST_NEEDS_SERVER();
    farm *f = *state;
    hf_broker *broker = hf_test_connect(&f->server);
    assert_non_null(broker);
    assert_int_equal(hf_broker_subscribe(broker, HF_SUBJECT_WHO, announce_another_version, broker, NULL),
                     HF_OK);
    start_agent(f, 1);
    start_agent(f, 2);
    const char *const list[] = {"--farm", farm_file(f), NULL};
    cli_expect(&f->cli, "boards", list, 0);
    cli_assert_output(&f->cli, "host lab9: its agent speaks version 9; this program understands version 1");
    cli_assert_output(&f->cli, "lab2/left");
    hf_broker_close(broker);
}

static void test_no_host_answers(void **state)
{
    HF_TEST_NEEDS_SERVER();
    farm *f = *state;
    f->lists_hosts = true;
    const char *const list[] = {"--farm", farm_file(f), NULL};
    cli_expect(&f->cli, "boards", list, 3);
    cli_assert_output(&f->cli, "host lab1: its agent does not answer");
    cli_assert_output(&f->cli, "is hilfarm-agent running on its hosts?");
    nats_server_kill(&f->server);
    cli_expect(&f->cli, "boards", list, 3);
    cli_assert_output(&f->cli, "cannot connect to the NATS server");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_a_sweep_in_one_process),      CASE(test_hosts_that_fail_cost_nothing_but_time),
        CASE(test_hosts_appear_by_themselves),  CASE(test_a_server_that_comes_and_goes),
        CASE(test_an_agent_of_another_version), CASE(test_no_host_answers),
    };
    return cmocka_run_group_tests_name("hosts_farm", tests, NULL, NULL);
}
