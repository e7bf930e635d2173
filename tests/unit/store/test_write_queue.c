/* SPDX-License-Identifier: Apache-2.0 */
/* A store that cannot be written for a while, or at all: no finished attempt is lost or stored twice. */
#include "fixture.h"

#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/file.h"
#include "fault_vfs.h"
#include "queue_rig.h"

#define CANNOT_MOUNT 88

static int count_files(void **state, const char *pattern)
{
    glob_t found;
    int count = glob(fixture_path(state, pattern), 0, NULL, &found) == 0 ? (int)found.gl_pathc : 0;
    globfree(&found);
    return count;
}

static void assert_note(hf_store *store, const char *text)
{
    if (!strstr(hf_store_note(store), text))
        fail_msg("expected '%s' in: %s", text, hf_store_note(store));
}

/* ---- Without faults ---- */

static void a_run_is_recorded(void **state)
{
    rig self;
    hf_error err = {0};
    const char *path = fixture_path(state, "a.db");
    rig_start(&self, path, NULL);
    assert_int_equal(count_files(state, "a.db.run-*"), 1);
    for (int i = 1; i <= 20; i++)
        rig_attempt(&self, i, i % 2);
    hf_write_queue_add_failure(
        self.queue,
        &(hf_failure_row){.board_id = self.report.boards[0].id, .fault = "probe", .message = "no"});
    hf_write_queue_add_result(self.queue, 1, &self.report.results[1]);
    hf_write_queue_close_result(self.queue, 1, HF_RESULT_FAILED, "job", "wrong");
    hf_write_queue_finish_run(self.queue, HF_RUN_DONE, 1764000000000, 7000000000, "OpenOCD");
    assert_ok(hf_write_queue_stop(self.queue, RIG_DEADLINE_MS, &err), &err);
    hf_report loaded = {0};
    assert_ok(hf_store_load_report(self.store, self.run_id, &loaded, &err), &err);
    assert_int_equal(loaded.attempt_count, 20);
    assert_int_equal(loaded.failure_count, 1);
    assert_int_equal(loaded.results[0].outcome, HF_RESULT_MEASURED);
    assert_int_equal(loaded.results[1].outcome, HF_RESULT_FAILED);
    assert_string_equal(loaded.results[1].message, "wrong");
    assert_int_equal(loaded.run.state, HF_RUN_DONE);
    assert_int_equal(loaded.run.duration_ns, 7000000000);
    assert_string_equal(loaded.run.openocd_version, "OpenOCD");
    const hf_training_row *training = &loaded.results[0].training;
    assert_string_equal(training->key, "k<b>");
    assert_string_equal(training->warning, "no better than <guessing>");
    assert_int_equal(training->curve_count, 2);
    assert_float_equal(training->curve[1].training_percent, 81, 0);
    assert_null(loaded.results[1].training.key);
    hf_report_free(&loaded);
    rig_free(&self);
    assert_int_equal(count_files(state, "a.db.run-*"), 0);
    rig_assert_attempts(path, 20);
}

/* ---- Locked ---- */

static void records_delayed_by_a_lock_are_written_later(void **state)
{
    rig self;
    hf_error err = {0};
    hf_write_queue_status status;
    const char *path = fixture_path(state, "a.db");
    rig_start(&self, path, &rig_impatient);
    uint64_t ticket = rig_attempt(&self, 1, true);
    rig_wait_until(&self, status, status.kept == ticket);
    rig_assert_attempts(path, 1);
    sqlite3 *other = rig_lock_store(path);
    for (int i = 2; i <= 30; i++)
        ticket = rig_attempt(&self, i, i % 3);
    rig_wait_until(&self, status, status.kept == ticket && status.waiting == 29);
    assert_int_equal(status.in_memory_only, 0);
    assert_false(status.gave_up);
    assert_non_null(strstr(status.cause.message, "locked"));
    assert_int_equal(status.cause.fault, HF_FAULT_FARM);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM attempts"), 1);
    sqlite3_close(other);
    rig_wait_until(&self, status, status.waiting == 0);
    assert_int_equal(status.cause.status, HF_OK);
    rig_assert_attempts(path, 30);
    /* And again. */
    ticket = rig_attempt(&self, 31, true);
    rig_wait_until(&self, status, status.kept == ticket);
    /* The end of the run may be among the waiting records. */
    other = rig_lock_store(path);
    ticket = hf_write_queue_finish_run(self.queue, HF_RUN_DONE, 1, 1, NULL);
    rig_wait_until(&self, status, status.kept == ticket);
    sqlite3_close(other);
    assert_ok(hf_write_queue_stop(self.queue, RIG_DEADLINE_MS, &err), &err);
    rig_free(&self);
    rig_assert_attempts(path, 31);
    assert_int_equal(count_files(state, "a.db.run-*"), 0);
}

/* In a child that is killed while its store is locked: its records are in the journal. */
static void be_killed(const char *path, int attempts)
{
    rig self;
    hf_write_queue_status status;
    rig_start(&self, path, &rig_impatient);
    rig_wait_until(&self, status, status.kept == 1);
    rig_lock_store(path);
    uint64_t ticket = 0;
    for (int i = 1; i <= attempts; i++)
        ticket = rig_attempt(&self, i, i % 2);
    rig_wait_until(&self, status, status.kept == ticket && !status.in_memory_only);
    raise(SIGKILL);
}

static void kill_with_attempts(const char *path, int attempts)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        be_killed(path, attempts);
        _exit(1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static const char *run_file(void **state)
{
    static char path[512];
    glob_t found;
    assert_int_equal(glob(fixture_path(state, "a.db.run-*"), 0, NULL, &found), 0);
    assert_int_equal(found.gl_pathc, 1);
    snprintf(path, sizeof path, "%s", found.gl_pathv[0]);
    globfree(&found);
    return path;
}

static void journal_of_a_killed_run_is_stored_once(void **state)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report report = {0};
    uint8_t *bytes = NULL;
    size_t size = 0;
    const char *path = fixture_path(state, "a.db");
    kill_with_attempts(path, 7);
    rig_assert_attempts(path, 0);
    const char *file = run_file(state);
    assert_ok(hf_file_read(file, 1 << 20, &bytes, &size, &err), &err);
    /* A reader finds them in the store, too. */
    assert_ok(hf_store_open_readonly(path, &store, &err), &err);
    assert_note(store, "7 records that run ");
    assert_ok(hf_store_load_report(store, 0, &report, &err), &err);
    assert_int_equal(report.run.state, HF_RUN_INTERRUPTED);
    assert_int_equal(report.attempt_count, 7);
    hf_report_free(&report);
    hf_store_close(store);
    rig_assert_attempts(path, 7);
    assert_int_equal(count_files(state, "a.db.run-*"), 0);
    /* Killed between writing the store and truncating the journal: all records are applied again. */
    assert_ok(hf_file_write(file, bytes, size, &err), &err);
    assert_ok(hf_store_open(path, &store, &err), &err);
    hf_store_close(store);
    rig_assert_attempts(path, 7);
    assert_int_equal(count_files(state, "a.db.run-*"), 0);
    free(bytes);
}

/* While the store is locked the records stay in the journal. */
static void journal_stays_while_the_store_is_locked(void **state)
{
    hf_error err = {0};
    hf_store *store = NULL;
    const char *path = fixture_path(state, "a.db");
    kill_with_attempts(path, 3);
    sqlite3 *other = rig_lock_store(path);
    assert_ok(hf_store_open_readonly(path, &store, &err), &err);
    hf_store_close(store);
    assert_int_equal(count_files(state, "a.db.run-*"), 1);
    sqlite3_close(other);
    rig_assert_attempts(path, 0);
    assert_ok(hf_store_open(path, &store, &err), &err);
    hf_store_close(store);
    rig_assert_attempts(path, 3);
    assert_int_equal(count_files(state, "a.db.*"), 0);
}

/* However much of the last record was written when the process died, the earlier records are stored. */
static void incomplete_records_are_ignored(void **state)
{
    hf_error err = {0};
    uint8_t *bytes = NULL;
    size_t size = 0;
    const char *path = fixture_path(state, "a.db");
    kill_with_attempts(path, 2);
    const char *file = run_file(state);
    assert_ok(hf_file_read(file, 1 << 20, &bytes, &size, &err), &err);
    int64_t before = 0;
    for (size_t cut = 1; cut <= size; cut += 1 + size / 150) {
        hf_store *store = NULL;
        assert_ok(hf_file_write(file, bytes, cut, &err), &err);
        assert_ok(hf_store_open(path, &store, &err), &err);
        hf_store_close(store);
        const int64_t now = fixture_number(path, "SELECT count(*) FROM attempts");
        assert_true(now >= before && now <= 2);
        before = now;
    }
    free(bytes);
    fixture_check_integrity(path);
}

/* A record is damaged on the disk: the others are stored, and the journal is kept for inspection. */
static void damaged_journals_are_renamed(void **state)
{
    hf_error err = {0};
    hf_store *store = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    const char *path = fixture_path(state, "a.db");
    kill_with_attempts(path, 5);
    const char *file = run_file(state);
    assert_ok(hf_file_read(file, 1 << 20, &bytes, &size, &err), &err);
    bytes[60] ^= 1; /* in the first */
    assert_ok(hf_file_write(file, bytes, size, &err), &err);
    free(bytes);
    assert_ok(hf_store_open(path, &store, &err), &err);
    assert_note(store, ".damaged");
    hf_store_close(store);
    rig_assert_attempts(path, 4);
    assert_int_equal(count_files(state, "a.db.run-*.damaged"), 1);
    assert_int_equal(count_files(state, "a.db.run-*"), 1);
    /* It is not tried again. */
    assert_ok(hf_store_open(path, &store, &err), &err);
    assert_string_equal(hf_store_note(store), "");
    hf_store_close(store);
}

/* ---- Bounds ---- */

static void patience_ends(void **state, const hf_write_queue_options *options)
{
    rig self;
    hf_error err = {0};
    hf_write_queue_status status;
    const char *path = fixture_path(state, "a.db");
    rig_start(&self, path, options);
    rig_wait_until(&self, status, status.kept == 1);
    sqlite3 *other = rig_lock_store(path);
    for (int i = 1; i <= 5; i++)
        rig_attempt(&self, i, true);
    rig_wait_until(&self, status, status.gave_up);
    assert_non_null(strstr(status.cause.message, "locked"));
    hf_write_queue_finish_run(self.queue, HF_RUN_ABORTED, 1, 1, NULL);
    assert_int_equal(hf_write_queue_stop(self.queue, 50, &err), HF_ESTORE);
    assert_non_null(strstr(err.message, "6 records are kept in "));
    assert_non_null(strstr(err.message, "a.db.run-"));
    assert_non_null(strstr(err.message, "locked"));
    sqlite3_close(other);
    rig_free(&self);
    hf_store *store = NULL;
    assert_ok(hf_store_open(path, &store, &err), &err);
    hf_store_close(store);
    rig_assert_attempts(path, 5);
    assert_int_equal(fixture_number(path, "SELECT state = 'aborted' FROM runs"), 1);
    assert_int_equal(count_files(state, "a.db.run-*"), 0);
}

static void queue_is_bounded_by_records(void **state)
{
    patience_ends(state,
                  &(hf_write_queue_options){.busy_ms = 1, .retry_ms = 1, .linger_ms = 1, .most_records = 4});
}

static void queue_is_bounded_by_bytes(void **state)
{
    patience_ends(state,
                  &(hf_write_queue_options){.busy_ms = 1, .retry_ms = 1, .linger_ms = 1, .most_bytes = 1000});
}

static void queue_is_bounded_by_time(void **state)
{
    patience_ends(state,
                  &(hf_write_queue_options){.busy_ms = 1, .retry_ms = 1, .linger_ms = 1, .most_ms = 30});
}

/* The run was deleted: a permanent failure. */
static void permanent_failures_end_the_run(void **state)
{
    rig self;
    hf_error err = {0};
    hf_write_queue_status status;
    const char *path = fixture_path(state, "a.db");
    rig_start(&self, path, &rig_impatient);
    rig_wait_until(&self, status, status.kept == 1);
    fixture_sql(path, "PRAGMA foreign_keys = ON; DELETE FROM runs");
    rig_attempt(&self, 1, true);
    rig_wait_until(&self, status, status.gave_up);
    assert_non_null(strstr(status.cause.message, "does not exist"));
    assert_int_equal(hf_write_queue_stop(self.queue, RIG_DEADLINE_MS, &err), HF_ESTORE);
    rig_free(&self);
    hf_store *store = NULL;
    assert_ok(hf_store_open(path, &store, &err), &err);
    assert_note(store, ".damaged");
    hf_store_close(store);
}

/* ---- Full ---- */

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* In a child, because the limit applies to the process: neither the store nor the journal may grow. */
static void fill_the_disk(const char *path)
{
    rig self;
    hf_error err = {0};
    hf_write_queue_status status;
    signal(SIGXFSZ, SIG_IGN);
    rig_start(&self, path, &rig_impatient);
    rig_wait_until(&self, status, status.kept == 1);
    limit_files(20);
    uint64_t ticket = 0;
    for (int i = 1; i <= 10; i++)
        ticket = rig_attempt(&self, i, i % 2);
    rig_wait_until(&self, status, status.kept == ticket && status.waiting == 10);
    assert_int_equal(status.in_memory_only, 10);
    limit_files(RLIM_INFINITY);
    rig_wait_until(&self, status, status.waiting == 0);
    limit_files(20);
    rig_attempt(&self, 11, true);
    rig_wait_until(&self, status, status.waiting == 1);
    /* Still full at the end: the lost records are reported. */
    assert_int_equal(hf_write_queue_stop(self.queue, 20, &err), HF_ESTORE);
    assert_non_null(strstr(err.message, "1 of the run's last records are lost"));
    rig_free(&self);
}

static void queue_waits_for_a_full_disk(void **state)
{
    const char *path = fixture_path(state, "a.db");
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        fill_the_disk(path);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    rig_assert_attempts(path, 10);
}

/* Only writes to the store fail: the journal has reserved space. */
static void fill_the_store(const char *path)
{
    rig self;
    hf_error err = {0};
    hf_write_queue_status status;
    fault_vfs_install();
    fault_vfs_arm(FAULT_NONE, 0);
    rig_start(&self, path, &rig_impatient);
    rig_wait_until(&self, status, status.kept == 1);
    fault_vfs_arm(FAULT_FULL, 1);
    uint64_t ticket = 0;
    for (int i = 1; i <= 10; i++)
        ticket = rig_attempt(&self, i, true);
    rig_wait_until(&self, status, status.kept == ticket && status.waiting == 10);
    assert_int_equal(status.in_memory_only, 0);
    assert_non_null(strstr(status.cause.message, "full"));
    fault_vfs_arm(FAULT_NONE, 0);
    rig_wait_until(&self, status, status.waiting == 0);
    hf_write_queue_finish_run(self.queue, HF_RUN_DONE, 1, 1, NULL);
    assert_ok(hf_write_queue_stop(self.queue, RIG_DEADLINE_MS, &err), &err);
    rig_free(&self);
}

/* A write that never ends blocks nothing. */
static void hang_the_disk(const char *path)
{
    rig self;
    hf_error err = {0};
    hf_report report = {0};
    hf_write_queue_status status;
    fault_vfs_install();
    fault_vfs_arm(FAULT_NONE, 0);
    rig_start(&self, path, &rig_impatient);
    rig_wait_until(&self, status, status.kept == 1);
    fault_vfs_arm(FAULT_HANG, 1);
    rig_attempt(&self, 1, true);
    rig_attempt(&self, 2, true);
    assert_int_equal(hf_write_queue_stop(self.queue, 1, &err), HF_ETIMEOUT);
    assert_non_null(strstr(err.message, "hangs"));
    hf_error_clear(&err);
    assert_int_equal(hf_store_load_report(self.store, 0, &report, &err), HF_ESTORE);
    rig_free(&self);
}

/* On a small, full file system: the journal takes the records that the store does not. */
static void fill_a_real_disk(const char *path)
{
    rig self;
    hf_error err = {0};
    hf_write_queue_status status;
    static const char block[4096];
    char folder[512], filler[600], db[600];
    snprintf(folder, sizeof folder, "%.500s.disk", path);
    assert_int_equal(mkdir(folder, 0700), 0);
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", folder, "tmpfs", 0, "size=16m") != 0)
        _exit(CANNOT_MOUNT);
    snprintf(filler, sizeof filler, "%s/filler", folder);
    snprintf(db, sizeof db, "%s/a.db", folder);
    rig_start(&self, db, &rig_impatient);
    rig_wait_until(&self, status, status.kept == 1);
    int fd = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    while (write(fd, block, sizeof block) == (ssize_t)sizeof block) {
    }
    close(fd);
    uint64_t ticket = 0;
    for (int i = 1; i <= 100; i++)
        ticket = rig_attempt(&self, i, i % 2);
    rig_wait_until(&self, status, status.kept == ticket && status.waiting > 0);
    assert_int_equal(status.in_memory_only, 0);
    assert_int_equal(unlink(filler), 0);
    rig_wait_until(&self, status, status.waiting == 0);
    hf_write_queue_finish_run(self.queue, HF_RUN_DONE, 1, 1, NULL);
    assert_ok(hf_write_queue_stop(self.queue, RIG_DEADLINE_MS, &err), &err);
    rig_free(&self);
    rig_assert_attempts(db, 100);
}

static void in_a_child(void **state, void (*function)(const char *path), int64_t attempts)
{
    const char *path = fixture_path(state, "a.db");
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        function(path);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_MOUNT) {
        printf("SKIPPED: only root may mount a file system\n");
        skip();
    }
    assert_int_equal(status, 0);
    if (attempts >= 0)
        rig_assert_attempts(path, attempts);
}

static void journal_uses_its_reserved_space_on_a_full_disk(void **state)
{
    in_a_child(state, fill_a_real_disk, -1);
}

static void journal_takes_records_of_a_full_store(void **state)
{
    in_a_child(state, fill_the_store, 10);
    assert_int_equal(count_files(state, "a.db.run-*"), 0);
}

static void hanging_writes_are_abandoned(void **state)
{
    in_a_child(state, hang_the_disk, 0);
}

/* ---- Resuming ---- */

static void ended_runs_can_be_resumed(void **state)
{
    rig self;
    hf_error err = {0};
    hf_store *other = NULL;
    const char *path = fixture_path(state, "a.db");
    rig_start(&self, path, &rig_impatient);
    rig_attempt(&self, 1, true);
    hf_write_queue_add_result(self.queue, 1, &self.report.results[1]);
    hf_write_queue_close_result(self.queue, 1, HF_RESULT_FAILED, "probe", "unplugged");
    /* Not while it runs. */
    assert_ok(hf_store_open(path, &other, &err), &err);
    assert_int_equal(hf_store_resume_run(other, self.run_id, "host", 7, &err), HF_EBUSY);
    hf_error_clear(&err);
    assert_int_equal(hf_store_resume_run(other, 99, "host", 7, &err), HF_ENOTFOUND);
    hf_error_clear(&err);
    hf_write_queue_finish_run(self.queue, HF_RUN_ABORTED, 1764000000000, 5, NULL);
    assert_ok(hf_write_queue_stop(self.queue, RIG_DEADLINE_MS, &err), &err);
    rig_free(&self);
    assert_ok(hf_store_resume_run(other, 1, "host", 7, &err), &err);
    assert_int_equal(count_files(state, "a.db.run-*"), 1);
    hf_report report = {0};
    assert_ok(hf_store_load_report(other, 1, &report, &err), &err);
    assert_int_equal(report.run.state, HF_RUN_RUNNING);
    assert_int_equal(report.run.resumptions, 1);
    assert_int_equal(report.run.finished_ms, 0);
    assert_int_equal(report.run.duration_ns, 5);
    assert_int_equal(report.results[0].outcome, HF_RESULT_MEASURED);
    assert_int_equal(report.results[1].outcome, HF_RESULT_NOT_RUN);
    assert_null(report.results[1].message);
    hf_report_free(&report);
    assert_ok(hf_store_finish_run(other, 1, HF_RUN_DONE, 1764000000001, 12, NULL, &err), &err);
    hf_store_close(other);
    assert_int_equal(count_files(state, "a.db.run-*"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_folder_make, fixture_folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_run_is_recorded),
        TEST(records_delayed_by_a_lock_are_written_later),
        TEST(journal_of_a_killed_run_is_stored_once),
        TEST(journal_stays_while_the_store_is_locked),
        TEST(incomplete_records_are_ignored),
        TEST(damaged_journals_are_renamed),
        TEST(queue_is_bounded_by_records),
        TEST(queue_is_bounded_by_bytes),
        TEST(queue_is_bounded_by_time),
        TEST(permanent_failures_end_the_run),
        TEST(queue_waits_for_a_full_disk),
        TEST(journal_takes_records_of_a_full_store),
        TEST(journal_uses_its_reserved_space_on_a_full_disk),
        TEST(hanging_writes_are_abandoned),
        TEST(ended_runs_can_be_resumed),
    };
    return cmocka_run_group_tests_name("store_keeper", tests, NULL, NULL);
}
