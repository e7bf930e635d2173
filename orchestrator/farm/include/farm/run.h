/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_RUN_H
#define HF_FARM_RUN_H

#include "farm/board_health.h"
#include "farm/remote_boards.h"
#include "report/rows.h"
#include "run_view/run_view.h"
#include "spec/farm_file.h"
#include "spec/spec.h"
#include "store/store.h"

/**
 * @file run.h
 * Runs a job spec on the boards of a farm, from the first variation to the last row in the store. Blocks.
 * Inside: an event loop, a thread per board, and a thread pool that prepares variations.
 */

/** What is known about the boards beyond this run. All zero: nothing, and nobody wants to know. */
typedef struct hf_run_health {
    const hf_board_standing *boards; /**< one per board of the farm; NULL = all in service */
    hf_controller_checks checks;     /**< with a request function: boards that come back are checked first */
    void *user;
    void (*board)(void *user, const hf_board_event *event);   /**< NULL = not needed */
    void (*checked)(void *user, const hf_board_check *check); /**< NULL = not needed */
} hf_run_health;

/** All borrowed for the call. */
typedef struct hf_run_options {
    const hf_spec *spec;
    const hf_farm *farm;
    const hf_selection *selection;
    hf_store *store;
    const hf_report *earlier; /**< the run to resume, after hf_resume_check(); NULL = a new run */
    const bool *selected;     /**< jobs to measure, index = variation * chips + chip; NULL = all */
    const char *spec_text;    /**< for the store, from hf_partial_run_record(); NULL = the spec's own */
    const char *firmware_dir;
    const char *openocd_path;   /**< NULL = from PATH */
    const char *vboard_path;    /**< NULL = beside the program, then PATH */
    const char *cache_dir;      /**< for prepared variations; NULL = they are not kept */
    uint64_t cache_limit_bytes; /**< 0 = the default */
    uint64_t wait_ns;           /**< how long to wait for boards that others use; 0 = not at all */
    const char *version;        /**< of hilfarm, for the store */
    hf_run_health health;
    hf_run_observer observer;
    hf_controller_remote remote; /**< for a farm with boards of other hosts */
} hf_run_options;

/**
 * Runs a spec. SIGINT, SIGTERM and SIGHUP are caught: attempts in progress are cancelled, everything is closed
 * in order, and the run is recorded as interrupted.
 * @param summary filled as far as the run got, also on failure
 * @return HF_OK even if variations failed (see summary); an error only if the farm itself cannot work
 */
hf_status hf_run(const hf_run_options *options, hf_run_summary *summary, hf_error *err);

#endif
