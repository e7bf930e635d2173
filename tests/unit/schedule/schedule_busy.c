/* SPDX-License-Identifier: Apache-2.0 */
/* Boards that somebody else uses or whose host does not answer: the scheduler waits or does without, and counts no failure. */
#include "script.h"

static const uint32_t one_chip[16] = {0};

static void expect_healthy(const script *t, uint32_t board)
{
    const hf_schedule_board_status status = script_board(t, board);
    assert_int_equal(status.strikes, 0);
    assert_int_equal(status.quarantines, 0);
    assert_int_equal(status.failed, 0);
}

static void test_not_waited_for(void **state)
{
    (void)state;
    script t;
    script_begin(&t, one_chip, 2, one_chip, 1, NULL);
    EXPECT(&t, "open 0; prepare 0; prepare 1");
    IN_USE(&t, 0);
    assert_int_equal(script_board(&t, 0).state, HF_BOARD_LOST);
    assert_true(script_board(&t, 0).in_use);
    expect_healthy(&t, 0);
    EXPECT(&t, "final 0 not run in_use; final 1 not run in_use");
    PREPARED(&t, 0);
    PREPARED(&t, 1);
    EXPECT(&t, "release 0; release 1; finished");
    script_end(&t);
}

static void test_jobs_go_to_the_other_board(void **state)
{
    (void)state;
    script t;
    script_begin(&t, one_chip, 2, one_chip, 2, NULL);
    EXPECT(&t, "open 0; open 1; prepare 0; prepare 1");
    PREPARED(&t, 0);
    PREPARED(&t, 1);
    IN_USE(&t, 0);
    OPENED(&t, 1);
    EXPECT(&t, "start 0 on 1 #1");
    DONE(&t, 1);
    EXPECT(&t, "final 0 done; release 0; start 1 on 1 #1");
    DONE(&t, 1);
    EXPECT(&t, "final 1 done; release 1; close 1");
    script_end(&t);
}

static void test_waited_for_until_it_is_free(void **state)
{
    (void)state;
    const script_policy policy = {.busy_wait_ns = 60 * S, .busy_retry_ns = 5 * S, .strikes = 1};
    script t;
    script_begin(&t, one_chip, 1, one_chip, 1, &policy);
    EXPECT(&t, "open 0; prepare 0");
    PREPARED(&t, 0);
    for (int look = 0; look < 3; look++) {
        IN_USE(&t, 0);
        EXPECT(&t, "");
        assert_int_equal(script_board(&t, 0).state, HF_BOARD_IN_USE);
        assert_int_equal(hf_schedule_wake_ns(t.schedule), t.now_ns + 5 * S);
        assert_int_equal(script_board(&t, 0).until_ns, t.now_ns + 5 * S);
        script_wait(&t, 4);
        EXPECT(&t, "");
        script_wait(&t, 1);
        EXPECT(&t, "open 0");
    }
    OPENED(&t, 0);
    expect_healthy(&t, 0);
    assert_false(script_board(&t, 0).in_use);
    EXPECT(&t, "start 0 on 0 #1");
    DONE(&t, 0);
    EXPECT(&t, "final 0 done; release 0; close 0");
    script_end(&t);
}

static void test_the_wait_ends(void **state)
{
    (void)state;
    const script_policy policy = {.busy_wait_ns = 12 * S, .busy_retry_ns = 5 * S};
    script t;
    script_begin(&t, one_chip, 1, one_chip, 1, &policy);
    script_actions(&t);
    PREPARED(&t, 0);
    static const uint64_t waits[] = {5, 5, 2}; /* the last try is at the end of the wait */
    for (size_t i = 0; i < 3; i++) {
        IN_USE(&t, 0);
        EXPECT(&t, "");
        assert_int_equal(hf_schedule_wake_ns(t.schedule), t.now_ns + waits[i] * S);
        script_wait(&t, waits[i]);
        EXPECT(&t, "open 0");
    }
    IN_USE(&t, 0);
    expect_healthy(&t, 0);
    EXPECT(&t, "final 0 not run in_use; release 0; finished");
    script_end(&t);
}

/* The wait starts from zero each time somebody else takes the board. */
static void test_each_wait_starts_from_zero(void **state)
{
    (void)state;
    const script_policy policy = {.busy_wait_ns = 10 * S, .busy_retry_ns = 6 * S};
    script t;
    script_begin(&t, one_chip, 1, one_chip, 1, &policy);
    script_actions(&t);
    PREPARED(&t, 0);
    IN_USE(&t, 0);
    script_wait(&t, 6);
    EXPECT(&t, "open 0");
    OPENED(&t, 0);
    EXPECT(&t, "start 0 on 0 #1");
    FAILED(&t, 0, HF_FAULT_SERIAL);
    EXPECT(&t, "close 0");
    CLOSED(&t, 0);
    EXPECT(&t, "open 0");
    script_wait(&t, 6); /* 12 s after the first time */
    IN_USE(&t, 0);
    assert_int_equal(script_board(&t, 0).state, HF_BOARD_IN_USE);
    assert_int_equal(script_board(&t, 0).strikes, 1); /* of the attempt */
    script_end(&t);
}

/* A board that is closed to be opened again for a job may be taken in between: the job goes elsewhere. */
static void test_a_job_does_not_wait_for_a_board_in_use(void **state)
{
    (void)state;
    const script_policy policy = {.busy_wait_ns = 600 * S};
    script t;
    script_begin(&t, one_chip, 1, one_chip, 2, &policy);
    script_actions(&t);
    PREPARED(&t, 0);
    OPENED(&t, 0);
    EXPECT(&t, "start 0 on 0 #1");
    FAILED(&t, 0, HF_FAULT_SERIAL);
    EXPECT(&t, "close 0; open 1");
    OPENED(&t, 1);
    CLOSED(&t, 0);
    EXPECT(&t, "open 0"); /* preferred */
    IN_USE(&t, 0);
    EXPECT(&t, "start 0 on 1 #2");
    script_end(&t);

    /* It returns to the board it failed on when the other one is in use. */
    script_begin(&t, one_chip, 2, one_chip, 2, &policy);
    EXPECT(&t, "open 0; open 1; prepare 0; prepare 1");
    PREPARED(&t, 0);
    PREPARED(&t, 1);
    OPENED(&t, 0);
    IN_USE(&t, 1);
    EXPECT(&t, "start 0 on 0 #1");
    FAILED(&t, 0, HF_FAULT_BOARD);
    EXPECT(&t, "start 0 on 0 #2");
    script_end(&t);
}

static void test_taken_before_the_attempt(void **state)
{
    (void)state;
    const script_policy policy = {.max_attempts = 1, .strikes = 1, .busy_wait_ns = 60 * S};
    script t;
    script_begin(&t, one_chip, 1, one_chip, 1, &policy);
    script_actions(&t);
    PREPARED(&t, 0);
    OPENED(&t, 0);
    EXPECT(&t, "start 0 on 0 #1");
    TAKEN(&t, 0);
    expect_healthy(&t, 0);
    EXPECT(&t, "close 0");
    CLOSED(&t, 0);
    EXPECT(&t, "open 0");
    OPENED(&t, 0);
    EXPECT(&t, "start 0 on 0 #1"); /* still its first attempt */
    DONE(&t, 0);
    EXPECT(&t, "final 0 done; release 0; close 0");
    script_end(&t);
}

/* One board broken and one in use: the job was not run. All broken: it failed. */
static void test_the_reason_when_boards_are_broken_and_in_use(void **state)
{
    (void)state;
    const script_policy policy = {.strikes = 1};
    script t;
    script_begin(&t, one_chip, 1, one_chip, 2, &policy);
    EXPECT(&t, "open 0; prepare 0");
    UNOPENED(&t, 0, HF_FAULT_PROBE);
    EXPECT(&t, "open 1");
    IN_USE(&t, 1);
    EXPECT(&t, "final 0 not run in_use");
    script_end(&t);

    const script_policy waiting = {.strikes = 1, .busy_wait_ns = 60 * S};
    script_begin(&t, one_chip, 1, one_chip, 1, &waiting);
    script_actions(&t);
    IN_USE(&t, 0);
    EXPECT(&t, "");
    script_wait(&t, 1);
    EXPECT(&t, "open 0");
    UNOPENED(&t, 0, HF_FAULT_PROBE);
    EXPECT(&t, "final 0 failed no_board/probe");
    script_end(&t);
}

static void test_a_stop_ends_the_wait(void **state)
{
    (void)state;
    const script_policy policy = {.busy_wait_ns = 600 * S};
    script t;
    script_begin(&t, one_chip, 1, one_chip, 1, &policy);
    script_actions(&t);
    PREPARED(&t, 0);
    IN_USE(&t, 0);
    EXPECT(&t, "");
    hf_schedule_stop(t.schedule, true, HF_REASON_STOPPED, t.now_ns);
    EXPECT(&t, "final 0 not run stopped; release 0; finished");
    script_end(&t);
}

/* ---- A host that does not answer ---- */

static void test_a_lost_attempt_goes_to_another_board(void **state)
{
    (void)state;
    const script_policy policy = {.agent_wait_ns = 600 * S, .strikes = 1};
    script t;
    script_begin(&t, one_chip, 1, one_chip, 2, &policy);
    EXPECT(&t, "open 0; prepare 0");
    PREPARED(&t, 0);
    OPENED(&t, 0);
    EXPECT(&t, "start 0 on 0 #1");
    FAILED(&t, 0, HF_FAULT_AGENT);
    EXPECT(&t, "close 0; open 1");
    CLOSED(&t, 0);
    expect_healthy(&t, 0);
    OPENED(&t, 1);
    EXPECT(&t, "start 0 on 1 #1"); /* the lost attempt is not counted */
    DONE(&t, 1);
    EXPECT(&t, "final 0 done; release 0; close 1");
    script_end(&t);
}

static void test_the_only_host_is_waited_for(void **state)
{
    (void)state;
    const script_policy policy = {
        .agent_wait_ns = 600 * S, .busy_wait_ns = 1 * S, .busy_retry_ns = 5 * S, .strikes = 1};
    script t;
    script_begin(&t, one_chip, 1, one_chip, 1, &policy);
    script_actions(&t);
    PREPARED(&t, 0);
    OPENED(&t, 0);
    EXPECT(&t, "start 0 on 0 #1");
    FAILED(&t, 0, HF_FAULT_AGENT);
    EXPECT(&t, "close 0");
    CLOSED(&t, 0);
    EXPECT(&t, "open 0");
    for (int look = 0; look < 100; look++) {
        UNOPENED(&t, 0, HF_FAULT_AGENT);
        EXPECT(&t, "");
        assert_true(script_board(&t, 0).unreachable);
        script_wait(&t, 5);
        EXPECT(&t, "open 0");
    }
    OPENED(&t, 0);
    expect_healthy(&t, 0);
    assert_false(script_board(&t, 0).unreachable);
    EXPECT(&t, "start 0 on 0 #1");
    DONE(&t, 0);
    EXPECT(&t, "final 0 done; release 0; close 0");
    script_end(&t);
}

static void test_the_wait_for_a_host_ends(void **state)
{
    (void)state;
    const script_policy policy = {.agent_wait_ns = 12 * S, .busy_wait_ns = 1000 * S, .busy_retry_ns = 5 * S};
    script t;
    script_begin(&t, one_chip, 1, one_chip, 1, &policy);
    script_actions(&t);
    PREPARED(&t, 0);
    IN_USE(&t, 0); /* another reason: its wait does not count */
    script_wait(&t, 5);
    EXPECT(&t, "open 0");
    static const uint64_t waits[] = {5, 5, 2};
    for (size_t i = 0; i < 3; i++) {
        UNOPENED(&t, 0, HF_FAULT_AGENT);
        EXPECT(&t, "");
        script_wait(&t, waits[i]);
        EXPECT(&t, "open 0");
    }
    UNOPENED(&t, 0, HF_FAULT_AGENT);
    expect_healthy(&t, 0);
    EXPECT(&t, "final 0 not run agent; release 0; finished");
    script_end(&t);
}

/* A job that brings down every host it comes to must not do so forever. */
static void test_losses_come_to_an_end(void **state)
{
    (void)state;
    const script_policy policy = {.agent_wait_ns = 600 * S, .strikes = 2};
    script t;
    script_begin(&t, one_chip, 1, one_chip, 1, &policy);
    script_actions(&t);
    PREPARED(&t, 0);
    OPENED(&t, 0);
    for (int loss = 0; loss < 8; loss++) {
        EXPECT(&t, "start 0 on 0 #1");
        FAILED(&t, 0, HF_FAULT_AGENT);
        EXPECT(&t, "close 0");
        CLOSED(&t, 0);
        expect_healthy(&t, 0);
        EXPECT(&t, "open 0");
        OPENED(&t, 0);
    }
    EXPECT(&t, "start 0 on 0 #1");
    FAILED(&t, 0, HF_FAULT_AGENT);
    assert_int_equal(script_board(&t, 0).strikes, 1);
    EXPECT(&t, "close 0"); /* also now: it may be out of reach */
    CLOSED(&t, 0);
    EXPECT(&t, "open 0");
    OPENED(&t, 0);
    EXPECT(&t, "start 0 on 0 #2");
    script_end(&t);
}

/* The other board does the work. Whether the first one is still in use, nobody looks any more. */
static void test_what_nobody_asks_for_is_forgotten(void **state)
{
    (void)state;
    const script_policy policy = {.busy_wait_ns = 60 * S, .busy_retry_ns = 5 * S};
    script t;
    script_begin(&t, one_chip, 1, one_chip, 2, &policy);
    EXPECT(&t, "open 0; prepare 0");
    PREPARED(&t, 0);
    IN_USE(&t, 0);
    EXPECT(&t, "open 1");
    OPENED(&t, 1);
    EXPECT(&t, "start 0 on 1 #1");
    DONE(&t, 1);
    EXPECT(&t, "final 0 done; release 0; close 1");
    assert_true(script_board(&t, 0).in_use);
    script_wait(&t, 5);
    EXPECT(&t, "");
    assert_int_equal(script_board(&t, 0).state, HF_BOARD_CLOSED);
    assert_false(script_board(&t, 0).in_use);
    script_end(&t);
}

static void test_unexpected_events(void **state)
{
    (void)state;
    script t;
    script_begin(&t, one_chip, 1, one_chip, 1, NULL);
    assert_int_equal(hf_schedule_open_busy(t.schedule, 0, t.now_ns, NULL), HF_EINVALID);
    assert_int_equal(hf_schedule_attempt_busy(t.schedule, 0, t.now_ns, NULL), HF_EINVALID);
    assert_int_equal(hf_schedule_open_busy(t.schedule, 7, t.now_ns, NULL), HF_EINVALID);
    script_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_not_waited_for),
        cmocka_unit_test(test_jobs_go_to_the_other_board),
        cmocka_unit_test(test_waited_for_until_it_is_free),
        cmocka_unit_test(test_the_wait_ends),
        cmocka_unit_test(test_each_wait_starts_from_zero),
        cmocka_unit_test(test_a_job_does_not_wait_for_a_board_in_use),
        cmocka_unit_test(test_taken_before_the_attempt),
        cmocka_unit_test(test_the_reason_when_boards_are_broken_and_in_use),
        cmocka_unit_test(test_a_stop_ends_the_wait),
        cmocka_unit_test(test_a_lost_attempt_goes_to_another_board),
        cmocka_unit_test(test_the_only_host_is_waited_for),
        cmocka_unit_test(test_the_wait_for_a_host_ends),
        cmocka_unit_test(test_losses_come_to_an_end),
        cmocka_unit_test(test_what_nobody_asks_for_is_forgotten),
        cmocka_unit_test(test_unexpected_events),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
