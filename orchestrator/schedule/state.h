/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SCHEDULE_STATE_H
#define HF_SCHEDULE_STATE_H

#include <sys/queue.h>

#include "heap.h"
#include "schedule/progress.h"
#include "schedule/schedule.h"

/**
 * @file state.h
 * The scheduler's state. Every job, preparation and board is in the queue in which it is looked for, so that an
 * event costs the same whatever their number. Names, from the bottom up:
 *   pool         boards of one chip that a run may use: all of them, or a set. Runs with equal sets have one pool; a
 *                board is a member of every pool whose set it is in
 *   lane         the jobs of one run for one chip: it competes with other lanes for the boards of its pool
 *   share        an owner's lanes for one chip, in whatever pools
 * The functions at the end keep queues and counts consistent; no other code changes them.
 */

typedef struct job job;
typedef struct run run;
typedef struct pool pool;
typedef struct chip_state chip_state;

/* Where a job is. The first five are of waiting jobs. */
typedef enum job_place {
    PLACE_UNPREPARED, /* found by the cursor of its lanes, or in lane->returned */
    PLACE_PREPARING,
    PLACE_READY,   /* in lane->ready */
    PLACE_RETRY,   /* failed or was interrupted once: in schedule->retries */
    PLACE_DELAYED, /* the same, later: in schedule->delayed */
    PLACE_RUNNING,
    PLACE_FINAL, /* in schedule->finals until it is reported */
} job_place;

/* A job in one of its lanes. */
typedef struct entry {
    heap_node node;    /* in lane->ready or lane->returned */
    uint32_t job;      /* index in the run */
    uint32_t position; /* in lane->entries */
} entry;

struct job {
    run *run;
    uint64_t chips;
    uint64_t not_before_ns;
    heap_node node; /* in schedule->delayed or schedule->finals */
    TAILQ_ENTRY(job) retry;
    uint32_t first_entry; /* in run->entries, one for each chip */
    uint32_t preparation;
    uint32_t attempts;
    uint32_t last_board;
    uint32_t prefer;   /* board that is being opened again for it */
    uint32_t avoid;    /* board it failed on, to be used again only if there is no other */
    uint32_t reopened; /* board that was opened again for it once */
    uint8_t place, outcome, reason, fault;
    bool demands; /* counted in pool->demand */
};

typedef enum preparation_state {
    PREPARATION_WAITING,
    PREPARATION_UNDER_WAY,
    PREPARATION_READY,
    PREPARATION_OVER, /* failed, or not needed any more */
} preparation_state;

typedef struct preparation {
    run *run;
    heap_node node;                 /* in schedule->releases */
    TAILQ_ENTRY(preparation) spare; /* in schedule->spare if is_spare */
    uint32_t first_job, job_count;  /* in run->by_preparation */
    uint32_t jobs_left;             /* not final */
    uint32_t users;                 /* jobs that run or are to be repeated */
    uint8_t state;
    bool used; /* a job has started with it since it was prepared */
    bool is_spare;
} preparation;

typedef struct lane {
    run *run;
    pool *pool;
    uint32_t chip;
    heap_node turn; /* in pool->startable while jobs are ready; key: virtual time */
    /* In pool->preparable while jobs are unprepared; key: virtual time once all that is prepared has run. */
    heap_node prepare_turn;
    uint64_t virtual_ns; /* board time used, divided by the lane's share; in the time of its pool */
    uint64_t attempt_ns; /* moving average; 0 = none yet */
    uint32_t *entries;   /* in the order of the jobs: indices into run->entries */
    uint32_t entry_count;
    uint32_t cursor; /* every unprepared entry before it is in `returned` */
    heap ready;
    heap returned;                        /* unprepared again: their preparations were released early */
    uint32_t waiting, unprepared, supply; /* jobs; supply: preparing or ready */
    bool active;                          /* counted in its share: jobs are waiting */
} lane;

typedef enum stop_mode { STOP_NONE, STOP_FINISH, STOP_ABORT } stop_mode;

#define PRIORITIES (2 * HF_SCHEDULE_MAX_PRIORITY + 1)

/* An owner's lanes with waiting jobs, for one chip: how many of each priority. */
typedef struct share {
    uint32_t lanes[PRIORITIES];
    uint64_t weight; /* sum of theirs */
    uint32_t top;    /* highest priority among them */
} share;

typedef struct owner {
    uint32_t id;
    uint32_t runs; /* 0 = free */
    share shares[HF_SCHEDULE_MAX_CHIPS];
} owner;

struct run {
    uint32_t index;
    owner *owner;
    uint32_t priority; /* 0 .. PRIORITIES - 1 */
    uint32_t max_attempts;
    uint64_t retry_delay_ns;
    heap_node deadline;    /* in schedule->deadlines */
    heap_node over;        /* in schedule->overs */
    TAILQ_ENTRY(run) link; /* in schedule->live */
    job *jobs;
    uint32_t job_count;
    entry *entries;
    uint32_t *by_preparation; /* jobs in the order of their preparations */
    preparation *preparations;
    uint32_t preparation_count;
    lane *lanes;
    uint32_t lane_count;
    uint32_t *lane_entries; /* memory of lane->entries */
    uint8_t lane_of_chip[HF_SCHEDULE_MAX_CHIPS];
    uint32_t done, failed, not_run, excluded, running;
    uint32_t unreported; /* not yet returned as final */
    uint32_t held;       /* preparations under way or ready */
    stop_mode stop;
    hf_schedule_reason stop_reason;
    bool is_over;
};

/* A board in a pool. */
typedef struct member {
    struct board *board;
    pool *pool;
    heap_node queue;            /* in pool->idle or pool->closed; order: index of the board */
    LIST_ENTRY(member) by_pool; /* in pool->members */
    LIST_ENTRY(member) by_board;
} member;

typedef enum cancel_state { CANCEL_NONE, CANCEL_WANTED, CANCEL_SENT } cancel_state;

/* What happens to a board once it is closed. */
typedef enum verdict { VERDICT_NONE, VERDICT_QUARANTINE, VERDICT_LOST } verdict;

typedef struct board {
    uint32_t index, chip;
    hf_schedule_board_state state; /* never RESERVED or DISABLED, which are flags */
    verdict verdict;
    bool close_wanted;   /* IDLE, but to be closed before anything else */
    cancel_state cancel; /* of what it is doing */
    bool disabled, reserved;
    bool check_due;       /* no job before it passes a check */
    bool check_requested; /* by hf_schedule_check_board() */
    bool needs_attention;
    bool in_use;      /* somebody else had it when it was last tried */
    job *job;         /* BUSY */
    uint64_t charged; /* virtual time that the attempt was charged in advance */
    uint64_t started_ns;
    uint32_t strikes, quarantines, done, failed;
    hf_fault last_fault;
    uint64_t free_since_ns;       /* when it last finished something: the longest-waiting board goes first */
    uint64_t not_before_ns;       /* CLOSED: no open before */
    uint64_t until_ns;            /* end of the quarantine; next try while IN_USE; when it was given up */
    uint64_t in_use_since_ns;     /* while jobs demand it; else HF_SCHEDULE_NEVER */
    uint64_t check_until_ns;      /* check_requested: when it is too late to begin */
    hf_schedule_reason unchecked; /* in schedule->unchecked: why */
    uint64_t reserved_until_ns;
    LIST_HEAD(, member) pools;
    uint32_t sets;       /* of them, sets of boards that jobs demand */
    uint32_t demands;    /* pools that jobs demand */
    member whole;        /* in the pool of all boards of its chip */
    heap_node attention; /* in schedule->cancels or schedule->closes */
    heap_node check;     /* in schedule->checks or schedule->check_opens */
    heap_node report;    /* in schedule->unchecked */
    heap_node timer;     /* in schedule->timers */
} board;

/* Queues of pools for which there may be something to do. */
typedef enum pool_queue {
    POOLS_TO_START,  /* a board is free and a job is ready */
    POOLS_TO_OPEN,   /* more jobs wait than boards are free or being opened */
    POOLS_TO_STOCK,  /* fewer jobs are prepared than policy.prepare_ahead */
    POOLS_TO_SUPPLY, /* a board may find nothing prepared */
    POOL_QUEUES
} pool_queue;

struct pool {
    chip_state *chip;
    LIST_HEAD(, member) members;
    member *set;           /* their memory, in the order of the boards; NULL = all boards of the chip */
    uint32_t set_count;    /* boards in `set` */
    uint32_t lane_count;   /* of runs that have not been removed */
    LIST_ENTRY(pool) link; /* in chip_state.sets */
    TAILQ_ENTRY(pool) queue[POOL_QUEUES];
    bool queued[POOL_QUEUES];
    heap idle, closed;          /* members, see member_key(): free for a job; free to be opened */
    heap startable, preparable; /* lanes */
    uint64_t virtual_ns;        /* of the lane that started last */
    uint64_t shift_ns;          /* added to the pool's virtual time, it is the chip's */
    uint64_t lane_weight;       /* sum of those of the runs with waiting jobs */
    uint32_t alive;             /* neither given up nor disabled */
    uint32_t reachable;         /* in service now, or can be at once */
    uint32_t opening;           /* OPENING or CHECKING, and usable */
    uint32_t open;              /* OPENING, IDLE or BUSY, and usable */
    uint32_t in_service;        /* IDLE or BUSY, and to stay open */
    uint32_t waiting, supply;   /* jobs */
    uint32_t demand;            /* jobs that need a board or may need one again */
};

struct chip_state {
    uint32_t index;
    pool all;
    LIST_HEAD(, pool) sets;
    uint64_t virtual_ns;  /* of the lane that started last */
    uint64_t weight;      /* sum of the weights of owners with waiting jobs */
    uint64_t lane_weight; /* sum of those of the runs with waiting jobs */
    uint64_t attempt_ns;  /* moving average; 0 = none yet */
};

TAILQ_HEAD(job_list, job);
TAILQ_HEAD(preparation_list, preparation);
TAILQ_HEAD(run_list, run);
TAILQ_HEAD(pool_list, pool);

struct hf_schedule {
    hf_schedule_policy policy; /* defaults filled in */
    uint64_t now_ns;
    bool drained, finished;
    bool boards_changed; /* a board was lost, or a run added: jobs may have no board */

    chip_state chips[HF_SCHEDULE_MAX_CHIPS];
    uint64_t free_chips; /* chips with idle boards */
    struct pool_list pools[POOL_QUEUES];
    uint32_t set_count; /* pools other than those of all boards of a chip */

    board **boards;
    uint32_t board_count, board_capacity;
    uint32_t open_boards; /* neither closed nor away */
    uint32_t opening;
    uint32_t closed_boards; /* that could be opened */

    run **runs; /* NULL = free */
    uint32_t run_capacity;
    uint32_t live_runs;                               /* not over */
    uint32_t run_count, job_count, preparation_count; /* of all runs: what the queues have room for */
    owner **owners;
    uint32_t owner_capacity;
    struct run_list live; /* runs that are not over */

    struct job_list retries;
    struct preparation_list spare; /* ready, with waiting jobs only */
    uint32_t held;                 /* preparations under way or ready */
    uint32_t unused;               /* of them, under way or needed and not used by a job yet */

    heap finals, delayed;  /* jobs */
    heap releases;         /* preparations */
    heap overs, deadlines; /* runs */
    heap cancels, closes;  /* boards */
    heap checks;           /* boards that are open, to be checked */
    heap check_opens;      /* boards that could be opened, for a requested check */
    heap unchecked;        /* boards: requested checks that will not be made */
    heap timers;           /* boards: end of a quarantine, a wait, a reservation or a request for a check */
    uint64_t deadline_ns;  /* of all runs */
};

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

/* preparation.c: the next preparation to begin, or to release so that another can begin. */
bool schedule_prepare(hf_schedule *s, hf_schedule_action *out);

#endif
