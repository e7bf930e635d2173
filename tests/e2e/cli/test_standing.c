/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual boards that were there before the farm, as boards of a farm file like any other: over their pty,
 * and behind a terminal server by raw TCP and by RFC 2217. Everything goes the way of a real board but for
 * the label.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "cli_fixture.h"
#include "hf_test.h"
#include "lock.h"
#include "terminal_server.h"

#define FILE_NAME_SIZE 48

#define SPEC                                                                                                 \
    "name: tiny\n"                                                                                           \
    "models:\n"                                                                                              \
    "  - {family: mobilenetv1, alpha: [0.1, 0.2], resolution: 32, channels: 1, classes: 2, l: 1, ll: 16, "   \
    "pl: 16}\n"                                                                                              \
    "retries: {attempts: 2, strikes: 1, max_quarantines: 0}\n"                                               \
    "measure: {warmup: 0, runs: 3}\n"

static void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("expected \"%s\" in:\n%s", part, text);
}

typedef struct standing {
    process vboard;
    char socket[96], tty[96];
} standing;

/* A virtual board started by the test, and its interface script, NAME.cfg. */
static void standing_start(cli_fixture *fixture, standing *self, const char *name)
{
    char script[512], file[32];
    snprintf(self->socket, sizeof self->socket, "%s/%s.jtag", fixture->folder, name);
    snprintf(self->tty, sizeof self->tty, "%s/%s.tty", fixture->folder, name);
    snprintf(script, sizeof script,
             "adapter driver remote_bitbang\nremote_bitbang port 0\nremote_bitbang host %s\ntransport select "
             "jtag\n",
             self->socket);
    snprintf(file, sizeof file, "%s.cfg", name);
    cli_write(fixture, file, script);
    char program[1024];
    snprintf(program, sizeof program, "%s", cli_program("hilfarm-vboard"));
    const char *const argv[] = {program,      "--chip",  "stm32l4r5zi",  "--socket", self->socket,
                                "--pty-link", self->tty, "--flash-time", "0",        NULL};
    assert_true(process_start(&self->vboard, argv));
    if (!process_wait_output(&self->vboard, "ready ", 20000))
        fail_msg("%s", self->vboard.output);
}

static void standing_stop(standing *self)
{
    assert_int_equal(process_stop(&self->vboard, 10000), 0);
}

/* Runs the spec on a farm of one board, "standing", with these keys. @return exit status */
static int run_on(cli_fixture *fixture, const char *keys)
{
    char farm[512];
    snprintf(farm, sizeof farm,
             "boards:\n  - {id: standing, chip: stm32l4r5zi, probe: {interface: a.cfg}, %s}\n", keys);
    char farm_path[128];
    snprintf(farm_path, sizeof farm_path, "%s", cli_write(fixture, "farm.yaml", farm));
    const char *words[] = {cli_write(fixture, "tiny.yaml", SPEC), "--farm", farm_path, NULL};
    return cli_run(fixture, "run", words);
}

static void expect_measured(cli_fixture *fixture, int status, int runs)
{
    if (status != 0)
        fail_msg("exit status %d:\n%s", status, fixture->child.output);
    assert_contains(fixture->child.output, "2 measured, 0 failed");
    assert_contains(fixture->child.output, "modelled on standing");
    assert_contains(fixture->child.output, "* modelled: from a virtual board");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM results WHERE outcome = 'measured'"), 2 * runs);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM boards WHERE modelled = 0"), 0);
    /* Exact to the cycle, over every kind of port. */
    assert_int_equal(cli_query(fixture,
                               "SELECT count(*) FROM (SELECT DISTINCT results.position, samples.position, "
                               "cycles, instructions FROM samples JOIN attempts ON attempts.id = attempt_id "
                               "JOIN results ON results.id = result_id)"),
                     6);
}

static void test_one_board_serves_run_after_run(void **state)
{
    cli_fixture *fixture = *state;
    standing board;
    memset(&board, 0, sizeof board);
    standing_start(fixture, &board, "a");
    for (int run = 1; run <= 2; run++)
        expect_measured(fixture, run_on(fixture, "modelled: true, port: {pty: a.tty}, baud: 921600"), run);

    /* By TCP to the same pty. */
    uint16_t port;
    terminal_server *server = terminal_server_start(&(terminal_server_script){0}, board.tty, &port);
    char keys[128];
    snprintf(keys, sizeof keys, "modelled: true, port: \"tcp:localhost:%u\"", port);
    expect_measured(fixture, run_on(fixture, keys), 3);
    terminal_server_stop(server);
    server = terminal_server_start(&(terminal_server_script){.rfc2217 = true}, board.tty, &port);
    snprintf(keys, sizeof keys, "modelled: true, port: {rfc2217: \"127.0.0.1:%u\"}, baud: 921600", port);
    expect_measured(fixture, run_on(fixture, keys), 4);
    assert_int_equal(terminal_server_baud(server), 921600);
    terminal_server_stop(server);
    standing_stop(&board);
}

/* The worst case would be modelled figures in the table of measured ones. */
static void test_a_virtual_board_cannot_pass_as_silicon(void **state)
{
    cli_fixture *fixture = *state;
    standing board;
    memset(&board, 0, sizeof board);
    standing_start(fixture, &board, "a");
    assert_int_not_equal(run_on(fixture, "port: {pty: a.tty}, baud: 921600"), 0);
    assert_contains(fixture->child.output, "this is a virtual board");
    assert_contains(fixture->child.output, "expected \"modelled: true\"");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM results WHERE outcome = 'measured'"), 0);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM samples"), 0);
    standing_stop(&board);
}

/* Whether the pty refuses everybody but root (TIOCGEXCL, ioctl_tty(2)). */
static bool is_exclusive(const char *tty)
{
    int exclusive = 0, fd = open(tty, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return true; /* refused for us too */
    ioctl(fd, TIOCGEXCL, &exclusive);
    close(fd);
    return exclusive != 0;
}

static void test_a_killed_run_leaves_the_board_to_the_next(void **state)
{
    cli_fixture *fixture = *state;
    standing board;
    memset(&board, 0, sizeof board);
    standing_start(fixture, &board, "a");
    char farm[128], spec[128];
    snprintf(
        farm, sizeof farm, "%s",
        cli_write(fixture, "farm.yaml",
                  "boards:\n  - {id: standing, chip: stm32l4r5zi, probe: {interface: a.cfg}, modelled: true, "
                  "port: pty:a.tty, baud: 921600}\n"));
    snprintf(
        spec, sizeof spec, "%s",
        cli_write(fixture, "long.yaml",
                  "name: long\nmodels: [mobilenetv1_0.25_96_c3_o2]\nmeasure: {warmup: 0, runs: 1000}\n"));
    const char *words[] = {spec, "--farm", farm, NULL};
    cli_start(fixture, "run", words);
    for (int i = 0; i < 1000 && !is_exclusive(board.tty); i++)
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    assert_true(is_exclusive(board.tty)); /* it is at work */
    kill(fixture->child.pid, SIGKILL);
    assert_int_equal(process_wait_exit(&fixture->child, 10000), 128 + SIGKILL);
    /* OpenOCD dies with the run; then anybody can use the board. */
    for (int i = 0; i < 1000 && is_exclusive(board.tty); i++)
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    assert_false(is_exclusive(board.tty));
    if (run_on(fixture, "modelled: true, port: {pty: a.tty}, baud: 921600") != 0)
        fail_msg("%s", fixture->child.output);
    assert_contains(fixture->child.output, "2 measured, 0 failed");
    standing_stop(&board);
}

/* ---- A board in use by others ---- */

#define HELD_FARM                                                                                            \
    "boards:\n  - {id: held, chip: stm32l4r5zi, probe: {interface: a.cfg}, modelled: true, "                 \
    "port: pty:a.tty, baud: 921600}\n"

/* The locks that a run on the board would hold, held by this test: by the port's device number. */
static int hold_port(const char *tty)
{
    struct stat info;
    char path[64], key[64];
    assert_int_equal(stat(tty, &info), 0);
    snprintf(key, sizeof key, "device %u:%u", major(info.st_rdev), minor(info.st_rdev));
    char name[FILE_NAME_SIZE];
    hf_file_name(key, name, sizeof name);
    snprintf(path, sizeof path, "%s/hilfarm-%s.lock", hf_lock_shared_dir(), name);
    int file = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0666);
    assert_true(file >= 0);
    assert_int_equal(flock(file, LOCK_EX | LOCK_NB), 0);
    return file;
}

static void test_a_board_in_use_is_not_a_failure(void **state)
{
    cli_fixture *fixture = *state;
    standing board;
    memset(&board, 0, sizeof board);
    standing_start(fixture, &board, "a");
    int lock = hold_port(board.tty);
    char farm[128], spec[128], holder[64];
    snprintf(farm, sizeof farm, "%s", cli_write(fixture, "farm.yaml", HELD_FARM));
    snprintf(spec, sizeof spec, "%s", cli_write(fixture, "tiny.yaml", SPEC));
    snprintf(holder, sizeof holder, "in use by process %ld of user ", (long)getpid());

    const char *words[] = {spec, "--farm", farm, NULL};
    assert_int_equal(cli_run(fixture, "run", words), 3);
    assert_contains(fixture->child.output, "continuing without board held: in use by process ");
    assert_contains(fixture->child.output, holder);
    assert_contains(fixture->child.output, "0 measured, 0 failed, 2 not run");
    assert_contains(fixture->child.output, "not run on stm32l4r5zi: board in use by process ");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM results WHERE outcome = 'not_run'"), 2);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM attempts"), 0);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM failures WHERE board_id IS NOT NULL"), 0);
    assert_string_equal(cli_query_text(fixture, "SELECT state FROM runs"), "done");

    const char *check[] = {"--check", "--farm", farm, NULL};
    assert_int_not_equal(cli_run(fixture, "boards", check), 0);
    assert_contains(fixture->child.output, "not checked: in use by process ");
    assert_null(strstr(fixture->child.output, "FAILED"));

    /* The run continues without it. */
    const char *two =
        cli_write(fixture, "two.yaml", HELD_FARM "  - {id: free, chip: stm32l4r5zi, virtual: true}\n");
    const char *both[] = {spec, "--farm", two, NULL};
    assert_int_equal(cli_run(fixture, "run", both), 0);
    assert_contains(fixture->child.output, "continuing without board held");
    assert_contains(fixture->child.output, "2 measured, 0 failed");

    const char *odd[] = {spec, "--farm", farm, "--wait", "soon", NULL};
    assert_int_equal(cli_run(fixture, "run", odd), 2);
    assert_contains(fixture->child.output, "--wait 'soon': expected a time such as \"30 min\"");

    const char *patient[] = {spec, "--farm", farm, "--wait", "10 min", NULL};
    cli_start(fixture, "run", patient);
    if (!process_wait_output(&fixture->child, "waiting for board held: in use by process ", 60000))
        fail_msg("%s", fixture->child.output);
    close(lock);
    int status = process_wait_exit(&fixture->child, RUN_DEADLINE_MS);
    if (status != 0)
        fail_msg("exit status %d:\n%s", status, fixture->child.output);
    assert_contains(fixture->child.output, "2 measured, 0 failed");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM failures WHERE board_id IS NOT NULL"), 0);
    standing_stop(&board);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_board_serves_run_after_run, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_a_virtual_board_cannot_pass_as_silicon, cli_set_up,
                                        cli_tear_down),
        cmocka_unit_test_setup_teardown(test_a_killed_run_leaves_the_board_to_the_next, cli_set_up,
                                        cli_tear_down),
        cmocka_unit_test_setup_teardown(test_a_board_in_use_is_not_a_failure, cli_set_up, cli_tear_down),
    };
    return cmocka_run_group_tests_name("standing boards", tests, NULL, NULL);
}
