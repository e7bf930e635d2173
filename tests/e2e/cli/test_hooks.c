/* SPDX-License-Identifier: Apache-2.0 */
/* Hooks of a farm file around whole runs and their attempts, on a virtual board. */
#include <signal.h>
#include <unistd.h>

#include "cli_fixture.h"
#include "hf_test.h"

#define SWEEP                                                                                                \
    "name: hooks\n"                                                                                          \
    "models:\n"                                                                                              \
    "  - {family: mobilenetv1, alpha: [0.1, 0.2], resolution: 32, channels: 1, classes: 2,"                  \
    " l: 1, ll: 16, pl: 16}\n"                                                                               \
    "measure: {warmup: 0, runs: 1}\n"

/* A farm of one virtual board, each of whose hooks adds a line to the fixture's `log`. */
static const char *write_farm(cli_fixture *fixture, const char *before_run)
{
    char farm[1200];
    snprintf(farm, sizeof farm,
             "hooks:\n"
             "  before_run: \"%s\"\n"
             "  after_run: \"echo after run $HILFARM_RUN $HILFARM_STATE >>%s/log\"\n"
             "  before_attempt: \"echo before $HILFARM_BOARD $HILFARM_MODEL >>%s/log\"\n"
             "  after_attempt: \"echo after $HILFARM_RESULT >>%s/log\"\n"
             "boards: [{id: v, chip: stm32l4r5zi, virtual: true, baud: 921600}]\n",
             before_run, fixture->folder, fixture->folder, fixture->folder);
    return cli_write(fixture, "farm.yaml", farm);
}

static void assert_log(const cli_fixture *fixture, const char *expected)
{
    char path[96], text[1024] = "";
    snprintf(path, sizeof path, "%s/log", fixture->folder);
    FILE *file = fopen(path, "re");
    if (file) {
        text[fread(text, 1, sizeof text - 1, file)] = '\0';
        fclose(file);
    }
    if (strcmp(text, expected) != 0)
        fail_msg("expected\n%sgot\n%s%s", expected, text, fixture->child.output);
    unlink(path);
}

static void test_hooks_surround_run_and_attempts(void **state)
{
    cli_fixture *fixture = *state;
    char before[160];
    snprintf(before, sizeof before, "echo before run $HILFARM_RUN >>%s/log", fixture->folder);
    const char *farm = write_farm(fixture, before);
    const char *words[] = {cli_write(fixture, "hooks.yaml", SWEEP), "--farm", farm, NULL};
    assert_int_equal(cli_run(fixture, "run", words), 0);
    assert_log(fixture, "before run 1\n"
                        "before v mobilenetv1_0.1_32_c1_o2_l1ll16pl16\nafter ok\n"
                        "before v mobilenetv1_0.2_32_c1_o2_l1ll16pl16\nafter ok\n"
                        "after run 1 done\n");
}

static void test_a_failed_hook_stops_the_run(void **state)
{
    cli_fixture *fixture = *state;
    const char *farm = write_farm(fixture, "echo the bench is reserved; exit 7");
    const char *words[] = {cli_write(fixture, "hooks.yaml", SWEEP), "--farm", farm, NULL};
    assert_int_equal(cli_run(fixture, "run", words), 3);
    assert_non_null(strstr(fixture->child.output, "hooks.before_run: "));
    assert_non_null(strstr(fixture->child.output, "exited with status 7: the bench is reserved"));
    assert_log(fixture, "");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM attempts"), 0);
}

static void test_a_missing_program_before_attempts_ends_the_run(void **state)
{
    cli_fixture *fixture = *state;
    const char *farm = cli_write(fixture, "farm.yaml",
                                 "hooks: {before_attempt: hf-no-such-program}\n"
                                 "boards: [{id: v, chip: stm32l4r5zi, virtual: true, baud: 921600}]\n");
    const char *words[] = {cli_write(fixture, "hooks.yaml", SWEEP), "--farm", farm, NULL};
    assert_int_equal(cli_run(fixture, "run", words), 3);
    assert_non_null(strstr(fixture->child.output, "hooks.before_attempt: "));
    assert_non_null(strstr(fixture->child.output, "exited with status 127"));
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM attempts"), 1);
}

/* @param hook that lasts an hour, and writes "begun" into the log. The run is ended with SIGINT. */
static int interrupt(cli_fixture *fixture, const char *hook)
{
    char farm[400];
    snprintf(farm, sizeof farm,
             "hooks: {%s: \"echo begun; echo begun >>%s/log; sleep 3600\", deadline: 1 h}\n"
             "boards: [{id: v, chip: stm32l4r5zi, virtual: true, baud: 921600}]\n",
             hook, fixture->folder);
    const char *words[] = {cli_write(fixture, "hooks.yaml", SWEEP), "--farm",
                           cli_write(fixture, "farm.yaml", farm), NULL};
    char path[96];
    snprintf(path, sizeof path, "%s/log", fixture->folder);
    cli_start(fixture, "run", words);
    while (access(path, F_OK) != 0)
        assert_false(
            process_wait_output(&fixture->child, "no such text", 20)); /* reads its output meanwhile */
    kill(fixture->child.pid, SIGINT);
    return process_wait_exit(&fixture->child, RUN_DEADLINE_MS);
}

static void test_ctrl_c_interrupts_the_hooks_of_the_run(void **state)
{
    cli_fixture *fixture = *state;
    assert_int_equal(interrupt(fixture, "before_run"), 4);
    assert_log(fixture, "begun\n");
    assert_int_equal(cli_query(fixture,
                               "SELECT count(*) FROM results WHERE outcome = 'not_run' AND message LIKE"
                               " '%stopped on request (INT)%'"),
                     2);
    assert_int_equal(interrupt(fixture, "after_run"), 3);
    assert_non_null(strstr(fixture->child.output, "' was interrupted"));
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM results WHERE outcome = 'measured'"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_hooks_surround_run_and_attempts, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_a_failed_hook_stops_the_run, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_ctrl_c_interrupts_the_hooks_of_the_run, cli_set_up,
                                        cli_tear_down),
        cmocka_unit_test_setup_teardown(test_a_missing_program_before_attempts_ends_the_run, cli_set_up,
                                        cli_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
