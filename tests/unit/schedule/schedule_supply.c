/* SPDX-License-Identifier: Apache-2.0 */
/* Order, fairness and supply: who goes first, how many boards are opened, how much is prepared ahead. */
#include "script.h"

static const uint32_t one_chip[64] = {0};

static void test_jobs_start_in_order_and_share_the_boards(void **state)
{
    (void)state;
    script t;
    script_begin(&t, one_chip, 6, one_chip, 3, NULL);
    EXPECT(&t, "open 0; open 1; open 2; prepare 0; prepare 1; prepare 2; prepare 3");
    for (uint32_t i = 0; i < 4; i++)
        PREPARED(&t, i);
    for (uint32_t i = 0; i < 3; i++)
        OPENED(&t, i);
    EXPECT(&t, "start 0 on 0 #1; start 1 on 1 #1; start 2 on 2 #1; prepare 4; prepare 5");
    script_wait(&t, 1);
    DONE(&t, 2);
    script_wait(&t, 1);
    DONE(&t, 0);
    /* Board 2 has waited longer than board 0. */
    EXPECT(&t, "final 0 done; final 2 done; release 0; release 2; start 3 on 2 #1");
    PREPARED(&t, 5);
    EXPECT(&t, "start 5 on 0 #1"); /* 4 is not ready */
    script_end(&t);
}

static void test_no_more_boards_than_jobs_are_opened(void **state)
{
    (void)state;
    script t;
    script_begin(&t, one_chip, 2, one_chip, 5, NULL);
    EXPECT(&t, "open 0; open 1; prepare 0; prepare 1");
    script_end(&t);
}

static void test_a_failed_open_makes_room_for_another_board(void **state)
{
    (void)state;
    script t;
    const script_policy policy = {.retry_delay_ns = 10 * S};
    script_begin(&t, one_chip, 1, one_chip, 2, &policy);
    EXPECT(&t, "open 0; prepare 0");
    UNOPENED(&t, 0, HF_FAULT_PROBE);
    EXPECT(&t, "open 1");
    script_end(&t);
}

static void test_preparing_ahead_is_limited(void **state)
{
    (void)state;
    script t;
    const script_policy policy = {.prepare_ahead = 2};
    script_begin(&t, one_chip, 10, one_chip, 1, &policy);
    EXPECT(&t, "open 0; prepare 0; prepare 1");
    PREPARED(&t, 0);
    PREPARED(&t, 1);
    EXPECT(&t, "");
    OPENED(&t, 0);
    EXPECT(&t, "start 0 on 0 #1; prepare 2");
    DONE(&t, 0);
    EXPECT(&t, "final 0 done; release 0; start 1 on 0 #1; prepare 3");
    script_end(&t);
}

static void test_an_idle_board_is_prepared_for_beyond_the_limit(void **state)
{
    (void)state;
    script t;
    const uint32_t jobs[] = {0, 0, 0, 1, 1}, boards[] = {0, 1};
    const script_policy policy = {.prepare_ahead = 2};
    script_begin(&t, jobs, 5, boards, 2, &policy);
    EXPECT(&t, "open 0; open 1; prepare 0; prepare 1");
    OPENED(&t, 1);
    EXPECT(&t, "prepare 3"); /* nothing under way is for board 1 */
    EXPECT(&t, "");
    script_end(&t);
}

static void test_what_is_held_is_limited_for_good(void **state)
{
    (void)state;
    script t;
    const uint32_t jobs[] = {0, 0, 0, 1, 1}, boards[] = {0, 1};
    const script_policy policy = {.prepare_ahead = 2, .prepare_limit = 2};
    script_begin(&t, jobs, 5, boards, 2, &policy);
    EXPECT(&t, "open 0; open 1; prepare 0; prepare 1");
    OPENED(&t, 1);
    EXPECT(&t, "");
    script_end(&t);
}

static void test_what_lost_its_boards_makes_room(void **state)
{
    (void)state;
    script t;
    const uint32_t jobs[] = {0, 0, 1, 1, 1}, boards[] = {0, 1};
    const script_policy policy = {.prepare_ahead = 2, .strikes = 1};
    script_begin(&t, jobs, 5, boards, 2, &policy);
    EXPECT(&t, "open 0; open 1; prepare 0; prepare 1");
    PREPARED(&t, 0);
    UNOPENED(&t, 0, HF_FAULT_PROBE); /* lost */
    EXPECT(&t, "final 0 failed no_board/probe; final 1 failed no_board/probe; release 0; prepare 2");
    PREPARED(&t, 1);
    EXPECT(&t, "release 1; prepare 3");
    EXPECT(&t, "");
    script_end(&t);
}

/* Board 1 is slow: it makes one attempt while board 0 makes all of its own. The images that only board 1 still needs
 * give way at the limit, and are prepared once more when it is their turn. */
static void test_a_slow_chip_does_not_use_up_the_limit(void **state)
{
    (void)state;
    enum { VARIATIONS = 8 };
    hf_schedule_job jobs[2 * VARIATIONS];
    const hf_schedule_board boards[] = {{.chip = 0}, {.chip = 1}};
    const script_policy policy = {.prepare_ahead = 2, .prepare_limit = 4};
    for (uint32_t i = 0; i < 2 * VARIATIONS; i++)
        jobs[i] = (hf_schedule_job){.chips = UINT64_C(1) << (i % 2), .preparation = i / 2};
    script t = {.now_ns = S};
    assert_int_equal(script_new(jobs, 2 * VARIATIONS, boards, 2, &policy, t.now_ns, &t.schedule, NULL),
                     HF_OK);
    uint32_t prepared[VARIATIONS] = {0}, finals = 0, fast_done = 0;
    bool fast_busy = false, slow_busy = false;
    for (uint32_t step = 0; finals < 2 * VARIATIONS && step < 1000; step++) {
        hf_schedule_action a;
        while (hf_schedule_next(t.schedule, t.now_ns, &a)) {
            if (a.kind == HF_ACTION_OPEN)
                OPENED(&t, a.board);
            else if (a.kind == HF_ACTION_CLOSE)
                CLOSED(&t, a.board);
            else if (a.kind == HF_ACTION_PREPARE) {
                prepared[a.preparation]++;
                PREPARED(&t, a.preparation);
            } else if (a.kind == HF_ACTION_START) {
                fast_busy |= a.board == 0;
                slow_busy |= a.board == 1;
            } else if (a.kind == HF_ACTION_FINAL) {
                finals++;
            }
        }
        script_wait(&t, 1);
        if (fast_busy) {
            fast_busy = false;
            fast_done++;
            DONE(&t, 0);
        } else if (slow_busy) {
            assert_int_equal(fast_done, VARIATIONS); /* it never waited for the slow one */
            slow_busy = false;
            DONE(&t, 1);
        }
    }
    assert_int_equal(finals, 2 * VARIATIONS);
    uint32_t again = 0;
    for (uint32_t i = 0; i < VARIATIONS; i++) {
        assert_in_range(prepared[i], 1, 2);
        again += prepared[i] == 2;
    }
    assert_true(again > 0);
    script_end(&t);
}

static void test_a_preparation_is_shared_and_released_after_its_last_job(void **state)
{
    (void)state;
    const hf_schedule_job jobs[] = {{.chips = 1, .preparation = 0}, {.chips = 2, .preparation = 0}};
    const hf_schedule_board boards[] = {{.chip = 0}, {.chip = 1}};
    script t = {0};
    assert_int_equal(script_new(jobs, 2, boards, 2, NULL, 0, &t.schedule, NULL), HF_OK);
    EXPECT(&t, "open 0; open 1; prepare 0");
    PREPARED(&t, 0);
    OPENED(&t, 0);
    OPENED(&t, 1);
    EXPECT(&t, "start 0 on 0 #1; start 1 on 1 #1");
    DONE(&t, 1);
    EXPECT(&t, "final 1 done; close 1");
    DONE(&t, 0);
    EXPECT(&t, "final 0 done; release 0; close 0");
    script_end(&t);
}

static void test_a_job_for_several_chips_takes_any_board(void **state)
{
    (void)state;
    const hf_schedule_job jobs[] = {{.chips = 3, .preparation = 0}};
    const hf_schedule_board boards[] = {{.chip = 0}, {.chip = 1}};
    const script_policy policy = {.strikes = 1};
    script t = {0};
    assert_int_equal(script_new(jobs, 1, boards, 2, &policy, 0, &t.schedule, NULL), HF_OK);
    script_actions(&t);
    PREPARED(&t, 0);
    UNOPENED(&t, 0, HF_FAULT_BOARD); /* lost */
    OPENED(&t, 1);
    EXPECT(&t, "start 0 on 1 #1");
    script_end(&t);
}

static void test_progress_adds_up(void **state)
{
    (void)state;
    script t;
    script_begin(&t, one_chip, 3, one_chip, 1, NULL);
    script_actions(&t);
    PREPARED(&t, 0);
    OPENED(&t, 0);
    script_actions(&t);
    hf_schedule_progress p = hf_schedule_progress_get(t.schedule, 0);
    assert_int_equal(p.running, 1);
    assert_int_equal(p.waiting, 2);
    assert_false(p.stopping);
    hf_schedule_board_status status = script_board(&t, 0);
    assert_int_equal(status.job, 0);
    assert_int_equal(status.attempt, 1);
    DONE(&t, 0);
    p = hf_schedule_progress_get(t.schedule, 0);
    assert_int_equal(p.done, 1);
    assert_int_equal(p.running, 0);
    assert_int_equal(script_board(&t, 0).job, HF_SCHEDULE_NONE);
    assert_false(hf_schedule_board_status_get(t.schedule, 1, &status));
    script_end(&t);
}

static void test_time_does_not_run_backwards(void **state)
{
    (void)state;
    script t;
    const script_policy policy = {.retry_delay_ns = 10 * S, .strikes = 9};
    script_begin(&t, one_chip, 1, one_chip, 1, &policy);
    script_actions(&t);
    UNOPENED(&t, 0, HF_FAULT_PROBE);
    uint64_t failed_ns = t.now_ns;
    t.now_ns -= 500 * S;
    EXPECT(&t, "");
    assert_true(hf_schedule_wake_ns(t.schedule) == failed_ns + 10 * S);
    t.now_ns = failed_ns + 10 * S;
    EXPECT(&t, "open 0");
    script_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jobs_start_in_order_and_share_the_boards),
        cmocka_unit_test(test_no_more_boards_than_jobs_are_opened),
        cmocka_unit_test(test_a_failed_open_makes_room_for_another_board),
        cmocka_unit_test(test_preparing_ahead_is_limited),
        cmocka_unit_test(test_an_idle_board_is_prepared_for_beyond_the_limit),
        cmocka_unit_test(test_what_is_held_is_limited_for_good),
        cmocka_unit_test(test_what_lost_its_boards_makes_room),
        cmocka_unit_test(test_a_slow_chip_does_not_use_up_the_limit),
        cmocka_unit_test(test_a_preparation_is_shared_and_released_after_its_last_job),
        cmocka_unit_test(test_a_job_for_several_chips_takes_any_board),
        cmocka_unit_test(test_progress_adds_up),
        cmocka_unit_test(test_time_does_not_run_backwards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
