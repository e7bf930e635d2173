/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers come from the board that was reset, or not at all. Two boards with the very same contents, whose
 * serial lines the farm file has swapped: whatever the other one is doing, its answers are no measurement.
 * Over stock OpenOCD, by the path of a real board.
 */
#include "hf_test.h"

#include "board/board.h"
#include "replay.h"
#include "two_boards.h"

#define MODEL "mobilenetv1_0.2_32_c1_o2"
#define RUNS  3

static two_boards boards;

static void start(const char *chip)
{
    if (!two_boards_start(&boards, getenv("HILFARM_BIN_DIR"), getenv("HILFARM_FIRMWARE_DIR"), chip, MODEL))
        fail_msg("the boards do not start");
    boards.deadlines.boot_ms = 3000; /* for the states in which nothing arrives */
}

static void assert_measures(int which)
{
    hf_attempt_result result;
    hf_error err = {0};
    if (two_boards_attempt(&boards, which, false, RUNS, &result, &err) != HF_OK)
        fail_msg("%s\n%s", err.message, boards.said[0]);
    assert_int_equal(result.sample_count, RUNS);
    hf_attempt_result_free(&result);
}

static void assert_refused(int which, hf_fault fault, const char *says)
{
    hf_attempt_result result;
    hf_error err = {0};
    if (two_boards_attempt(&boards, which, true, RUNS, &result, &err) == HF_OK)
        fail_msg("the other board's numbers were accepted");
    assert_null(result.samples);
    if (err.fault != fault || !strstr(err.message, says))
        fail_msg("expected class %s and '%s', got %s: %s\n%s", hf_fault_name(fault), says,
                 hf_fault_name(err.fault), err.message, boards.said[0]);
}

static const struct {
    other_state state;
    hf_fault fault;
    const char *says;
    const char *heard; /* what must have come over the line, so that the state was what it is called */
} states[] = {
    {OTHER_FINISHED, HF_FAULT_SERIAL, "the serial line belongs to another board, or", " id protocol="},
    {OTHER_RESET_AGAIN, HF_FAULT_SERIAL, "carries nonce 0000000000000000 instead of", " id protocol="},
    {OTHER_MID_RUN, HF_FAULT_SERIAL, "does the serial line belong to another board?", " sample index="},
    {OTHER_FAULTED, HF_FAULT_SERIAL, "does the serial line belong to another board?", "<0 fault kind=usage"},
    {OTHER_HUNG, HF_FAULT_BOARD, "did not start", "hello"},
    {OTHER_BLANK, HF_FAULT_BOARD, "did not start", "hello"},
};

static void check_states(const char *chip, size_t count)
{
    start(chip);
    for (size_t i = 0; i < count; i++) {
        print_message("%s: the other board is %s\n", chip, other_state_names[states[i].state]);
        if (!two_boards_bring(&boards, 1, states[i].state))
            fail_msg("cannot bring the other board into this state");
        assert_refused(0, states[i].fault, states[i].says);
        if (!strstr(boards.said[0], states[i].heard))
            fail_msg("'%s' was not heard:\n%s", states[i].heard, boards.said[0]);
        assert_measures(0); /* over the correct line */
    }
    two_boards_stop(&boards);
}

static void another_l4_is_never_believed(void **state)
{
    (void)state;
    check_states("stm32l4r5zi", sizeof states / sizeof states[0]);
}

static void another_f7_is_never_believed(void **state)
{
    (void)state;
    check_states("stm32f767zi", 3); /* the other states do not depend on the chip */
}

/* Replays everything the board sent in earlier attempts, at every step of this one. */
static void late_frames_of_an_earlier_attempt_are_ignored(void **state)
{
    (void)state;
    start("stm32l4r5zi");
    replay late = {0};
    boards.hooks.wrap_serial = replay_wrap;
    boards.hooks.wrap_serial_user = &late;
    hf_attempt_result first, second;
    hf_error err = {0};
    late.recording = true;
    assert_int_equal(two_boards_attempt(&boards, 0, false, RUNS, &first, &err), HF_OK);
    late.recording = false;
    assert_non_null(memmem(late.bytes, late.size, " sample ", 8));
    replay_tamper(&late); /* so that accepted frames would be noticed */
    if (two_boards_attempt(&boards, 0, false, RUNS, &second, &err) != HF_OK)
        fail_msg("%s\n%s", err.message, boards.said[0]);
    assert_true(late.repeated >= 5); /* before boot, and after hello, baud, hello, input, run */
    for (uint32_t i = 0; i < RUNS; i++)
        assert_true(second.samples[i].cycles == first.samples[i].cycles);
    hf_attempt_result_free(&first);
    hf_attempt_result_free(&second);
    replay_free(&late);
    two_boards_stop(&boards);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_l4_is_never_believed),
        cmocka_unit_test(another_f7_is_never_believed),
        cmocka_unit_test(late_frames_of_an_earlier_attempt_are_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
