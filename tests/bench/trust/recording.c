/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usage: trust_recording BIN RUNS KEEPERS
 * So many disturbances of whole runs on virtual boards, and of a recording process without boards. Prints
 * rows `metric,value,unit,goal,better` and, on stderr, what was disturbed how often.
 */
#include "recording.h"

#include <stdio.h>
#include <stdlib.h>

static uint32_t random_state = 20261130;

uint32_t recording_draw(uint32_t below)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % below;
}

_Noreturn void recording_give_up(const char *what, const char *detail)
{
    fprintf(stderr, "error: %s: %s\n", what, detail);
    exit(1);
}

int64_t recording_number(const char *db, const char *sql)
{
    sqlite3 *handle = NULL;
    sqlite3_stmt *statement = NULL;
    if (sqlite3_open(db, &handle) != SQLITE_OK || sqlite3_busy_timeout(handle, 10000) != SQLITE_OK ||
        sqlite3_prepare_v2(handle, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        recording_give_up(sql, sqlite3_errmsg(handle));
    const int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(handle);
    return number;
}

sqlite3 *recording_lock(const char *db)
{
    sqlite3 *handle = NULL;
    if (sqlite3_open(db, &handle) != SQLITE_OK || sqlite3_busy_timeout(handle, 10000) != SQLITE_OK ||
        sqlite3_exec(handle, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        recording_give_up("locking the store", sqlite3_errmsg(handle));
    return handle;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fputs("usage: trust_recording BIN RUNS KEEPERS\n", stderr);
        return 2;
    }
    recording_tally tally = {0};
    recording_runs(argv[1], atoi(argv[2]), &tally); /* NOLINT(cert-err34-c) */
    recording_write_queues(atoi(argv[3]), &tally);  /* NOLINT(cert-err34-c) */
    fprintf(stderr, "%d attempts announced over %d disturbances\n", tally.announced, tally.disturbances);
    printf("lost_attempts,%d,attempts of %d,0,lower\n", tally.lost, tally.announced);
    printf("doubled_attempts,%d,attempts of %d,0,lower\n", tally.doubled, tally.announced);
    return 0;
}
