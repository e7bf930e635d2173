/* SPDX-License-Identifier: Apache-2.0 */
#include "crash_recovery.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "journal_record.h"
#include "query.h"

bool hf_store_failure_may_pass(const hf_store *store)
{
    switch (store->failure & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_READONLY:
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
    case SQLITE_INTERRUPT:
        return true;
    default:
        return false;
    }
}

bool hf_run_is_dead(const hf_store *store, const char *key, const char *host, int64_t pid)
{
    struct utsname here;
    uname(&here);
    size_t length = strlen(here.nodename);
    /* The host text of a run starts with the node's name (uname -n). */
    if (strncmp(host, here.nodename, length) != 0 || host[length] != ' ')
        return false;
    switch (hf_run_journal_probe(store->path, key)) {
    case HF_RUN_JOURNAL_LOCKED:
        return false;
    case HF_RUN_JOURNAL_UNLOCKED:
        return true;
    case HF_RUN_JOURNAL_MISSING: /* started by a version without journals */
    case HF_RUN_JOURNAL_UNKNOWN:
        break;
    }
    return pid <= 0 || pid > INT32_MAX || (kill((pid_t)pid, 0) < 0 && errno == ESRCH);
}

/* ---- Dead runs in state running ---- */

static hf_status close_dead_runs(hf_store *store, hf_error *err)
{
    static const char doing[] = "closing runs that died";
    hf_sql query =
        hf_sql_start(store, doing, "SELECT id, key, host, pid FROM runs WHERE state = 'running'", "");
    hf_status status = HF_OK;
    while (status == HF_OK && hf_sql_row(&query)) {
        char *key = hf_sql_needed_text(&query, 1), *host = hf_sql_needed_text(&query, 2);
        const int64_t pid = hf_sql_int(&query, 3, INT64_MIN, INT64_MAX);
        if (key && host && hf_run_is_dead(store, key, host, pid)) {
            /* Its end is that of its last attempt; its duration is unknown. */
            hf_sql update = hf_sql_start(
                store, doing,
                "UPDATE runs SET state = 'interrupted', finished_ms = coalesce((SELECT "
                "max(attempts.started_ms"
                " + attempts.duration_ns / 1000000) FROM attempts JOIN results ON results.id = result_id"
                " WHERE run_id = runs.id), started_ms) WHERE id = ?",
                "i", hf_sql_int(&query, 0, 0, INT64_MAX));
            hf_sql_step(&update);
            status = hf_sql_done(&update, err);
        }
        free(key);
        free(host);
    }
    hf_status done = hf_sql_done(&query, err);
    return status != HF_OK ? status : done;
}

/* ---- Journals ---- */

typedef enum replay_end {
    REPLAYED,  /* all records are in the store */
    TRY_AGAIN, /* the store cannot be written now */
    SET_ASIDE, /* damaged: kept for inspection */
} replay_end;

/* @param stored counts the stored records */
static replay_end replay(hf_store *store, const uint8_t *bytes, size_t size, uint32_t *stored)
{
    bool damaged = false;
    while (size) {
        hf_journal_record record;
        size_t used = 0;
        hf_status status = hf_journal_decode(bytes, size, &record, &used);
        if (status == HF_ENOMEM)
            return TRY_AGAIN;
        /* The last record may be incomplete: the process was killed while it wrote, so nobody was told that the
         * record was stored. */
        if (status == HF_ELIMIT)
            break;
        if (!used)
            return SET_ASIDE;
        if (status == HF_OK) {
            store->failure = SQLITE_OK;
            status = hf_journal_apply(store, &record, NULL);
            hf_journal_free(&record);
            if (status != HF_OK && hf_store_failure_may_pass(store))
                return TRY_AGAIN;
            *stored += status == HF_OK;
        }
        damaged |= status != HF_OK;
        bytes += used;
        size -= used;
    }
    return damaged ? SET_ASIDE : REPLAYED;
}

#define ASIDE ".damaged"

static bool recover_run(void *user, const char *key)
{
    hf_store *store = user;
    hf_run_journal *file = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    uint32_t stored = 0;
    if (hf_run_journal_lock(store->path, key, &file, NULL) != HF_OK)
        return true; /* another process recovers it */
    replay_end end = hf_run_journal_read(file, &bytes, &size, NULL) == HF_OK
                         ? replay(store, bytes, size, &stored)
                         : SET_ASIDE;
    free(bytes);
    const char *path = hf_run_journal_path(file);
    if (end == SET_ASIDE)
        snprintf(store->note, sizeof store->note,
                 "some records of run %.20s in %.120s could not be stored; the journal is kept as *" ASIDE,
                 key, path);
    else if (end == TRY_AGAIN)
        snprintf(store->note, sizeof store->note, "%.120s is not stored yet: the store cannot be written now",
                 path);
    else if (stored)
        snprintf(store->note, sizeof store->note,
                 "%u record%s that run %.20s could not write before it ended %s now in the store", stored,
                 stored == 1 ? "" : "s", key, stored == 1 ? "is" : "are");
    if (end == SET_ASIDE)
        hf_run_journal_set_aside(file, ASIDE);
    else
        hf_run_journal_release(file, end != REPLAYED);
    return true;
}

hf_status hf_store_recover(hf_store *store, hf_error *err)
{
    /* The runs first: their journals show which ones are dead. */
    hf_status status = close_dead_runs(store, err);
    if (status == HF_OK)
        hf_run_journal_each_free(store->path, recover_run, store);
    return status;
}
