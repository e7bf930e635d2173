/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_RUNNER_H
#define HF_FARM_RUNNER_H

#include <pthread.h>
#include <uv.h>

#include "farm/prepare.h"
#include "farm/run.h"
#include "farm/work_dir.h"
#include "store/write_queue.h"
#include "worker.h"

/**
 * @file runner.h
 * The state of one run, shared by run.c (beginning and end), survey.c (what cannot fit), preparation.c (one
 * variation's image), actions.c (what the scheduler wants done) and answers.c (what came of it). runner.c has
 * what all of them use. All of it belongs to the loop's thread, but for what says otherwise.
 */

typedef struct hf_runner hf_runner;

/** A variation on a chip: the scheduler's job of the same index. */
typedef struct hf_runner_job {
    uint32_t variation; /**< index in the spec; also the scheduler's preparation */
    const hf_chip *chip;
    const hf_firmware_footprint *firmware; /**< of the chip; all 0 = not known */
    int32_t position;                      /**< in the run */
    bool recorded;                         /**< there is a row of it */
    uint32_t attempts_before;              /**< before this run was resumed */
    double latency_ns;                     /**< median, once measured */
    bool pruned;                           /**< cannot fit on its chip; fault_message says why */
    char fault_message[512];               /**< of the last failure; "" = none */
} hf_runner_job;

/** A board of the selection: the scheduler's board of the same index. */
typedef struct hf_runner_board {
    hf_runner *runner;
    const hf_farm_board *farm_board;
    hf_board_options options;
    hf_worker *worker;
    uint32_t job; /**< of the attempt under way, HF_SCHEDULE_NONE if none */
    uint32_t attempt;
    bool was_open;               /**< in this run */
    char in_use[512];            /**< who else has it, as last told; "" = nobody */
    char fault_message[512];     /**< of its last failure that was not a job's; "" = none */
    hf_fault fault;              /**< of that failure */
    uint64_t failed_ns;          /**< when that was; monotonic */
    hf_worker_answer *unsettled; /**< of an attempt that is being recorded; owned */
    uint64_t ticket;             /**< of the store's write queue */
    uint64_t unsettled_ns;       /**< since when */
    /* What the worker thread last said of its progress; under runner->mutex. */
    hf_phase phase;
    uint32_t phase_done, phase_of;
} hf_runner_board;

/** A variation being prepared or held ready. */
typedef struct hf_runner_preparation {
    hf_runner *runner;
    uv_work_t work;
    hf_prepare_request request;
    hf_prepared prepared; /**< the pool's thread's own while under way */
    hf_status status;
    hf_error error;
} hf_runner_preparation;

struct hf_runner {
    const hf_run_options *options;
    hf_run_summary *summary;
    uv_loop_t loop;
    uv_timer_t wake;
    uv_timer_t tick; /**< so that elapsed time moves on the display */
    uv_async_t answered;
    uv_signal_t signals[3];
    hf_schedule *schedule;
    hf_write_queue *write_queue;
    uint64_t started_ns;
    bool store_waits; /**< people were told that the store cannot be written */
    bool finished;
    bool surveying;      /**< no board is looked at yet */
    int signal;          /**< that somebody stopped the run with; 0 = none */
    hf_error farm_error; /**< why the farm cannot work, if so */
    uint32_t survey_next, survey_under_way;
    char work_dir[HF_WORK_DIR_SIZE];
    char openocd_version[64];

    hf_firmware_footprint *firmwares; /**< one per chip of the selection */
    hf_runner_job *jobs;
    uint32_t job_count;
    uint32_t all_count; /**< with those that a resumed run need not do again */
    uint32_t final_count;
    hf_runner_board *boards;
    uint32_t board_count;
    hf_board_view *views;                /**< board_count */
    hf_runner_preparation *preparations; /**< one per variation */
    uint64_t attempt_ns_sum;             /**< of successful attempts, for the estimate of the time left */
    uint32_t attempt_count;

    pthread_mutex_t mutex;      /**< guards the two below and the boards' progress */
    hf_worker_answer **answers; /**< at most one per board */
    uint32_t answer_count;
};

/** Has the loop look for answers and for what the scheduler wants, soon. Any thread. */
void hf_runner_wake(hf_runner *runner);

/** Carries out all that the scheduler wants now, sets the wake-up, tells the observer. */
void hf_runner_advance(hf_runner *runner);

/** A failure is the farm's: keeps the first one's cause. What follows from it is the scheduler's business. */
void hf_runner_farm_failed(hf_runner *runner, const hf_error *cause);
/** Nothing can be recorded any more: keeps the cause and tells the scheduler to cancel everything for it. */
void hf_runner_abort(hf_runner *runner, const hf_error *cause);

/** What the scheduler said to an event. It refuses only one that it did not ask for, which is a defect of
 * this program: an assertion fails, and where assertions are off the run is aborted. */
void hf_runner_event(hf_runner *runner, hf_status status);

/** Finds out which models cannot fit, then begins with everything else. */
void hf_runner_survey(hf_runner *runner);
/** Records and excludes a variation's jobs where it cannot fit their chip. */
void hf_runner_prune(hf_runner *runner, uint32_t variation, const hf_prepared *prepared);
/** What preparing a variation takes. */
hf_prepare_request hf_runner_request(const hf_runner *runner, uint32_t variation);

/** Nothing more comes from timers, signals and other threads: the loop may end. */
void hf_runner_close_handles(hf_runner *runner);

/** Takes in every answer the workers have posted, and the status of the write queue. */
void hf_runner_take_answers(hf_runner *runner);

/** Prepares a variation in the thread pool; the scheduler is told when that is over. */
void hf_runner_start_preparation(hf_runner *runner, uint32_t variation);

/** Records a job's variation unless that is done. @return false after hf_runner_abort() */
bool hf_runner_record_job(hf_runner *runner, uint32_t job, const hf_prepared *prepared);

void hf_runner_tell(hf_runner *runner, const hf_run_event *event);

#endif
