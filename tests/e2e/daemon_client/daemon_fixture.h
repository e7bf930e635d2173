/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_FIXTURE_H
#define DAEMON_FIXTURE_H

#include <stdint.h>

#include "process.h"

/**
 * @file daemon_fixture.h
 * A hilfarmd of its own for each test, in a temporary folder that is also the working folder.
 */

#define WAIT_MS 120000

/** Four small models; a run on two virtual boards takes a few seconds. */
#define SWEEP                                                                                                \
    "name: sweep\n"                                                                                          \
    "models:\n"                                                                                              \
    "  - {family: mobilenetv1, alpha: [0.1, 0.2, 0.3, 0.4], resolution: 32, channels: 1, classes: 2,"        \
    " l: 1, ll: 16, pl: 16}\n"                                                                               \
    "measure: {warmup: 0, runs: 1}\n"

/** 64 tiny models: long enough to be interrupted. */
#define LONG_SWEEP                                                                                           \
    "name: long\n"                                                                                           \
    "models:\n"                                                                                              \
    "  - {family: mobilenetv1, alpha: [0.05, 0.1], resolution: 16, channels: [1, 3], classes: [2, 3, 4, 5]," \
    " l: [1, 2, 3, 4], ll: 8, pl: 8}\n"                                                                      \
    "measure: {warmup: 0, runs: 1}\n"
#define LONG_JOBS 64

typedef struct daemon_fixture {
    char folder[64];
    char farm[96];      /**< farm file of the daemon; "" = its virtual boards */
    char openocd[512];  /**< for the daemon; "" = the default */
    const char *listen; /**< HOST:PORT, with the token file `tokens`; NULL = only the socket */
    process daemon, client;
    char before[1024]; /**< working folder */
} daemon_fixture;

/** cmocka set-up and tear-down: *state is a daemon_fixture, without a daemon. $HILFARM_SOCKET names its socket. */
int daemon_set_up(void **state);
int daemon_tear_down(void **state);

/** Writes a file into the folder. */
void daemon_write(const char *name, const char *text);
/** Writes a farm file of `count` boards of fake_openocd, and lets the daemon use it. */
void daemon_fake_farm(daemon_fixture *f, unsigned first_port, unsigned count);

/** Starts the daemon and waits until it answers. */
void daemon_start(daemon_fixture *f);
/** Stops it with a signal and waits for its end. */
void daemon_stop(daemon_fixture *f, int number);

/** Starts `hilfarm WORDS...`; words end with NULL. */
void client_start(daemon_fixture *f, const char *const *words);
/** Waits for its end, and fails the test with the output unless the exit status is `status`. */
void client_finish(daemon_fixture *f, int status);
/** Both. */
void client_expect(daemon_fixture *f, const char *const *words, int status);
#define EXPECT(fixture, status, ...) client_expect(fixture, (const char *const[]){__VA_ARGS__, NULL}, status)
#define START(fixture, ...)          client_start(fixture, (const char *const[]){__VA_ARGS__, NULL})

/** Fails the test unless the output contains `part`. */
void client_said(const daemon_fixture *f, const char *part);
/** Waits until it does. */
void client_says(daemon_fixture *f, const char *part);
/** The key of the run that the output names first; static storage that the call after the next overwrites. */
const char *client_key(const daemon_fixture *f);

/** The first column of the first row of a query on the daemon's store. */
int64_t daemon_query(const char *sql);

#endif
