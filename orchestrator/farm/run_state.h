/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_RUN_STATE_H
#define HF_FARM_RUN_STATE_H

#include <pthread.h>
#include <uv.h>

#include "farm/prepare.h"
#include "farm/run.h"
#include "farm/work_dir.h"
#include "store/write_queue.h"
#include "worker.h"

/**
 * @file run_state.h
 * The state of one run, and the functions that the files of hf_run() share:
 *
 *   run.c                 hf_run(): the phases of a run
 *   run_setup.c           allocates and frees what a run needs
 *   event_loop.c          timers, signals (Ctrl-C), wake-ups from other threads
 *   prune.c               excludes variations that cannot fit their chip
 *   prepare_pool.c        prepares variations in the thread pool
 *   scheduler_actions.c   carries out what the scheduler decided
 *   worker_replies.c      handles what the board threads reply, and the state of the store
 *   job_outcome.c         records and reports the outcome of a job, with its reason
 *   farm_failure.c        failures that end the run
 *   progress.c            what the observer is shown; time_left.c estimates the time left
 *   run_end.c             dead boards and the end of the run in the store
 *
 * Everything belongs to the thread of the event loop unless a comment says otherwise.
 */

typedef struct hf_runner hf_runner;

/** A variation on a chip: the scheduler's job of the same index. */
typedef struct hf_runner_job {
    uint32_t variation; /**< index in the spec; also the scheduler's preparation */
    const hf_chip *chip;
    const hf_firmware_footprint *firmware; /**< of the chip; all 0 = unknown */
    int32_t position;                      /**< in the run */
    bool recorded;                         /**< the store has a row for it */
    uint32_t attempts_before;              /**< attempts made before this run was resumed */
    double latency_ns;                     /**< median, once measured */
    bool pruned;                           /**< cannot fit its chip; fault_message says why */
    char fault_message[512];               /**< of the last failure; "" = none */
} hf_runner_job;

/** A board of the selection: the scheduler's board of the same index. */
typedef struct hf_runner_board {
    hf_runner *runner;
    const hf_farm_board *farm_board;
    hf_board_options options;
    hf_worker *worker;
    uint32_t job; /**< of the attempt in progress; HF_SCHEDULE_NONE if none */
    uint32_t attempt;
    bool was_open;             /**< opened at least once in this run */
    char in_use[512];          /**< who else uses it, as last reported; "" = nobody */
    char fault_message[512];   /**< of its last failure that was not the job's; "" = none */
    hf_fault fault;            /**< class of that failure */
    uint64_t failed_ns;        /**< time of that failure; monotonic */
    hf_worker_reply *unstored; /**< reply to an attempt that is not in the store yet; owned */
    uint64_t ticket;           /**< the write queue's ticket for it */
    uint64_t unstored_ns;      /**< when it was passed to the write queue; monotonic */
    /* Progress as the worker thread last reported it; guarded by runner->mutex. */
    hf_phase phase;
    uint32_t phase_done, phase_of;
} hf_runner_board;

/** A variation that is being prepared or is ready. */
typedef struct hf_runner_preparation {
    hf_runner *runner;
    bool wanted; /**< a job of this run needs it */
    uv_work_t work;
    hf_prepare_request request;
    hf_prepared prepared; /**< belongs to the pool's thread while it works */
    hf_status status;
    hf_error error;
    bool recorded; /**< in the results of its jobs, the first time it was prepared */
} hf_runner_preparation;

struct hf_runner {
    const hf_run_options *options;
    hf_run_summary *summary;
    uv_loop_t loop;
    uv_timer_t deadline; /**< when the scheduler wants to run next */
    uv_timer_t tick;     /**< keeps the elapsed time moving on the display */
    uv_async_t wake;     /**< uv_async_send() from any thread: look for replies, actions, store changes */
    uv_signal_t signals[3];
    hf_schedule *schedule;
    uint32_t schedule_run; /**< this run, to the scheduler */
    hf_write_queue *write_queue;
    uint64_t started_ns;
    bool store_waits; /**< the observer was told that the store cannot be written */
    bool finished;
    bool pruning;        /**< no board has been opened yet */
    int signal;          /**< that stopped the run; 0 = none */
    hf_error farm_error; /**< why the farm cannot work; HF_OK = it can */
    uint32_t prune_next, prune_running;
    char work_dir[HF_WORK_DIR_SIZE];
    char openocd_version[64];

    hf_firmware_footprint *firmwares; /**< one per chip of the selection */
    hf_runner_job *jobs;
    uint32_t job_count;
    uint32_t all_count; /**< selected jobs, including those measured before the run was resumed */
    uint32_t final_count;
    hf_runner_board *boards;
    uint32_t board_count;
    hf_board_view *views;                /**< board_count */
    hf_runner_preparation *preparations; /**< one per variation */
    uint64_t attempt_ns_sum;             /**< duration of all successful attempts */
    uint32_t attempt_count;              /**< successful attempts */

    pthread_mutex_t mutex;     /**< guards the two below and the boards' progress */
    hf_worker_reply **replies; /**< at most one per board */
    uint32_t reply_count;
};

/* farm_failure.c */

/** A failure of the farm itself: keeps the first cause. The scheduler decides what follows from it. */
void hf_runner_farm_failed(hf_runner *runner, const hf_error *cause);
/** Nothing can be recorded any more: keeps the cause and makes the scheduler cancel everything. */
void hf_runner_abort(hf_runner *runner, const hf_error *cause);
/**
 * Checks the scheduler's return value for an event. It rejects only events that it did not ask for, which is
 * a defect of this program: an assertion fails; with assertions off, the run is aborted.
 */
void hf_runner_check_event(hf_runner *runner, hf_status status);

/* progress.c */

void hf_runner_notify(hf_runner *runner, const hf_run_event *event);
/** Passes the observer a fresh view of the run. */
void hf_runner_show(hf_runner *runner);

/* job_outcome.c */

/** Records a job's variation unless it is recorded. */
void hf_runner_record_job(hf_runner *runner, uint32_t job, const hf_prepared *prepared);
/** Counts, records and reports a job's outcome. @param action HF_ACTION_FINAL */
void hf_runner_finish_job(hf_runner *runner, const hf_schedule_action *action);

/* prune.c */

/** What hf_prepare() needs to know about a variation. */
hf_prepare_request hf_runner_request(const hf_runner *runner, uint32_t variation);
/** Finds the variations that cannot fit, by analysis alone; then wakes the loop to begin with the rest. */
void hf_runner_prune_all(hf_runner *runner);
/** Records a variation's jobs as pruned, and excludes them, on the chips that it cannot fit. */
void hf_runner_prune(hf_runner *runner, uint32_t variation, const hf_prepared *prepared);

/* prepare_pool.c */

/** Prepares a variation in the thread pool, then tells the scheduler. */
void hf_runner_start_preparation(hf_runner *runner, uint32_t variation);

/* scheduler_actions.c */

/** Carries out everything that the scheduler wants now, sets the next deadline, shows the progress. */
void hf_runner_advance(hf_runner *runner);

/* worker_replies.c */

/** Handles every reply that the workers have posted, and changes in the state of the store. */
void hf_runner_handle_replies(hf_runner *runner);

/* event_loop.c */

void hf_runner_start_handles(hf_runner *runner);
/** Begins to show elapsed time. */
void hf_runner_start_tick(hf_runner *runner);
/** Closes timers, signals and the wake-up. */
void hf_runner_close_handles(hf_runner *runner);

/* run_setup.c */

/** Records the run, then sets up the scheduler, boards and threads. */
hf_status hf_runner_set_up(hf_runner *runner, hf_error *err);
void hf_runner_tear_down(hf_runner *runner);

/* run_end.c */

/** The run could not begin: records every model with the reason, where that is possible. */
void hf_runner_record_nothing_run(hf_runner *runner, const hf_error *cause);
/** Records the end of the run, and waits until everything is stored or the time is up. */
hf_status hf_runner_record_end(hf_runner *runner, hf_error *err);

#endif
