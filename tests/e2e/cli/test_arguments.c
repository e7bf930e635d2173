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
        const char *words[6];
        const char *expected;
    } cases[] = {
        {{"run", "x.yaml", "--fram", "f.yaml"},
         "hilfarm run: unknown option '--fram', did you mean --farm?\n"},
        {{"run", "--fram=f.yaml", "x.yaml"},
         "hilfarm run: unknown option '--fram=f.yaml', did you mean --farm?\n"},
        {{"run", "-farm", "f.yaml"}, "hilfarm run: unknown option '-farm', did you mean --farm?\n"},
        {{"run", "--f", "f.yaml"},
         "hilfarm run: '--f' is ambiguous: --failed or --farm or --fail-on or --firmware-dir\n"},
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
        {{"boards", "scna"},
         "hilfarm boards: 'scna': expected nothing, scan, import, export, disable, enable, reserve, release "
         "or accept, did "
         "you mean 'scan'?\n"},
        {{"boards", "--force"},
         "hilfarm boards: --force cannot be used with `boards`, only with `boards scan`, `boards import`, "
         "`boards export`, `boards reserve`, "
         "`boards release`\n"},
        {{"boards", "-o", "x.yaml"},
         "hilfarm boards: --output cannot be used with `boards`, only with `boards scan`, `boards import`, "
         "`boards export`\n"},
        {{"boards", "disable"}, "hilfarm boards disable: a board is missing\n"},
        {{"boards", "disable", "virtual-1"}, "hilfarm boards disable: say why with --reason"},
        {{"boards", "enable", "virtual-9"},
         "hilfarm: the farm has no board 'virtual-9', did you mean 'virtual-1'?\n"},
        {{"boards", "disable", "virtual-1", "--reason", "a\nb"},
         "expected one line without control characters\n"},
        {{"boards", "import"}, "hilfarm boards import: a file is missing\n"},
        {{"boards", "import", "README.md", "--format", "twist"},
         "expected twister or labgrid, did you mean 'twister'?\n"},
        {{"boards", "import", "/nonexistent.yaml"}, "/nonexistent.yaml"},
        {{"boards", "scan", "x"}, "hilfarm boards: unexpected argument 'x'\n"},
        {{"boards", "scan", "--check"},
         "hilfarm boards: --check cannot be used with `boards scan`, only with `boards`\n"},
        {{"boards", "scan", "--chip", "stm32l4r5"}, "--chip 'stm32l4r5': did you mean stm32l4r5zi?\n"},
        {{"boards", "scan", "-o", "README.md"}, "'README.md' exists; replace it with --force"},
        {{"export", "csv", "--ouptut", "x"},
         "hilfarm export: unknown option '--ouptut', did you mean --output?\n"},
        {{"export", "csv", "1", "-o", "/nonexistent/x"},
         "hilfarm export: --output '/nonexistent/x': expected a file in a folder that can be written (No "
         "such "
         "file"},
        {{"export", "csv", "1", "-o", "/tmp"}, "expected a file, not a folder\n"},
        {{"export", "outputs", "1", "-o", "x.npz"},
         "hilfarm export: outputs cannot be written as 'x.npz': expected a file that ends in .csv or .npy\n"},
        {{"analyze", "m", "--html", "/nonexistent/x"}, "expected a file in a folder that can be written"},
        {{"export", "htlm"},
         "expected csv, html, json, markdown, outputs, sqlite, tflite or image, did you mean 'html'?\n"},
        {{"rnu", "x.yaml"}, "hilfarm: unknown command 'rnu', did you mean 'run'?\n"},
        {{"qqqq"}, "hilfarm: unknown command 'qqqq'\n"},
        {{"run"}, "hilfarm run: a spec is missing\nsee `hilfarm run --help`\n"},
        {{"run", "x.yaml", "y.yaml"}, "hilfarm run: unexpected argument 'y.yaml'\n"},
        {{"runs", "x"}, "hilfarm runs: unexpected argument 'x'\n"},
        {{"export"},
         "hilfarm export: a format (csv, html, json, markdown, outputs, sqlite, tflite or image) is "
         "missing\n"},
        {{"run", "x.yaml", "--wait", "30"}, "hilfarm run: --wait '30': expected a time such as"},
        {{"run", "x.yaml", "--wait", "721 h"}, "up to 720 h"},
        {{"prune"}, "prune: --keep is missing"},
        {{"prune", "--keep", "30"}, "hilfarm prune: --keep '30': expected an age such as 30d"},
        {{"prune", "--keep", "1 min"}, "units: h, d, w"},
        {{"prune", "--keep", "30d", "--db", "/nonexistent/hilfarm.db"}, "there is no store"},
        {{"tag", "1"}, "tag: the tag's name is missing"},
        {{"tag", "1", "v1", "--db", "/nonexistent/hilfarm.db"}, "there is no store"},
        {{"tag", "1", "v1", "--delete", "v1"}, "--delete takes the tag's name and nothing else"},
        {{"evaluate", "m", "--limit", "1x"}, "hilfarm evaluate: --limit '1x': expected a number from 1 to"},
        {{"evaluate", "m", "--weights-seed", "4294967296"}, "expected a number from 0 to 4294967295\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *output = refused(fixture, cases[i].words);
        if (!strstr(output, cases[i].expected))
            fail_msg("expected \"%s\" in:\n%s", cases[i].expected, output);
    }
    assert_int_not_equal(access(fixture->db, F_OK), 0);
}

/* Help fits a terminal of 80 columns, and says how to call the command. */
static void test_help(void **state)
{
    cli_fixture *fixture = *state;
    static const char *const commands[] = {"run",    "boards", "analyze",      "evaluate", "runs",
                                           "report", "export", "validate",     "compare",  "doctor",
                                           "tag",    "prune",  "import-check", "train",    "attach",
                                           "cancel", "queue",  "dashboard",    NULL};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        const char *argv[4] = {cli_program("hilfarm")};
        int count = 1;
        if (commands[i])
            argv[count++] = commands[i];
        argv[count] = "--help";
        assert_true(process_start(&fixture->child, argv));
        assert_int_equal(process_wait_exit(&fixture->child, RUN_DEADLINE_MS), 0);
        const char *text = fixture->child.output;
        char usage[64];
        snprintf(usage, sizeof usage, "usage: hilfarm %s", commands[i] ? commands[i] : "COMMAND");
        assert_memory_equal(text, usage, strlen(usage));
        for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
            if (strcspn(line, "\n") > 80)
                fail_msg("wider than 80 columns: %.*s", (int)strcspn(line, "\n"), line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_misspelt_words, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_help, cli_set_up, cli_tear_down),
    };
    return cmocka_run_group_tests_name("cli_arguments", tests, NULL, NULL);
}
