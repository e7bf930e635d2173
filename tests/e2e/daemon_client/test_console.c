/* SPDX-License-Identifier: Apache-2.0 */
/* `hilfarm console` over the real OpenOCD and virtual boards: through a daemon, and without one. The bench firmware sends a
 * `boot` frame after reset and answers `?hello`, typed by hand. */
#include "hf_test.h"

#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "daemon_fixture.h"
#include "keyboard.h"

/* A request typed by hand may be lost while the firmware starts, and is repeated. */
static void ask(daemon_fixture *f, const keyboard *keys)
{
    static const char answer[] = "<0 ok records=2 nonce=0000000000000000";
    for (int i = 0; i < 30; i++) {
        keyboard_type(keys, "?hello\n");
        if (process_wait_output(&f->client, answer, 3000))
            return;
    }
    client_says(f, answer);
}

static int set_up(void **state)
{
    int status = daemon_set_up(state);
    if (status == 0) {
        daemon_write("sweep.yaml", SWEEP);
        daemon_start(*state);
    }
    return status;
}

static void daemon_says(daemon_fixture *f, const char *part)
{
    if (!process_wait_output(&f->daemon, part, WAIT_MS))
        fail_msg("expected \"%s\" in:\n%s", part, f->daemon.output);
}

/* A pipe in, a pipe out: what is sent is answered by the firmware, and the end of the input ends the console. */
static void test_bytes_go_both_ways(void **state)
{
    daemon_fixture *f = *state;
    keyboard keys;
    EXPECT(f, 3, "console", "virtual-1");
    client_said(f, "board virtual-1 is not reserved by ");
    EXPECT(f, 2, "console", "virtual-9");
    client_said(f, "no board 'virtual-9'");
    EXPECT(f, 0, "reserve", "virtual-1");
    keyboard_plug_in_pipe(&keys);
    START(f, "console", "virtual-1", "--flash", "--timeout", "1 ms");
    keyboard_give_back(&keys);
    client_says(f, "<0 boot protocol=");
    ask(f, &keys);
    close(keys.fd);
    client_finish(f, 0);
    daemon_says(f, "console of board virtual-1 by ");
    daemon_says(f, "is closed: as asked");
    /* The board is free again, and as it was: the run takes it after the reservation. */
    EXPECT(f, 0, "release", "virtual-1");
    EXPECT(f, 0, "run", "sweep.yaml", "--boards", "virtual-1", "--only", "*_0.1_*");
}

/* A person at a terminal: raw while the console is open, as it was before afterwards. */
static void test_a_terminal(void **state)
{
    daemon_fixture *f = *state;
    keyboard keys;
    struct termios before, during, after;
    EXPECT(f, 0, "reserve", "virtual-1");
    keyboard_plug_in_terminal(&keys);
    assert_int_equal(tcgetattr(keys.fd, &before), 0);
    START(f, "console", "virtual-1", "--flash");
    keyboard_give_back(&keys);
    client_says(f, "console of board virtual-1, 115200 baud, 8N1; Ctrl-] or ~. leaves\n");
    client_says(f, "<0 boot protocol=");
    ask(f, &keys);
    assert_int_equal(tcgetattr(keys.fd, &during), 0);
    assert_true(before.c_lflag & ICANON);
    assert_false(during.c_lflag & (ICANON | ECHO | ISIG));
    keyboard_type(&keys, "~.");
    client_finish(f, 0);
    assert_int_equal(tcgetattr(keys.fd, &after), 0);
    assert_int_equal(after.c_lflag, before.c_lflag);
    close(keys.fd);
}

/* Whatever ends the reservation ends the console, with the reason; a second one is refused meanwhile. */
static void test_it_ends_with_the_reservation(void **state)
{
    daemon_fixture *f = *state;
    keyboard keys;
    EXPECT(f, 0, "reserve", "virtual-1");
    keyboard_plug_in_pipe(&keys);
    START(f, "console", "virtual-1", "--flash");
    keyboard_give_back(&keys);
    client_says(f, "<0 boot protocol=");
    process console = f->client;
    EXPECT(f, 3, "console", "virtual-1");
    client_said(f, "board virtual-1 has a console of ");
    EXPECT(f, 0, "release", "virtual-1");
    EXPECT(f, 0, "run", "sweep.yaml", "--boards", "virtual-1", "--only", "*_0.1_*"); /* it got the board */
    f->client = console;
    client_finish(f, 3);
    client_said(f, "hilfarm: the reservation has ended\n");
    close(keys.fd);

    keyboard_plug_in_pipe(&keys); /* a time that runs out */
    EXPECT(f, 0, "reserve", "virtual-1", "--for", "2 s");
    START(f, "console", "virtual-1");
    keyboard_give_back(&keys);
    client_finish(f, 3);
    client_said(f, "hilfarm: the reservation has ended\n");
    close(keys.fd);

    keyboard_plug_in_pipe(&keys); /* the daemon stops */
    EXPECT(f, 0, "reserve", "virtual-1");
    START(f, "console", "virtual-1", "--flash");
    keyboard_give_back(&keys);
    client_says(f, "<0 boot protocol=");
    daemon_stop(f, SIGTERM);
    client_finish(f, 3);
    client_said(f, "hilfarm: the daemon is being stopped\n");
    close(keys.fd);
}

/* A client that dies leaves nothing behind. */
static void test_a_client_is_killed(void **state)
{
    daemon_fixture *f = *state;
    keyboard keys;
    EXPECT(f, 0, "reserve", "virtual-1");
    keyboard_plug_in_pipe(&keys);
    START(f, "console", "virtual-1", "--flash");
    keyboard_give_back(&keys);
    client_says(f, "<0 boot protocol=");
    kill(f->client.pid, SIGKILL);
    client_finish(f, 128 + SIGKILL);
    daemon_says(f, "is closed: its client is gone");
    close(keys.fd);
    keyboard_plug_in_pipe(&keys); /* the board can be had again at once */
    START(f, "console", "virtual-1", "--flash", "--wait", "1 ms");
    keyboard_give_back(&keys);
    client_says(f, "<0 boot protocol=");
    kill(f->client.pid, SIGTERM);
    client_finish(f, 4);
    daemon_says(f, "is closed: as asked");
    close(keys.fd);
}

/* Reading along with a run, which does not notice. */
static void test_a_run_is_watched(void **state)
{
    daemon_fixture *f = *state;
    EXPECT(f, 2, "console", "virtual-1", "--watch", "--reset");
    client_said(f, "--watch changes nothing");
    EXPECT(f, 0, "console", "virtual-1", "--watch", "--timeout", "1 ms");
    client_said(f, "watching board virtual-1");
    START(f, "console", "virtual-1", "--watch", "--escape");
    client_says(f, "watching board virtual-1");
    process watcher = f->client;
    EXPECT(f, 0, "run", "sweep.yaml", "--boards", "virtual-1");
    client_said(f, "4 measured, 0 failed");
    f->client = watcher;
    client_says(f, " boot protocol=");
    client_says(f, " output bytes=");
    kill(f->client.pid, SIGINT);
    client_finish(f, 4);
}

/* Without a daemon the lock decides, also between a console and another. */
static void test_without_a_daemon(void **state)
{
    daemon_fixture *f = *state;
    keyboard keys;
    EXPECT(f, 2, "console", "virtal-1", "--local");
    client_said(f, "the farm has no board 'virtal-1', did you mean 'virtual-1'?");
    EXPECT(f, 2, "console", "virtual-1", "--local", "--watch");
    client_said(f, "--watch needs a daemon");
    keyboard_plug_in_pipe(&keys);
    START(f, "console", "virtual-1", "--local", "--flash", "--timeout", "1 ms");
    keyboard_give_back(&keys);
    client_says(f, "<0 boot protocol=");
    ask(f, &keys);
    close(keys.fd);
    client_finish(f, 0);
    EXPECT(f, 0, "boards", "disable", "virtual-2", "--reason", "loose cable", "--local");
    EXPECT(f, 3, "console", "virtual-2", "--local");
    client_said(f, "board virtual-2 is disabled by ");
    daemon_write("farm.yaml",
                 "boards:\n  - {id: real, chip: stm32l4r5zi, port: /dev/ttyNONE,\n     probe: {interface: "
                 "interface/stlink.cfg, serial: NONE-OF-MINE}}\n");
    EXPECT(f, 3, "console", "real", "--farm", "farm.yaml");
    client_said(f, "/dev/ttyNONE");
    EXPECT(f, 3, "console", "real", "--farm", "farm.yaml", "--reset");
    client_said(f, "no debug probe with serial number NONE-OF-MINE is plugged in");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, daemon_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_bytes_go_both_ways), CASE(test_a_terminal),       CASE(test_it_ends_with_the_reservation),
        CASE(test_a_client_is_killed), CASE(test_a_run_is_watched), CASE(test_without_a_daemon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
