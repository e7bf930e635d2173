/* SPDX-License-Identifier: Apache-2.0 */
/* Whichever change of a file fails, and wherever the process dies, an attempt is stored completely or not at all. */
#include "fixture.h"

#include <signal.h>
#include <sys/wait.h>

#include "fault_vfs.h"
#include "sample.h"

#define MOST_CHANGES 2000

/* Three exit statuses of a child. */
enum { DONE, REFUSED, BROKEN, KILLED };

static int wait_for(pid_t child)
{
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGKILL ? KILLED : BROKEN;
    return WEXITSTATUS(status);
}

/* A run of one variation, waiting for its attempt; the store is left closed. */
static void make_waiting_run(const char *path, const hf_report *report)
{
    hf_error err = {0};
    hf_store *store = NULL;
    int64_t run_id = 0;
    assert_ok(hf_store_open(path, &store, &err), &err);
    assert_ok(fixture_begin_run(store, &report->run, &run_id, &err), &err);
    assert_ok(hf_store_add_board(store, run_id, &report->boards[0], &err), &err);
    assert_ok(hf_store_add_result(store, run_id, 0, &report->results[0], &err), &err);
    hf_store_close(store);
}

/* In a child: records an attempt with a fault armed, and closes the store. */
static int record_attempt(const char *path, const hf_report *report, fault_kind kind, int at)
{
    hf_error err = {0};
    hf_store *store = NULL;
    fault_vfs_install();
    fault_vfs_arm(FAULT_NONE, 0);
    if (hf_store_open(path, &store, &err) != HF_OK)
        return BROKEN;
    fault_vfs_arm(kind, at);
    hf_status status = hf_store_add_attempt(store, 1, 0, &report->attempts[0], &report->results[0], &err);
    if (status != HF_OK) {
        /* Reported properly, and this handle sees nothing of it. */
        fault_vfs_arm(FAULT_NONE, 0);
        hf_report seen = {0};
        hf_error after = {0};
        if (status != HF_ESTORE || err.fault != HF_FAULT_FARM || !strstr(err.message, path) ||
            !strstr(err.message, "recording"))
            return BROKEN;
        if (hf_store_load_report(store, 0, &seen, &after) != HF_OK || seen.attempt_count != 0)
            return BROKEN;
        hf_report_free(&seen);
    }
    hf_store_close(store);
    return status == HF_OK ? DONE : REFUSED;
}

/* The attempt is stored completely or not at all; recording it (again) succeeds either way. */
static bool check_all_or_nothing(const char *path, const hf_report *report)
{
    fixture_check_integrity(path);
    hf_error err = {0};
    hf_store *store = NULL;
    hf_report loaded = {0};
    assert_ok(hf_store_open(path, &store, &err), &err);
    assert_ok(hf_store_load_report(store, 0, &loaded, &err), &err);
    assert_int_equal(loaded.result_count, 1);
    const hf_result_row *row = &loaded.results[0], *expected = &report->results[0];
    bool all = loaded.attempt_count == 1;
    assert_int_equal(row->outcome, all ? HF_RESULT_MEASURED : HF_RESULT_NOT_RUN);
    assert_int_equal(row->sample_count, all ? expected->sample_count : 0);
    assert_int_equal(row->arena_bytes, all ? expected->arena_bytes : 0);
    for (size_t i = 0; i < row->layer_count; i++)
        assert_int_equal(row->layers[i].cycles, all ? expected->layers[i].cycles : 0);
    hf_report_free(&loaded);
    hf_attempt_row again = report->attempts[0];
    again.number = all ? 2 : 1;
    assert_ok(hf_store_add_attempt(store, 1, 0, &again, expected, &err), &err);
    hf_store_close(store);
    return all;
}

static int attempt_with_fault(void **state, const char *name, const hf_report *report, fault_kind kind,
                              int at, bool *all)
{
    const char *path = fixture_path(state, name);
    make_waiting_run(path, report);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(record_attempt(path, report, kind, at));
    int end = wait_for(child);
    *all = check_all_or_nothing(path, report);
    return end;
}

/* Injects the fault into each change of the files in turn. */
static void try_every_change(void **state, fault_kind kind, int bad_end)
{
    hf_report report;
    sample_small(&report);
    int bad = 0, before = 0, after = 0, at = 1;
    for (;; at++) {
        char name[32];
        bool all = false;
        assert_true(at < MOST_CHANGES);
        snprintf(name, sizeof name, "%d.db", at);
        int end = attempt_with_fault(state, name, &report, kind, at, &all);
        if (end == DONE && at > 1 && bad + 1 < at)
            /* Two in a row without harm: past the last change. Past the commit a full disk is no harm, as
             * only the log stays longer than need be. */
            break;
        assert_true(end == bad_end || end == DONE);
        if (end == REFUSED)
            assert_false(all);
        if (end == DONE)
            assert_true(all);
        if (end == bad_end)
            bad = at;
        ++*(all ? &after : &before);
    }
    /* The fault was injected both before and after the commit, or always before it if it was reported. */
    assert_true(before > 0);
    if (bad_end == KILLED)
        assert_true(after > 0);
    printf("fault %d: %d changes of the files tried, %d left nothing, %d left all\n", kind, bad, before,
           after);
    hf_report_free(&report);
}

static void killed_at_every_change(void **state)
{
    try_every_change(state, FAULT_KILL, KILLED);
}

static void killed_inside_every_write(void **state)
{
    try_every_change(state, FAULT_KILL_TORN, KILLED);
}

static void disk_full_at_every_change(void **state)
{
    try_every_change(state, FAULT_FULL, REFUSED);
}

static void write_error_at_every_change(void **state)
{
    try_every_change(state, FAULT_IO_ONCE, REFUSED);
}

/* An attempt is on the disk before it counts as recorded: a power cut undoes nothing. In a child, because
 * the VFS stays registered. */
static int record_and_look(const char *path, const hf_report *report)
{
    hf_error err = {0};
    hf_store *store = NULL;
    fault_vfs_install();
    if (hf_store_open(path, &store, &err) != HF_OK)
        return BROKEN;
    fault_vfs_arm(FAULT_NONE, 0);
    hf_status status = hf_store_add_attempt(store, 1, 0, &report->attempts[0], &report->results[0], &err);
    bool durable = fault_vfs_count() > 0 && fault_vfs_unsynced() == 0;
    hf_store_close(store);
    return status != HF_OK ? BROKEN : durable ? DONE : REFUSED;
}

static void attempts_survive_a_power_cut(void **state)
{
    hf_report report;
    sample_small(&report);
    const char *path = fixture_path(state, "power.db");
    make_waiting_run(path, &report);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(record_and_look(path, &report));
    assert_int_equal(wait_for(child), DONE);
    hf_report_free(&report);
}

/* In a child: opens a new store and records a whole report, with a fault armed from the beginning. */
static int record_everything(const char *path, const hf_report *report, fault_kind kind, int at, int counted)
{
    hf_error err = {0};
    hf_store *store = NULL;
    int64_t run_id = 0;
    fault_vfs_install();
    fault_vfs_arm(kind, at);
    hf_status status = hf_store_open(path, &store, &err);
    if (status == HF_OK)
        status = fixture_record(store, report, &run_id, &err);
    hf_store_close(store);
    int count = fault_vfs_count();
    if (write(counted, &count, sizeof count) != (ssize_t)sizeof count)
        return BROKEN;
    if (status != HF_OK && (status != HF_ESTORE || !strstr(err.message, path)))
        return BROKEN;
    return status == HF_OK ? DONE : REFUSED;
}

/* A store whose process died while creating or filling it can be opened, is consistent, and accepts records. */
static void try_whole_run(void **state, fault_kind kind)
{
    hf_report report;
    sample_small(&report);
    int counts[2], changes = 0, refused = 0;
    assert_int_equal(pipe(counts), 0);
    for (int at = 0; at <= changes; at++) { /* 0: none fails; they are counted */
        char name[32];
        snprintf(name, sizeof name, "%d.db", at);
        const char *path = fixture_path(state, name);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            _exit(record_everything(path, &report, at ? kind : FAULT_NONE, at, counts[1]));
        int end = wait_for(child);
        assert_true(end == DONE || (at && end == (kind == FAULT_FULL ? REFUSED : KILLED)));
        refused += end != DONE;
        int count = 0;
        if (end != KILLED)
            assert_int_equal(read(counts[0], &count, sizeof count), sizeof count);
        if (at == 0)
            changes = count;
        hf_error err = {0};
        hf_store *store = NULL;
        int64_t run_id = 0;
        assert_ok(hf_store_open(path, &store, &err), &err);
        assert_ok(fixture_record(store, &report, &run_id, &err), &err);
        hf_store_close(store);
        fixture_check_integrity(path);
        /* An attempt has its measurement or its failure, and exactly one of them. */
        assert_int_equal(fixture_number(path,
                                        "SELECT count(*) FROM attempts WHERE succeeded AND 2 <> "
                                        "(SELECT count(*) FROM samples WHERE attempt_id = attempts.id)"),
                         0);
        assert_int_equal(fixture_number(path,
                                        "SELECT count(*) FROM attempts WHERE NOT succeeded AND id NOT IN "
                                        "(SELECT attempt_id FROM failures)"),
                         0);
        assert_int_equal(fixture_number(path, "SELECT count(*) FROM results WHERE name = 'net_a' AND 1 <> "
                                              "(SELECT count(*) FROM layers WHERE result_id = results.id)"),
                         0);
    }
    assert_true(changes > 20);
    assert_true(refused >= changes / 2);
    close(counts[0]);
    close(counts[1]);
    hf_report_free(&report);
}

static void whole_run_killed_at_every_change(void **state)
{
    try_whole_run(state, FAULT_KILL);
}

static void whole_run_with_disk_full_at_every_change(void **state)
{
    try_whole_run(state, FAULT_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(attempts_survive_a_power_cut, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(killed_at_every_change, fixture_folder_make, fixture_folder_remove),
        cmocka_unit_test_setup_teardown(killed_inside_every_write, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(disk_full_at_every_change, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(write_error_at_every_change, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(whole_run_killed_at_every_change, fixture_folder_make,
                                        fixture_folder_remove),
        cmocka_unit_test_setup_teardown(whole_run_with_disk_full_at_every_change, fixture_folder_make,
                                        fixture_folder_remove),
    };
    return cmocka_run_group_tests_name("store_faults", tests, NULL, NULL);
}
