/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_STORE_ACCESS_H
#define HF_CLI_STORE_ACCESS_H

#include "exit_status.h"
#include "report/rows.h"
#include "store/store.h"

/**
 * @file store_access.h
 * Opening the store and reading runs from it. What the store has to report when it is opened (results that
 * were recovered) goes to stderr.
 */

/** For a run; creates the store if needed. Prints failures. */
hf_exit hf_cli_open_store(const char *path, hf_store **store);

/** For a change; a store that does not exist is a failure, which is printed. */
hf_exit hf_cli_open_existing_store(const char *path, hf_store **store);

/** For reading, as hf_store_open_readonly(): HF_ENOTFOUND if there is no store. */
hf_status hf_cli_open_store_readonly(const char *path, hf_store **store, hf_error *err);

/**
 * Reads a run from the store; prints failures.
 * @param run number, key or name; NULL = the latest
 * @param parts as for hf_store_load_parts()
 */
hf_exit hf_cli_load_report(const char *store_path, const char *run, unsigned parts, hf_report *report);
/** Opens a store for reading and finds a run; prints failures. @param run_id 0 = the newest @param store NULL after a failure */
hf_exit hf_cli_open_run(const char *store_path, const char *run, hf_store **store, int64_t *run_id);

#endif
