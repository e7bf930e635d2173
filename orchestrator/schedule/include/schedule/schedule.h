/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SCHEDULE_SCHEDULE_H
#define HF_SCHEDULE_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "schedule/action.h"

/**
 * @file schedule.h
 * Decides which board does what next, for all runs of a farm: a pure state machine. Events go in, each with its
 * time; actions come out of hf_schedule_next(), one at a time. No I/O, no clock, no threads. Only the functions
 * that return HF_ENOMEM allocate memory. One thread at a time.
 *
 * Use: after hf_schedule_new() and after every event, call hf_schedule_next() until it returns false, and carry
 * out each action. Then wait for an event, at most until hf_schedule_wake_ns(), and call it again.
 *
 * Runs are added and removed while the schedule lives. A run belongs to an owner and has a priority. The boards
 * of each chip are shared on their own:
 *   - Owners with waiting jobs for the chip get equal shares of board time, however many runs each has.
 *   - An owner's share is divided between the owner's runs.
 *   - One step of priority doubles the weight of a run among its owner's runs. The weight of an owner is that of
 *     the owner's run of the highest priority, so a nightly run of low priority leaves most boards to others.
 *   - A share that one owner cannot use goes to the others. A board never waits for a job of a certain run.
 * Within a run, jobs start in the order of their indices. A job that is repeated comes before new ones. Among the
 * boards that are free for a job, the one that has waited longest gets it.
 *
 * A run may be limited to certain boards. Its share is the same, as far as these boards can give it: the run whose
 * share is furthest behind gets a free board that it may use. Runs limited to the same boards divide them by their
 * weights. A job that may run on several boards takes one first that the fewest runs are limited to, so that those
 * runs need not wait for it. In what follows, "another board" and "no board left" mean the boards of the run.
 *
 * What a failed attempt causes depends on the class of its fault:
 *
 *   fault          | the job                                               | the board
 *   ---------------|-------------------------------------------------------|--------------------------
 *   job, or none   | has failed; it is not repeated                        | nothing
 *   board          | is repeated, on another board if there is one         | strike
 *   probe, serial  | is repeated on the same board; after a second failure | strike; it is closed and
 *                  | of this kind there, on another board if there is one  | opened again
 *   farm           | has failed, and its run ends: running attempts        | nothing
 *                  | finish, nothing else is started                       |
 *   agent          | is repeated, on another board if there is one; the    | it is closed; opening it
 *                  | attempt is not counted. From the ninth on, as `board` | again tells when it is back
 *
 * `strikes` in a row put a board into quarantine; a success clears them. When the board comes back it is on
 * probation: one strike sends it away again, for twice as long. After `max_quarantines` without a success in between
 * it is given up. A job whose chips have no board left has failed.
 *
 * A board that somebody else uses has not failed: no strike, and no attempt is counted. It is tried again for
 * `busy_wait_ns`, while its jobs go to other boards. Then it is given up until another run that may use it is added,
 * and jobs that have no other board are not run. The same is true of a board whose host does not answer (fault agent on
 * opening), with `agent_wait_ns`.
 *
 * A reserved or disabled board gets no job. It finishes the attempt or the check under way, then it is closed.
 *
 * A health check (HF_ACTION_CHECK) is made on an open board before its next job starts. No job is charged for its
 * outcome. There are two kinds:
 *
 *                  | due                                                   | requested
 *   ---------------|-------------------------------------------------------|--------------------------
 *   when           | after a failed check; as hf_schedule_board says; with | hf_schedule_check_board(),
 *                  | `check_before_readmission`, when a board comes back   | say every night, or by a
 *                  | from quarantine, or is enabled after it was disabled  | person
 *                  | or given up                                           |
 *   opening        | when a job may use the board, after boards that need  | without any job; boards
 *                  | no check                                              | for jobs are opened first
 *   quarantined,   | the check waits                                       | the board comes back for
 *   given up       |                                                       | the check
 *   in use         | tried again for `busy_wait_ns`, as for any job        | tried again until `until_ns`
 *   passed         | strikes are cleared, it needs no attention any more, and jobs start on it
 *   failed         | it goes into quarantine, for twice as long as the last time, or is given up
 *   cancelled,     | the check is made later                               | the request is over
 *   farm fault     |                                                       |
 *
 * A board needs attention once it was quarantined twice without a success in between, was given up because it
 * failed, or failed a check: until it passes a check or is disabled.
 *
 * What ended a run first is the reason of every job that is not run because of it.
 */

#define HF_SCHEDULE_MAX_CHIPS    64 /**< a set of chips is one word; the chip table has far fewer rows */
#define HF_SCHEDULE_MAX_BOARDS   65536
#define HF_SCHEDULE_MAX_JOBS     1000000 /**< of a run */
#define HF_SCHEDULE_MAX_RUNS     65536   /**< at a time */
#define HF_SCHEDULE_MAX_PRIORITY 8       /**< a run's is -8 .. 8 */

/** One measurement to make: one variation on one board of one of the chips in the set. */
typedef struct hf_schedule_job {
    uint64_t chips; /**< set of chips, bit i = chip i; not 0 */
    /** what must be prepared first; jobs of a run may share one (a variation's image) */
    uint32_t preparation;
} hf_schedule_job;

/** A request to measure a list of jobs. */
typedef struct hf_schedule_run {
    uint32_t owner;              /**< any number that identifies the user */
    int32_t priority;            /**< -8 .. 8; 0 = normal */
    const hf_schedule_job *jobs; /**< copied; may be empty */
    uint32_t job_count;          /**< 0 .. HF_SCHEDULE_MAX_JOBS */
    /** boards its jobs may start on, in any order; copied; NULL = all, also those that are added later */
    const uint32_t *boards;
    uint32_t board_count;    /**< with boards; 0 = none: no job has a board */
    uint32_t max_attempts;   /**< per job; 0 = 3 */
    uint64_t retry_delay_ns; /**< before an attempt is repeated; 0 = none */
    uint64_t deadline_ns;    /**< time from hf_schedule_add_run() until the run is aborted; 0 = none */
} hf_schedule_run;

/** A board, and what is known of it from earlier: all zero for a new one. */
typedef struct hf_schedule_board {
    uint32_t chip;                 /**< 0 .. 63 */
    bool disabled;                 /**< as by hf_schedule_disable_board() */
    bool needs_check;              /**< it must pass a check before its first job */
    bool needs_attention;          /**< see hf_schedule_board_status */
    hf_fault cause;                /**< class of its last failure; HF_FAULT_NONE = none */
    uint32_t quarantines;          /**< since its last success; if there are any, it is on probation */
    uint64_t quarantined_until_ns; /**< 0, or any time before now_ns = it is not in quarantine */
    uint64_t reserved_until_ns;    /**< as by hf_schedule_reserve_board(); 0 = not reserved */
} hf_schedule_board;

/** Rules for boards, which all runs share, and for preparing. */
typedef struct hf_schedule_policy {
    uint32_t strikes;           /**< failures in a row before quarantine; 0 = 3 */
    uint64_t quarantine_ns;     /**< first quarantine; doubles each time; 0 = the board is given up */
    uint64_t quarantine_max_ns; /**< longest quarantine; 0 = no limit */
    /** quarantines before a board is given up; 0 = given up instead of the first */
    uint32_t max_quarantines;
    bool check_before_readmission; /**< a check is due before a board that was away gets a job */
    uint64_t reopen_delay_ns;      /**< before a failed open is repeated; 0 = none */
    uint64_t busy_wait_ns; /**< how long to wait for a board that somebody else uses; 0 = not at all */
    /** how long to wait for a board whose host does not answer; 0 = not at all */
    uint64_t agent_wait_ns;
    uint64_t busy_retry_ns; /**< time between two tries meanwhile; 0 = 1 s */
    /** how long a board stays open while no job waits for it, but some run elsewhere that may be repeated on it; a
     * closed board can be used by others; 0 = until these jobs are over */
    uint64_t idle_close_ns;
    uint32_t open_limit;    /**< boards being opened at once; 0 = 16 */
    uint32_t prepare_ahead; /**< preparations under way or not used by a job yet; 0 = 4. More are begun
                                     until every open board has a prepared job to follow. */
    uint32_t prepare_limit; /**< preparations held at once for any reason; 0 = 64 and 2 for each board. At the
                                     limit, one that waits for boards of a busy chip is released and prepared
                                     again later, so that a slow chip does not hold up the others. */
} hf_schedule_policy;

typedef struct hf_schedule hf_schedule;

/**
 * @param boards copied; may be empty
 * @param policy copied; NULL = all defaults
 * @param now_ns monotonic; all later times are compared with it
 * @param out free with hf_schedule_free()
 * @return HF_OK; HF_EINVALID for a chip above 63; HF_ELIMIT; HF_ENOMEM
 */
hf_status hf_schedule_new(const hf_schedule_board *boards, uint32_t board_count,
                          const hf_schedule_policy *policy, uint64_t now_ns, hf_schedule **out,
                          hf_error *err);
/** Frees it whatever its state. NULL allowed. */
void hf_schedule_free(hf_schedule *schedule);

/**
 * The next thing to do at this time, if any; the state then assumes that it is being done. A time earlier than
 * one seen before counts as that one.
 * @param out written when true is returned
 */
bool hf_schedule_next(hf_schedule *schedule, uint64_t now_ns, hf_schedule_action *out);

/**
 * When hf_schedule_next() has to be called again even without an event: HF_SCHEDULE_NEVER, or a time after the
 * last `now_ns`. Valid once hf_schedule_next() has returned false.
 */
uint64_t hf_schedule_wake_ns(const hf_schedule *schedule);

/* ---- Runs ---- */

/**
 * Adds a run. Its jobs compete for boards from now on.
 * @param run number of the run in all calls and actions; that of a removed run may be used again
 * @return HF_OK; HF_EINVALID for an empty chip set, a priority out of range, or after hf_schedule_drain();
 * HF_ELIMIT; HF_ENOMEM
 */
hf_status hf_schedule_add_run(hf_schedule *schedule, const hf_schedule_run *request, uint64_t now_ns,
                              uint32_t *run, hf_error *err);
/**
 * Ends one run early: its waiting jobs are not run.
 * @param abort true: its attempts under way are cancelled (HF_ACTION_CANCEL), and their jobs are not run unless
 * they succeed or turn out to be the job's own failure all the same; false: they finish
 * @param reason why: HF_REASON_STOPPED on request, HF_REASON_FARM when nothing can be measured or recorded
 * @return HF_OK; HF_EINVALID for a run that does not exist or is over. May be repeated: a stop that finishes can be
 * turned into one that aborts; the first reason stays.
 */
hf_status hf_schedule_stop_run(hf_schedule *schedule, uint32_t run, bool abort, hf_schedule_reason reason,
                               uint64_t now_ns, hf_error *err);
/** As hf_schedule_stop_run(), for all runs and requested checks there are. May come at any time. */
void hf_schedule_stop(hf_schedule *schedule, bool abort, hf_schedule_reason reason, uint64_t now_ns);
/**
 * Sets the time at which all runs and requested checks there are then are aborted (HF_REASON_DEADLINE), such as the
 * end of a night. It replaces an earlier one, and happens once: runs added afterwards are not concerned.
 * @param at_ns HF_SCHEDULE_NEVER = no such time
 */
void hf_schedule_set_deadline(hf_schedule *schedule, uint64_t at_ns, uint64_t now_ns);
/** Changes the priority (-8 .. 8) of a run that is not over; its share changes from now on. */
hf_status hf_schedule_set_priority(hf_schedule *schedule, uint32_t run, int32_t priority, hf_error *err);
/** Frees a run. @return HF_OK; HF_EINVALID before HF_ACTION_RUN_OVER */
hf_status hf_schedule_remove_run(hf_schedule *schedule, uint32_t run, hf_error *err);
/** No further run is added and no further check requested: HF_ACTION_FINISHED comes when all runs are over.
 * Requested checks that have not begun are not made (HF_REASON_STOPPED). */
void hf_schedule_drain(hf_schedule *schedule);

/* ---- Boards ---- */

/** Adds a board; its index is the number of boards so far. @return as hf_schedule_new() */
hf_status hf_schedule_add_board(hf_schedule *schedule, const hf_schedule_board *board, uint64_t now_ns,
                                hf_error *err);
/**
 * Reserves a board for a person. Jobs that have no other board wait. It is free for the person once its status is
 * HF_BOARD_RESERVED. Replaces an earlier reservation.
 * @param until_ns when it ends on its own, after now_ns; HF_SCHEDULE_NEVER = when hf_schedule_release_board() is
 * called
 * @return HF_OK; HF_EINVALID for a board that does not exist
 */
hf_status hf_schedule_reserve_board(hf_schedule *schedule, uint32_t board, uint64_t until_ns, uint64_t now_ns,
                                    hf_error *err);
/** Ends a reservation, if there is one. */
hf_status hf_schedule_release_board(hf_schedule *schedule, uint32_t board, uint64_t now_ns, hf_error *err);
/** Takes a board out of service. Jobs that have no other board are not run (HF_REASON_DISABLED). It does not need
 * attention any more. */
hf_status hf_schedule_disable_board(hf_schedule *schedule, uint32_t board, uint64_t now_ns, hf_error *err);
/** Puts a board into service with a clean record: it ends hf_schedule_disable_board(), a quarantine, and giving
 * up. With `check_before_readmission`, a check is due. Otherwise it does not need attention any more. */
hf_status hf_schedule_enable_board(hf_schedule *schedule, uint32_t board, uint64_t now_ns, hf_error *err);
/**
 * Requests a health check before the board's next job. A board in quarantine or given up comes back for it.
 * Exactly one thing follows: an HF_ACTION_CHECK with a reply other than hf_schedule_check_busy(), or
 * HF_ACTION_UNCHECKED. A second request before that changes `until_ns` only.
 * @param until_ns after now_ns: when it is too late to begin; HF_SCHEDULE_NEVER = as long as it takes
 * @return HF_OK; HF_EINVALID for a board that does not exist, is disabled or reserved, or after hf_schedule_drain()
 */
hf_status hf_schedule_check_board(hf_schedule *schedule, uint32_t board, uint64_t until_ns, uint64_t now_ns,
                                  hf_error *err);

/* ---- Events. HF_EINVALID, with nothing changed, for one that cannot happen now. ---- */

hf_status hf_schedule_prepared(hf_schedule *schedule, uint32_t run, uint32_t preparation, uint64_t now_ns,
                               hf_error *err);
/** @param fault HF_FAULT_FARM ends the run; anything else fails the jobs that need the preparation */
hf_status hf_schedule_prepare_failed(hf_schedule *schedule, uint32_t run, uint32_t preparation,
                                     hf_fault fault, uint64_t now_ns, hf_error *err);
/** The job is not to be measured: it cannot fit, or its result exists already. Allowed while it waits (before its
 * first attempt, or between two). */
hf_status hf_schedule_exclude(hf_schedule *schedule, uint32_t run, uint32_t job, uint64_t now_ns,
                              hf_error *err);
hf_status hf_schedule_opened(hf_schedule *schedule, uint32_t board, uint64_t now_ns, hf_error *err);
/** @param fault HF_FAULT_FARM ends all runs; HF_FAULT_AGENT: as hf_schedule_open_busy(), for another reason; anything else is
 * a strike against the board */
hf_status hf_schedule_open_failed(hf_schedule *schedule, uint32_t board, hf_fault fault, uint64_t now_ns,
                                  hf_error *err);
/** As hf_schedule_open_failed(), but every further try would fail in the same way: the board is given up. */
hf_status hf_schedule_open_in_vain(hf_schedule *schedule, uint32_t board, hf_fault fault, uint64_t now_ns,
                                   hf_error *err);
/** Somebody else uses the board; it is not open. */
hf_status hf_schedule_open_busy(hf_schedule *schedule, uint32_t board, uint64_t now_ns, hf_error *err);
/** Somebody else took the board before the attempt could start: it is closed, and the attempt does not count. */
hf_status hf_schedule_attempt_busy(hf_schedule *schedule, uint32_t board, uint64_t now_ns, hf_error *err);
hf_status hf_schedule_attempt_done(hf_schedule *schedule, uint32_t board, uint64_t now_ns, hf_error *err);
hf_status hf_schedule_attempt_failed(hf_schedule *schedule, uint32_t board, hf_fault fault, uint64_t now_ns,
                                     hf_error *err);
/** As hf_schedule_attempt_failed(), but every further attempt on this board would fail in the same way: if the fault
 * is a strike, the board is given up. */
hf_status hf_schedule_attempt_in_vain(hf_schedule *schedule, uint32_t board, hf_fault fault, uint64_t now_ns,
                                      hf_error *err);
hf_status hf_schedule_check_passed(hf_schedule *schedule, uint32_t board, uint64_t now_ns, hf_error *err);
/** @param fault HF_FAULT_FARM ends all runs; HF_FAULT_AGENT: as hf_schedule_check_busy(); anything else is the board's failure.
 * After HF_ACTION_CANCEL, as
 * hf_schedule_check_cancelled(). */
hf_status hf_schedule_check_failed(hf_schedule *schedule, uint32_t board, hf_fault fault, uint64_t now_ns,
                                   hf_error *err);
/** After HF_ACTION_CANCEL: the check says nothing about the board. */
hf_status hf_schedule_check_cancelled(hf_schedule *schedule, uint32_t board, uint64_t now_ns, hf_error *err);
/** Somebody else took the board before the check could begin: it is closed, and the check made once it is back. */
hf_status hf_schedule_check_busy(hf_schedule *schedule, uint32_t board, uint64_t now_ns, hf_error *err);
hf_status hf_schedule_closed(hf_schedule *schedule, uint32_t board, uint64_t now_ns, hf_error *err);

#endif
