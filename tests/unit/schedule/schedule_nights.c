/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of boards from earlier, and the end of a night. */
#include "check_script.h"

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
    script_add_jobs(&t, 1, 9);
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
    script_add_jobs(&t, 1, 1);
    hf_schedule_set_deadline(t.schedule, t.now_ns + 50 * S, t.now_ns);
    assert_int_equal(hf_schedule_wake_ns(t.schedule), t.now_ns + 50 * S);
    hf_schedule_set_deadline(t.schedule, HF_SCHEDULE_NEVER, t.now_ns);
    EXPECT(&t, "open 0; prepare 0.0");
    script_wait(&t, 60);
    EXPECT(&t, ""); /* it was taken back */
    hf_schedule_set_deadline(t.schedule, t.now_ns + 50 * S, t.now_ns);
    script_add_jobs(&t, 1, 1);
    CHECK(&t, 1, HF_SCHEDULE_NEVER);
    EXPECT(&t, "open 1; prepare 1.0");
    OF_RUN(&t, hf_schedule_prepared, 0, 0);
    OPENED(&t, 0);
    OPENED(&t, 1);
    EXPECT(&t, "check 1; start 0.0 on 0 #1");
    script_wait(&t, 50);
    EXPECT(&t, "final 1.0 not run (the deadline passed); cancel 0; cancel 1");
    assert_int_equal(hf_schedule_stop_reason(t.schedule, 0), HF_REASON_DEADLINE);
    script_add_jobs(&t, 1, 1); /* the next night */
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
        cmocka_unit_test(test_a_restart_does_not_whitewash_a_board),
        cmocka_unit_test(test_a_night_ends_for_all_runs_and_checks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
