/* SPDX-License-Identifier: Apache-2.0 */
/* What checks and events leave in the store, and how boards stand at the next start. */
#include "hf_test.h"

#include "health/board_record.h"
#include "health/golden.h"
#include "health/monitor.h"
#include "store/board_health.h"

#define IMAGE 0xabcd1234u

typedef struct fixture {
    char folder[40], path[64];
    hf_store *store;
    hf_farm *farm;
    hf_sample sample;
    hf_attempt_result result;
} fixture;

static int set_up(void **state)
{
    static fixture f;
    hf_error err = {0};
    f = (fixture){.folder = "/tmp/hf-health-XXXXXX"};
    *state = &f;
    if (!mkdtemp(f.folder))
        return -1;
    snprintf(f.path, sizeof f.path, "%s/hilfarm.db", f.folder);
    assert_int_equal(hf_store_open(f.path, &f.store, &err), HF_OK);
    assert_int_equal(hf_farm_default(&f.farm, &err), HF_OK);
    f.sample.cycles = 1000;
    f.result = (hf_attempt_result){.samples = &f.sample, .sample_count = 1, .clock_hz = 120000000};
    snprintf(f.result.firmware_id, sizeof f.result.firmware_id, "f1");
    snprintf(f.result.clock_source, sizeof f.result.clock_source, "msi_lse");
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    char command[96];
    hf_store_close(f->store);
    hf_farm_free(f->farm);
    snprintf(command, sizeof command, "rm -rf '%s'", f->folder);
    return system(command); /* NOLINT(cert-env33-c): a folder of our own */
}

/* A check of board 0 that took so many cycles. */
static hf_health_drift check(fixture *f, int64_t cycles)
{
    hf_error err = {0};
    hf_health_drift drift = {0};
    f->sample.cycles = cycles;
    const hf_health_observation observed = {
        .kind = HF_HEALTH_CHECK_MANUAL, .started_ms = 100, .image_crc32 = IMAGE, .result = &f->result};
    assert_int_equal(hf_health_record_check(f->store, &f->farm->boards[0], &observed, &drift, &err), HF_OK);
    return drift;
}

static void check_failed(fixture *f, hf_status status, hf_fault fault, const char *message)
{
    hf_error err = {0}, cause = {0};
    (void)HF_FAIL_AS(&cause, fault, status, "%s", message);
    const hf_health_observation observed = {
        .kind = HF_HEALTH_CHECK_NIGHTLY, .started_ms = 200, .image_crc32 = IMAGE, .error = &cause};
    assert_int_equal(hf_health_record_check(f->store, &f->farm->boards[0], &observed, NULL, &err), HF_OK);
}

static hf_board_state_row *load(fixture *f)
{
    hf_error err = {0};
    hf_board_state_row *rows = NULL;
    assert_int_equal(hf_health_load(f->store, f->farm, &rows, &err), HF_OK);
    assert_string_equal(rows[0].id, f->farm->boards[0].config.id);
    assert_string_equal(rows[1].id, f->farm->boards[1].config.id);
    return rows;
}

static void done(fixture *f, hf_board_state_row *rows)
{
    hf_rows_free(&hf_board_state_row_type, rows, f->farm->board_count);
}

static size_t count_checks(fixture *f, hf_health_check_row **checks)
{
    hf_error err = {0};
    size_t count = 0;
    assert_int_equal(hf_store_list_health_checks(f->store, NULL, NULL, false, 100, checks, &count, &err),
                     HF_OK);
    return count;
}

static void the_first_good_check_is_the_reference(void **state)
{
    fixture *f = *state;
    assert_false(check(f, 1000).drifted);
    assert_false(check(f, 1000).drifted);
    assert_true(check(f, 1001).drifted);
    assert_true(check(f, 1001).drifted); /* the reference stays */
    assert_false(check(f, 1000).drifted);
    hf_board_state_row *rows = load(f);
    assert_int_equal(rows[0].golden_cycles, 1000);
    assert_int_equal(rows[1].golden_cycles, 0);
    done(f, rows);

    hf_health_check_row *checks = NULL;
    const size_t count = count_checks(f, &checks);
    assert_int_equal(count, 5);
    assert_true(checks[1].passed && checks[1].drifted);
    assert_string_equal(checks[1].message, "1001 cycles instead of 1000 (+0.1000 %; allowed are 0.0000 %)");
    assert_string_equal(checks[1].clock_source, "msi_lse");
    hf_rows_free(&hf_health_check_row_type, checks, count);
}

static void another_firmware_has_another_reference(void **state)
{
    fixture *f = *state;
    assert_false(check(f, 1000).drifted);
    f->result.firmware_id[1] = '2';
    assert_false(check(f, 900).drifted);
    assert_true(check(f, 901).drifted);
}

static void a_new_reference_is_accepted(void **state)
{
    fixture *f = *state;
    hf_error err = {0};
    int64_t cycles = 0;
    assert_int_equal(hf_health_accept(f->store, &f->farm->boards[0], &cycles, &err), HF_ENOTFOUND);
    check(f, 1000);
    assert_true(check(f, 1001).drifted);
    check_failed(f, HF_ETIMEOUT, HF_FAULT_SERIAL, "silent");
    assert_int_equal(hf_health_accept(f->store, &f->farm->boards[0], &cycles, &err), HF_OK);
    assert_int_equal(cycles, 1001);
    assert_false(check(f, 1001).drifted);
    assert_true(check(f, 1000).drifted);
}

static void a_failed_check_makes_a_board_need_attention(void **state)
{
    fixture *f = *state;
    check_failed(f, HF_EMISMATCH, HF_FAULT_JOB, "wrong output");
    hf_board_state_row *rows = load(f);
    assert_string_equal(rows[0].attention, "wrong output");
    assert_string_equal(rows[0].attention_fault, "board"); /* the golden image is right */
    assert_int_equal(rows[0].attention_ms, 200);
    assert_true(hf_health_standing(&rows[0], 300).needs_attention);
    assert_false(hf_health_standing(&rows[1], 300).needs_attention);
    done(f, rows);
    check(f, 1000);
    rows = load(f);
    assert_null(rows[0].attention);
    assert_false(hf_health_standing(&rows[0], 300).needs_attention);
    done(f, rows);
}

static void what_says_nothing_about_the_board(void **state)
{
    fixture *f = *state;
    hf_health_check_row *checks = NULL;
    check_failed(f, HF_EBUSY, HF_FAULT_BOARD, "in use");
    check_failed(f, HF_ECANCELLED, HF_FAULT_NONE, "stopped");
    check_failed(f, HF_ENOTFOUND, HF_FAULT_FARM, "no OpenOCD");
    check_failed(f, HF_ETIMEOUT, HF_FAULT_AGENT, "host lab2: its agent does not answer");
    assert_int_equal(count_checks(f, &checks), 0);
    hf_rows_free(&hf_health_check_row_type, checks, 0);
}

static void events_of_a_run(void **state)
{
    fixture *f = *state;
    hf_error err = {0};
    const hf_farm_board *board = &f->farm->boards[0];
    hf_board_event event = {.kind = HF_BOARD_EVENT_QUARANTINED,
                            .until_ms = 5000,
                            .quarantines = 2,
                            .fault = HF_FAULT_SERIAL,
                            .message = "silent"};
    assert_int_equal(hf_health_record_event(f->store, board, &event, 1000, &err), HF_OK);
    hf_board_state_row *rows = load(f);
    assert_int_equal(rows[0].quarantine_count, 2);
    hf_board_standing standing = hf_health_standing(&rows[0], 4999); /* it outlives its run */
    assert_int_equal(standing.quarantined_until_ms, 5000);
    assert_int_equal(standing.quarantines, 2);
    assert_int_equal(standing.cause, HF_FAULT_SERIAL);
    assert_string_equal(standing.failure, "silent");
    assert_false(standing.needs_attention);
    standing = hf_health_standing(&rows[0], 5000); /* over, and not forgotten */
    assert_int_equal(standing.quarantined_until_ms, 0);
    assert_int_equal(standing.quarantines, 2);
    done(f, rows);

    hf_health_monitor *monitor = NULL;       /* a person begins a run: the board is not to wait */
    event.until_ms = INT64_C(4102444800000); /* in the year 2100 */
    assert_int_equal(hf_health_record_event(f->store, board, &event, 1000, &err), HF_OK);
    assert_int_equal(hf_health_monitor_open(f->farm, f->path, HF_HEALTH_CHECK_NIGHTLY, &monitor, &err),
                     HF_OK);
    assert_int_equal(hf_health_monitor_standings(monitor)[0].quarantined_until_ms, event.until_ms);
    hf_health_monitor_end_quarantines(monitor);
    assert_int_equal(hf_health_monitor_standings(monitor)[0].quarantined_until_ms, 0);
    assert_int_equal(hf_health_monitor_standings(monitor)[0].quarantines, 2);
    assert_int_equal(hf_health_monitor_close(monitor, &err), HF_OK);

    event = (hf_board_event){.kind = HF_BOARD_EVENT_GIVEN_UP, .fault = HF_FAULT_PROBE, .message = "no probe"};
    assert_int_equal(hf_health_record_event(f->store, board, &event, 1000, &err), HF_OK);
    rows = load(f);
    assert_string_equal(rows[0].attention, "no probe");
    assert_string_equal(rows[0].attention_fault, "probe");
    done(f, rows);

    event = (hf_board_event){.kind = HF_BOARD_EVENT_BACK};
    assert_int_equal(hf_health_record_event(f->store, board, &event, 1000, &err), HF_OK);
    rows = load(f);
    assert_null(rows[0].attention);
    assert_int_equal(rows[0].quarantine_count, 0);
    assert_int_equal(rows[0].quarantined_until_ms, 0);
    assert_null(rows[0].quarantine_message);
    assert_null(rows[0].quarantine_fault);
    done(f, rows);
}

static void what_people_decide_stays(void **state)
{
    fixture *f = *state;
    hf_error err = {0};
    char by[] = "ann", why[] = "cable";
    hf_board_state_row row = {.id = (char *)f->farm->boards[0].config.id,
                              .chip = (char *)f->farm->boards[0].chip->name,
                              .modelled = true,
                              .disabled_reason = why,
                              .disabled_by = by,
                              .reserved_by = by,
                              .reserved_until_ms = 2000};
    assert_int_equal(
        hf_store_put_board_state(f->store, &row, HF_BOARD_PART_DISABLED | HF_BOARD_PART_RESERVED, &err),
        HF_OK);
    check(f, 1000); /* a check that passes changes neither */
    hf_board_state_row *rows = load(f);
    hf_board_standing standing = hf_health_standing(&rows[0], 1999);
    assert_true(standing.disabled && standing.reserved && !standing.needs_attention);
    assert_int_equal(standing.reserved_until_ms, 2000);
    assert_false(hf_health_standing(&rows[0], 2000).reserved); /* it has expired */
    done(f, rows);
}

static void a_monitor_records_in_the_background(void **state)
{
    fixture *f = *state;
    hf_error err = {0}, cause = {0};
    hf_health_monitor *monitor = NULL;
    check_failed(f, HF_ETIMEOUT, HF_FAULT_SERIAL, "silent");
    assert_int_equal(hf_health_monitor_open(f->farm, f->path, HF_HEALTH_CHECK_NIGHTLY, &monitor, &err),
                     HF_OK);
    assert_true(hf_health_monitor_standings(monitor)[0].needs_attention);
    assert_false(hf_health_monitor_standings(monitor)[1].needs_attention);

    hf_attempt_request request = {0};
    const hf_controller_checks checks = hf_health_monitor_checks(monitor);
    assert_int_equal(checks.request(checks.user, &f->farm->boards[0], &request, &err), HF_OK);
    assert_true(request.image_bytes > 0 && request.runs == HF_GOLDEN_RUNS && request.layer_crc32);
    assert_int_equal(checks.judge(checks.user, &f->farm->boards[0], &f->result, &err), HF_OK);

    hf_board_check check = {.board = 0, .started_ms = 300, .passed = true, .result = &f->result};
    hf_health_monitor_checked(monitor, &check);
    hf_health_monitor_checked(monitor, &check);
    (void)HF_FAIL_AS(&cause, HF_FAULT_PROBE, HF_ENOTFOUND, "no probe");
    check = (hf_board_check){.board = 1, .started_ms = 400, .error = &cause};
    hf_health_monitor_expect(monitor, 1, HF_HEALTH_CHECK_MANUAL);
    hf_health_monitor_checked(monitor, &check);
    const hf_board_event event = {
        .kind = HF_BOARD_EVENT_GIVEN_UP, .board = 1, .fault = HF_FAULT_SERIAL, .message = "gone"};
    hf_health_monitor_board(monitor, &event);
    assert_int_equal(hf_health_monitor_close(monitor, &err), HF_OK);

    hf_board_state_row *rows = load(f);
    assert_null(rows[0].attention);
    assert_string_equal(rows[1].attention, "gone");
    done(f, rows);
    hf_health_check_row *list = NULL;
    const size_t count = count_checks(f, &list);
    assert_int_equal(count, 4);
    assert_int_equal(list[0].kind, HF_HEALTH_CHECK_MANUAL);
    assert_string_equal(list[0].message, "no probe");
    assert_int_equal(list[1].kind, HF_HEALTH_CHECK_NIGHTLY);
    assert_int_equal(list[2].kind, HF_HEALTH_CHECK_READMISSION);
    assert_int_equal(list[2].image_crc32, list[1].image_crc32);
    assert_true(list[2].image_crc32 != 0);
    hf_rows_free(&hf_health_check_row_type, list, count);
}

static void a_monitor_reports_a_store_that_fails(void **state)
{
    fixture *f = *state;
    hf_error err = {0};
    hf_health_monitor *monitor = NULL;
    assert_int_equal(hf_health_monitor_open(f->farm, f->path, HF_HEALTH_CHECK_NIGHTLY, &monitor, &err),
                     HF_OK);
    f->sample.cycles = -1; /* which the schema rejects */
    const hf_board_check check = {.board = 0, .passed = true, .result = &f->result};
    hf_health_monitor_checked(monitor, &check);
    assert_int_equal(hf_health_monitor_close(monitor, &err), HF_ESTORE);
    hf_health_check_row *list = NULL;
    assert_int_equal(count_checks(f, &list), 0);
    hf_rows_free(&hf_health_check_row_type, list, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_good_check_is_the_reference, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_firmware_has_another_reference, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_new_reference_is_accepted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_failed_check_makes_a_board_need_attention, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_says_nothing_about_the_board, set_up, tear_down),
        cmocka_unit_test_setup_teardown(events_of_a_run, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_people_decide_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_monitor_records_in_the_background, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_monitor_reports_a_store_that_fails, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
