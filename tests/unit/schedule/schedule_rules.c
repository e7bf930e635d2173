/* SPDX-License-Identifier: Apache-2.0 */
/* What the end of an attempt or a preparation does to a job: every rule on its own. */
#include "script.h"

static void test_success(void **state)
{
    (void)state;
    script t;
    script_begin(&t, script_one_chip, 2, script_one_chip, 1, NULL);
    EXPECT(&t, "open 0; prepare 0; prepare 1");
    PREPARED(&t, 1); /* out of order: whatever is ready goes */
    OPENED(&t, 0);
    EXPECT(&t, "start 1 on 0 #1");
    PREPARED(&t, 0);
    EXPECT(&t, "");
    DONE(&t, 0);
    EXPECT(&t, "final 1 done; release 1; start 0 on 0 #1");
    DONE(&t, 0);
    EXPECT(&t, "final 0 done; release 0; close 0");
    CLOSED(&t, 0);
    EXPECT(&t, "finished");
    EXPECT(&t, "");
    assert_true(hf_schedule_wake_ns(t.schedule) == HF_SCHEDULE_NEVER);
    script_end(&t);
}

static void test_nothing_to_do(void **state)
{
    (void)state;
    script t;
    script_begin(&t, script_one_chip, 0, script_one_chip, 2, NULL);
    EXPECT(&t, "finished");
    script_end(&t);
}

static void test_job_fault_is_final_without_strike(void **state)
{
    (void)state;
    script t;
    script_begin_running(&t, 2, 1, NULL);
    FAILED(&t, 0, HF_FAULT_JOB);
    assert_int_equal(script_board(&t, 0).strikes, 0);
    EXPECT(&t, "final 0 failed job/job; release 0; start 1 on 0 #1");
    FAILED(&t, 0, HF_FAULT_NONE); /* not classed: the same, for repeating it would not help */
    assert_int_equal(script_board(&t, 0).strikes, 0);
    EXPECT(&t, "final 1 failed job/job; release 1; close 0");
    script_end(&t);
}

static void test_board_fault_goes_to_another_board(void **state)
{
    (void)state;
    script t;
    script_begin(&t, script_one_chip, 1, script_one_chip, 2, NULL);
    EXPECT(&t, "open 0; prepare 0");
    PREPARED(&t, 0);
    OPENED(&t, 0);
    EXPECT(&t, "start 0 on 0 #1");
    FAILED(&t, 0, HF_FAULT_BOARD);
    assert_int_equal(script_board(&t, 0).strikes, 1);
    EXPECT(&t, "open 1"); /* board 0 is idle, but the job failed on it */
    OPENED(&t, 1);
    EXPECT(&t, "start 0 on 1 #2");
    DONE(&t, 1);
    EXPECT(&t, "final 0 done; release 0; close 0; close 1");
    script_end(&t);
}

static void test_board_fault_stays_when_there_is_no_other(void **state)
{
    (void)state;
    script t;
    script_begin_running(&t, 1, 1, NULL);
    FAILED(&t, 0, HF_FAULT_BOARD);
    EXPECT(&t, "start 0 on 0 #2");
    DONE(&t, 0);
    assert_int_equal(script_board(&t, 0).strikes, 0);
    EXPECT(&t, "final 0 done; release 0; close 0");
    script_end(&t);
}

static void test_line_faults_reopen_the_same_board_first(void **state)
{
    (void)state;
    static const hf_fault faults[] = {HF_FAULT_PROBE, HF_FAULT_SERIAL};
    for (size_t i = 0; i < 2; i++) {
        script t;
        script_begin(&t, script_one_chip, 1, script_one_chip, 2, NULL);
        script_actions(&t);
        PREPARED(&t, 0);
        OPENED(&t, 0);
        EXPECT(&t, "start 0 on 0 #1");
        FAILED(&t, 0, faults[i]);
        assert_int_equal(script_board(&t, 0).strikes, 1);
        EXPECT(&t, "close 0; open 1"); /* the other one meanwhile: there is a job waiting */
        OPENED(&t, 1);
        EXPECT(&t, ""); /* but the job waits for its own */
        CLOSED(&t, 0);
        EXPECT(&t, "open 0");
        OPENED(&t, 0);
        EXPECT(&t, "start 0 on 0 #2");
        FAILED(&t, 0, faults[i]); /* again: now the other */
        EXPECT(&t, "close 0; start 0 on 1 #3");
        FAILED(&t, 1, faults[i]);
        EXPECT(&t, i ? "final 0 failed attempts/serial; release 0; close 1"
                     : "final 0 failed attempts/probe; release 0; close 1");
        CLOSED(&t, 0);
        CLOSED(&t, 1);
        EXPECT(&t, "finished");
        script_end(&t);
    }
}

static void test_attempts_are_bounded(void **state)
{
    (void)state;
    for (uint32_t attempts = 1; attempts <= 5; attempts++) {
        script t;
        const script_policy policy = {.max_attempts = attempts, .strikes = 100};
        script_begin_running(&t, 1, 1, &policy);
        for (uint32_t i = 1; i < attempts; i++) {
            FAILED(&t, 0, HF_FAULT_BOARD);
            char expected[32];
            snprintf(expected, sizeof expected, "start 0 on 0 #%u", i + 1);
            EXPECT(&t, expected);
        }
        FAILED(&t, 0, HF_FAULT_BOARD);
        EXPECT(&t, "final 0 failed attempts/board; release 0; close 0");
        script_end(&t);
    }
}

static void test_retry_delay(void **state)
{
    (void)state;
    script t;
    const script_policy policy = {.retry_delay_ns = 10 * S};
    script_begin_running(&t, 2, 1, &policy);
    FAILED(&t, 0, HF_FAULT_BOARD);
    EXPECT(&t, "start 1 on 0 #1"); /* others go on meanwhile */
    assert_true(hf_schedule_wake_ns(t.schedule) == t.now_ns + 10 * S);
    DONE(&t, 0);
    EXPECT(&t, "final 1 done; release 1");
    script_wait(&t, 9);
    EXPECT(&t, "");
    assert_true(hf_schedule_wake_ns(t.schedule) == t.now_ns + 1 * S);
    script_wait(&t, 1);
    EXPECT(&t, "start 0 on 0 #2");
    assert_true(hf_schedule_wake_ns(t.schedule) == HF_SCHEDULE_NEVER);
    script_end(&t);
}

static void test_excluded_jobs_need_no_board(void **state)
{
    (void)state;
    script t;
    script_begin(&t, script_one_chip, 3, script_one_chip, 1, NULL);
    EVENT(&t, hf_schedule_exclude, 0, 0);
    EVENT(&t, hf_schedule_exclude, 0, 2);
    assert_int_equal(hf_schedule_exclude(t.schedule, 0, 0, t.now_ns, NULL), HF_EINVALID);
    EXPECT(&t, "final 0 excluded; final 2 excluded; open 0; prepare 1");
    assert_int_equal(hf_schedule_progress_get(t.schedule, 0).excluded, 2);
    assert_int_equal(hf_schedule_progress_get(t.schedule, 0).waiting, 1);
    EVENT(&t, hf_schedule_exclude, 0, 1); /* its preparation is under way, and so is the board */
    EXPECT(&t, "final 1 excluded");
    PREPARED(&t, 1);
    OPENED(&t, 0);
    EXPECT(&t, "release 1; close 0");
    CLOSED(&t, 0);
    EXPECT(&t, "finished");
    script_end(&t);

    script_begin(&t, script_one_chip, 1, script_one_chip, 1,
                 NULL); /* nothing to measure: no board is looked at */
    EVENT(&t, hf_schedule_exclude, 0, 0);
    EXPECT(&t, "final 0 excluded; finished");
    script_end(&t);

    script_begin_running(&t, 1, 1, NULL);
    assert_int_equal(hf_schedule_exclude(t.schedule, 0, 0, t.now_ns, NULL), HF_EINVALID); /* it runs */
    assert_int_equal(hf_schedule_exclude(t.schedule, 0, 9, t.now_ns, NULL), HF_EINVALID);
    script_end(&t);
}

static void test_preparation_failure(void **state)
{
    (void)state;
    script t;
    hf_schedule_job jobs[] = {
        {.chips = 1, .preparation = 0}, {.chips = 2, .preparation = 0}, {.chips = 1, .preparation = 1}};
    hf_schedule_board boards[] = {{.chip = 0}, {.chip = 1}};
    t = (script){0};
    assert_int_equal(script_new(jobs, 3, boards, 2, NULL, 0, &t.schedule, NULL), HF_OK);
    EXPECT(&t, "open 0; open 1; prepare 0; prepare 1");
    UNPREPARED(&t, 0, HF_FAULT_NONE);
    EXPECT(&t, "final 0 failed preparation/job; final 1 failed preparation/job");
    OPENED(&t, 1);
    EXPECT(&t, "close 1"); /* nothing left for it */
    script_end(&t);
}

static void test_unexpected_events_are_rejected(void **state)
{
    (void)state;
    script t;
    script_begin(&t, script_one_chip, 1, script_one_chip, 1, NULL);
    hf_error err = {0};
    assert_int_equal(hf_schedule_opened(t.schedule, 0, 0, &err), HF_EINVALID);
    assert_non_null(strstr(err.message, "board 0"));
    assert_int_equal(hf_schedule_opened(t.schedule, 7, 0, NULL), HF_EINVALID);
    assert_int_equal(hf_schedule_closed(t.schedule, 0, 0, NULL), HF_EINVALID);
    assert_int_equal(hf_schedule_prepared(t.schedule, 0, 0, 0, NULL), HF_EINVALID);
    assert_int_equal(hf_schedule_prepared(t.schedule, 0, 9, 0, NULL), HF_EINVALID);
    assert_int_equal(hf_schedule_prepare_failed(t.schedule, 0, 0, HF_FAULT_JOB, 0, NULL), HF_EINVALID);
    assert_int_equal(hf_schedule_attempt_done(t.schedule, 0, 0, NULL), HF_EINVALID);
    assert_int_equal(hf_schedule_attempt_failed(t.schedule, 0, HF_FAULT_JOB, 0, NULL), HF_EINVALID);
    assert_int_equal(hf_schedule_open_failed(t.schedule, 0, HF_FAULT_JOB, 0, NULL), HF_EINVALID);
    EXPECT(&t, "open 0; prepare 0"); /* nothing changed */
    script_end(&t);
}

static void test_bad_input(void **state)
{
    (void)state;
    hf_schedule *schedule = NULL;
    hf_error err = {0};
    const hf_schedule_job empty = {.chips = 0};
    const hf_schedule_board high = {.chip = 64};
    const hf_schedule_job far_job = {.chips = 1, .preparation = HF_SCHEDULE_MAX_JOBS};
    assert_int_equal(script_new(&empty, 1, NULL, 0, NULL, 0, &schedule, &err), HF_EINVALID);
    assert_string_equal(err.message, "job 0 has an empty set of chips");
    assert_int_equal(script_new(NULL, 0, &high, 1, NULL, 0, &schedule, NULL), HF_EINVALID);
    assert_int_equal(script_new(&far_job, 1, NULL, 0, NULL, 0, &schedule, NULL), HF_ELIMIT);
    assert_int_equal(script_new(NULL, HF_SCHEDULE_MAX_JOBS + 1, NULL, 0, NULL, 0, &schedule, NULL),
                     HF_ELIMIT);
    assert_null(schedule);
    hf_schedule_free(NULL);
    assert_string_equal(hf_schedule_board_state_name(HF_BOARD_LOST), "given up");
    assert_string_equal(hf_schedule_reason_text(HF_REASON_NO_BOARD), "no board left");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_success),
        cmocka_unit_test(test_nothing_to_do),
        cmocka_unit_test(test_job_fault_is_final_without_strike),
        cmocka_unit_test(test_board_fault_goes_to_another_board),
        cmocka_unit_test(test_board_fault_stays_when_there_is_no_other),
        cmocka_unit_test(test_line_faults_reopen_the_same_board_first),
        cmocka_unit_test(test_attempts_are_bounded),
        cmocka_unit_test(test_retry_delay),
        cmocka_unit_test(test_excluded_jobs_need_no_board),
        cmocka_unit_test(test_preparation_failure),
        cmocka_unit_test(test_unexpected_events_are_rejected),
        cmocka_unit_test(test_bad_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
