/* SPDX-License-Identifier: Apache-2.0 */
/* Health checks that are due: when, what comes before them, what their outcome does to the board. */
#include "check_script.h"

/* One board in quarantine since now, for 60 s, and one job that waits for it. */
static void begin_quarantined(script *t)
{
    script_begin_many(t, 1, &strict);
    script_add_jobs(t, 1, 1);
    EXPECT(t, "open 0; prepare 0.0");
    OF_RUN(t, hf_schedule_prepared, 0, 0);
    UNOPENED(t, 0, HF_FAULT_PROBE);
    EXPECT(t, "");
    assert_int_equal(script_board(t, 0).state, HF_BOARD_QUARANTINE);
    assert_true(script_board(t, 0).check_due);
}

static void test_a_board_back_from_quarantine_is_checked_first(void **state)
{
    (void)state;
    script t;
    begin_quarantined(&t);
    script_wait(&t, 60);
    EXPECT(&t, "open 0");
    OPENED(&t, 0);
    EXPECT(&t, "check 0");
    assert_int_equal(script_board(&t, 0).state, HF_BOARD_CHECKING);
    assert_string_equal(hf_schedule_board_state_name(HF_BOARD_CHECKING), "checking");
    EXPECT(&t, "");
    PASSED(&t, 0);
    assert_int_equal(script_board(&t, 0).strikes, 0);
    assert_false(script_board(&t, 0).check_due);
    EXPECT(&t, "start 0.0 on 0 #1"); /* no attempt was charged */
    script_end(&t);
}

static void test_without_the_policy_there_is_no_check(void **state)
{
    (void)state;
    const hf_schedule_policy policy = {.strikes = 1, .quarantine_ns = 60 * S, .max_quarantines = 2};
    script t;
    script_begin_many(&t, 1, &policy);
    script_add_jobs(&t, 1, 1);
    script_actions(&t);
    UNOPENED(&t, 0, HF_FAULT_PROBE);
    assert_false(script_board(&t, 0).check_due);
    script_wait(&t, 60);
    EXPECT(&t, "open 0");
    OPENED(&t, 0);
    EXPECT(&t, "");
    script_end(&t);
}

static void test_a_failed_check_sends_the_board_away_for_longer(void **state)
{
    (void)state;
    script t;
    begin_quarantined(&t);
    assert_false(script_board(&t, 0).needs_attention); /* once is not repeatedly */
    script_wait(&t, 60);
    EXPECT(&t, "open 0");
    OPENED(&t, 0);
    EXPECT(&t, "check 0");
    UNPASSED(&t, 0, HF_FAULT_NONE);
    EXPECT(&t, "close 0");
    CLOSED(&t, 0);
    EXPECT(&t, "");
    hf_schedule_board_status status = script_board(&t, 0);
    assert_int_equal(status.state, HF_BOARD_QUARANTINE);
    assert_int_equal(status.until_ns, t.now_ns + 120 * S);
    assert_int_equal(status.cause, HF_FAULT_BOARD);
    assert_int_equal(status.failed, 2);
    assert_true(status.needs_attention && status.check_due);
    assert_int_equal(hf_schedule_progress_get(t.schedule, 0).waiting, 1);
    script_wait(&t, 120);
    EXPECT(&t, "open 0");
    OPENED(&t, 0);
    EXPECT(&t, "check 0");
    UNPASSED(&t, 0, HF_FAULT_SERIAL);
    EXPECT(&t, "final 0.0 failed (no board left); release 0.0; over 0; close 0");
    CLOSED(&t, 0);
    assert_int_equal(script_board(&t, 0).state, HF_BOARD_LOST);
    assert_true(script_board(&t, 0).needs_attention);
    script_end(&t);
}

static void test_the_count_of_quarantines_ends_with_a_job_not_with_a_check(void **state)
{
    (void)state;
    script t;
    begin_quarantined(&t);
    script_wait(&t, 60);
    EXPECT(&t, "open 0");
    OPENED(&t, 0);
    EXPECT(&t, "check 0");
    PASSED(&t, 0);
    assert_int_equal(script_board(&t, 0).quarantines, 1);
    EXPECT(&t, "start 0.0 on 0 #1");
    FAILED(&t, 0, HF_FAULT_BOARD); /* it passes checks, but fails jobs */
    assert_int_equal(script_board(&t, 0).quarantines, 2);
    assert_int_equal(script_board(&t, 0).until_ns, t.now_ns + 120 * S);
    assert_true(script_board(&t, 0).needs_attention);
    EXPECT(&t, "close 0");
    CLOSED(&t, 0);
    script_wait(&t, 120);
    EXPECT(&t, "open 0");
    OPENED(&t, 0);
    EXPECT(&t, "check 0");
    PASSED(&t, 0);
    assert_false(script_board(&t, 0).needs_attention);
    EXPECT(&t, "start 0.0 on 0 #2");
    DONE(&t, 0);
    assert_int_equal(script_board(&t, 0).quarantines, 0);
    script_end(&t);
}

static void test_attention_lasts_until_a_check_passes(void **state)
{
    (void)state;
    const hf_schedule_policy policy = {.strikes = 1, .quarantine_ns = 60 * S, .max_quarantines = 5};
    script t;
    script_begin_many(&t, 1, &policy);
    script_add_jobs(&t, 1, 2);
    for (uint32_t i = 0; i < 2; i++) {
        assert_false(script_board(&t, 0).needs_attention);
        script_actions(&t);
        UNOPENED(&t, 0, HF_FAULT_PROBE);
        script_wait(&t, 1000);
    }
    assert_true(script_board(&t, 0).needs_attention);
    EXPECT(&t, "open 0");
    OF_RUN(&t, hf_schedule_prepared, 0, 0);
    OPENED(&t, 0);
    EXPECT(&t, "start 0.0 on 0 #1");
    DONE(&t, 0);
    assert_true(script_board(&t, 0).needs_attention); /* one success proves little */
    CHECK(&t, 0, HF_SCHEDULE_NEVER);
    EXPECT(&t, "final 0.0 done; release 0.0; check 0");
    PASSED(&t, 0);
    assert_false(script_board(&t, 0).needs_attention);
    script_end(&t);
}

static void test_enabling_makes_a_check_due(void **state)
{
    (void)state;
    for (int given_up = 0; given_up < 2; given_up++) {
        hf_schedule_policy policy = strict;
        policy.max_quarantines = 0;
        script t;
        script_begin_many(&t, 1, &policy);
        EVENT(&t, hf_schedule_enable_board, 0); /* it is in service: nothing to prove */
        assert_false(script_board(&t, 0).check_due);
        if (given_up) {
            script_add_jobs(&t, 1, 1);
            script_actions(&t);
            UNOPENED(&t, 0, HF_FAULT_PROBE);
            EXPECT(&t, "final 0.0 failed (no board left)");
            assert_true(script_board(&t, 0).needs_attention);
        } else {
            EVENT(&t, hf_schedule_disable_board, 0);
        }
        EVENT(&t, hf_schedule_enable_board, 0);
        assert_true(script_board(&t, 0).check_due);
        assert_int_equal(script_board(&t, 0).needs_attention, given_up); /* until the check passes */
        EXPECT(&t, "");
        assert_int_equal(script_board(&t, 0).state, HF_BOARD_CLOSED); /* it can wait until there is a job */
        script_add_jobs(&t, 1, 1);
        assert_non_null(strstr(script_actions(&t), "open 0"));
        OPENED(&t, 0);
        EXPECT(&t, "check 0");
        PASSED(&t, 0);
        EXPECT(&t, "");
        assert_false(script_board(&t, 0).needs_attention);
        assert_int_equal(script_board(&t, 0).state, HF_BOARD_IDLE);
        script_end(&t);
    }
}

static void test_disabling_ends_the_need_for_attention(void **state)
{
    (void)state;
    const hf_schedule_board boards[] = {{.needs_attention = true}, {.needs_attention = true}};
    script t;
    begin(&t, boards, 2, NULL);
    assert_true(script_board(&t, 0).needs_attention);
    EVENT(&t, hf_schedule_disable_board, 0);
    assert_false(script_board(&t, 0).needs_attention);
    EVENT(&t, hf_schedule_enable_board, 1); /* without checks, a person's word is enough */
    assert_false(script_board(&t, 1).needs_attention);
    script_end(&t);
}

static void test_jobs_go_to_boards_without_a_check_first(void **state)
{
    (void)state;
    const hf_schedule_board boards[] = {{.needs_check = true}, {.chip = 0}, {.needs_check = true}};
    script t;
    begin(&t, boards, 3, &strict);
    script_add_jobs(&t, 1, 1);
    EXPECT(&t, "open 1; prepare 0.0");
    script_add_jobs(&t, 1, 1);
    EXPECT(&t, "open 0; prepare 1.0");
    OPENED(&t, 0);
    EXPECT(&t, "check 0"); /* and no further board in its place */
    script_end(&t);
}

static void test_a_due_check_is_given_up_with_its_last_job(void **state)
{
    (void)state;
    const hf_schedule_board board = {.needs_check = true};
    script t;
    begin(&t, &board, 1, &strict);
    script_add_jobs(&t, 1, 1);
    EXPECT(&t, "open 0; prepare 0.0");
    OPENED(&t, 0);
    EXPECT(&t, "check 0");
    assert_int_equal(hf_schedule_check_cancelled(t.schedule, 0, t.now_ns, NULL), HF_EINVALID);
    script_stop_run(&t, 0, true);
    EXPECT(&t, "final 0.0 not run (stopped on request); cancel 0");
    EVENT(&t, hf_schedule_check_cancelled, 0);
    EXPECT(&t, "close 0");
    CLOSED(&t, 0);
    assert_int_equal(script_board(&t, 0).failed, 0);
    assert_true(script_board(&t, 0).check_due);
    script_end(&t);
}

static void test_a_fault_of_the_farm_is_not_the_boards(void **state)
{
    (void)state;
    const hf_schedule_board board = {.needs_check = true};
    script t;
    begin(&t, &board, 1, &strict);
    script_add_jobs(&t, 1, 1);
    CHECK(&t, 0, HF_SCHEDULE_NEVER);
    EXPECT(&t, "open 0; prepare 0.0");
    OPENED(&t, 0);
    EXPECT(&t, "check 0");
    UNPASSED(&t, 0, HF_FAULT_FARM);
    EXPECT(&t, "final 0.0 not run (the farm failed); close 0");
    CLOSED(&t, 0);
    EXPECT(&t, ""); /* it is not tried again and again */
    assert_true(script_board(&t, 0).check_due);
    assert_int_equal(script_board(&t, 0).strikes, 0);
    script_end(&t);
}

static void test_a_check_whose_host_was_lost_is_made_later(void **state)
{
    (void)state;
    const hf_schedule_board board = {.needs_check = true};
    script t;
    begin(&t, &board, 1, &strict);
    script_add_jobs(&t, 0, 1);
    EXPECT(&t, "open 0; prepare 0.0");
    OPENED(&t, 0);
    EXPECT(&t, "check 0");
    UNPASSED(&t, 0, HF_FAULT_AGENT);
    EXPECT(&t, "close 0");
    CLOSED(&t, 0);
    assert_int_equal(script_board(&t, 0).strikes, 0);
    assert_false(script_board(&t, 0).quarantined);
    EXPECT(&t, "open 0");
    OPENED(&t, 0);
    EXPECT(&t, "check 0");
    script_end(&t);
}

static void test_events_without_a_check_are_refused(void **state)
{
    (void)state;
    script t;
    hf_error err = {0};
    script_begin_many(&t, 1, NULL);
    assert_int_equal(hf_schedule_check_passed(t.schedule, 0, t.now_ns, &err), HF_EINVALID);
    assert_string_equal(err.message, "unexpected event \"check passed\" for board 0");
    assert_int_equal(hf_schedule_check_failed(t.schedule, 0, HF_FAULT_BOARD, t.now_ns, NULL), HF_EINVALID);
    assert_int_equal(hf_schedule_check_busy(t.schedule, 1, t.now_ns, NULL), HF_EINVALID);
    assert_int_equal(hf_schedule_check_cancelled(t.schedule, 0, t.now_ns, NULL), HF_EINVALID);
    script_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_board_back_from_quarantine_is_checked_first),
        cmocka_unit_test(test_without_the_policy_there_is_no_check),
        cmocka_unit_test(test_a_failed_check_sends_the_board_away_for_longer),
        cmocka_unit_test(test_the_count_of_quarantines_ends_with_a_job_not_with_a_check),
        cmocka_unit_test(test_attention_lasts_until_a_check_passes),
        cmocka_unit_test(test_enabling_makes_a_check_due),
        cmocka_unit_test(test_disabling_ends_the_need_for_attention),
        cmocka_unit_test(test_jobs_go_to_boards_without_a_check_first),
        cmocka_unit_test(test_a_due_check_is_given_up_with_its_last_job),
        cmocka_unit_test(test_a_fault_of_the_farm_is_not_the_boards),
        cmocka_unit_test(test_a_check_whose_host_was_lost_is_made_later),
        cmocka_unit_test(test_events_without_a_check_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
