/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_CRASH_RECOVERY_H
#define HF_STORE_CRASH_RECOVERY_H

#include "sql_statement.h"

/**
 * @file crash_recovery.h
 * What is done about runs whose process is gone.
 */

/**
 * Writes what their files hold into the store, each record once whatever was written before, removes the
 * files, and makes the runs interrupted. A file that is damaged, or that the store does not take, is set
 * aside under another name, and the store's note says so. A failure that may pass (locked, disk full) leaves
 * the file for the next time and is no failure of the call.
 */
hf_status hf_store_recover(hf_store *store, hf_error *err);

/**
 * Whether a run in state running has no process any more, as far as can be told from here.
 * @param key, host, pid as in its row
 */
bool hf_run_is_dead(const hf_store *store, const char *key, const char *host, int64_t pid);

/** Whether the store's last failure may pass by itself: it is locked, the disk is full, the file system ails.
 */
bool hf_store_failure_may_pass(const hf_store *store);

#endif
