/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SCHEDULE_RULES_H
#define HF_SCHEDULE_RULES_H

#include "state.h"

/**
 * @file rules.h
 * What the scheduler's files ask of the state and of each other.
 */

/* a + b, stopping at the largest value: a far future, not the past. */
static inline uint64_t later(uint64_t a_ns, uint64_t b_ns)
{
    return a_ns > UINT64_MAX - b_ns ? UINT64_MAX : a_ns + b_ns;
}

static inline bool is_waiting(const job *j)
{
    return j->place <= PLACE_DELAYED;
}

/* Neither sent away nor about to be, by its failures or by a person. */
static inline bool usable(const board *b)
{
    return b->verdict == VERDICT_NONE && !b->disabled && !b->reserved;
}

static inline bool is_reachable(const board *b)
{
    return usable(b) && b->state != HF_BOARD_IN_USE;
}

/* No job starts on it before a check. */
static inline bool wants_check(const board *b)
{
    return b->check_due || b->check_requested;
}

/* Open and to stay so. */
static inline bool is_at_rest(const board *b)
{
    return b->state == HF_BOARD_IDLE && !b->close_wanted && usable(b);
}

static inline bool is_free(const board *b)
{
    return is_at_rest(b) && !wants_check(b);
}

static inline bool is_open(const board *b)
{
    return b->state == HF_BOARD_OPENING || b->state == HF_BOARD_IDLE || b->state == HF_BOARD_CHECKING ||
           b->state == HF_BOARD_BUSY;
}

static inline lane *lane_of(const run *r, uint32_t chip)
{
    return &r->lanes[r->lane_of_chip[chip]];
}

/* The boards of a chip that a run may use. */
static inline pool *pool_of(const run *r, uint32_t chip)
{
    return lane_of(r, chip)->pool;
}

/* For each chip of a set; `break` and `continue` end the turn of one chip only. */
#define FOR_CHIPS(chip, set)                                                                                 \
    for (uint64_t chips_left = (set); chips_left; chips_left &= chips_left - 1)                              \
        for (uint32_t chip = (uint32_t)__builtin_ctzll(chips_left), once = 1; once; once = 0)

/* events.c */
void schedule_tick(hf_schedule *s, uint64_t now_ns);
hf_schedule_action schedule_action(hf_schedule_action_kind kind);
hf_status schedule_unexpected(hf_error *err, const char *event, const char *what, uint32_t index);

/* board_queues.c: every change of a board is between the first two. */
void schedule_board_out(hf_schedule *s, board *b);
void schedule_board_in(hf_schedule *s, board *b);
/* A board becomes a member of a pool, or leaves it. The pool's queues have room for it. */
void schedule_member_add(member *m, board *b, pool *p);
void schedule_member_remove(member *m);
/* The board if it exists and is in that state, else NULL. */
board *schedule_board_in_state(const hf_schedule *s, uint32_t index, hf_schedule_board_state state);
/* Whether an idle board is to be closed now. */
bool schedule_board_to_close(const board *b);
/* One job more demands boards of a pool, or one fewer: idle boards that no job demands are closed. */
void schedule_pool_demand(hf_schedule *s, pool *p, bool more);
/* What a board is doing is to end. */
void schedule_board_cancel(hf_schedule *s, board *b);

/* pools.c */
void schedule_chips_init(hf_schedule *s);
void schedule_chips_free(hf_schedule *s);
/* Gives each lane of a run its pool. @param boards NULL = all @return false when there is no memory */
bool schedule_pools_join(hf_schedule *s, run *r, const uint32_t *boards, uint32_t board_count);
/* A run whose jobs are final leaves its pools, as far as it has joined them. A set goes with the last run. */
void schedule_pools_leave(hf_schedule *s, run *r);

/* pool_queues.c */
/* Puts a pool into the queues it belongs to after its boards or lanes have changed. */
void schedule_pool_update(hf_schedule *s, pool *p);
/* How many jobs of a pool should be prepared so that its boards find one. */
uint32_t schedule_pool_need(const pool *p);

/* fair_share.c */
/* Counts a lane in its owner's share, or no longer. */
void schedule_lane_share(lane *l, bool active);
/* Puts a lane where it belongs after its counts or its virtual time have changed. */
void schedule_lane_update(hf_schedule *s, lane *l);
/* An attempt of a waiting job is about to start, or has ended. @param counts false: it did not take place */
void schedule_charge_start(hf_schedule *s, const job *j, board *b);
void schedule_charge_end(hf_schedule *s, const board *b, bool counts);
/* A lane's virtual time, to compare with those of lanes in other pools of its chip. */
uint64_t schedule_chip_time(const lane *l);

/* job_queues.c: every change of a job's place or a preparation's state. */
void schedule_job_enter(hf_schedule *s, job *j);
void schedule_job_move(hf_schedule *s, job *j, job_place place);
void schedule_job_final(hf_schedule *s, job *j, hf_schedule_outcome outcome, hf_schedule_reason reason,
                        hf_fault fault);
/* The job will not need another board. */
void schedule_job_undemand(hf_schedule *s, job *j);
void schedule_preparation_set(hf_schedule *s, preparation *p, preparation_state state);
void schedule_preparation_used(hf_schedule *s, preparation *p);
/* Queues a run for HF_ACTION_RUN_OVER if it is over. */
void schedule_check_over(hf_schedule *s, run *r);

/* runs.c */
run *schedule_run(const hf_schedule *s, uint32_t index); /* NULL if there is none */
void schedule_end_run(hf_schedule *s, run *r, stop_mode mode, hf_schedule_reason reason);
void schedule_end_all(hf_schedule *s, stop_mode mode, hf_schedule_reason reason);
void schedule_run_free(run *r); /* NULL allowed; it has left its pools, or all of them are gone */
hf_status schedule_check_priority(int32_t priority, hf_error *err);

/* check_requests.c */
/* A requested check, if there is one and it has not begun, will not be made. Between _out and _in. */
void schedule_check_drop(hf_schedule *s, board *b, hf_schedule_reason reason);
void schedule_check_drop_all(hf_schedule *s, hf_schedule_reason reason);

/* quarantine.c */
/* A failure after which a board is not trusted: it goes into quarantine or is given up. Between _out and _in. */
void schedule_send_away(hf_schedule *s, board *b, hf_fault fault);
/* A board in quarantine or given up is to be used again. Between _out and _in. */
void schedule_bring_back(board *b);
/* Boards that were given up because they were in use are tried again for a new run. */
void schedule_bring_back_in_use(hf_schedule *s, const run *r);
/* A failure of a board, between _out and _in, which may send it into quarantine. */
void schedule_strike(hf_schedule *s, board *b, hf_fault fault);
/* The same, but the board is given up at once. */
void schedule_strike_out(hf_schedule *s, board *b, hf_fault fault);
/* What time alone changes on a board. */
void schedule_board_timer(hf_schedule *s, board *b);

/* no_board_left.c */
void schedule_fail_jobs_without_board(hf_schedule *s);

/* reports.c: the next thing that is over. */
bool schedule_report(hf_schedule *s, hf_schedule_action *out);

/* preparation.c: the next preparation to begin, or to release so that another can begin. */
bool schedule_prepare(hf_schedule *s, hf_schedule_action *out);

#endif
