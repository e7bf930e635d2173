/* SPDX-License-Identifier: Apache-2.0 */
/* Queries of runs and boards: lists, and finding a run by number, key or name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/did_you_mean.h"
#include "crash_recovery.h"
#include "query.h"

/* As in schedule/schedule.h. */
#define PRIORITY_MOST 8

const char hf_run_columns[] =
    "SELECT id, name, spec_path, spec_text, farm_text, started_ms, finished_ms, state, hilfarm_version,"
    " openocd_version, host, pid, warmup, runs, limit_ram_bytes, limit_rom_bytes, limit_macs,"
    " (SELECT count(*) FROM results WHERE run_id = runs.id AND outcome = 'measured'),"
    " (SELECT count(*) FROM results WHERE run_id = runs.id AND outcome = 'failed'),"
    " (SELECT count(*) FROM results WHERE run_id = runs.id AND outcome = 'not_run'),"
    " (SELECT count(*) FROM results WHERE run_id = runs.id AND outcome = 'pruned'),"
    " key, farm_path, duration_ns, resumptions, regressed IS NOT NULL, regressed, baseline, owner, priority,"
    " trimmed_ms, (SELECT group_concat(name, ' ') FROM (SELECT name FROM run_tags WHERE run_id = runs.id"
    " ORDER BY name)), (SELECT count(DISTINCT board_id) FROM failures WHERE run_id = runs.id AND dead) FROM "
    "runs ";

static hf_run_state run_state(hf_sql *sql, int column)
{
    const char *names[HF_RUN_ABORTED + 1];
    for (int i = 0; i <= HF_RUN_ABORTED; i++)
        names[i] = hf_run_state_name((hf_run_state)i);
    return (hf_run_state)hf_query_choice(sql, column, names, HF_RUN_ABORTED + 1);
}

/* Key and name become part of a folder's name. */
static char *part_of_path(hf_sql *sql, int column)
{
    char *text = hf_sql_needed_text(sql, column);
    if (text && strchr(text, '/'))
        hf_sql_complain(sql, column, "contains a slash");
    return text;
}

static int64_t limit(hf_sql *sql, int column)
{
    return hf_sql_int(sql, column, 0, INT64_MAX);
}

void hf_query_run(hf_sql *sql, hf_run_row *run)
{
    int at = 0;
    *run = (hf_run_row){0};
    run->id = hf_sql_int(sql, at++, 1, INT64_MAX);
    run->name = part_of_path(sql, at++);
    run->spec_path = hf_sql_needed_text(sql, at++);
    run->spec_text = hf_sql_needed_text(sql, at++);
    run->farm_text = hf_sql_text(sql, at++);
    run->started_ms = hf_sql_time(sql, at++);
    run->finished_ms = hf_sql_time(sql, at++);
    run->state = run_state(sql, at++);
    run->hilfarm_version = hf_sql_needed_text(sql, at++);
    run->openocd_version = hf_sql_text(sql, at++);
    run->host = hf_sql_needed_text(sql, at++);
    run->pid = hf_sql_int(sql, at++, INT64_MIN, INT64_MAX);
    run->warmup = hf_sql_count(sql, at++);
    run->runs = hf_sql_count(sql, at++);
    run->limits.ram_bytes = limit(sql, at++);
    run->limits.rom_bytes = limit(sql, at++);
    run->limits.macs = limit(sql, at++);
    run->measured = hf_sql_count(sql, at++);
    run->failed = hf_sql_count(sql, at++);
    run->not_run = hf_sql_count(sql, at++);
    run->pruned = hf_sql_count(sql, at++);
    run->key = part_of_path(sql, at++);
    run->farm_path = hf_sql_text(sql, at++);
    run->duration_ns = hf_sql_duration(sql, at++);
    run->resumptions = hf_sql_count(sql, at++);
    run->compared = hf_sql_int(sql, at++, 0, 1) != 0;
    run->regressed = hf_sql_count(sql, at++);
    run->baseline = hf_sql_text(sql, at++);
    run->owner = hf_sql_text(sql, at++);
    run->priority = (int32_t)hf_sql_int(sql, at++, -PRIORITY_MOST, PRIORITY_MOST);
    run->trimmed_ms = hf_sql_time(sql, at++);
    run->tags = hf_sql_text(sql, at++);
    run->dead_boards = hf_sql_count(sql, at++);
    if (run->state == HF_RUN_RUNNING && run->key && run->host &&
        hf_run_is_dead(sql->store, run->key, run->host, run->pid))
        run->state = HF_RUN_INTERRUPTED;
}

/* The newest run that meets a condition with one text parameter; 0 = none. */
static hf_status newest(hf_store *store, const char *condition, const char *text, int64_t *run_id,
                        hf_error *err)
{
    char query_text[256];
    snprintf(query_text, sizeof query_text, "SELECT id FROM runs WHERE %s ORDER BY id DESC LIMIT 1",
             condition);
    return hf_query_id(store, "looking for a run", query_text, text, run_id, err);
}

/* @param known set to true if the text has a meaning of its own, even if there is no such run */
static hf_status find_word(hf_store *store, const char *text, int64_t *run_id, bool *known, hf_error *err)
{
    *known = true;
    if (strcmp(text, "latest") == 0)
        return HF_OK;
    if (strcmp(text, "last-green") == 0) {
        hf_status status = hf_store_find_last_green(store, NULL, NULL, 0, run_id, err);
        if (status == HF_OK && !*run_id)
            status =
                HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOTFOUND,
                           "store %s has no finished run in which nothing failed or regressed", store->path);
        return status;
    }
    *known = false;
    return HF_OK;
}

/* Reports that no run is meant, with the name or tag that probably was. */
static hf_status unknown_run(hf_store *store, const char *text, hf_error *err)
{
    char *best = NULL;
    hf_suggestion suggestion = {.word = text};
    hf_suggest(&suggestion, "latest");
    hf_suggest(&suggestion, "last-green");
    hf_sql query =
        hf_sql_start(store, "looking for a run", "SELECT name FROM runs UNION SELECT name FROM run_tags", "");
    while (hf_sql_row(&query)) {
        char *name = hf_sql_needed_text(&query, 0);
        if (name)
            hf_suggest(&suggestion, name);
        const bool better = name && suggestion.best == name;
        free(better ? best : name);
        best = better ? name : best;
    }
    hf_status status = hf_sql_done(&query, err);
    if (status == HF_OK)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOTFOUND,
                            "store %s has no run '%.80s': expected a number, key, tag or name from `hilfarm "
                            "runs`, 'last-green' or 'latest'%s%.60s%s",
                            store->path, text, suggestion.best ? "; did you mean '" : "",
                            suggestion.best ? suggestion.best : "", suggestion.best ? "'?" : "");
    free(best);
    return status;
}

/* What identifies a run, in the order of precedence. */
hf_status hf_store_find_run(hf_store *store, const char *text, int64_t *run_id, hf_error *err)
{
    static const char *const before_words[] = {"id = CAST(?1 AS INTEGER) AND CAST(id AS TEXT) = ?1",
                                               "key = ?1",
                                               "key = substr(?1, 1, 17) AND key || '-' || name = ?1"};
    static const char *const after_words[] = {
        "id = (SELECT run_id FROM run_tags WHERE name = ?1)",
        "name = ?1",
        "length(?1) >= 4 AND (substr(key, 1, length(?1)) = ?1 OR substr(key, 10, length(?1)) = ?1)",
    };
    int64_t found = 0;
    bool is_word = false;
    hf_status status = HF_OK;
    for (size_t i = 0; status == HF_OK && !found && i < sizeof before_words / sizeof *before_words; i++)
        status = newest(store, before_words[i], text, &found, err);
    if (status == HF_OK && !found)
        status = find_word(store, text, &found, &is_word, err);
    for (size_t i = 0; status == HF_OK && !found && !is_word && i < sizeof after_words / sizeof *after_words;
         i++)
        status = newest(store, after_words[i], text, &found, err);
    if (status == HF_OK && !found && !is_word)
        status = unknown_run(store, text, err);
    if (status == HF_OK)
        *run_id = found;
    return status;
}

hf_status hf_store_find_baseline(hf_store *store, const hf_run_row *run, int64_t *run_id, hf_error *err)
{
    *run_id = 0;
    return run->baseline ? newest(store, "key = ?1", run->baseline, run_id, err) : HF_OK;
}

/* ?2: only earlier ones, 0 = any; ?3: begins the comments of a run of a part of a sweep; ?4: the owner, NULL = that of
 * ?2. */
#define OWNER "coalesce(?4, (SELECT owner FROM runs AS own WHERE own.id = ?2))"
#define GREEN                                                                                                \
    "(?2 = 0 OR id < ?2) AND state = 'done' AND coalesce(regressed, 0) = 0"                                  \
    " AND (owner IS NULL OR " OWNER " IS NULL OR owner = " OWNER ")"                                         \
    " AND instr(spec_text, char(10) || ?3) = 0"                                                              \
    " AND EXISTS (SELECT 1 FROM results WHERE run_id = runs.id AND outcome = 'measured')"                    \
    " AND NOT EXISTS (SELECT 1 FROM results WHERE run_id = runs.id AND outcome IN ('failed', 'not_run'))"    \
    " AND NOT EXISTS (SELECT 1 FROM failures WHERE run_id = runs.id AND dead) ORDER BY id DESC LIMIT 1"

hf_status hf_store_find_last_green(hf_store *store, const char *name, const char *owner, int64_t before_id,
                                   int64_t *run_id, hf_error *err)
{
    /* Two statements, so that the one with a name uses the index of names. */
    hf_sql query = hf_sql_start(store, "looking for a run without failures",
                                name ? "SELECT id FROM runs WHERE name = ?1 AND " GREEN
                                     : "SELECT id FROM runs WHERE ?1 IS NULL AND " GREEN,
                                "titt", name, before_id, HF_PARTIAL_RUN_COMMENT, owner);
    int64_t found = hf_sql_row(&query) ? hf_sql_int(&query, 0, 1, INT64_MAX) : 0;
    hf_status status = hf_sql_done(&query, err);
    if (status == HF_OK)
        *run_id = found;
    return status;
}

hf_status hf_store_list_runs(hf_store *store, hf_run_row **runs, size_t *count, hf_error *err)
{
    char text[HF_RUN_QUERY_SIZE];
    snprintf(text, sizeof text, "%sORDER BY id DESC", hf_run_columns);
    hf_sql query = hf_sql_start(store, "listing runs", text, "");
    hf_run_row *rows = NULL;
    size_t used = 0;
    while (hf_sql_row(&query)) {
        hf_run_row *row = hf_query_append(&query, (void **)&rows, used, sizeof *row);
        if (!row)
            break;
        used++;
        hf_query_run(&query, row);
    }
    return hf_query_done(&query, &hf_run_row_type, rows, used, (void **)runs, count, err);
}

hf_status hf_store_list_boards(hf_store *store, hf_board_history_row **boards, size_t *count, hf_error *err)
{
    hf_sql query = hf_sql_start(
        store, "listing boards",
        "SELECT name, chip, modelled, (SELECT count(*) FROM run_boards WHERE board_id = boards.id),"
        " (SELECT count(*) FROM attempts WHERE board_id = boards.id AND succeeded),"
        " (SELECT count(*) FROM failures WHERE board_id = boards.id AND NOT dead),"
        " max(coalesce((SELECT max(started_ms) FROM attempts WHERE board_id = boards.id), 0),"
        "     coalesce((SELECT max(at_ms) FROM failures WHERE board_id = boards.id), 0)),"
        " (SELECT fault FROM failures WHERE board_id = boards.id ORDER BY id DESC LIMIT 1),"
        " (SELECT message FROM failures WHERE board_id = boards.id ORDER BY id DESC LIMIT 1)"
        " FROM boards ORDER BY name, chip, modelled",
        "");
    hf_board_history_row *rows = NULL;
    size_t used = 0;
    while (hf_sql_row(&query)) {
        hf_board_history_row *row = hf_query_append(&query, (void **)&rows, used, sizeof *row);
        if (!row)
            break;
        used++;
        int at = 0;
        row->id = hf_sql_needed_text(&query, at++);
        row->chip = hf_sql_needed_text(&query, at++);
        row->modelled = hf_sql_int(&query, at++, 0, 1) != 0;
        row->runs = hf_sql_count(&query, at++);
        row->succeeded = hf_sql_count(&query, at++);
        row->failed = hf_sql_count(&query, at++);
        row->last_ms = hf_sql_time(&query, at++);
        row->last_fault = hf_sql_text(&query, at++);
        row->last_message = hf_sql_text(&query, at++);
    }
    return hf_query_done(&query, &hf_board_history_row_type, rows, used, (void **)boards, count, err);
}
