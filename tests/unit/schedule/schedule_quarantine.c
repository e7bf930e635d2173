/* SPDX-License-Identifier: Apache-2.0 */
/* What failures do to boards: strikes, quarantine, probation, giving up. */
#include "script.h"

static void test_strikes_quarantine_and_probation(void **state)
{
    (void)state;
    script t;
    const script_policy policy = {.max_attempts = 20,
                                  .strikes = 2,
                                  .quarantine_ns = 30 * S,
                                  .quarantine_max_ns = 100 * S,
                                  .max_quarantines = 3};
    script_begin_running(&t, 1, 1, &policy);
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
    script_begin_running(&t, 4, 1, &policy);
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
    script_begin_running(&t, 2, 1, &policy);
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
    script_begin(&t, script_one_chip, 1, script_one_chip, 1, &policy);
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
    script_begin_running(&t, 2, 2, &policy);
    FAILED(&t, 0, HF_FAULT_SERIAL); /* would be reopened, but goes into quarantine */
    EXPECT(&t, "close 0");
    DONE(&t, 1);
    EXPECT(&t, "final 1 done; release 1; start 0 on 1 #2");
    script_end(&t);
}

static void test_open_in_vain_gives_the_board_up(void **state)
{
    (void)state;
    script t;
    const script_policy policy = {.strikes = 3, .quarantine_ns = 30 * S, .max_quarantines = 3};
    script_begin(&t, script_one_chip, 2, script_one_chip, 2, &policy);
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

    script_begin(&t, script_one_chip, 1, script_one_chip, 1, &policy);
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
    script_begin_running(&t, 2, 2, &policy);
    EVENT(&t, hf_schedule_attempt_in_vain, 0, HF_FAULT_BOARD);
    assert_true(script_board(&t, 0).given_up);
    assert_true(script_board(&t, 0).needs_attention);
    script_end(&t);

    script_begin_running(&t, 1, 1, &policy);
    EVENT(&t, hf_schedule_attempt_in_vain, 0, HF_FAULT_JOB); /* nothing against the board */
    assert_false(script_board(&t, 0).given_up);
    script_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strikes_quarantine_and_probation),
        cmocka_unit_test(test_success_clears_strikes),
        cmocka_unit_test(test_success_clears_quarantines),
        cmocka_unit_test(test_permanent_quarantine_fails_only_jobs_without_board),
        cmocka_unit_test(test_no_board_of_the_chip_at_all),
        cmocka_unit_test(test_open_failures_strike_and_wait),
        cmocka_unit_test(test_job_moves_on_when_its_board_is_quarantined),
        cmocka_unit_test(test_open_in_vain_gives_the_board_up),
        cmocka_unit_test(test_attempt_in_vain_gives_the_board_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
