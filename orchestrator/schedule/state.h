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
 * The functions of rules.h keep queues and counts consistent; no other code changes them.
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
    uint32_t losses; /* attempts that were not counted because a host did not answer */
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
    uint64_t chips; /* those of its jobs: one lane each */
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
    bool in_use;      /* somebody else had it when it was last tried, or its host did not answer */
    bool unreachable; /* in_use: its host did not answer */
    job *job;         /* BUSY */
    uint64_t charged; /* virtual time that the attempt was charged in advance */
    uint64_t started_ns;
    uint32_t strikes, quarantines, done, failed;
    hf_fault last_fault;
    uint64_t idle_since_ns;       /* IDLE: since then no job is known to have waited for it */
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

#endif
