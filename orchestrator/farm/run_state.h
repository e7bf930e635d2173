/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_RUN_STATE_H
#define HF_FARM_RUN_STATE_H

#include "controller_state.h"
#include "farm/prepare.h"
#include "store/write_queue.h"

/**
 * @file run_state.h
 * The state of one run, and the functions that its files share:
 *
 *   run.c                 hf_run(): one run in this process, with signals
 *   run_begin.c           records that a run begins
 *   run_stages.c          adds a run, and takes it from stage to stage
 *   run_setup.c           lists the jobs of a run; frees it
 *   run_hooks.c           hooks before and after a run
 *   prune.c               excludes variations that cannot fit their chip
 *   prepare_pool.c        prepares variations
 *   image_in_file.c       prepared images in files instead of memory
 *   pool_task.c           steps of variations in libuv's pool
 *   job_outcome.c         records and reports the outcome of a job, with its reason
 *   progress.c            what is shown of a run; time_left.c estimates the time left
 *   run_end.c             dead boards and the end of the run in the store
 *
 * controller_state.h lists the files about the boards and the scheduler. Everything belongs to the loop's thread unless
 * a comment says otherwise.
 */

/** A variation on a chip: the scheduler's job of the same index. */
typedef struct hf_run_job {
    uint32_t variation;       /**< index in the spec; also the scheduler's preparation */
    uint32_t chip;            /**< index in the selection */
    int32_t position;         /**< in the run */
    uint32_t attempts_before; /**< attempts made before this run was resumed */
    bool recorded;            /**< the store has a row for it */
    bool pruned;              /**< cannot fit its chip; fault_message says why */
    double latency_ns;        /**< median, once measured */
    char *fault_message;      /**< of the last failure; NULL = none; owned */
} hf_run_job;

/** A variation of the spec. Its jobs follow each other. */
typedef struct hf_run_variation {
    uint32_t first_job, job_count;
    hf_prepared *prepared; /**< owned; NULL = not prepared now */
    bool recorded;         /**< in the results of its jobs, the first time it was prepared */
} hf_run_variation;

/** What the set-up of a run makes, on a thread of its own. */
typedef struct hf_run_plan {
    hf_firmware_footprint *firmwares;
    hf_run_job *jobs;
    hf_run_variation *variations;
    hf_write_queue *write_queue;
    uint32_t job_count, all_count;
    uint32_t measured, pruned; /**< before the run was resumed */
    uint64_t lacks_firmware;   /**< chips of the selection whose firmware cannot be read; bit i = chip i */
    hf_error firmware_error;   /**< of the first of them */
} hf_run_plan;

struct hf_controller_run {
    hf_controller *controller;
    TAILQ_ENTRY(hf_controller_run) link;
    hf_controller_request request;
    hf_run_summary summary;
    hf_run_stage stage;
    uint32_t schedule_run; /**< HF_SCHEDULE_NONE: not, or no longer, in the scheduler */
    hf_write_queue *write_queue;
    uint64_t started_ns;
    bool store_waits;         /**< the observer was told that the store cannot be written */
    uint64_t kept;            /**< hf_write_queue_status.kept */
    bool stopped;             /**< by hf_controller_stop_run() */
    bool before_run_passed;   /**< hooks.after_run follows */
    char why[64];             /**< it was stopped; "" = not known */
    hf_error farm_error;      /**< why it could not be measured or recorded; HF_OK = it could */
    hf_error hook_error;      /**< of hooks.after_run */
    char openocd_version[64]; /**< as last seen; "" = never */
    bool *uses_board;         /**< the farm's boards in the selection */

    hf_firmware_footprint *firmwares; /**< one per chip of the selection */
    hf_run_job *jobs;
    uint32_t job_count;
    uint32_t all_count; /**< selected jobs, including those measured before the run was resumed */
    uint32_t final_count;
    hf_run_variation *variations; /**< those of the spec */
    hf_board_view *views;         /**< boards of the selection */
    uint64_t attempt_ns_sum;      /**< duration of all successful attempts */
    uint32_t attempt_count;       /**< successful attempts */
    uint32_t prune_next, prune_running;
    void (*after_pruning)(hf_controller_run *run); /**< what follows when all variations are analysed */

    hf_run_plan plan;             /**< of the thread that sets the run up */
    hf_write_queue *ending_queue; /**< of the thread that waits for its end */
    int64_t duration_ns;          /**< of the run, once it ends */

    hf_background background; /**< set-up, hooks, end: one at a time */
    hf_error background_error;
    int cancel_fd; /**< eventfd: readable = the hook under way is cancelled */
};

/** A step of a variation in libuv's pool. */
typedef struct hf_pool_task {
    uv_work_t work;
    hf_controller_run *run;
    uint32_t variation;
    hf_prepare_request request;
    hf_prepared *prepared; /**< owned */
    hf_status status;
    hf_error error;
} hf_pool_task;

/* run_stages.c */

/** HF_ACTION_RUN_OVER: waits until the boards are closed, unless other runs use them. */
void hf_run_close(hf_controller_run *run);
/** For a run in stage CLOSING: goes on once it has waited long enough. */
void hf_run_check_closed(hf_controller_run *run);

/* run_setup.c */

/** Measures the firmwares, lists the jobs, starts the write queue. Blocks: on a thread of its own. */
hf_status hf_run_set_up(const hf_controller_run *run, hf_run_plan *plan, hf_error *err);
/** Adds the run to the scheduler, and excludes the jobs that are pruned. */
hf_status hf_run_schedule(hf_controller_run *run, hf_error *err);
void hf_run_free(hf_controller_run *run);

/* run_hooks.c */

/** Runs a hook if the farm has it. @param done called in any case, with the outcome in run->background_error */
void hf_run_start_hook(hf_controller_run *run, bool before, void (*done)(void *run));
/** Cancels a hook that is running. */
void hf_run_cancel_hook(hf_controller_run *run);

/* prune.c */

/** Finds the variations that cannot fit, by analysis alone. @param done called when all are analysed */
void hf_run_prune_all(hf_controller_run *run, void (*done)(hf_controller_run *run));
/** Records a variation's jobs as pruned, and excludes them, on the chips that it cannot fit. */
void hf_run_prune(hf_controller_run *run, uint32_t variation, const hf_prepared *prepared);

/* pool_task.c */

/** Starts a step in the pool. @param done frees the task @return false: no memory */
bool hf_run_start_task(hf_controller_run *run, uint32_t variation, uv_work_cb work, uv_after_work_cb done);
void hf_pool_task_free(hf_pool_task *task);
/** Frees what was prepared of a variation. */
void hf_run_release(hf_controller_run *run, uint32_t variation);

/* prepare_pool.c */

/** Prepares a variation in the pool, then tells the scheduler. */
void hf_run_start_preparation(hf_controller_run *run, uint32_t variation);

/* job_outcome.c */

/** The failure of a job: replaces an earlier one. */
void hf_run_job_failed(hf_run_job *job, const char *message);
/** Records a job's variation unless it is recorded. @param prepared NULL = not prepared */
void hf_run_record_job(hf_controller_run *run, uint32_t job, const hf_prepared *prepared);
/** Counts, records and reports a job's outcome. @param action HF_ACTION_FINAL */
void hf_run_finish_job(hf_controller_run *run, const hf_schedule_action *action);

/* progress.c */

/** Passes an event to the run's observer, with the run's counts. */
void hf_run_notify(hf_controller_run *run, hf_run_event event);
void hf_run_changed(hf_controller_run *run);
/** Looks at the state of the run's store, and reports changes. */
void hf_run_watch_store(hf_controller_run *run);

/* run_end.c */

/** The run could not begin: records every model with the reason, where that is possible. */
void hf_run_record_nothing_run(hf_controller_run *run);
/** Records dead boards and the end of the run. */
void hf_run_record_end(hf_controller_run *run);
/** Waits until everything is stored or the time is up. Blocks: on a thread of its own. */
hf_status hf_run_wait_until_stored(hf_controller_run *run, hf_error *err);

/* farm_failure.c */

/** The run cannot be measured or recorded: keeps the first cause. */
void hf_run_farm_failed(hf_controller_run *run, const hf_error *cause);
/** Nothing can be recorded any more: keeps the cause and makes the scheduler cancel the run. */
void hf_run_abort(hf_controller_run *run, const hf_error *cause);

#endif
