/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_RUN_JOURNAL_H
#define HF_STORE_RUN_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/**
 * @file run_journal.h
 * The journal of a run, the file "<store>.run-<key>". It exists from before the run's row is written until the whole run
 * is in the store. It has two purposes:
 *
 * - It shows whether the run is alive: its process holds a lock on the file (an open file description lock, fcntl(2)),
 *   which the kernel releases when the process ends.
 * - It holds the records that the store did not accept (SCHEMA.md, "When the store cannot be written").
 *
 * Space is reserved on the disk when the file is created, so that it can grow on a full disk.
 */

typedef struct hf_run_journal hf_run_journal;

/** Maximum length of a run's key. */
#define HF_RUN_KEY_MOST 64

/**
 * Creates the journal of a new run, or opens that of a resumed run, and locks it.
 * @param store_path, key determine its path
 * @return HF_OK; HF_EBUSY: another process executes the run; HF_EIO; HF_ENOMEM
 */
hf_status hf_run_journal_lock(const char *store_path, const char *key, hf_run_journal **out, hf_error *err);
/** Unlocks and closes it; deletes the file unless `keep` is set. NULL allowed. */
void hf_run_journal_release(hf_run_journal *file, bool keep);

/** Path of the journal, valid until it is released. */
const char *hf_run_journal_path(const hf_run_journal *file);
/** Size of its records in bytes. */
size_t hf_run_journal_bytes(const hf_run_journal *file);

/** Appends a record and syncs. After a failure the contents are unchanged. */
hf_status hf_run_journal_append(hf_run_journal *file, const void *record, size_t size_bytes, hf_error *err);
/** Deletes all records, after they have been stored. */
hf_status hf_run_journal_clear(hf_run_journal *file, hf_error *err);
/** Reads all records, concatenated. @param data freed by the caller */
hf_status hf_run_journal_read(hf_run_journal *file, uint8_t **data, size_t *size_bytes, hf_error *err);
/** Renames the file, so that it is no longer a journal, and releases it. */
void hf_run_journal_set_aside(hf_run_journal *file, const char *suffix);

typedef enum hf_run_journal_state {
    HF_RUN_JOURNAL_LOCKED,   /**< a process executes the run */
    HF_RUN_JOURNAL_UNLOCKED, /**< its process has died */
    HF_RUN_JOURNAL_MISSING,  /**< there is no such file */
    HF_RUN_JOURNAL_UNKNOWN,  /**< the file system does not support locks */
} hf_run_journal_state;

/** State of a journal; changes nothing. */
hf_run_journal_state hf_run_journal_probe(const char *store_path, const char *key);

/**
 * Calls `each` with the key of every unlocked journal of a store.
 * @param each returns false to stop
 */
void hf_run_journal_each_free(const char *store_path, bool (*each)(void *user, const char *key), void *user);

#endif
