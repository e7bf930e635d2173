/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_STORE_STORE_HANDLE_H
#define HF_STORE_STORE_HANDLE_H

#include <sqlite3.h>
#include <stdbool.h>

#include "run_journal.h"
#include "store/store.h"

/**
 * @file store_handle.h
 * What a store's handle holds.
 */

struct hf_store {
    sqlite3 *db;
    char *path;
    int failure; /**< SQLite result code of the last failure; SQLITE_OK = none yet */
    hf_run_journal
        *run_file;  /**< of the run this handle has begun or resumed, until it is finished; else NULL */
    bool hung;      /**< a thread is stuck in a write: the handle must not be touched any more */
    char note[256]; /**< what opening it found to be told; "" = nothing */
};

#endif
