/* SPDX-License-Identifier: Apache-2.0 */
#include "queue_rig.h"

const hf_write_queue_options rig_impatient = {.busy_ms = 5, .retry_ms = 5, .linger_ms = 1};

void rig_start(rig *self, const char *path, const hf_write_queue_options *options)
{
    hf_error err = {0};
    *self = (rig){.path = path};
    sample_small(&self->report);
    char node[256], host[300];
    assert_int_equal(gethostname(node, sizeof node), 0);
    snprintf(host, sizeof host, "%s Linux", node);
    free(self->report.run.host);
    self->report.run.host = strdup(host);
    assert_ok(hf_store_open(path, &self->store, &err), &err);
    assert_ok(fixture_begin_run(self->store, &self->report.run, &self->run_id, &err), &err);
    assert_ok(hf_store_add_board(self->store, self->run_id, &self->report.boards[0], &err), &err);
    assert_ok(hf_write_queue_start(self->store, self->run_id, options, &self->queue, &err), &err);
    hf_write_queue_add_result(self->queue, 0, &self->report.results[0]);
}

uint64_t rig_attempt(rig *self, int number, bool succeeds)
{
    hf_attempt_row row = self->report.attempts[succeeds ? 0 : 1];
    row.number = number;
    row.started_ms += number;
    return hf_write_queue_add_attempt(self->queue, 0, &row, succeeds ? &self->report.results[0] : NULL);
}

void rig_free(rig *self)
{
    hf_store_close(self->store);
    hf_report_free(&self->report);
}

sqlite3 *rig_lock_store(const char *path)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    return db;
}

void rig_assert_attempts(const char *path, int64_t count)
{
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM attempts"), count);
    assert_int_equal(fixture_number(path, "SELECT count(DISTINCT number) FROM attempts"), count);
    assert_int_equal(fixture_number(path, "SELECT count(*) FROM samples"),
                     2 * fixture_number(path, "SELECT count(*) FROM measurements"));
    fixture_check_integrity(path);
}
