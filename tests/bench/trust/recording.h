/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RECORDING_H
#define RECORDING_H

#include <sqlite3.h>
#include <stdint.h>

/**
 * @file recording.h
 * Whether every attempt that was said to be finished is in the store, and once, whatever goes wrong
 * meanwhile.
 */

/** Results over all disturbances. */
typedef struct recording_tally {
    int disturbances;
    int announced; /**< attempts */
    int lost;      /**< of these: missing in the store afterwards */
    int doubled;   /**< recorded more often than they were made */
} recording_tally;

/** The next number of a seeded generator, below a limit. */
uint32_t recording_draw(uint32_t below);

/** The first column of the first row of a query; fails the program on an error. */
int64_t recording_number(const char *db, const char *sql);

/** Another program that starts a slow write. @return close with sqlite3_close() */
sqlite3 *recording_lock(const char *db);

/** Ends the program with a message. */
_Noreturn void recording_give_up(const char *what, const char *detail);

/** Runs of `hilfarm` itself, real OpenOCD and virtual boards. @param bin folder of the programs */
void recording_runs(const char *bin, int disturbances, recording_tally *tally);

/** A process that records like a run, without boards, so that it can be killed often. */
void recording_write_queues(int disturbances, recording_tally *tally);

#endif
