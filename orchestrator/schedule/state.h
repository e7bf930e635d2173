/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SCHEDULE_STATE_H
#define HF_SCHEDULE_STATE_H

#include "schedule/schedule.h"

/**
 * @file state.h
 * The scheduler's state. counts.c changes it and keeps it consistent; retry.c, quarantine.c and preparation.c
 * decide what an event means; dispatch.c decides what is done next; progress.c only reads.
 */

typedef enum job_state { JOB_WAITING, JOB_RUNNING, JOB_FINAL } job_state;

typedef struct job {
    uint64_t chips;
    uint64_t not_before_ns;
    uint32_t preparation;
    uint32_t attempts;
    uint32_t last_board;
    uint32_t prefer;   /* board that is being opened anew for it */
    uint32_t avoid;    /* board it failed on, to be used again only when there is no other */
    uint32_t reopened; /* board already opened anew for it once */
    job_state state;
    bool reported; /* FINAL was handed out */
    hf_schedule_outcome outcome;
    hf_schedule_reason reason;
    hf_fault fault;
} job;

typedef enum preparation_state {
    PREPARATION_WAITING,
    PREPARATION_UNDER_WAY,
    PREPARATION_READY,
    PREPARATION_OVER, /* failed or released */
} preparation_state;

typedef struct preparation {
    preparation_state state;
    uint32_t jobs_left; /* not final */
    bool used;          /* a job has started with it */
} preparation;

/* What becomes of a board once it is closed. */
typedef enum sentence { SENTENCE_NONE, SENTENCE_QUARANTINE, SENTENCE_LOST } sentence;

typedef struct board {
    uint32_t chip;
    hf_schedule_board_state state;
    sentence sentence;
    bool close_wanted; /* IDLE, but to be closed before anything else */
    bool cancelled;    /* CANCEL was handed out for what it is doing */
    uint32_t job;      /* BUSY */
    uint32_t strikes;
    uint32_t quarantines;
    uint32_t done, failed;
    hf_fault last_fault;
    uint64_t free_since_ns; /* when it last finished something: the longest-waiting board goes first */
    uint64_t not_before_ns; /* CLOSED: no open before */
    uint64_t until_ns;      /* end of the quarantine; next look while IN_USE; when it was lost */
    bool in_use;            /* somebody else had it when it was last looked at */
    uint64_t in_use_since_ns;
} board;

typedef enum stop_mode { STOP_NONE, STOP_FINISH, STOP_ABORT } stop_mode;

struct hf_schedule {
    hf_schedule_policy policy; /* defaults filled in */
    uint64_t now_ns;
    uint64_t deadline_ns; /* HF_SCHEDULE_NEVER = none */
    stop_mode stop;
    hf_schedule_reason stop_reason;
    bool finished;
    bool boards_changed; /* a board was lost: jobs may have none left */

    job *jobs;
    uint32_t job_count;
    uint32_t first_open; /* every job before it is final and reported */
    uint32_t unreported; /* final jobs not handed out yet */
    uint32_t picky;      /* waiting jobs with a board to prefer or avoid */
    uint32_t done, failed, not_run, excluded, running;

    preparation *preparations;
    uint32_t preparation_count;
    uint32_t under_way, ready; /* by state */
    uint32_t unused;           /* under way, or ready, needed and not used by a job yet */
    uint32_t releasable;       /* ready and needed by no job any more */

    board *boards;
    uint32_t board_count;

    uint32_t open_jobs[HF_SCHEDULE_MAX_CHIPS];    /* not final, by chip in their set */
    uint32_t waiting_jobs[HF_SCHEDULE_MAX_CHIPS]; /* waiting, by chip in their set */
};

/* a + b, stopping at the largest value: a far future, not the past. */
static inline uint64_t later(uint64_t a_ns, uint64_t b_ns)
{
    return a_ns > UINT64_MAX - b_ns ? UINT64_MAX : a_ns + b_ns;
}

static inline bool fits(const job *j, const board *b)
{
    return (j->chips >> b->chip) & 1;
}

/* Neither sent away nor about to be. */
static inline bool usable(const board *b)
{
    return b->sentence == SENTENCE_NONE;
}

/* Usable, and not waiting for somebody else to let go of it. */
static inline bool within_reach(const board *b)
{
    return usable(b) && b->state != HF_BOARD_IN_USE;
}

static inline bool is_free(const board *b)
{
    return b->state == HF_BOARD_IDLE && !b->close_wanted;
}

/* counts.c */
hf_status schedule_unexpected(hf_error *err, const char *event, const char *what, uint32_t index);
hf_schedule_action schedule_action(hf_schedule_action_kind kind);
bool schedule_board_is(const hf_schedule *s, uint32_t index, hf_schedule_board_state state);
/* quarantine.c: a failure of the board, which may send it into quarantine. */
void schedule_strike(hf_schedule *s, board *b, hf_fault fault);
/* preparation.c: the next preparation to begin, if any. */
bool schedule_prepare(hf_schedule *s, hf_schedule_action *out);

/* counts.c: every change of a job's or preparation's state goes through these, which keep the counts. */
void schedule_tick(hf_schedule *s, uint64_t now_ns);
void schedule_job_wait(hf_schedule *s, job *j);
void schedule_job_run(hf_schedule *s, job *j);
void schedule_job_final(hf_schedule *s, job *j, hf_schedule_outcome outcome, hf_schedule_reason reason,
                        hf_fault fault);
void schedule_job_prefer(hf_schedule *s, job *j, uint32_t prefer, uint32_t avoid);
void schedule_preparation_set(hf_schedule *s, preparation *p, preparation_state state);
void schedule_stop_run(hf_schedule *s, stop_mode mode, hf_schedule_reason reason);

#endif
