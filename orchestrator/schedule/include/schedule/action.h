/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SCHEDULE_ACTION_H
#define HF_SCHEDULE_ACTION_H

#include <stdint.h>

#include "base/error.h"

/**
 * @file action.h
 * What the scheduler wants done, and how jobs end.
 */

#define HF_SCHEDULE_NEVER UINT64_MAX /**< a time */
#define HF_SCHEDULE_NONE  UINT32_MAX /**< an index */

typedef enum hf_schedule_action_kind {
    HF_ACTION_PREPARE, /**< prepare `preparation` of `run`; reply with hf_schedule_prepared() or
                             hf_schedule_prepare_failed() */
    HF_ACTION_RELEASE, /**< free what was prepared; PREPARE may ask for it again; no reply */
    HF_ACTION_OPEN,    /**< open `board`; reply with hf_schedule_opened() or hf_schedule_open_...() */
    HF_ACTION_CHECK,   /**< make a health check on the open `board`; reply with hf_schedule_check_...() */
    HF_ACTION_START,   /**< start attempt number `attempt` (from 1) of `job` of `run` on `board`; reply with
                             hf_schedule_attempt_...() */
    HF_ACTION_CANCEL,  /**< end what `board` is doing (opening, a check or an attempt) soon; its reply still
                             comes */
    HF_ACTION_CLOSE,   /**< close `board`; reply with hf_schedule_closed() */
    HF_ACTION_FINAL,   /**< `job` of `run` has its final `outcome`; exactly once per job; no reply */
    HF_ACTION_RUN_OVER, /**< `run` is over: all its jobs are final and nothing is prepared for it; exactly once; it
                             may be removed; no reply */
    /** the requested check of `board` will not be made, because of `reason`; no reply. DEADLINE: its `until_ns` passed;
     * IN_USE, AGENT: the same, while somebody else used the board or its host did not answer; DISABLED; NO_BOARD: the board was quarantined or given up;
     * otherwise the reason why all runs were ended */
    HF_ACTION_UNCHECKED,
    HF_ACTION_FINISHED, /**< after hf_schedule_drain(): all runs are over, all boards closed; the last action */
} hf_schedule_action_kind;

typedef enum hf_schedule_outcome {
    HF_OUTCOME_DONE,     /**< measured */
    HF_OUTCOME_FAILED,   /**< see reason and fault */
    HF_OUTCOME_NOT_RUN,  /**< never measured, through no failure of its own; see reason */
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
    X(AGENT, "the board's host does not answer")                                                             \
    X(FARM, "the farm failed")                                                                               \
    X(STOPPED, "stopped on request")                                                                         \
    X(DEADLINE, "the deadline passed")                                                                       \
    X(DISABLED, "board disabled")

typedef enum hf_schedule_reason {
#define HF_REASON_ENUM(name, text) HF_REASON_##name,
    HF_REASON_MAP(HF_REASON_ENUM)
#undef HF_REASON_ENUM
} hf_schedule_reason;

/** One-line text of a reason; "" for HF_REASON_NONE. Static string. */
const char *hf_schedule_reason_text(hf_schedule_reason reason);

/** What to do. Fields that a kind does not use are HF_SCHEDULE_NONE or zero. */
typedef struct hf_schedule_action {
    hf_schedule_action_kind kind;
    uint32_t run;         /**< as hf_schedule_add_run() numbered it */
    uint32_t preparation; /**< index in its run */
    uint32_t job;         /**< index in its run */
    uint32_t board;       /**< FINAL: the board of the last attempt, or HF_SCHEDULE_NONE */
    uint32_t attempt;     /**< START: from 1; FINAL: attempts made */
    hf_schedule_outcome outcome;
    hf_schedule_reason reason;
    hf_fault fault; /**< FINAL: whose fault a failure was, else HF_FAULT_NONE */
} hf_schedule_action;

#endif
