/* SPDX-License-Identifier: Apache-2.0 */
/* What failures, time and stop requests do to jobs and boards: every rule on its own. */
#include "script.h"

static const uint32_t one_chip[16] = {0};

/* One or more jobs and boards of one chip, everything prepared and open, first attempts started. */
static void begin_running(script *t, uint32_t jobs, uint32_t boards, const script_policy *policy)
{
    script_begin(t, one_chip, jobs, one_chip, boards, policy);
    script_actions(t);
    for (uint32_t i = 0; i < jobs && i < 4; i++)
        PREPARED(t, i);
    for (uint32_t i = 0; i < boards; i++)
        OPENED(t, i);
    script_actions(t);
}

static void test_success(void **state)
{
    (void)state;
    script t;
    script_begin(&t, one_chip, 2, one_chip, 1, NULL);
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
    script_begin(&t, one_chip, 0, one_chip, 2, NULL);
    EXPECT(&t, "finished");
    script_end(&t);
}

static void test_job_fault_is_final_without_strike(void **state)
{
    (void)state;
    script t;
    begin_running(&t, 2, 1, NULL);
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
    script_begin(&t, one_chip, 1, one_chip, 2, NULL);
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
    begin_running(&t, 1, 1, NULL);
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
        script_begin(&t, one_chip, 1, one_chip, 2, NULL);
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
        begin_running(&t, 1, 1, &policy);
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
    begin_running(&t, 2, 1, &policy);
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

static void test_strikes_quarantine_and_probation(void **state)
{
    (void)state;
    script t;
    const script_policy policy = {.max_attempts = 20,
                                  .strikes = 2,
                                  .quarantine_ns = 30 * S,
                                  .quarantine_max_ns = 100 * S,
                                  .max_quarantines = 3};
    begin_running(&t, 1, 1, &policy);
    FAILED(&t, 0, HF_FAULT_BOARD);
    EXPECT(&t, "start 0 on 0 #2");
    static const uint64_t stays[] = {30, 60, 100}; /* doubled, up to the longest */
    for (uint32_t i = 0; i < 3; i++) {
        FAILED(&t, 0, HF_FAULT_BOARD);
        EXPECT(&t, "close 0");
        CLOSED(&t, 0);
        EXPECT(&t, "");
        hf_schedule_board_status status = script_board(&t, 0);
        assert_int_equal(status.state, HF_BOARD_QUARANTINE);
        assert_int_equal(status.quarantines, i + 1);
        assert_true(status.until_ns == t.now_ns + stays[i] * S);
        assert_true(hf_schedule_wake_ns(t.schedule) == t.now_ns + stays[i] * S);
        script_wait(&t, stays[i] - 1);
        EXPECT(&t, "");
        script_wait(&t, 1);
        EXPECT(&t, "open 0");
        assert_int_equal(script_board(&t, 0).strikes, 1); /* on probation: the next one counts at once */
        OPENED(&t, 0);
        char expected[32];
        snprintf(expected, sizeof expected, "start 0 on 0 #%u", 3 + i);
        EXPECT(&t, expected);
    }
    FAILED(&t, 0, HF_FAULT_BOARD); /* a fourth stay is not allowed */
    EXPECT(&t, "final 0 failed no_board/board; release 0; close 0");
    CLOSED(&t, 0);
    assert_int_equal(script_board(&t, 0).state, HF_BOARD_LOST);
    EXPECT(&t, "finished");
    script_end(&t);
}

static void test_success_clears_strikes(void **state)
{
    (void)state;
    script t;
    const script_policy policy = {.max_attempts = 9, .strikes = 2};
    begin_running(&t, 4, 1, &policy);
    for (uint32_t i = 0; i < 3; i++) {
        FAILED(&t, 0, HF_FAULT_BOARD);
        assert_int_equal(script_board(&t, 0).strikes, 1);
        script_actions(&t);
        DONE(&t, 0);
        assert_int_equal(script_board(&t, 0).strikes, 0);
        script_actions(&t);
    }
    assert_int_equal(script_board(&t, 0).state, HF_BOARD_BUSY);
    script_end(&t);
}

static void test_success_clears_quarantines(void **state)
{
    (void)state;
    script t;
    const script_policy policy = {
        .max_attempts = 9, .strikes = 1, .quarantine_ns = 30 * S, .max_quarantines = 1};
    begin_running(&t, 2, 1, &policy);
    for (uint32_t i = 0; i < 2; i++) { /* the one stay allowed, twice, with a success between */
        FAILED(&t, 0, HF_FAULT_BOARD);
        script_actions(&t);
        CLOSED(&t, 0);
        assert_true(script_board(&t, 0).until_ns == t.now_ns + 30 * S); /* no longer than the first time */
        assert_int_equal(script_board(&t, 0).quarantines, 1);
        script_wait(&t, 30);
        EXPECT(&t, "open 0");
        OPENED(&t, 0);
        script_actions(&t);
        DONE(&t, 0);
        assert_int_equal(script_board(&t, 0).quarantines, 0);
        script_actions(&t);
    }
    assert_int_equal(hf_schedule_progress_get(t.schedule, 0).done, 2);
    script_end(&t);
}

static void test_permanent_quarantine_fails_only_jobs_without_board(void **state)
{
    (void)state;
    script t;
    const uint32_t jobs[] = {0, 1, 0}, boards[] = {0, 1};
    const script_policy policy = {.strikes = 1}; /* quarantine_ns 0: for the rest of the run */
    script_begin(&t, jobs, 3, boards, 2, &policy);
    EXPECT(&t, "open 0; open 1; prepare 0; prepare 1; prepare 2");
    UNOPENED(&t, 0, HF_FAULT_PROBE);
    EXPECT(&t, "final 0 failed no_board/probe; final 2 failed no_board/probe");
    assert_int_equal(script_board(&t, 0).state, HF_BOARD_LOST);
    OPENED(&t, 1);
    PREPARED(&t, 0); /* no job needs it any more */
    EXPECT(&t, "release 0");
    UNPREPARED(&t, 2, HF_FAULT_JOB);
    PREPARED(&t, 1);
    EXPECT(&t, "start 1 on 1 #1");
    DONE(&t, 1);
    EXPECT(&t, "final 1 done; release 1; close 1");
    CLOSED(&t, 1);
    EXPECT(&t, "finished");
    script_end(&t);
}

static void test_no_board_of_the_chip_at_all(void **state)
{
    (void)state;
    script t;
    const uint32_t jobs[] = {0, 1}, boards[] = {0};
    script_begin(&t, jobs, 2, boards, 1, NULL);
    EXPECT(&t, "final 1 failed no_board/farm; open 0; prepare 0");
    script_end(&t);
}

static void test_open_failures_strike_and_wait(void **state)
{
    (void)state;
    script t;
    const script_policy policy = {
        .strikes = 3, .retry_delay_ns = 5 * S, .quarantine_ns = 60 * S, .max_quarantines = 1};
    script_begin(&t, one_chip, 1, one_chip, 1, &policy);
    script_actions(&t);
    PREPARED(&t, 0);
    for (uint32_t i = 1; i <= 2; i++) {
        UNOPENED(&t, 0, i == 1 ? HF_FAULT_SERIAL : HF_FAULT_JOB); /* no job's fault in opening a board */
        assert_int_equal(script_board(&t, 0).strikes, i);
        EXPECT(&t, "");
        assert_true(hf_schedule_wake_ns(t.schedule) == t.now_ns + 5 * S);
        script_wait(&t, 5);
        EXPECT(&t, "open 0");
    }
    UNOPENED(&t, 0, HF_FAULT_BOARD);
    assert_int_equal(script_board(&t, 0).state, HF_BOARD_QUARANTINE);
    EXPECT(&t, "");
    script_wait(&t, 60);
    EXPECT(&t, "open 0");
    UNOPENED(&t, 0, HF_FAULT_BOARD);
    EXPECT(&t, "final 0 failed no_board/board; release 0; finished");
    script_end(&t);
}

static void test_job_moves_on_when_its_board_is_quarantined(void **state)
{
    (void)state;
    script t;
    const script_policy policy = {.strikes = 1, .quarantine_ns = 60 * S, .max_quarantines = 5};
    begin_running(&t, 2, 2, &policy);
    FAILED(&t, 0, HF_FAULT_SERIAL); /* would be reopened, but goes into quarantine */
    EXPECT(&t, "close 0");
    DONE(&t, 1);
    EXPECT(&t, "final 1 done; release 1; start 0 on 1 #2");
    script_end(&t);
}

static void test_farm_fault_ends_the_run(void **state)
{
    (void)state;
    script t;
    begin_running(&t, 4, 2, NULL);
    FAILED(&t, 0, HF_FAULT_FARM);
    EXPECT(&t, "final 0 failed farm/farm; final 2 not run farm; final 3 not run farm; release 0; release 2; "
               "release 3; close 0");
    assert_true(hf_schedule_progress_get(t.schedule, 0).stopping);
    DONE(&t, 1); /* what runs may finish */
    CLOSED(&t, 0);
    EXPECT(&t, "final 1 done; release 1; close 1");
    CLOSED(&t, 1);
    EXPECT(&t, "finished");
    script_end(&t);

    script_begin(&t, one_chip, 1, one_chip, 1, NULL);
    script_actions(&t);
    UNOPENED(&t, 0, HF_FAULT_FARM);
    assert_int_equal(script_board(&t, 0).strikes, 0); /* not the board's fault */
    EXPECT(&t, "final 0 not run farm");
    PREPARED(&t, 0);
    EXPECT(&t, "release 0; finished");
    script_end(&t);

    script_begin(&t, one_chip, 2, one_chip, 1, NULL);
    script_actions(&t);
    UNPREPARED(&t, 1, HF_FAULT_FARM);
    EXPECT(&t, "final 0 not run farm; final 1 failed farm/farm");
    script_end(&t);
}

static void test_stop_and_finish(void **state)
{
    (void)state;
    script t;
    begin_running(&t, 4, 2, NULL);
    hf_schedule_stop(t.schedule, false, HF_REASON_STOPPED, t.now_ns);
    EXPECT(&t, "final 2 not run stopped; final 3 not run stopped; release 2; release 3");
    FAILED(&t, 0, HF_FAULT_BOARD); /* would be repeated */
    EXPECT(&t, "final 0 not run stopped; release 0; close 0");
    FAILED(&t, 1, HF_FAULT_JOB); /* would not */
    EXPECT(&t, "final 1 failed job/job; release 1; close 1");
    CLOSED(&t, 0);
    CLOSED(&t, 1);
    EXPECT(&t, "finished");
    hf_schedule_stop(t.schedule, true, HF_REASON_STOPPED, t.now_ns); /* too late to matter */
    EXPECT(&t, "");
    script_end(&t);
}

static void test_stop_and_abort(void **state)
{
    (void)state;
    script t;
    begin_running(&t, 3, 2, NULL);
    hf_schedule_stop(t.schedule, false, HF_REASON_STOPPED, t.now_ns);
    EXPECT(&t, "final 2 not run stopped; release 2");
    hf_schedule_stop(t.schedule, true, HF_REASON_STOPPED, t.now_ns); /* the second Ctrl-C */
    EXPECT(&t, "cancel 0; cancel 1");
    EXPECT(&t, "");
    FAILED(&t, 0, HF_FAULT_NONE);
    DONE(&t, 1); /* it was faster */
    assert_int_equal(script_board(&t, 0).strikes, 0);
    EXPECT(&t, "final 0 not run stopped; final 1 done; release 0; release 1; close 0; close 1");
    script_end(&t);

    script_begin(&t, one_chip, 1, one_chip, 1, NULL);
    EXPECT(&t, "open 0; prepare 0");
    hf_schedule_stop(t.schedule, true, HF_REASON_STOPPED, t.now_ns);
    EXPECT(&t, "final 0 not run stopped; cancel 0");
    UNOPENED(&t, 0, HF_FAULT_NONE);
    EXPECT(&t, ""); /* the preparation still has to answer */
    UNPREPARED(&t, 0, HF_FAULT_NONE);
    EXPECT(&t, "finished");
    script_end(&t);
}

/* A full disk, a store that cannot be written: nothing more is worth starting, and every job says so. */
static void test_farm_aborts(void **state)
{
    (void)state;
    script t;
    begin_running(&t, 4, 2, NULL);
    assert_int_equal(hf_schedule_stop_reason(t.schedule, 0), HF_REASON_NONE);
    hf_schedule_stop(t.schedule, true, HF_REASON_FARM, t.now_ns);
    EXPECT(&t, "final 2 not run farm; final 3 not run farm; release 2; release 3; cancel 0; cancel 1");
    hf_schedule_stop(t.schedule, true, HF_REASON_STOPPED, t.now_ns); /* Ctrl-C meanwhile changes nothing */
    assert_int_equal(hf_schedule_stop_reason(t.schedule, 0), HF_REASON_FARM);
    FAILED(&t, 0, HF_FAULT_NONE); /* as it was cancelled */
    FAILED(&t, 1, HF_FAULT_JOB);  /* it failed before it was cancelled */
    EXPECT(&t, "final 0 not run farm; final 1 failed job/job; release 0; release 1; close 0; close 1");
    script_end(&t);
}

/* The job in whose attempt the farm failed has failed; the run ends for that reason and no other. */
static void test_farm_fault_before_an_abort(void **state)
{
    (void)state;
    script t;
    begin_running(&t, 3, 2, NULL);
    FAILED(&t, 0, HF_FAULT_FARM);
    hf_schedule_stop(t.schedule, true, HF_REASON_STOPPED, t.now_ns);
    EXPECT(&t, "final 0 failed farm/farm; final 2 not run farm; release 0; release 2; cancel 1; close 0");
    FAILED(&t, 1, HF_FAULT_NONE);
    EXPECT(&t, "final 1 not run farm; release 1; close 1");
    script_end(&t);
}

static void test_open_in_vain_gives_the_board_up(void **state)
{
    (void)state;
    script t;
    const script_policy policy = {.strikes = 3, .quarantine_ns = 30 * S, .max_quarantines = 3};
    script_begin(&t, one_chip, 2, one_chip, 2, &policy);
    EXPECT(&t, "open 0; open 1; prepare 0; prepare 1");
    EVENT(&t, hf_schedule_open_in_vain, 0, HF_FAULT_PROBE);
    EXPECT(&t, "");
    assert_int_equal(script_board(&t, 0).state, HF_BOARD_LOST);
    EVENT(&t, hf_schedule_open_in_vain, 1, HF_FAULT_SERIAL);
    PREPARED(&t, 0);
    EXPECT(&t, "final 0 failed no_board/serial; final 1 failed no_board/serial; release 0");
    assert_true(hf_schedule_wake_ns(t.schedule) == HF_SCHEDULE_NEVER); /* nothing is waited for */
    UNPREPARED(&t, 1, HF_FAULT_JOB);
    EXPECT(&t, "finished");
    script_end(&t);

    script_begin(&t, one_chip, 1, one_chip, 1, &policy);
    EXPECT(&t, "open 0; prepare 0");
    EVENT(&t, hf_schedule_open_in_vain, 0, HF_FAULT_FARM); /* not the board's fault at all */
    EXPECT(&t, "final 0 not run farm");
    assert_int_equal(script_board(&t, 0).state, HF_BOARD_CLOSED);
    script_end(&t);
}

static void test_attempt_in_vain_gives_the_board_up(void **state)
{
    (void)state;
    script t;
    const script_policy policy = {
        .strikes = 3, .quarantine_ns = 30 * S, .max_quarantines = 3, .max_attempts = 3};
    begin_running(&t, 2, 2, &policy);
    EVENT(&t, hf_schedule_attempt_in_vain, 0, HF_FAULT_BOARD);
    assert_true(script_board(&t, 0).given_up);
    assert_true(script_board(&t, 0).needs_attention);
    script_end(&t);

    begin_running(&t, 1, 1, &policy);
    EVENT(&t, hf_schedule_attempt_in_vain, 0, HF_FAULT_JOB); /* nothing against the board */
    assert_false(script_board(&t, 0).given_up);
    script_end(&t);
}

static void test_excluded_jobs_need_no_board(void **state)
{
    (void)state;
    script t;
    script_begin(&t, one_chip, 3, one_chip, 1, NULL);
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

    script_begin(&t, one_chip, 1, one_chip, 1, NULL); /* nothing to measure: no board is looked at */
    EVENT(&t, hf_schedule_exclude, 0, 0);
    EXPECT(&t, "final 0 excluded; finished");
    script_end(&t);

    begin_running(&t, 1, 1, NULL);
    assert_int_equal(hf_schedule_exclude(t.schedule, 0, 0, t.now_ns, NULL), HF_EINVALID); /* it runs */
    assert_int_equal(hf_schedule_exclude(t.schedule, 0, 9, t.now_ns, NULL), HF_EINVALID);
    script_end(&t);
}

static void test_run_deadline(void **state)
{
    (void)state;
    script t;
    const script_policy policy = {.run_deadline_ns = 100 * S};
    begin_running(&t, 2, 1, &policy);
    assert_true(hf_schedule_wake_ns(t.schedule) == 1100 * S);
    script_wait(&t, 100);
    EXPECT(&t, "final 1 not run deadline; release 1; cancel 0");
    assert_true(hf_schedule_wake_ns(t.schedule) == HF_SCHEDULE_NEVER);
    FAILED(&t, 0, HF_FAULT_BOARD);
    EXPECT(&t, "final 0 not run deadline; release 0; close 0");
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
    script_begin(&t, one_chip, 1, one_chip, 1, NULL);
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
        cmocka_unit_test(test_strikes_quarantine_and_probation),
        cmocka_unit_test(test_success_clears_strikes),
        cmocka_unit_test(test_success_clears_quarantines),
        cmocka_unit_test(test_permanent_quarantine_fails_only_jobs_without_board),
        cmocka_unit_test(test_no_board_of_the_chip_at_all),
        cmocka_unit_test(test_open_failures_strike_and_wait),
        cmocka_unit_test(test_job_moves_on_when_its_board_is_quarantined),
        cmocka_unit_test(test_farm_fault_ends_the_run),
        cmocka_unit_test(test_stop_and_finish),
        cmocka_unit_test(test_stop_and_abort),
        cmocka_unit_test(test_farm_aborts),
        cmocka_unit_test(test_farm_fault_before_an_abort),
        cmocka_unit_test(test_open_in_vain_gives_the_board_up),
        cmocka_unit_test(test_attempt_in_vain_gives_the_board_up),
        cmocka_unit_test(test_excluded_jobs_need_no_board),
        cmocka_unit_test(test_run_deadline),
        cmocka_unit_test(test_preparation_failure),
        cmocka_unit_test(test_unexpected_events_are_rejected),
        cmocka_unit_test(test_bad_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
