/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_SCHEDULE_SIMULATION_INTERNAL_H
#define HF_TEST_SCHEDULE_SIMULATION_INTERNAL_H

#include <stddef.h>

#include "simulation.h"

/**
 * @file simulation_internal.h
 * The simulation's state, shared by simulation.c (from beginning to end), simulation_actions.c (what the scheduler
 * wants done, and whether it may), simulation_events.c (what boards, users and the pool do),
 * simulation_restart.c and simulation_replay.c.
 */

typedef enum event_kind {
    SIM_SUBMIT,
    SIM_CANCEL,
    SIM_OPENED,
    SIM_ATTEMPTED,
    SIM_CHECKED,
    SIM_CLOSED,
    SIM_PREPARED,
    SIM_WAKE,
    SIM_PERSON, /* somebody reserves, releases, disables or enables a board, or excludes a job */
} event_kind;

/* What comes of it. */
typedef enum event_result { SIM_GOOD, SIM_FAILED, SIM_BUSY, SIM_IN_VAIN } event_result;

struct sim_event {
    uint64_t at_ns, order;
    event_kind kind;
    event_result result;
    hf_fault fault;
    uint32_t board, run, preparation;
    uint32_t person; /* PERSON: which action */
};

typedef struct sim_job {
    uint32_t attempts, successes, finals;
    uint32_t board; /* of the success */
    bool running;
} sim_job;

typedef enum sim_prepared { SIM_UNPREPARED, SIM_PREPARING, SIM_HELD } sim_prepared;

typedef struct live_run {
    const sim_run *request;
    hf_schedule_job *list; /* as submitted */
    uint32_t
        *job_of_number; /* the scheduler's number of a job -> ours: jobs that are over are left out later */
    uint32_t numbers;
    sim_job *jobs;
    uint8_t *prepared; /* sim_prepared */
    uint32_t job_count, finals;
    uint64_t last_start_ns;
    bool live, stopped, aborted;
} live_run;

typedef struct live_board {
    enum { SIM_SHUT, SIM_OPENING, SIM_OPEN, SIM_CHECKING, SIM_BUSY_BOARD, SIM_CLOSING } state;
    uint32_t run, job; /* BUSY; run: index of the simulation */
    uint64_t started_ns;
    bool cancelled, disabled, reserved;
    bool requested, due; /* a check */
} live_board;

typedef struct sim {
    const sim_options *options;
    sim_result *result;
    hf_schedule *schedule;
    uint64_t random, now_ns, start_ns, order;
    sim_event *queue; /* binary heap */
    uint32_t queue_count, queue_capacity;
    uint64_t log_capacity;
    live_run *runs;
    uint32_t *run_of_number; /* the scheduler's number of a run -> ours */
    live_board *boards;
    uint64_t *workers; /* when each is free */
    uint32_t busy, opening, held;
    uint64_t busy_since_ns;
    uint64_t *busy_log; /* pairs of time and boards busy */
    uint64_t busy_count, busy_capacity;
    bool finished, drained, night_over, no_memory;
} sim;

uint32_t sim_draw(sim *s, uint32_t below);
/* More memory for an array; the old array and s->no_memory if there is none. */
void *sim_grown(sim *s, void *items, uint64_t capacity, size_t size);
void sim_schedule_event(sim *s, sim_event event);
sim_event sim_next_event(sim *s);
void sim_note_busy(sim *s);
/* Counts what must not happen. @return !legal */
bool sim_illegal(sim *s, bool legal);
void sim_carry_out(sim *s, const hf_schedule_action *a);
void sim_happen(sim *s, const sim_event *e);
void sim_person(sim *s);
/* Gives a run that is live to the scheduler, with the jobs that are not over. */
void sim_add_run(sim *s, uint32_t index);
/* The farm is killed; a new one begins with what is known of boards and with the jobs that are not over. */
void sim_restart(sim *s);
/* The boards that a run names; free(). NULL = all, or no memory. */
uint32_t *sim_named_boards(const sim_options *options, const sim_run *run);
/* Whether a run may use a board. */
bool sim_may_use(const sim_options *options, const sim_run *run, uint32_t board);

#endif
