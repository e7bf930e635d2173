/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_CONTROLLER_H
#define HF_FARM_CONTROLLER_H

#include <uv.h>

#include "board/board.h"
#include "farm/board_health.h"
#include "farm/prepare_cache.h"
#include "farm/remote_boards.h"
#include "report/rows.h"
#include "run_view/run_view.h"
#include "schedule/schedule.h"
#include "spec/farm_file.h"
#include "spec/spec.h"
#include "store/store.h"

/**
 * @file controller.h
 * The boards of a farm and all runs on them. Runs are added and removed while others are under way; one scheduler
 * (schedule/schedule.h) decides which board does what.
 *
 * The caller owns the event loop. Every function is called, and every callback is made, on the loop's thread, except
 * where a comment says otherwise. No function blocks the loop: boards have threads of their own, variations are
 * prepared in libuv's pool, and what waits (hooks, the end of the store's write queue) has its own thread.
 *
 * A board is opened when a job wants it and closed when no waiting job does, so that other programs can use it.
 *
 * A failure of class farm ends the runs that it concerns. A run that cannot be recorded, or whose firmware is missing,
 * ends alone. A failure of this host, such as no descriptors left to open a board with, ends all runs there are. The
 * controller goes on, and takes further runs.
 */

typedef struct hf_controller hf_controller;
/** A run under way. Valid from hf_controller_add_run() until its observer's over() returns. */
typedef struct hf_controller_run hf_controller_run;

/* ---- Boards ---- */

/** Every function may be NULL. */
typedef struct hf_controller_observer {
    void *user;
    /** Boards or runs have changed. Called often; read with hf_controller_boards() when there is time. */
    void (*changed)(void *user);
    void (*board)(void *user, const hf_board_event *event);
    void (*checked)(void *user, const hf_board_check *check);
    /** What a board says on its serial line, on any thread; must not wait. @param bytes NULL: as many were lost */
    void (*heard)(void *user, uint32_t board, const void *bytes, size_t size);
    /** Whether anybody listens to a board now; any thread, must not wait. NULL = always, to all. */
    bool (*is_heard)(void *user, uint32_t board);
    /** After hf_controller_drain(): all runs are over and all boards closed. Once; hf_controller_free() is allowed. */
    void (*drained)(void *user);
} hf_controller_observer;

/** All borrowed until hf_controller_free(), except `boards`. */
typedef struct hf_controller_options {
    uv_loop_t *loop;
    const hf_farm *farm;
    const char *firmware_dir;
    const char *openocd_path; /**< NULL = from PATH */
    const char *vboard_path;  /**< NULL = beside the program, then PATH */
    const char *
        cache_dir; /**< keeps prepared variations between runs; NULL = they are not kept. A folder that cannot
                                   be used is not a failure: see hf_controller_cache_problem() */
    uint64_t cache_limit_bytes; /**< 0 = HF_CACHE_DEFAULT_LIMIT_BYTES */
    /** Rules for boards, shared by all runs. The scheduler's defaults apply to 0, except that quarantine_ns and
     * max_quarantines are used as given. prepare_ahead 0 = the number of boards. */
    hf_schedule_policy policy;
    const hf_board_standing *boards; /**< one per board of the farm; NULL = all in service */
    hf_controller_checks checks;
    hf_controller_observer observer;
    hf_controller_remote remote; /**< for a farm with boards of other hosts */
} hf_controller_options;

/**
 * Makes a controller: the scheduler and a work folder. Boards get their threads when they are first used.
 * @param out hf_controller_free()
 * @return HF_OK; HF_ELIMIT for more chips or boards than the scheduler can handle; HF_ENOMEM; HF_EIO
 */
hf_status hf_controller_new(const hf_controller_options *options, hf_controller **out, hf_error *err);

/** Why nothing is kept in cache_dir; NULL = it is used, or none was given. Valid as long as the controller. */
const char *hf_controller_cache_problem(const hf_controller *controller);

/** The cache of prepared variations, for use on any thread as long as the controller exists; NULL = none. */
hf_prepare_cache *hf_controller_cache(const hf_controller *controller);

/** No further run is added. observer.drained() is called when all runs are over and all boards closed. */
void hf_controller_drain(hf_controller *controller);

/**
 * Ends all runs there are, as hf_controller_stop_run() does. Further runs may be added.
 * @param abort false: attempts under way finish
 * @param why as for hf_controller_stop_run()
 */
void hf_controller_stop(hf_controller *controller, bool abort, const char *why);

/**
 * Ends the boards' threads and frees everything. Only before the first run, or once observer.drained() was called
 * (also from within that call). The loop must run once more to close its handles. NULL allowed.
 */
void hf_controller_free(hf_controller *controller);

/** All boards of the farm, in its order. Valid until the next call of a function of this header. */
const hf_board_view *hf_controller_boards(hf_controller *controller, uint32_t *count);
/**
 * How a board is opened, for a person's console: in the same folder, so that the same locks keep both apart.
 * @param out borrows from the controller and its options; without cancel_fd and heard
 */
void hf_controller_board_options(const hf_controller *controller, uint32_t board, hf_board_options *out);
/**
 * Takes up the board that was added last to the farm, which must have a broker (hf_farm_add_board()). Runs that are under way do not
 * use it.
 * @return as hf_schedule_add_board(); HF_ELIMIT for more chips than the scheduler can handle
 */
hf_status hf_controller_add_board(hf_controller *controller, const hf_board_standing *standing,
                                  hf_error *err);
/** @param id as for hf_farm_find_board() @return false if the farm has no such board */
bool hf_controller_find_board(const hf_controller *controller, const char *id, uint32_t *board);

/*
 * People's decisions about a board (schedule/schedule.h); the caller keeps them in the store.
 * @param board index in the farm
 */

/** Keeps jobs off a board. It finishes what it measures first. @param until_ms wall clock, Unix ms; 0 = no end */
void hf_controller_reserve_board(hf_controller *controller, uint32_t board, int64_t until_ms);
void hf_controller_release_board(hf_controller *controller, uint32_t board);
/** Takes a board out of service. It finishes what it measures first. */
void hf_controller_disable_board(hf_controller *controller, uint32_t board);
/** Puts a board back into service with a clean record. */
void hf_controller_enable_board(hf_controller *controller, uint32_t board);
/**
 * Requests a health check before the board's next job; observer.checked() tells the outcome. If it cannot begin within
 * four hours, say because the board is in use, it is not made.
 * @return HF_OK; HF_EINVALID if the board is disabled or reserved
 */
hf_status hf_controller_check_board(hf_controller *controller, uint32_t board, hf_error *err);

/* ---- Runs ---- */

/** A new run, or one that is resumed, as the store records it. All borrowed for the call. */
typedef struct hf_run_record {
    const hf_spec *spec;
    const char *spec_text; /**< from hf_partial_run_record(); NULL = the spec's own */
    const hf_farm *farm;
    const hf_selection *selection;
    const char *version; /**< of hilfarm */
    const char *key;     /**< NULL = the store chooses one */
    const char *owner;   /**< name of the user; NULL = the user of this process */
    int32_t priority;    /**< as for hf_controller_add_run() */
    int64_t resumed_id;  /**< the run to resume; 0 = a new one */
} hf_run_record;

/**
 * Records that a run begins, and its boards. On any thread; waits for the disk.
 * @param store a handle for this run alone
 * @param run_id set to the run's number
 */
hf_status hf_run_begin(hf_store *store, const hf_run_record *record, int64_t *run_id, hf_error *err);

/** Every function but over() may be NULL. */
typedef struct hf_controller_run_observer {
    void *user;
    /** The run has changed. Called often; read with hf_controller_run_view() when there is time. */
    void (*changed)(void *user, hf_controller_run *run);
    void (*event)(void *user, const hf_run_event *event);
    /**
     * The run is over, and everything is in the store or, if `status` says so, kept elsewhere. Exactly once; the run
     * is freed afterwards, and what was lent to it belongs to the caller again.
     * @param status, err HF_OK even if variations failed; an error if the farm could not work or record
     */
    void (*over)(void *user, hf_status status, const hf_run_summary *summary, const hf_error *err);
} hf_controller_run_observer;

/** Pointers are borrowed until the observer's over() was called. */
typedef struct hf_controller_request {
    const hf_spec *spec;
    const hf_selection *selection; /**< of the controller's farm */
    hf_store *store;               /**< on which hf_run_begin() was called; must not be used meanwhile */
    int64_t run_id;
    const hf_report
        *earlier;         /**< as it was before hf_run_begin(), of a run that is resumed; NULL = a new run */
    const bool *selected; /**< jobs to measure, index = variation * chips + chip; NULL = all */
    uint32_t owner;       /**< any number that identifies the user: owners share the boards equally */
    const char *owner_name; /**< for display; NULL = unknown */
    int32_t priority;       /**< -8 .. 8; 0 = normal */
    hf_controller_run_observer observer;
} hf_controller_request;

/**
 * Adds a run: sets it up, runs hooks.before_run, prunes, measures, runs hooks.after_run, records the end.
 * @param request copied
 * @param run set on HF_OK. Events may come only after this call has returned.
 * @return HF_OK; HF_EINVALID for a priority out of range, or after hf_controller_drain(); HF_ENOMEM. On failure over()
 * is not called, and the caller ends the run in the store.
 */
hf_status hf_controller_add_run(hf_controller *controller, const hf_controller_request *request,
                                hf_controller_run **run, hf_error *err);

/**
 * Ends a run early. Its attempts and hooks are cancelled, and what is missing is recorded as not run. Called again
 * while hooks.after_run runs, it cancels that hook.
 * @param why for the reason of each job, such as "INT" or "by ann"; copied, at most 63 bytes; NULL = none
 */
void hf_controller_stop_run(hf_controller_run *run, const char *why);
/** @param priority -8 .. 8 @return HF_EINVALID if it is out of range */
hf_status hf_controller_set_priority(hf_controller_run *run, int32_t priority, hf_error *err);
/** @param view valid until the next call of a function of this header; its boards are those of the run's selection */
void hf_controller_run_view(hf_controller_run *run, hf_run_view *view);

#endif
