/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>

#include "cli_fixture.h"
#include "hf_test.h"

/* `hilfarm boards`: health checks with what they leave in the store; boards that people keep from being used. */

#define ONE_MODEL "name: one\nmodels: [mobilenetv1_0.1_32_c1_o2_l1ll16pl16]\nmeasure: {warmup: 0, runs: 1}\n"

static void assert_no_output(const cli_fixture *fixture, const char *part)
{
    if (strstr(fixture->child.output, part))
        fail_msg("unexpected \"%s\" in:\n%s", part, fixture->child.output);
}

static const char *const none[] = {NULL}, *const check[] = {"--check", NULL};

static void test_a_check_is_recorded(void **state)
{
    cli_fixture *fixture = *state;
    cli_expect(fixture, "boards", none, 0);
    assert_no_output(fixture, "last check");
    assert_int_not_equal(access(fixture->db, F_OK), 0); /* listing creates nothing */
    cli_expect(fixture, "boards", check, 0);
    cli_assert_output(fixture, " cycles modelled\n");
    cli_expect(fixture, "boards", check, 0);
    assert_no_output(fixture, "DRIFTED");
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM health_checks WHERE passed AND NOT drifted"),
                     4);
    assert_int_equal(cli_query(fixture, "SELECT count(DISTINCT cycles) FROM health_checks"), 1);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM board_states WHERE golden_cycles > 0"), 2);
    cli_expect(fixture, "boards", none, 0);
    cli_assert_output(fixture, ": passed, ");
}

static void test_drift_is_flagged_until_it_is_accepted(void **state)
{
    cli_fixture *fixture = *state;
    const char *accept[] = {"accept", "virtual-1", NULL};
    cli_expect(fixture, "boards", accept, 2);
    cli_assert_output(fixture, "board virtual-1 has passed no health check");
    cli_expect(fixture, "boards", check, 0);
    /* As if the board had taken a cycle more at first. */
    cli_query(fixture, "UPDATE board_states SET golden_cycles = golden_cycles + 1"
                       " WHERE board_id = (SELECT id FROM boards WHERE name = 'virtual-1')");
    cli_expect(fixture, "boards", check, 1);
    cli_assert_output(fixture, " cycles modelled, DRIFTED from ");
    cli_expect(fixture, "boards", none, 0);
    cli_assert_output(fixture, ": passed, but its cycles have drifted: ");
    cli_expect(fixture, "boards", accept, 0);
    cli_expect(fixture, "boards", check, 0);
    cli_expect(fixture, "boards", none, 0);
    assert_no_output(fixture, "drifted");
}

static void test_a_failed_check_needs_attention(void **state)
{
    cli_fixture *fixture = *state;
    char script[1280];
    snprintf(script, sizeof script, "#!/bin/sh\nexec %s \"$@\" --fault uart-mute\n",
             cli_program("hilfarm-vboard"));
    char vboard[128];
    snprintf(vboard, sizeof vboard, "%s", cli_write(fixture, "mute", script));
    assert_int_equal(chmod(vboard, 0755), 0);
    /* The same board, waited for only briefly while it is known to be silent. */
    static const char board[] = "boards:\n  - id: virtual-1\n    chip: stm32l4r5zi\n    virtual: true\n";
    char impatient[256], farm[128], brief[128];
    snprintf(impatient, sizeof impatient, "%s    deadlines: {boot: 300 ms, reply: 200 ms}\n", board);
    snprintf(farm, sizeof farm, "%s", cli_write(fixture, "farm.yaml", board));
    snprintf(brief, sizeof brief, "%s", cli_write(fixture, "brief.yaml", impatient));
    const char *mute[] = {"--check", "--farm", brief, "--vboard", vboard, NULL},
               *listed[] = {"--farm", farm, NULL}, *again[] = {"--check", "--farm", farm, NULL},
               *enable[] = {"enable", "virtual-1", "--farm", farm, NULL};
    cli_expect(fixture, "boards", mute, 3);
    cli_expect(fixture, "boards", listed, 0);
    cli_assert_output(fixture, "needs attention since ");
    cli_assert_output(fixture, "last check ");
    cli_assert_output(fixture, ": failed (");
    cli_expect(fixture, "boards", again, 0); /* it passes: nothing is held against it any more */
    cli_expect(fixture, "boards", listed, 0);
    assert_no_output(fixture, "needs attention");
    cli_expect(fixture, "boards", mute, 3);
    cli_expect(fixture, "boards", enable, 0); /* or somebody says so */
    cli_expect(fixture, "boards", listed, 0);
    assert_no_output(fixture, "needs attention");
}

/* Without a person: the board passes a check first, and then measures. */
static void test_a_run_checks_a_board_that_needs_attention(void **state)
{
    cli_fixture *fixture = *state;
    char farm[128];
    snprintf(
        farm, sizeof farm, "%s",
        cli_write(fixture, "farm.yaml", "boards: [{id: virtual-1, chip: stm32l4r5zi, virtual: true}]\n"));
    const char *spec = cli_write(fixture, "one.yaml", ONE_MODEL);
    const char *first[] = {"--check", "--farm", farm, NULL}, *run[] = {spec, "--farm", farm, NULL};
    cli_expect(fixture, "boards", first, 0);
    cli_query(fixture, "UPDATE board_states SET attention = 'old trouble', attention_ms = 1000");
    cli_expect(fixture, "run", run, 0);
    assert_int_equal(
        cli_query(fixture, "SELECT count(*) FROM health_checks WHERE kind = 'readmission' AND passed"), 1);
    assert_int_equal(cli_query(fixture, "SELECT count(DISTINCT cycles) FROM health_checks"), 1);
    assert_int_equal(cli_query(fixture, "SELECT count(*) FROM board_states WHERE attention NOT NULL"), 0);
}

static void test_boards_that_must_not_be_used(void **state)
{
    cli_fixture *fixture = *state;
    const char *spec = cli_write(fixture, "one.yaml", ONE_MODEL);
    const char *run[] = {spec, NULL}, *plan[] = {spec, "--dry-run", NULL},
               *disable[] = {"disable", "virtual-1", "--reason", "loose cable", NULL},
               *enable[] = {"enable", "virtual-1", NULL},
               *reserve[] = {"reserve", "virtual-2", "--for", "2 h", "--note", "probing", NULL},
               *release[] = {"release", "virtual-2", NULL},
               *override[] = {"release", "virtual-2", "--force", NULL};
    cli_expect(fixture, "boards", disable, 0);
    cli_expect(fixture, "boards", none, 0);
    cli_assert_output(fixture, "  disabled by ");
    cli_assert_output(fixture, ": loose cable\n");
    cli_expect(fixture, "run", run, 0);
    cli_assert_output(fixture, "board virtual-1 is not used: disabled by ");
    assert_string_equal(
        cli_query_text(fixture, "SELECT name FROM attempts JOIN boards ON boards.id = board_id"),
        "virtual-2");
    cli_expect(fixture, "boards", check, 0);
    cli_assert_output(fixture, "left out: disabled by ");

    cli_expect(fixture, "boards", reserve, 0);
    cli_expect(fixture, "boards", none, 0);
    cli_assert_output(fixture, "  reserved by ");
    cli_assert_output(fixture, ": probing\n");
    cli_expect(fixture, "run", run, 3);
    cli_assert_output(fixture, "no board is left: all are disabled or reserved");
    cli_expect(fixture, "run", plan, 3);
    cli_expect(fixture, "boards", enable, 0);
    cli_expect(fixture, "run", plan, 0);
    cli_assert_output(fixture, "stm32l4r5zi: virtual-1\n");

    cli_query(fixture,
              "UPDATE board_states SET reserved_by = 'ann of the night shift' WHERE reserved_by NOT NULL");
    cli_expect(fixture, "boards", check, 0);
    cli_assert_output(fixture, "left out: reserved by ann of the night shift until ");
    cli_expect(fixture, "boards", release, 2);
    cli_assert_output(fixture, "is reserved by ann of the night shift until ");
    cli_expect(fixture, "boards", reserve, 2);
    cli_expect(fixture, "boards", override, 0);
    cli_expect(fixture, "boards", none, 0);
    assert_no_output(fixture, "reserved");
}

static void test_a_reservation_ends_by_itself(void **state)
{
    cli_fixture *fixture = *state;
    const char *reserve[] = {"reserve", "virtual-1", "--for", "2 h", NULL};
    cli_expect(fixture, "boards", reserve, 0);
    cli_query(fixture, "UPDATE board_states SET reserved_until_ms = reserved_ms + 1");
    cli_expect(fixture, "boards", none, 0);
    assert_no_output(fixture, "reserved");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_check_is_recorded, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_drift_is_flagged_until_it_is_accepted, cli_set_up,
                                        cli_tear_down),
        cmocka_unit_test_setup_teardown(test_a_failed_check_needs_attention, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_a_run_checks_a_board_that_needs_attention, cli_set_up,
                                        cli_tear_down),
        cmocka_unit_test_setup_teardown(test_boards_that_must_not_be_used, cli_set_up, cli_tear_down),
        cmocka_unit_test_setup_teardown(test_a_reservation_ends_by_itself, cli_set_up, cli_tear_down),
    };
    return cmocka_run_group_tests_name("cli_boards", tests, NULL, NULL);
}
