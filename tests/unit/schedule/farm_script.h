/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_SCHEDULE_FARM_SCRIPT_H
#define HF_TEST_SCHEDULE_FARM_SCRIPT_H

#include "hf_test.h"

#include "simulation.h"

/**
 * @file farm_script.h
 * A simulated farm in which nothing fails.
 */

#define MAX_BOARDS 300

static sim_board boards[MAX_BOARDS];

static inline void make_boards(uint32_t count, uint32_t slow, uint64_t fast_ns, uint64_t slow_ns)
{
    for (uint32_t i = 0; i < count; i++)
        boards[i] = i < slow ? (sim_board){.chip = 1, .attempt_ns = slow_ns}
                             : (sim_board){.chip = 0, .attempt_ns = fast_ns};
}

static inline sim_options farm(uint32_t board_count, const sim_run *runs, uint32_t run_count)
{
    return (sim_options){.boards = boards,
                         .board_count = board_count,
                         .runs = runs,
                         .run_count = run_count,
                         .open_ns = 300 * SIM_MS,
                         .close_ns = 100 * SIM_MS,
                         .prepare_ns = 20 * SIM_MS,
                         .prepare_workers = 16,
                         .policy = {.prepare_ahead = board_count}};
}

static inline void execute(const sim_options *options, sim_result *result)
{
    assert_true(sim_execute(options, result));
    assert_int_equal(result->illegal, 0);
    assert_int_equal(result->wrong, 0);
    assert_int_equal(result->lost, 0);
    assert_int_equal(result->doubled, 0);
    assert_int_equal(result->never_ended, 0);
}

#endif
