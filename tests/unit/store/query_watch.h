/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_QUERY_WATCH_H
#define HF_TEST_QUERY_WATCH_H

#include <sqlite3.h>
#include <stdint.h>

#include "store/store.h"

/**
 * @file query_watch.h
 * What the statements of a store cost: the steps of SQLite's virtual machine, and their plans.
 */

typedef struct query_watch {
    sqlite3
        *planner; /**< another connection, which explains SELECT statements; NULL = plans are not looked at */
    const char
        *may_scan;  /**< " runs boards ": the tables, and intermediate results, that may be read as a whole */
    int statements; /**< SELECT statements that were explained */
    int64_t steps;  /**< of SQLite's virtual machine */
} query_watch;

/** Watches a handle until it is closed. A plan that reads a whole table, or builds an index of its own, fails the test. */
void query_watch_start(query_watch *self, hf_store *store);
/** Checks the plan of one statement. */
void query_watch_plan(const query_watch *self, const char *sql);

#endif
