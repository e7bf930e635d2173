/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_RUN_H
#define HF_FARM_RUN_H

#include "board/board.h"
#include "report/rows.h"
#include "schedule/progress.h"
#include "spec/farm_file.h"
#include "spec/spec.h"
#include "store/store.h"

/**
 * @file run.h
 * Runs a job spec on the boards of a farm, from the first variation to the last row in the store. Blocks.
 * Inside: an event loop, a thread per board, and a thread pool that prepares variations.
 */

/** What a board is doing, for display. */
typedef struct hf_board_view {
    const char *id;
    const char *chip;
    bool modelled;
    hf_schedule_board_status status;
    const char *job;               /**< variation that it measures; NULL = none */
    hf_phase phase;                /**< while busy */
    uint32_t phase_done, phase_of; /**< steps of the phase; phase_of 0 = not counted */
    const char *in_use;            /**< who else uses it: "in use by process 12 ..."; NULL = nobody */
    const char *failure;           /**< its last failure that was not a job's; "" = none */
    uint64_t quarantine_left_ns;   /**< while quarantined */
} hf_board_view;

typedef struct hf_run_view {
    const char *name;
    int64_t run_id;
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

typedef enum hf_run_event_kind {
    HF_RUN_EVENT_MEASURED,          /**< a variation has its result */
    HF_RUN_EVENT_FAILED,            /**< a variation has failed for good */
    HF_RUN_EVENT_NOT_RUN,           /**< the run ended before the variation was measured */
    HF_RUN_EVENT_PRUNED,            /**< a variation cannot fit and is not flashed; the message says why */
    HF_RUN_EVENT_ATTEMPT_FAILED,    /**< an attempt failed; the scheduler decides what follows */
    HF_RUN_EVENT_BOARD_FAILED,      /**< a board could not be opened */
    HF_RUN_EVENT_BOARD_QUARANTINED, /**< too many failures in a row: the board is not used for quarantine_ns;
                                       the message is that of the last failure */
    HF_RUN_EVENT_BOARD_GIVEN_UP,    /**< likewise, for the rest of the run */
    HF_RUN_EVENT_BOARD_AWAITED,     /**< others use a board, and the run waits for it; the message says who */
    HF_RUN_EVENT_BOARD_IN_USE,      /**< others use a board, and the run continues without it; says who */
    HF_RUN_EVENT_STORE_WAITS,       /**< the store cannot be written; results are kept until it can */
    HF_RUN_EVENT_STORE_WRITTEN,     /**< the store can be written again, and everything is in it */
} hf_run_event_kind;

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

/** Called on the thread that called hf_run(). Either may be NULL. */
typedef struct hf_run_observer {
    void *user;
    void (*changed)(void *user, const hf_run_view *view); /**< called often; not every call needs a redraw */
    void (*event)(void *user, const hf_run_event *event);
} hf_run_observer;

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
    const char *openocd_path; /**< NULL = from PATH */
    const char *vboard_path;  /**< NULL = beside the program, then PATH */
    uint64_t wait_ns;         /**< how long to wait for boards that others use; 0 = not at all */
    const char *version;      /**< of hilfarm, for the store */
    hf_run_observer observer;
} hf_run_options;

typedef struct hf_run_summary {
    int64_t run_id; /**< 0 = the run could not be recorded */
    hf_run_state state;
    uint32_t measured, failed, not_run;
    uint32_t pruned;      /**< could not fit; not counted as failed or not run */
    uint32_t in_use;      /**< of the not run: others used every board that was left */
    uint32_t no_board;    /**< of the failed: no board was left to try */
    uint32_t dead_boards; /**< unusable at the end: given up, in quarantine, or never opened */
    bool interrupted;     /**< models were not run because a signal stopped the run */
} hf_run_summary;

/**
 * Runs a spec. SIGINT, SIGTERM and SIGHUP are caught: attempts in progress are cancelled, everything is closed
 * in order, and the run is recorded as interrupted.
 * @param summary filled as far as the run got, also on failure
 * @return HF_OK even if variations failed (see summary); an error only if the farm itself cannot work
 */
hf_status hf_run(const hf_run_options *options, hf_run_summary *summary, hf_error *err);

#endif
