/* SPDX-License-Identifier: Apache-2.0 */
/* Gives unused pages of the file back to the disk. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/clock.h"
#include "sql_statement.h"
#include "store/retention.h"

#define PAGES_AT_A_TIME "2000"
/* Between two looks at the clock: less than a millisecond of SQLite's virtual machine. */
#define STEPS_AT_A_TIME 1000

enum { AUTO_VACUUM_NONE, AUTO_VACUUM_FULL, AUTO_VACUUM_INCREMENTAL };

static const char doing[] = "shrinking the file";

static int64_t file_bytes(const char *path, const char *ending)
{
    char *name = NULL;
    struct stat info = {0};
    if (asprintf(&name, "%s%s", path, ending) < 0 || stat(name, &info) < 0)
        info.st_size = 0;
    free(name);
    return info.st_size;
}

static int64_t store_bytes(const hf_store *store)
{
    return file_bytes(store->path, "") + file_bytes(store->path, "-wal");
}

static hf_status read_number(hf_store *store, const char *text, int64_t *out, hf_error *err)
{
    hf_sql query = hf_sql_start(store, doing, text, "");
    return hf_sql_number(&query, out, "a property of the file", err);
}

static int64_t unused_bytes(hf_store *store)
{
    int64_t pages = 0, size = 0;
    return read_number(store, "PRAGMA freelist_count", &pages, NULL) == HF_OK &&
                   read_number(store, "PRAGMA page_size", &size, NULL) == HF_OK
               ? pages * size
               : 0;
}

/* A few pages at a time, so that others can write in between. */
static hf_status shrink_gradually(hf_store *store, hf_deadline deadline, hf_error *err)
{
    hf_status status = HF_OK;
    while (status == HF_OK && unused_bytes(store) > 0 && !hf_deadline_passed(deadline))
        status = hf_sql_exec(store, "PRAGMA incremental_vacuum(" PAGES_AT_A_TIME ")", doing, err);
    return status;
}

static int interrupt_at_deadline(void *deadline)
{
    return hf_deadline_passed(*(const hf_deadline *)deadline);
}

static int64_t free_bytes(const char *path)
{
    struct statvfs info;
    return statvfs(path, &info) == 0 ? (int64_t)info.f_bavail * (int64_t)info.f_frsize : INT64_MAX;
}

static const char *temporary_folder(void)
{
    const char *folder = getenv("SQLITE_TMPDIR");
    folder = folder && *folder ? folder : getenv("TMPDIR");
    return folder && *folder ? folder : "/var/tmp";
}

/* Rewrites the file: first a copy in the temporary folder, then as much in the -wal file. */
static hf_status rewrite(hf_store *store, hf_deadline deadline, hf_shrunk *out, hf_error *err)
{
    int64_t running = 0;
    hf_status status = read_number(store, "SELECT count(*) FROM runs WHERE state = 'running'", &running, err);
    if (status != HF_OK)
        return status;
    out->needed_bytes = 2 * out->before_bytes;
    if (running)
        out->end = HF_SHRINK_BUSY;
    else if (free_bytes(store->path) < out->needed_bytes ||
             free_bytes(temporary_folder()) < out->before_bytes)
        out->end = HF_SHRINK_NO_SPACE;
    if (out->end != HF_SHRINK_DONE)
        return HF_OK;
    sqlite3_progress_handler(store->db, STEPS_AT_A_TIME, interrupt_at_deadline, &deadline);
    status = hf_sql_exec(store, "PRAGMA auto_vacuum = INCREMENTAL; VACUUM", doing, err);
    sqlite3_progress_handler(store->db, 0, NULL, NULL);
    if (status == HF_OK || (store->failure & 0xff) != SQLITE_INTERRUPT)
        return status;
    if (err)
        hf_error_clear(err);
    out->end = HF_SHRINK_TIME_OUT;
    return HF_OK;
}

hf_status hf_store_shrink(hf_store *store, uint32_t patience_ms, hf_shrunk *out, hf_error *err)
{
    const hf_deadline deadline = hf_deadline_in_ms(patience_ms);
    int64_t mode = AUTO_VACUUM_NONE;
    *out = (hf_shrunk){.before_bytes = store_bytes(store)};
    hf_status status = read_number(store, "PRAGMA auto_vacuum", &mode, err);
    if (status == HF_OK && mode == AUTO_VACUUM_INCREMENTAL)
        status = shrink_gradually(store, deadline, err);
    else if (status == HF_OK && unused_bytes(store) > 0)
        status = rewrite(store, deadline, out, err);
    if (status != HF_OK)
        return status;
    /* The file itself shrinks when the -wal file is copied to it. Not if others are reading; then one of them does it. */
    sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    out->after_bytes = store_bytes(store);
    out->unused_bytes = unused_bytes(store);
    if (out->unused_bytes > 0 && out->end == HF_SHRINK_DONE)
        out->end = HF_SHRINK_TIME_OUT;
    return HF_OK;
}
