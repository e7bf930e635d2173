/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_STORE_FIXTURE_H
#define HF_TEST_STORE_FIXTURE_H

#include "hf_test.h"

#include <sqlite3.h>

#include "store/store.h"

/** cmocka set-up and tear-down: *state is the path of a new folder, removed again with all in it. */
int fixture_folder_make(void **state);
int fixture_folder_remove(void **state);

/** "<folder>/<name>"; static storage, overwritten by the fourth call from then. */
const char *fixture_path(void **state, const char *name);

/** Fails the test with the error's text unless status is HF_OK. */
#define assert_ok(status, err)                                                                               \
    do {                                                                                                     \
        hf_status assert_ok_status = (status);                                                               \
        if (assert_ok_status != HF_OK)                                                                       \
            fail_msg("%s: %s", hf_status_name(assert_ok_status), (err)->message);                            \
    } while (0)

/** Runs SQL on a file, past the store. */
void fixture_sql(const char *path, const char *sql);
/** The one integer a query answers. */
int64_t fixture_number(const char *path, const char *sql);
/** PRAGMA integrity_check and foreign_key_check find nothing. */
void fixture_check_integrity(const char *path);

/** Records all of a report in the order in which the farm does it. */
hf_status fixture_record(hf_store *store, const hf_report *report, int64_t *run_id, hf_error *err);

#endif
