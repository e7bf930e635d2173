/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_CRASH_RECOVERY_H
#define HF_STORE_CRASH_RECOVERY_H

#include "sql_statement.h"

/**
 * @file crash_recovery.h
 * Recovery of runs whose process has died.
 */

/**
 * Writes the records of their journals into the store, deletes the journals and marks the runs interrupted. A journal
 * that is damaged or rejected by the store is renamed, and the store's note says so. A temporary failure (locked, disk
 * full) leaves the journal for the next time and is not an error.
 */
hf_status hf_store_recover(hf_store *store, hf_error *err);

/**
 * Whether the process of a run in state running has died, as far as this host can tell.
 * @param key, host, pid as in its row
 */
bool hf_run_is_dead(const hf_store *store, const char *key, const char *host, int64_t pid);

/** Whether the store's last failure may be temporary: the store is locked, the disk is full, an I/O error. */
bool hf_store_failure_may_pass(const hf_store *store);

#endif
