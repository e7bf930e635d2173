/* SPDX-License-Identifier: Apache-2.0 */
/* Which of several runs gets the next free board. */
#include "script.h"

static void test_a_second_run_gets_the_next_free_board(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 1, NULL);
    EXPECT(&t, ""); /* without runs, no board is touched, and nothing is over */
    assert_int_equal(script_add_jobs(&t, 1, 3), 0);
    EXPECT(&t, "open 0; prepare 0.0; prepare 0.1; prepare 0.2");
    for (uint32_t i = 0; i < 3; i++)
        OF_RUN(&t, hf_schedule_prepared, 0, i);
    OPENED(&t, 0);
    EXPECT(&t, "start 0.0 on 0 #1");
    assert_int_equal(script_add_jobs(&t, 2, 1), 1);
    EXPECT(&t, "prepare 1.0");
    OF_RUN(&t, hf_schedule_prepared, 1, 0);
    script_wait(&t, 5);
    DONE(&t, 0);
    EXPECT(&t, "final 0.0 done; release 0.0; start 1.0 on 0 #1"); /* not behind 0.1 and 0.2 */
    DONE(&t, 0);
    EXPECT(&t, "final 1.0 done; release 1.0; over 1; start 0.1 on 0 #1");
    assert_true(hf_schedule_progress_get(t.schedule, 1).over);
    assert_int_equal(hf_schedule_progress_get(t.schedule, 0).waiting, 1);
    script_end(&t);
}

static void test_a_run_is_prepared_for_although_others_have_enough(void **state)
{
    (void)state;
    const hf_schedule_policy policy = {.prepare_ahead = 2};
    script t;
    script_begin_many(&t, 1, &policy);
    script_add_jobs(&t, 1, 9);
    EXPECT(&t, "open 0; prepare 0.0; prepare 0.1");
    OF_RUN(&t, hf_schedule_prepared, 0, 0);
    OF_RUN(&t, hf_schedule_prepared, 0, 1);
    OPENED(&t, 0);
    EXPECT(&t, "start 0.0 on 0 #1; prepare 0.2");
    OF_RUN(&t, hf_schedule_prepared, 0, 2);
    script_add_jobs(&t, 2, 1);
    EXPECT(&t, "prepare 1.0");
    script_end(&t);
}

/* The next attempt to start on board 0; everything else is carried out as it comes. @return its run */
static uint32_t next_start(script *t, bool hold_back_run_1)
{
    hf_schedule_action a;
    uint32_t run = HF_SCHEDULE_NONE;
    for (bool again = true; again;) {
        again = false;
        while (hf_schedule_next(t->schedule, t->now_ns, &a)) {
            again = true;
            if (a.kind == HF_ACTION_START)
                run = a.run;
            else if (a.kind == HF_ACTION_OPEN)
                OPENED(t, a.board);
            else if (a.kind == HF_ACTION_PREPARE && !(a.run == 1 && hold_back_run_1))
                OF_RUN(t, hf_schedule_prepared, a.run, a.preparation);
        }
    }
    return run;
}

static void test_shares_are_of_time_not_of_attempts(void **state)
{
    (void)state;
    script t;
    script_begin_many(&t, 1, NULL);
    script_add_jobs(&t, 1, 30);
    script_add_jobs(&t, 2, 30);
    uint32_t starts[2] = {0};
    for (uint32_t i = 0; i < 30; i++) {
        const uint32_t run = next_start(&t, false);
        assert_true(run < 2);
        starts[run]++;
        script_wait(&t, run ? 2 : 8); /* attempts of run 0 last four times as long */
        DONE(&t, 0);
    }
    assert_in_range(starts[0], 5, 7);
    script_end(&t);
}

/* Two owners share a board for years, at the lowest priority, where virtual time passes 256 times as fast. */
static void test_shares_do_not_end_with_time(void **state)
{
    (void)state;
    for (int limited = 0; limited < 2; limited++) {
        hf_schedule_job jobs[400];
        const uint32_t board = 0;
        script t;
        script_begin_many(&t, 1, NULL);
        t.now_ns = 0;
        for (uint32_t i = 0; i < 400; i++)
            jobs[i] = (hf_schedule_job){.chips = 1, .preparation = i};
        for (uint32_t owner = 1; owner <= 2; owner++) {
            const hf_schedule_run request = {.owner = owner,
                                             .priority = -8,
                                             .jobs = jobs,
                                             .job_count = 400,
                                             .boards = limited && owner == 2 ? &board : NULL,
                                             .board_count = 1};
            script_add_run(&t, &request);
        }
        uint32_t starts[2] = {0};
        for (uint32_t i = 0; i < 600; i++) {
            const uint32_t run = next_start(&t, false);
            assert_true(run < 2);
            starts[run]++;
            if (i % 100 == 99) {
                assert_in_range(starts[0], 48, 52);
                starts[0] = 0;
            }
            t.now_ns += UINT64_C(1) << 50; /* 13 days */
            DONE(&t, 0);
        }
        script_end(&t);
    }
}

/* A run that could not be prepared for a long time does not take the board for as long afterwards. */
static void test_a_late_run_does_not_make_others_stand_still(void **state)
{
    (void)state;
    const hf_schedule_policy policy = {.prepare_ahead = 6};
    script t;
    script_begin_many(&t, 1, &policy);
    script_add_jobs(&t, 1, 30);
    script_add_jobs(&t, 2, 6);
    for (uint32_t i = 0; i < 20; i++) {
        assert_int_equal(next_start(&t, true), 0);
        script_wait(&t, 5);
        DONE(&t, 0);
    }
    uint32_t prepared = 0;
    for (uint32_t i = 0; i < 6; i++)
        prepared += hf_schedule_prepared(t.schedule, 1, i, t.now_ns, NULL) == HF_OK;
    assert_true(prepared >= 2);
    uint32_t starts[2] = {0};
    for (uint32_t i = 0; i < 5; i++) {
        const uint32_t run = next_start(&t, false);
        assert_true(run < 2);
        starts[run]++;
        script_wait(&t, 5);
        DONE(&t, 0);
    }
    assert_in_range(starts[0], 1, 2);
    script_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_second_run_gets_the_next_free_board),
        cmocka_unit_test(test_a_run_is_prepared_for_although_others_have_enough),
        cmocka_unit_test(test_shares_are_of_time_not_of_attempts),
        cmocka_unit_test(test_shares_do_not_end_with_time),
        cmocka_unit_test(test_a_late_run_does_not_make_others_stand_still),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
