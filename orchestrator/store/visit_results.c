/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a run one result at a time. */
#include <stdlib.h>

#include "load_report.h"

/* Factors that one run may have; a file that was edited by hand could have any number. */
#define FACTORS_MOST 1000

typedef struct visit {
    const hf_results_visitor *visitor;
    hf_report report; /* without results */
    hf_results_head head;
    char **factors;
    size_t factor_count;
    hf_sql attempts;
} visit;

static hf_status load_factor_names(hf_store *store, visit *self, hf_error *err)
{
    hf_sql query = hf_sql_start(store, "reading the names of factors",
                                "SELECT factors.name FROM results JOIN factors ON result_id = results.id"
                                " WHERE run_id = ? GROUP BY factors.name"
                                " ORDER BY min(results.position), min(factors.position)",
                                "i", self->report.run.id);
    while (hf_sql_row(&query)) {
        char **name =
            hf_query_append(&query, (void **)&self->factors, self->factor_count, sizeof *self->factors);
        if (!name)
            break;
        self->factor_count++;
        *name = hf_sql_needed_text(&query, 0);
        if (self->factor_count > FACTORS_MOST)
            hf_sql_complain(&query, 0, "belongs to too many factors");
    }
    return hf_sql_done(&query, err);
}

static hf_status load_head(hf_store *store, int64_t run_id, visit *self, int64_t offset, hf_error *err)
{
    hf_report *report = &self->report;
    hf_status status = hf_store_load_run(store, run_id, &report->run, err);
    if (status == HF_OK)
        status = hf_load_boards(store, report, err);
    if (status == HF_OK)
        status = hf_load_failures(store, report, err);
    if (status == HF_OK)
        status = load_factor_names(store, self, err);
    const hf_run_row *run = &report->run;
    self->head = (hf_results_head){.report = report,
                                   .factors = (const char *const *)self->factors,
                                   .factor_count = self->factor_count,
                                   .offset = (size_t)offset,
                                   .total = (size_t)run->measured + (size_t)run->failed +
                                            (size_t)run->not_run + (size_t)run->pruned};
    return status;
}

/* The attempts of a result. @param pointers to them, one after the other */
static void load_attempts(visit *self, int64_t result_id, hf_attempt_row **rows, size_t *count)
{
    hf_sql_again(&self->attempts, "i", result_id);
    while (hf_sql_row(&self->attempts)) {
        hf_attempt_row *row = hf_query_append(&self->attempts, (void **)rows, *count, sizeof *row);
        if (!row)
            break;
        ++*count;
        (void)hf_read_attempt(&self->attempts, true, row);
    }
}

static hf_status visit_one(visit *self, const hf_result_row *row, int64_t result_id, bool is_first,
                           hf_error *err)
{
    hf_attempt_row *rows = NULL;
    hf_results_item item = {.row = row, .is_first = is_first};
    if (self->visitor->parts & HF_PART_ATTEMPTS)
        load_attempts(self, result_id, &rows, &item.attempt_count);
    const hf_attempt_row **attempts = calloc(item.attempt_count + 1, sizeof(const hf_attempt_row *));
    hf_status status = attempts ? HF_OK : HF_FAIL(err, HF_ENOMEM, "no memory for a result");
    for (size_t i = 0; attempts && i < item.attempt_count; i++)
        attempts[i] = &rows[i];
    item.attempts = attempts;
    if (status == HF_OK && !self->attempts.failed)
        status = self->visitor->item(self->visitor->user, &self->head, &item, err);
    free(attempts);
    hf_rows_free(&hf_attempt_row_type, rows, item.attempt_count);
    return status;
}

static hf_status visit_all(hf_store *store, visit *self, const hf_result_range *range, hf_error *err)
{
    hf_result_cursor cursor =
        hf_result_cursor_start(store, self->report.run.id, self->visitor->parts, range ? range->offset : 0,
                               range && range->most ? range->most : -1);
    hf_status status = HF_OK;
    self->attempts = hf_start_attempts_of_result(store);
    for (bool is_first = true, more = true; more && status == HF_OK; is_first = false) {
        hf_result_row row = {0};
        int64_t result_id;
        more = hf_result_cursor_next(&cursor, &row, &result_id);
        if (more)
            status = visit_one(self, &row, result_id, is_first, err);
        hf_row_clear(&hf_result_row_type, &row);
        more = more && !self->attempts.failed;
    }
    hf_status of_cursor = hf_result_cursor_end(&cursor, status == HF_OK ? err : NULL);
    status = status == HF_OK ? of_cursor : status;
    hf_status of_attempts = hf_sql_done(&self->attempts, status == HF_OK ? err : NULL);
    return status == HF_OK ? of_attempts : status;
}

hf_status hf_store_visit_results(hf_store *store, int64_t run_id, const hf_result_range *range,
                                 const hf_results_visitor *visitor, hf_error *err)
{
    visit self = {.visitor = visitor};
    if (store->hung)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ESTORE, "store %s: a write to it hangs", store->path);
    hf_status status = hf_sql_exec(store, "BEGIN", "reading a run", err);
    if (status != HF_OK)
        return status;
    status = load_head(store, run_id, &self, range ? range->offset : 0, err);
    if (status == HF_OK)
        status = visitor->begin(visitor->user, &self.head, err);
    if (status == HF_OK)
        status = visit_all(store, &self, range, err);
    if (status == HF_OK)
        status = visitor->end(visitor->user, &self.head, err);
    sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
    for (size_t i = 0; i < self.factor_count; i++)
        free(self.factors[i]);
    free(self.factors);
    hf_report_free(&self.report);
    return status;
}
