/* SPDX-License-Identifier: Apache-2.0 */
/* A whole farm in simulated time: shares, makespan, slow chips, and seeded faults with two users. The same
 * simulation at full size is the benchmark `farm`. */
#include "farm_script.h"
#include "fault_schedules.h"

#define FAULT_SEEDS 300

static void test_all_boards_work(void **state)
{
    (void)state;
    const sim_run run = {.variations = 4000, .chips = 1};
    make_boards(256, 0, 5 * SIM_S, 0);
    sim_options options = farm(256, &run, 1);
    options.spread_percent = 30;
    sim_result result;
    execute(&options, &result);
    assert_int_equal(result.runs[0].done, 4000);
    assert_int_equal(result.most_busy, 256);
    assert_true(result.mean_busy >= 250);
    assert_int_equal(result.most_opening, 16);
    assert_true(result.most_held <= 64 + 2 * 256);
    sim_result_free(&result);
}

static void test_a_slow_chip_does_not_hold_up_the_others(void **state)
{
    (void)state;
    const sim_run run = {.variations = 1000, .chips = 3};
    make_boards(100, 1, 5 * SIM_S, 5 * SIM_S);
    sim_options options = farm(100, &run, 1);
    sim_result result;
    execute(&options, &result);
    for (uint32_t chip = 0; chip < 2; chip++) {
        const uint64_t ideal_ns = sim_ideal_ns(&options, chip, 1000, 16);
        assert_true(result.chip_end_ns[chip] >= ideal_ns);
        assert_true(result.chip_end_ns[chip] <= ideal_ns + ideal_ns / 20);
    }
    assert_true(result.most_held <= 64 + 2 * 100);
    /* Memory is limited, so that some are prepared twice, but no more than that. */
    assert_true(result.preparations > 1000 && result.preparations <= 2000);
    sim_result_free(&result);
}

static void test_equal_chips_share_each_preparation(void **state)
{
    (void)state;
    const sim_run run = {.variations = 500, .chips = 3};
    make_boards(20, 10, 5 * SIM_S, 5 * SIM_S);
    sim_options options = farm(20, &run, 1);
    options.spread_percent = 30;
    sim_result result;
    execute(&options, &result);
    assert_int_equal(result.preparations, 500);
    sim_result_free(&result);
}

static void test_a_small_run_submitted_last_ends_within_its_share(void **state)
{
    (void)state;
    sim_run runs[11];
    for (uint32_t i = 0; i < 10; i++)
        runs[i] = (sim_run){.owner = i % 3, .variations = 300, .chips = 1};
    runs[10] = (sim_run){.submit_ns = 60 * SIM_S, .owner = 9, .variations = 20, .chips = 1};
    make_boards(20, 0, 5 * SIM_S, 0);
    sim_options options = farm(20, runs, 11);
    options.spread_percent = 30;
    sim_result result;
    execute(&options, &result);
    /* Four owners share 20 boards: 20 jobs on 5 boards take 20 s, and each part may wait for one attempt. */
    const uint64_t took_ns = result.runs[10].last_final_ns - runs[10].submit_ns;
    assert_true(took_ns <= 34 * SIM_S);
    sim_result_free(&result);
}

static void test_owners_get_equal_shares_and_so_do_their_runs(void **state)
{
    (void)state;
    sim_run runs[5];
    for (uint32_t i = 0; i < 5; i++) /* owner 1 has one run, owner 0 has four */
        runs[i] = (sim_run){.owner = i == 4, .variations = 1000, .chips = 1};
    for (uint32_t i = 0; i < 5; i++)
        runs[i].cancel_ns = 500 * SIM_S;
    make_boards(16, 0, 5 * SIM_S, 0);
    sim_options options = farm(16, runs, 5);
    options.spread_percent = 30;
    sim_result result;
    execute(&options, &result);
    uint64_t many_ns = 0, all_ns = 0;
    for (uint32_t i = 0; i < 5; i++) {
        all_ns += result.runs[i].board_ns;
        many_ns += i < 4 ? result.runs[i].board_ns : 0;
    }
    assert_in_range(many_ns, all_ns / 100 * 47, all_ns / 100 * 53);
    for (uint32_t i = 0; i < 4; i++)
        assert_in_range(result.runs[i].board_ns, many_ns / 100 * 22, many_ns / 100 * 28);
    sim_result_free(&result);
}

static void test_priority_doubles_the_share(void **state)
{
    (void)state;
    const sim_run runs[] = {
        {.owner = 1, .priority = 0, .variations = 2000, .chips = 1, .cancel_ns = 500 * SIM_S},
        {.owner = 1, .priority = 1, .variations = 2000, .chips = 1, .cancel_ns = 500 * SIM_S},
        {.owner = 2, .priority = -2, .variations = 2000, .chips = 1, .cancel_ns = 500 * SIM_S},
    };
    make_boards(20, 0, 5 * SIM_S, 0);
    sim_options options = farm(20, runs, 3);
    options.spread_percent = 30;
    sim_result result;
    execute(&options, &result);
    uint64_t all_ns = 0;
    for (uint32_t i = 0; i < 3; i++)
        all_ns += result.runs[i].board_ns;
    /* The owners weigh 2 and 1/4; the runs of the first 1 and 2. */
    assert_in_range(result.runs[0].board_ns, all_ns / 1000 * 276, all_ns / 1000 * 316);
    assert_in_range(result.runs[1].board_ns, all_ns / 1000 * 562, all_ns / 1000 * 622);
    assert_in_range(result.runs[2].board_ns, all_ns / 1000 * 91, all_ns / 1000 * 131);
    sim_result_free(&result);
}

/* Time without jobs gives no claim, and time alone on the farm is no debt. */
static void test_an_owner_who_joins_gets_a_share_from_then_on(void **state)
{
    (void)state;
    for (uint32_t named = 0; named <= 40;
         named += 40) { /* boards that the second one names: all are no limit */
        const sim_run runs[] = {
            {.owner = 1, .variations = 2000, .chips = 1, .cancel_ns = 130 * SIM_S, .cancel_aborts = true},
            {.owner = 2,
             .variations = 2000,
             .chips = 1,
             .board_count = named,
             .submit_ns = 100 * SIM_S,
             .cancel_ns = 130 * SIM_S,
             .cancel_aborts = true},
        };
        make_boards(40, 0, 5 * SIM_S, 0);
        sim_options options = farm(40, runs, 2);
        options.spread_percent = 30;
        sim_result result;
        execute(&options, &result);
        /* Half of 30 s on 40 boards, less the time until the first boards become free. */
        assert_in_range(result.runs[1].board_ns / SIM_S, 500, 600);
        sim_result_free(&result);
    }
}

/* The first run has the boards for itself until the others are prepared, and nobody knows yet how long attempts
 * last. It does not pay for that by standing still. */
static void test_no_run_stands_still(void **state)
{
    (void)state;
    sim_run runs[40];
    for (uint32_t i = 0; i < 40; i++)
        runs[i] = (sim_run){.owner = i % 10, .variations = 100, .chips = 1};
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

/* A share is one of boards of a chip: work for another chip does not count against it. */
static void test_each_chip_is_shared_on_its_own(void **state)
{
    (void)state;
    const sim_run runs[] = {
        {.owner = 1, .variations = 2000, .chips = 3, .cancel_ns = 400 * SIM_S},
        {.owner = 2, .variations = 2000, .chips = 2, .cancel_ns = 400 * SIM_S},
    };
    make_boards(44, 4, 5 * SIM_S, 5 * SIM_S);
    sim_options options = farm(44, runs, 2);
    sim_result result;
    execute(&options, &result);
    /* Owner 1 has 40 boards of chip 0 alone, and half of the 4 of chip 1. */
    assert_in_range(result.runs[1].board_ns / SIM_S, 2 * 370, 2 * 430);
    sim_result_free(&result);
}

static void test_faults_lose_nothing(void **state)
{
    (void)state;
    fault_counts counts = {0};
    for (uint64_t seed = 0; seed < (uint64_t)FAULT_SEEDS; seed++) {
        fault_counts one = {0};
        assert_true(fault_schedule(seed, &one));
        if (one.wrong || one.lost || one.doubled || one.never_ended || one.illegal)
            fail_msg("seed %ju: %ju wrong, %ju lost, %ju doubled, %ju never ended, %ju illegal actions",
                     (uintmax_t)seed, (uintmax_t)one.wrong, (uintmax_t)one.lost, (uintmax_t)one.doubled,
                     (uintmax_t)one.never_ended, (uintmax_t)one.illegal);
        counts.done += one.done;
        counts.failed += one.failed;
        counts.not_run += one.not_run;
        counts.excluded += one.excluded;
        counts.checks += one.checks;
        counts.restarts += one.restarts;
    }
    /* The schedules were varied enough for every outcome to be common. */
    assert_true(counts.done > UINT64_C(10) * FAULT_SEEDS);
    assert_true(counts.failed > FAULT_SEEDS);
    assert_true(counts.not_run > FAULT_SEEDS);
    assert_true(counts.excluded > FAULT_SEEDS / 20);
    assert_true(counts.checks > FAULT_SEEDS / 4);
    assert_true(counts.restarts > FAULT_SEEDS / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_boards_work),
        cmocka_unit_test(test_a_slow_chip_does_not_hold_up_the_others),
        cmocka_unit_test(test_equal_chips_share_each_preparation),
        cmocka_unit_test(test_a_small_run_submitted_last_ends_within_its_share),
        cmocka_unit_test(test_owners_get_equal_shares_and_so_do_their_runs),
        cmocka_unit_test(test_priority_doubles_the_share),
        cmocka_unit_test(test_an_owner_who_joins_gets_a_share_from_then_on),
        cmocka_unit_test(test_no_run_stands_still),
        cmocka_unit_test(test_each_chip_is_shared_on_its_own),
        cmocka_unit_test(test_faults_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
