/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_FIXTURE_H
#define CLI_FIXTURE_H

#include <sqlite3.h>
#include <stdint.h>

#include "process.h"

/**
 * @file cli_fixture.h
 * A temporary folder for each test of the `hilfarm` command, and queries of the store in it.
 */

#define RUN_DEADLINE_MS 120000

typedef struct cli_fixture {
    char folder[64];
    char db[96];
    process child;
} cli_fixture;

/** cmocka set-up and tear-down: *state is a cli_fixture. */
int cli_set_up(void **state);
int cli_tear_down(void **state);

/** Path of a program of the build ("hilfarm"). Static storage. */
const char *cli_program(const char *name);

/** Writes a file into the folder. @return its path, in static storage that the call after the next overwrites */
const char *cli_write(cli_fixture *fixture, const char *name, const char *text);

/** Starts `hilfarm COMMAND WORDS... --db <fixture's>`; words end with NULL. */
void cli_start(cli_fixture *fixture, const char *command, const char *const *words);
/** The same, and waits for the end. @return exit status; the output is in fixture->child.output */
int cli_run(cli_fixture *fixture, const char *command, const char *const *words);

/** The same, and fails the test with the output unless the exit status is `status`. */
void cli_expect(cli_fixture *fixture, const char *command, const char *const *words, int status);
/** Fails the test with the output of the last command unless it contains `part`. */
void cli_assert_output(const cli_fixture *fixture, const char *part);

/** Makes net.tflite in the folder a small MobileNet. @param alpha its width, "0.1" to "1": wider is slower and bigger */
void cli_make_net(cli_fixture *fixture, const char *alpha);

/** The first column of the first row of a query on the store; -1 if there is no row. Fails the test on an
 * error. */
int64_t cli_query(cli_fixture *fixture, const char *sql);
/** The same as text in static storage; "" if there is no row. */
const char *cli_query_text(cli_fixture *fixture, const char *sql);

/** Processes whose command line names the fixture's folder or a hilfarm work folder of process `pid`. */
int cli_stray_processes(const char *needle);

#endif
