/* SPDX-License-Identifier: Apache-2.0 */
#include "cli_fixture.h"
#include "hf_test.h"

/* Misspelt words on the command line: each command names the nearest that it knows, and touches nothing. */

static const char *refused(cli_fixture *fixture, const char *const *words)
{
    const char *argv[8] = {cli_program("hilfarm")};
    for (int count = 1; *words && count < 7; count++)
        argv[count] = *words++;
    assert_true(process_start(&fixture->child, argv));
    int status = process_wait_exit(&fixture->child, RUN_DEADLINE_MS);
    if (status != 2)
        fail_msg("exit status %d:\n%s", status, fixture->child.output);
    return fixture->child.output;
}

static void test_misspelt_words(void **state)
{
    cli_fixture *fixture = *state;
    static const struct {
        const char *words[5];
        const char *expected;
    } cases[] = {
        {{"run", "x.yaml", "--fram", "f.yaml"},
         "hilfarm run: unknown option '--fram', did you mean --farm?\n"},
        {{"run", "--fram=f.yaml", "x.yaml"},
         "hilfarm run: unknown option '--fram=f.yaml', did you mean --farm?\n"},
        {{"run", "-farm", "f.yaml"}, "hilfarm run: unknown option '-farm', did you mean --farm?\n"},
        {{"run", "--f", "f.yaml"}, "hilfarm run: '--f' may mean --farm or --firmware-dir or --fail-on\n"},
        {{"run", "--plain=yes"}, "hilfarm run: '--plain=yes': --plain takes no value\n"},
        {{"run", "--farm"}, "hilfarm run: a value must follow '--farm'\n"},
        {{"run", "x.yaml", "--zzz"}, "hilfarm run: unknown option '--zzz'\n"},
        {{"analyze", "m", "--jsno"}, "hilfarm analyze: unknown option '--jsno', did you mean --json?\n"},
        {{"analyze", "-xo", "m"}, "hilfarm analyze: unknown option '-xo'\n"},
        {{"analyze", "m", "-o"}, "hilfarm analyze: a value must follow '-o'\n"},
        {{"analyze", "m", "--sort", "macz"}, "more is better; did you mean macs?"},
        {{"analyze", "m", "--chip", "stm32l4r5"}, "--chip 'stm32l4r5': did you mean stm32l4r5zi"},
        {{"evaluate", "m", "--dta", "d"}, "hilfarm evaluate: unknown option '--dta', did you mean --data?\n"},
        {{"report", "--layer-s"}, "hilfarm report: unknown option '--layer-s', did you mean --layers?\n"},
        {{"runs", "--bd", "x"}, "hilfarm runs: unknown option '--bd', did you mean --db?\n"},
        {{"boards", "--chekc"}, "hilfarm boards: unknown option '--chekc', did you mean --check?\n"},
        {{"export", "csv", "--ouptut", "x"},
         "hilfarm export: unknown option '--ouptut', did you mean --output?\n"},
        {{"export", "htlm"}, "expected csv, html, json or tflite, did you mean 'html'?\n"},
        {{"rnu", "x.yaml"}, "hilfarm: unknown command 'rnu', did you mean 'run'?\n"},
        {{"qqqq"}, "hilfarm: unknown command 'qqqq'\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *output = refused(fixture, cases[i].words);
        if (!strstr(output, cases[i].expected))
            fail_msg("expected \"%s\" in:\n%s", cases[i].expected, output);
    }
    assert_int_not_equal(access(fixture->db, F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_misspelt_words, cli_set_up, cli_tear_down),
    };
    return cmocka_run_group_tests_name("cli_arguments", tests, NULL, NULL);
}
