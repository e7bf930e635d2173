/* SPDX-License-Identifier: Apache-2.0 */
/* Loads a whole run for the reports. */
#include <stdio.h>

#include "load_report.h"
#include "store/history.h"

#define HERTZ_MOST INT64_C(1000000000000)

hf_status hf_store_load_run(hf_store *store, int64_t run_id, hf_run_row *out, hf_error *err)
{
    char text[HF_RUN_QUERY_SIZE];
    snprintf(text, sizeof text, "%s%s", hf_run_columns, run_id ? "WHERE id = ?" : "ORDER BY id DESC LIMIT 1");
    hf_sql query = hf_sql_start(store, "reading a run", text, run_id ? "i" : "", run_id);
    hf_run_row run = {0};
    bool found = hf_sql_row(&query);
    if (found)
        hf_query_run(&query, &run);
    hf_status status = hf_sql_done(&query, err);
    if (status == HF_OK && !found && run_id)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOTFOUND, "store %s has no run %lld", store->path,
                            (long long)run_id);
    else if (status == HF_OK && !found)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOTFOUND, "store %s has no run yet", store->path);
    if (status == HF_OK)
        *out = run;
    else
        hf_row_clear(&hf_run_row_type, &run);
    return status;
}

hf_status hf_load_boards(hf_store *store, hf_report *report, hf_error *err)
{
    hf_sql query = hf_sql_start(store, "reading boards",
                                "SELECT name, chip, core, modelled, clock_hz FROM run_boards"
                                " JOIN boards ON boards.id = board_id WHERE run_id = ? ORDER BY name",
                                "i", report->run.id);
    while (hf_sql_row(&query)) {
        hf_board_row *row =
            hf_query_append(&query, (void **)&report->boards, report->board_count, sizeof *row);
        if (!row)
            break;
        report->board_count++;
        int at = 0;
        row->id = hf_sql_needed_text(&query, at++);
        row->chip = hf_sql_needed_text(&query, at++);
        row->core = hf_sql_needed_text(&query, at++);
        row->modelled = hf_sql_int(&query, at++, 0, 1) != 0;
        row->clock_hz = hf_sql_int(&query, at++, 0, HERTZ_MOST);
    }
    return hf_sql_done(&query, err);
}

hf_status hf_store_load_report(hf_store *store, int64_t run_id, hf_report *out, hf_error *err)
{
    return hf_store_load_parts(store, run_id, HF_PARTS_ALL, out, err);
}

hf_status hf_store_load_parts(hf_store *store, int64_t run_id, unsigned parts, hf_report *out, hf_error *err)
{
    hf_report report = {0};
    if (store->hung)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ESTORE, "store %s: a write to it hangs", store->path);
    /* One transaction, for a consistent view of a run that is in progress elsewhere. */
    hf_status status = hf_sql_exec(store, "BEGIN", "reading a run", err);
    if (status != HF_OK)
        return status;
    status = hf_store_load_run(store, run_id, &report.run, err);
    if (status == HF_OK)
        status = hf_load_boards(store, &report, err);
    if (status == HF_OK)
        status = hf_load_results(store, parts, &report, err);
    if (status == HF_OK)
        status = hf_load_attempts(store, (parts & HF_PART_ATTEMPTS) != 0, &report, err);
    if (status == HF_OK)
        status = hf_load_failures(store, &report, err);
    sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
    if (status == HF_OK)
        *out = report;
    else
        hf_report_free(&report);
    return status;
}
