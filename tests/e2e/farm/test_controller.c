/* SPDX-License-Identifier: Apache-2.0 */
/* Several runs on the boards of one controller: sharing, stopping, limiting to boards, people's decisions, hooks. */
#include <signal.h>
#include <sqlite3.h>

#include "base/clock.h"
#include "farm_fixture.h"

#define TWO_BOARDS                                                                                           \
    "boards:\n"                                                                                              \
    "  - {id: left, chip: stm32l4r5zi, virtual: true, baud: 921600}\n"                                       \
    "  - {id: right, chip: stm32l4r5zi, virtual: true, baud: 921600}\n"
#define ONE_BOARD "boards: [{id: left, chip: stm32l4r5zi, virtual: true, baud: 921600}]\n"

/* A spec with a variation for each value of alpha. */
#define SPEC(name, alphas)                                                                                   \
    "name: " name "\n"                                                                                       \
    "models:\n"                                                                                              \
    "  - {family: mobilenetv1, alpha: [" alphas "], resolution: 32, channels: 1, classes: 2,"                \
    " l: 1, ll: 16, pl: 16}\n"                                                                               \
    "measure: {warmup: 0, runs: 1}\n"

/* How many results of a run meet a condition. */
static int64_t count(const farm_fixture *fixture, const fixture_run *run, const char *condition)
{
    char sql[256];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM results WHERE run_id = %lld AND %s",
             (long long)run->summary.run_id, condition);
    return farm_query(fixture, sql);
}

#define MEASURED "outcome = 'measured'"
#define NOT_RUN  "outcome = 'not_run'"

static void assert_whole(const farm_fixture *fixture, const fixture_run *run, uint32_t models)
{
    if (run->status != HF_OK)
        fail_msg("%s", run->error.message);
    assert_int_equal(run->summary.state, HF_RUN_DONE);
    assert_int_equal(run->summary.measured, models);
    assert_int_equal(count(fixture, run, "1"), models);
    assert_int_equal(count(fixture, run, MEASURED), models);
}

static void test_two_runs_share_boards(void **state)
{
    farm_fixture *fixture = *state;
    farm_start(fixture, TWO_BOARDS);
    fixture_run *first = farm_add(fixture, SPEC("first", "0.1, 0.2, 0.3"), NULL, 1, 0);
    fixture_run *second = farm_add(fixture, SPEC("second", "0.2, 0.4"), NULL, 2, 0);
    farm_wait_over(first);
    farm_wait_over(second);
    assert_whole(fixture, first, 3);
    assert_whole(fixture, second, 2);
    assert_int_equal(farm_query(fixture, "SELECT count(*) FROM attempts"), 5);
    farm_drain(fixture);
}

static bool first_measured(void *user)
{
    const fixture_run *run = user;
    return farm_find_event(run, HF_RUN_EVENT_MEASURED, 0) < run->event_count;
}

/* Without sharing, the second run would wait for all of the first. */
static void test_a_run_added_later_gets_the_next_board(void **state)
{
    farm_fixture *fixture = *state;
    farm_start(fixture, ONE_BOARD);
    fixture_run *first =
        farm_add(fixture, SPEC("long", "0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45"), NULL, 1, 0);
    farm_wait(fixture, first_measured, first, "nothing was measured");
    fixture_run *second = farm_add(fixture, SPEC("short", "0.1"), NULL, 2, 0);
    farm_wait_over(second);
    assert_whole(fixture, second, 1);
    assert_false(first->over);
    assert_true(first->event_count < 8);
    farm_wait_over(first);
    assert_whole(fixture, first, 8);
    farm_drain(fixture);
}

static void stop_now(fixture_run *run, const hf_run_event *event)
{
    if (event->kind == HF_RUN_EVENT_MEASURED && event->finished == 1)
        hf_controller_stop_run(run->run, "by ann");
}

static void test_stopping_one_run_leaves_the_other(void **state)
{
    farm_fixture *fixture = *state;
    farm_start(fixture, TWO_BOARDS);
    fixture_run *stopped = farm_add(fixture, SPEC("stopped", "0.1, 0.15, 0.2, 0.25, 0.3, 0.35"), NULL, 1, 0);
    fixture_run *other = farm_add(fixture, SPEC("other", "0.1, 0.2, 0.3, 0.4"), NULL, 2, 0);
    stopped->on_event = stop_now;
    farm_wait_over(stopped);
    farm_wait_over(other);
    assert_whole(fixture, other, 4);
    assert_int_equal(stopped->status, HF_OK);
    assert_int_equal(stopped->summary.state, HF_RUN_INTERRUPTED);
    assert_true(stopped->summary.interrupted);
    assert_true(stopped->summary.measured >= 1);
    assert_int_equal(stopped->summary.measured + stopped->summary.not_run, 6);
    assert_int_equal(count(fixture, stopped, MEASURED), stopped->summary.measured);
    assert_int_equal(count(fixture, stopped, NOT_RUN), stopped->summary.not_run);
    assert_int_equal(count(fixture, stopped, NOT_RUN " AND message = 'stopped on request (by ann)'"),
                     stopped->summary.not_run);
    farm_drain(fixture);
}

/* What was measured stays, what is missing is measured once. */
static void test_a_stopped_run_is_resumed(void **state)
{
    static const char spec[] = SPEC("resumed", "0.1, 0.15, 0.2, 0.25");
    farm_fixture *fixture = *state;
    farm_start(fixture, ONE_BOARD);
    fixture_run *stopped = farm_add(fixture, spec, NULL, 1, 0);
    stopped->on_event = stop_now;
    farm_wait_over(stopped);
    assert_int_equal(stopped->summary.state, HF_RUN_INTERRUPTED);
    assert_true(stopped->summary.not_run > 0);
    fixture_run *resumed = farm_resume(stopped, spec);
    farm_wait_over(resumed);
    assert_int_equal(resumed->summary.run_id, stopped->summary.run_id);
    assert_whole(fixture, resumed, 4);
    assert_int_equal(farm_query(fixture, "SELECT count(*) FROM attempts WHERE succeeded"), 4);
    farm_drain(fixture);
}

static void test_a_run_keeps_to_its_boards(void **state)
{
    farm_fixture *fixture = *state;
    farm_start(fixture, TWO_BOARDS);
    fixture_run *limited = farm_add(fixture, SPEC("limited", "0.1, 0.2, 0.3"), "right", 1, 0);
    farm_wait_over(limited);
    assert_whole(fixture, limited, 3);
    assert_int_equal(farm_query(fixture, "SELECT count(*) FROM attempts WHERE board_id IN"
                                         " (SELECT id FROM boards WHERE name <> 'right')"),
                     0);
    assert_int_equal(farm_board_state(fixture, "left"), HF_BOARD_CLOSED);
    farm_drain(fixture);
}

static bool is_shut(void *user)
{
    farm_fixture *fixture = user;
    return farm_board_state(fixture, "left") == HF_BOARD_CLOSED;
}

/* Boards are free for other programs while there is no run, and are opened again for the next one. */
static void test_boards_close_between_runs(void **state)
{
    farm_fixture *fixture = *state;
    farm_start(fixture, ONE_BOARD);
    farm_wait_over(farm_add(fixture, SPEC("first", "0.1"), NULL, 1, 0));
    farm_wait(fixture, is_shut, fixture, "the board is open");
    fixture_run *second = farm_add(fixture, SPEC("second", "0.1"), NULL, 1, 0);
    farm_wait_over(second);
    assert_whole(fixture, second, 1);
    farm_drain(fixture);
}

static void test_reserved_and_disabled_boards_get_no_job(void **state)
{
    farm_fixture *fixture = *state;
    const hf_board_standing standing[2] = {{.disabled = true}, {0}};
    uint32_t left = 0, right = 0;
    farm_start_with(fixture, TWO_BOARDS, standing);
    assert_true(hf_controller_find_board(fixture->controller, "left", &left));
    assert_true(hf_controller_find_board(fixture->controller, "right", &right));
    assert_false(hf_controller_find_board(fixture->controller, "middle", &right));
    assert_int_equal(farm_board_state(fixture, "left"), HF_BOARD_DISABLED);
    fixture_run *first = farm_add(fixture, SPEC("first", "0.1, 0.2"), NULL, 1, 0);
    farm_wait_over(first);
    assert_whole(fixture, first, 2);
    assert_int_equal(farm_find_event(first, HF_RUN_EVENT_MEASURED, 0), 0);
    for (uint32_t i = 0; i < first->event_count; i++)
        assert_string_equal(first->events[i].board, "right");
    hf_controller_enable_board(fixture->controller, left);
    hf_controller_reserve_board(fixture->controller, right, 0);
    fixture_run *second = farm_add(fixture, SPEC("second", "0.1, 0.2"), NULL, 1, 0);
    farm_wait_over(second);
    assert_whole(fixture, second, 2);
    for (uint32_t i = 0; i < second->event_count; i++)
        assert_string_equal(second->events[i].board, "left");
    hf_controller_release_board(fixture->controller, right);
    farm_drain(fixture);
}

/* A run that waits for a reserved board begins when it is released. */
static void test_a_released_board_is_used(void **state)
{
    farm_fixture *fixture = *state;
    const hf_board_standing standing = {.reserved = true, .reserved_until_ms = hf_wall_ms() + 3600000};
    farm_start_with(fixture, ONE_BOARD, &standing);
    fixture_run *run = farm_add(fixture, SPEC("waiting", "0.1"), NULL, 1, 0);
    fixture_run *nothing = farm_add(fixture, SPEC("large", "0.1") "constraints: {rom: 1 KB}\n", NULL, 2, 0);
    farm_wait_over(nothing); /* by then the first one waits as well, or will find the board reserved */
    assert_int_equal(nothing->summary.pruned, 1);
    assert_false(run->over);
    hf_controller_release_board(fixture->controller, 0);
    farm_wait_over(run);
    assert_whole(fixture, run, 1);
    farm_drain(fixture);
}

/* ---- Failures ---- */

/* The store of one run loses its table; nothing of that run can be recorded any more. */
static void lose_a_table(fixture_run *run, const hf_run_event *event)
{
    char path[96];
    sqlite3 *db = NULL;
    if (event->kind != HF_RUN_EVENT_MEASURED || event->finished != 1)
        return;
    snprintf(path, sizeof path, "%s/broken.db", run->fixture->folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    assert_int_equal(sqlite3_exec(db, "PRAGMA foreign_keys = OFF; DROP TABLE samples", NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
}

static void test_a_broken_store_ends_its_own_run(void **state)
{
    farm_fixture *fixture = *state;
    farm_start(fixture, TWO_BOARDS);
    fixture_run *broken =
        farm_add_to(fixture, "broken.db", SPEC("broken", "0.1, 0.15, 0.2, 0.25, 0.3, 0.35"));
    fixture_run *other = farm_add(fixture, SPEC("other", "0.1, 0.2, 0.3, 0.4"), NULL, 2, 0);
    broken->on_event = lose_a_table;
    farm_wait_over(broken);
    farm_wait_over(other);
    assert_whole(fixture, other, 4);
    assert_int_equal(broken->status, HF_ESTORE);
    assert_int_equal(broken->summary.state, HF_RUN_ABORTED);
    assert_true(broken->summary.not_run > 0);
    farm_drain(fixture);
}

/* Nothing can be measured without the firmware. A run that is pruned needs none. */
static void test_a_missing_firmware_ends_its_own_run(void **state)
{
    farm_fixture *fixture = *state;
    fixture->firmware_dir = fixture->folder;
    farm_start(fixture, ONE_BOARD);
    fixture_run *without = farm_add(fixture, SPEC("without", "0.1"), NULL, 1, 0);
    fixture_run *pruned = farm_add(fixture, SPEC("pruned", "0.1") "constraints: {rom: 1 KB}\n", NULL, 2, 0);
    farm_wait_over(without);
    farm_wait_over(pruned);
    assert_int_equal(without->error.fault, HF_FAULT_FARM);
    assert_non_null(strstr(without->error.message, "hilfarm-stm32l4r5zi.bin"));
    assert_int_equal(
        count(fixture, without, NOT_RUN " AND message LIKE 'the farm failed: %hilfarm-stm32l4r5zi%'"), 1);
    assert_int_equal(pruned->status, HF_OK);
    assert_int_equal(pruned->summary.pruned, 1);
    assert_int_equal(farm_board_state(fixture, "left"), HF_BOARD_CLOSED);
    farm_drain(fixture);
}

static void test_jobs_of_a_disabled_board_are_not_run(void **state)
{
    farm_fixture *fixture = *state;
    const hf_board_standing standing = {.disabled = true};
    farm_start_with(fixture, ONE_BOARD, &standing);
    fixture_run *run = farm_add(fixture, SPEC("nowhere", "0.1, 0.2"), NULL, 1, 0);
    farm_wait_over(run);
    assert_int_equal(run->status, HF_OK);
    assert_int_equal(run->summary.state, HF_RUN_DONE);
    assert_int_equal(run->summary.in_use, 2);
    assert_int_equal(run->summary.dead_boards, 0);
    assert_int_equal(count(fixture, run, NOT_RUN " AND message = 'board disabled'"), 2);
    farm_drain(fixture);
}

/* ---- Health checks ---- */

static void test_a_board_that_needs_attention_is_checked_first(void **state)
{
    farm_fixture *fixture = *state;
    const hf_board_standing standing = {.needs_attention = true};
    uint32_t boards;
    farm_start_with(fixture, ONE_BOARD, &standing);
    assert_true(hf_controller_boards(fixture->controller, &boards)->status.needs_attention);
    fixture_run *run = farm_add(fixture, SPEC("checked", "0.1, 0.2"), NULL, 1, 0);
    farm_wait(fixture, first_measured, run, "nothing was measured");
    assert_int_equal(fixture->check_count, 1);
    assert_true(fixture->checks[0].passed);
    assert_false(hf_controller_boards(fixture->controller, &boards)->status.needs_attention);
    farm_wait_over(run);
    assert_whole(fixture, run, 2);
    assert_int_equal(farm_query(fixture, "SELECT count(*) FROM attempts"), 2); /* a check is none */
    farm_drain(fixture);
}

static bool has_check(void *user)
{
    return ((farm_fixture *)user)->check_count > 0;
}

static bool has_event(void *user)
{
    return ((farm_fixture *)user)->board_event_count > 0;
}

static void test_a_check_by_request_needs_no_run(void **state)
{
    farm_fixture *fixture = *state;
    hf_error err = {0};
    farm_start(fixture, ONE_BOARD);
    assert_int_equal(hf_controller_check_board(fixture->controller, 0, &err), HF_OK);
    farm_wait(fixture, has_check, fixture, "the board was not checked");
    assert_true(fixture->checks[0].passed);
    farm_wait(fixture, is_shut, fixture, "the board is open");
    hf_controller_disable_board(fixture->controller, 0);
    assert_int_equal(hf_controller_check_board(fixture->controller, 0, &err), HF_EINVALID);
    farm_drain(fixture);
}

/* The board fails its check and is given up; its job has no board. Enabled, it has to pass a check, and works again. */
static void test_a_failed_check_keeps_jobs_away(void **state)
{
    farm_fixture *fixture = *state;
    const hf_board_standing standing = {.needs_attention = true};
    farm_start_with(fixture, ONE_BOARD, &standing);
    fixture->drifted = true;
    fixture_run *run = farm_add(fixture, SPEC("unlucky", "0.1"), NULL, 1, 0);
    farm_wait_over(run);
    assert_int_equal(run->summary.no_board, 1);
    assert_int_equal(run->summary.dead_boards, 1);
    assert_int_equal(count(fixture, run, "message = 'no board left: left is too slow'"), 1);
    assert_int_equal(fixture->check_count, 1);
    assert_false(fixture->checks[0].passed);
    assert_int_equal(fixture->board_event_count, 1);
    assert_int_equal(fixture->board_events[0].kind, HF_BOARD_EVENT_GIVEN_UP);
    fixture->drifted = false;
    hf_controller_enable_board(fixture->controller, 0);
    fixture_run *again = farm_add(fixture, SPEC("lucky", "0.1"), NULL, 1, 0);
    farm_wait_over(again);
    assert_whole(fixture, again, 1);
    assert_int_equal(fixture->check_count, 2);
    assert_true(fixture->checks[1].passed);
    farm_drain(fixture);
}

/* A quarantine before a restart counts: one failure ends the probation, and the next quarantine is twice as long. */
static void test_an_earlier_quarantine_is_not_forgotten(void **state)
{
    farm_fixture *fixture = *state;
    const int64_t hour_ms = 3600000, before_ms = hf_wall_ms();
    const hf_board_standing standing = {
        .quarantines = 1, .cause = HF_FAULT_SERIAL, .failure = "no answer yesterday"};
    uint32_t boards;
    fixture->quarantine_ns = (uint64_t)hour_ms * HF_NS_PER_MS;
    farm_start_with(fixture, ONE_BOARD, &standing);
    const hf_board_view *view = hf_controller_boards(fixture->controller, &boards);
    assert_int_equal(view->status.quarantines, 1);
    assert_int_equal(view->status.cause, HF_FAULT_SERIAL);
    assert_string_equal(view->failure, "no answer yesterday");
    fixture->drifted = true;
    assert_int_equal(hf_controller_check_board(fixture->controller, 0, NULL), HF_OK);
    farm_wait(fixture, has_check, fixture, "the board was not checked");
    farm_wait(fixture, has_event, fixture, "the board was not quarantined");
    const hf_board_event *event = &fixture->board_events[0];
    assert_int_equal(event->kind, HF_BOARD_EVENT_QUARANTINED);
    assert_int_equal(event->quarantines, 2);
    assert_true(event->until_ms > before_ms + hour_ms * 3 / 2 &&
                event->until_ms <= hf_wall_ms() + 2 * hour_ms);
    fixture->drifted = false; /* and a person ends it by another check */
    fixture->check_count = 0;
    assert_int_equal(hf_controller_check_board(fixture->controller, 0, NULL), HF_OK);
    farm_wait(fixture, has_check, fixture, "the board was not checked");
    assert_true(fixture->checks[0].passed);
    assert_int_equal(fixture->board_events[1].kind, HF_BOARD_EVENT_BACK);
    farm_drain(fixture);
}

/* ---- Hooks ---- */

static bool file_exists(void *user)
{
    return access(user, F_OK) == 0;
}

/* The hook would sleep for an hour; its shell and the sleep are gone afterwards. */
static void test_a_hook_is_cancelled(void **state)
{
    farm_fixture *fixture = *state;
    char farm[512], pid_file[96];
    snprintf(pid_file, sizeof pid_file, "%s/pid", fixture->folder);
    snprintf(farm, sizeof farm,
             "hooks: {before_run: \"echo $$ >%s.new; mv %s.new %s; sleep 3600\", deadline: 1 h,"
             " after_run: \"touch %s/after\"}\n" ONE_BOARD,
             pid_file, pid_file, pid_file, fixture->folder);
    farm_start(fixture, farm);
    fixture_run *run = farm_add(fixture, SPEC("hooked", "0.1, 0.2"), NULL, 1, 0);
    farm_wait(fixture, file_exists, pid_file, "the hook has not begun");
    hf_controller_stop_run(run->run, "INT");
    farm_wait_over(run);
    assert_int_equal(run->status, HF_OK);
    assert_true(run->summary.interrupted);
    assert_int_equal(count(fixture, run, NOT_RUN " AND message = 'stopped on request (INT)'"), 2);
    snprintf(farm, sizeof farm, "%s/after", fixture->folder);
    assert_false(file_exists(farm)); /* hooks.before_run did not succeed */
    char text[16] = "";
    FILE *file = fopen(pid_file, "re");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    fclose(file);
    assert_int_equal(kill((pid_t)strtol(text, NULL, 10), 0), -1);
    farm_drain(fixture);
}

/* Another run is not held up by the hook of the first. */
static void test_a_slow_hook_does_not_hold_up_others(void **state)
{
    farm_fixture *fixture = *state;
    char farm[512], go[96];
    snprintf(go, sizeof go, "%s/go", fixture->folder);
    snprintf(farm, sizeof farm,
             "hooks: {before_run: \"test $HILFARM_RUN != 1 || while [ ! -e %s ]; do sleep 0.05; "
             "done\"}\n" ONE_BOARD,
             go);
    farm_start(fixture, farm);
    fixture_run *slow = farm_add(fixture, SPEC("slow", "0.1"), NULL, 1, 0);
    fixture_run *quick = farm_add(fixture, SPEC("quick", "0.1"), NULL, 1, 0);
    farm_wait_over(quick);
    assert_whole(fixture, quick, 1);
    assert_false(slow->over);
    FILE *file = fopen(go, "we");
    assert_non_null(file);
    fclose(file);
    farm_wait_over(slow);
    assert_whole(fixture, slow, 1);
    farm_drain(fixture);
}

/* ---- Draining ---- */

static void test_draining_takes_no_more_runs(void **state)
{
    farm_fixture *fixture = *state;
    farm_start(fixture, ONE_BOARD);
    fixture_run *run = farm_add(fixture, SPEC("last", "0.1"), NULL, 1, 0);
    hf_controller_drain(fixture->controller);
    hf_controller_request late = {.spec = run->spec, .selection = &run->selection, .store = run->store};
    hf_controller_run *none = NULL;
    hf_error err = {0};
    assert_int_equal(hf_controller_add_run(fixture->controller, &late, &none, &err), HF_EINVALID);
    assert_null(none);
    farm_drain(fixture);
    assert_true(run->over);
    assert_whole(fixture, run, 1);
}

static void test_priority_is_checked(void **state)
{
    farm_fixture *fixture = *state;
    hf_error err = {0};
    farm_start(fixture, ONE_BOARD);
    fixture_run *run = farm_add(fixture, SPEC("any", "0.1, 0.2"), NULL, 1, 0);
    assert_int_equal(hf_controller_set_priority(run->run, 9, &err), HF_EINVALID);
    assert_int_equal(hf_controller_set_priority(run->run, 8, NULL), HF_OK);
    farm_wait(fixture, first_measured, run, "nothing was measured");
    assert_int_equal(hf_controller_set_priority(run->run, -8, NULL), HF_OK);
    farm_wait_over(run);
    assert_whole(fixture, run, 2);
    farm_drain(fixture);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, farm_set_up, farm_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_two_runs_share_boards),
        CASE(test_a_run_added_later_gets_the_next_board),
        CASE(test_stopping_one_run_leaves_the_other),
        CASE(test_a_stopped_run_is_resumed),
        CASE(test_a_run_keeps_to_its_boards),
        CASE(test_boards_close_between_runs),
        CASE(test_reserved_and_disabled_boards_get_no_job),
        CASE(test_a_released_board_is_used),
        CASE(test_a_broken_store_ends_its_own_run),
        CASE(test_a_missing_firmware_ends_its_own_run),
        CASE(test_jobs_of_a_disabled_board_are_not_run),
        CASE(test_a_board_that_needs_attention_is_checked_first),
        CASE(test_a_check_by_request_needs_no_run),
        CASE(test_a_failed_check_keeps_jobs_away),
        CASE(test_an_earlier_quarantine_is_not_forgotten),
        CASE(test_a_hook_is_cancelled),
        CASE(test_a_slow_hook_does_not_hold_up_others),
        CASE(test_draining_takes_no_more_runs),
        CASE(test_priority_is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
