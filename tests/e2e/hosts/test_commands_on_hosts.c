/* SPDX-License-Identifier: Apache-2.0 */
/* Commands other than `hilfarm run` with the boards of several hosts. Skipped where there is no nats-server. */
#include "needs_server.h"

#include <signal.h>
#include <sys/stat.h>

#include "base/file.h"
#include "broker/subjects.h"
#include "farm_of_hosts.h"

#define MODEL  "mobilenetv1_0.1_32_c1_o2"
#define PIXELS ((size_t)32 * 32)

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
    farm_of_hosts *f = *state;
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

/* A folder with a picture for each of two classes. @return the folder; static storage */
static const char *data_set(farm_of_hosts *f)
{
    static char path[96];
    static const char *const folders[] = {"data", "data/dark", "data/light"};
    char pixels[PIXELS + 16] = "P5 32 32 255\n";
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", f->cli.folder, folders[i]);
        assert_int_equal(mkdir(path, 0755), 0);
    }
    for (size_t i = 1; i < sizeof folders / sizeof folders[0]; i++) {
        memset(pixels + 13, i == 1 ? 9 : 240, PIXELS);
        snprintf(path, sizeof path, "%s/%s/0.pgm", f->cli.folder, folders[i]);
        assert_int_equal(hf_file_write(path, pixels, 13 + PIXELS, NULL), HF_OK);
    }
    snprintf(path, sizeof path, "%s/data", f->cli.folder);
    return path;
}

/* What opens a board itself opens one of another host as well, with and without a daemon. */
static void test_commands_that_use_a_board(void **state)
{
    HF_TEST_NEEDS_SERVER();
    farm_of_hosts *f = *state;
    char farm[128];
    snprintf(farm, sizeof farm, "%s", farm_file(f));
    const char *const check[] = {"--check", "--farm", farm, NULL};
    const char *const data = data_set(f);
    const char *const here[] = {"evaluate", MODEL, "--data", data, "--on-board", "2", "--farm", farm, NULL};
    const char *const daemons[] = {"evaluate", MODEL, "--data", data, "--on-board", "2", NULL};
    const char *const check_daemons[] = {"boards", "--check", NULL};
    const char *const disable[] = {"boards", "disable", "lab1/left", "--reason", "loose cable", NULL};
    const char *const enable[] = {"boards", "enable", "lab1/left", NULL};
    start_agent(f, 1);
    cli_expect(&f->cli, "boards", check, 0);
    cli_assert_output(&f->cli, "lab1/left      ok, firmware ");
    assert_int_equal(cli_query(&f->cli, "SELECT count(*) FROM health_checks WHERE passed"), 1);
    expect_command(f, here, 0);
    cli_assert_output(&f->cli, "lab1/left");
    cli_assert_output(&f->cli, "2 of 2 outputs equal to the host's");
    start_daemon(f);
    expect_command(f, check_daemons, 0);
    cli_assert_output(&f->cli, "lab1/left");
    expect_command(f, daemons, 0);
    cli_assert_output(&f->cli, "on a board of the daemon at ");
    cli_assert_output(&f->cli, "2 of 2 outputs equal to the host's");
    expect_command(f, disable, 0);
    expect_command(f, daemons, 3);
    cli_assert_output(&f->cli, "board lab1/left is not used: disabled by ");
    expect_command(f, check_daemons, 3);
    cli_assert_output(&f->cli, "board lab1/left: left out: disabled by ");
    expect_command(f, enable, 0);
    end_agent(f, 1, SIGTERM);
    await_boards(f, "host lab1 is away", true);
    expect_command(f, check_daemons, 3); /* at once: nobody knows when the host comes back */
    cli_assert_output(&f->cli, "board lab1/left: not checked: host lab1 is away: ");
}

static void test_no_host_answers(void **state)
{
    HF_TEST_NEEDS_SERVER();
    farm_of_hosts *f = *state;
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
#define CASE(name) cmocka_unit_test_setup_teardown(name, farm_of_hosts_set_up, farm_of_hosts_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_an_agent_of_another_version),
        CASE(test_commands_that_use_a_board),
        CASE(test_no_host_answers),
    };
    return cmocka_run_group_tests_name("hosts_commands", tests, NULL, NULL);
}
