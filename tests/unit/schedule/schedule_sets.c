/* SPDX-License-Identifier: Apache-2.0 */
/* Runs that are limited to some boards: where their jobs start, which boards are opened and closed for them, what is
 * prepared, and what happens when their boards are gone. */
#include "script.h"

static uint32_t add_run_on(script *t, uint32_t owner, uint32_t job_count, const uint32_t *boards,
                           uint32_t board_count)
{
    const hf_schedule_run request = {
        .owner = owner, .job_count = job_count, .boards = boards, .board_count = board_count};
    return script_add_run(t, &request);
}

static void prepare_all(script *t, uint32_t run, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        OF_RUN(t, hf_schedule_prepared, run, i);
}

static void test_jobs_start_on_the_named_boards_only(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 4, NULL);
    uint32_t boards[] = {2, 1, 2}; /* in any order, and named twice */
    add_run_on(&t, 1, 4, boards, 3);
    boards[0] = boards[1] = boards[2] = 0; /* they were copied */
    EXPECT(&t, "open 1; open 2; prepare 0.0; prepare 0.1; prepare 0.2; prepare 0.3");
    prepare_all(&t, 0, 4);
    OPENED(&t, 2);
    OPENED(&t, 1);
    EXPECT(&t, "start 0.0 on 1 #1; start 0.1 on 2 #1");
    DONE(&t, 2);
    EXPECT(&t, "final 0.1 done; release 0.1; start 0.2 on 2 #1");
    script_end(&t);
}

static void test_a_job_leaves_boards_to_runs_that_have_no_other(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 2, NULL);
    const uint32_t first[] = {0};
    add_run_on(&t, 1, 1, NULL, 0);
    add_run_on(&t, 2, 1, first, 1);
    EXPECT(&t, "open 1; open 0; prepare 0.0; prepare 1.0");
    OPENED(&t, 0);
    OPENED(&t, 1);
    prepare_all(&t, 0, 1);
    prepare_all(&t, 1, 1);
    EXPECT(&t, "start 0.0 on 1 #1; start 1.0 on 0 #1"); /* run 0 goes first, but not to board 0 */
    script_end(&t);
}

/* Board 1 is free and run 0, whose turn it is, may not use it. */
static void test_no_run_waits_behind_one_whose_boards_are_busy(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 2, NULL);
    const uint32_t first[] = {0};
    add_run_on(&t, 1, 3, first, 1);
    EXPECT(&t, "open 0; prepare 0.0; prepare 0.1; prepare 0.2");
    prepare_all(&t, 0, 3);
    OPENED(&t, 0);
    EXPECT(&t, "start 0.0 on 0 #1");
    add_run_on(&t, 2, 2, NULL, 0);
    EXPECT(&t, "open 1; prepare 1.0; prepare 1.1");
    prepare_all(&t, 1, 2);
    OPENED(&t, 1);
    EXPECT(&t, "start 1.0 on 1 #1");
    script_wait(&t, 5);
    DONE(&t, 1);
    EXPECT(&t, "final 1.0 done; release 1.0; start 1.1 on 1 #1");
    DONE(&t, 0);
    EXPECT(&t, "final 0.0 done; release 0.0; start 0.1 on 0 #1");
    script_end(&t);
}

static void test_a_board_that_no_run_may_use_any_more_is_closed(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 2, NULL);
    const uint32_t first[] = {0}, second[] = {1};
    add_run_on(&t, 1, 1, first, 1);
    add_run_on(&t, 1, 2, second, 1);
    script_actions(&t);
    prepare_all(&t, 0, 1);
    prepare_all(&t, 1, 2);
    OPENED(&t, 0);
    OPENED(&t, 1);
    EXPECT(&t, "start 0.0 on 0 #1; start 1.0 on 1 #1");
    DONE(&t, 0);
    EXPECT(&t, "final 0.0 done; release 0.0; over 0; close 0"); /* although 1.1 waits */
    script_stop_run(&t, 1, true);
    EXPECT(&t, "final 1.1 not run (stopped on request); release 1.1; cancel 1");
    FAILED(&t, 1, HF_FAULT_NONE);
    EXPECT(&t, "final 1.0 not run (stopped on request); release 1.0; over 1; close 1");
    script_end(&t);
}

static void test_opening_is_cancelled_although_another_run_uses_other_boards(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 2, NULL);
    const uint32_t first[] = {0}, second[] = {1};
    add_run_on(&t, 1, 1, first, 1);
    add_run_on(&t, 1, 1, second, 1);
    EXPECT(&t, "open 0; open 1; prepare 0.0; prepare 1.0");
    script_stop_run(&t, 0, true);
    EXPECT(&t, "final 0.0 not run (stopped on request); cancel 0");
    script_end(&t);
}

static void test_another_board_is_one_of_the_named(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 3, NULL);
    const uint32_t two[] = {0, 2}, one[] = {1};
    add_run_on(&t, 1, 1, two, 2);
    EXPECT(&t, "open 0; prepare 0.0");
    prepare_all(&t, 0, 1);
    OPENED(&t, 0);
    EXPECT(&t, "start 0.0 on 0 #1");
    FAILED(&t, 0, HF_FAULT_BOARD);
    EXPECT(&t, "open 2");
    OPENED(&t, 2);
    EXPECT(&t, "start 0.0 on 2 #2");
    DONE(&t, 2);
    EXPECT(&t, "final 0.0 done; release 0.0; over 0; close 0; close 2");
    /* With one board, there is no other. */
    add_run_on(&t, 1, 1, one, 1);
    EXPECT(&t, "open 1; prepare 1.0");
    prepare_all(&t, 1, 1);
    OPENED(&t, 1);
    EXPECT(&t, "start 1.0 on 1 #1");
    FAILED(&t, 1, HF_FAULT_BOARD);
    EXPECT(&t, "start 1.0 on 1 #2");
    script_end(&t);
}

static void test_jobs_without_a_named_board_left_say_why(void **state)
{
    (void)state;
    const hf_schedule_policy policy = {.strikes = 1};
    script t;
    script_begin_many(&t, 4, &policy);
    const uint32_t sets[3][2] = {{0, 1}, {1, 2}, {2, 0}}, none[] = {0};
    for (uint32_t i = 0; i < 3; i++)
        add_run_on(&t, 1, 1, sets[i], 2);
    add_run_on(&t, 1, 1, none, 0);
    EXPECT(&t, "final 3.0 failed (no board left); over 3; open 0; open 1; prepare 0.0; prepare 1.0; "
               "prepare 2.0");
    UNOPENED(&t, 0, HF_FAULT_PROBE);
    IN_USE(&t, 1);
    EXPECT(&t, "final 0.0 not run (board in use); open 2"); /* 3 is there, but not for this run */
    OPENED(&t, 2);
    EVENT(&t, hf_schedule_disable_board, 2);
    EXPECT(&t, "final 1.0 not run (board in use); final 2.0 not run (board disabled); close 2");
    EVENT(&t, hf_schedule_enable_board, 0);
    add_run_on(&t, 1, 1, sets[0], 2);
    EXPECT(&t, "open 0; prepare 4.0");
    UNOPENED(&t, 0, HF_FAULT_PROBE);
    EXPECT(&t, "open 1"); /* for a new run, what was in use is tried again */
    IN_USE(&t, 1);
    EXPECT(&t, "final 4.0 not run (board in use)");
    EVENT(&t, hf_schedule_enable_board, 1);
    EVENT(&t, hf_schedule_enable_board, 0);
    add_run_on(&t, 1, 1, sets[0], 1);
    EXPECT(&t, "open 0");
    UNOPENED(&t, 0, HF_FAULT_PROBE);
    EXPECT(&t, "final 5.0 failed (no board left); over 5");
    script_end(&t);
}

static void test_a_board_added_later_is_for_runs_that_may_use_all(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 1, NULL);
    const uint32_t first[] = {0};
    const hf_schedule_board board = {0};
    add_run_on(&t, 1, 4, first, 1);
    EXPECT(&t, "open 0; prepare 0.0; prepare 0.1; prepare 0.2; prepare 0.3");
    EVENT(&t, hf_schedule_add_board, &board);
    EXPECT(&t, "");
    add_run_on(&t, 1, 2, NULL, 0);
    EXPECT(&t, "open 1"); /* 4 are prepared; more are as soon as there is a board for them */
    OPENED(&t, 1);
    EXPECT(&t, "prepare 1.0");
    script_end(&t);
}

/* What others have prepared for their boards does not keep a board from getting its image. */
static void test_each_set_is_prepared_for_at_the_limit(void **state)
{
    (void)state;
    const hf_schedule_policy policy = {.prepare_ahead = 4, .prepare_limit = 4};
    script t;
    script_begin_many(&t, 2, &policy);
    const uint32_t first[] = {0}, second[] = {1};
    add_run_on(&t, 1, 8, first, 1);
    EXPECT(&t, "open 0; prepare 0.0; prepare 0.1; prepare 0.2; prepare 0.3");
    prepare_all(&t, 0, 4);
    add_run_on(&t, 2, 2, second, 1);
    EXPECT(&t, "open 1");
    OPENED(&t, 0);
    OPENED(&t, 1);
    EXPECT(&t, "start 0.0 on 0 #1; release 0.3; prepare 1.0");
    script_end(&t);
}

static void test_sets_are_supplied_in_turns(void **state)
{
    (void)state;
    for (uint32_t limit = 3; limit <= 5; limit += 2) {
        const hf_schedule_policy policy = {.prepare_ahead = 1, .prepare_limit = limit};
        script t;
        script_begin_many(&t, 4, &policy);
        const uint32_t three[] = {0, 1, 2}, one[] = {3};
        add_run_on(&t, 1, 8, three, 3);
        add_run_on(&t, 2, 8, one, 1);
        EXPECT(&t, "open 0; open 1; open 2; open 3; prepare 0.0");
        for (uint32_t i = 0; i < 4; i++)
            OPENED(&t, i);
        /* At the limit, not 0.2 before 1.0; below it, each idle board gets something. */
        EXPECT(&t, limit == 3 ? "prepare 0.1; prepare 1.0" : "prepare 0.1; prepare 1.0; prepare 0.2");
        script_end(&t);
    }
}

/* The next job to start, with everything else carried out. @return its run */
static uint32_t next_start(script *t, uint32_t *board)
{
    hf_schedule_action a;
    uint32_t run = HF_SCHEDULE_NONE;
    for (bool again = true; again && run == HF_SCHEDULE_NONE;) {
        again = false;
        while (run == HF_SCHEDULE_NONE && hf_schedule_next(t->schedule, t->now_ns, &a)) {
            again = true;
            if (a.kind == HF_ACTION_OPEN)
                OPENED(t, a.board);
            else if (a.kind == HF_ACTION_CLOSE)
                CLOSED(t, a.board);
            else if (a.kind == HF_ACTION_PREPARE)
                OF_RUN(t, hf_schedule_prepared, a.run, a.preparation);
            else if (a.kind == HF_ACTION_START) {
                run = a.run;
                *board = a.board;
            }
        }
    }
    return run;
}

/* All free boards are put to work, and after 5 s everything is done. */
static void one_round(script *t, uint32_t starts[2])
{
    uint32_t busy[4], count = 0;
    for (uint32_t run; count < 4 && (run = next_start(t, &busy[count])) != HF_SCHEDULE_NONE; count++)
        starts[run]++;
    script_wait(t, 5);
    for (uint32_t i = 0; i < count; i++)
        DONE(t, busy[i]);
}

/* A run that had few boards for long does not take all of them for as long when it could. */
static void test_few_boards_for_long_give_no_claim(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 4, NULL);
    const uint32_t two[] = {0, 1};
    hf_schedule_job jobs[100];
    for (uint32_t i = 0; i < 100; i++)
        jobs[i] = (hf_schedule_job){.chips = 1, .preparation = i};
    const hf_schedule_run all = {.owner = 1, .jobs = jobs, .job_count = 100};
    const hf_schedule_run limited = {
        .owner = 2, .jobs = jobs, .job_count = 100, .boards = two, .board_count = 2};
    script_add_run(&t, &all);
    script_add_run(&t, &limited);
    EVENT(&t, hf_schedule_reserve_board, 0, HF_SCHEDULE_NEVER);
    uint32_t starts[2] = {0};
    for (uint32_t i = 0; i < 20; i++)
        one_round(&t, starts);
    assert_in_range(starts[0], 39, 42);
    assert_in_range(starts[1], 18, 21);
    EVENT(&t, hf_schedule_release_board, 0);
    EVENT(&t, hf_schedule_disable_board, 2);
    EVENT(&t, hf_schedule_disable_board, 3);
    starts[0] = starts[1] = 0;
    for (uint32_t i = 0; i < 8; i++)
        one_round(&t, starts);
    assert_int_equal(starts[0] + starts[1], 16);
    assert_in_range(starts[0], 6, 9);
    script_end(&t);
}

static void test_runs_take_turns_on_the_boards_they_share(void **state)
{
    (void)state;
    const hf_schedule_policy policy = {.prepare_ahead = 8};
    script t;
    script_begin_many(&t, 3, &policy);
    const uint32_t left[] = {0, 1}, right[] = {1, 2};
    add_run_on(&t, 1, 4, left, 2);
    add_run_on(&t, 2, 4, right, 2);
    script_actions(&t);
    prepare_all(&t, 0, 4);
    prepare_all(&t, 1, 4);
    OPENED(&t, 1);
    EXPECT(&t, "start 0.0 on 1 #1");
    for (uint32_t i = 0; i < 2; i++) {
        script_wait(&t, 5);
        DONE(&t, 1);
        EXPECT(&t, i ? "final 1.0 done; release 1.0; start 0.1 on 1 #1"
                     : "final 0.0 done; release 0.0; start 1.0 on 1 #1");
    }
    script_end(&t);
}

static void test_sets_of_removed_runs_are_gone(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 3, NULL);
    for (uint32_t i = 0; i < 50; i++) {
        const uint32_t boards[] = {i % 3, (i + 1) % 3};
        const uint32_t a = add_run_on(&t, 1, 2, boards, 2), b = add_run_on(&t, 2, 1, boards, 1 + i % 2);
        script_stop_run(&t, a, true);
        script_stop_run(&t, b, true);
        script_actions(&t);
        assert_int_equal(hf_schedule_remove_run(t.schedule, a, NULL), HF_OK);
        assert_int_equal(hf_schedule_remove_run(t.schedule, b, NULL), HF_OK);
    }
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(script_board(&t, i).state, HF_BOARD_CLOSED);
    script_end(&t);
}

static void test_an_unknown_board_is_refused(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 3, NULL);
    const hf_schedule_job job = {.chips = 1};
    const uint32_t boards[] = {1, 3};
    const hf_schedule_run request = {.jobs = &job, .job_count = 1, .boards = boards, .board_count = 2};
    hf_error err = {0};
    uint32_t run = 7;
    assert_int_equal(hf_schedule_add_run(t.schedule, &request, t.now_ns, &run, &err), HF_EINVALID);
    assert_string_equal(err.message, "the run names board 3, expected below 3");
    assert_int_equal(run, 7);
    EXPECT(&t, "");
    script_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jobs_start_on_the_named_boards_only),
        cmocka_unit_test(test_a_job_leaves_boards_to_runs_that_have_no_other),
        cmocka_unit_test(test_no_run_waits_behind_one_whose_boards_are_busy),
        cmocka_unit_test(test_a_board_that_no_run_may_use_any_more_is_closed),
        cmocka_unit_test(test_opening_is_cancelled_although_another_run_uses_other_boards),
        cmocka_unit_test(test_another_board_is_one_of_the_named),
        cmocka_unit_test(test_jobs_without_a_named_board_left_say_why),
        cmocka_unit_test(test_a_board_added_later_is_for_runs_that_may_use_all),
        cmocka_unit_test(test_each_set_is_prepared_for_at_the_limit),
        cmocka_unit_test(test_sets_are_supplied_in_turns),
        cmocka_unit_test(test_few_boards_for_long_give_no_claim),
        cmocka_unit_test(test_runs_take_turns_on_the_boards_they_share),
        cmocka_unit_test(test_sets_of_removed_runs_are_gone),
        cmocka_unit_test(test_an_unknown_board_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
