/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>

#include "cli_fixture.h"
#include "hf_test.h"

/* What people are told when something is wrong: over the real OpenOCD, with typos, missing boards and
 * programs that are something else. */

#define TINY                                                                                                 \
    "name: tiny\n"                                                                                           \
    "models:\n"                                                                                              \
    "  - {family: mobilenetv1, alpha: [0.1, 0.2], resolution: 32, channels: 1, classes: 2, l: 1, ll: 16, "   \
    "pl: 16}\n"                                                                                              \
    "measure: {warmup: 0, runs: 1}\n"

#define VIRTUAL "  - {id: good, chip: stm32l4r5zi, virtual: true, baud: 921600}\n"

static void assert_says(const cli_fixture *fixture, const char *part)
{
    if (!strstr(fixture->child.output, part))
        fail_msg("expected \"%s\" in:\n%s", part, fixture->child.output);
}

static void assert_silent_about(const cli_fixture *fixture, const char *part)
{
    if (strstr(fixture->child.output, part))
        fail_msg("\"%s\" is in:\n%s", part, fixture->child.output);
}

static void assert_ends_with(cli_fixture *fixture, const char *const *words, int expected)
{
    int status = cli_run(fixture, "run", words);
    if (status != expected)
        fail_msg("exit status %d, not %d:\n%s", status, expected, fixture->child.output);
}

static int occurrences(const char *text, const char *part)
{
    int count = 0;
    for (; (text = strstr(text, part)); text++)
        count++;
    return count;
}

/* A real board that cannot work and a virtual one that does: reported with the remedy, tried once. */
static void dead_board_beside_a_live_one(cli_fixture *fixture, const char *interface, const char *cause)
{
    char farm[512];
    snprintf(farm, sizeof farm,
             "boards:\n" VIRTUAL "  - {id: bad, chip: stm32l4r5zi, probe: {interface: %s, serial: "
             "NONE-OF-MINE}, port: /dev/ttyNONE}\n",
             interface);
    const char *words[] = {cli_write(fixture, "tiny.yaml", TINY), "--farm",
                           cli_write(fixture, "farm.yaml", farm), NULL};
    assert_ends_with(fixture, words, 1);
    assert_says(fixture, "2 measured, 0 failed");
    assert_says(fixture, "bad, given up (probe): ");
    assert_says(fixture, cause);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM failures WHERE NOT dead"), 1);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM failures WHERE dead"), 1);
    const char *json[] = {"json", NULL};
    assert_int_equal(cli_run(fixture, "export", json), 0);
    assert_int_equal(occurrences(fixture->child.output, "\"dead\":null"), 1);
}

static void test_typo_in_the_interface(void **state)
{
    dead_board_beside_a_live_one(
        *state, "interface/stlnk.cfg",
        "probe.interface: OpenOCD has no script 'interface/stlnk.cfg', did you mean 'interface/stlink.cfg'?");
}

static void test_error_in_a_script_next_to_the_farm_file(void **state)
{
    cli_write(*state, "mine.cfg", "adapter driver dummy\n\n\n\n\nadaptor speed 100\n");
    dead_board_beside_a_live_one(*state, "mine.cfg", "mine.cfg:6: Error: invalid command name \"adaptor\"'");
}

static void test_unknown_adapter_driver(void **state)
{
    cli_write(*state, "mine.cfg", "adapter driver stlynk\n");
    dead_board_beside_a_live_one(*state, "mine.cfg", "The specified debug interface was not found (stlynk)");
}

static void test_probe_that_is_not_plugged_in(void **state)
{
    dead_board_beside_a_live_one(*state, "interface/stlink.cfg",
                                 "no debug probe with serial number NONE-OF-MINE is plugged in");
}

/* Without any board the run ends immediately; models that cannot fit are still reported. */
static void test_no_board_at_all(void **state)
{
    cli_fixture *fixture = *state;
    const char *words[] = {cli_write(fixture, "tiny.yaml", TINY "constraints: {macs: 200 k}\n"), "--farm",
                           "configs/farm_nucleo.yaml", NULL};
    assert_ends_with(fixture, words, 3);
    assert_says(fixture, "0 measured, 2 failed, 0 not run, 2 pruned");
    assert_says(fixture, "plug it in, or correct `probe` in the farm file");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM failures WHERE NOT dead"),
                     2); /* one try each */
    assert_int_equal(cli_query(fixture,
                               "SELECT count(*) FROM results WHERE message LIKE 'no board left: no debug "
                               "probe with serial number 066%'"),
                     2);
    /* Reported once when it happens and once at the end, for each of the two boards. */
    const char *serial = "serial number 066CFF505254837567123456 is";
    const char *again[] = {words[0], "--farm", words[2], NULL};
    assert_ends_with(fixture, again, 3);
    assert_int_equal(occurrences(fixture->child.output, serial), 2);
}

static const char *write_program(cli_fixture *fixture, const char *name, const char *text)
{
    const char *path = cli_write(fixture, name, text);
    assert_int_equal(chmod(path, 0755), 0);
    return path;
}

/* Every model's row has the cause that ended the run. */
static void test_programs_other_than_openocd(void **state)
{
    cli_fixture *fixture = *state;
    char spec[128];
    snprintf(spec, sizeof spec, "%s", cli_write(fixture, "tiny.yaml", TINY));
    const struct {
        const char *program, *cause;
    } cases[] = {
        {"/nonexistent/openocd", "'/nonexistent/openocd': No such file or directory"},
        {"/bin/true",
         "'/bin/true' is not a working OpenOCD: it printed nothing (OpenOCD exited with status 0)"},
        {"/bin/cat", "is not a working OpenOCD: it printed '"},
        {"/", "'/': Permission denied"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char sql[512];
        const char *words[] = {spec, "--openocd", cases[i].program, NULL}, *csv[] = {"csv", NULL};
        assert_ends_with(fixture, words, 3);
        assert_says(fixture, cases[i].cause);
        assert_string_equal(cli_query_text(fixture, "SELECT state FROM runs ORDER BY id DESC"), "aborted");
        snprintf(sql, sizeof sql,
                 "SELECT count(*) FROM results WHERE run_id = %zu AND outcome = 'not_run' AND message LIKE "
                 "'the farm failed: %%'",
                 i + 1);
        assert_int_equal(cli_query(fixture, sql), 2);
        assert_int_equal(cli_run(fixture, "export", csv), 0);
        assert_says(fixture, cases[i].cause);
        assert_silent_about(fixture, "stopped on request");
    }
}

/* An OpenOCD that is too old. */
static void test_old_openocd(void **state)
{
    cli_fixture *fixture = *state;
    const char *spec = cli_write(fixture, "tiny.yaml", TINY);
    const char *old = write_program(fixture, "openocd-old",
                                    "#!/bin/sh\necho 'Open On-Chip Debugger 0.10.0' >&2\n"
                                    "echo 'invalid command name \"bindto\"' >&2\nexit 1\n");
    const char *words[] = {spec, "--openocd", old, NULL};
    assert_ends_with(fixture, words, 3);
    assert_says(fixture,
                "OpenOCD rejects its scripts: 'invalid command name \"bindto\"' (this is 'Open On-Chip "
                "Debugger 0.10.0'; hilfarm needs 0.12 or later)");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM failures WHERE NOT dead"), 2);
}

static void test_a_program_other_than_the_virtual_board(void **state)
{
    cli_fixture *fixture = *state;
    const char *words[] = {cli_write(fixture, "tiny.yaml", TINY), "--vboard", "/bin/echo", NULL};
    assert_ends_with(fixture, words, 3);
    assert_says(fixture, "the virtual board exited with status 0");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM failures WHERE NOT dead"), 2);
}

static void test_forgotten_farm(void **state)
{
    cli_fixture *fixture = *state;
    const char *words[] = {cli_write(fixture, "tiny.yaml", TINY "boards: {tags: [lab]}\n"), NULL};
    assert_ends_with(fixture, words, 2);
    assert_says(fixture, "virtual-1");
    assert_says(fixture, "--farm FILE");
}

static void test_stopped_runs_exit_with_4(void **state)
{
    cli_fixture *fixture = *state;
    static const int signals[] = {SIGTERM, SIGHUP};
    static const char *const reasons[] = {"stopped on request (TERM)", "stopped on request (HUP)"};
    const char *words[] = {
        cli_write(fixture, "long.yaml",
                  "name: long\nmodels: [mobilenetv1_0.25_96_c3_o2]\nmeasure: {runs: 5000}\n"),
        NULL};
    for (size_t i = 0; i < 2; i++) {
        char sql[96];
        cli_start(fixture, "run", words);
        assert_true(process_wait_output(&fixture->child, "long: 1 model", 30000));
        for (int tries = 0; tries < 600 && cli_query(fixture, "SELECT count(*) FROM runs") <= (int64_t)i;
             tries++)
            poll(NULL, 0, 50); /* signals are caught before the run is recorded */
        kill(fixture->child.pid, signals[i]);
        assert_int_equal(process_wait_exit(&fixture->child, 30000), 4);
        assert_says(fixture, reasons[i]);
        snprintf(sql, sizeof sql, "SELECT message FROM results WHERE run_id = %zu", i + 1);
        assert_string_equal(cli_query_text(fixture, sql), reasons[i]);
    }
}

static void test_fail_on_missed_limits(void **state)
{
    cli_fixture *fixture = *state;
    const char *spec = cli_write(fixture, "missed.yaml", TINY "constraints: {macs: 1 k}\n");
    const char *plain[] = {spec, NULL}, *missed[] = {spec, "--fail-on", "missed", NULL},
               *both[] = {spec, "--fail-on", "failed,missed", NULL},
               *failed[] = {spec, "--fail-on", "failed", NULL}, *wrong[] = {spec, "--fail-on", "mised", NULL};
    assert_ends_with(fixture, plain, 0);
    assert_ends_with(fixture, failed, 0);
    assert_ends_with(fixture, missed, 1);
    assert_ends_with(fixture, both, 1);
    assert_ends_with(fixture, wrong, 2);
    assert_says(fixture, "did you mean 'missed'?");
    const char *met[] = {cli_write(fixture, "met.yaml", TINY "constraints: {macs: 60 M}\n"), "--fail-on",
                         "missed", NULL};
    assert_ends_with(fixture, met, 0);
}

static void test_quiet_is_for_cron(void **state)
{
    cli_fixture *fixture = *state;
    const char *spec = cli_write(fixture, "tiny.yaml", TINY);
    const char *well[] = {spec, "--quiet", NULL};
    assert_ends_with(fixture, well, 0);
    assert_string_equal(fixture->child.output, "");
    const char *badly[] = {spec, "--quiet", "--farm", "configs/farm_nucleo.yaml", NULL};
    assert_ends_with(fixture, badly, 3);
    assert_says(fixture, "2 models on stm32l4r5zi (probe): no board left");
    assert_says(fixture, "l4-bench-left, given up (probe): no debug probe");
    assert_silent_about(fixture, "peak mem");
    assert_silent_about(fixture, "[1/");
}

/* Runs a shell command; $H is the program, $D the options that every command gets. */
static void shell(cli_fixture *fixture, const char *line)
{
    char text[1024];
    snprintf(text, sizeof text, "H=%s D='--db %s'; %s", cli_program("hilfarm"), fixture->db, line);
    const char *const argv[] = {"sh", "-c", text, NULL};
    assert_true(process_start(&fixture->child, argv));
    assert_int_equal(process_wait_exit(&fixture->child, RUN_DEADLINE_MS), 0);
}

static void test_a_reader_that_closes_the_pipe(void **state)
{
    cli_fixture *fixture = *state;
    char line[512];
    snprintf(line, sizeof line, "{ $H run %s $D; echo status $? >&2; } | head -n 1",
             cli_write(fixture, "tiny.yaml", TINY));
    shell(fixture, line);
    assert_says(fixture, "status 0");
    assert_silent_about(fixture, "Broken pipe");
    assert_silent_about(fixture, "cannot write");
    assert_string_equal(cli_query_text(fixture, "SELECT state FROM runs"), "done"); /* to its end */
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM results WHERE outcome = 'measured'"), 2);
    shell(fixture, "for c in runs report boards 'export json'; do { $H $c $D; echo $? >&2; } | true; done");
    assert_string_equal(fixture->child.output, "0\n0\n0\n0\n");
    /* A full disk is a failure. */
    shell(fixture,
          "for c in runs report boards 'export json'; do $H $c $D 2>/dev/null >/dev/full; echo $?; done");
    assert_string_equal(fixture->child.output, "3\n3\n3\n3\n");
}

static void test_no_colours_where_unwanted(void **state)
{
    cli_fixture *fixture = *state;
    const char *words[] = {cli_write(fixture, "tiny.yaml", TINY "constraints: {ram: 250 KB}\n"), NULL};
    assert_ends_with(fixture, words, 0);
    static const struct {
        const char *environment;
        bool colours;
    } cases[] = {{"TERM=xterm", true},
                 {"TERM=xterm NO_COLOR=", true},
                 {"TERM=xterm NO_COLOR=1", false},
                 {"TERM=dumb", false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char line[256];
        snprintf(line, sizeof line,
                 "unset NO_COLOR; export %s; script -qec \"$H report $D\" /dev/null </dev/null",
                 cases[i].environment);
        shell(fixture, line);
        assert_says(fixture, "met");
        assert_int_equal(strstr(fixture->child.output, "\033[") != NULL, cases[i].colours);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_typo_in_the_interface, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_error_in_a_script_next_to_the_farm_file, cli_set_up,
                                        cli_tear_down),
        cmocka_unit_test_setup_teardown(test_unknown_adapter_driver, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_probe_that_is_not_plugged_in, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_no_board_at_all, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_programs_other_than_openocd, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_old_openocd, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_a_program_other_than_the_virtual_board, cli_set_up,
                                        cli_tear_down),
        cmocka_unit_test_setup_teardown(test_forgotten_farm, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_stopped_runs_exit_with_4, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_fail_on_missed_limits, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_quiet_is_for_cron, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_a_reader_that_closes_the_pipe, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_no_colours_where_unwanted, cli_set_up, cli_tear_down),
    };
    return cmocka_run_group_tests_name("cli causes", tests, NULL, NULL);
}
