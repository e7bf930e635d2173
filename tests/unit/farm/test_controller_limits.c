/* SPDX-License-Identifier: Apache-2.0 */
/* A farm that is larger than the scheduler can handle is refused, and the message says how large it was. */
#include "hf_test.h"

#include "farm/controller.h"

static void test_too_many_chips(void **state)
{
    (void)state;
    enum { CHIPS = HF_SCHEDULE_MAX_CHIPS + 6 };
    static hf_chip chips[CHIPS];
    static hf_farm_board boards[CHIPS + 1];
    for (uint32_t i = 0; i <= CHIPS; i++)
        boards[i].chip = &chips[i % CHIPS]; /* the last one is no new chip */
    const hf_farm farm = {.boards = boards, .board_count = CHIPS + 1};
    uv_loop_t loop;
    assert_int_equal(uv_loop_init(&loop), 0);
    const hf_controller_options options = {.loop = &loop, .farm = &farm};
    hf_controller *controller = NULL;
    hf_error err = {0};
    assert_int_equal(hf_controller_new(&options, &controller, &err), HF_ELIMIT);
    assert_string_equal(err.message, "the farm has 70 kinds of chips, expected at most 64");
    assert_null(controller);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_too_many_chips)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
