/* SPDX-License-Identifier: Apache-2.0 */
/* The process is killed, or the disk is full, at every change of a file while groups of records, tags and the state of boards are
 * written: what somebody was told to be stored is there, and everything is there completely or not at all. */
#include "fixture.h"

#include <signal.h>
#include <sys/wait.h>

#include "fault_vfs.h"
#include "queue_rig.h"
#include "store/board_health.h"
#include "store/run_tags.h"

#define MOST_CHANGES 2000
#define ATTEMPTS     6

/* What a child does, with a fault armed. It reports progress with tell(). @return whether it succeeded */
typedef bool work(const char *path, fault_kind kind, int at);

static int told_fd;

static void tell(int progress)
{
    const unsigned char byte = (unsigned char)progress;
    if (write(told_fd, &byte, 1) != 1)
        _exit(99);
}

/* The last progress that the child told; *died = it was killed. */
static int run_child(work *function, const char *path, fault_kind kind, int at, bool *died)
{
    int ends[2], status = 0, told = 0;
    unsigned char byte;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        told_fd = ends[1];
        fault_vfs_install();
        _exit(function(path, kind, at) ? 0 : 1);
    }
    close(ends[1]);
    while (read(ends[0], &byte, 1) == 1)
        told = byte;
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    *died = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    assert_true(*died || (WIFEXITED(status) && WEXITSTATUS(status) <= 1));
    return told;
}

/* Tries the fault at every change until one is past the last. @param most what the child tells when it is done */
static void try_every_change(void **state, work *function, fault_kind kind, int most,
                             void (*check)(const char *path, int told))
{
    int harmed = 0, at = 1;
    for (int harmless = 0; harmless < 2; at++) {
        char name[32];
        bool died = false;
        assert_true(at < MOST_CHANGES);
        snprintf(name, sizeof name, "%d.db", at);
        const char *path = fixture_path(state, name);
        const int told = run_child(function, path, kind, at, &died);
        const bool is_harmed = died || told < most;
        check(path, told);
        harmed += is_harmed;
        harmless = is_harmed ? 0 : harmless + 1;
    }
    printf("fault %d: %d of %d changes did harm\n", kind, harmed, at - 1);
    assert_true(harmed >= 3);
}

/* ---- Records through the queue ---- */

static hf_store *open_run(const char *path, int64_t *run_id, hf_report *report)
{
    hf_store *store = NULL;
    sample_small(report);
    fault_vfs_arm(FAULT_NONE, 0);
    if (hf_store_open(path, &store, NULL) != HF_OK ||
        fixture_begin_run(store, &report->run, run_id, NULL) != HF_OK ||
        hf_store_add_board(store, *run_id, &report->boards[0], NULL) != HF_OK)
        _exit(98);
    return store;
}

/* A plan, an analysis and attempts that wait for a lock; then the fault. Tells how many records are kept. */
static bool write_queue(const char *path, fault_kind kind, int at)
{
    hf_report report;
    hf_write_queue *queue = NULL;
    hf_write_queue_status status = {0};
    int64_t run_id = 0;
    const hf_write_queue_options options = {.busy_ms = 20000, .linger_ms = 1};
    hf_store *store = open_run(path, &run_id, &report);
    sqlite3 *other = rig_lock_store(path); /* so that all records wait */
    fault_vfs_arm(kind, at);
    if (hf_write_queue_start(store, run_id, &options, &queue, NULL) != HF_OK)
        return false;
    hf_result_row planned = report.results[0];
    hf_write_queue_add_plan(queue, &planned, 1);
    hf_write_queue_add_result(queue, 0, &report.results[0]);
    uint64_t last = 0;
    for (int i = 1; i <= ATTEMPTS; i++) {
        hf_attempt_row attempt = report.attempts[1];
        attempt.number = i;
        last = hf_write_queue_add_attempt(queue, 0, &attempt, NULL);
    }
    sqlite3_close(other);
    const hf_deadline deadline = hf_deadline_in_ms(RIG_DEADLINE_MS);
    uint64_t told = 0;
    while (told < last && !hf_deadline_passed(deadline)) {
        hf_write_queue_status_get(queue, &status);
        if (status.kept > told)
            tell((int)(told = status.kept));
        if (status.waiting)
            break; /* the disk is full: the records are in the journal */
    }
    if (status.waiting)
        fault_vfs_arm(FAULT_NONE, 0);
    return hf_write_queue_stop(queue, 1000, NULL) == HF_OK;
}

static void check_queue(const char *path, int told)
{
    hf_error err = {0};
    hf_store *store = NULL;
    assert_ok(hf_store_open(path, &store, &err), &err); /* replays the journal, if there is one */
    hf_store_close(store);
    fixture_check_integrity(path);
    const int64_t attempts = fixture_number(path, "SELECT count(*) FROM attempts");
    /* The plan and the analysis were the first two. */
    assert_true(attempts >= told - 2);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM failures"), attempts);
    assert_int_equal(fixture_number(path, "SELECT count(DISTINCT number) FROM attempts"), attempts);
    /* In order: no earlier one is missing. */
    if (attempts)
        assert_int_equal(fixture_number(path, "SELECT max(number) FROM attempts"), attempts);
}

static void queues_killed_at_every_change(void **state)
{
    try_every_change(state, write_queue, FAULT_KILL, ATTEMPTS + 2, check_queue);
}

static void queues_killed_inside_every_write(void **state)
{
    try_every_change(state, write_queue, FAULT_KILL_TORN, ATTEMPTS + 2, check_queue);
}

/* ---- One group ---- */

/* A whole run but for its beginning, in one transaction. Tells 1 when it is stored. */
static bool write_group(const char *path, fault_kind kind, int at)
{
    hf_report report;
    int64_t run_id = 0;
    hf_store *store = open_run(path, &run_id, &report);
    fault_vfs_arm(kind, at);
    hf_status status = hf_store_begin_group(store, NULL);
    if (status != HF_OK)
        return false;
    status = hf_store_add_result(store, run_id, 0, &report.results[0], NULL);
    for (int i = 1; status == HF_OK && i <= ATTEMPTS; i++) {
        hf_attempt_row attempt = report.attempts[0];
        attempt.number = i;
        status = hf_store_add_attempt(store, run_id, 0, &attempt, &report.results[0], NULL);
    }
    if (status == HF_OK)
        status = hf_store_finish_run(store, run_id, HF_RUN_DONE, 1764000000000, 5, NULL, NULL);
    status = hf_store_end_group(store, status, NULL);
    if (status == HF_OK)
        tell(1);
    return status == HF_OK;
}

static void check_group(const char *path, int told)
{
    hf_error err = {0};
    hf_store *store = NULL;
    assert_ok(hf_store_open(path, &store, &err), &err);
    hf_store_close(store);
    fixture_check_integrity(path);
    const bool all = fixture_number(path, "SELECT count(*) FROM attempts") > 0;
    assert_true(all || !told);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM attempts"), all ? ATTEMPTS : 0);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM samples"), all ? 2 * ATTEMPTS : 0);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM results"), all);
    assert_int_equal(fixture_number(path, "SELECT state = 'done' FROM runs"), all);
}

static void groups_killed_at_every_change(void **state)
{
    try_every_change(state, write_group, FAULT_KILL, 1, check_group);
}

static void groups_killed_inside_every_write(void **state)
{
    try_every_change(state, write_group, FAULT_KILL_TORN, 1, check_group);
}

static void groups_with_disk_full_at_every_change(void **state)
{
    try_every_change(state, write_group, FAULT_FULL, 1, check_group);
}

static void groups_with_write_error_at_every_change(void **state)
{
    try_every_change(state, write_group, FAULT_IO_ONCE, 1, check_group);
}

/* ---- Tags and the state of boards ---- */

static bool write_tags_and_boards(const char *path, fault_kind kind, int at)
{
    hf_report report;
    int64_t run_id = 0;
    hf_store *store = open_run(path, &run_id, &report);
    char cable[] = "cable", why[] = "no answer";
    const hf_board_state_row board = {.id = report.boards[0].id,
                                      .chip = report.boards[0].chip,
                                      .disabled_reason = cable,
                                      .quarantine_count = 3,
                                      .attention = why};
    const hf_health_check_row check = {
        .board_id = board.id, .chip = board.chip, .cycles = 100, .passed = true};
    const unsigned parts = HF_BOARD_PART_DISABLED | HF_BOARD_PART_QUARANTINE | HF_BOARD_PART_ATTENTION;
    fault_vfs_arm(kind, at);
    if (hf_store_tag_run(store, "v1", run_id, false, NULL) == HF_OK)
        tell(1);
    else
        return false;
    if (hf_store_put_board_state(store, &board, parts, NULL) == HF_OK)
        tell(2);
    else
        return false;
    if (hf_store_add_health_check(store, &check, NULL) == HF_OK)
        tell(3);
    else
        return false;
    if (hf_store_tag_run(store, "v2", run_id, true, NULL) == HF_OK &&
        hf_store_untag(store, "v1", NULL) == HF_OK)
        tell(4);
    else
        return false;
    return true;
}

static void check_tags_and_boards(const char *path, int told)
{
    hf_error err = {0};
    hf_store *store = NULL;
    hf_board_state_row *states = NULL;
    hf_health_check_row *checks = NULL;
    size_t state_count = 0, check_count = 0;
    int64_t first = 0, second = 0;
    fixture_check_integrity(path);
    assert_ok(hf_store_open(path, &store, &err), &err);
    assert_ok(hf_store_find_tag(store, "v1", &first, &err), &err);
    assert_ok(hf_store_find_tag(store, "v2", &second, &err), &err);
    assert_ok(hf_store_list_board_states(store, &states, &state_count, &err), &err);
    assert_ok(hf_store_list_health_checks(store, NULL, NULL, false, 9, &checks, &check_count, &err), &err);
    if (told >= 1)
        assert_true(first || second);
    if (told >= 2)
        assert_int_equal(state_count, 1);
    if (state_count) { /* all parts or none */
        assert_string_equal(states[0].disabled_reason, "cable");
        assert_string_equal(states[0].attention, "no answer");
        assert_int_equal(states[0].quarantine_count, 3);
    }
    if (told >= 3)
        assert_int_equal(check_count, 1);
    if (told >= 4)
        assert_true(!first && second);
    hf_rows_free(&hf_board_state_row_type, states, state_count);
    hf_rows_free(&hf_health_check_row_type, checks, check_count);
    hf_store_close(store);
}

static void tags_and_boards_killed_at_every_change(void **state)
{
    try_every_change(state, write_tags_and_boards, FAULT_KILL, 4, check_tags_and_boards);
}

static void tags_and_boards_killed_inside_every_write(void **state)
{
    try_every_change(state, write_tags_and_boards, FAULT_KILL_TORN, 4, check_tags_and_boards);
}

static void tags_and_boards_with_disk_full_at_every_change(void **state)
{
    try_every_change(state, write_tags_and_boards, FAULT_FULL, 4, check_tags_and_boards);
}

static void tags_and_boards_with_write_error_at_every_change(void **state)
{
    try_every_change(state, write_tags_and_boards, FAULT_IO_ONCE, 4, check_tags_and_boards);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_folder_make, fixture_folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(queues_killed_at_every_change),
        TEST(queues_killed_inside_every_write),
        TEST(groups_killed_at_every_change),
        TEST(groups_killed_inside_every_write),
        TEST(groups_with_disk_full_at_every_change),
        TEST(groups_with_write_error_at_every_change),
        TEST(tags_and_boards_killed_at_every_change),
        TEST(tags_and_boards_killed_inside_every_write),
        TEST(tags_and_boards_with_disk_full_at_every_change),
        TEST(tags_and_boards_with_write_error_at_every_change),
    };
    return cmocka_run_group_tests_name("store_fault_groups", tests, NULL, NULL);
}
