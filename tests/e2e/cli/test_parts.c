/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cli_fixture.h"
#include "hf_test.h"

/* Parts of a sweep: --only, --boards, --failed, --dry-run; validate; images as files. */

#define WAIT_MS 30000

#define SWEEP                                                                                                \
    "name: parts\n"                                                                                          \
    "models:\n"                                                                                              \
    "  - {family: mobilenetv1, alpha: [0.1, 0.2, 0.3, 0.4], resolution: 32, channels: 1, classes: 2,"        \
    " l: 1, ll: 16, pl: 16}\n"                                                                               \
    "measure: {warmup: 0, runs: 1}\n"

#define assert_contains(text, part)                                                                          \
    do {                                                                                                     \
        if (!strstr(text, part))                                                                             \
            fail_msg("expected \"%s\" in:\n%s", part, text);                                                 \
    } while (0)

static void expect(cli_fixture *fixture, const char *command, const char *const *words, int expected)
{
    int status = cli_run(fixture, command, words);
    if (status != expected)
        fail_msg("%s: exit status %d, expected %d:\n%s", command, status, expected, fixture->child.output);
}

static void expect_raw(cli_fixture *fixture, const char *const *words, int expected)
{
    const char *argv[12] = {cli_program("hilfarm")};
    for (int count = 1; *words && count < 11; count++)
        argv[count] = *words++;
    assert_true(process_start(&fixture->child, argv));
    int status = process_wait_exit(&fixture->child, WAIT_MS);
    if (status != expected)
        fail_msg("exit status %d, expected %d:\n%s", status, expected, fixture->child.output);
}

static void test_only_measures_what_matches(void **state)
{
    cli_fixture *fixture = *state;
    const char *spec = cli_write(fixture, "parts.yaml", SWEEP);
    const char *words[] = {spec, "--only", "*_0.2_*,*_0.4_*", NULL},
               *none[] = {spec, "--only", "resnet*", NULL};
    expect(fixture, "run", none, 2);
    assert_contains(fixture->child.output, "no model of");
    expect(fixture, "run", words, 0);
    assert_contains(fixture->child.output, "2 of 4 measurements selected");
    assert_contains(fixture->child.output, "[2/2]");
    assert_contains(fixture->child.output, "2 measured, 0 failed, 0 not run");
    assert_string_equal(cli_query_text(fixture, "SELECT group_concat(position) FROM results"), "1,3");
    /* Nothing is missing of it: resuming measures nothing, least of all the rest of the sweep. */
    const char *resume[] = {"--resume", NULL}, *other[] = {"--resume", "--only", "x", NULL};
    expect(fixture, "run", resume, 0);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM attempts"), 2);
    expect(fixture, "run", other, 2);
    assert_contains(fixture->child.output, "cannot change that");
}

static void test_an_interrupted_part_is_resumed(void **state)
{
    cli_fixture *fixture = *state;
    const char *spec = cli_write(fixture, "parts.yaml", SWEEP);
    const char *words[] = {spec, "--only", "*_0.[123]_*", "--boards", "virtual-2", NULL},
               *plan[] = {"--resume", "--dry-run", NULL}, *resume[] = {"--resume", NULL};
    cli_start(fixture, "run", words);
    assert_true(process_wait_output(&fixture->child, "[1/3]", WAIT_MS));
    kill(fixture->child.pid, SIGKILL);
    process_wait_exit(&fixture->child, WAIT_MS);
    expect(fixture, "run", plan, 0);
    assert_null(strstr(fixture->child.output, "_0.4_"));
    assert_contains(fixture->child.output, "stm32l4r5zi: virtual-2\n");
    expect(fixture, "run", resume, 0);
    assert_contains(fixture->child.output, "3 measured, 0 failed, 0 not run");
    assert_string_equal(cli_query_text(fixture, "SELECT group_concat(position) FROM results"), "0,1,2");
    assert_int_equal(cli_query(fixture, "SELECT count(DISTINCT board_id) FROM attempts"), 1);
}

/* The farm's boards cannot be used at first, so everything fails; then what failed is measured. */
static void test_failed_measures_what_failed(void **state)
{
    cli_fixture *fixture = *state;
    const char *spec = cli_write(fixture, "parts.yaml", SWEEP);
    const char *first[] = {spec, "--only", "*_0.1_*", NULL},
               *broken[] = {spec, "--only", "*_0.3_*", "--openocd", "/bin/false", NULL},
               *failed[] = {spec, "--failed", NULL}, *of_first[] = {spec, "--failed", "1", NULL},
               *unknown[] = {spec, "--failed", "nonesuch", NULL}, *stray[] = {spec, "2", NULL};
    expect(fixture, "run", first, 0);
    expect(fixture, "run", broken, 3);
    expect(fixture, "run", failed, 0);
    assert_contains(fixture->child.output, "1 of 4 measurements selected");
    assert_contains(fixture->child.output, "_0.3_");
    expect(fixture, "run", of_first, 2);
    assert_contains(fixture->child.output, "no model that is selected failed in run 1 (");
    expect(fixture, "run", unknown, 2);
    assert_contains(fixture->child.output, "no run 'nonesuch'");
    expect(fixture, "run", stray, 2);
    assert_contains(fixture->child.output, "unexpected argument '2'");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM runs"), 3);
}

static void test_a_dry_run_changes_nothing(void **state)
{
    cli_fixture *fixture = *state;
    const char *spec = cli_write(fixture, "parts.yaml", SWEEP "constraints: {rom: 80 KB}\n");
    const char *plan[] = {spec, "--dry-run", NULL}, *words[] = {spec, "--only", "*_0.1_*", NULL};
    expect(fixture, "run", plan, 0);
    assert_contains(fixture->child.output, "no estimate of the time");
    assert_contains(fixture->child.output, "stm32l4r5zi: virtual-1, virtual-2\n");
    assert_contains(fixture->child.output, "pruned: ROM");
    assert_int_not_equal(access(fixture->db, F_OK), 0);
    expect(fixture, "run", words, 0);
    expect(fixture, "run", plan, 0);
    assert_contains(fixture->child.output, "estimated from 1 earlier attempt (roughly:");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM runs"), 1);
}

static void test_validate(void **state)
{
    cli_fixture *fixture = *state;
    const char *good = cli_write(fixture, "good.yaml", SWEEP);
    const char *bad = cli_write(fixture, "bad.yaml", SWEEP "boards: {tags: [desk]}\nmodles: []\n");
    const char *both[] = {"validate", good, bad, NULL}, *quiet[] = {"validate", "--quiet", good, NULL};
    expect_raw(fixture, both, 2);
    assert_contains(fixture->child.output, "good.yaml: ok, 4 models\n");
    assert_contains(fixture->child.output, "bad.yaml:6:1:");
    expect_raw(fixture, quiet, 0);
    assert_string_equal(fixture->child.output, "");
    /* Tags are looked up in a farm file. */
    const char *tagged = cli_write(fixture, "tagged.yaml", SWEEP "boards: {tags: [desk]}\n");
    const char *farm = cli_write(fixture, "farm.yaml",
                                 "boards: [{id: a, virtual: true, chip: stm32l4r5zi, tags: [shelf]}]\n");
    const char *alone[] = {"validate", tagged, NULL},
               *with_farm[] = {"validate", tagged, "--farm", farm, NULL};
    expect_raw(fixture, alone, 0);
    expect_raw(fixture, with_farm, 2);
    assert_contains(fixture->child.output, "desk");
}

/* As a run would say it, without a board and without a run. */
static void test_validate_finds_missing_scripts(void **state)
{
    cli_fixture *fixture = *state;
    char spec_path[128];
    snprintf(spec_path, sizeof spec_path, "%s", cli_write(fixture, "good.yaml", SWEEP));
    const char *farm = cli_write(fixture, "farm.yaml",
                                 "boards:\n  - {id: a, chip: stm32l4r5zi, probe: {interface: "
                                 "interface/stlnk.cfg, serial: A}, port: /dev/ttyACM7}\n"
                                 "  - {id: b, chip: stm32l4r5zi, probe: {serial: B}, port: /dev/ttyACM8}\n"
                                 "  - {id: c, chip: stm32l4r5zi, probe: {interface: interface/stlnk.cfg, "
                                 "serial: C}, port: /dev/ttyACM9}\n");
    const char *words[] = {"validate", spec_path, "--farm", farm, NULL};
    expect_raw(fixture, words, 2);
    assert_contains(fixture->child.output, "farm.yaml:2:5: probe.interface: OpenOCD has no script "
                                           "'interface/stlnk.cfg', did you mean 'interface/stlink.cfg'?\n");
    assert_null(strstr(fixture->child.output, "farm.yaml:4:")); /* once for each script */
    cli_write(fixture, "stlnk.cfg", "");                        /* next to the farm file */
    const char *beside = cli_write(
        fixture, "beside.yaml",
        "boards: [{id: a, chip: stm32l4r5zi, probe: {interface: stlnk.cfg}, port: /dev/ttyACM7}]\n");
    const char *again[] = {"validate", spec_path, "--farm", beside, NULL};
    expect_raw(fixture, again, 0);
}

/* The farm's boards need more open files than this process may have. */
static void test_too_few_open_files(void **state)
{
    cli_fixture *fixture = *state;
    const char *spec = cli_write(fixture, "spec.yaml", SWEEP), *words[] = {spec, "--quiet", NULL};
    struct rlimit usual, low = {.rlim_cur = 60, .rlim_max = 80};
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (setrlimit(RLIMIT_NOFILE, &low) != 0)
            _exit(1);
        const bool refused = cli_run(fixture, "run", words) == 3;
        _exit(refused && strstr(fixture->child.output, "2 boards: 88 open files are needed, but only 80 are "
                                                       "allowed: raise the hard limit")
                  ? 0
                  : 2);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void test_export_image(void **state)
{
    cli_fixture *fixture = *state;
    char path[128];
    struct stat info;
    snprintf(path, sizeof path, "%s/net.img", fixture->folder);
    const char *words[] = {"export", "image", "mobilenetv1_0.1_32_c1_o2", "-o", path, NULL},
               *nowhere[] = {"export", "image", "mobilenetv1_0.1_32_c1_o2", NULL},
               *nothing[] = {"export", "image", "-o", path, NULL},
               *unknown[] = {"export", "image", "mobilenetv9", "-o", path, NULL};
    expect_raw(fixture, nowhere, 2);
    expect_raw(fixture, nothing, 2);
    expect_raw(fixture, unknown, 2);
    assert_int_not_equal(stat(path, &info), 0);
    expect_raw(fixture, words, 0);
    assert_int_equal(stat(path, &info), 0);
    /* What a board gets: the size and SHA-256 that a run records. */
    const char *spec =
        cli_write(fixture, "one.yaml", "name: one\nmodels: [{name: mobilenetv1_0.1_32_c1_o2}]\n");
    const char *run[] = {spec, NULL};
    expect(fixture, "run", run, 0);
    assert_int_equal(cli_query(fixture, "SELECT image_bytes FROM results"), info.st_size);
    const char *const sum[] = {"sha256sum", path, NULL};
    process digest = {0};
    assert_true(process_start(&digest, sum));
    assert_int_equal(process_wait_exit(&digest, WAIT_MS), 0);
    assert_memory_equal(digest.output, cli_query_text(fixture, "SELECT image_sha256 FROM results"), 64);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, cli_set_up, cli_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_only_measures_what_matches),
        TEST(test_an_interrupted_part_is_resumed),
        TEST(test_failed_measures_what_failed),
        TEST(test_a_dry_run_changes_nothing),
        TEST(test_validate),
        TEST(test_validate_finds_missing_scripts),
        TEST(test_too_few_open_files),
        TEST(test_export_image),
    };
    return cmocka_run_group_tests_name("cli_parts", tests, NULL, NULL);
}
