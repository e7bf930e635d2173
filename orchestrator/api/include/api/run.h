/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_API_RUN_H
#define HF_API_RUN_H

#include <stdbool.h>

#include "api/api.h"
#include "api/failure.h"
#include "report/rows.h"
#include "run_view/run_view.h"

/**
 * @file run.h
 * Runs: those under way, those in the store, and what happens in one. An event stream of a run
 * (GET /api/v1/runs/RUN/events) has the events `view` (hf_run_view), `event` (hf_run_event), `gap` (hf_api_gap) and,
 * as the last one, `over` (hf_api_run_end).
 */

/** How a run ended. */
typedef struct hf_api_run_end {
    char *key;
    char *name;
    hf_run_summary summary;
    hf_api_failure error;         /**< status HF_OK unless the farm could not work */
    uint32_t missed;              /**< models that missed a limit */
    bool compared;                /**< with the baseline */
    uint32_t regressed, improved; /**< models, if compared */
} hf_api_run_end;

/** The client was too slow, and some events are left out. */
typedef struct hf_api_gap {
    uint64_t events;
} hf_api_gap;

/** A run that is waiting or under way. */
#define HF_API_QUEUE_STATE_MAP(X)                                                                            \
    X(WAITING, "waiting")   /* for a board */                                                                \
    X(STARTING, "starting") /* its files are read and checked */                                             \
    X(UNDER_WAY, "under way")                                                                                \
    X(STOPPING, "stopping")

typedef enum hf_api_queue_state {
#define HF_API_QUEUE_STATE_ENUM(name, text) HF_API_QUEUE_##name,
    HF_API_QUEUE_STATE_MAP(HF_API_QUEUE_STATE_ENUM)
#undef HF_API_QUEUE_STATE_ENUM
} hf_api_queue_state;

/** Name of a state ("under way"). Static string. */
const char *hf_api_queue_state_name(hf_api_queue_state state);

typedef struct hf_api_queue_entry {
    char *key;
    int64_t run_id; /**< 0 = not in the store yet */
    char *name;
    char *title; /**< may be NULL */
    char *owner;
    int32_t priority;
    hf_api_queue_state state;
    int64_t submitted_ms;
    int64_t started_ms; /**< 0 = not started */
    uint32_t job_count;
    uint32_t measured, failed, not_run, pruned;
    uint32_t running; /**< on a board now */
    uint64_t left_ns; /**< estimated; UINT64_MAX = unknown */
} hf_api_queue_entry;

/** GET /api/v1/queue, in the order in which runs were submitted. */
typedef struct hf_api_queue {
    hf_api_queue_entry *runs;
    size_t run_count;
} hf_api_queue;

/** GET /api/v1/runs: newest first, without the texts of spec and farm file. */
typedef struct hf_api_runs {
    hf_run_row *runs;
    size_t run_count;
} hf_api_runs;

/** POST /api/v1/runs/RUN/{priority,tag}. */
typedef struct hf_api_run_change {
    int32_t priority; /**< -8 .. 8 */
    char *tag;        /**< NULL with `priority` */
    bool move;        /**< the tag from another run, if it has it */
} hf_api_run_change;

/** hf_run_row is read into memory that hf_rows_free() can free as well. */
extern const hf_api_type hf_api_run_row_type, hf_api_run_view_type, hf_api_run_event_type,
    hf_api_run_end_type, hf_api_gap_type, hf_api_queue_type, hf_api_queue_entry_type, hf_api_runs_type,
    hf_api_run_change_type;

#endif
