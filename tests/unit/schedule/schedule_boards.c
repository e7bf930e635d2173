/* SPDX-License-Identifier: Apache-2.0 */
/* Boards that come and go: reserved, disabled, enabled, added, in use, closed for others. */
#include "script.h"

static void test_a_reserved_board_gets_no_job(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 1, NULL);
    script_add_jobs(&t, 1, 3);
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
    script_add_jobs(&t, 1, 1);
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
    script_add_jobs(&t, 1, 1);
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
        script_add_jobs(&t, 1, 1);
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
            script_add_jobs(&t, 1, 1);
        EXPECT(&t, i ? "open 0" : "open 0; prepare 1.0");
        script_end(&t);
    }
}

/* Others can use it, while the last attempts of a run last long on other boards. */
static void test_a_board_without_waiting_jobs_is_closed(void **state)
{
    (void)state;
    const hf_schedule_policy policy = {.idle_close_ns = 30 * S};
    script t;
    script_begin_many(&t, 2, &policy);
    script_add_jobs(&t, 1, 3);
    script_actions(&t);
    OF_RUN(&t, hf_schedule_prepared, 0, 0);
    OF_RUN(&t, hf_schedule_prepared, 0, 1);
    OPENED(&t, 0);
    OPENED(&t, 1);
    EXPECT(&t, "start 0.0 on 0 #1; start 0.1 on 1 #1");
    script_wait(&t, 5);
    DONE(&t, 0);
    EXPECT(&t, "final 0.0 done; release 0.0");
    script_wait(&t, 30);
    EXPECT(&t, ""); /* job 2 waits, even if it takes long to prepare */
    OF_RUN(&t, hf_schedule_prepared, 0, 2);
    EXPECT(&t, "start 0.2 on 0 #1");
    script_wait(&t, 5);
    DONE(&t, 0);
    EXPECT(&t, "final 0.2 done; release 0.2");
    assert_int_equal(hf_schedule_wake_ns(t.schedule), t.now_ns + 30 * S);
    script_wait(&t, 30);
    EXPECT(&t, "close 0");
    CLOSED(&t, 0);
    EXPECT(&t, "");
    FAILED(&t, 1, HF_FAULT_BOARD);
    EXPECT(&t, "open 0"); /* now one waits */
    script_end(&t);
}

static void test_a_board_is_added(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 1, NULL);
    script_add_jobs(&t, 1, 30);
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

/* Each run waits for a board in use from the time that it finds it so; for a new run, it is not given up. */
static void test_a_run_waits_for_a_board_in_use_on_its_own(void **state)
{
    (void)state;
    const hf_schedule_policy policy = {.busy_wait_ns = 10 * S, .busy_retry_ns = 4 * S};
    script t;
    script_begin_many(&t, 1, &policy);
    script_add_jobs(&t, 1, 1);
    EXPECT(&t, "open 0; prepare 0.0");
    IN_USE(&t, 0);
    script_stop_run(&t, 0, true);
    EXPECT(&t, "final 0.0 not run (stopped on request)");
    script_wait(&t, 100);
    script_add_jobs(&t, 1, 1);
    EXPECT(&t, "open 0; prepare 1.0");
    IN_USE(&t, 0);
    EXPECT(&t, "");
    script_wait(&t, 10);
    EXPECT(&t, "open 0");
    IN_USE(&t, 0);
    EXPECT(&t, "final 1.0 not run (board in use)");
    assert_true(script_board(&t, 0).given_up);
    assert_false(script_board(&t, 0).needs_attention);
    script_add_jobs(&t, 1, 1);
    EXPECT(&t, "open 0; prepare 2.0");
    assert_false(script_board(&t, 0).given_up);
    script_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_reserved_board_gets_no_job),
        cmocka_unit_test(test_jobs_for_disabled_boards_are_not_run),
        cmocka_unit_test(test_enabling_takes_a_board_back),
        cmocka_unit_test(test_a_board_without_waiting_jobs_is_closed),
        cmocka_unit_test(test_a_board_is_added),
        cmocka_unit_test(test_a_run_waits_for_a_board_in_use_on_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
