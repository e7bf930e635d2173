/* SPDX-License-Identifier: Apache-2.0 */
/* Several runs of several owners: adding, ending and removing them. */
#include "script.h"

static void test_one_run_is_stopped(void **state)
{
    (void)state;
    for (int abort = 0; abort < 2; abort++) {
        script t;
        script_begin_many(&t, 2, NULL);
        script_add_jobs(&t, 1, 2);
        script_add_jobs(&t, 2, 2);
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
    script_add_jobs(&t, 1, 1);
    script_add_jobs(&t, 2, 1);
    EXPECT(&t, "open 0; prepare 0.0; prepare 1.0");
    script_stop_run(&t, 0, true);
    EXPECT(&t, "final 0.0 not run (stopped on request)");
    script_stop_run(&t, 1, true);
    EXPECT(&t, "final 1.0 not run (stopped on request); cancel 0");
    script_add_jobs(&t, 1, 1); /* too late for that open, but not for the next one */
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
    assert_int_equal(script_add_jobs(&t, 1, 1), 0);
    assert_int_equal(script_add_jobs(&t, 1, 0), 1);
    hf_error err = {0};
    assert_int_equal(hf_schedule_remove_run(t.schedule, 0, &err), HF_EINVALID);
    assert_string_equal(err.message, "unexpected event \"removed\" for run 0");
    EXPECT(&t, "final 0.0 failed (no board left); over 0; over 1");
    assert_int_equal(hf_schedule_remove_run(t.schedule, 0, NULL), HF_OK);
    assert_int_equal(hf_schedule_remove_run(t.schedule, 0, NULL), HF_EINVALID);
    assert_int_equal(hf_schedule_remove_run(t.schedule, 7, NULL), HF_EINVALID);
    assert_int_equal(hf_schedule_progress_get(t.schedule, 0).failed, 0);
    for (uint32_t i = 0; i < 20; i++)
        assert_int_equal(script_add_jobs(&t, i, 1), i ? i + 1 : 0);
    hf_schedule_drain(t.schedule);
    const hf_schedule_run request = {0};
    uint32_t run;
    assert_int_equal(hf_schedule_add_run(t.schedule, &request, t.now_ns, &run, NULL), HF_EINVALID);
    assert_non_null(strstr(script_actions(&t), "over 20; finished"));
    script_end(&t);
}

static void test_farm_faults_and_deadlines_end_one_run(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 2, NULL);
    script_add_jobs(&t, 1, 2);
    script_add_run(&t, &(hf_schedule_run){.owner = 2, .job_count = 2, .deadline_ns = 100 * S});
    script_actions(&t);
    OF_RUN(&t, hf_schedule_prepare_failed, 0, 1, HF_FAULT_FARM);
    EXPECT(&t, "final 0.0 not run (the farm failed); final 0.1 failed (the farm failed)");
    assert_int_equal(hf_schedule_stop_reason(t.schedule, 0), HF_REASON_FARM);
    assert_int_equal(hf_schedule_stop_reason(t.schedule, 1), HF_REASON_NONE);
    script_add_jobs(&t, 2, 1);
    assert_int_equal(hf_schedule_wake_ns(t.schedule), t.now_ns + 100 * S);
    script_wait(&t, 100);
    EXPECT(&t, "final 1.0 not run (the deadline passed); final 1.1 not run (the deadline passed); "
               "prepare 2.0");
    assert_int_equal(hf_schedule_stop_reason(t.schedule, 2), HF_REASON_NONE);
    UNOPENED(&t, 0, HF_FAULT_FARM); /* no run's fault alone */
    EXPECT(&t, "final 2.0 not run (the farm failed)");
    script_end(&t);
}

static void test_bad_requests_say_what_was_expected(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 1, NULL);
    uint32_t run = script_add_jobs(&t, 1, 1);
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
        cmocka_unit_test(test_one_run_is_stopped),
        cmocka_unit_test(test_opening_is_cancelled_with_the_last_run),
        cmocka_unit_test(test_numbers_of_removed_runs_are_used_again),
        cmocka_unit_test(test_farm_faults_and_deadlines_end_one_run),
        cmocka_unit_test(test_bad_requests_say_what_was_expected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
