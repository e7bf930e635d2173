/* SPDX-License-Identifier: Apache-2.0 */
#include "query_watch.h"

#include <stdio.h>
#include <string.h>

#include "hf_test.h"
#include "store_handle.h"

void query_watch_plan(const query_watch *self, const char *sql)
{
    char text[4096];
    sqlite3_stmt *plan = NULL;
    snprintf(text, sizeof text, "EXPLAIN QUERY PLAN %s", sql);
    if (sqlite3_prepare_v2(self->planner, text, -1, &plan, NULL) != SQLITE_OK)
        fail_msg("%s: in %s", sqlite3_errmsg(self->planner), text);
    while (sqlite3_step(plan) == SQLITE_ROW) {
        const char *detail = (const char *)sqlite3_column_text(plan, 3);
        char table[64] = "", wanted[80];
        if (sscanf(detail, "SCAN %60s", table) == 1 && table[0] != '(' && strcmp(table, "CONSTANT") != 0) {
            snprintf(wanted, sizeof wanted, " %s ", table);
            if (!strstr(self->may_scan, wanted))
                fail_msg("%s: in %s", detail, sql);
        }
        /* SQLite builds an index for this query alone if it misses one. */
        if (strstr(detail, "AUTOMATIC"))
            fail_msg("%s: in %s", detail, sql);
    }
    sqlite3_finalize(plan);
}

static int on_statement(unsigned type, void *user, void *statement, void *nanoseconds)
{
    query_watch *self = user;
    (void)nanoseconds;
    assert_int_equal(type, SQLITE_TRACE_PROFILE);
    const char *sql = sqlite3_sql(statement);
    self->steps += sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 1);
    if (!self->planner || (strncmp(sql, "SELECT", 6) != 0 && strncmp(sql, "WITH", 4) != 0))
        return 0;
    self->statements++;
    query_watch_plan(self, sql);
    return 0;
}

void query_watch_start(query_watch *self, hf_store *store)
{
    sqlite3_trace_v2(store->db, SQLITE_TRACE_PROFILE, on_statement, self);
}
