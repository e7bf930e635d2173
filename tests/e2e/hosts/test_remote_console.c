/* SPDX-License-Identifier: Apache-2.0 */
/* Consoles and transcripts of a board on another host: hilfarm, hilfarmd, nats-server, hilfarm-agent, OpenOCD and a virtual board. The bench
 * firmware sends a `boot` frame after reset and answers `?hello`, typed by hand. Skipped where there is no nats-server. */
#include "needs_server.h"

#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "farm_of_hosts.h"
#include "keyboard.h"

#define LEASE_MS 15000

#define WORDS(...)                                                                                           \
    (const char *const[])                                                                                    \
    {                                                                                                        \
        __VA_ARGS__, NULL                                                                                    \
    }

static void finish(farm_of_hosts *f, int status)
{
    const int ended = process_wait_exit(&f->cli.child, DEADLINE_MS);
    if (ended != status)
        fail_msg("%d, expected %d: %s", ended, status, f->cli.child.output);
}

static void start_farm(farm_of_hosts *f)
{
    start_agent(f, 1);
    start_daemon(f);
    await_boards(f, "lab1/left", true);
}

/* Begins a console, and waits until the board has said something after its reset. */
static void open_console(farm_of_hosts *f, keyboard *keys, const char *board)
{
    keyboard_plug_in_pipe(keys);
    start_command(f, WORDS("console", board, "--flash", "--timeout", "1 ms"));
    keyboard_give_back(keys);
    expect_line(&f->cli.child, "<0 boot protocol=");
}

/* A request typed by hand may be lost while the firmware starts, and is repeated. */
static void ask(farm_of_hosts *f, const keyboard *keys)
{
    static const char answer[] = "<0 ok records=2 nonce=0000000000000000";
    for (int i = 0; i < 20; i++) {
        keyboard_type(keys, "?hello\n");
        if (process_wait_output(&f->cli.child, answer, 3000))
            return;
    }
    expect_line(&f->cli.child, answer);
}

static const char *small_spec(farm_of_hosts *f, const char *more)
{
    char text[512];
    snprintf(text, sizeof text,
             "name: sweep\n"
             "models:\n"
             "  - {family: mobilenetv1, alpha: 0.1, resolution: 32, channels: 1, classes: 2, l: 1}\n"
             "boards: {tags: [stm32l4r5zi]}\n"
             "measure: {warmup: 0, runs: 1}\n"
             "%s",
             more);
    return cli_write(&f->cli, "sweep.yaml", text);
}

static int set_up(void **state)
{
    const int status = farm_of_hosts_set_up(state);
    if (status == 0) /* where the agent has its boards' locks */
        setenv("TMPDIR", ((const farm_of_hosts *)*state)->cli.folder, 1);
    return status;
}

static int tear_down(void **state)
{
    unsetenv("TMPDIR");
    return farm_of_hosts_tear_down(state);
}

/* ---- Cases ---- */

/* Another owner has the board; with the lease, nobody can get at it. */
static void somebody_else_has_it(farm_of_hosts *f)
{
    hf_broker *other = hf_test_connect(&f->server);
    hf_lease lease;
    char by[HF_ENVELOPE_NAME_SIZE];
    assert_non_null(other);
    assert_int_equal(hf_broker_use_leases(other, LEASE_MS, NULL), HF_OK);
    assert_int_equal(hf_broker_acquire(other, "lab1.left", "someone/1", &lease, by), HF_LEASE_OK);
    expect_command(f, WORDS("console", "lab1/left", "--wait", "1 ms"), 3);
    cli_assert_output(&f->cli, "in use by someone/1");
    hf_broker_release(other, &lease);
    hf_broker_close(other);
}

/* Somebody on the board's own host has its lock. */
static void somebody_there_uses_it(farm_of_hosts *f)
{
    char pattern[64];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/hilfarm-run-%d-*/left.lock", f->cli.folder, (int)f->agents[0].pid);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0); /* of the console before */
    const int fd = open(found.gl_pathv[0], O_RDWR | O_CLOEXEC);
    globfree(&found);
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    expect_command(f, WORDS("console", "lab1/left", "--wait", "1 ms"), 3);
    cli_assert_output(&f->cli, "host lab1: in use by ");
    close(fd);
}

static void test_a_console_of_a_board_on_another_host(void **state)
{
    HF_TEST_NEEDS_SERVER();
    farm_of_hosts *f = *state;
    keyboard keys;
    start_farm(f);
    expect_command(f, WORDS("console", "lab1/left"), 3);
    cli_assert_output(&f->cli, "board lab1/left is not reserved by ");
    expect_command(f, WORDS("reserve", "lab1/left"), 0);
    somebody_else_has_it(f);

    open_console(f, &keys, "left");
    ask(f, &keys);
    process console = f->cli.child;
    expect_command(f, WORDS("console", "lab1/left"), 3);
    cli_assert_output(&f->cli, "board lab1/left has a console of ");
    f->cli.child = console;
    close(keys.fd);
    finish(f, 0);
    expect_line(&f->daemon, "is closed: as asked");
    expect_line(&f->agents[0], "board left: console of hilfarmd-");

    somebody_there_uses_it(f);

    /* Once more: it was free at once, and the end of the reservation makes it free for the next run. */
    open_console(f, &keys, "lab1/left");
    console = f->cli.child;
    expect_command(f, WORDS("release", "lab1/left"), 0);
    f->cli.child = console;
    finish(f, 3);
    cli_assert_output(&f->cli, "hilfarm: the reservation has ended\n");
    close(keys.fd);
    /* Reading along with the run, which does not notice. */
    start_command(f, WORDS("console", "lab1/left", "--watch", "--escape"));
    expect_line(&f->cli.child, "watching board lab1/left");
    console = f->cli.child;
    expect_command(f, WORDS("run", small_spec(f, ""), "--plain"), 0);
    cli_assert_output(&f->cli, "1 measured, 0 failed");
    f->cli.child = console;
    expect_line(&f->cli.child, " output bytes=");
    kill(f->cli.child.pid, SIGINT);
    finish(f, 4);
}

/* Whoever sits there is told; the board is free as soon as its agent is back. */
static void test_an_agent_is_killed(void **state)
{
    HF_TEST_NEEDS_SERVER();
    farm_of_hosts *f = *state;
    keyboard keys;
    start_farm(f);
    expect_command(f, WORDS("reserve", "lab1/left"), 0);
    open_console(f, &keys, "lab1/left");
    end_agent(f, 1, SIGKILL);
    finish(f, 3);
    cli_assert_output(&f->cli, "host lab1: its agent does not answer");
    close(keys.fd);
    start_agent(f, 1);
    open_console(f, &keys, "lab1/left");
    end_agent(f, 1, SIGKILL);
    start_agent(f, 1); /* one that knows nothing of it */
    finish(f, 3);
    cli_assert_output(&f->cli, "host lab1: its agent was restarted");
    close(keys.fd);
    open_console(f, &keys, "lab1/left");
    assert_int_equal(process_stop(&f->agents[0], DEADLINE_MS), 0);
    finish(f, 3);
    cli_assert_output(&f->cli, "host lab1: its agent was stopped");
    close(keys.fd);
}

/* What OpenOCD said on the other host, of a board that says nothing on its line. */
static void test_a_transcript_from_another_host(void **state)
{
    HF_TEST_NEEDS_SERVER();
    farm_of_hosts *f = *state;
    char script[600], path[128];
    snprintf(script, sizeof script, "#!/bin/sh\nexec %s \"$@\" --fault uart-mute\n",
             cli_program("hilfarm-vboard"));
    snprintf(path, sizeof path, "%s", cli_write(&f->cli, "mute", script));
    assert_int_equal(chmod(path, 0700), 0);
    f->vboard = path;
    start_farm(f);
    const char *spec =
        small_spec(f, "deadlines: {boot: 500 ms}\n"
                      "retries: {attempts: 1, strikes: 1, quarantine: 1 s, max_quarantines: 0}\n");
    expect_command(f, WORDS("run", spec, "--plain"), 1);
    expect_command(f, WORDS("transcript", "latest", "--board", "lab1/left"), 0);
    cli_assert_output(&f->cli, "mobilenetv1_0.1_32_c1_o2_l1");
    expect_command(f,
                   WORDS("transcript", "latest", "mobilenetv1_0.1_32_c1_o2_l1", "--board", "lab1/left",
                         "--attempt", "1"),
                   0);
    cli_assert_output(&f->cli, "openocd:");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_a_console_of_a_board_on_another_host),
        CASE(test_an_agent_is_killed),
        CASE(test_a_transcript_from_another_host),
    };
    return cmocka_run_group_tests_name("hosts_console", tests, NULL, NULL);
}
