/* SPDX-License-Identifier: Apache-2.0 */
#include "farm_fixture.h"

#include <sqlite3.h>

#include "base/clock.h"
#include "base/file.h"
#include "farm/partial_run.h"

#define WAIT_MS 60000

#define assert_ok(status, err)                                                                               \
    do {                                                                                                     \
        hf_status assert_ok_status = (status);                                                               \
        if (assert_ok_status != HF_OK)                                                                       \
            fail_msg("%s: %s", hf_status_name(assert_ok_status), (err)->message);                            \
    } while (0)

int farm_set_up(void **state)
{
    farm_fixture *fixture = calloc(1, sizeof *fixture);
    if (!fixture)
        return -1;
    strcpy(fixture->folder, "/tmp/hilfarm-farm-XXXXXX");
    if (!mkdtemp(fixture->folder))
        return -1;
    snprintf(fixture->db, sizeof fixture->db, "%s/farm.db", fixture->folder);
    uv_loop_init(&fixture->loop);
    *state = fixture;
    return 0;
}

int farm_tear_down(void **state)
{
    farm_fixture *fixture = *state;
    if (fixture->controller) { /* the test failed */
        hf_controller_stop(fixture->controller, true, "test failed");
        farm_drain(fixture);
    }
    for (uint32_t i = 0; i < fixture->run_count; i++) {
        hf_store_close(fixture->runs[i].store);
        hf_report_free(&fixture->runs[i].earlier);
        hf_selection_free(&fixture->runs[i].selection);
        hf_spec_free(fixture->runs[i].spec);
    }
    hf_golden_free(fixture->golden);
    hf_farm_free(fixture->farm);
    const int closed = uv_loop_close(&fixture->loop);
    (void)hf_remove_tree(fixture->folder, NULL);
    free(fixture);
    return closed;
}

/* ---- The controller ---- */

static void on_board(void *user, const hf_board_event *event)
{
    farm_fixture *fixture = user;
    if (fixture->board_event_count < 16) {
        fixture->board_events[fixture->board_event_count] = *event;
        fixture->board_events[fixture->board_event_count++].message = NULL;
    }
}

static void on_checked(void *user, const hf_board_check *check)
{
    farm_fixture *fixture = user;
    assert_true(fixture->check_count < 16);
    assert_true(check->passed || check->error->status != HF_OK);
    fixture->checks[fixture->check_count++] = *check;
}

/* A thread of its own; the boards' checks come one after the other in these tests. */
static hf_status request_check(void *user, const hf_farm_board *board, hf_attempt_request *out, hf_error *err)
{
    farm_fixture *fixture = user;
    (void)board;
    hf_status status = fixture->golden ? HF_OK : hf_golden_new(&fixture->golden, err);
    if (status == HF_OK)
        *out = hf_golden_request(fixture->golden);
    return status;
}

static hf_status judge_check(void *user, const hf_farm_board *board, const hf_attempt_result *result,
                             hf_error *err)
{
    const farm_fixture *fixture = user;
    assert_true(result->sample_count > 0);
    return fixture->drifted
               ? HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EMISMATCH, "%s is too slow", board->config.id)
               : HF_OK;
}

static void on_drained(void *user)
{
    farm_fixture *fixture = user;
    hf_controller_free(fixture->controller);
    fixture->controller = NULL;
}

void farm_start_with(farm_fixture *fixture, const char *yaml, const hf_board_standing *standing)
{
    hf_error err = {0};
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    hf_status status = hf_farm_parse("farm.yaml", yaml, strlen(yaml), &fixture->farm, diagnostics, &err);
    if (hf_diagnostics_total(diagnostics))
        fail_msg("%s", hf_diagnostics_render(diagnostics));
    hf_diagnostics_free(diagnostics);
    assert_ok(status, &err);
    const char *firmware_dir = getenv("HILFARM_FIRMWARE_DIR"), *bin_dir = getenv("HILFARM_BIN_DIR");
    static char vboard[1024];
    snprintf(vboard, sizeof vboard, "%s/hilfarm-vboard", bin_dir ? bin_dir : "build/release/bin");
    const hf_controller_options options = {
        .loop = &fixture->loop,
        .farm = fixture->farm,
        .firmware_dir = fixture->firmware_dir ? fixture->firmware_dir
                        : firmware_dir        ? firmware_dir
                                              : "build/release/firmware",
        .vboard_path = vboard,
        .policy = {.busy_wait_ns = HF_NS_PER_S,
                   .check_before_readmission = true,
                   .quarantine_ns = fixture->quarantine_ns,
                   .max_quarantines = 3},
        .boards = standing,
        .checks = {.user = fixture, .request = request_check, .judge = judge_check},
        .observer = {.user = fixture, .board = on_board, .checked = on_checked, .drained = on_drained},
    };
    assert_ok(hf_controller_new(&options, &fixture->controller, &err), &err);
}

void farm_start(farm_fixture *fixture, const char *yaml)
{
    farm_start_with(fixture, yaml, NULL);
}

static void on_timeout(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

static void on_timer_closed(uv_handle_t *timer)
{
    (void)timer;
}

void farm_wait(farm_fixture *fixture, bool (*holds)(void *user), void *user, const char *what)
{
    bool timed_out = false;
    uv_timer_t timer = {.data = &timed_out};
    uv_timer_init(&fixture->loop, &timer);
    uv_timer_start(&timer, on_timeout, WAIT_MS, 0);
    while (!holds(user) && !timed_out)
        uv_run(&fixture->loop, UV_RUN_ONCE);
    const bool held = holds(user);
    uv_close((uv_handle_t *)&timer, on_timer_closed);
    uv_run(&fixture->loop, UV_RUN_NOWAIT);
    if (!held)
        fail_msg("after %d ms: %s", WAIT_MS, what);
}

static bool has_drained(void *user)
{
    return !((farm_fixture *)user)->controller;
}

void farm_drain(farm_fixture *fixture)
{
    hf_controller_drain(fixture->controller);
    farm_wait(fixture, has_drained, fixture, "the controller has not drained");
    uv_run(&fixture->loop, UV_RUN_NOWAIT); /* closes its handles */
}

/* ---- Runs ---- */

static void on_event(void *user, const hf_run_event *event)
{
    fixture_run *run = user;
    assert_false(run->over);
    assert_true(run->event_count < FIXTURE_EVENTS);
    seen_event *seen = &run->events[run->event_count++];
    seen->kind = event->kind;
    snprintf(seen->job, sizeof seen->job, "%s", event->job ? event->job : "");
    snprintf(seen->board, sizeof seen->board, "%s", event->board ? event->board : "");
    if (run->on_event)
        run->on_event(run, event);
}

static void on_over(void *user, hf_status status, const hf_run_summary *summary, const hf_error *err)
{
    fixture_run *run = user;
    assert_false(run->over);
    run->over = true;
    run->run = NULL;
    run->status = status;
    run->summary = *summary;
    run->error = *err;
}

/* A run that is not begun yet. */
static fixture_run *prepare(farm_fixture *fixture, const char *db, const char *yaml, const char *ids)
{
    hf_error err = {0};
    fixture_run *run = &fixture->runs[fixture->run_count++];
    hf_diagnostics *diagnostics = hf_diagnostics_new();
    run->fixture = fixture;
    hf_status status = hf_spec_parse("spec.yaml", yaml, strlen(yaml), false, &run->spec, diagnostics, &err);
    if (status == HF_OK)
        status = hf_farm_select(fixture->farm, run->spec, &run->selection, diagnostics, &err);
    if (status == HF_OK && ids)
        status = hf_partial_run_boards(fixture->farm, ids, &run->selection, &err);
    if (hf_diagnostics_total(diagnostics))
        fail_msg("%s", hf_diagnostics_render(diagnostics));
    hf_diagnostics_free(diagnostics);
    assert_ok(status, &err);
    assert_ok(hf_store_open(db, &run->store, &err), &err);
    return run;
}

static fixture_run *begin(fixture_run *run, uint32_t owner, int32_t priority)
{
    hf_error err = {0};
    const hf_run_record record = {.spec = run->spec,
                                  .farm = run->fixture->farm,
                                  .selection = &run->selection,
                                  .version = "test",
                                  .priority = priority,
                                  .resumed_id = run->earlier.run.id};
    hf_controller_request request = {
        .spec = run->spec,
        .selection = &run->selection,
        .store = run->store,
        .earlier = run->earlier.run.id ? &run->earlier : NULL,
        .owner = owner,
        .priority = priority,
        .observer = {.user = run, .event = on_event, .over = on_over},
    };
    assert_ok(hf_run_begin(run->store, &record, &request.run_id, &err), &err);
    assert_ok(hf_controller_add_run(run->fixture->controller, &request, &run->run, &err), &err);
    return run;
}

fixture_run *farm_add(farm_fixture *fixture, const char *yaml, const char *ids, uint32_t owner,
                      int32_t priority)
{
    return begin(prepare(fixture, fixture->db, yaml, ids), owner, priority);
}

fixture_run *farm_add_to(farm_fixture *fixture, const char *db, const char *yaml)
{
    char path[96];
    snprintf(path, sizeof path, "%s/%s", fixture->folder, db);
    return begin(prepare(fixture, path, yaml, NULL), 1, 0);
}

fixture_run *farm_resume(fixture_run *ended, const char *yaml)
{
    hf_error err = {0};
    fixture_run *run = prepare(ended->fixture, ended->fixture->db, yaml, NULL);
    assert_ok(hf_store_load_report(run->store, ended->summary.run_id, &run->earlier, &err), &err);
    return begin(run, 1, 0);
}

static bool is_over(void *user)
{
    return ((fixture_run *)user)->over;
}

void farm_wait_over(fixture_run *run)
{
    farm_wait(run->fixture, is_over, run, "the run is not over");
}

/* ---- Looking ---- */

int64_t farm_query(const farm_fixture *fixture, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open_v2(fixture->db, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_busy_timeout(db, WAIT_MS);
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    const int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return number;
}

uint32_t farm_find_event(const fixture_run *run, hf_run_event_kind kind, uint32_t from)
{
    while (from < run->event_count && run->events[from].kind != kind)
        from++;
    return from;
}

hf_schedule_board_state farm_board_state(const farm_fixture *fixture, const char *id)
{
    uint32_t count, index;
    assert_true(hf_controller_find_board(fixture->controller, id, &index));
    const hf_board_view *boards = hf_controller_boards(fixture->controller, &count);
    assert_true(index < count);
    return boards[index].status.state;
}
