/* SPDX-License-Identifier: Apache-2.0 */
/* More boards than any virtual farm can have, and failures at a chosen command, with tests/support/fake_openocd. */
#include <stdlib.h>

#include "base/buffer.h"
#include "cli_fixture.h"
#include "hf_test.h"

/* Below the range from which the kernel takes ports, and different from those of other tests. */
#define FIRST_PORT 22400u

#define SWEEP                                                                                                \
    "name: many\n"                                                                                           \
    "models:\n"                                                                                              \
    "  - {family: mobilenetv1, alpha: [0.05, 0.1], resolution: [16, 32], channels: [1, 3],"                  \
    " classes: [2, 3, 4, 5], l: [1, 2, 3, 4], ll: 8, pl: 8}\n"                                               \
    "measure: {warmup: 0, runs: 1}\n"

#define SMALL_SWEEP                                                                                          \
    "name: few\n"                                                                                            \
    "models:\n"                                                                                              \
    "  - {family: mobilenetv1, alpha: [0.05, 0.1], resolution: 16, channels: 1, classes: [2, 3, 4],"         \
    " l: 1, ll: 8, pl: 8}\n"                                                                                 \
    "measure: {warmup: 0, runs: 1}\n"

static const char *write_farm(cli_fixture *fixture, unsigned count, const char *chip)
{
    hf_buffer farm = HF_BUFFER_INIT;
    hf_buffer_puts(&farm, "boards:\n");
    for (unsigned i = 0; i < count; i++)
        hf_buffer_printf(&farm,
                         "  - {id: fake-%u, chip: %s, modelled: true, port: {tcp: \"127.0.0.1:%u\"},\n"
                         "     probe: {interface: interface/stlink.cfg, serial: fake-%s-%u}}\n",
                         i, chip, FIRST_PORT + i, chip, FIRST_PORT + i);
    const char *path = cli_write(fixture, "farm.yaml", hf_buffer_text(&farm));
    hf_buffer_free(&farm);
    return path;
}

static int run_sweep(cli_fixture *fixture, const char *sweep, const char *farm)
{
    char openocd[256];
    snprintf(openocd, sizeof openocd, "%s", cli_program("fake_openocd"));
    const char *words[] = {
        cli_write(fixture, "many.yaml", sweep), "--farm", farm, "--openocd", openocd, NULL};
    return cli_run(fixture, "run", words);
}

static void test_a_hundred_boards_share_a_sweep(void **state)
{
    cli_fixture *fixture = *state;
    setenv("FAKE_FLASH_MS", "300", 1); /* so that a board cannot measure everything alone */
    const int status = run_sweep(fixture, SWEEP, write_farm(fixture, 100, "stm32l4r5zi"));
    unsetenv("FAKE_FLASH_MS");
    if (status != 0)
        fail_msg("%s", fixture->child.output);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM results WHERE outcome = 'measured'"), 128);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM attempts"), 128);
    /* More than 64 boards work; some may be opened when the last jobs are gone. */
    const int64_t used = cli_query(fixture, "SELECT count(DISTINCT board_id) FROM attempts");
    assert_in_range(used, 65, 100);
}

/* OpenOCD dies at each of the first commands of a board: the variation is measured all the same, once. */
static void test_openocd_dies_at_every_command(void **state)
{
    cli_fixture *fixture = *state;
    char farm[128];
    snprintf(farm, sizeof farm, "%s", write_farm(fixture, 1, "stm32f767zi"));
    for (unsigned command = 1; command <= 14; command++) {
        char victim[128], dead[96];
        snprintf(dead, sizeof dead, "%s/dead", fixture->folder);
        snprintf(victim, sizeof victim, "%u %u %s", FIRST_PORT, command, dead);
        setenv("FAKE_KILL", victim, 1);
        unlink(fixture->db);
        const int status = run_sweep(fixture, SMALL_SWEEP, farm);
        unsetenv("FAKE_KILL");
        if (status != 0)
            fail_msg("killed at command %u: %s", command, fixture->child.output);
        if (unlink(dead) != 0)
            fail_msg("not killed at command %u: %s", command, fixture->child.output);
        assert_int_equal(cli_query(fixture, "SELECT count(*) FROM results WHERE outcome = 'measured'"), 6);
        assert_int_equal(cli_query(fixture, "SELECT count(*) FROM attempts WHERE succeeded"), 6);
        assert_int_equal(cli_query(fixture, "SELECT count(*) FROM failures"), 1);
    }
}

/* The farm is killed at each of the first commands of a board, and resumed: every result is there, once. */
static void test_the_farm_dies_at_every_command(void **state)
{
    cli_fixture *fixture = *state;
    char farm[128], openocd[256];
    snprintf(farm, sizeof farm, "%s", write_farm(fixture, 1, "stm32l4r5zi"));
    snprintf(openocd, sizeof openocd, "%s", cli_program("fake_openocd"));
    for (unsigned command = 1; command <= 26; command++) { /* two attempts */
        char victim[128], dead[96];
        snprintf(dead, sizeof dead, "%s/dead", fixture->folder);
        snprintf(victim, sizeof victim, "%u %u %s", FIRST_PORT, command, dead);
        setenv("FAKE_KILL_PARENT", victim, 1);
        unlink(fixture->db);
        const int status = run_sweep(fixture, SMALL_SWEEP, farm);
        unsetenv("FAKE_KILL_PARENT");
        if (unlink(dead) != 0)
            fail_msg("not killed at command %u: exit status %d, %s", command, status, fixture->child.output);
        const int64_t before = cli_query(fixture, "SELECT count(*) FROM attempts WHERE succeeded");
        const char *words[] = {"--resume", "--openocd", openocd, NULL};
        if (cli_run(fixture, "run", words) != 0)
            fail_msg("resumed after command %u: %s", command, fixture->child.output);
        assert_int_equal(cli_query(fixture, "SELECT count(*) FROM runs"), 1);
        assert_int_equal(cli_query(fixture, "SELECT count(*) FROM results WHERE outcome = 'measured'"), 6);
        assert_int_equal(cli_query(fixture, "SELECT count(*) FROM attempts WHERE succeeded"), 6);
        assert_int_equal(cli_query(fixture, "SELECT count(*) FROM samples"), 6);
        /* What was measured before is not measured again. */
        assert_true(before <= 6);
        assert_int_equal(cli_query(fixture, "SELECT count(*) FROM attempts WHERE NOT succeeded"), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_hundred_boards_share_a_sweep, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_openocd_dies_at_every_command, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_the_farm_dies_at_every_command, cli_set_up, cli_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
