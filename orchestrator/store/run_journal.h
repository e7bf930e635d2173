/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_RUN_JOURNAL_H
#define HF_STORE_RUN_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/**
 * @file run_journal.h
 * A run's own file beside the store, "<store>.run-<key>", there from before the run's row until all of the
 * run is in the store. It is two things:
 *
 * - A sign of life: the process that runs it holds a lock on it (an open file description lock, fcntl(2)),
 * which the kernel takes away when the process ends, however it ends.
 * - The journal of what could not be written into the store (SCHEMA.md, "When the store cannot be written").
 *
 * Some room is reserved on the disk when it is made, so that it can take records when the disk is full.
 */

typedef struct hf_run_journal hf_run_journal;

/** Longest key of a run; its row's key is checked against it. */
#define HF_RUN_KEY_MOST 64

/**
 * Makes the file of a new run, or opens that of one that is being resumed, and locks it.
 * @param store_path, key say where it lies
 * @return HF_OK; HF_EBUSY: another process runs it; HF_EIO; HF_ENOMEM
 */
hf_status hf_run_journal_lock(const char *store_path, const char *key, hf_run_journal **out, hf_error *err);
/** Lets go of it; the file is removed, with what it holds, unless `keep` is set. NULL allowed. */
void hf_run_journal_release(hf_run_journal *file, bool keep);

/** Its path, valid until it is released. */
const char *hf_run_journal_path(const hf_run_journal *file);
/** Bytes of records it holds. */
size_t hf_run_journal_bytes(const hf_run_journal *file);

/** Appends a record and syncs. After a failure the file holds what it held before. */
hf_status hf_run_journal_append(hf_run_journal *file, const void *record, size_t size_bytes, hf_error *err);
/** Forgets all records, once they are in the store. */
hf_status hf_run_journal_clear(hf_run_journal *file, hf_error *err);
/** All its records, one behind the other. @param data the caller's to free() */
hf_status hf_run_journal_read(hf_run_journal *file, uint8_t **data, size_t *size_bytes, hf_error *err);
/** Gives the file another name, under which nobody looks for it, and lets go of it. */
void hf_run_journal_set_aside(hf_run_journal *file, const char *suffix);

typedef enum hf_run_journal_state {
    HF_RUN_JOURNAL_LOCKED,   /**< a process runs it */
    HF_RUN_JOURNAL_UNLOCKED, /**< nobody does */
    HF_RUN_JOURNAL_MISSING,  /**< there is no such file */
    HF_RUN_JOURNAL_UNKNOWN,  /**< it lies where files cannot be locked */
} hf_run_journal_state;

/** Looks, and changes nothing. */
hf_run_journal_state hf_run_journal_probe(const char *store_path, const char *key);

/**
 * Calls `each` with the key of every run file of a store that nobody holds.
 * @param each returns false to end the walk
 */
void hf_run_journal_each_free(const char *store_path, bool (*each)(void *user, const char *key), void *user);

#endif
