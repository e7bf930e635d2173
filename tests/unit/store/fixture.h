/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_STORE_FIXTURE_H
#define HF_TEST_STORE_FIXTURE_H

#include "hf_test.h"

#include <sqlite3.h>

#include "store/store.h"

/** cmocka set-up and tear-down: *state is the path of a new folder, deleted with its contents. */
int fixture_folder_make(void **state);
int fixture_folder_remove(void **state);

/** "<folder>/<name>"; static storage, overwritten by the fourth call after this. */
const char *fixture_path(void **state, const char *name);

/** Fails the test with the error's text unless status is HF_OK. */
#define assert_ok(status, err)                                                                               \
    do {                                                                                                     \
        hf_status assert_ok_status = (status);                                                               \
        if (assert_ok_status != HF_OK)                                                                       \
            fail_msg("%s: %s", hf_status_name(assert_ok_status), (err)->message);                            \
    } while (0)

/** Executes SQL on a file, bypassing the store. */
void fixture_sql(const char *path, const char *sql);
/** The integer that a query returns. */
int64_t fixture_number(const char *path, const char *sql);
/** PRAGMA integrity_check and foreign_key_check find nothing. */
void fixture_check_integrity(const char *path);

/** Begins a run with a new key, whatever the row's key is. */
hf_status fixture_begin_run(hf_store *store, const hf_run_row *run, int64_t *run_id, hf_error *err);
/** Records a whole report in the order of the farm. */
hf_status fixture_record(hf_store *store, const hf_report *report, int64_t *run_id, hf_error *err);

#endif
