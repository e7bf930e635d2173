/* SPDX-License-Identifier: Apache-2.0 */
/* What people decide about boards, and health checks. */
#include <time.h>

#include "daemon_fixture.h"
#include "hf_test.h"

static void reservations_and_maintenance_outlive_the_daemon(void **state)
{
    daemon_fixture *fixture = *state;
    char key[32];
    daemon_start(fixture, NULL);
    json_t *board = daemon_ask(fixture, "POST", "/boards/virtual-1/reserve", "{\"note\":\"soldering\"}", 200);
    assert_int_equal(json_number(board, "view.status.reserved"), 1);
    assert_string_equal(json_text(board, "reserved_note"), "soldering");
    json_decref(board);
    json_decref(daemon_ask(fixture, "POST", "/boards/virtual-1/reserve", "{\"until_ms\":1}", 400));
    json_decref(daemon_ask(fixture, "POST", "/boards/virtual-9/reserve", NULL, 404));
    json_decref(daemon_ask(fixture, "POST", "/boards/virtual-1/paint", NULL, 404));
    daemon_kill(fixture);
    daemon_start(fixture, NULL);
    board = daemon_ask(fixture, "GET", "/boards/virtual-1", NULL, 200);
    assert_int_equal(json_number(board, "view.status.reserved"), 1);
    assert_string_equal(json_text(board, "reserved_note"), "soldering");
    json_decref(board);
    daemon_submit(fixture, "one_board", 3, "{}", key);
    json_t *end = daemon_follow(fixture, key);
    assert_int_equal(json_number(end, "summary.measured"), 3);
    json_decref(end);
    assert_int_equal(cli_query(&fixture->cli,
                               "SELECT count(*) FROM attempts JOIN boards ON boards.id = attempts.board_id "
                               "WHERE boards.name = 'virtual-1'"),
                     0);
    json_decref(daemon_ask(fixture, "POST", "/boards/virtual-1/release", NULL, 200));
    board = daemon_ask(fixture, "POST", "/boards/virtual-2/disable", "{\"reason\":\"no power\"}", 200);
    assert_string_equal(json_text(board, "disabled_reason"), "no power");
    json_decref(board);
    json_decref(daemon_ask(fixture, "POST", "/boards/virtual-2/check", NULL, 409));
    daemon_stop(fixture);
    daemon_start(fixture, NULL);
    json_t *boards = daemon_ask(fixture, "GET", "/boards", NULL, 200);
    assert_int_equal(json_number(boards, "boards.0.view.status.reserved"), 0);
    assert_int_equal(json_number(boards, "boards.1.view.status.disabled"), 1);
    json_decref(boards);
    json_decref(daemon_ask(fixture, "POST", "/boards/virtual-2/enable", NULL, 200));
    daemon_stop(fixture);
}

static void a_board_is_checked(void **state)
{
    daemon_fixture *fixture = *state;
    const time_t until = time(NULL) + 60;
    daemon_start(fixture, NULL);
    json_decref(daemon_ask(fixture, "POST", "/boards/virtual-2/check", NULL, 200));
    char key[32];
    daemon_submit(fixture, "check", 1, "{\"boards\":\"virtual-2\"}",
                  key); /* the check comes before its job */
    json_decref(daemon_follow(fixture, key));
    while (cli_query(&fixture->cli, "SELECT count(*) FROM health_checks WHERE passed") <
           1) { /* recorded in the background */
        if (time(NULL) > until)
            fail_msg("no check: %s", fixture->daemon.output);
        usleep(10000);
    }
    assert_string_equal(cli_query_text(&fixture->cli, "SELECT kind FROM health_checks"), "manual");
    daemon_stop(fixture);
}

static void a_quarantine_outlives_the_daemon(void **state)
{
    daemon_fixture *fixture = *state;
    const time_t until = time(NULL) + 60;
    char sql[512];
    daemon_start(fixture, NULL);
    json_decref(daemon_ask(fixture, "POST", "/boards/virtual-2/enable", NULL, 200)); /* the store knows it */
    daemon_stop(fixture);
    snprintf(sql, sizeof sql,
             "UPDATE board_states SET quarantine_count = 2, quarantined_until_ms = %lld,"
             " quarantine_message = 'silent', quarantine_fault = 'serial'",
             ((long long)time(NULL) + 3600) * 1000);
    (void)cli_query(&fixture->cli, sql);
    daemon_start(fixture, NULL);
    json_t *board = daemon_ask(fixture, "GET", "/boards/virtual-2", NULL, 200);
    assert_string_equal(json_text(board, "view.status.state"), "quarantined");
    assert_int_equal(json_number(board, "view.status.quarantines"), 2);
    assert_string_equal(json_text(board, "view.status.cause"), "serial");
    assert_string_equal(json_text(board, "view.failure"), "silent");
    assert_true(json_number(board, "view.quarantine_left_ns") > 3500000000000);
    json_decref(board);
    json_decref(daemon_ask(fixture, "POST", "/boards/virtual-2/check", NULL, 200));
    while (cli_query(&fixture->cli, "SELECT quarantine_count FROM board_states") != 0) {
        if (time(NULL) > until)
            fail_msg("the board did not come back: %s", fixture->daemon.output);
        usleep(10000);
    }
    daemon_stop(fixture);
}

/* A time of the day that comes while the test runs. */
static void a_night_checks_and_ends(void **state)
{
    daemon_fixture *fixture = *state;
    char soon[16], key[32], urgent[32];
    const time_t next = (time(NULL) / 60 + 1) * 60;
    struct tm local;
    if (next - time(NULL) < 8) /* too soon to start a run before it */
        sleep((unsigned)(next - time(NULL)) + 1);
    const time_t due = (time(NULL) / 60 + 1) * 60;
    localtime_r(&due, &local);
    strftime(soon, sizeof soon, "%H:%M", &local);
    daemon_start(fixture, (const char *const[]){"--stop-at", soon, "--check-at", soon, NULL});
    json_decref(daemon_ask(fixture, "POST", "/boards/virtual-1/reserve", NULL, 200));
    json_decref(
        daemon_ask(fixture, "POST", "/boards/virtual-2/reserve", NULL, 200)); /* nothing can be measured */
    daemon_submit(fixture, "night", 2, "{\"priority\":-1}", key);
    daemon_submit(fixture, "day", 1, "{}", urgent);
    json_t *end = daemon_follow(fixture, key);
    assert_string_equal(json_text(end, "summary.state"), "interrupted");
    assert_int_equal(json_number(end, "summary.not_run"), 2);
    json_decref(end);
    assert_true(process_wait_output(&fixture->daemon,
                                    "boards to be checked before their next job: ", DAEMON_DEADLINE_MS));
    json_decref(daemon_ask(fixture, "POST", "/boards/virtual-1/release", NULL, 200));
    end = daemon_follow(fixture, urgent); /* it was not stopped */
    assert_int_equal(json_number(end, "summary.measured"), 1);
    json_decref(end);
    daemon_stop(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reservations_and_maintenance_outlive_the_daemon, daemon_set_up,
                                        daemon_tear_down),
        cmocka_unit_test_setup_teardown(a_board_is_checked, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(a_quarantine_outlives_the_daemon, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(a_night_checks_and_ends, daemon_set_up, daemon_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
