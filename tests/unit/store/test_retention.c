/* SPDX-License-Identifier: Apache-2.0 */
/* Deleting the details of old runs: what goes, what stays, and what no failure may leave behind. */
#include "fixture.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "fault_vfs.h"
#include "report/latency_statistics.h"
#include "sample.h"
#include "store/retention.h"
#include "store/run_tags.h"

/* The sample runs ended long before this, and this is long before the test runs. */
#define LATER INT64_C(1770000000000)
#define EVER  INT64_C(9000000000000)

static hf_store *open_store(const char *path)
{
    hf_error err = {0};
    hf_store *store = NULL;
    assert_ok(hf_store_open(path, &store, &err), &err);
    return store;
}

static int64_t record(hf_store *store, void (*make)(hf_report *report))
{
    hf_error err = {0};
    hf_report report;
    int64_t run_id = 0;
    make(&report);
    assert_ok(fixture_record(store, &report, &run_id, &err), &err);
    hf_report_free(&report);
    return run_id;
}

static hf_trimmed trim(hf_store *store, int64_t before_ms, bool dry_run)
{
    hf_error err = {0};
    hf_trimmed trimmed;
    assert_ok(hf_store_trim(store, before_ms, dry_run, &trimmed, &err), &err);
    return trimmed;
}

/* ---- What goes and what stays ---- */

static void assert_same_latencies(const hf_report *before, const hf_report *after)
{
    for (size_t i = 0; i < before->result_count; i++) {
        const hf_result_row *a = &before->results[i], *b = &after->results[i];
        hf_latency want, got;
        assert_int_equal(hf_result_latency(a, &want), hf_result_latency(b, &got));
        assert_memory_equal(&want, &got, sizeof want);
        assert_int_equal(b->summary.deleted, a->sample_count);
        assert_int_equal(b->outcome, a->outcome);
        assert_int_equal(b->macs, a->macs);
        assert_int_equal(b->arena_bytes, a->arena_bytes);
        assert_int_equal(b->attempt_count, a->attempt_count);
        assert_int_equal(b->factor_count, a->factor_count);
        assert_int_equal(b->sample_count, 0);
        assert_int_equal(b->layer_count, 0);
    }
}

static void details_of_old_runs_are_deleted(void **state)
{
    hf_error err = {0};
    hf_report before = {0}, after = {0};
    const char *path = fixture_path(state, "a.db");
    hf_store *store = open_store(path);
    const int64_t run_id = record(store, sample_sweep);
    assert_ok(hf_store_load_report(store, run_id, &before, &err), &err);
    const int64_t samples = fixture_number(path, "SELECT count(*) FROM samples");
    const int64_t layers =
        fixture_number(path, "SELECT (SELECT count(*) FROM layers) + (SELECT count(*) FROM layer_times)");

    /* Too young. */
    hf_trimmed trimmed = trim(store, before.run.finished_ms, false);
    assert_int_equal(trimmed.runs, 0);
    /* A dry run counts, and changes nothing. */
    trimmed = trim(store, LATER, true);
    assert_int_equal(trimmed.runs, 1);
    assert_int_equal(trimmed.samples, samples);
    assert_int_equal(trimmed.layers, layers);
    assert_true(trimmed.transcripts > 0 && trimmed.bytes > 0);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM samples"), samples);
    const hf_trimmed planned = trimmed;
    trimmed = trim(store, LATER, false);
    assert_memory_equal(&trimmed, &planned, sizeof trimmed);

    assert_ok(hf_store_load_report(store, run_id, &after, &err), &err);
    assert_same_latencies(&before, &after);
    assert_true(after.run.trimmed_ms > LATER);
    assert_int_equal(after.attempt_count, before.attempt_count);
    assert_int_equal(after.failure_count, before.failure_count);
    for (size_t i = 0; i < after.attempt_count; i++) {
        assert_null(after.attempts[i].transcript);
        assert_int_equal(after.attempts[i].message != NULL, before.attempts[i].message != NULL);
    }
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM samples"), 0);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM layers"), 0);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM layer_times"), 0);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM failures WHERE transcript_zlib IS NOT NULL"),
                     0);
    /* Once is enough. */
    trimmed = trim(store, LATER, false);
    assert_int_equal(trimmed.runs, 0);
    hf_report_free(&before);
    hf_report_free(&after);
    hf_store_close(store);
    fixture_check_integrity(path);
}

/* More results than a transaction deletes, and two measurements of one of them. */
static void long_runs_are_trimmed_whole(void **state)
{
    hf_error err = {0};
    hf_report report;
    int64_t run_id = 0;
    const char *path = fixture_path(state, "a.db");
    hf_store *store = open_store(path);
    sample_small(&report);
    assert_ok(hf_store_begin_group(store, &err), &err);
    assert_ok(fixture_begin_run(store, &report.run, &run_id, &err), &err);
    assert_ok(hf_store_add_board(store, run_id, &report.boards[0], &err), &err);
    for (int i = 0; i < 350; i++) {
        hf_attempt_row attempt = report.attempts[0];
        assert_ok(hf_store_add_result(store, run_id, 3 * i, &report.results[0], &err), &err);
        for (attempt.number = 1; attempt.number <= (i % 100 == 99 ? 2 : 1); attempt.number++)
            assert_ok(hf_store_add_attempt(store, run_id, 3 * i, &attempt, &report.results[0], &err), &err);
    }
    assert_ok(hf_store_finish_run(store, run_id, HF_RUN_ABORTED, report.run.finished_ms, 1, NULL, &err),
              &err);
    assert_ok(hf_store_end_group(store, HF_OK, &err), &err);
    const hf_trimmed trimmed = trim(store, LATER, false);
    assert_int_equal(trimmed.samples, 2 * 353);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM samples"), 0);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM layers"), 0);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM measurements WHERE deleted_samples = 2"),
                     353);
    hf_report_free(&report);
    hf_store_close(store);
}

static bool has_samples(const char *path, int64_t run_id)
{
    char text[200];
    snprintf(text, sizeof text,
             "SELECT count(*) FROM samples JOIN attempts ON attempts.id = attempt_id"
             " JOIN results ON results.id = result_id WHERE run_id = %d",
             (int)run_id);
    return fixture_number(path, text) > 0;
}

/* Tagged runs, the newest green run of each spec and runs under way keep everything. */
static void some_runs_are_left_alone(void **state)
{
    hf_error err = {0};
    const char *path = fixture_path(state, "a.db");
    hf_store *store = open_store(path);
    const int64_t tagged = record(store, sample_small), old_green = record(store, sample_small);
    const int64_t green = record(store, sample_small), red = record(store, sample_small);
    const int64_t other = record(store, sample_sweep), running = record(store, sample_small);
    assert_ok(hf_store_tag_run(store, "v1", tagged, false, &err), &err);
    fixture_sql(path, "UPDATE results SET outcome = 'pruned' WHERE run_id IN (2, 3) AND outcome = 'failed';"
                      "UPDATE runs SET state = 'running' WHERE id = 6");
    const hf_trimmed trimmed = trim(store, EVER, false);
    assert_int_equal(trimmed.runs, 3);
    assert_int_equal(trimmed.tagged, 1);
    assert_int_equal(trimmed.green, 1);
    assert_true(has_samples(path, tagged));
    assert_false(has_samples(path, old_green));
    assert_true(has_samples(path, green));
    assert_false(has_samples(path, red));
    assert_false(has_samples(path, other));
    assert_true(has_samples(path, running));
    int64_t found = 0;
    assert_ok(hf_store_find_last_green(store, "small", NULL, 0, &found, &err), &err);
    assert_int_equal(found, green);
    assert_ok(hf_store_find_last_green(store, "small", NULL, green, &found, &err), &err);
    assert_int_equal(found, old_green); /* still green */
    hf_store_close(store);
}

/* ---- Shrinking ---- */

static void fill(hf_store *store)
{
    hf_error err = {0};
    assert_ok(hf_store_begin_group(store, &err), &err);
    int64_t run_id = 0;
    hf_report report;
    sample_sweep(&report);
    assert_ok(fixture_begin_run(store, &report.run, &run_id, &err), &err);
    for (int i = 0; i < 200; i++)
        assert_ok(hf_store_add_result(store, run_id, i, &report.results[0], &err), &err);
    assert_ok(hf_store_finish_run(store, run_id, HF_RUN_ABORTED, report.run.finished_ms, 1, NULL, &err),
              &err);
    assert_ok(hf_store_end_group(store, HF_OK, &err), &err);
    hf_report_free(&report);
}

static void unused_pages_are_given_back(void **state)
{
    hf_error err = {0};
    const char *path = fixture_path(state, "a.db");
    hf_store *store = open_store(path);
    assert_int_equal(fixture_number(path, "PRAGMA auto_vacuum"), 2);
    fill(store);
    hf_shrunk shrunk;
    assert_ok(hf_store_shrink(store, 10000, &shrunk, &err), &err);
    const int64_t full = shrunk.after_bytes;
    const hf_trimmed trimmed = trim(store, LATER, false);
    assert_ok(hf_store_shrink(store, 0, &shrunk, &err), &err);
    assert_int_equal(shrunk.end, HF_SHRINK_TIME_OUT);
    assert_true(shrunk.unused_bytes > 0);
    assert_ok(hf_store_shrink(store, 10000, &shrunk, &err), &err);
    assert_int_equal(shrunk.end, HF_SHRINK_DONE);
    assert_int_equal(shrunk.unused_bytes, 0);
    /* The estimate is of the right size. */
    assert_true(full - shrunk.after_bytes > trimmed.bytes / 2);
    assert_true(full - shrunk.after_bytes < trimmed.bytes * 2);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_size, shrunk.after_bytes);
    hf_store_close(store);
    fixture_check_integrity(path);
}

/* A file of an older version is rewritten once, but neither while a run is under way nor without space for it. */
static void old_files_are_rewritten(void **state)
{
    hf_error err = {0};
    const char *path = fixture_path(state, "a.db");
    hf_store *store = open_store(path);
    fill(store);
    hf_store_close(store);
    fixture_sql(path, "PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM");
    store = open_store(path);
    assert_int_equal(fixture_number(path, "PRAGMA auto_vacuum"), 0);
    trim(store, LATER, false);
    hf_shrunk shrunk;
    fixture_sql(path, "UPDATE runs SET state = 'running'");
    assert_ok(hf_store_shrink(store, 10000, &shrunk, &err), &err);
    assert_int_equal(shrunk.end, HF_SHRINK_BUSY);
    fixture_sql(path, "UPDATE runs SET state = 'aborted'");
    assert_int_equal(setenv("SQLITE_TMPDIR", "/proc", 1), 0); /* has no space */
    assert_ok(hf_store_shrink(store, 10000, &shrunk, &err), &err);
    assert_int_equal(shrunk.end, HF_SHRINK_NO_SPACE);
    assert_true(shrunk.needed_bytes > 0 && shrunk.unused_bytes > 0);
    assert_int_equal(unsetenv("SQLITE_TMPDIR"), 0);
    assert_ok(hf_store_shrink(store, 0, &shrunk, &err), &err);
    assert_int_equal(shrunk.end, HF_SHRINK_TIME_OUT);
    assert_ok(hf_store_shrink(store, 60000, &shrunk, &err), &err);
    assert_int_equal(shrunk.end, HF_SHRINK_DONE);
    assert_true(shrunk.after_bytes < shrunk.before_bytes);
    assert_int_equal(fixture_number(path, "PRAGMA auto_vacuum"), 2);
    hf_store_close(store);
    fixture_check_integrity(path);
}

/* ---- Power loss ---- */

enum { DONE, REFUSED, BROKEN };

/* In a child: trims and shrinks with a fault armed. */
static int trim_with_fault(const char *path, fault_kind kind, int at, int counted)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_trimmed trimmed;
    hf_shrunk shrunk;
    fault_vfs_install();
    fault_vfs_arm(FAULT_NONE, 0);
    if (hf_store_open(path, &store, &err) != HF_OK)
        return BROKEN;
    fault_vfs_arm(kind, at);
    hf_status status = hf_store_trim(store, LATER, false, &trimmed, &err);
    if (status == HF_OK)
        status = hf_store_shrink(store, 10000, &shrunk, &err);
    const int count = fault_vfs_count();
    if (write(counted, &count, sizeof count) != (ssize_t)sizeof count)
        return BROKEN;
    hf_store_close(store);
    return status == HF_OK ? DONE : status == HF_ESTORE ? REFUSED : BROKEN;
}

/* Each measurement has its samples or their statistics, which are right; the next call completes the work. */
static void check_and_complete(const char *path)
{
    hf_error err = {0};
    hf_report report = {0};
    fixture_check_integrity(path);
    assert_int_equal(fixture_number(path,
                                    "SELECT count(*) FROM measurements WHERE (deleted_samples IS NULL) <>"
                                    " EXISTS (SELECT 1 FROM samples WHERE samples.attempt_id ="
                                    " measurements.attempt_id)"),
                     0);
    hf_store *store = open_store(path);
    for (int again = 0; again < 2; again++) {
        hf_latency latency;
        assert_ok(hf_store_load_report(store, 0, &report, &err), &err);
        assert_true(hf_result_latency(&report.results[0], &latency));
        assert_true(latency.median_cycles == 10100);
        hf_report_free(&report);
        trim(store, LATER, false);
    }
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM samples"), 0);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM runs WHERE trimmed_ms IS NULL"), 0);
    hf_store_close(store);
}

static void try_every_change(void **state, fault_kind kind)
{
    int counts[2], changes = 0, failed = 0;
    assert_int_equal(pipe(counts), 0);
    for (int at = 0; at <= changes; at++) { /* 0: none fails; they are counted */
        char name[32];
        snprintf(name, sizeof name, "%d.db", at);
        const char *path = fixture_path(state, name);
        hf_store *store = open_store(path);
        record(store, sample_small);
        hf_store_close(store);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            _exit(trim_with_fault(path, at ? kind : FAULT_NONE, at, counts[1]));
        int status = 0, count = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
        assert_true(killed ? kind != FAULT_FULL
                           : WEXITSTATUS(status) == DONE || WEXITSTATUS(status) == REFUSED);
        failed += killed || WEXITSTATUS(status) == REFUSED;
        if (!killed)
            assert_int_equal(read(counts[0], &count, sizeof count), sizeof count);
        changes = at ? changes : count;
        check_and_complete(path);
    }
    printf("fault %d: %d changes of the files tried, %d failed\n", kind, changes, failed);
    assert_true(changes > 8 && failed > changes / 3);
    close(counts[0]);
    close(counts[1]);
}

static void killed_at_every_change(void **state)
{
    try_every_change(state, FAULT_KILL);
}

static void killed_inside_every_write(void **state)
{
    try_every_change(state, FAULT_KILL_TORN);
}

static void disk_full_at_every_change(void **state)
{
    try_every_change(state, FAULT_FULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_folder_make, fixture_folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(details_of_old_runs_are_deleted), TEST(long_runs_are_trimmed_whole),
        TEST(some_runs_are_left_alone),        TEST(unused_pages_are_given_back),
        TEST(old_files_are_rewritten),         TEST(killed_at_every_change),
        TEST(killed_inside_every_write),       TEST(disk_full_at_every_change),
    };
    return cmocka_run_group_tests_name("store_retention", tests, NULL, NULL);
}
