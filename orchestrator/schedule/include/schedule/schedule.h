/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SCHEDULE_SCHEDULE_H
#define HF_SCHEDULE_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/**
 * @file schedule.h
 * Which board does what next: a pure state machine. Events go in, each with the time it happened; actions
 * come out of hf_schedule_next(), one at a time. No I/O, no clock, no threads; memory is allocated by
 * hf_schedule_new() only. One thread at a time.
 *
 * Use: after hf_schedule_new() and after every event, call hf_schedule_next() until it returns false,
 * carrying out each action; then wait for an event, at most until hf_schedule_wake_ns(), and call it again.
 *
 * What a failed attempt causes depends on the class of its fault:
 *
 *   fault          | the job                                               | the board
 *   ---------------|-------------------------------------------------------|--------------------------
 *   job, or none   | has failed; it is not repeated                        | nothing
 *   board          | is repeated, on another board if there is one         | strike
 *   probe, serial  | is repeated on the same board; after a second failure | strike; it is closed and
 *                  | of this kind there, on another board if there is one  | opened again
 *   farm           | has failed, and the run ends: running attempts        | nothing
 *                  | finish, nothing else is started                       |
 *
 * A board that somebody else uses is no failure: no strike, no attempt counted. It is looked at again for as
 * long as the policy says, while its jobs go to other boards; then it is left alone for the rest of the run,
 * and jobs that have no other board are not run.
 *
 * What ended a run first is the reason of every job that is not run because of it, whatever follows.
 *
 * `strikes` in a row put the board into quarantine; a success clears them. Coming back, a board is on
 * probation: one strike sends it away again, for twice as long. A job whose chips have no board left has
 * failed. Jobs start in the order of their indices; among boards free for a job the one that has waited
 * longest gets it.
 */

#define HF_SCHEDULE_MAX_CHIPS  64
#define HF_SCHEDULE_MAX_BOARDS 256
#define HF_SCHEDULE_MAX_JOBS   1000000
#define HF_SCHEDULE_NEVER      UINT64_MAX
#define HF_SCHEDULE_NONE       UINT32_MAX

/** One measurement to make: one variation on one board of one of the chips in the set. */
typedef struct hf_schedule_job {
    uint64_t chips;       /**< set of chips, bit i = chip i; not 0 */
    uint32_t preparation; /**< what must be prepared first; jobs may share one (the image of a variation) */
} hf_schedule_job;

typedef struct hf_schedule_board {
    uint32_t chip; /**< 0 .. 63 */
} hf_schedule_board;

typedef struct hf_schedule_policy {
    uint32_t max_attempts;      /**< per job; 0 = 3 */
    uint32_t strikes;           /**< failures in a row before quarantine; 0 = 3 */
    uint64_t quarantine_ns;     /**< first stay; doubles with each further one; 0 = for the rest of the run */
    uint64_t quarantine_max_ns; /**< longest stay; 0 = no limit */
    uint32_t
        max_quarantines;     /**< stays before a board is given up; 0 = it is given up instead of the first */
    uint64_t retry_delay_ns; /**< before an attempt, or a failed open, is repeated; 0 = none */
    uint64_t busy_wait_ns; /**< how long a board that somebody else uses is waited for, from when it was first
                                found so; 0 = not at all */
    uint64_t busy_retry_ns;   /**< time between two looks at it meanwhile; 0 = 1 s */
    uint64_t run_deadline_ns; /**< after hf_schedule_new()'s now_ns; then the run is aborted; 0 = none */
    uint32_t prepare_ahead;   /**< preparations under way or not used by a job yet; 0 = 4. A board that would
                                   stand idle is prepared for beyond that. */
    uint32_t prepare_limit;   /**< preparations held at once for any reason; 0 = 64 */
} hf_schedule_policy;

typedef enum hf_schedule_action_kind {
    HF_ACTION_PREPARE, /**< prepare `preparation`; answer with hf_schedule_prepared() or _prepare_failed() */
    HF_ACTION_RELEASE, /**< `preparation` is needed no more; no answer */
    HF_ACTION_OPEN,    /**< open `board`; answer with hf_schedule_opened() or _open_failed() */
    HF_ACTION_START,   /**< start attempt number `attempt` (from 1) of `job` on `board`; answer with
                            hf_schedule_attempt_done() or _attempt_failed() */
    HF_ACTION_CANCEL, /**< make what `board` is doing (opening or an attempt) end soon; its answer still comes
                       */
    HF_ACTION_CLOSE,  /**< close `board`; answer with hf_schedule_closed() */
    HF_ACTION_FINAL,  /**< `job` has got its `outcome`; exactly once per job; no answer */
    HF_ACTION_FINISHED, /**< the run is over: all jobs final, all boards closed, nothing prepared; the last
                           one */
} hf_schedule_action_kind;

typedef enum hf_schedule_outcome {
    HF_OUTCOME_DONE,     /**< measured */
    HF_OUTCOME_FAILED,   /**< see reason and fault */
    HF_OUTCOME_NOT_RUN,  /**< the run ended before it could be measured; see reason */
    HF_OUTCOME_EXCLUDED, /**< by hf_schedule_exclude() */
} hf_schedule_outcome;

/** Why a job is not done. */
#define HF_REASON_MAP(X)                                                                                     \
    X(NONE, "")                                                                                              \
    X(JOB, "the model itself failed")                                                                        \
    X(PREPARATION, "preparing the model failed")                                                             \
    X(ATTEMPTS, "every attempt failed")                                                                      \
    X(NO_BOARD, "no board left")                                                                             \
    X(IN_USE, "board in use")                                                                                \
    X(FARM, "the farm failed")                                                                               \
    X(STOPPED, "stopped on request")                                                                         \
    X(DEADLINE, "the run's deadline passed")

typedef enum hf_schedule_reason {
#define HF_REASON_ENUM(name, text) HF_REASON_##name,
    HF_REASON_MAP(HF_REASON_ENUM)
#undef HF_REASON_ENUM
} hf_schedule_reason;

/** One-line text of a reason; "" for HF_REASON_NONE. Static string. */
const char *hf_schedule_reason_text(hf_schedule_reason reason);

/** What to do. Fields that a kind does not name are HF_SCHEDULE_NONE or zero. */
typedef struct hf_schedule_action {
    hf_schedule_action_kind kind;
    uint32_t preparation;
    uint32_t job;
    uint32_t board;   /**< FINAL: the board of the last attempt, or HF_SCHEDULE_NONE */
    uint32_t attempt; /**< START: from 1; FINAL: attempts made */
    hf_schedule_outcome outcome;
    hf_schedule_reason reason;
    hf_fault fault; /**< FINAL: whose fault a failure was, else HF_FAULT_NONE */
} hf_schedule_action;

typedef struct hf_schedule hf_schedule;

/**
 * @param jobs, boards copied; either may be empty
 * @param policy copied; NULL = all defaults
 * @param now_ns monotonic; all later times are compared with it
 * @param out hf_schedule_free()
 * @return HF_OK; HF_EINVALID for an empty chip set or a chip above 63; HF_ELIMIT; HF_ENOMEM
 */
hf_status hf_schedule_new(const hf_schedule_job *jobs, uint32_t job_count, const hf_schedule_board *boards,
                          uint32_t board_count, const hf_schedule_policy *policy, uint64_t now_ns,
                          hf_schedule **out, hf_error *err);
void hf_schedule_free(hf_schedule *schedule);

/**
 * The next thing to do at this time, if any; the state then assumes that it is being done. A time earlier
 * than one seen before counts as that one.
 * @param out written when true is returned
 */
bool hf_schedule_next(hf_schedule *schedule, uint64_t now_ns, hf_schedule_action *out);

/**
 * When hf_schedule_next() has to be called again though no event came: HF_SCHEDULE_NEVER, or a time in the
 * future of the last `now_ns` (once hf_schedule_next() has returned false).
 */
uint64_t hf_schedule_wake_ns(const hf_schedule *schedule);

/* ---- Events. HF_EINVALID, and nothing changed, for one that cannot happen now (nobody asked for it). ----
 */

hf_status hf_schedule_prepared(hf_schedule *schedule, uint32_t preparation, uint64_t now_ns, hf_error *err);
/** @param fault HF_FAULT_FARM ends the run; anything else fails the jobs that need the preparation */
hf_status hf_schedule_prepare_failed(hf_schedule *schedule, uint32_t preparation, hf_fault fault,
                                     uint64_t now_ns, hf_error *err);
/**
 * The job is not to be measured at all: it cannot fit, say, or its result is there already. Allowed while it
 * waits (before its first attempt, or between two).
 */
hf_status hf_schedule_exclude(hf_schedule *schedule, uint32_t job, uint64_t now_ns, hf_error *err);
hf_status hf_schedule_opened(hf_schedule *schedule, uint32_t board, uint64_t now_ns, hf_error *err);
/** @param fault HF_FAULT_FARM ends the run; anything else is a strike against the board */
hf_status hf_schedule_open_failed(hf_schedule *schedule, uint32_t board, hf_fault fault, uint64_t now_ns,
                                  hf_error *err);
/** As hf_schedule_open_failed(), but opening would fail again in the same way: the board is given up for the
 * rest of the run. */
hf_status hf_schedule_open_in_vain(hf_schedule *schedule, uint32_t board, hf_fault fault, uint64_t now_ns,
                                   hf_error *err);
/** Somebody else uses the board; it is not open. */
hf_status hf_schedule_open_busy(hf_schedule *schedule, uint32_t board, uint64_t now_ns, hf_error *err);
/** Somebody else took the board before the attempt could start: it is closed, and the attempt counts for
 * nothing. */
hf_status hf_schedule_attempt_busy(hf_schedule *schedule, uint32_t board, uint64_t now_ns, hf_error *err);
hf_status hf_schedule_attempt_done(hf_schedule *schedule, uint32_t board, uint64_t now_ns, hf_error *err);
hf_status hf_schedule_attempt_failed(hf_schedule *schedule, uint32_t board, hf_fault fault, uint64_t now_ns,
                                     hf_error *err);
hf_status hf_schedule_closed(hf_schedule *schedule, uint32_t board, uint64_t now_ns, hf_error *err);

/**
 * The run is to end: nothing is started any more. May come at any time, and again: a stop that finishes can
 * be turned into one that aborts; the first reason stays.
 * @param abort true: attempts under way are cancelled (HF_ACTION_CANCEL) and, unless they succeed or turn out
 * to be the job's own failure all the same, their jobs are not run; false: they finish
 * @param reason why: HF_REASON_STOPPED when somebody asked for it, HF_REASON_FARM when nothing can be
 * measured or recorded any more
 */
void hf_schedule_stop(hf_schedule *schedule, bool abort, hf_schedule_reason reason, uint64_t now_ns);

/** Why the run ends early; HF_REASON_NONE while it does not. */
hf_schedule_reason hf_schedule_stop_reason(const hf_schedule *schedule);

/* ---- For progress display ---- */

#define HF_BOARD_STATE_MAP(X)                                                                                \
    X(CLOSED, "closed")                                                                                      \
    X(OPENING, "opening")                                                                                    \
    X(IDLE, "idle")                                                                                          \
    X(BUSY, "busy")                                                                                          \
    X(CLOSING, "closing")                                                                                    \
    X(IN_USE, "in use")          /* by somebody else: closed, and looked at again after a while */           \
    X(QUARANTINE, "quarantined") /* closed, and left alone for a while */                                    \
    X(LOST, "given up")          /* closed, and left alone for the rest of the run */

typedef enum hf_schedule_board_state {
#define HF_BOARD_STATE_ENUM(name, text) HF_BOARD_##name,
    HF_BOARD_STATE_MAP(HF_BOARD_STATE_ENUM)
#undef HF_BOARD_STATE_ENUM
} hf_schedule_board_state;

/** Name of a board state ("quarantined"). Static string. */
const char *hf_schedule_board_state_name(hf_schedule_board_state state);

typedef struct hf_schedule_board_status {
    hf_schedule_board_state state;
    uint32_t job;         /**< BUSY: which, else HF_SCHEDULE_NONE */
    uint32_t attempt;     /**< BUSY: its number, from 1 */
    uint32_t strikes;     /**< failures in a row */
    uint32_t quarantines; /**< stays since the last success */
    bool in_use;          /**< somebody else has it: IN_USE, or LOST because of that */
    bool quarantined;     /**< QUARANTINE, or about to be closed for it */
    bool given_up;        /**< LOST, or about to be closed for it */
    hf_fault cause;       /**< class of its last failure, HF_FAULT_NONE if there was none */
    uint64_t until_ns;    /**< quarantined, IN_USE: end of it, else 0 */
    uint32_t done;        /**< attempts that succeeded */
    uint32_t failed;      /**< attempts that failed, and failed opens */
} hf_schedule_board_status;

/** @return false and *out unwritten when there is no such board */
bool hf_schedule_board_status_get(const hf_schedule *schedule, uint32_t board, hf_schedule_board_status *out);

/** How far the run is; done + failed + not_run + excluded + running + waiting = all jobs. */
typedef struct hf_schedule_progress {
    uint32_t done, failed, not_run; /**< final */
    uint32_t excluded;              /**< likewise */
    uint32_t running;               /**< on a board now */
    uint32_t waiting;               /**< the rest */
    bool stopping;                  /**< nothing will be started any more */
} hf_schedule_progress;

hf_schedule_progress hf_schedule_progress_get(const hf_schedule *schedule);

#endif
