/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that callers make, and groups of records in one transaction. */
#include "fixture.h"

#include "sample.h"

typedef struct opened {
    const char *path;
    hf_store *store;
    hf_report report;
} opened;

static opened open_new(void **state)
{
    hf_error err = {0};
    opened self = {.path = fixture_path(state, "a.db")};
    assert_ok(hf_store_open(self.path, &self.store, &err), &err);
    sample_small(&self.report);
    return self;
}

static void close_all(opened *self)
{
    hf_store_close(self->store);
    fixture_check_integrity(self->path);
    hf_report_free(&self->report);
}

static void keys_have_a_form(void **state)
{
    (void)state;
    char key[HF_RUN_KEY_SIZE];
    hf_store_make_key(1763812345678, key);
    assert_true(hf_store_key_is_valid(key));
    assert_memory_equal(key, "202511", 6);
    static const char *const invalid[] = {
        "",
        "20251122",
        "20251122-0badcaf",
        "20251122-0badcafe1",
        "20251122-0BADCAFE",
        "2025112x-0badcafe",
        "20251122_0badcafe",
        "../../../badcafe1",
        "20251122-0bad/afe",
    };
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++)
        assert_false(hf_store_key_is_valid(invalid[i]));
}

static void a_caller_may_make_the_key(void **state)
{
    hf_error err = {0};
    opened self = open_new(state);
    hf_run_row run = self.report.run;
    char key[HF_RUN_KEY_SIZE], owner[] = "ada";
    hf_store_make_key(run.started_ms, key);
    run.key = key;
    run.owner = owner;
    run.priority = -3;
    int64_t run_id = 0, found = 99;
    assert_ok(hf_store_find_key(self.store, key, &found, &err), &err);
    assert_int_equal(found, 0);
    assert_ok(hf_store_begin_run(self.store, &run, &run_id, &err), &err);
    assert_ok(hf_store_find_key(self.store, key, &found, &err), &err);
    assert_int_equal(found, run_id);

    hf_run_row *rows = NULL;
    size_t count = 0;
    assert_ok(hf_store_list_runs(self.store, &rows, &count, &err), &err);
    assert_int_equal(count, 1);
    assert_string_equal(rows[0].key, key);
    assert_string_equal(rows[0].owner, "ada");
    assert_int_equal(rows[0].priority, -3);
    hf_rows_free(&hf_run_row_type, rows, count);
    close_all(&self);
}

/* Also while the first run is alive, and without harm to it. */
static void a_key_is_used_once(void **state)
{
    hf_error err = {0};
    opened self = open_new(state);
    hf_store *other = NULL;
    hf_run_row run = self.report.run; /* the sample has a valid key */
    int64_t run_id = 0, again = 77;
    assert_ok(hf_store_begin_run(self.store, &run, &run_id, &err), &err);
    assert_ok(hf_store_open(self.path, &other, &err), &err);
    assert_int_equal(hf_store_begin_run(other, &run, &again, &err), HF_EINVALID);
    assert_non_null(strstr(err.message, run.key));
    hf_error_clear(&err);
    assert_int_equal(again, 77);
    assert_ok(hf_store_finish_run(self.store, run_id, HF_RUN_DONE, 1, 1, NULL, &err), &err);
    assert_int_equal(hf_store_begin_run(self.store, &run, &again, &err), HF_EINVALID);
    hf_error_clear(&err);
    char wrong[] = "20251122/0badcafe";
    run.key = wrong;
    assert_int_equal(hf_store_begin_run(self.store, &run, &again, &err), HF_EINVALID);
    assert_non_null(strstr(err.message, "expected"));
    hf_store_close(other);
    assert_int_equal(fixture_number(self.path, "SELECT count(*) FROM runs"), 1);
    close_all(&self);
}

static void a_group_is_stored_together(void **state)
{
    hf_error err = {0};
    opened self = open_new(state);
    int64_t run_id = 0;
    assert_ok(hf_store_begin_group(self.store, &err), &err);
    assert_ok(fixture_begin_run(self.store, &self.report.run, &run_id, &err), &err);
    for (size_t i = 0; i < self.report.board_count; i++)
        assert_ok(hf_store_add_board(self.store, run_id, &self.report.boards[i], &err), &err);
    assert_ok(hf_store_add_result(self.store, run_id, 0, &self.report.results[0], &err), &err);
    assert_int_equal(fixture_number(self.path, "SELECT count(*) FROM runs"), 0); /* for others */
    assert_ok(hf_store_end_group(self.store, HF_OK, &err), &err);
    assert_int_equal(fixture_number(self.path, "SELECT count(*) FROM runs"), 1);
    assert_int_equal(fixture_number(self.path, "SELECT count(*) FROM results"), 1);
    close_all(&self);
}

/* A call that fails is undone alone. */
static void a_failed_call_leaves_the_others_of_its_group(void **state)
{
    hf_error err = {0};
    opened self = open_new(state);
    int64_t run_id = 0;
    assert_ok(fixture_begin_run(self.store, &self.report.run, &run_id, &err), &err);
    assert_ok(hf_store_add_board(self.store, run_id, &self.report.boards[0], &err), &err);
    assert_ok(hf_store_begin_group(self.store, &err), &err);
    assert_ok(hf_store_add_result(self.store, run_id, 0, &self.report.results[0], &err), &err);
    char stranger[] = "stranger";
    hf_attempt_row attempt = self.report.attempts[0];
    attempt.board_id = stranger;
    assert_int_equal(hf_store_add_attempt(self.store, run_id, 0, &attempt, &self.report.results[0], &err),
                     HF_ESTORE);
    hf_error_clear(&err);
    assert_ok(
        hf_store_add_attempt(self.store, run_id, 0, &self.report.attempts[0], &self.report.results[0], &err),
        &err);
    assert_ok(hf_store_end_group(self.store, HF_OK, &err), &err);
    assert_int_equal(fixture_number(self.path, "SELECT count(*) FROM attempts"), 1);
    assert_int_equal(fixture_number(self.path, "SELECT count(*) FROM results WHERE outcome = 'measured'"), 1);
    close_all(&self);
}

/* An abandoned group leaves nothing, not even the journal of the run that it began; the key can be used again. */
static void an_abandoned_group_leaves_nothing(void **state)
{
    hf_error err = {0};
    opened self = open_new(state);
    int64_t run_id = 0;
    char *journal = NULL;
    assert_true(asprintf(&journal, "%s.run-%s", self.path, self.report.run.key) > 0);
    assert_ok(hf_store_begin_group(self.store, &err), &err);
    assert_ok(hf_store_begin_run(self.store, &self.report.run, &run_id, &err), &err);
    assert_int_equal(access(journal, F_OK), 0);
    assert_int_equal(hf_store_end_group(self.store, HF_EINVALID, &err), HF_EINVALID);
    assert_int_not_equal(access(journal, F_OK), 0);
    assert_int_equal(fixture_number(self.path, "SELECT count(*) FROM runs"), 0);
    assert_ok(hf_store_begin_run(self.store, &self.report.run, &run_id, &err), &err);
    free(journal);
    close_all(&self);
}

/* The journal of a run exists until its end is committed. */
static void the_journal_outlives_the_group_that_ends_the_run(void **state)
{
    hf_error err = {0};
    opened self = open_new(state);
    int64_t run_id = 0;
    char *journal = NULL;
    assert_true(asprintf(&journal, "%s.run-%s", self.path, self.report.run.key) > 0);
    assert_ok(hf_store_begin_run(self.store, &self.report.run, &run_id, &err), &err);
    assert_ok(hf_store_begin_group(self.store, &err), &err);
    assert_ok(hf_store_finish_run(self.store, run_id, HF_RUN_DONE, 1, 1, NULL, &err), &err);
    assert_int_equal(access(journal, F_OK), 0);
    assert_ok(hf_store_end_group(self.store, HF_OK, &err), &err);
    assert_int_not_equal(access(journal, F_OK), 0);
    free(journal);
    close_all(&self);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, fixture_folder_make, fixture_folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_have_a_form),
        IN_FOLDER(a_caller_may_make_the_key),
        IN_FOLDER(a_key_is_used_once),
        IN_FOLDER(a_group_is_stored_together),
        IN_FOLDER(a_failed_call_leaves_the_others_of_its_group),
        IN_FOLDER(an_abandoned_group_leaves_nothing),
        IN_FOLDER(the_journal_outlives_the_group_that_ends_the_run),
    };
    return cmocka_run_group_tests_name("store_keys_and_groups", tests, NULL, NULL);
}
