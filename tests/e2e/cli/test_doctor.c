/* SPDX-License-Identifier: Apache-2.0 */
#include "cli_fixture.h"
#include "hf_test.h"

/* `hilfarm doctor` before the first run on virtual boards. */

static void assert_says(const cli_fixture *fixture, const char *text)
{
    if (!strstr(fixture->child.output, text))
        fail_msg("'%s' is not in:\n%s", text, fixture->child.output);
}

static void test_a_healthy_host(void **state)
{
    cli_fixture *fixture = *state;
    const char *const words[] = {NULL};
    int status = cli_run(fixture, "doctor", words);
    if (status != 0)
        fail_msg("exit status %d:\n%s", status, fixture->child.output);
    assert_says(fixture, "ok    OpenOCD: Open On-Chip Debugger ");
    assert_says(fixture, "ok    script: ");
    assert_says(fixture, "target/stm32l4x.cfg");
    assert_says(fixture, "ok    firmware: ");
    assert_says(fixture, "which the first run creates");
    assert_int_not_equal(access(fixture->db, F_OK), 0); /* it creates nothing */
}

static void test_a_broken_host(void **state)
{
    cli_fixture *fixture = *state;
    const char *const words[] = {"--openocd", "/nonexistent/openocd", "--firmware-dir", fixture->folder,
                                 NULL};
    assert_int_equal(cli_run(fixture, "doctor", words), 3);
    assert_says(fixture, "fail  OpenOCD: ");
    assert_says(fixture, "      to fix it: install the Debian package openocd");
    assert_says(fixture, "fail  firmware: ");
    assert_says(fixture, "ok    clock: ");
}

static void test_a_mistake_in_the_farm_file(void **state)
{
    cli_fixture *fixture = *state;
    const char *const words[] = {"--farm", cli_write(fixture, "farm.yaml", "boards: []\n"), NULL};
    assert_int_equal(cli_run(fixture, "doctor", words), 2);
    assert_says(fixture, "farm.yaml:1:");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_healthy_host, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_a_broken_host, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_a_mistake_in_the_farm_file, cli_set_up, cli_tear_down),
    };
    return cmocka_run_group_tests_name("cli_doctor", tests, NULL, NULL);
}
