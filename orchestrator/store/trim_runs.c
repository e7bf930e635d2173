/* SPDX-License-Identifier: Apache-2.0 */
/* Deletes the details of old runs. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "load_report.h"
#include "report/latency_statistics.h"
#include "store/retention.h"

/* Results in one transaction: short enough for others, who wait for it. */
#define BATCH 100

static const char doing[] = "deleting details of old runs";

/* A run that is old enough. */
typedef struct candidate {
    int64_t id;
    char *name, *owner;
    bool tagged;
} candidate;

/* ---- Which runs ---- */

static void free_candidates(candidate *candidates, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(candidates[i].name);
        free(candidates[i].owner);
    }
    free(candidates);
}

/* Runs that ended before a time and were not trimmed since, oldest first. */
static hf_status list_candidates(hf_store *store, int64_t before_ms, candidate **out, size_t *count,
                                 hf_error *err)
{
    hf_sql query = hf_sql_start(
        store, doing,
        "SELECT id, name, EXISTS (SELECT 1 FROM run_tags WHERE run_id = runs.id), owner FROM runs"
        " WHERE state <> 'running' AND coalesce(finished_ms, started_ms) < ?"
        " AND (trimmed_ms IS NULL OR trimmed_ms < finished_ms) ORDER BY id",
        "i", before_ms);
    candidate *candidates = NULL;
    size_t used = 0;
    while (hf_sql_row(&query)) {
        candidate *one = hf_query_append(&query, (void **)&candidates, used, sizeof *one);
        if (!one)
            break;
        used++;
        one->id = hf_sql_int(&query, 0, 1, INT64_MAX);
        one->name = hf_sql_needed_text(&query, 1);
        one->tagged = hf_sql_int(&query, 2, 0, 1) != 0;
        one->owner = hf_sql_text(&query, 3);
    }
    hf_status status = hf_sql_done(&query, err);
    if (status == HF_OK) {
        *out = candidates;
        *count = used;
    } else {
        free_candidates(candidates, used);
    }
    return status;
}

/* ---- Counting ---- */

static hf_status count_rows(hf_store *store, const char *text, int64_t run_id, int64_t *rows, int64_t *bytes,
                            hf_error *err)
{
    hf_sql query = hf_sql_start(store, doing, text, "i", run_id);
    if (hf_sql_row(&query)) {
        *rows += hf_sql_int(&query, 0, 0, INT64_MAX / 4);
        *bytes += hf_sql_int(&query, 1, 0, INT64_MAX / 4);
    }
    return hf_sql_done(&query, err);
}

/* Adds up what a run has. The number of bytes of a row in its table is estimated: a record has a header and integers of
 * 1 to 8 bytes (SQLite file format, section 2.1). */
static hf_status count_details(hf_store *store, int64_t run_id, hf_trimmed *out, hf_error *err)
{
#define OF_RUN(table)                                                                                        \
    " FROM results JOIN attempts ON attempts.result_id = results.id JOIN " table " ON " table                \
    ".attempt_id = attempts.id WHERE run_id = ?"
    const struct {
        const char *text;
        int64_t *rows;
    } counts[] = {
        {"SELECT count(*), count(*) * 16" OF_RUN("samples"), &out->samples},
        {"SELECT count(*), count(*) * 18" OF_RUN("layer_times"), &out->layers},
        {"SELECT count(*), coalesce(sum(16 + length(data)), 0)" OF_RUN("outputs"), &out->outputs},
        {"SELECT count(*), coalesce(sum(40 + length(layers.name) + length(op)), 0) FROM results"
         " JOIN layers ON layers.result_id = results.id WHERE run_id = ?",
         &out->layers},
        {"SELECT count(*), coalesce(sum(coalesce(length(transcript), 0) + coalesce(length(transcript_zlib), "
         "0)),"
         " 0) FROM failures WHERE run_id = ? AND (transcript IS NOT NULL OR transcript_zlib IS NOT NULL)",
         &out->transcripts},
    };
#undef OF_RUN
    hf_status status = HF_OK;
    for (size_t i = 0; status == HF_OK && i < sizeof counts / sizeof *counts; i++)
        status = count_rows(store, counts[i].text, run_id, counts[i].rows, &out->bytes, err);
    return status;
}

/* ---- Deleting ---- */

/* Keeps the order statistics of samples that are about to be deleted. */
static hf_status keep_summary(hf_store *store, int64_t attempt_id, const hf_sample *samples, size_t count,
                              hf_error *err)
{
    /* At 1 GHz a nanosecond is a cycle. */
    const hf_result_row row = {
        .samples = (hf_sample *)samples, .sample_count = count, .clock_hz = 1000000000};
    hf_latency latency;
    if (!hf_result_latency(&row, &latency))
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to summarise %zu samples", count);
    hf_sql update = hf_sql_start(
        store, doing,
        "UPDATE measurements SET deleted_samples = ?, min_cycles = ?, p05_cycles = ?,"
        " median_cycles = ?, p95_cycles = ?, max_cycles = ?, median_instructions = ?"
        " WHERE attempt_id = ?",
        "iirrridi", (int64_t)count, (int64_t)latency.min_ns, latency.p05_ns, latency.median_cycles,
        latency.p95_ns, (int64_t)latency.max_ns, latency.median_instructions, attempt_id);
    return hf_sql_update(&update, "the measurement", err);
}

static hf_status trim_measurement(hf_store *store, int64_t attempt_id, hf_error *err)
{
    hf_result_row row = {0};
    hf_sql query = hf_sql_start(store, doing, HF_SAMPLES_QUERY, "i", attempt_id);
    hf_read_samples(&query, &row);
    hf_status status = hf_sql_done(&query, err);
    if (status == HF_OK && row.sample_count)
        status = keep_summary(store, attempt_id, row.samples, row.sample_count, err);
    free(row.samples);
    static const char *const deletes[] = {"DELETE FROM samples WHERE attempt_id = ?",
                                          "DELETE FROM layer_times WHERE attempt_id = ?",
                                          "DELETE FROM outputs WHERE attempt_id = ?"};
    for (size_t i = 0; status == HF_OK && i < sizeof deletes / sizeof *deletes; i++) {
        hf_sql delete = hf_sql_start(store, doing, deletes[i], "i", attempt_id);
        status = hf_sql_finish(&delete, err);
    }
    return status;
}

/* The last of the next few results of a run from position `first` on; -1 = there is none, or the run goes on again. */
static hf_status find_batch_end(hf_store *store, int64_t run_id, int64_t first, int64_t *last, hf_error *err)
{
    hf_sql query = hf_sql_start(store, doing,
                                "SELECT coalesce(max(position), -1) FROM (SELECT position FROM results"
                                " JOIN runs ON runs.id = run_id WHERE run_id = ? AND position >= ?"
                                " AND state <> 'running' ORDER BY position LIMIT ?)",
                                "iii", run_id, first, (int64_t)BATCH);
    return hf_sql_number(&query, last, "the next results", err);
}

static hf_status trim_batch(hf_store *store, int64_t run_id, int64_t first, int64_t last, hf_error *err)
{
    /* Its rows do not change while the loop deletes others. */
    hf_sql query =
        hf_sql_start(store, doing,
                     "SELECT attempts.id FROM results JOIN attempts ON attempts.result_id = results.id"
                     " WHERE run_id = ? AND results.position BETWEEN ? AND ? AND succeeded",
                     "iii", run_id, first, last);
    hf_status status = HF_OK;
    while (status == HF_OK && hf_sql_row(&query))
        status = trim_measurement(store, hf_sql_int(&query, 0, 1, INT64_MAX), err);
    hf_status done = hf_sql_done(&query, status == HF_OK ? err : NULL);
    status = status == HF_OK ? done : status;
    if (status != HF_OK)
        return status;
    hf_sql delete = hf_sql_start(store, doing,
                                 "DELETE FROM layers WHERE result_id IN (SELECT id FROM results"
                                 " WHERE run_id = ? AND position BETWEEN ? AND ?)",
                                 "iii", run_id, first, last);
    return hf_sql_finish(&delete, err);
}

/* The last transaction of a run: its transcripts, and the mark. */
static hf_status mark_trimmed(hf_store *store, int64_t run_id, hf_error *err)
{
    hf_sql update =
        hf_sql_start(store, doing,
                     "UPDATE failures SET transcript = NULL, transcript_zlib = NULL WHERE run_id = ?"
                     " AND (transcript IS NOT NULL OR transcript_zlib IS NOT NULL)",
                     "i", run_id);
    hf_status status = hf_sql_finish(&update, err);
    if (status != HF_OK)
        return status;
    update =
        hf_sql_start(store, doing, "UPDATE runs SET trimmed_ms = ? WHERE id = ?", "ii", hf_wall_ms(), run_id);
    return hf_sql_update(&update, "the run", err);
}

static hf_status trim_run(hf_store *store, int64_t run_id, hf_error *err)
{
    hf_status status = HF_OK;
    for (int64_t first = 0, last = 0; status == HF_OK && last >= 0; first = last + 1) {
        status = hf_sql_begin(store, doing, err);
        if (status != HF_OK)
            return status;
        status = find_batch_end(store, run_id, first, &last, err);
        if (status == HF_OK)
            status =
                last >= 0 ? trim_batch(store, run_id, first, last, err) : mark_trimmed(store, run_id, err);
        status = hf_sql_end_transaction(store, status, doing, err);
    }
    return status;
}

/* @param keep the run must be left alone */
static hf_status decide(hf_store *store, const candidate *run, hf_trimmed *out, bool *keep, hf_error *err)
{
    int64_t green = 0;
    hf_status status = hf_store_find_last_green(store, run->name, run->owner, 0, &green, err);
    *keep = run->tagged || green == run->id;
    out->tagged += status == HF_OK && run->tagged;
    out->green += status == HF_OK && !run->tagged && green == run->id;
    return status;
}

hf_status hf_store_trim(hf_store *store, int64_t before_ms, bool dry_run, hf_trimmed *out, hf_error *err)
{
    candidate *candidates = NULL;
    size_t count = 0;
    *out = (hf_trimmed){0};
    hf_status status = list_candidates(store, before_ms, &candidates, &count, err);
    for (size_t i = 0; status == HF_OK && i < count; i++) {
        bool keep = false;
        status = decide(store, &candidates[i], out, &keep, err);
        if (status != HF_OK || keep)
            continue;
        status = count_details(store, candidates[i].id, out, err);
        if (status == HF_OK && !dry_run)
            status = trim_run(store, candidates[i].id, err);
        out->runs += status == HF_OK;
    }
    free_candidates(candidates, count);
    return status;
}
