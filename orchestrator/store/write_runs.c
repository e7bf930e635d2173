/* SPDX-License-Identifier: Apache-2.0 */
/* Writes runs, their boards and the failures of boards. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "transcript_zlib.h"
#include "write_runs.h"

/* Before the row is written, so that no running run is ever visible without its journal. */
static hf_status lock_journal(hf_store *store, const char *key, hf_error *err)
{
    hf_run_journal_release(store->run_file, true);
    store->run_file = NULL;
    return hf_run_journal_lock(store->path, key, &store->run_file, err);
}

static void release_journal(hf_store *store, bool keep)
{
    hf_run_journal_release(store->run_file, keep);
    store->run_file = NULL;
}

static hf_status insert_run(hf_store *store, const char *key, const hf_run_row *run, int64_t *run_id,
                            hf_error *err)
{
    hf_sql insert = hf_sql_start(
        store, "recording the run",
        "INSERT INTO runs (key, name, spec_path, spec_text, farm_path, farm_text, started_ms, state,"
        " hilfarm_version, host, pid, warmup, runs, limit_ram_bytes, limit_rom_bytes, limit_macs, owner,"
        " priority) VALUES (?, ?, ?, ?, ?, ?, ?, 'running', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        "ttttttittiiizzzti", key, run->name, run->spec_path, run->spec_text, run->farm_path, run->farm_text,
        run->started_ms, run->hilfarm_version, run->host, run->pid, (int64_t)run->warmup, (int64_t)run->runs,
        run->limits.ram_bytes, run->limits.rom_bytes, run->limits.macs, run->owner, (int64_t)run->priority);
    return hf_sql_number(&insert, run_id, "the new run", err);
}

/* A key that the caller has made. */
static hf_status check_new_key(hf_store *store, const char *key, hf_error *err)
{
    if (!hf_store_key_is_valid(key))
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EINVALID,
                          "'%.40s' is not a run's key: expected a day and eight hexadecimal digits, such as"
                          " 20261130-9f0c21ab",
                          key);
    int64_t found = 0;
    hf_status status = hf_store_find_key(store, key, &found, err);
    if (status == HF_OK && found)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EINVALID, "store %s: run %lld has the key %s already",
                            store->path, (long long)found, key);
    return status;
}

hf_status hf_store_begin_run(hf_store *store, const hf_run_row *run, int64_t *run_id, hf_error *err)
{
    char made[HF_RUN_KEY_SIZE];
    const char *key = run->key;
    if (!key) {
        hf_store_make_key(run->started_ms, made);
        key = made;
    }
    hf_status status = run->key ? check_new_key(store, key, err) : HF_OK;
    if (status == HF_OK)
        status = lock_journal(store, key, err);
    if (status != HF_OK)
        return status;
    status = insert_run(store, key, run, run_id, err);
    if (status != HF_OK)
        release_journal(store, hf_run_journal_bytes(store->run_file) > 0);
    store->begun = status == HF_OK;
    return status;
}

static hf_status find_key(hf_store *store, int64_t run_id, char key[HF_RUN_KEY_MOST + 1], hf_error *err)
{
    hf_sql query = hf_sql_start(store, "looking for a run", "SELECT key FROM runs WHERE id = ?", "i", run_id);
    bool found = hf_sql_row(&query);
    char *text = found ? hf_sql_needed_text(&query, 0) : NULL;
    if (text && (strlen(text) > HF_RUN_KEY_MOST || strpbrk(text, "/.")))
        hf_sql_complain(&query, 0, "is not a valid key");
    hf_status status = hf_sql_done(&query, err);
    if (status == HF_OK && !found)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOTFOUND, "store %s has no run %lld", store->path,
                            (long long)run_id);
    if (status == HF_OK && text)
        snprintf(key, HF_RUN_KEY_MOST + 1, "%s", text);
    free(text);
    return status;
}

hf_status hf_store_resume_run(hf_store *store, int64_t run_id, const char *host, int64_t pid, hf_error *err)
{
    static const char doing[] = "resuming the run";
    char key[HF_RUN_KEY_MOST + 1] = "";
    hf_status status = find_key(store, run_id, key, err);
    if (status == HF_OK)
        status = lock_journal(store, key, err);
    if (status != HF_OK)
        return status;
    status = hf_sql_begin(store, doing, err);
    if (status == HF_OK) {
        hf_sql update =
            hf_sql_start(store, doing,
                         "UPDATE runs SET state = 'running', finished_ms = NULL, host = ?, pid = ?,"
                         " regressed = NULL, baseline = NULL, resumptions = resumptions + 1 WHERE id = ?",
                         "tii", host, pid, run_id);
        status = hf_sql_update(&update, "the run", err);
        if (status == HF_OK) {
            update = hf_sql_start(store, doing,
                                  "UPDATE results SET outcome = 'not_run', fault = NULL, message = NULL"
                                  " WHERE run_id = ? AND outcome IN ('failed', 'not_run')",
                                  "i", run_id);
            status = hf_sql_finish(&update, err);
        }
        if (status == HF_OK) { /* a board that was dead may work this time */
            update =
                hf_sql_start(store, doing, "DELETE FROM failures WHERE run_id = ? AND dead", "i", run_id);
            status = hf_sql_finish(&update, err);
        }
        status = hf_sql_end_transaction(store, status, doing, err);
    }
    if (status != HF_OK)
        release_journal(store, hf_run_journal_bytes(store->run_file) > 0);
    store->begun = status == HF_OK;
    return status;
}

hf_status hf_store_set_comparison(hf_store *store, int64_t run_id, const char *baseline, int64_t regressed,
                                  hf_error *err)
{
    hf_sql update = hf_sql_start(store, "recording the comparison with the baseline",
                                 "UPDATE runs SET baseline = ?, regressed = ? WHERE id = ?", "tii", baseline,
                                 regressed, run_id);
    return hf_sql_update(&update, "the run that was compared", err);
}

hf_status hf_store_add_board(hf_store *store, int64_t run_id, const hf_board_row *board, hf_error *err)
{
    static const char doing[] = "recording a board";
    hf_status status = hf_sql_begin(store, doing, err);
    if (status != HF_OK)
        return status;
    hf_sql insert = hf_sql_start(store, doing,
                                 "INSERT INTO boards (name, chip, core, modelled) VALUES (?, ?, ?, ?)"
                                 " ON CONFLICT (name, chip, modelled) DO UPDATE SET core = excluded.core",
                                 "ttti", board->id, board->chip, board->core, (int64_t)board->modelled);
    status = hf_sql_finish(&insert, err);
    if (status == HF_OK) {
        hf_sql link =
            hf_sql_start(store, doing,
                         "INSERT OR REPLACE INTO run_boards (run_id, board_id, clock_hz)"
                         " SELECT ?, id, ? FROM boards WHERE name = ? AND chip = ? AND modelled = ?",
                         "iztti", run_id, board->clock_hz, board->id, board->chip, (int64_t)board->modelled);
        status = hf_sql_finish(&link, err);
    }
    return hf_sql_end_transaction(store, status, doing, err);
}

/* The board of that name that takes part in the run. */
hf_status hf_find_run_board(hf_store *store, int64_t run_id, const char *name, int64_t *board_id,
                            hf_error *err)
{
    hf_sql query = hf_sql_start(store, "finding a board",
                                "SELECT boards.id FROM run_boards JOIN boards ON boards.id = board_id"
                                " WHERE run_id = ? AND boards.name = ?",
                                "it", run_id, name);
    return hf_sql_number(&query, board_id, "the board of an attempt", err);
}

hf_status hf_store_add_failure(hf_store *store, int64_t run_id, const hf_failure_row *failure, hf_error *err)
{
    int64_t board_id = 0;
    hf_status status = hf_find_run_board(store, run_id, failure->board_id, &board_id, err);
    if (status != HF_OK)
        return status;
    hf_deflated transcript;
    hf_deflate(failure->transcript, &transcript);
    hf_sql insert =
        hf_sql_start(store, "recording a board's failure",
                     "INSERT INTO failures (run_id, board_id, at_ms, fault, message, transcript,"
                     " transcript_zlib, dead) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE NOT EXISTS"
                     " (SELECT 1 FROM failures WHERE run_id = ?1 AND board_id = ?2 AND at_ms = ?3"
                     " AND attempt_id IS NULL AND message = ?5 AND dead = ?8)",
                     "iiitttbi", run_id, board_id, failure->at_ms, failure->fault, failure->message,
                     transcript.text, transcript.bytes, transcript.size_bytes, (int64_t)failure->dead);
    hf_deflated_free(&transcript);
    return hf_sql_finish(&insert, err);
}

hf_status hf_store_finish_run(hf_store *store, int64_t run_id, hf_run_state state, int64_t finished_ms,
                              int64_t duration_ns, const char *openocd_version, hf_error *err)
{
    hf_sql update =
        hf_sql_start(store, "recording the end of the run",
                     "UPDATE runs SET state = ?, finished_ms = ?, duration_ns = ?,"
                     " openocd_version = coalesce(?, openocd_version) WHERE id = ?",
                     "tiiti", hf_run_state_name(state), finished_ms, duration_ns, openocd_version, run_id);
    hf_status status = hf_sql_update(&update, "the run to end", err);
    if (status != HF_OK)
        return status;
    /* Records are written in order, so all records of the journal are in the store; in a group only at its end. */
    if (store->grouped)
        store->ended = true;
    else
        release_journal(store, false);
    return HF_OK;
}

/* ---- Groups ---- */

hf_status hf_store_begin_group(hf_store *store, hf_error *err)
{
    hf_status status = hf_sql_begin(store, "recording", err);
    store->grouped = status == HF_OK;
    store->begun = store->ended = false;
    return status;
}

hf_status hf_store_end_group(hf_store *store, hf_status status, hf_error *err)
{
    store->grouped = false;
    status = hf_sql_end_transaction(store, status, "recording", err);
    if (status == HF_OK && store->ended)
        release_journal(store, false);
    else if (status != HF_OK && store->begun)
        release_journal(store, hf_run_journal_bytes(store->run_file) > 0);
    store->begun = store->ended = false;
    return status;
}
