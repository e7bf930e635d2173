/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_SCHEDULE_SIMULATION_H
#define HF_TEST_SCHEDULE_SIMULATION_H

#include "schedule/progress.h"

/**
 * @file simulation.h
 * A whole farm around the scheduler in simulated time: boards that take their time to open and to measure,
 * a pool that prepares, users who submit and cancel runs, and seeded faults. It checks every action of the
 * scheduler and counts what would be a wrong, lost or doubled result.
 */

#define SIM_MS UINT64_C(1000000)
#define SIM_S  (1000 * SIM_MS)

typedef struct sim_board {
    uint32_t chip;
    uint64_t attempt_ns; /**< of one attempt; varied by `spread_percent` */
} sim_board;

typedef struct sim_run {
    uint64_t submit_ns; /**< after the start */
    uint64_t cancel_ns; /**< after the start; 0 = never */
    uint64_t chips;     /**< a job of every variation on each of them */
    uint32_t variations;
    uint32_t owner;
    int32_t priority;
    bool cancel_aborts;
    uint32_t board_from, board_count; /**< its boards: so many from this one, round; 0 = all */
} sim_run;

typedef struct sim_options {
    const sim_board *boards;
    uint32_t board_count;
    const sim_run *runs; /**< in the order of submit_ns */
    uint32_t run_count;
    uint64_t open_ns, close_ns;
    uint64_t prepare_ns;
    uint32_t prepare_workers;
    uint32_t spread_percent; /**< attempts last 100 - spread .. 100 + spread percent */
    hf_schedule_policy policy;
    uint64_t retry_delay_ns;
    uint64_t night_ns; /**< after the start: the end of the night for all runs there are; 0 = none */
    uint64_t seed;
    uint32_t fail_permille; /**< of attempts, opens and, at a fifth, preparations */
    uint32_t busy_permille; /**< of opens and, at a quarter, attempts */
    uint32_t farm_permille; /**< of failures */
    /** of steps: a board is reserved, released, disabled, enabled, a check requested, or a job excluded */
    uint32_t event_permille;
    uint32_t restart_permille; /**< of steps: the farm is killed, and continues with what it had recorded */
    bool log;                  /**< keep what is needed for sim_replay() */
    uint64_t max_steps;        /**< 0 = a generous number from the jobs */
} sim_options;

typedef struct sim_run_result {
    uint64_t first_start_ns, last_final_ns; /**< after the start */
    uint64_t longest_gap_ns;                /**< between starts of attempts, while jobs waited */
    uint64_t board_ns;                      /**< board time used */
    uint32_t done, failed, not_run, excluded;
    bool over;
} sim_run_result;

typedef struct sim_event sim_event;

typedef struct sim_result {
    uint64_t makespan_ns;
    uint64_t chip_end_ns[HF_SCHEDULE_MAX_CHIPS]; /**< end of the last attempt on a chip */
    uint64_t wrong, lost, doubled;               /**< results */
    uint64_t illegal;                            /**< actions that could not be carried out */
    uint64_t never_ended;                        /**< runs */
    uint64_t events, preparations, attempts, checks, restarts;
    uint32_t most_held, most_busy, most_opening;
    double mean_busy; /**< boards, over the middle 80 % of the time */
    sim_run_result *runs;
    sim_event *log;
    uint64_t log_count;
} sim_result;

/** Runs the simulation to its end. @return false when there is no memory; free the result either way */
bool sim_execute(const sim_options *options, sim_result *out);
void sim_result_free(sim_result *result);

/** Feeds a logged simulation's events to a new schedule, and nothing else. For runs on one chip, without faults.
 * @return actions; 0 = no memory */
uint64_t sim_replay(const sim_options *options, const sim_result *result);

/** When a chip's boards would be done if everything was prepared and each board took the next job as soon as it
 * was free, opening `open_limit` boards at a time. */
uint64_t sim_ideal_ns(const sim_options *options, uint32_t chip, uint32_t jobs, uint32_t open_limit);

#endif
