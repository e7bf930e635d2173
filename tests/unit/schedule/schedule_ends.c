/* SPDX-License-Identifier: Apache-2.0 */
/* How a run ends early: on request, by a failure of the farm, at its deadline. */
#include "script.h"

static void test_farm_fault_ends_the_run(void **state)
{
    (void)state;
    script t;
    script_begin_running(&t, 4, 2, NULL);
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

    script_begin(&t, script_one_chip, 1, script_one_chip, 1, NULL);
    script_actions(&t);
    UNOPENED(&t, 0, HF_FAULT_FARM);
    assert_int_equal(script_board(&t, 0).strikes, 0); /* not the board's fault */
    EXPECT(&t, "final 0 not run farm");
    PREPARED(&t, 0);
    EXPECT(&t, "release 0; finished");
    script_end(&t);

    script_begin(&t, script_one_chip, 2, script_one_chip, 1, NULL);
    script_actions(&t);
    UNPREPARED(&t, 1, HF_FAULT_FARM);
    EXPECT(&t, "final 0 not run farm; final 1 failed farm/farm");
    script_end(&t);
}

static void test_stop_and_finish(void **state)
{
    (void)state;
    script t;
    script_begin_running(&t, 4, 2, NULL);
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
    script_begin_running(&t, 3, 2, NULL);
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

    script_begin(&t, script_one_chip, 1, script_one_chip, 1, NULL);
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
    script_begin_running(&t, 4, 2, NULL);
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
    script_begin_running(&t, 3, 2, NULL);
    FAILED(&t, 0, HF_FAULT_FARM);
    hf_schedule_stop(t.schedule, true, HF_REASON_STOPPED, t.now_ns);
    EXPECT(&t, "final 0 failed farm/farm; final 2 not run farm; release 0; release 2; cancel 1; close 0");
    FAILED(&t, 1, HF_FAULT_NONE);
    EXPECT(&t, "final 1 not run farm; release 1; close 1");
    script_end(&t);
}

static void test_run_deadline(void **state)
{
    (void)state;
    script t;
    const script_policy policy = {.run_deadline_ns = 100 * S};
    script_begin_running(&t, 2, 1, &policy);
    assert_true(hf_schedule_wake_ns(t.schedule) == 1100 * S);
    script_wait(&t, 100);
    EXPECT(&t, "final 1 not run deadline; release 1; cancel 0");
    assert_true(hf_schedule_wake_ns(t.schedule) == HF_SCHEDULE_NEVER);
    FAILED(&t, 0, HF_FAULT_BOARD);
    EXPECT(&t, "final 0 not run deadline; release 0; close 0");
    script_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_farm_fault_ends_the_run),
        cmocka_unit_test(test_stop_and_finish),
        cmocka_unit_test(test_stop_and_abort),
        cmocka_unit_test(test_farm_aborts),
        cmocka_unit_test(test_farm_fault_before_an_abort),
        cmocka_unit_test(test_run_deadline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
