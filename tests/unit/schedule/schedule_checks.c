/* SPDX-License-Identifier: Apache-2.0 */
/* Health checks: when they are due or requested, what comes before them, what their outcome does to the board, and
 * what is known of a board from earlier. */
#include "script.h"

#define PASSED(t, b)       EVENT(t, hf_schedule_check_passed, b)
#define UNPASSED(t, b, f)  EVENT(t, hf_schedule_check_failed, b, f)
#define CHECK(t, b, until) EVENT(t, hf_schedule_check_board, b, until)

static const hf_schedule_policy strict = {.strikes = 1,
                                          .quarantine_ns = 60 * S,
                                          .max_quarantines = 2,
                                          .busy_wait_ns = 10 * S,
                                          .busy_retry_ns = 4 * S,
                                          .check_before_readmission = true};

static uint32_t add_run(script *t, uint32_t job_count)
{
    const hf_schedule_run request = {.owner = 1, .job_count = job_count};
    return script_add_run(t, &request);
}

static void begin(script *t, const hf_schedule_board *boards, uint32_t count,
                  const hf_schedule_policy *policy)
{
    *t = (script){.now_ns = 1000 * S, .many = true};
    assert_int_equal(hf_schedule_new(boards, count, policy, t->now_ns, &t->schedule, NULL), HF_OK);
}

/* One board in quarantine since now, for 60 s, and one job that waits for it. */
static void begin_quarantined(script *t)
{
    script_begin_many(t, 1, &strict);
    add_run(t, 1);
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
    add_run(&t, 1);
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
    add_run(&t, 2);
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
            add_run(&t, 1);
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
        add_run(&t, 1);
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
    add_run(&t, 1);
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
    add_run(&t, 4);
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

static void test_jobs_go_to_boards_without_a_check_first(void **state)
{
    (void)state;
    const hf_schedule_board boards[] = {{.needs_check = true}, {.chip = 0}, {.needs_check = true}};
    script t;
    begin(&t, boards, 3, &strict);
    add_run(&t, 1);
    EXPECT(&t, "open 1; prepare 0.0");
    add_run(&t, 1);
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
    add_run(&t, 1);
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
    add_run(&t, 1);
    EXPECT(&t, "open 0; prepare 0.0");
    IN_USE(&t, 0);
    EXPECT(&t, "");
    script_wait(&t, 10);
    EXPECT(&t, "open 0");
    IN_USE(&t, 0);
    EXPECT(&t, "final 0.0 not run (board in use)");
    script_end(&t);
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
        add_run(&t, 1);
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

static void test_a_fault_of_the_farm_is_not_the_boards(void **state)
{
    (void)state;
    const hf_schedule_board board = {.needs_check = true};
    script t;
    begin(&t, &board, 1, &strict);
    add_run(&t, 1);
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

static void test_a_restart_does_not_whitewash_a_board(void **state)
{
    (void)state;
    const hf_schedule_board boards[] = {
        {.disabled = true, .needs_attention = true},
        {.reserved_until_ns = 1100 * S},
        {.reserved_until_ns = 900 * S}, /* passed meanwhile */
        {.quarantined_until_ns = 1050 * S, .quarantines = 1, .cause = HF_FAULT_SERIAL, .needs_check = true},
        {.quarantined_until_ns = 900 * S, .quarantines = 2, .needs_attention = true, .needs_check = true},
    };
    static const hf_schedule_board_state states[] = {HF_BOARD_DISABLED, HF_BOARD_RESERVED, HF_BOARD_CLOSED,
                                                     HF_BOARD_QUARANTINE, HF_BOARD_CLOSED};
    script t;
    begin(&t, boards, 5, &strict);
    for (uint32_t i = 0; i < 5; i++) {
        const hf_schedule_board_status status = script_board(&t, i);
        assert_int_equal(status.state, states[i]);
        assert_int_equal(status.needs_attention, i == 4);
        assert_int_equal(status.check_due, i >= 3);
        assert_int_equal(status.quarantines, boards[i].quarantines);
    }
    assert_int_equal(script_board(&t, 3).cause, HF_FAULT_SERIAL);
    add_run(&t, 9);
    EXPECT(&t, "open 2; open 4; prepare 0.0; prepare 0.1; prepare 0.2; prepare 0.3");
    UNOPENED(&t, 4, HF_FAULT_PROBE); /* the third time: given up */
    EXPECT(&t, "");
    assert_int_equal(script_board(&t, 4).state, HF_BOARD_LOST);
    assert_int_equal(hf_schedule_wake_ns(t.schedule), 1050 * S);
    t.now_ns = 1050 * S;
    EXPECT(&t, "open 3");
    t.now_ns = 1100 * S;
    EXPECT(&t, "open 1");
    OPENED(&t, 3);
    EXPECT(&t, "check 3");
    UNPASSED(&t, 3, HF_FAULT_BOARD);
    assert_int_equal(script_board(&t, 3).until_ns, 1220 * S); /* twice as long as the first time */
    script_end(&t);
}

static void test_a_night_ends_for_all_runs_and_checks(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 2, NULL);
    add_run(&t, 1);
    hf_schedule_set_deadline(t.schedule, t.now_ns + 50 * S, t.now_ns);
    assert_int_equal(hf_schedule_wake_ns(t.schedule), t.now_ns + 50 * S);
    hf_schedule_set_deadline(t.schedule, HF_SCHEDULE_NEVER, t.now_ns);
    EXPECT(&t, "open 0; prepare 0.0");
    script_wait(&t, 60);
    EXPECT(&t, ""); /* it was taken back */
    hf_schedule_set_deadline(t.schedule, t.now_ns + 50 * S, t.now_ns);
    add_run(&t, 1);
    CHECK(&t, 1, HF_SCHEDULE_NEVER);
    EXPECT(&t, "open 1; prepare 1.0");
    OF_RUN(&t, hf_schedule_prepared, 0, 0);
    OPENED(&t, 0);
    OPENED(&t, 1);
    EXPECT(&t, "check 1; start 0.0 on 0 #1");
    script_wait(&t, 50);
    EXPECT(&t, "final 1.0 not run (the deadline passed); cancel 0; cancel 1");
    assert_int_equal(hf_schedule_stop_reason(t.schedule, 0), HF_REASON_DEADLINE);
    add_run(&t, 1); /* the next night */
    EXPECT(&t, "prepare 2.0");
    FAILED(&t, 0, HF_FAULT_NONE);
    EXPECT(&t, "final 0.0 not run (the deadline passed); release 0.0; over 0");
    OF_RUN(&t, hf_schedule_prepared, 2, 0);
    EXPECT(&t, "start 2.0 on 0 #1");
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
        cmocka_unit_test(test_a_requested_check_needs_no_job),
        cmocka_unit_test(test_a_failed_check_is_to_be_made_good),
        cmocka_unit_test(test_a_requested_check_comes_before_the_next_job),
        cmocka_unit_test(test_jobs_go_to_boards_without_a_check_first),
        cmocka_unit_test(test_a_due_check_is_given_up_with_its_last_job),
        cmocka_unit_test(test_boards_of_people_are_not_checked),
        cmocka_unit_test(test_a_board_in_use_is_checked_later),
        cmocka_unit_test(test_a_board_that_is_away_comes_back_for_a_requested_check),
        cmocka_unit_test(test_a_board_that_fails_to_open_is_not_checked),
        cmocka_unit_test(test_checks_end_with_the_runs),
        cmocka_unit_test(test_draining_drops_checks_that_have_not_begun),
        cmocka_unit_test(test_a_fault_of_the_farm_is_not_the_boards),
        cmocka_unit_test(test_events_without_a_check_are_refused),
        cmocka_unit_test(test_a_restart_does_not_whitewash_a_board),
        cmocka_unit_test(test_a_night_ends_for_all_runs_and_checks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
