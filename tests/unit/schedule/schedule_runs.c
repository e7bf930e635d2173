/* SPDX-License-Identifier: Apache-2.0 */
/* Several runs of several owners: adding, ending and removing them; boards that people take and give back. */
#include "script.h"

static uint32_t add_run(script *t, uint32_t owner, uint32_t job_count, uint64_t deadline_ns)
{
    const hf_schedule_run request = {.owner = owner, .job_count = job_count, .deadline_ns = deadline_ns};
    return script_add_run(t, &request);
}

static void test_a_second_run_gets_the_next_free_board(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 1, NULL);
    EXPECT(&t, ""); /* without runs, no board is touched, and nothing is over */
    assert_int_equal(add_run(&t, 1, 3, 0), 0);
    EXPECT(&t, "open 0; prepare 0.0; prepare 0.1; prepare 0.2");
    for (uint32_t i = 0; i < 3; i++)
        OF_RUN(&t, hf_schedule_prepared, 0, i);
    OPENED(&t, 0);
    EXPECT(&t, "start 0.0 on 0 #1");
    assert_int_equal(add_run(&t, 2, 1, 0), 1);
    EXPECT(&t, "prepare 1.0");
    OF_RUN(&t, hf_schedule_prepared, 1, 0);
    script_wait(&t, 5);
    DONE(&t, 0);
    EXPECT(&t, "final 0.0 done; release 0.0; start 1.0 on 0 #1"); /* not behind 0.1 and 0.2 */
    DONE(&t, 0);
    EXPECT(&t, "final 1.0 done; release 1.0; over 1; start 0.1 on 0 #1");
    assert_true(hf_schedule_progress_get(t.schedule, 1).over);
    assert_int_equal(hf_schedule_progress_get(t.schedule, 0).waiting, 1);
    script_end(&t);
}

static void test_a_run_is_prepared_for_although_others_have_enough(void **state)
{
    (void)state;
    const hf_schedule_policy policy = {.prepare_ahead = 2};
    script t;
    script_begin_many(&t, 1, &policy);
    add_run(&t, 1, 9, 0);
    EXPECT(&t, "open 0; prepare 0.0; prepare 0.1");
    OF_RUN(&t, hf_schedule_prepared, 0, 0);
    OF_RUN(&t, hf_schedule_prepared, 0, 1);
    OPENED(&t, 0);
    EXPECT(&t, "start 0.0 on 0 #1; prepare 0.2");
    OF_RUN(&t, hf_schedule_prepared, 0, 2);
    add_run(&t, 2, 1, 0);
    EXPECT(&t, "prepare 1.0");
    script_end(&t);
}

/* The next attempt to start on board 0; everything else is carried out as it comes. @return its run */
static uint32_t next_start(script *t, bool hold_back_run_1)
{
    hf_schedule_action a;
    uint32_t run = HF_SCHEDULE_NONE;
    for (bool again = true; again;) {
        again = false;
        while (hf_schedule_next(t->schedule, t->now_ns, &a)) {
            again = true;
            if (a.kind == HF_ACTION_START)
                run = a.run;
            else if (a.kind == HF_ACTION_OPEN)
                OPENED(t, a.board);
            else if (a.kind == HF_ACTION_PREPARE && !(a.run == 1 && hold_back_run_1))
                OF_RUN(t, hf_schedule_prepared, a.run, a.preparation);
        }
    }
    return run;
}

static void test_shares_are_of_time_not_of_attempts(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 1, NULL);
    add_run(&t, 1, 30, 0);
    add_run(&t, 2, 30, 0);
    uint32_t starts[2] = {0};
    for (uint32_t i = 0; i < 30; i++) {
        const uint32_t run = next_start(&t, false);
        assert_true(run < 2);
        starts[run]++;
        script_wait(&t, run ? 2 : 8); /* attempts of run 0 last four times as long */
        DONE(&t, 0);
    }
    assert_in_range(starts[0], 5, 7);
    script_end(&t);
}

/* Two owners share a board for years, at the lowest priority, where virtual time passes 256 times as fast. */
static void test_shares_do_not_end_with_time(void **state)
{
    (void)state;
    for (int limited = 0; limited < 2; limited++) {
        hf_schedule_job jobs[400];
        const uint32_t board = 0;
        script t;
        script_begin_many(&t, 1, NULL);
        t.now_ns = 0;
        for (uint32_t i = 0; i < 400; i++)
            jobs[i] = (hf_schedule_job){.chips = 1, .preparation = i};
        for (uint32_t owner = 1; owner <= 2; owner++) {
            const hf_schedule_run request = {.owner = owner,
                                             .priority = -8,
                                             .jobs = jobs,
                                             .job_count = 400,
                                             .boards = limited && owner == 2 ? &board : NULL,
                                             .board_count = 1};
            script_add_run(&t, &request);
        }
        uint32_t starts[2] = {0};
        for (uint32_t i = 0; i < 600; i++) {
            const uint32_t run = next_start(&t, false);
            assert_true(run < 2);
            starts[run]++;
            if (i % 100 == 99) {
                assert_in_range(starts[0], 48, 52);
                starts[0] = 0;
            }
            t.now_ns += UINT64_C(1) << 50; /* 13 days */
            DONE(&t, 0);
        }
        script_end(&t);
    }
}

/* A run that could not be prepared for a long time does not take the board for as long afterwards. */
static void test_a_late_run_does_not_make_others_stand_still(void **state)
{
    (void)state;
    const hf_schedule_policy policy = {.prepare_ahead = 6};
    script t;
    script_begin_many(&t, 1, &policy);
    add_run(&t, 1, 30, 0);
    add_run(&t, 2, 6, 0);
    for (uint32_t i = 0; i < 20; i++) {
        assert_int_equal(next_start(&t, true), 0);
        script_wait(&t, 5);
        DONE(&t, 0);
    }
    uint32_t prepared = 0;
    for (uint32_t i = 0; i < 6; i++)
        prepared += hf_schedule_prepared(t.schedule, 1, i, t.now_ns, NULL) == HF_OK;
    assert_true(prepared >= 2);
    uint32_t starts[2] = {0};
    for (uint32_t i = 0; i < 5; i++) {
        const uint32_t run = next_start(&t, false);
        assert_true(run < 2);
        starts[run]++;
        script_wait(&t, 5);
        DONE(&t, 0);
    }
    assert_in_range(starts[0], 1, 2);
    script_end(&t);
}

static void test_one_run_is_stopped(void **state)
{
    (void)state;
    for (int abort = 0; abort < 2; abort++) {
        script t;
        script_begin_many(&t, 2, NULL);
        add_run(&t, 1, 2, 0);
        add_run(&t, 2, 2, 0);
        EXPECT(&t, "open 0; open 1; prepare 0.0; prepare 1.0; prepare 0.1; prepare 1.1");
        for (uint32_t i = 0; i < 4; i++)
            OF_RUN(&t, hf_schedule_prepared, i % 2, i / 2);
        OPENED(&t, 0);
        OPENED(&t, 1);
        EXPECT(&t, "start 0.0 on 0 #1; start 1.0 on 1 #1");
        script_stop_run(&t, 0, abort);
        assert_int_equal(hf_schedule_stop_reason(t.schedule, 0), HF_REASON_STOPPED);
        assert_int_equal(hf_schedule_stop_reason(t.schedule, 1), HF_REASON_NONE);
        EXPECT(&t, abort ? "final 0.1 not run (stopped on request); release 0.1; cancel 0"
                         : "final 0.1 not run (stopped on request); release 0.1");
        FAILED(&t, 0, abort ? HF_FAULT_NONE : HF_FAULT_BOARD);
        assert_int_equal(script_board(&t, 0).strikes, !abort);
        EXPECT(&t, "final 0.0 not run (stopped on request); release 0.0; over 0; start 1.1 on 0 #1");
        assert_int_equal(hf_schedule_stop_run(t.schedule, 0, true, HF_REASON_STOPPED, t.now_ns, NULL),
                         HF_EINVALID);
        script_end(&t);
    }
}

/* A board that is being opened is cancelled with a run only if no other run wants it. */
static void test_opening_is_cancelled_with_the_last_run(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 1, NULL);
    add_run(&t, 1, 1, 0);
    add_run(&t, 2, 1, 0);
    EXPECT(&t, "open 0; prepare 0.0; prepare 1.0");
    script_stop_run(&t, 0, true);
    EXPECT(&t, "final 0.0 not run (stopped on request)");
    script_stop_run(&t, 1, true);
    EXPECT(&t, "final 1.0 not run (stopped on request); cancel 0");
    add_run(&t, 1, 1, 0); /* too late for that open, but not for the next one */
    EXPECT(&t, "prepare 2.0");
    UNOPENED(&t, 0, HF_FAULT_NONE);
    assert_int_equal(script_board(&t, 0).strikes, 0);
    EXPECT(&t, "open 0");
    script_end(&t);
}

static void test_numbers_of_removed_runs_are_used_again(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 0, NULL);
    assert_int_equal(add_run(&t, 1, 1, 0), 0);
    assert_int_equal(add_run(&t, 1, 0, 0), 1);
    hf_error err = {0};
    assert_int_equal(hf_schedule_remove_run(t.schedule, 0, &err), HF_EINVALID);
    assert_string_equal(err.message, "unexpected event \"removed\" for run 0");
    EXPECT(&t, "final 0.0 failed (no board left); over 0; over 1");
    assert_int_equal(hf_schedule_remove_run(t.schedule, 0, NULL), HF_OK);
    assert_int_equal(hf_schedule_remove_run(t.schedule, 0, NULL), HF_EINVALID);
    assert_int_equal(hf_schedule_remove_run(t.schedule, 7, NULL), HF_EINVALID);
    assert_int_equal(hf_schedule_progress_get(t.schedule, 0).failed, 0);
    for (uint32_t i = 0; i < 20; i++)
        assert_int_equal(add_run(&t, i, 1, 0), i ? i + 1 : 0);
    hf_schedule_drain(t.schedule);
    const hf_schedule_run request = {0};
    uint32_t run;
    assert_int_equal(hf_schedule_add_run(t.schedule, &request, t.now_ns, &run, NULL), HF_EINVALID);
    assert_non_null(strstr(script_actions(&t), "over 20; finished"));
    script_end(&t);
}

static void test_a_reserved_board_gets_no_job(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 1, NULL);
    add_run(&t, 1, 3, 0);
    script_actions(&t);
    for (uint32_t i = 0; i < 3; i++)
        OF_RUN(&t, hf_schedule_prepared, 0, i);
    OPENED(&t, 0);
    EXPECT(&t, "start 0.0 on 0 #1");
    EVENT(&t, hf_schedule_reserve_board, 0, t.now_ns + 60 * S);
    EXPECT(&t, ""); /* the attempt finishes */
    assert_int_equal(script_board(&t, 0).state, HF_BOARD_BUSY);
    DONE(&t, 0);
    EXPECT(&t, "final 0.0 done; release 0.0; close 0");
    CLOSED(&t, 0);
    EXPECT(&t, "");
    assert_int_equal(script_board(&t, 0).state, HF_BOARD_RESERVED);
    assert_int_equal(hf_schedule_wake_ns(t.schedule), script_board(&t, 0).reserved_until_ns);
    script_wait(&t, 60);
    EXPECT(&t, "open 0"); /* it ends on its own */
    EVENT(&t, hf_schedule_reserve_board, 0, HF_SCHEDULE_NEVER);
    OPENED(&t, 0);
    EXPECT(&t, "close 0");
    CLOSED(&t, 0);
    EXPECT(&t, "");
    assert_int_equal(hf_schedule_wake_ns(t.schedule), HF_SCHEDULE_NEVER);
    EVENT(&t, hf_schedule_release_board, 0);
    EXPECT(&t, "open 0");
    assert_int_equal(hf_schedule_reserve_board(t.schedule, 1, 0, t.now_ns, NULL), HF_EINVALID);
    script_end(&t);
}

static void test_jobs_for_disabled_boards_are_not_run(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 2, NULL);
    add_run(&t, 1, 1, 0);
    EVENT(&t, hf_schedule_disable_board, 0);
    EXPECT(&t, "open 1; prepare 0.0"); /* there is another */
    assert_int_equal(script_board(&t, 0).state, HF_BOARD_DISABLED);
    EVENT(&t, hf_schedule_disable_board, 1);
    EXPECT(&t, "final 0.0 not run (board disabled)");
    OPENED(&t, 1);
    OF_RUN(&t, hf_schedule_prepared, 0, 0);
    EXPECT(&t, "release 0.0; over 0; close 1");
    CLOSED(&t, 1);
    EVENT(&t, hf_schedule_enable_board, 0);
    add_run(&t, 1, 1, 0);
    EXPECT(&t, "open 0; prepare 1.0");
    assert_int_equal(hf_schedule_disable_board(t.schedule, 2, t.now_ns, NULL), HF_EINVALID);
    assert_int_equal(hf_schedule_enable_board(t.schedule, 2, t.now_ns, NULL), HF_EINVALID);
    assert_int_equal(hf_schedule_release_board(t.schedule, 2, t.now_ns, NULL), HF_EINVALID);
    script_end(&t);
}

static void test_enabling_takes_a_board_back(void **state)
{
    (void)state;
    const hf_schedule_policy policies[] = {
        {.strikes = 1},                                                /* given up */
        {.strikes = 1, .quarantine_ns = 60 * S, .max_quarantines = 1}, /* quarantined */
    };
    for (size_t i = 0; i < 2; i++) {
        script t;
        script_begin_many(&t, 1, &policies[i]);
        add_run(&t, 1, 1, 0);
        EXPECT(&t, "open 0; prepare 0.0");
        UNOPENED(&t, 0, HF_FAULT_PROBE);
        assert_int_equal(script_board(&t, 0).quarantined, i == 1);
        assert_int_equal(script_board(&t, 0).given_up, i == 0);
        assert_int_equal(script_board(&t, 0).cause, HF_FAULT_PROBE);
        EXPECT(&t, i ? "" : "final 0.0 failed (no board left)");
        EVENT(&t, hf_schedule_enable_board, 0);
        assert_int_equal(script_board(&t, 0).state, HF_BOARD_CLOSED);
        assert_int_equal(script_board(&t, 0).strikes, 0);
        assert_int_equal(script_board(&t, 0).quarantines, 0);
        if (!i)
            add_run(&t, 1, 1, 0);
        EXPECT(&t, i ? "open 0" : "open 0; prepare 1.0");
        script_end(&t);
    }
}

static void test_a_board_is_added(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 1, NULL);
    add_run(&t, 1, 30, 0);
    EXPECT(&t, "open 0; prepare 0.0; prepare 0.1; prepare 0.2; prepare 0.3");
    const hf_schedule_board board = {0}, bad = {.chip = 64};
    for (uint32_t i = 1; i < 20; i++)
        EVENT(&t, hf_schedule_add_board, &board);
    hf_error err = {0};
    assert_int_equal(hf_schedule_add_board(t.schedule, &bad, t.now_ns, &err), HF_EINVALID);
    assert_string_equal(err.message, "board 20 has chip 64, expected 0 .. 63");
    /* Opening is throttled: 16 at a time. */
    EXPECT(&t, "open 1; open 2; open 3; open 4; open 5; open 6; open 7; open 8; open 9; open 10; open 11; "
               "open 12; open 13; open 14; open 15");
    OPENED(&t, 0);
    EXPECT(&t, "open 16");
    script_end(&t);
}

static void test_farm_faults_and_deadlines_end_one_run(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 2, NULL);
    add_run(&t, 1, 2, 0);
    add_run(&t, 2, 2, 100 * S);
    script_actions(&t);
    OF_RUN(&t, hf_schedule_prepare_failed, 0, 1, HF_FAULT_FARM);
    EXPECT(&t, "final 0.0 not run (the farm failed); final 0.1 failed (the farm failed)");
    assert_int_equal(hf_schedule_stop_reason(t.schedule, 0), HF_REASON_FARM);
    assert_int_equal(hf_schedule_stop_reason(t.schedule, 1), HF_REASON_NONE);
    add_run(&t, 2, 1, 0);
    assert_int_equal(hf_schedule_wake_ns(t.schedule), t.now_ns + 100 * S);
    script_wait(&t, 100);
    EXPECT(&t, "final 1.0 not run (the deadline passed); final 1.1 not run (the deadline passed); "
               "prepare 2.0");
    assert_int_equal(hf_schedule_stop_reason(t.schedule, 2), HF_REASON_NONE);
    UNOPENED(&t, 0, HF_FAULT_FARM); /* no run's fault alone */
    EXPECT(&t, "final 2.0 not run (the farm failed)");
    script_end(&t);
}

/* Each run waits for a board in use from the time that it finds it so; for a new run, it is not given up. */
static void test_a_run_waits_for_a_board_in_use_on_its_own(void **state)
{
    (void)state;
    const hf_schedule_policy policy = {.busy_wait_ns = 10 * S, .busy_retry_ns = 4 * S};
    script t;
    script_begin_many(&t, 1, &policy);
    add_run(&t, 1, 1, 0);
    EXPECT(&t, "open 0; prepare 0.0");
    IN_USE(&t, 0);
    script_stop_run(&t, 0, true);
    EXPECT(&t, "final 0.0 not run (stopped on request)");
    script_wait(&t, 100);
    add_run(&t, 1, 1, 0);
    EXPECT(&t, "open 0; prepare 1.0");
    IN_USE(&t, 0);
    EXPECT(&t, "");
    script_wait(&t, 10);
    EXPECT(&t, "open 0");
    IN_USE(&t, 0);
    EXPECT(&t, "final 1.0 not run (board in use)");
    assert_true(script_board(&t, 0).given_up);
    assert_false(script_board(&t, 0).needs_attention);
    add_run(&t, 1, 1, 0);
    EXPECT(&t, "open 0; prepare 2.0");
    assert_false(script_board(&t, 0).given_up);
    script_end(&t);
}

static void test_bad_requests_say_what_was_expected(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 1, NULL);
    uint32_t run = add_run(&t, 1, 1, 0);
    hf_schedule_run request = {.priority = 9};
    hf_error err = {0};
    assert_int_equal(hf_schedule_add_run(t.schedule, &request, t.now_ns, &run, &err), HF_EINVALID);
    assert_string_equal(err.message, "priority 9, expected -8 .. 8");
    hf_error_clear(&err);
    request = (hf_schedule_run){.job_count = HF_SCHEDULE_MAX_JOBS + 1};
    assert_int_equal(hf_schedule_add_run(t.schedule, &request, t.now_ns, &run, &err), HF_ELIMIT);
    assert_string_equal(err.message, "a run of 1000001 jobs, expected at most 1000000");
    assert_int_equal(hf_schedule_set_priority(t.schedule, 0, -9, NULL), HF_EINVALID);
    assert_int_equal(hf_schedule_set_priority(t.schedule, 1, 0, NULL), HF_EINVALID);
    assert_int_equal(hf_schedule_set_priority(t.schedule, 0, 8, NULL), HF_OK);
    assert_int_equal(hf_schedule_prepared(t.schedule, 1, 0, t.now_ns, NULL), HF_EINVALID);
    assert_int_equal(hf_schedule_exclude(t.schedule, 1, 0, t.now_ns, NULL), HF_EINVALID);
    assert_int_equal(hf_schedule_stop_run(t.schedule, 1, true, HF_REASON_STOPPED, t.now_ns, NULL),
                     HF_EINVALID);
    script_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_second_run_gets_the_next_free_board),
        cmocka_unit_test(test_a_run_is_prepared_for_although_others_have_enough),
        cmocka_unit_test(test_shares_are_of_time_not_of_attempts),
        cmocka_unit_test(test_shares_do_not_end_with_time),
        cmocka_unit_test(test_a_late_run_does_not_make_others_stand_still),
        cmocka_unit_test(test_one_run_is_stopped),
        cmocka_unit_test(test_opening_is_cancelled_with_the_last_run),
        cmocka_unit_test(test_numbers_of_removed_runs_are_used_again),
        cmocka_unit_test(test_a_reserved_board_gets_no_job),
        cmocka_unit_test(test_jobs_for_disabled_boards_are_not_run),
        cmocka_unit_test(test_enabling_takes_a_board_back),
        cmocka_unit_test(test_a_board_is_added),
        cmocka_unit_test(test_farm_faults_and_deadlines_end_one_run),
        cmocka_unit_test(test_a_run_waits_for_a_board_in_use_on_its_own),
        cmocka_unit_test(test_bad_requests_say_what_was_expected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
