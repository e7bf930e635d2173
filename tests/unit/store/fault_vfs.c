/* SPDX-License-Identifier: Apache-2.0 */
#include "fault_vfs.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

/* SQLite's default VFS gives every open file a table of methods; ours is a copy with some replaced. */
typedef struct replaced_methods {
    const sqlite3_io_methods *original;
    sqlite3_io_methods methods;
} replaced_methods;

#define KINDS_OF_FILE 4
static replaced_methods replaced[KINDS_OF_FILE];
static sqlite3_vfs *real_vfs;
static sqlite3_vfs fault_vfs;
/* Armed by one thread, triggered in another. */
static _Atomic fault_kind armed_kind;
static _Atomic int armed_at;
static _Atomic int changes;
static _Atomic int unsynced;
static _Atomic int syncs;

void fault_vfs_arm(fault_kind kind, int at)
{
    armed_kind = kind;
    armed_at = at;
    changes = 0;
    unsynced = 0;
    syncs = 0;
}

int fault_vfs_unsynced(void)
{
    return unsynced;
}

int fault_vfs_syncs(void)
{
    return syncs;
}

int fault_vfs_count(void)
{
    return changes;
}

static const sqlite3_io_methods *original_of(const sqlite3_file *file)
{
    for (int i = 0; i < KINDS_OF_FILE; i++)
        if (file->pMethods == &replaced[i].methods)
            return replaced[i].original;
    abort();
}

static void die(void)
{
    raise(SIGKILL);
    abort();
}

/* Counts a change; returns the result code it fails with. */
static int next_change(bool torn_here)
{
    changes++;
    if (changes == armed_at && (armed_kind == FAULT_KILL || (armed_kind == FAULT_KILL_TORN && !torn_here)))
        die();
    while (changes == armed_at && armed_kind == FAULT_HANG)
        pause();
    if (changes >= armed_at && armed_kind == FAULT_FULL)
        return SQLITE_FULL;
    if (changes == armed_at && armed_kind == FAULT_IO_ONCE)
        return SQLITE_IOERR_WRITE;
    return SQLITE_OK;
}

static int fault_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 offset)
{
    const sqlite3_io_methods *original = original_of(file);
    int failure = next_change(true);
    if (failure != SQLITE_OK)
        return failure;
    if (armed_kind == FAULT_KILL_TORN && changes == armed_at) {
        original->xWrite(file, bytes, size / 2, offset);
        die();
    }
    unsynced++;
    return original->xWrite(file, bytes, size, offset);
}

static int fault_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int failure = next_change(false);
    return failure != SQLITE_OK ? failure : original_of(file)->xTruncate(file, size);
}

static int fault_sync(sqlite3_file *file, int flags)
{
    int failure = next_change(false);
    unsynced = 0;
    syncs++;
    return failure != SQLITE_OK ? failure : original_of(file)->xSync(file, flags);
}

static int fault_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *out_flags)
{
    (void)vfs;
    int result = real_vfs->xOpen(real_vfs, name, file, flags, out_flags);
    for (int i = 0; file->pMethods && i < KINDS_OF_FILE; i++) {
        if (!replaced[i].original) {
            replaced[i].original = file->pMethods;
            replaced[i].methods = *file->pMethods;
            replaced[i].methods.xWrite = fault_write;
            replaced[i].methods.xTruncate = fault_truncate;
            replaced[i].methods.xSync = fault_sync;
        }
        if (replaced[i].original == file->pMethods) {
            file->pMethods = &replaced[i].methods;
            return result;
        }
    }
    if (file->pMethods)
        abort(); /* more kinds of file than we have room for */
    return result;
}

static int fault_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
    (void)vfs;
    int failure = next_change(false);
    return failure != SQLITE_OK ? failure : real_vfs->xDelete(real_vfs, name, sync_folder);
}

void fault_vfs_install(void)
{
    if (real_vfs)
        return;
    real_vfs = sqlite3_vfs_find(NULL);
    if (!real_vfs)
        abort();
    fault_vfs = *real_vfs;
    fault_vfs.pNext = NULL;
    fault_vfs.zName = "fault";
    fault_vfs.xOpen = fault_open;
    fault_vfs.xDelete = fault_delete;
    if (sqlite3_vfs_register(&fault_vfs, 1) != SQLITE_OK)
        abort();
}
