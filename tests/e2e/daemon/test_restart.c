/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon is stopped and killed in the middle of runs of several users; the next one goes on. */
#include <signal.h>
#include <time.h>

#include "daemon_fixture.h"
#include "hf_test.h"

#define MODELS 6

/* Every model has one result and exactly one successful attempt, and no attempt is there twice. */
static void assert_whole(daemon_fixture *fixture, int runs)
{
    assert_int_equal(cli_query(&fixture->cli, "SELECT count(*) FROM runs WHERE state = 'done'"), runs);
    assert_int_equal(cli_query(&fixture->cli, "SELECT count(*) FROM results WHERE outcome = 'measured'"),
                     runs * MODELS);
    assert_int_equal(cli_query(&fixture->cli, "SELECT count(*) FROM attempts WHERE succeeded"),
                     runs * MODELS);
    assert_int_equal(cli_query(&fixture->cli,
                               "SELECT count(*) FROM (SELECT 1 FROM attempts GROUP BY result_id, number "
                               "HAVING count(*) > 1)"),
                     0);
}

static void expect_done(daemon_fixture *fixture, const char *key)
{
    json_t *end = daemon_follow(fixture, key);
    if (strcmp(json_text(end, "summary.state"), "done") != 0)
        fail_msg("%s\n%s", json_dumps(end, 0), fixture->daemon.output);
    assert_int_equal(json_number(end, "summary.measured"), MODELS);
    json_decref(end);
}

/* @param end how the daemon ends each time */
static void interrupt_two_runs(daemon_fixture *fixture, void (*end)(daemon_fixture *fixture))
{
    char ann[32], bob[32];
    daemon_start(fixture, NULL);
    daemon_submit(fixture, "ann", MODELS, "{}", ann);
    daemon_submit(fixture, "bob", MODELS, "{\"priority\":1}", bob);
    end(fixture); /* at once: perhaps before they have begun */
    daemon_start(fixture, NULL);
    json_t *queue = daemon_ask(fixture, "GET", "/queue", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(queue, "runs")), 2); /* known before it listens */
    assert_string_equal(json_text(queue, "runs.0.key"), ann);
    json_decref(queue);
    for (int measured = 1; measured <= 3; measured++) {
        daemon_wait_measured(fixture, bob, measured);
        end(fixture);
        daemon_start(fixture, NULL);
    }
    expect_done(fixture, ann);
    expect_done(fixture, bob);
    assert_whole(fixture, 2);
    daemon_stop(fixture);
}

static void killed_daemons_lose_nothing(void **state)
{
    interrupt_two_runs(*state, daemon_kill);
}

static void stopped_daemons_lose_nothing(void **state)
{
    interrupt_two_runs(*state, daemon_stop);
}

static void wait_for_text(const char *path, const char *text)
{
    char found[64] = "";
    const time_t until = time(NULL) + DAEMON_DEADLINE_MS / 1000;
    while (strcmp(found, text) != 0) {
        FILE *file = fopen(path, "r");
        const size_t length = file ? fread(found, 1, sizeof found - 1, file) : 0;
        found[length] = '\0';
        if (file)
            (void)fclose(file);
        if (time(NULL) > until)
            fail_msg("expected '%s', found '%s'", text, found);
        usleep(10000);
    }
}

/* The daemon is killed while it tells of a run: the next one tells again, and that is all. */
static void a_notification_is_not_lost(void **state)
{
    daemon_fixture *fixture = *state;
    char key[32], told[96], command[160];
    snprintf(told, sizeof told, "%s/told", fixture->cli.folder);
    snprintf(command, sizeof command, "echo first >>'%s'; sleep 50", told);
    daemon_start(fixture, (const char *const[]){"--notify", command, NULL});
    daemon_submit(fixture, "told", 1, "{}", key);
    wait_for_text(told, "first\n");
    daemon_kill(fixture);
    snprintf(command, sizeof command, "echo $HILFARM_RUN >>'%s'", told);
    char expected[64];
    snprintf(expected, sizeof expected, "first\n%s\n", key);
    daemon_start(fixture, (const char *const[]){"--notify", command, NULL});
    wait_for_text(told, expected);
    daemon_stop(fixture);
    daemon_start(fixture, (const char *const[]){"--notify", command, NULL});
    daemon_stop(fixture); /* after what is due */
    wait_for_text(told, expected);
}

static void what_people_changed_is_kept(void **state)
{
    daemon_fixture *fixture = *state;
    char first[32], second[32], path[64];
    daemon_start(fixture, NULL);
    daemon_submit(fixture, "first", 9, "{}", first);
    daemon_submit(fixture, "second", 9, "{}", second);
    snprintf(path, sizeof path, "/runs/%s/priority", second);
    json_decref(daemon_ask(fixture, "POST", path, "{\"priority\":-8}", 200));
    json_decref(daemon_ask(fixture, "POST", path, "{\"priority\":-9}", 400));
    snprintf(path, sizeof path, "/runs/%s/cancel", first);
    json_decref(daemon_ask(fixture, "POST", path, NULL, 200));
    daemon_kill(fixture); /* perhaps before the cancelled run has ended */
    daemon_start(fixture, NULL);
    json_t *queue = daemon_ask(fixture, "GET", "/queue", NULL, 200);
    const size_t count = json_array_size(json_object_get(queue, "runs"));
    json_t *last = json_array_get(json_object_get(queue, "runs"), count - 1);
    assert_string_equal(json_text(last, "key"), second);
    assert_int_equal(json_number(last, "priority"), -8);
    json_decref(queue);
    json_t *end = daemon_follow(fixture, first);
    assert_string_equal(json_text(end, "summary.state"), "interrupted");
    json_decref(end);
    daemon_stop(fixture);
}

/* A client that was following sees the end of the run, although the daemon was killed in between. */
static void a_follower_goes_on(void **state)
{
    daemon_fixture *fixture = *state;
    char key[32];
    raw_http http;
    daemon_start(fixture, NULL);
    daemon_submit(fixture, "follow", MODELS, "{}", key);
    daemon_open_events(fixture, &http, key, "0");
    assert_true(raw_http_expect(&http, "\"measured\",\"job\""));
    daemon_kill(fixture);
    assert_true(raw_http_expect_end(&http));
    assert_null(strstr(http.answer, "event: over"));
    raw_http_close(&http);
    daemon_start(fixture, NULL);
    daemon_open_events(fixture, &http, key, "1764500000000-1"); /* an id of the daemon before */
    for (int i = 0; i < 4 && !strstr(http.answer, "event: over"); i++)
        (void)raw_http_expect(&http, "event: over");
    assert_non_null(strstr(http.answer, "event: over"));
    assert_non_null(strstr(http.answer, "event: event"));
    raw_http_close(&http);
    assert_whole(fixture, 1);
    daemon_stop(fixture);
}

static void a_daemon_has_its_folder_alone(void **state)
{
    daemon_fixture *fixture = *state;
    char folder[128], other[128];
    process second;
    daemon_start(fixture, NULL);
    snprintf(folder, sizeof folder, "%s/state", fixture->cli.folder);
    snprintf(other, sizeof other, "%s/other", fixture->cli.folder);
    const char *const same_state[] = {cli_program("hilfarmd"), "--state", folder, "--socket", other, NULL};
    assert_true(process_start(&second, same_state));
    assert_int_equal(process_wait_exit(&second, DAEMON_DEADLINE_MS), 3);
    assert_non_null(strstr(second.output, "another hilfarmd uses the state folder"));
    const char *const same_socket[] = {cli_program("hilfarmd"), "--state", other, "--socket",
                                       fixture->socket,         NULL};
    assert_true(process_start(&second, same_socket));
    assert_int_equal(process_wait_exit(&second, DAEMON_DEADLINE_MS), 3);
    assert_non_null(strstr(second.output, "another process listens there"));
    json_decref(daemon_ask(fixture, "GET", "", NULL, 200));
    daemon_stop(fixture);
    assert_int_not_equal(access(fixture->socket, F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(killed_daemons_lose_nothing, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(stopped_daemons_lose_nothing, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(what_people_changed_is_kept, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(a_notification_is_not_lost, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(a_follower_goes_on, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(a_daemon_has_its_folder_alone, daemon_set_up, daemon_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
