/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FARM_FIXTURE_H
#define FARM_FIXTURE_H

#include "farm/controller.h"
#include "health/golden.h"
#include "hf_test.h"
#include "store/store.h"

/**
 * @file farm_fixture.h
 * A controller with virtual boards, and runs on it, each with a handle of one store.
 */

#define FIXTURE_RUNS   8
#define FIXTURE_EVENTS 256

/** An event, as far as tests look at it. */
typedef struct seen_event {
    hf_run_event_kind kind;
    char job[64], board[16];
} seen_event;

typedef struct farm_fixture farm_fixture;

typedef struct fixture_run {
    farm_fixture *fixture;
    hf_spec *spec;
    hf_selection selection;
    hf_store *store;
    hf_report earlier;      /* of a run that is resumed */
    hf_controller_run *run; /* NULL once it is over */
    bool over;
    hf_status status;
    hf_error error;
    hf_run_summary summary;
    seen_event events[FIXTURE_EVENTS];
    uint32_t event_count;
    /* Called with every event; NULL = none. */
    void (*on_event)(struct fixture_run *run, const hf_run_event *event);
} fixture_run;

struct farm_fixture {
    char folder[48], db[64];
    const char *firmware_dir; /* NULL = the build's */
    uv_loop_t loop;
    hf_farm *farm;
    hf_controller *controller; /* NULL once it has drained */
    fixture_run runs[FIXTURE_RUNS];
    uint32_t run_count;
    hf_board_event board_events[16];
    uint32_t board_event_count;
    hf_golden *golden;
    bool drifted;           /* checks do not pass */
    uint64_t quarantine_ns; /* the first one; 0 = boards are given up instead */
    hf_board_check checks[16];
    uint32_t check_count;
};

int farm_set_up(void **state);
int farm_tear_down(void **state);

/** Makes the controller of a farm file with these lines; its first failures are retried at once. */
void farm_start(farm_fixture *fixture, const char *yaml);
/** As farm_start(), with what is known of the boards. */
void farm_start_with(farm_fixture *fixture, const char *yaml, const hf_board_standing *standing);
/** Adds a run. @param ids board ids separated by commas; NULL = all. @param owner, priority of the run */
fixture_run *farm_add(farm_fixture *fixture, const char *yaml, const char *ids, uint32_t owner,
                      int32_t priority);
/** As farm_add(), with a store of its own. @param db a file name in the fixture's folder */
fixture_run *farm_add_to(farm_fixture *fixture, const char *db, const char *yaml);
/** Resumes a run that is over, with the same spec. @return the resumed run, of which the store has the same number */
fixture_run *farm_resume(fixture_run *ended, const char *yaml);
/** Turns the loop until a condition holds. Fails the test after a minute. */
void farm_wait(farm_fixture *fixture, bool (*holds)(void *user), void *user, const char *what);
void farm_wait_over(fixture_run *run);
/** Drains the controller, and frees it. */
void farm_drain(farm_fixture *fixture);

/** The integer that a query of the store returns. */
int64_t farm_query(const farm_fixture *fixture, const char *sql);
/** Index of an event of a kind, from a place on; event_count if there is none. */
uint32_t farm_find_event(const fixture_run *run, hf_run_event_kind kind, uint32_t from);
/** The state of a board. */
hf_schedule_board_state farm_board_state(const farm_fixture *fixture, const char *id);

#endif
