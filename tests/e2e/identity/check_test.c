/* SPDX-License-Identifier: Apache-2.0 */
/* `hilfarm` on two boards as a person would have them: what it says when one is not what the
 * farm file says. */
#include "hf_test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "two_boards.h"

#define MODEL       "mobilenetv1_0.2_32_c1_o2"
#define DEADLINE_MS 120000

static two_boards boards;
static process hilfarm;

static int start(void **state)
{
    (void)state;
    return two_boards_start(&boards, getenv("HILFARM_BIN_DIR"), getenv("HILFARM_FIRMWARE_DIR"), "stm32l4r5zi",
                            MODEL)
               ? 0
               : -1;
}

static int stop(void **state)
{
    (void)state;
    two_boards_stop(&boards);
    return 0;
}

static const char *path_of(const char *name)
{
    static char paths[4][96]; /* overwritten by the next call but three */
    static int turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", boards.dir, name);
    return path;
}

/* @return exit status */
static int run_hilfarm(const char *command, const char *word, const char *farm)
{
    char program[1100];
    snprintf(program, sizeof program, "%s/hilfarm", getenv("HILFARM_BIN_DIR"));
    const char *const argv[] = {program, command, word, "--farm", farm, "--db", path_of("out/store.db"),
                                NULL};
    assert_true(process_start(&hilfarm, argv));
    return process_wait_exit(&hilfarm, DEADLINE_MS);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* A farm with only the left board, on the given port. */
static const char *left_board_at(const char *port)
{
    char text[512];
    snprintf(
        text, sizeof text,
        "boards:\n  - {id: left, chip: stm32l4r5zi, modelled: true, probe: {interface: %s}, port: \"%s\"}\n",
        boards.scripts[0], port);
    const char *path = path_of("left.yaml");
    write_file(path, text);
    return path;
}

/* The line of output that starts with a board's id and contains this text. */
static void assert_says(const char *board, const char *says)
{
    const char *line = hilfarm.output;
    for (; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        const char *end = strchrnul(line, '\n');
        if (strncmp(line, board, strlen(board)) == 0 &&
            memmem(line, (size_t)(end - line), says, strlen(says)))
            return;
    }
    fail_msg("no line of %s says '%s':\n%s", board, says, hilfarm.output);
}

static void a_good_farm_is_ok(void **state)
{
    (void)state;
    int status = run_hilfarm("boards", "--check", boards.farm_paths[0]);
    if (status != 0)
        fail_msg("exit status %d:\n%s", status, hilfarm.output);
    assert_says("left", "ok, firmware 0.1.0 at 120 MHz, Open On-Chip Debugger");
    assert_says("right", "ok, firmware 0.1.0 at 120 MHz, Open On-Chip Debugger");
}

/* Both boards hold the same flash contents, so these do not reveal the swap. */
static void swapped_lines_are_named(void **state)
{
    (void)state;
    assert_int_equal(run_hilfarm("boards", "--check", boards.farm_paths[1]), 3);
    assert_says("left", "FAILED (serial): board left, phase");
    assert_says("left", "the serial line belongs to another board");
    assert_says("right", "the serial line belongs to another board");
}

static void a_port_without_a_board_is_not_ok(void **state)
{
    (void)state;
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    char port[64] = "pty:";
    assert_true(master >= 0);
    assert_int_equal(grantpt(master), 0);
    assert_int_equal(unlockpt(master), 0);
    assert_int_equal(ptsname_r(master, port + strlen(port), sizeof port - strlen(port)), 0);
    assert_int_equal(run_hilfarm("boards", "--check", left_board_at(port)), 3);
    assert_says("left", "FAILED (board): board left, phase reset: the board did not start within");
    close(master);
}

static void an_absent_port_is_not_ok(void **state)
{
    (void)state;
    static const char *const kinds[] = {"", "pty:"};
    for (size_t i = 0; i < 2; i++) {
        char port[128];
        snprintf(port, sizeof port, "%s%s", kinds[i], path_of("no-such-port"));
        assert_int_equal(run_hilfarm("boards", "--check", left_board_at(port)), 3);
        assert_says("left", "FAILED (serial): ");
        assert_says("left", "no-such-port: ");
    }
}

/* One good board, one that never sends a byte. */
/* Starts `boards --check` on virtual boards; a board whose id contains "mute" never sends a byte. */
static void start_check_of_virtual_boards(const char *farm_text)
{
    char text[1280];
    snprintf(text, sizeof text,
             "#!/bin/sh\ncase \" $* \" in *mute*) set -- \"$@\" --fault uart-mute;; esac\n"
             "exec %s \"$@\"\n",
             boards.vboard);
    const char *vboard = path_of("vboard");
    write_file(vboard, text);
    assert_int_equal(chmod(vboard, 0755), 0);
    const char *farm = path_of("virtual.yaml");
    write_file(farm, farm_text);
    char program[1100];
    snprintf(program, sizeof program, "%s/hilfarm", getenv("HILFARM_BIN_DIR"));
    const char *const argv[] = {
        program,    "boards",          "--check", "--farm", farm, "--db", path_of("out/store.db"),
        "--vboard", path_of("vboard"), NULL};
    assert_true(process_start(&hilfarm, argv));
}

static void a_silent_board_is_distinguished(void **state)
{
    (void)state;
    start_check_of_virtual_boards(
        "boards:\n"
        "  - {id: mute, chip: stm32l4r5zi, virtual: true, deadlines: {boot: 1 s, reply: 300 ms}}\n"
        "  - {id: good, chip: stm32f767zi, virtual: true}\n");
    assert_int_equal(process_wait_exit(&hilfarm, DEADLINE_MS), 1);
    assert_says("mute", "FAILED (board)");
    assert_says("mute", "did not start within 1000 ms");
    assert_says("good", "ok, firmware 0.1.0 at 216 MHz");
}

/* Interrupted while waiting for a board that does not start in time. */
static void an_interrupted_check_ends_cleanly(void **state)
{
    (void)state;
    start_check_of_virtual_boards(
        "boards:\n"
        "  - {id: good, chip: stm32f767zi, virtual: true}\n"
        "  - {id: mute, chip: stm32l4r5zi, virtual: true, deadlines: {boot: 200 s, attempt: 300 s}}\n"
        "  - {id: mute-too, chip: stm32l4r5zi, virtual: true}\n");
    assert_true(process_wait_output(&hilfarm, "ok, firmware", DEADLINE_MS));
    assert_int_equal(kill(hilfarm.pid, SIGINT), 0);
    assert_int_equal(process_wait_exit(&hilfarm, DEADLINE_MS), 4);
    assert_says("mute", "not checked: interrupted");
    assert_null(strstr(strstr(hilfarm.output, "interrupted"), "mute-too")); /* not begun */
}

/* A whole run on both boards at once; each receives the other's `boot` after its own reset. */
static void a_run_on_swapped_lines_measures_nothing(void **state)
{
    (void)state;
    static const char models[] = "name: swapped\n"
                                 "models:\n  - {name: " MODEL "}\n  - {name: mobilenetv1_0.1_32_c1_o2}\n"
                                 "measure: {warmup: 1, runs: 3}\n";
    static const char soon_given_up[] = "deadlines: {boot: 2 s}\n"
                                        "retries: {attempts: 2, strikes: 1, max_quarantines: 0}\n";
    char text[1024];
    snprintf(text, sizeof text, "%s%s", models, soon_given_up);
    const char *spec = path_of("spec.yaml");
    write_file(spec, text);
    int status = run_hilfarm("run", spec, boards.farm_paths[1]);
    if (status != 1 && status != 3)
        fail_msg("exit status %d:\n%s", status, hilfarm.output);
    if (!strstr(hilfarm.output, "0 measured") || !strstr(hilfarm.output, "another board"))
        fail_msg("something was measured:\n%s", hilfarm.output);
    spec = path_of("spec.yaml");
    write_file(spec, models);
    status = run_hilfarm("run", spec, boards.farm_paths[0]);
    if (status != 0)
        fail_msg("exit status %d:\n%s", status, hilfarm.output);
}

/* The same for a data set: no sample counts as answered by the board. */
static void evaluation_on_swapped_lines_counts_no_sample(void **state)
{
    (void)state;
    assert_int_equal(mkdir(path_of("data"), 0755), 0);
    assert_int_equal(mkdir(path_of("data/dark"), 0755), 0);
    assert_int_equal(mkdir(path_of("data/light"), 0755), 0);
    write_file(path_of("data/dark/0.pgm"), "P2 2 2 255 0 0 9 0\n");
    write_file(path_of("data/light/0.pgm"), "P2 2 2 255 255 250 255 255\n");
    char program[1100], farm[512];
    snprintf(program, sizeof program, "%s/hilfarm", getenv("HILFARM_BIN_DIR"));
    snprintf(farm, sizeof farm,
             "boards:\n  - {id: left, chip: stm32l4r5zi, modelled: true, probe: {interface: %s}, port: "
             "\"pty:%s\", "
             "deadlines: {boot: 1 s}}\n",
             boards.scripts[0], boards.ports[1]);
    write_file(path_of("one.yaml"), farm);
    const char *const argv[] = {
        program,  "evaluate",          MODEL, "--data", path_of("data"), "--on-board", "2",
        "--farm", path_of("one.yaml"), NULL};
    assert_true(process_start(&hilfarm, argv));
    if (process_wait_exit(&hilfarm, DEADLINE_MS) == 0)
        fail_msg("the other board's answers were accepted:\n%s", hilfarm.output);
    if (!strstr(hilfarm.output, "0 of 2") || !strstr(hilfarm.output, "another board"))
        fail_msg("%s", hilfarm.output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_farm_is_ok),
        cmocka_unit_test(swapped_lines_are_named),
        cmocka_unit_test(a_port_without_a_board_is_not_ok),
        cmocka_unit_test(an_absent_port_is_not_ok),
        cmocka_unit_test(a_silent_board_is_distinguished),
        cmocka_unit_test(an_interrupted_check_ends_cleanly),
        cmocka_unit_test(a_run_on_swapped_lines_measures_nothing),
        cmocka_unit_test(evaluation_on_swapped_lines_counts_no_sample),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
