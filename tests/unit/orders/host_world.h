/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_ORDERS_HOST_WORLD_H
#define HF_TEST_ORDERS_HOST_WORLD_H

#include "base/buffer.h"
#include "host_schedules.h"
#include "orders/board_owner.h"
#include "orders/order_keeper.h"
#include "schedule/schedule.h"

/** @file host_world.h
 * The simulated world of host_schedules.h:
 *
 *   host_schedules.c  one schedule from its seed to its end
 *   host_events.c     time, events, random numbers, the network
 *   host_agents.c     agents and the boards they hold
 *   host_daemons.c    daemons, each with a scheduler and a store
 *   host_leases.c     the server of the leases
 *   host_faults.c     what goes wrong
 */

#define S               UINT64_C(1000000000)
#define MS              UINT64_C(1000000)
#define AGENTS          3
#define BOARDS_OF_AGENT 2
#define BOARDS          (AGENTS * BOARDS_OF_AGENT)
#define DAEMONS         2
#define JOBS            100
#define NODES           (AGENTS + DAEMONS) /* agents first */
#define FAULTS_END_NS   (240 * S)
#define TOO_LATE_NS     (UINT64_C(10800) * S)

typedef struct world world;

typedef enum event_kind {
    EVENT_MESSAGE, /* bytes have come to a node */
    EVENT_BOARD,   /* what a board is doing ends */
    EVENT_LEASE,   /* the lease's server replies */
    EVENT_TICK,    /* a node looks at the time */
    EVENT_FAULT,   /* the next fault */
    EVENT_END,     /* a fault ends */
} event_kind;

typedef struct event {
    uint64_t at_ns, order; /* equal times in the order of their making */
    event_kind kind;
    uint32_t node, life; /* for the node's life of that number only */
    uint32_t board;
    void *bytes; /* EVENT_MESSAGE: owned */
    size_t size;
    uint32_t number; /* EVENT_BOARD: of what it was doing; EVENT_END: which fault */
    bool renew;      /* EVENT_LEASE */
    hf_lease_result result;
    hf_order_token token;
    uint64_t asked_ns;
} event;

/* A board as it really is: what its agent's process does with it. */
typedef struct device {
    bool open, busy;
    uint32_t doing; /* counts what was begun */
    hf_order_command command;
    bool of_order, cancelled;
    hf_order_token token;  /* of the order */
    uint32_t daemon, job;  /* that an attempt measures */
    hf_order_token newest; /* of any order begun on it */
    uint32_t last_number;  /* of the latest order with that token */
} device;

typedef struct node {
    bool up, linked;
    uint32_t life;
    uint64_t paused_until_ns;
    uint64_t cut_ns;  /* when it was last cut off */
    uint64_t tick_ns; /* of the earliest EVENT_TICK on its way */
} node;

typedef struct agent {
    hf_keeper *keepers[BOARDS_OF_AGENT]; /* NULL = not running */
    device devices[BOARDS_OF_AGENT];
    /* On its disk. */
    hf_order_token remembered[BOARDS_OF_AGENT];
    bool has_kept[BOARDS_OF_AGENT];
    hf_envelope kept[BOARDS_OF_AGENT];
    uint8_t kept_body[BOARDS_OF_AGENT][64];
} agent;

typedef struct daemon {
    char name[32]; /* of this life */
    hf_schedule *schedule;
    uint32_t run;
    hf_owner *owners[BOARDS];
    bool commanded[BOARDS]; /* a reply must come */
    hf_order_command command[BOARDS];
    uint32_t job[BOARDS];   /* index in the run */
    hf_buffer body[BOARDS]; /* of the order under way */
    hf_order_token token[BOARDS];
    uint64_t started_ns[BOARDS]; /* the attempt under way */
    uint32_t job_of[JOBS];       /* jobs of this life's run */
    uint32_t job_count;
    bool over;
    uint32_t stored[JOBS]; /* in its store: how often counted */
} daemon;

typedef struct lease {
    bool held;
    uint32_t daemon, life;
    hf_order_token token;
    uint64_t until_ns;
} lease;

/* The body of an answer: how it ended, and whose job was measured. */
typedef struct outcome {
    uint32_t state; /* 0 done, 1 failed, 2 cancelled */
    uint32_t daemon, job;
} outcome;

struct world {
    uint64_t now_ns, made, random;
    bool clock_jumped; /* leases may have ended before their holders could know */
    event *events;     /* a heap */
    size_t event_count, event_capacity;
    bool no_memory;
    node nodes[NODES];
    agent agents[AGENTS];
    daemon daemons[DAEMONS];
    bool server_up;
    lease leases[BOARDS];
    hf_order_token server;                 /* the store's age, and its last revision */
    uint32_t loss, double_rate, slow_rate; /* of 1000 messages */
    host_counts *counts;
};

/* host_events.c */
uint32_t world_draw(world *w, uint32_t below);
void world_add(world *w, event e);
bool world_next(world *w, event *out);
void world_send(world *w, uint32_t from, uint32_t to, const hf_envelope *envelope);
/* Ticks a node at that time at the latest. */
void world_wake(world *w, uint32_t n, uint64_t at_ns);

/* host_agents.c */
void agent_start(world *w, uint32_t index);
/** It is being stopped; it may be killed before or after its boards have ended. */
void agent_leave(world *w, uint32_t index);
void agent_kill(world *w, uint32_t index);
void agent_message(world *w, uint32_t index, const event *e);
void agent_board(world *w, uint32_t index, const event *e);
void agent_tick(world *w, uint32_t index);

/* host_daemons.c */
void daemon_start(world *w, uint32_t index);
void daemon_kill(world *w, uint32_t index);
void daemon_message(world *w, uint32_t index, const event *e);
void daemon_lease(world *w, uint32_t index, const event *e);
void daemon_tick(world *w, uint32_t index);

/* host_leases.c */
void lease_acquire(world *w, uint32_t who, uint32_t board);
void lease_renew(world *w, uint32_t who, uint32_t board, hf_order_token token);
void lease_release(world *w, uint32_t who, uint32_t board, hf_order_token token);

/* host_faults.c */
void fault_next(world *w);
void fault_end(world *w, const event *e);

#define LEASE_NS (10 * S)

static inline bool same_token(hf_order_token a, hf_order_token b)
{
    return hf_order_token_compare(a, b) == 0;
}

#endif
