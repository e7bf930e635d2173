/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_CONTROLLER_STATE_H
#define HF_FARM_CONTROLLER_STATE_H

#include <pthread.h>
#include <sys/queue.h>
#include <uv.h>

#include "base/work_dir.h"
#include "farm/controller.h"
#include "farm/prepare_cache.h"
#include "worker/worker.h"

/**
 * @file controller_state.h
 * The state of a farm's boards and of the controller, and the functions that its files share:
 *
 *   controller.c          makes, drains and frees a controller
 *   event_loop.c          its timers and wake-ups
 *   loop_turn.c           one turn of the loop
 *   background.c          calls that wait, each on a thread of its own
 *   farm_boards.c         boards and their threads; what people decide about a board
 *   scheduler_actions.c   carries out what the scheduler decided
 *   worker_replies.c      handles what the board threads reply
 *   board_checks.c        health checks
 *   board_failures.c      failures of boards: what is kept and reported of them
 *   board_views.c         what is shown of boards
 *   farm_failure.c        failures that end runs
 *
 * run_state.h lists the files about one run. Everything belongs to the loop's thread unless a comment says otherwise.
 */

/** A call that waits, on a thread of its own. */
typedef struct hf_background {
    hf_controller *controller;
    void (*work)(void *user); /**< on its thread */
    void (*done)(void *user); /**< on the loop's thread */
    void *user;
    pthread_t thread;
    bool has_thread;
    STAILQ_ENTRY(hf_background) link; /**< in controller->ended */
} hf_background;

/** A health check under way. */
typedef struct hf_check {
    hf_background call; /**< makes the request */
    hf_attempt_request request;
    hf_error error;
} hf_check;

/** A board of the farm: the scheduler's board of the same index. */
typedef struct hf_controller_board {
    hf_controller *controller;
    const hf_farm_board *farm_board;
    uint32_t index;
    hf_board_options options;
    hf_worker *worker;            /**< NULL until it is first used */
    hf_controller_run *run;       /**< of the attempt in progress; NULL = none */
    uint32_t job;                 /**< of that run */
    uint32_t attempt;             /**< its number, from 1 */
    hf_board_deadlines deadlines; /**< of that attempt */
    bool checking;                /**< a health check is under way */
    hf_check check;
    bool was_open;             /**< opened at least once */
    bool away;                 /**< observer.board() was told that it is quarantined or given up */
    char in_use[512];          /**< who else uses it, as last reported; "" = nobody */
    char fault_message[512];   /**< of its last failure that was not a job's; "" = none */
    hf_fault fault;            /**< class of that failure */
    uint64_t failed_ns;        /**< time of that failure; monotonic */
    hf_worker_reply *unstored; /**< reply to an attempt that is not in the store yet; owned */
    uint64_t ticket;           /**< the run's write queue's ticket for it */
    uint64_t unstored_ns;      /**< when it was passed to the write queue; monotonic */
    /* Progress as the worker thread last reported it; guarded by controller->mutex. */
    hf_phase phase;
    uint32_t phase_done, phase_of;
} hf_controller_board;

/** The handles of the loop. They outlive the controller until the loop has closed them. */
typedef struct hf_controller_handles {
    hf_controller *controller; /**< NULL: freed */
    void (*turn)(hf_controller *controller);
    uv_async_t wake;     /**< from any thread: look for replies, ended calls, changes of stores */
    uv_timer_t deadline; /**< when the scheduler wants to run next */
    uv_timer_t tick;     /**< while there are runs */
    unsigned open;       /**< handles not closed yet */
} hf_controller_handles;

TAILQ_HEAD(hf_run_list, hf_controller_run);
STAILQ_HEAD(hf_background_list, hf_background);

struct hf_controller {
    hf_controller_options options;
    hf_prepare_cache *cache; /**< NULL = none */
    hf_error cache_error;    /**< why there is none although options.cache_dir is given */
    hf_controller_handles *handles;
    hf_schedule *schedule;
    const hf_chip
        *chips[HF_SCHEDULE_MAX_CHIPS]; /**< of the farm: the scheduler's chips of the same indices */
    uint32_t chip_count;
    hf_controller_board *boards;
    uint32_t board_count, board_capacity;
    hf_board_view *views; /**< one per board */
    struct hf_run_list runs;
    hf_controller_run **scheduled; /**< by the scheduler's number; NULL = none */
    uint32_t scheduled_capacity;
    hf_work_dir work_dir;
    bool draining; /**< no further run is added */
    bool finished; /**< by the scheduler: all runs over, all boards closed */

    pthread_mutex_t mutex;     /**< guards those below and the boards' progress */
    hf_worker_reply **replies; /**< at most one per board */
    uint32_t reply_count;
    struct hf_background_list ended;
};

/* event_loop.c */

/** @param turn called after a wake-up and when a timer has run out; may free the controller */
hf_status hf_controller_open_handles(hf_controller *controller, void (*turn)(hf_controller *controller),
                                     hf_error *err);
/** Closes them; the loop frees their memory. */
void hf_controller_close_handles(hf_controller *controller);
/** Makes the loop take a turn soon. Any thread. */
void hf_controller_wake(hf_controller *controller);
/** Ticks while there are runs. */
void hf_controller_set_tick(hf_controller *controller);
/** The next turn comes at the latest when the scheduler wants it. */
void hf_controller_set_deadline(hf_controller *controller);

/* loop_turn.c */

/** Everything that other threads have reported, then everything that the scheduler wants. May free the controller. */
void hf_controller_take_turn(hf_controller *controller);

/* background.c */

/** @param call zeroed; its memory is the caller's, and is not used any more when done() is called */
void hf_background_start(hf_controller *controller, hf_background *call, void (*work)(void *user),
                         void (*done)(void *user), void *user);
/** Calls done() of every call that has ended. */
void hf_background_finish(hf_controller *controller);

/* farm_boards.c */

void hf_controller_set_up_board(hf_controller *controller, uint32_t index);
hf_status hf_controller_set_up_boards(hf_controller *controller, hf_error *err);
void hf_controller_free_boards(hf_controller *controller);
/** Sends a command to a board. If its thread cannot be started, the reply says so. */
void hf_controller_send(hf_controller_board *board, hf_worker_command command,
                        const hf_attempt_request *request);
void hf_controller_cancel(hf_controller_board *board);
/** An earlier cancellation does not reach the next command. */
void hf_controller_uncancel(hf_controller_board *board);
/** The scheduler's time of a time of day; of one that has passed, now. */
uint64_t hf_controller_monotonic_ns(int64_t wall_ms);
/** Posts a reply to the loop. Any thread. */
void hf_controller_post(hf_controller *controller, hf_worker_reply *reply);

/* run_setup.c */

/** Room for the scheduler's numbers of so many runs. @return false: no memory */
bool hf_controller_reserve_numbers(hf_controller *controller, uint32_t count);

/* scheduler_actions.c */

/** Carries out everything that the scheduler wants now. */
void hf_controller_advance(hf_controller *controller);

/* worker_replies.c */

/** Handles every reply that the workers have posted, and changes in the state of the stores. */
void hf_controller_handle_replies(hf_controller *controller);

/* board_checks.c */

/** HF_ACTION_CHECK */
void hf_board_start_check(hf_controller_board *board);
/** @param reply to the attempt of the check */
void hf_board_checked(hf_controller_board *board, const hf_worker_reply *reply);
/** HF_ACTION_UNCHECKED */
void hf_board_unchecked(hf_controller_board *board, hf_schedule_reason reason);

/* board_failures.c */

/** Keeps the failure of a board, for views and reasons. */
void hf_board_keep_failure(hf_controller_board *board, const hf_error *error);
/** Reports what the failures of a board have led to. @param before its status before the last failure */
void hf_board_notify_verdict(hf_controller_board *board, const hf_schedule_board_status *before);
/** Records a failure to open or to pass a check in the store of every run that may use the board. */
void hf_board_record_failure(const hf_controller_board *board, const hf_worker_reply *reply,
                             const hf_error *error);
/** The board has succeeded. */
void hf_board_notify_success(hf_controller_board *board);
/** Passes an event about a board to the observer of every run that may use it, with that run's counts. */
void hf_board_notify_runs(const hf_controller_board *board, hf_run_event event);

/* board_views.c */

/** @param run whose view it is; NULL = the farm's */
void hf_board_view_fill(const hf_controller_board *board, const hf_controller_run *run, hf_board_view *view);

/* farm_failure.c */

/**
 * Checks the scheduler's return value for an event. It rejects only events that it did not ask for, which is a defect
 * of this program: an assertion fails; with assertions off, all runs are aborted.
 */
void hf_controller_check_event(hf_controller *controller, hf_status status);
/** A failure of this host: keeps the first cause for every run that is measuring. The scheduler ends them. */
void hf_controller_host_failed(hf_controller *controller, const hf_error *cause);

#endif
