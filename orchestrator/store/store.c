/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "sql.h"

/* Another hilfarm may be writing: attempts are short, so this is ample. */
#define BUSY_TIMEOUT_MS 10000
#define LOCK_POLL_MS    2

void hf_store_close(hf_store *store)
{
    if (!store)
        return;
    sqlite3_close(store->db);
    free(store->path);
    free(store);
}

/* @param name what SQLite is to open: the path, or a URI of it */
static hf_status open_file(const char *name, const char *path, int flags, hf_store **out, hf_error *err)
{
    struct stat info;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ESTORE, "store %s: is not a file but a %s", path,
                          S_ISDIR(info.st_mode) ? "folder" : "special file");
    hf_store *store = calloc(1, sizeof *store);
    if (store)
        store->path = strdup(path);
    if (!store || !store->path) {
        hf_store_close(store);
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to open the store %s", path);
    }
    if (sqlite3_open_v2(name, &store->db, flags | SQLITE_OPEN_EXRESCODE, NULL) != SQLITE_OK) {
        hf_status status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ESTORE, "store %s: opening it: %s", path,
                                      store->db ? sqlite3_errmsg(store->db) : "out of memory");
        hf_store_close(store);
        return status;
    }
    sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
    *out = store;
    /* A schema that somebody has tampered with must not run code of its own (SQLite documentation, "Defense
     * Against The Dark Arts"). */
    return hf_sql_exec(store,
                       "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON",
                       "opening it", err);
}

static hf_status make_folder(const char *path, hf_error *err)
{
    char *copy = strdup(path);
    if (!copy)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to open the store %s", path);
    hf_status status = hf_make_dirs(dirname(copy), err);
    hf_error_context(err, HF_FAULT_FARM, "store %s", path);
    free(copy);
    return status;
}

/* The record of a run begins its host text with the node's name (uname -n). */
static bool is_dead_here(const char *host, int64_t pid)
{
    struct utsname here;
    uname(&here);
    size_t length = strlen(here.nodename);
    if (strncmp(host, here.nodename, length) != 0 || host[length] != ' ')
        return false;
    return pid <= 0 || (kill((pid_t)pid, 0) < 0 && errno == ESRCH);
}

/* Runs whose process died before it could say so. */
static hf_status close_dead_runs(hf_store *store, hf_error *err)
{
    static const char doing[] = "closing runs that died";
    hf_sql query = hf_sql_start(store, doing, "SELECT id, host, pid FROM runs WHERE state = 'running'", "");
    hf_status status = HF_OK;
    while (status == HF_OK && hf_sql_row(&query)) {
        const char *host = (const char *)sqlite3_column_text(query.statement, 1);
        if (host && is_dead_here(host, hf_sql_int(&query, 2, INT64_MIN, INT64_MAX))) {
            /* When it was last heard of; how long it ran is not known. */
            hf_sql update =
                hf_sql_start(store, doing,
                             "UPDATE runs SET state = 'interrupted', finished_ms = coalesce((SELECT "
                             "max(attempts.started_ms"
                             " + duration_ns / 1000000) FROM attempts JOIN results ON results.id = result_id"
                             " WHERE run_id = runs.id), started_ms) WHERE id = ?",
                             "i", hf_sql_int(&query, 0, 0, INT64_MAX));
            hf_sql_step(&update);
            status = hf_sql_done(&update, err);
        }
    }
    hf_status done = hf_sql_done(&query, err);
    return status != HF_OK ? status : done;
}

/*
 * Two processes that make the same file at once would trip over each other while it changes from a rollback
 * journal to WAL, where SQLite's busy handler does not help: whoever opens a store for writing holds a lock
 * on its folder meanwhile. Where folders cannot be locked, SQLite's own locking has to do.
 * @return what to close() to give the lock back; -1 = not locked, which is no failure
 */
static int lock_folder(const char *path)
{
    char *copy = strdup(path);
    int folder = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    free(copy);
    hf_deadline deadline = hf_deadline_in_ms(BUSY_TIMEOUT_MS);
    while (folder >= 0 && flock(folder, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EINTR && (errno != EWOULDBLOCK || hf_deadline_passed(deadline))) {
            close(folder);
            return -1;
        }
        poll(NULL, 0, LOCK_POLL_MS);
    }
    return folder;
}

static hf_status open_for_writing(const char *path, hf_store **out, hf_error *err)
{
    hf_store *store = NULL;
    hf_status status = open_file(path, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &store, err);
    /* Before anything is changed: WAL mode is written into the file. */
    if (status == HF_OK)
        status = hf_schema_identify(store, err);
    /* FULL: a night's results must survive a power cut, and an attempt takes seconds anyway. */
    if (status == HF_OK)
        status =
            hf_sql_exec(store, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", "opening it", err);
    if (status == HF_OK)
        status = hf_schema_migrate(store, err);
    if (status == HF_OK)
        status = close_dead_runs(store, err);
    if (status == HF_OK)
        *out = store;
    else
        hf_store_close(store);
    return status;
}

/*
 * A WAL database needs its -shm file even to be read, which a folder that cannot be written (an archive,
 * another user's results) does not allow. Where nothing is left in a -wal file either, nothing can change
 * under the reader, and SQLite may be told so.
 */
static hf_status open_immutable(const char *path, hf_store **out, hf_error *err)
{
    hf_buffer uri = HF_BUFFER_INIT;
    hf_buffer_puts(&uri, path[0] == '/' ? "file://" : "file:");
    for (const char *at = path; *at; at++) {
        if (isalnum((unsigned char)*at) || strchr("/._-", *at))
            hf_buffer_putc(&uri, *at);
        else
            hf_buffer_printf(&uri, "%%%02x", (unsigned char)*at);
    }
    hf_buffer_puts(&uri, "?immutable=1");
    hf_status status =
        uri.failed ? HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to open %s", path)
                   : open_file(hf_buffer_text(&uri), path, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, out, err);
    hf_buffer_free(&uri);
    return status;
}

static bool has_wal(const char *path)
{
    hf_buffer wal = HF_BUFFER_INIT;
    hf_buffer_printf(&wal, "%s-wal", path);
    bool has = wal.failed || access(hf_buffer_text(&wal), F_OK) == 0;
    hf_buffer_free(&wal);
    return has;
}

hf_status hf_store_open(const char *path, hf_store **out, hf_error *err)
{
    hf_status status = make_folder(path, err);
    if (status != HF_OK)
        return status;
    int lock = lock_folder(path);
    status = open_for_writing(path, out, err);
    if (lock >= 0)
        close(lock);
    return status;
}

hf_status hf_store_open_readonly(const char *path, hf_store **out, hf_error *err)
{
    if (access(path, F_OK) < 0 && errno == ENOENT)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOTFOUND, "there is no store %s: no run has been made yet",
                          path);
    hf_store *store = NULL;
    hf_error first = {0};
    bool wal = has_wal(path);
    hf_status status = open_file(path, path, SQLITE_OPEN_READONLY, &store, &first);
    if (status == HF_OK)
        status = hf_schema_check(store, &first);
    int code = store ? store->failure & 0xff : SQLITE_OK;
    if (status != HF_OK && !wal && (code == SQLITE_CANTOPEN || code == SQLITE_READONLY)) {
        hf_store_close(store);
        store = NULL;
        hf_error_clear(&first);
        status = open_immutable(path, &store, &first);
        if (status == HF_OK)
            status = hf_schema_check(store, &first);
    }
    if (status == HF_OK)
        *out = store;
    else
        hf_store_close(store);
    if (status != HF_OK && err && err->status == HF_OK)
        *err = first;
    return status;
}
