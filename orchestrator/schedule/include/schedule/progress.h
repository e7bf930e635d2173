/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SCHEDULE_PROGRESS_H
#define HF_SCHEDULE_PROGRESS_H

#include "schedule/schedule.h"

/**
 * @file progress.h
 * What the scheduler knows of boards and runs, for displays and reports. Reads only.
 */

#define HF_BOARD_STATE_MAP(X)                                                                                \
    X(CLOSED, "closed")                                                                                      \
    X(OPENING, "opening")                                                                                    \
    X(IDLE, "idle")                                                                                          \
    X(CHECKING, "checking") /* a health check */                                                             \
    X(BUSY, "busy")                                                                                          \
    X(CLOSING, "closing")                                                                                    \
    X(IN_USE, "in use")          /* by somebody else: closed, and tried again after a while */               \
    X(QUARANTINE, "quarantined") /* closed, and left alone for a while */                                    \
    X(LOST, "given up")          /* closed, and left alone until it is enabled */                            \
    X(RESERVED, "reserved")      /* closed, for a person */                                                  \
    X(DISABLED, "disabled")      /* closed, out of service */

typedef enum hf_schedule_board_state {
#define HF_BOARD_STATE_ENUM(name, text) HF_BOARD_##name,
    HF_BOARD_STATE_MAP(HF_BOARD_STATE_ENUM)
#undef HF_BOARD_STATE_ENUM
} hf_schedule_board_state;

/** Name of a board state ("quarantined"). Static string. */
const char *hf_schedule_board_state_name(hf_schedule_board_state state);

typedef struct hf_schedule_board_status {
    hf_schedule_board_state state;
    uint32_t run, job;    /**< BUSY: which, else HF_SCHEDULE_NONE */
    uint32_t attempt;     /**< BUSY: its number, from 1 */
    uint32_t strikes;     /**< failures in a row */
    uint32_t quarantines; /**< since the last success */
    bool in_use;          /**< somebody else has it, or `unreachable`: IN_USE, or LOST because of that */
    bool unreachable;     /**< in_use, but because its host does not answer */
    bool quarantined;     /**< QUARANTINE, or about to be closed for it */
    bool given_up;        /**< LOST, or about to be closed for it */
    bool reserved;        /**< RESERVED, or about to be */
    bool disabled;        /**< DISABLED, or about to be */
    hf_fault cause;       /**< class of its last failure, HF_FAULT_NONE if there was none */
    uint64_t until_ns;    /**< quarantined, IN_USE: end of it, else 0 */
    uint64_t reserved_until_ns; /**< reserved: end of it, else 0 */
    uint32_t done;              /**< attempts that succeeded */
    uint32_t failed;            /**< attempts, checks and opens that failed */
    bool needs_attention; /**< it fails again and again, or a check failed: somebody should look at it */
    bool check_due;       /**< it must pass a check before its next job */
    bool check_requested; /**< by hf_schedule_check_board(), and not over yet */
} hf_schedule_board_status;

/** @return false and *out unwritten when there is no such board */
bool hf_schedule_board_status_get(const hf_schedule *schedule, uint32_t board, hf_schedule_board_status *out);

/** Progress of a run; done + failed + not_run + excluded + running + waiting = all jobs. */
typedef struct hf_schedule_progress {
    uint32_t done, failed, not_run, excluded; /**< final */
    uint32_t running;                         /**< on a board now */
    uint32_t waiting;                         /**< the rest */
    bool stopping;                            /**< nothing will be started any more */
    bool over;                                /**< HF_ACTION_RUN_OVER was returned */
} hf_schedule_progress;

/** All zero for a run that does not exist. */
hf_schedule_progress hf_schedule_progress_get(const hf_schedule *schedule, uint32_t run);

/** Why a run ends early; HF_REASON_NONE while it does not, and for a run that does not exist. */
hf_schedule_reason hf_schedule_stop_reason(const hf_schedule *schedule, uint32_t run);

#endif
