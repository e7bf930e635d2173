/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_STORE_HANDLE_H
#define HF_STORE_STORE_HANDLE_H

#include <sqlite3.h>
#include <stdbool.h>

#include "run_journal.h"
#include "store/store.h"

/**
 * @file store_handle.h
 * The handle of a store.
 */

struct hf_store {
    sqlite3 *db;
    char *path;
    int failure; /**< SQLite result code of the last failure; SQLITE_OK = none yet */
    /** of the run that this handle started or resumed, until it is finished; otherwise NULL */
    hf_run_journal *run_file;
    bool grouped;   /**< between hf_store_begin_group() and hf_store_end_group() */
    bool begun;     /**< the group begins or resumes the run of `run_file` */
    bool ended;     /**< the group ends the run of `run_file` */
    bool hung;      /**< a thread hangs in a write: the handle must not be used */
    char note[256]; /**< for the user, about what opening the store found; "" = none */
};

/**
 * Opens a store for reading, without recovering what dead runs left.
 * @param check hf_schema_identify() or hf_schema_check(), on the open store
 * @return HF_ENOTFOUND if there is no such file
 */
hf_status hf_store_open_unchanged(const char *path, hf_status (*check)(hf_store *store, hf_error *err),
                                  hf_store **out, hf_error *err);

#endif
