/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_RUN_VIEW_RUN_VIEW_H
#define HF_RUN_VIEW_RUN_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "board/phase.h"
#include "report/rows.h"
#include "schedule/progress.h"

/**
 * @file run_view.h
 * What a run shows of itself while it is under way and when it is over. The farm fills it in; displays and the
 * daemon's API use it, and need nothing else of the farm.
 */

/** What a board is doing, for display. */
typedef struct hf_board_view {
    const char *id;
    const char *chip;
    bool modelled;
    hf_schedule_board_status status;
    const char *job;               /**< variation that it measures; NULL = none, or one of another run */
    const char *run;               /**< name of the run that it measures for; NULL = none */
    int64_t run_id;                /**< that run's number in the store; 0 = none */
    const char *owner;             /**< that run's owner; NULL = none, or unknown */
    hf_phase phase;                /**< while busy */
    uint32_t phase_done, phase_of; /**< steps of the phase; phase_of 0 = not counted */
    const char *in_use;            /**< who else uses it: "in use by process 12 ..."; NULL = nobody */
    const char *failure;           /**< its last failure that was not a job's; "" = none */
    uint64_t quarantine_left_ns;   /**< while quarantined */
} hf_board_view;

#define HF_RUN_STAGE_MAP(X)                                                                                  \
    X(SETTING_UP, "setting up")                                                                              \
    X(BEFORE_RUN, "hook before the run")                                                                     \
    X(PRUNING, "pruning")                                                                                    \
    X(MEASURING, "measuring")                                                                                \
    X(CLOSING, "closing boards")                                                                             \
    X(AFTER_RUN, "hook after the run")                                                                       \
    X(RECORDING, "recording")

/** What a run is doing. */
typedef enum hf_run_stage {
#define HF_RUN_STAGE_ENUM(name, text) HF_RUN_STAGE_##name,
    HF_RUN_STAGE_MAP(HF_RUN_STAGE_ENUM)
#undef HF_RUN_STAGE_ENUM
        HF_RUN_STAGE_COUNT
} hf_run_stage;

/** Name of a stage ("measuring"). Static string. */
const char *hf_run_stage_name(hf_run_stage stage);

typedef struct hf_run_view {
    const char *name;
    int64_t run_id;
    hf_run_stage stage;
    uint32_t job_count;
    hf_schedule_progress progress; /**< pruned variations do not count as failed */
    uint32_t pruned;
    const hf_board_view *boards;
    uint32_t board_count;
    uint64_t elapsed_ns;
    uint32_t kept;      /**< records that wait until the store can be written; 0 = none */
    uint32_t in_memory; /**< of them: those that would be lost if the process died */
    uint64_t left_ns;   /**< estimated from the attempts so far; UINT64_MAX = unknown */
} hf_run_view;

#define HF_RUN_EVENT_MAP(X)                                                                                  \
    X(MEASURED, "measured")                   /* a variation has its result */                               \
    X(FAILED, "failed")                       /* a variation has failed for good */                          \
    X(NOT_RUN, "not_run")                     /* the run ended before the variation was measured */          \
    X(PRUNED, "pruned")                       /* a variation cannot fit and is not flashed; message: why */  \
    X(ATTEMPT_FAILED, "attempt_failed")       /* an attempt failed; the scheduler decides what follows */    \
    X(BOARD_FAILED, "board_failed")           /* a board could not be opened */                              \
    X(BOARD_QUARANTINED, "board_quarantined") /* too many failures in a row: not used for quarantine_ns */   \
    X(BOARD_GIVEN_UP, "board_given_up")       /* likewise, for the rest of the run */                        \
    X(BOARD_AWAITED, "board_awaited")         /* others use a board, the run waits for it; message: who */   \
    X(BOARD_IN_USE, "board_in_use")           /* others use a board, the run goes on without it */           \
    X(STORE_WAITS, "store_waits")     /* the store cannot be written; results are kept until it can */       \
    X(STORE_WRITTEN, "store_written") /* the store can be written again, and everything is in it */

typedef enum hf_run_event_kind {
#define HF_RUN_EVENT_ENUM(name, text) HF_RUN_EVENT_##name,
    HF_RUN_EVENT_MAP(HF_RUN_EVENT_ENUM)
#undef HF_RUN_EVENT_ENUM
} hf_run_event_kind;

/** Name of a kind ("attempt_failed"). Static string. */
const char *hf_run_event_name(hf_run_event_kind kind);

/** Something worth reporting. Pointers are valid during the call. */
typedef struct hf_run_event {
    hf_run_event_kind kind;
    const char *job;        /**< NULL for BOARD_ and STORE_ */
    const char *chip;       /**< NULL for BOARD_ and STORE_ */
    const char *board;      /**< NULL = none involved */
    uint32_t attempt;       /**< 0 = none made */
    hf_fault fault;         /**< of a failure */
    const char *message;    /**< of a failure, "" otherwise */
    double latency_ns;      /**< median, of a measurement */
    uint64_t quarantine_ns; /**< BOARD_QUARANTINED: how long */
    bool modelled;
    uint32_t finished, job_count; /**< jobs with a final outcome; all jobs */
} hf_run_event;

/** Called on the thread of the run's event loop. Either may be NULL. */
typedef struct hf_run_observer {
    void *user;
    void (*changed)(void *user, const hf_run_view *view); /**< called often; not every call needs a redraw */
    void (*event)(void *user, const hf_run_event *event);
} hf_run_observer;

typedef struct hf_run_summary {
    int64_t run_id; /**< 0 = the run could not be recorded */
    hf_run_state state;
    uint32_t measured, failed, not_run;
    uint32_t pruned;          /**< could not fit; not counted as failed or not run */
    uint32_t in_use;          /**< of the not run: every board left was in use, disabled or out of reach */
    uint32_t no_board;        /**< of the failed: no board was left to try */
    uint32_t dead_boards;     /**< unusable at the end: given up, in quarantine, or never opened */
    uint32_t prepared;        /**< models that were prepared for this run */
    uint32_t prepared_before; /**< models that were found in the cache */
    bool interrupted;         /**< models were not run because a signal stopped the run */
} hf_run_summary;

#endif
