/* SPDX-License-Identifier: Apache-2.0 */
/* Health checks that are requested: without jobs, for boards in use, away or with people, and when they are dropped. */
#include "check_script.h"

static void test_a_requested_check_needs_no_job(void **state)
{
    (void)state;
    hf_schedule_policy policy = strict;
    policy.open_limit = 1;
    script t;
    script_begin_many(&t, 2, &policy);
    CHECK(&t, 0, t.now_ns + 100 * S);
    CHECK(&t, 1, t.now_ns + 100 * S);
    assert_true(script_board(&t, 1).check_requested);
    EXPECT(&t, "open 0"); /* the limit holds for checks too */
    OPENED(&t, 0);
    EXPECT(&t, "check 0; open 1");
    PASSED(&t, 0);
    EXPECT(&t, "close 0");
    CLOSED(&t, 0);
    OPENED(&t, 1);
    EXPECT(&t, "check 1");
    UNPASSED(&t, 1, HF_FAULT_BOARD); /* the first strike, but a board that computes wrongly is not used */
    EXPECT(&t, "close 1");
    CLOSED(&t, 1);
    EXPECT(&t, "");
    assert_int_equal(script_board(&t, 0).state, HF_BOARD_CLOSED);
    assert_int_equal(script_board(&t, 1).state, HF_BOARD_QUARANTINE);
    assert_false(script_board(&t, 0).check_requested || script_board(&t, 1).check_requested);
    assert_true(script_board(&t, 1).needs_attention);
    script_end(&t);
}

static void test_a_failed_check_is_to_be_made_good(void **state)
{
    (void)state;
    const hf_schedule_policy policy = {.quarantine_ns = 60 * S, .max_quarantines = 2};
    script t;
    script_begin_many(&t, 1, &policy); /* without check_before_readmission */
    CHECK(&t, 0, HF_SCHEDULE_NEVER);
    EXPECT(&t, "open 0");
    OPENED(&t, 0);
    EXPECT(&t, "check 0");
    UNPASSED(&t, 0, HF_FAULT_BOARD);
    EXPECT(&t, "close 0");
    CLOSED(&t, 0);
    script_wait(&t, 60);
    script_add_jobs(&t, 1, 1);
    EXPECT(&t, "open 0; prepare 0.0");
    OPENED(&t, 0);
    EXPECT(&t, "check 0");
    script_end(&t);
}

static void test_a_requested_check_comes_before_the_next_job(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 2, NULL);
    script_add_jobs(&t, 1, 4);
    script_actions(&t);
    for (uint32_t i = 0; i < 4; i++)
        OF_RUN(&t, hf_schedule_prepared, 0, i);
    OPENED(&t, 0);
    OPENED(&t, 1);
    EXPECT(&t, "start 0.0 on 0 #1; start 0.1 on 1 #1");
    CHECK(&t, 0, HF_SCHEDULE_NEVER);
    EXPECT(&t, ""); /* the attempt finishes */
    DONE(&t, 0);
    DONE(&t, 1);
    EXPECT(&t, "final 0.0 done; final 0.1 done; release 0.0; release 0.1; check 0; start 0.2 on 1 #1");
    CHECK(&t, 0, HF_SCHEDULE_NEVER); /* this one will do */
    PASSED(&t, 0);
    EXPECT(&t, "start 0.3 on 0 #1");
    script_end(&t);
}

static void test_boards_of_people_are_not_checked(void **state)
{
    (void)state;
    script t;
    hf_error err = {0};
    script_begin_many(&t, 2, &strict);
    EVENT(&t, hf_schedule_disable_board, 0);
    EVENT(&t, hf_schedule_reserve_board, 1, HF_SCHEDULE_NEVER);
    assert_int_equal(hf_schedule_check_board(t.schedule, 0, HF_SCHEDULE_NEVER, t.now_ns, &err), HF_EINVALID);
    assert_string_equal(err.message, "board 0 cannot be checked: it is disabled");
    hf_error_clear(&err);
    assert_int_equal(hf_schedule_check_board(t.schedule, 1, HF_SCHEDULE_NEVER, t.now_ns, &err), HF_EINVALID);
    assert_string_equal(err.message, "board 1 cannot be checked: it is reserved");
    hf_error_clear(&err);
    assert_int_equal(hf_schedule_check_board(t.schedule, 2, HF_SCHEDULE_NEVER, t.now_ns, &err), HF_EINVALID);
    assert_string_equal(err.message, "no board 2, expected below 2");
    EXPECT(&t, "");
    EVENT(&t, hf_schedule_release_board, 1);
    CHECK(&t, 1, t.now_ns + 20 * S);
    EVENT(&t, hf_schedule_reserve_board, 1, HF_SCHEDULE_NEVER);
    EXPECT(&t, "");
    assert_int_equal(hf_schedule_wake_ns(t.schedule), t.now_ns + 20 * S);
    script_wait(&t, 20);
    EXPECT(&t, "unchecked 1 (the deadline passed)");
    EVENT(&t, hf_schedule_release_board, 1);
    CHECK(&t, 1, t.now_ns + 20 * S);
    EVENT(&t, hf_schedule_disable_board, 1);
    EXPECT(&t, "unchecked 1 (board disabled)");
    script_end(&t);
}

/* A person who is at a board at night is not disturbed, and the board is not given up for it. */
static void test_a_board_in_use_is_checked_later(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 1, &strict);
    CHECK(&t, 0, t.now_ns + 30 * S);
    EXPECT(&t, "open 0");
    for (uint32_t i = 0; i < 5; i++) { /* longer than busy_wait_ns */
        IN_USE(&t, 0);
        EXPECT(&t, "");
        assert_int_equal(script_board(&t, 0).state, HF_BOARD_IN_USE);
        script_wait(&t, 4);
        EXPECT(&t, "open 0");
    }
    OPENED(&t, 0);
    EXPECT(&t, "check 0");
    EVENT(&t, hf_schedule_check_busy, 0); /* taken again */
    EXPECT(&t, "close 0");
    CLOSED(&t, 0);
    EXPECT(&t, "open 0");
    IN_USE(&t, 0);
    script_wait(&t, 4);
    EXPECT(&t, "open 0");
    IN_USE(&t, 0);
    script_wait(&t, 4);
    EXPECT(&t, "open 0");
    script_wait(&t, 2);
    IN_USE(&t, 0);
    EXPECT(&t, "unchecked 0 (board in use)");
    script_wait(&t, 4);
    EXPECT(&t, "");
    assert_int_equal(hf_schedule_wake_ns(t.schedule), HF_SCHEDULE_NEVER);
    assert_false(script_board(&t, 0).given_up || script_board(&t, 0).check_requested);
    /* How long a run waits counts from then on. */
    script_add_jobs(&t, 1, 1);
    EXPECT(&t, "open 0; prepare 0.0");
    IN_USE(&t, 0);
    EXPECT(&t, "");
    script_wait(&t, 10);
    EXPECT(&t, "open 0");
    IN_USE(&t, 0);
    EXPECT(&t, "final 0.0 not run (board in use)");
    script_end(&t);
}

/* The night's first job does not wait as long as the night's check. */
static void test_a_board_in_use_is_given_up_for_jobs_only(void **state)
{
    (void)state;
    for (int back = 0; back < 2; back++) {
        script t;
        script_begin_many(&t, 1, &strict);
        CHECK(&t, 0, t.now_ns + 100 * S);
        script_add_jobs(&t, 1, 1);
        EXPECT(&t, "open 0; prepare 0.0");
        IN_USE(&t, 0);
        script_wait(&t, 10);
        EXPECT(&t, "open 0");
        IN_USE(&t, 0);
        EXPECT(&t, "final 0.0 not run (board in use)");
        assert_true(script_board(&t, 0).given_up);
        script_wait(&t, 4);
        EXPECT(&t, "open 0");
        if (back) {
            OPENED(&t, 0);
            EXPECT(&t, "check 0");
            assert_false(script_board(&t, 0).given_up);
            PASSED(&t, 0);
            EXPECT(&t, "close 0");
        } else {
            script_wait(&t, 90);
            IN_USE(&t, 0);
            EXPECT(&t, "unchecked 0 (board in use)");
            script_wait(&t, 4);
            EXPECT(&t, "");
            assert_int_equal(script_board(&t, 0).state, HF_BOARD_LOST);
        }
        script_end(&t);
    }
}

static void test_a_board_that_is_away_comes_back_for_a_requested_check(void **state)
{
    (void)state;
    for (int given_up = 0; given_up < 2; given_up++) {
        hf_schedule_policy policy = strict;
        policy.max_quarantines = given_up ? 0 : 2;
        policy.check_before_readmission = false; /* the request alone is enough */
        script t;
        script_begin_many(&t, 1, &policy);
        script_add_jobs(&t, 1, 1);
        script_actions(&t);
        UNOPENED(&t, 0, HF_FAULT_PROBE);
        EXPECT(&t, given_up ? "final 0.0 failed (no board left)" : "");
        CHECK(&t, 0, HF_SCHEDULE_NEVER);
        EXPECT(&t, "open 0");
        OPENED(&t, 0);
        EXPECT(&t, "check 0");
        PASSED(&t, 0);
        EXPECT(&t, given_up ? "close 0" : "");
        assert_false(script_board(&t, 0).needs_attention);
        script_end(&t);
    }
}

static void test_a_board_that_fails_to_open_is_not_checked(void **state)
{
    (void)state;
    hf_schedule_policy policy = strict;
    policy.strikes = 2;
    script t;
    script_begin_many(&t, 1, &policy);
    CHECK(&t, 0, HF_SCHEDULE_NEVER);
    EXPECT(&t, "open 0");
    UNOPENED(&t, 0, HF_FAULT_PROBE);
    EXPECT(&t, "open 0");
    UNOPENED(&t, 0, HF_FAULT_PROBE);
    EXPECT(&t, "unchecked 0 (no board left)");
    assert_int_equal(script_board(&t, 0).state, HF_BOARD_QUARANTINE);
    script_wait(&t, 60);
    EXPECT(&t, "");
    script_end(&t);
}

static void test_checks_end_with_the_runs(void **state)
{
    (void)state;
    for (int abort = 0; abort < 2; abort++) {
        script t;
        script_begin_many(&t, 3, NULL);
        for (uint32_t i = 0; i < 3; i++)
            CHECK(&t, i, HF_SCHEDULE_NEVER);
        EXPECT(&t, "open 0; open 1; open 2");
        OPENED(&t, 0);
        EXPECT(&t, "check 0");
        hf_schedule_stop(t.schedule, abort, HF_REASON_STOPPED, t.now_ns);
        EXPECT(
            &t,
            abort ? "unchecked 1 (stopped on request); unchecked 2 (stopped on request); cancel 0; cancel 1; "
                    "cancel 2"
                  : "unchecked 1 (stopped on request); unchecked 2 (stopped on request)");
        if (abort)
            EVENT(&t, hf_schedule_check_cancelled, 0);
        else
            PASSED(&t, 0);
        EXPECT(&t, "close 0");
        script_end(&t);
    }
}

static void test_draining_drops_checks_that_have_not_begun(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 2, NULL);
    CHECK(&t, 0, HF_SCHEDULE_NEVER);
    CHECK(&t, 1, HF_SCHEDULE_NEVER);
    EXPECT(&t, "open 0; open 1");
    OPENED(&t, 0);
    EXPECT(&t, "check 0");
    hf_schedule_drain(t.schedule);
    EXPECT(&t, "unchecked 1 (stopped on request)");
    hf_error err = {0};
    assert_int_equal(hf_schedule_check_board(t.schedule, 1, HF_SCHEDULE_NEVER, t.now_ns, &err), HF_EINVALID);
    assert_string_equal(err.message, "board 1 cannot be checked: the farm is being shut down");
    OPENED(&t, 1);
    PASSED(&t, 0);
    EXPECT(&t, "close 0; close 1");
    CLOSED(&t, 0);
    CLOSED(&t, 1);
    EXPECT(&t, "finished");
    script_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_requested_check_needs_no_job),
        cmocka_unit_test(test_a_failed_check_is_to_be_made_good),
        cmocka_unit_test(test_a_requested_check_comes_before_the_next_job),
        cmocka_unit_test(test_boards_of_people_are_not_checked),
        cmocka_unit_test(test_a_board_in_use_is_checked_later),
        cmocka_unit_test(test_a_board_in_use_is_given_up_for_jobs_only),
        cmocka_unit_test(test_a_board_that_is_away_comes_back_for_a_requested_check),
        cmocka_unit_test(test_a_board_that_fails_to_open_is_not_checked),
        cmocka_unit_test(test_checks_end_with_the_runs),
        cmocka_unit_test(test_draining_drops_checks_that_have_not_begun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
