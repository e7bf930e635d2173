/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include "sample.h"
#include "store/board_health.h"

#define CHIP "stm32l4r5zi"
/* Rows of these tests borrow their texts. */
#define BORROW(text) ((char *)(text))

static hf_store *open_new(void **state)
{
    hf_error err = {0};
    hf_store *store = NULL;
    assert_ok(hf_store_open(fixture_path(state, "a.db"), &store, &err), &err);
    return store;
}

static hf_board_state_row board(const char *id)
{
    return (hf_board_state_row){.id = BORROW(id), .chip = BORROW(CHIP)};
}

/* The only board's state; freed by the caller. */
static hf_board_state_row *only_state(hf_store *store)
{
    hf_error err = {0};
    hf_board_state_row *rows = NULL;
    size_t count = 0;
    assert_ok(hf_store_list_board_states(store, &rows, &count, &err), &err);
    assert_int_equal(count, 1);
    return rows;
}

static void states_are_kept(void **state)
{
    hf_error err = {0};
    hf_store *store = open_new(state);
    const hf_board_state_row row = {.id = BORROW("b1"),
                                    .chip = BORROW(CHIP),
                                    .modelled = true,
                                    .disabled_reason = BORROW("cable"),
                                    .disabled_by = BORROW("ada"),
                                    .disabled_ms = 1,
                                    .reserved_by = BORROW("bob"),
                                    .reserved_ms = 2,
                                    .reserved_until_ms = 3,
                                    .reserved_note = BORROW("debugging"),
                                    .quarantine_count = 4,
                                    .quarantined_until_ms = 5,
                                    .quarantine_message = BORROW("silent"),
                                    .quarantine_fault = BORROW("probe"),
                                    .attention = BORROW("no answer"),
                                    .attention_ms = 6,
                                    .attention_fault = BORROW("serial"),
                                    .golden_cycles = 7,
                                    .golden_image_crc32 = 0xffffffff,
                                    .golden_firmware_id = BORROW("f00d")};
    assert_ok(hf_store_put_board_state(store, &row, HF_BOARD_PART_ALL, &err), &err);
    hf_store_close(store);
    assert_ok(hf_store_open_readonly(fixture_path(state, "a.db"), &store, &err), &err);
    hf_board_state_row *got = only_state(store);
    assert_string_equal(got->id, "b1");
    assert_string_equal(got->chip, CHIP);
    assert_true(got->modelled);
    assert_string_equal(got->disabled_reason, "cable");
    assert_string_equal(got->disabled_by, "ada");
    assert_int_equal(got->disabled_ms, 1);
    assert_string_equal(got->reserved_by, "bob");
    assert_int_equal(got->reserved_ms, 2);
    assert_int_equal(got->reserved_until_ms, 3);
    assert_string_equal(got->reserved_note, "debugging");
    assert_int_equal(got->quarantine_count, 4);
    assert_int_equal(got->quarantined_until_ms, 5);
    assert_string_equal(got->quarantine_message, "silent");
    assert_string_equal(got->quarantine_fault, "probe");
    assert_string_equal(got->attention, "no answer");
    assert_int_equal(got->attention_ms, 6);
    assert_string_equal(got->attention_fault, "serial");
    assert_int_equal(got->golden_cycles, 7);
    assert_int_equal(got->golden_image_crc32, 0xffffffff);
    assert_string_equal(got->golden_firmware_id, "f00d");
    hf_rows_free(&hf_board_state_row_type, got, 1);
    hf_store_close(store);
    fixture_check_integrity(fixture_path(state, "a.db"));
}

/* Each part is written alone: one writer does not undo what another wrote. */
static void parts_are_independent(void **state)
{
    hf_error err = {0};
    hf_store *store = open_new(state);
    hf_board_state_row disabled = board("b1"), quarantined = board("b1"), healthy = board("b1");
    disabled.disabled_reason = BORROW("cable");
    quarantined.quarantine_count = 2;
    quarantined.attention = BORROW("no answer");
    assert_ok(hf_store_put_board_state(store, &disabled, HF_BOARD_PART_DISABLED, &err), &err);
    assert_ok(hf_store_put_board_state(store, &quarantined,
                                       HF_BOARD_PART_QUARANTINE | HF_BOARD_PART_ATTENTION, &err),
              &err);
    hf_board_state_row *got = only_state(store);
    assert_string_equal(got->disabled_reason, "cable");
    assert_int_equal(got->quarantine_count, 2);
    assert_string_equal(got->attention, "no answer");
    hf_rows_free(&hf_board_state_row_type, got, 1);
    assert_ok(hf_store_put_board_state(store, &healthy, HF_BOARD_PART_ATTENTION, &err), &err);
    got = only_state(store);
    assert_null(got->attention);
    assert_int_equal(got->quarantine_count, 2);
    assert_string_equal(got->disabled_reason, "cable");
    hf_rows_free(&hf_board_state_row_type, got, 1);
    hf_store_close(store);
}

/* A board is the same in runs and in its state, whichever comes first; its core is known from a run. */
static void a_board_is_the_same_in_runs(void **state)
{
    hf_error err = {0};
    hf_store *store = open_new(state);
    hf_report report;
    sample_small(&report);
    hf_board_state_row row = {.id = report.boards[0].id,
                              .chip = report.boards[0].chip,
                              .modelled = report.boards[0].modelled,
                              .attention = BORROW("drift")};
    assert_ok(hf_store_put_board_state(store, &row, HF_BOARD_PART_ATTENTION, &err), &err);
    int64_t run_id = 0;
    assert_ok(fixture_record(store, &report, &run_id, &err), &err);
    hf_report loaded = {0};
    assert_ok(hf_store_load_report(store, run_id, &loaded, &err), &err);
    assert_string_equal(loaded.boards[0].core, report.boards[0].core);
    hf_report_free(&loaded);
    const char *path = fixture_path(state, "a.db");
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM boards"), (int64_t)report.board_count);
    hf_store_close(store);
    hf_report_free(&report);
}

static hf_health_check_row check_of(const char *board_id, int64_t at_ms, int64_t cycles)
{
    return (hf_health_check_row){.board_id = BORROW(board_id),
                                 .chip = BORROW(CHIP),
                                 .at_ms = at_ms,
                                 .kind = HF_HEALTH_CHECK_NIGHTLY,
                                 .passed = true,
                                 .cycles = cycles,
                                 .image_crc32 = 0xcafe,
                                 .firmware_id = BORROW("f1")};
}

static int64_t last_good(hf_store *store, const char *firmware_id, uint32_t image_crc32)
{
    hf_error err = {0};
    int64_t cycles = -1;
    assert_ok(hf_store_last_good_cycles(store, "b1", CHIP, false, firmware_id, image_crc32, &cycles, &err),
              &err);
    return cycles;
}

static void checks_are_listed_newest_first(void **state)
{
    hf_error err = {0};
    hf_store *store = open_new(state);
    hf_health_check_row rows[4] = {check_of("b1", 1, 100), check_of("b1", 2, 101), check_of("b2", 3, 500),
                                   check_of("b1", 4, 0)};
    rows[1].drifted = true;
    rows[1].clock_ratio = 1.25;
    rows[1].drift = -0.5;
    rows[1].clock_hz = 120000000;
    rows[1].clock_source = BORROW("hse");
    rows[1].output_crc32 = 0xfeedbeef;
    rows[3].passed = false;
    rows[3].kind = HF_HEALTH_CHECK_READMISSION;
    rows[3].fault = BORROW("serial");
    rows[3].message = BORROW("no answer");
    assert_int_equal(last_good(store, "f1", 0xcafe), 0);
    for (size_t i = 0; i < 4; i++)
        assert_ok(hf_store_add_health_check(store, &rows[i], &err), &err);
    hf_health_check_row *got = NULL;
    size_t count = 0;
    assert_ok(hf_store_list_health_checks(store, "b1", CHIP, false, 10, &got, &count, &err), &err);
    assert_int_equal(count, 3);
    assert_int_equal(got[0].at_ms, 4);
    assert_int_equal(got[0].kind, HF_HEALTH_CHECK_READMISSION);
    assert_false(got[0].passed);
    assert_string_equal(got[0].fault, "serial");
    assert_string_equal(got[0].message, "no answer");
    assert_true(got[1].drifted);
    assert_true(got[1].clock_ratio == 1.25 && got[1].drift == -0.5);
    assert_int_equal(got[1].clock_hz, 120000000);
    assert_string_equal(got[1].clock_source, "hse");
    assert_int_equal(got[1].output_crc32, 0xfeedbeef);
    assert_int_equal(got[2].cycles, 100);
    assert_string_equal(got[2].firmware_id, "f1");
    hf_rows_free(&hf_health_check_row_type, got, count);
    assert_ok(hf_store_list_health_checks(store, NULL, NULL, false, 2, &got, &count, &err), &err);
    assert_int_equal(count, 2);
    assert_string_equal(got[1].board_id, "b2");
    hf_rows_free(&hf_health_check_row_type, got, count);

    /* Of the same firmware and image, passed, without drift. */
    assert_int_equal(last_good(store, "f1", 0xcafe), 100);
    assert_int_equal(last_good(store, "f2", 0xcafe), 0);
    assert_int_equal(last_good(store, "f1", 0xbeef), 0);
    hf_store_close(store);
}

/* A damaged row is an error that names the column. */
static void damage_is_reported(void **state)
{
    hf_error err = {0};
    hf_store *store = open_new(state);
    const char *path = fixture_path(state, "a.db");
    hf_health_check_row row = check_of("b1", 1, 100), *got = NULL;
    size_t count = 7;
    assert_ok(hf_store_add_health_check(store, &row, &err), &err);
    fixture_sql(path, "PRAGMA ignore_check_constraints = ON; UPDATE health_checks SET kind = 'weekly'");
    assert_int_equal(hf_store_list_health_checks(store, NULL, NULL, false, 9, &got, &count, &err), HF_ESTORE);
    assert_non_null(strstr(err.message, "kind has an unknown value"));
    assert_null(got);
    assert_int_equal(count, 7);
    hf_store_close(store);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, fixture_folder_make, fixture_folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(states_are_kept),
        IN_FOLDER(parts_are_independent),
        IN_FOLDER(a_board_is_the_same_in_runs),
        IN_FOLDER(checks_are_listed_newest_first),
        IN_FOLDER(damage_is_reported),
    };
    return cmocka_run_group_tests_name("store_board_health", tests, NULL, NULL);
}
