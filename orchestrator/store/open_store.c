/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "crash_recovery.h"
#include "schema_migration.h"
#include "sql_statement.h"

/* Another hilfarm may be writing; its transactions are short. */
#define BUSY_TIMEOUT_MS 10000
#define READER_BUSY_MS  500
#define LOCK_POLL_MS    2

void hf_store_close(hf_store *store)
{
    if (!store)
        return;
    if (store->hung) /* a thread still uses it; the process is about to exit */
        return;
    hf_run_journal_release(store->run_file, true);
    sqlite3_close(store->db);
    free(store->path);
    free(store);
}

/* @param name what SQLite opens: the path, or its URI */
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
    /* A manipulated schema must not run code (SQLite documentation, "Defense
     * Against The Dark Arts"). The daemon has a handle per thread and per run: each gets a cache of 512 KiB instead of
     * 2 MB, which is enough for transactions of a few rows. */
    return hf_sql_exec(store,
                       "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; "
                       "PRAGMA cache_size = -512",
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

/*
 * Locks the store's folder while the store is opened for writing. Otherwise two processes that create the same file
 * could fail when it changes from a rollback journal to WAL, for which SQLite's busy handler does not wait. If folders
 * cannot be locked, SQLite's own locking must suffice.
 * @return file descriptor to close() to unlock; -1 = not locked, which is not an error
 */
static int lock_folder(const char *path, int busy_ms)
{
    char *copy = strdup(path);
    int folder = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    free(copy);
    hf_deadline deadline = hf_deadline_in_ms((uint64_t)busy_ms);
    while (folder >= 0 && flock(folder, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EINTR && (errno != EWOULDBLOCK || hf_deadline_passed(deadline))) {
            close(folder);
            return -1;
        }
        poll(NULL, 0, LOCK_POLL_MS);
    }
    return folder;
}

/* @param busy_ms how long to wait for others */
static hf_status open_for_writing(const char *path, int busy_ms, hf_store **out, hf_error *err)
{
    hf_store *store = NULL;
    hf_status status = open_file(path, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &store, err);
    if (status == HF_OK)
        sqlite3_busy_timeout(store->db, busy_ms);
    /* Before WAL mode changes the file. */
    if (status == HF_OK)
        status = hf_schema_identify(store, err);
    /* For a new file only: unused pages can be given back without rewriting it (store/retention.h). */
    if (status == HF_OK)
        status = hf_sql_exec(store, "PRAGMA auto_vacuum = INCREMENTAL", "opening it", err);
    /* FULL: results must survive a power cut, and an attempt takes seconds anyway. */
    if (status == HF_OK)
        status =
            hf_sql_exec(store, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", "opening it", err);
    if (status == HF_OK)
        status = hf_schema_migrate(store, err);
    if (status == HF_OK)
        status = hf_store_recover(store, err);
    if (status == HF_OK)
        *out = store;
    else
        hf_store_close(store);
    return status;
}

/*
 * Even a reader of a WAL database needs its -shm file, which cannot be created in a read-only folder (an archive, another
 * user's results). If there is no -wal file either, the database cannot change, so it is opened as immutable.
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

static hf_status open_alone(const char *path, int busy_ms, hf_store **out, hf_error *err)
{
    int lock = lock_folder(path, busy_ms);
    hf_status status = open_for_writing(path, busy_ms, out, err);
    if (lock >= 0)
        close(lock);
    return status;
}

hf_status hf_store_open(const char *path, hf_store **out, hf_error *err)
{
    hf_status status = make_folder(path, err);
    if (status == HF_OK)
        status = open_alone(path, BUSY_TIMEOUT_MS, out, err);
    if (status == HF_OK)
        sqlite3_busy_timeout((*out)->db, BUSY_TIMEOUT_MS);
    return status;
}

static bool found_one(void *user, const char *key)
{
    (void)key;
    *(bool *)user = true;
    return false;
}

/* Stores the journals of dead runs before reading, if the store can be written now. */
static void recover_for_reader(const char *path, char *note, size_t note_size)
{
    bool any = false;
    hf_run_journal_each_free(path, found_one, &any);
    hf_store *store = NULL;
    if (any && open_alone(path, READER_BUSY_MS, &store, NULL) == HF_OK)
        snprintf(note, note_size, "%s", store->note);
    hf_store_close(store);
}

hf_status hf_store_open_unchanged(const char *path, hf_status (*check)(hf_store *store, hf_error *err),
                                  hf_store **out, hf_error *err)
{
    if (access(path, F_OK) < 0 && errno == ENOENT)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOTFOUND, "there is no store %s: there has been no run yet",
                          path);
    hf_store *store = NULL;
    hf_error first = {0};
    bool wal = has_wal(path);
    hf_status status = open_file(path, path, SQLITE_OPEN_READONLY, &store, &first);
    if (status == HF_OK)
        status = check(store, &first);
    int code = store ? store->failure & 0xff : SQLITE_OK;
    if (status != HF_OK && !wal && (code == SQLITE_CANTOPEN || code == SQLITE_READONLY)) {
        hf_store_close(store);
        store = NULL;
        hf_error_clear(&first);
        status = open_immutable(path, &store, &first);
        if (status == HF_OK)
            status = check(store, &first);
    }
    if (status == HF_OK) {
        *out = store;
        return HF_OK;
    }
    hf_store_close(store);
    return hf_error_pass(err, &first);
}

hf_status hf_store_open_readonly(const char *path, hf_store **out, hf_error *err)
{
    char note[sizeof(*out)->note] = "";
    recover_for_reader(path, note, sizeof note);
    hf_store *store = NULL;
    hf_status status = hf_store_open_unchanged(path, hf_schema_check, &store, err);
    if (status != HF_OK || !store)
        return status;
    memcpy(store->note, note, sizeof note);
    *out = store;
    return HF_OK;
}

const char *hf_store_note(const hf_store *store)
{
    return store->note;
}
