/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_FIXTURE_H
#define DAEMON_FIXTURE_H

#include <jansson.h>

#include "cli_fixture.h"
#include "process.h"
#include "raw_http.h"

/**
 * @file daemon_fixture.h
 * A hilfarmd with virtual boards in a temporary folder, and requests to it.
 */

#define DAEMON_DEADLINE_MS 60000

typedef struct daemon_fixture {
    cli_fixture cli; /**< its folder, and queries of the daemon's store */
    char socket[112];
    process daemon;
} daemon_fixture;

/** cmocka set-up and tear-down: *state is a daemon_fixture; the daemon does not run yet. */
int daemon_set_up(void **state);
int daemon_tear_down(void **state);

/** Starts it and waits until it listens. @param options further ones, NULL-terminated; NULL = none */
void daemon_start(daemon_fixture *fixture, const char *const *options);
/** SIGKILL. */
void daemon_kill(daemon_fixture *fixture);
/** SIGTERM; fails the test unless it ends with status 0. */
void daemon_stop(daemon_fixture *fixture);

/**
 * Makes a request and fails the test unless the status is as expected.
 * @param path after /api/v1
 * @param body NULL = none
 * @return the answer's JSON, json_decref(); NULL if it has none
 */
json_t *daemon_ask(daemon_fixture *fixture, const char *method, const char *path, const char *body,
                   int status);
/** The same over TCP with a token. */
json_t *daemon_ask_tcp(int port, const char *token, const char *method, const char *path, const char *body,
                       int status);

/** A submission of a sweep of tiny models. @param models 1 to 9. @param options JSON, "{}". @return to be freed */
char *daemon_submission(const char *name, int models, const char *options);
/** Submits it. @param key set to the run's; room for 32 bytes */
void daemon_submit(daemon_fixture *fixture, const char *name, int models, const char *options, char *key);
/** Follows a run until it is over. @return the data of `over`, json_decref() */
json_t *daemon_follow(daemon_fixture *fixture, const char *run);
/** Opens a stream of events. @param last_id NULL = without Last-Event-ID */
void daemon_open_events(daemon_fixture *fixture, raw_http *http, const char *run, const char *last_id);
/** Waits until a run has so many results in the store. */
void daemon_wait_measured(daemon_fixture *fixture, const char *key, int measured);

/** A number at a path of members ("summary.measured"); fails the test if there is none. */
long long json_number(const json_t *object, const char *path);
const char *json_text(const json_t *object, const char *path);

#endif
