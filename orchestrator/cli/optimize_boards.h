/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_OPTIMIZE_BOARDS_H
#define HF_CLI_OPTIMIZE_BOARDS_H

#include "optimize/optimize.h"
#include "programs.h"
#include "signals.h"

/**
 * @file optimize_boards.h
 * Measurements of a search: runs of a part of its spec, in this process, which are in the store like any other.
 */

typedef struct hf_cli_optimize_boards {
    const char *spec_path, *farm, *db;
    hf_cli_programs programs;
    uint64_t wait_ms;
    bool plain, quiet, no_cache;
    hf_cli_signals *signals; /**< caught; while a run is under way, the run catches them */
    int64_t last_run_id;     /**< set: of the last measurement; 0 = none */
} hf_cli_optimize_boards;

/** For hf_optimize_boards.measure. @param user hf_cli_optimize_boards */
hf_status hf_cli_optimize_measure(void *user, const hf_optimize_measurement *what,
                                  hf_optimize_result *results, hf_error *err);

#endif
