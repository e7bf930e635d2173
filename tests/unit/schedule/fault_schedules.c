/* SPDX-License-Identifier: Apache-2.0 */
#include "fault_schedules.h"

#include "simulation.h"

#define BOARDS 6
#define RUNS   5

static uint32_t draw(uint64_t *random, uint32_t below)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((*random >> 33) % below);
}

bool fault_schedule(uint64_t seed, fault_counts *counts)
{
    static const uint32_t permilles[] = {0, 20, 100, 400};
    uint64_t random = seed * 2 + 1;
    sim_board boards[BOARDS];
    sim_run runs[RUNS];
    for (uint32_t i = 0; i < 4; i++)
        draw(&random, 2);
    const uint32_t chips = 1 + draw(&random, 2);
    for (uint32_t i = 0; i < BOARDS; i++)
        boards[i] = (sim_board){.chip = draw(&random, chips), .attempt_ns = (1 + draw(&random, 9)) * SIM_S};
    uint64_t submit_ns = 0;
    for (uint32_t i = 0; i < RUNS; i++) {
        submit_ns += draw(&random, 20) * SIM_S;
        runs[i] = (sim_run){.submit_ns = submit_ns,
                            .owner = draw(&random, 2),
                            .priority = (int32_t)draw(&random, 5) - 2,
                            .variations = draw(&random, 25),
                            .chips = 1 + draw(&random, (1u << chips) - 1)};
        if (!draw(&random, 4))
            runs[i].cancel_ns = submit_ns + draw(&random, 60) * SIM_S + 1;
        runs[i].cancel_aborts = draw(&random, 2);
        if (!draw(&random, 2)) {
            runs[i].board_from = draw(&random, BOARDS);
            runs[i].board_count = 1 + draw(&random, BOARDS);
        }
    }
    const sim_options options = {
        .boards = boards,
        .board_count = BOARDS,
        .runs = runs,
        .run_count = RUNS,
        .open_ns = 300 * SIM_MS,
        .close_ns = 100 * SIM_MS,
        .prepare_ns = (1 + draw(&random, 2000)) * SIM_MS,
        .prepare_workers = 2,
        .spread_percent = 30,
        .seed = seed,
        .policy = {.strikes = 1 + draw(&random, 3),
                   .quarantine_ns = 20 * SIM_S * draw(&random, 3),
                   .max_quarantines = draw(&random, 4),
                   .check_before_readmission = draw(&random, 2),
                   .busy_wait_ns = 10 * SIM_S * draw(&random, 3),
                   .open_limit = draw(&random, 3),
                   .idle_close_ns = 2 * SIM_S * draw(&random, 2),
                   .prepare_ahead = draw(&random, 6),
                   .prepare_limit = draw(&random, 2) * (1 + draw(&random, 6))},
        .retry_delay_ns = draw(&random, 2) * SIM_S,
        .night_ns = draw(&random, 4) ? 0 : (1 + draw(&random, 100)) * SIM_S,
        .fail_permille = permilles[draw(&random, 4)],
        .busy_permille = permilles[draw(&random, 3)],
        .farm_permille = draw(&random, 5) ? 0 : 20,
        .event_permille = draw(&random, 2) ? 0 : 30,
        .restart_permille = draw(&random, 3) ? 0 : 10,
    };
    sim_result result;
    const bool ok = sim_execute(&options, &result);
    counts->wrong += result.wrong;
    counts->lost += result.lost;
    counts->doubled += result.doubled;
    counts->never_ended += result.never_ended;
    counts->illegal += result.illegal;
    counts->checks += result.checks;
    counts->restarts += result.restarts;
    for (uint32_t i = 0; ok && i < RUNS; i++) {
        counts->done += result.runs[i].done;
        counts->failed += result.runs[i].failed;
        counts->not_run += result.runs[i].not_run;
        counts->excluded += result.runs[i].excluded;
    }
    sim_result_free(&result);
    return ok;
}
