/* SPDX-License-Identifier: Apache-2.0 */
/* Records that wait are written in one transaction. What can be computed again waits for what cannot. */
#include "fixture.h"

#include <signal.h>
#include <sys/wait.h>

#include "fault_vfs.h"
#include "queue_rig.h"

static const hf_write_queue_options lingering = {.busy_ms = 5, .retry_ms = 5, .linger_ms = 600000};

static int64_t count_results(const char *path)
{
    return fixture_number(path, "SELECT count(*) FROM results");
}

/* In a child: the fault VFS, which counts syncs, stays registered. */
static void in_a_child(void **state, void (*function)(const char *path))
{
    const char *path = fixture_path(state, "a.db");
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        fault_vfs_install();
        fault_vfs_arm(FAULT_NONE, 0);
        function(path);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* Forty attempts that waited for a lock need one sync, not forty. */
static void write_a_backlog(const char *path)
{
    rig self;
    hf_error err = {0};
    hf_write_queue_status status;
    rig_start(&self, path, &rig_impatient);
    rig_wait_until(&self, status, status.kept == 1);
    sqlite3 *other = rig_lock_store(path);
    uint64_t ticket = 0;
    for (int i = 1; i <= 40; i++)
        ticket = rig_attempt(&self, i, i % 3);
    rig_wait_until(&self, status, status.kept == ticket && status.waiting == 40);
    fault_vfs_arm(FAULT_NONE, 0);
    sqlite3_close(other);
    rig_wait_until(&self, status, status.waiting == 0);
    assert_in_range(fault_vfs_syncs(), 1, 4);
    rig_assert_attempts(path, 40);
    assert_ok(hf_write_queue_stop(self.queue, RIG_DEADLINE_MS, &err), &err);
    rig_free(&self);
}

static void a_backlog_is_one_transaction(void **state)
{
    in_a_child(state, write_a_backlog);
}

/* Analyses wait for an attempt, and are stored with it by one sync. */
static void write_analyses_and_an_attempt(const char *path)
{
    rig self;
    hf_error err = {0};
    hf_write_queue_status status;
    rig_start(&self, path, &lingering);
    for (int i = 1; i <= 9; i++)
        hf_write_queue_add_result(self.queue, i, &self.report.results[1]);
    fault_vfs_arm(FAULT_NONE, 0);
    const uint64_t ticket = rig_attempt(&self, 1, true);
    rig_wait_until(&self, status, status.kept == ticket);
    assert_int_equal(fault_vfs_syncs(), 1);
    assert_int_equal(fault_vfs_unsynced(), 0);
    assert_int_equal(count_results(path), 10);
    rig_assert_attempts(path, 1);
    assert_ok(hf_write_queue_stop(self.queue, RIG_DEADLINE_MS, &err), &err);
    rig_free(&self);
}

static void analyses_are_stored_with_the_next_attempt(void **state)
{
    in_a_child(state, write_analyses_and_an_attempt);
}

/* Without an attempt they are stored when their time is over, or when the queue stops. */
static void analyses_do_not_wait_forever(void **state)
{
    rig self;
    hf_error err = {0};
    hf_write_queue_status status;
    const char *path = fixture_path(state, "a.db");
    rig_start(&self, path, &(hf_write_queue_options){.linger_ms = 20});
    rig_wait_until(&self, status, status.kept == 1);
    assert_int_equal(count_results(path), 1);
    assert_ok(hf_write_queue_stop(self.queue, RIG_DEADLINE_MS, &err), &err);
    assert_ok(hf_write_queue_start(self.store, self.run_id, &lingering, &self.queue, &err), &err);
    hf_write_queue_add_result(self.queue, 1, &self.report.results[1]);
    assert_int_equal(count_results(path), 1);
    assert_ok(hf_write_queue_stop(self.queue, RIG_DEADLINE_MS, &err), &err);
    assert_int_equal(count_results(path), 2);
    rig_free(&self);
}

/* A record that the store rejects for good does not take the others of its group with it. */
static void a_rejected_record_fails_alone(void **state)
{
    rig self;
    hf_error err = {0};
    hf_write_queue_status status;
    const char *path = fixture_path(state, "a.db");
    rig_start(&self, path, &lingering);
    hf_write_queue_add_result(self.queue, 1, &self.report.results[1]);
    /* No such variation. */
    hf_write_queue_close_result(self.queue, 77, HF_RESULT_FAILED, "job", "wrong");
    rig_wait_until(&self, status, status.gave_up);
    assert_non_null(strstr(status.cause.message, "does not exist"));
    assert_int_equal(count_results(path), 2);
    assert_int_equal(hf_write_queue_stop(self.queue, 10, &err), HF_ESTORE);
    rig_free(&self);
}

/* ---- Plans ---- */

#define PLANNED 3

/* Freed by the caller; the texts are those of the report. */
static hf_result_row *plan_rows(const rig *self)
{
    hf_result_row *rows = calloc(PLANNED, sizeof *rows);
    assert_non_null(rows);
    for (int i = 0; i < PLANNED; i++) {
        rows[i] = self->report.results[i % 2];
        rows[i].position = 2 * i;
    }
    return rows;
}

/* What a run is to measure is in the store before it is analysed; what is known already stays. */
static void plans_are_stored(void **state)
{
    rig self;
    hf_error err = {0};
    hf_write_queue_status status;
    const char *path = fixture_path(state, "a.db");
    rig_start(&self, path, &rig_impatient);
    rig_attempt(&self, 1, true);
    hf_result_row *rows = plan_rows(&self);
    hf_write_queue_add_plan(self.queue, rows, PLANNED);
    const uint64_t ticket = hf_write_queue_add_plan(self.queue, rows, PLANNED);
    rig_wait_until(&self, status, status.kept == ticket);
    hf_report loaded = {0};
    assert_ok(hf_write_queue_stop(self.queue, RIG_DEADLINE_MS, &err), &err);
    assert_ok(hf_store_load_report(self.store, self.run_id, &loaded, &err), &err);
    assert_int_equal(loaded.result_count, 3);
    assert_int_equal(loaded.results[0].outcome, HF_RESULT_MEASURED);
    assert_int_equal(loaded.results[0].macs, self.report.results[0].macs);
    assert_int_equal(loaded.results[1].position, 2);
    assert_int_equal(loaded.results[1].outcome, HF_RESULT_NOT_RUN);
    assert_string_equal(loaded.results[1].name, self.report.results[1].name);
    assert_int_equal(loaded.results[1].factor_count, self.report.results[1].factor_count);
    assert_int_equal(loaded.results[1].macs, 0);
    assert_int_equal(loaded.run.not_run, 2);
    hf_report_free(&loaded);
    free(rows);
    rig_free(&self);
    fixture_check_integrity(path);
}

/* In a child that is killed while the store is locked. */
static void be_killed_with_a_plan(const char *path)
{
    rig self;
    hf_write_queue_status status;
    rig_start(&self, path, &rig_impatient);
    rig_wait_until(&self, status, status.kept == 1);
    rig_lock_store(path);
    hf_result_row *rows = plan_rows(&self);
    const uint64_t ticket = hf_write_queue_add_plan(self.queue, rows, PLANNED);
    rig_wait_until(&self, status, status.kept == ticket && !status.in_memory_only);
    raise(SIGKILL);
}

static void plans_survive_in_the_journal(void **state)
{
    hf_error err = {0};
    hf_store *store = NULL;
    const char *path = fixture_path(state, "a.db");
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        be_killed_with_a_plan(path);
        _exit(1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_int_equal(count_results(path), 1);
    assert_ok(hf_store_open(path, &store, &err), &err);
    hf_store_close(store);
    assert_int_equal(count_results(path), 3);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM results WHERE outcome = 'not_run'"), 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_folder_make, fixture_folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_backlog_is_one_transaction),
        TEST(analyses_are_stored_with_the_next_attempt),
        TEST(analyses_do_not_wait_forever),
        TEST(a_rejected_record_fails_alone),
        TEST(plans_are_stored),
        TEST(plans_survive_in_the_journal),
    };
    return cmocka_run_group_tests_name("store_write_groups", tests, NULL, NULL);
}
