/* SPDX-License-Identifier: Apache-2.0 */
#include "cli_fixture.h"
#include "hf_test.h"

/* `hilfarm doctor` before the first run on virtual boards. */

static void test_a_healthy_host(void **state)
{
    cli_fixture *fixture = *state;
    const char *const words[] = {NULL};
    cli_expect(fixture, "doctor", words, 0);
    cli_assert_output(fixture, "ok    virtual boards: hilfarm-vboard ");
    cli_assert_output(fixture, "ok    OpenOCD: Open On-Chip Debugger ");
    cli_assert_output(fixture, "ok    script: ");
    cli_assert_output(fixture, "target/stm32l4x.cfg");
    cli_assert_output(fixture, "ok    firmware: ");
    cli_assert_output(fixture, "which the first run creates");
    assert_int_not_equal(access(fixture->db, F_OK), 0); /* it creates nothing */
}

static void test_a_broken_host(void **state)
{
    cli_fixture *fixture = *state;
    const char *const words[] = {"--openocd",      "/nonexistent/openocd", "--vboard", "/nonexistent/vboard",
                                 "--firmware-dir", fixture->folder,        NULL};
    cli_expect(fixture, "doctor", words, 3);
    cli_assert_output(fixture, "fail  OpenOCD: ");
    cli_assert_output(fixture, "      to fix it: install the Debian package openocd");
    cli_assert_output(fixture, "fail  virtual boards: ");
    cli_assert_output(fixture, "fail  firmware: ");
    cli_assert_output(fixture, "ok    clock: ");
}

static void test_json(void **state)
{
    cli_fixture *fixture = *state;
    const char *const words[] = {"--json", "--openocd", "/nonexistent/openocd", NULL};
    cli_expect(fixture, "doctor", words, 3);
    cli_assert_output(fixture, "\"verdict\": \"fail\",\n      \"subject\": \"OpenOCD\",");
    cli_assert_output(fixture, "\"remedy\": \"install the Debian package openocd");
}

static void test_a_mistake_in_the_farm_file(void **state)
{
    cli_fixture *fixture = *state;
    const char *const words[] = {"--farm", cli_write(fixture, "farm.yaml", "boards: []\n"), NULL};
    cli_expect(fixture, "doctor", words, 2);
    cli_assert_output(fixture, "farm.yaml:1:");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_healthy_host, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_a_broken_host, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_json, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_a_mistake_in_the_farm_file, cli_set_up, cli_tear_down),
    };
    return cmocka_run_group_tests_name("cli_doctor", tests, NULL, NULL);
}
