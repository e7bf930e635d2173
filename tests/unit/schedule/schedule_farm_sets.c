/* SPDX-License-Identifier: Apache-2.0 */
/* Shares of runs that are limited to some boards, on a farm in simulated time. */
#include "farm_script.h"

/* Two owners, and one may use some of the boards only. */
static void test_a_limited_run_gets_its_share_of_all_boards(void **state)
{
    (void)state;
    static const struct {
        uint32_t boards, share; /* of 20 boards */
    } cases[] = {{15, 10}, {10, 10}, {5, 5}, {1, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const sim_run runs[] = {
            {.owner = 1, .variations = 3000, .chips = 1, .cancel_ns = 500 * SIM_S},
            {.owner = 2,
             .variations = 3000,
             .chips = 1,
             .cancel_ns = 500 * SIM_S,
             .board_from = 4,
             .board_count = cases[i].boards},
        };
        make_boards(20, 0, 5 * SIM_S, 0);
        sim_options options = farm(20, runs, 2);
        options.spread_percent = 30;
        sim_result result;
        execute(&options, &result);
        assert_in_range(result.runs[1].board_ns / SIM_S, cases[i].share * 480, cases[i].share * 506);
        assert_in_range((result.runs[0].board_ns + result.runs[1].board_ns) / SIM_S, 20 * 490, 20 * 506);
        sim_result_free(&result);
    }
}

/* On the few boards that both may use, while a third owner has the rest. */
static void test_limited_runs_share_by_weight(void **state)
{
    (void)state;
    sim_run runs[] = {
        {.owner = 1, .variations = 5000, .chips = 1},
        {.owner = 2, .variations = 1000, .chips = 1, .board_from = 3, .board_count = 4},
        {.owner = 3, .variations = 1000, .chips = 1, .board_from = 3, .board_count = 4, .priority = 1},
        {.owner = 4, .variations = 1000, .chips = 1, .board_from = 3, .board_count = 4, .priority = 1},
        {.owner = 4, .variations = 1000, .chips = 1, .board_from = 3, .board_count = 4, .priority = 1},
    };
    for (uint32_t i = 0; i < 5; i++)
        runs[i].cancel_ns = 1000 * SIM_S;
    make_boards(20, 0, 5 * SIM_S, 0);
    sim_options options = farm(20, runs, 5);
    options.spread_percent = 30;
    sim_result result;
    execute(&options, &result);
    const uint64_t fifth_ns = (4000 * SIM_S) / 5; /* 1 : 2 : 1 + 1 */
    assert_in_range(result.runs[1].board_ns, fifth_ns / 100 * 90, fifth_ns / 100 * 110);
    assert_in_range(result.runs[2].board_ns, fifth_ns / 100 * 190, fifth_ns / 100 * 210);
    assert_in_range(result.runs[3].board_ns, fifth_ns / 100 * 90, fifth_ns / 100 * 110);
    assert_in_range(result.runs[4].board_ns, fifth_ns / 100 * 90, fifth_ns / 100 * 110);
    sim_result_free(&result);
}

/* An owner does not get more by naming boards. */
static void test_many_sets_give_no_larger_share(void **state)
{
    (void)state;
    sim_run runs[9];
    for (uint32_t i = 0; i < 8; i++)
        runs[i] = (sim_run){.owner = 1, .board_from = i, .board_count = 12 + i % 2};
    runs[8] = (sim_run){.owner = 2};
    for (uint32_t i = 0; i < 9; i++) {
        runs[i].variations = 3000;
        runs[i].chips = 1;
        runs[i].cancel_ns = 500 * SIM_S;
    }
    make_boards(20, 0, 5 * SIM_S, 0);
    sim_options options = farm(20, runs, 9);
    options.spread_percent = 30;
    sim_result result;
    execute(&options, &result);
    assert_in_range(result.runs[8].board_ns / SIM_S, 10 * 475, 10 * 525);
    sim_result_free(&result);
}

/* The run that is prepared first uses many boards before the others start at all. It does not wait for that long. */
static void test_no_limited_run_stands_still(void **state)
{
    (void)state;
    sim_run runs[40];
    for (uint32_t i = 0; i < 40; i++) /* every second one has a set of its own */
        runs[i] = (sim_run){.owner = i % 10,
                            .variations = 100,
                            .chips = 1,
                            .board_from = 6 * i,
                            .board_count = i % 2 ? 0 : 125};
    make_boards(250, 0, 5 * SIM_S, 0);
    sim_options options = farm(250, runs, 40);
    options.policy.open_limit = 64;
    options.spread_percent = 30;
    sim_result result;
    execute(&options, &result);
    for (uint32_t i = 0; i < 40; i++)
        assert_true(result.runs[i].longest_gap_ns <= 13 * SIM_S);
    sim_result_free(&result);
}

/* A board that two owners have no alternative to is theirs, while a third one may use it too. */
static void test_runs_without_an_alternative_go_first(void **state)
{
    (void)state;
    const sim_run runs[] = {
        {.owner = 1, .variations = 300, .chips = 1, .board_from = 0, .board_count = 10},
        {.owner = 2, .variations = 300, .chips = 1, .board_from = 9, .board_count = 1},
        {.owner = 3,
         .submit_ns = 100 * SIM_S,
         .variations = 8,
         .chips = 1,
         .board_from = 9,
         .board_count = 1},
    };
    make_boards(10, 0, 5 * SIM_S, 0);
    sim_options options = farm(10, runs, 3);
    sim_result result;
    execute(&options, &result);
    /* Owners 2 and 3 take turns, owner 1 stays away: 8 jobs take as long as 16, and at most one more. */
    assert_in_range((result.runs[2].last_final_ns - runs[2].submit_ns) / SIM_S, 70, 90);
    sim_result_free(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_limited_run_gets_its_share_of_all_boards),
        cmocka_unit_test(test_limited_runs_share_by_weight),
        cmocka_unit_test(test_many_sets_give_no_larger_share),
        cmocka_unit_test(test_no_limited_run_stands_still),
        cmocka_unit_test(test_runs_without_an_alternative_go_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
