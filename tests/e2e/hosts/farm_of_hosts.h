/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FARM_OF_HOSTS_H
#define FARM_OF_HOSTS_H

#include "cli_fixture.h"
#include "nats_server.h"

/**
 * @file farm_of_hosts.h
 * For each case a nats-server, and hosts lab1, lab2, ... whose agents have a virtual board "left" each. Programs run in the case's
 * folder, so that results/ is made there.
 */

#define AGENTS      3
#define MODELS      8 /* of spec_file() */
#define DEADLINE_MS 120000

typedef struct farm_of_hosts {
    cli_fixture cli; /* first: the set-up of its tests makes it */
    nats_server server;
    process agents[AGENTS];
    process daemon;
    bool lists_hosts;     /* the farm file names lab1 and lab2 */
    bool own_board;       /* it has a board of this host too */
    const char *patience; /* of the farm file; NULL = 3 s */
    const char *vboard;   /* program of the agents' boards; NULL = the real one */
    char before[512];     /* the folder that the test program was started in */
} farm_of_hosts;

/** cmocka set-up and tear-down: *state is a farm_of_hosts. Without a nats-server nothing is started. */
int farm_of_hosts_set_up(void **state);
int farm_of_hosts_tear_down(void **state);

/** Starts the agent of labHOST and waits until it is connected. @param host from 1 */
void start_agent(farm_of_hosts *f, int host);
/** The same, without waiting. */
void start_agent_without_server(farm_of_hosts *f, int host);
/** Ends it by a signal, also when it is stopped. */
void end_agent(farm_of_hosts *f, int host, int number);
/** The farm file. If it lists no hosts, none is waited for. */
const char *farm_file(farm_of_hosts *f);
/** A sweep of MODELS models. */
const char *spec_file(farm_of_hosts *f);
/** Starts a daemon with that farm file, whose store the fixture uses from then on, and waits until it listens. */
void start_daemon(farm_of_hosts *f);

/** Starts `hilfarm WORDS`, without a store: the daemon's is used. */
void start_command(farm_of_hosts *f, const char *const *words);
/** The same, and fails the test unless the exit status is `status`. */
void expect_command(farm_of_hosts *f, const char *const *words, int status);

/** Waits for words in the output of a program. */
void expect_line(process *child, const char *words);
/** Until `hilfarm boards` shows the words, or does not any more. */
void await_boards(farm_of_hosts *f, const char *words, bool shown);

/** Runs the sweep on boards of this host; once for all cases, since it measures the same every time. */
void measure_here(farm_of_hosts *f);
/** Fails the test unless a run has measured just what measure_here() has. */
void expect_same(farm_of_hosts *f, int run);

#endif
