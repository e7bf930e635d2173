/* SPDX-License-Identifier: Apache-2.0 */
#include "schema_migration.h"

#include <stdio.h>

#include "sql_figures.h"

/* "hilf": application id in the header of the file (SQLite file format, offset 68). */
#define APPLICATION_ID 0x68696c66

/* One entry a schema version; never changed once released, only appended to. SCHEMA.md explains the tables. The
 * columns of figures since version 6 are not here: add_figures() adds those of a version after its entry, which
 * is "" if there is nothing else. */
static const char *const migrations[] = {
    /* 1 */
    "CREATE TABLE runs ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, spec_path TEXT NOT NULL, spec_text TEXT NOT "
    "NULL,"
    " farm_text TEXT, started_ms INTEGER NOT NULL, finished_ms INTEGER,"
    " state TEXT NOT NULL CHECK (state IN ('running', 'done', 'interrupted', 'aborted')),"
    " hilfarm_version TEXT NOT NULL, openocd_version TEXT, host TEXT NOT NULL, pid INTEGER NOT NULL,"
    " warmup INTEGER NOT NULL CHECK (warmup >= 0), runs INTEGER NOT NULL CHECK (runs >= 0),"
    " limit_ram_bytes INTEGER, limit_rom_bytes INTEGER, limit_macs INTEGER) STRICT;"

    "CREATE TABLE boards ("
    " id INTEGER PRIMARY KEY, name TEXT NOT NULL, chip TEXT NOT NULL, core TEXT NOT NULL,"
    " modelled INTEGER NOT NULL CHECK (modelled IN (0, 1)), UNIQUE (name, chip, modelled)) STRICT;"

    "CREATE TABLE run_boards ("
    " run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, board_id INTEGER NOT NULL REFERENCES boards,"
    " clock_hz INTEGER, PRIMARY KEY (run_id, board_id)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE results ("
    " id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
    " position INTEGER NOT NULL, name TEXT NOT NULL, family TEXT NOT NULL, source TEXT, chip TEXT NOT NULL,"
    " macs INTEGER, params INTEGER, params_non_trainable INTEGER, params_deployed INTEGER,"
    " image_bytes INTEGER, peak_memory_bytes INTEGER, planned_arena_bytes INTEGER,"
    " image_sha256 TEXT, image_crc32 INTEGER,"
    " outcome TEXT NOT NULL CHECK (outcome IN ('measured', 'failed', 'not_run')),"
    " fault TEXT CHECK (fault IN ('none', 'job', 'board', 'probe', 'serial', 'farm')), message TEXT,"
    " UNIQUE (run_id, position)) STRICT;"

    "CREATE TABLE factors ("
    " result_id INTEGER NOT NULL REFERENCES results ON DELETE CASCADE, position INTEGER NOT NULL,"
    " name TEXT NOT NULL, value REAL NOT NULL, PRIMARY KEY (result_id, position)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE layers ("
    " result_id INTEGER NOT NULL REFERENCES results ON DELETE CASCADE, position INTEGER NOT NULL,"
    " name TEXT NOT NULL, op TEXT NOT NULL, height INTEGER NOT NULL, width INTEGER NOT NULL,"
    " channels INTEGER NOT NULL, macs INTEGER NOT NULL, parameter_bytes INTEGER NOT NULL,"
    " alive_bytes INTEGER NOT NULL, PRIMARY KEY (result_id, position)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE attempts ("
    " id INTEGER PRIMARY KEY, result_id INTEGER NOT NULL REFERENCES results ON DELETE CASCADE,"
    " number INTEGER NOT NULL CHECK (number >= 1), board_id INTEGER NOT NULL REFERENCES boards,"
    " started_ms INTEGER NOT NULL, duration_ns INTEGER NOT NULL CHECK (duration_ns >= 0), flash_ns INTEGER, "
    "reset_ns INTEGER,"
    " run_ns INTEGER, succeeded INTEGER NOT NULL CHECK (succeeded IN (0, 1)),"
    " UNIQUE (result_id, number)) STRICT;"

    "CREATE TABLE measurements ("
    " attempt_id INTEGER PRIMARY KEY REFERENCES attempts ON DELETE CASCADE,"
    " clock_hz INTEGER NOT NULL CHECK (clock_hz > 0),"
    " arena_bytes INTEGER NOT NULL, static_bytes INTEGER NOT NULL, stack_bytes INTEGER NOT NULL,"
    " firmware_bytes INTEGER NOT NULL, firmware_id TEXT NOT NULL, output_crc32 INTEGER NOT NULL) STRICT;"

    "CREATE TABLE samples ("
    " attempt_id INTEGER NOT NULL REFERENCES measurements ON DELETE CASCADE, position INTEGER NOT NULL,"
    " cycles INTEGER NOT NULL CHECK (cycles > 0), instructions INTEGER,"
    " PRIMARY KEY (attempt_id, position)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE layer_times ("
    " attempt_id INTEGER NOT NULL REFERENCES measurements ON DELETE CASCADE, position INTEGER NOT NULL,"
    " cycles INTEGER NOT NULL, instructions INTEGER,"
    " PRIMARY KEY (attempt_id, position)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE failures ("
    " id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
    " result_id INTEGER REFERENCES results ON DELETE CASCADE,"
    " attempt_id INTEGER REFERENCES attempts ON DELETE CASCADE, board_id INTEGER REFERENCES boards,"
    " at_ms INTEGER NOT NULL, message TEXT NOT NULL, transcript TEXT,"
    " fault TEXT NOT NULL CHECK (fault IN ('none', 'job', 'board', 'probe', 'serial', 'farm'))) STRICT;",

    /* 2: indices for the queries, once a store holds many runs */
    "CREATE INDEX attempts_by_board ON attempts (board_id);"
    "CREATE INDEX failures_by_run ON failures (run_id);"
    "CREATE INDEX failures_by_board ON failures (board_id);",

    /* 3: outcome 'pruned'. A CHECK cannot be altered, so the table is rebuilt; references use its name
     * and ids, which do not change. */
    "CREATE TABLE results_3 ("
    " id INTEGER PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
    " position INTEGER NOT NULL, name TEXT NOT NULL, family TEXT NOT NULL, source TEXT, chip TEXT NOT NULL,"
    " macs INTEGER, params INTEGER, params_non_trainable INTEGER, params_deployed INTEGER,"
    " image_bytes INTEGER, peak_memory_bytes INTEGER, planned_arena_bytes INTEGER,"
    " image_sha256 TEXT, image_crc32 INTEGER,"
    " outcome TEXT NOT NULL CHECK (outcome IN ('measured', 'failed', 'not_run', 'pruned')),"
    " fault TEXT CHECK (fault IN ('none', 'job', 'board', 'probe', 'serial', 'farm')), message TEXT,"
    " UNIQUE (run_id, position)) STRICT;"
    "INSERT INTO results_3 SELECT id, run_id, position, name, family, source, chip, macs, params,"
    " params_non_trainable, params_deployed, image_bytes, peak_memory_bytes, planned_arena_bytes,"
    " image_sha256, image_crc32, outcome, fault, message FROM results;"
    "DROP TABLE results;"
    "ALTER TABLE results_3 RENAME TO results;",

    /* 4: accuracy, given or evaluated */
    "ALTER TABLE results ADD COLUMN accuracy_percent REAL"
    " CHECK (accuracy_percent IS NULL OR accuracy_percent BETWEEN 0 AND 100);"
    "ALTER TABLE results ADD COLUMN accuracy_low_percent REAL;"
    "ALTER TABLE results ADD COLUMN accuracy_high_percent REAL;"
    "ALTER TABLE results ADD COLUMN accuracy_source TEXT;",

    /* 5: keys and resumption of runs, monotonic durations, exact image sizes, the core clock as the host measured it,
     * deflated transcripts, dead boards. For older runs only the times of day are known. */
    "ALTER TABLE runs ADD COLUMN key TEXT;"
    "UPDATE runs SET key = coalesce(strftime('%Y%m%d', started_ms / 1000, 'unixepoch'), '00000000')"
    " || '-' || lower(hex(randomblob(4)));"
    "CREATE UNIQUE INDEX runs_by_key ON runs (key);"
    "ALTER TABLE runs ADD COLUMN farm_path TEXT;"
    "ALTER TABLE runs ADD COLUMN resumptions INTEGER NOT NULL DEFAULT 0 CHECK (resumptions >= 0);"
    "ALTER TABLE runs ADD COLUMN duration_ns INTEGER CHECK (duration_ns IS NULL OR duration_ns >= 0);"
    "UPDATE runs SET duration_ns = (finished_ms - started_ms) * 1000000"
    " WHERE finished_ms - started_ms BETWEEN 0 AND 31536000000;"
    "ALTER TABLE results ADD COLUMN image_bytes_min INTEGER;"
    "UPDATE results SET image_bytes_min = image_bytes, image_bytes = NULL"
    " WHERE outcome = 'pruned' AND image_sha256 IS NULL;"
    "ALTER TABLE measurements ADD COLUMN clock_ratio REAL CHECK (clock_ratio IS NULL OR clock_ratio > 0);"
    "ALTER TABLE measurements ADD COLUMN clock_source TEXT;"
    "ALTER TABLE failures ADD COLUMN transcript_zlib BLOB;"
    "ALTER TABLE failures ADD COLUMN dead INTEGER NOT NULL DEFAULT 0 CHECK (dead IN (0, 1));",

    /* 6: live bytes, the usual term */
    "ALTER TABLE layers RENAME COLUMN alive_bytes TO live_bytes;",

    /* 7: whether a run was worse than its baseline */
    "ALTER TABLE runs ADD COLUMN regressed INTEGER CHECK (regressed IS NULL OR regressed >= 0);",

    /* 8: who submitted a run, tags, what is known of boards beyond a run, retention; indices for each query of the lists,
     * and for the references that SQLite looks up when a run's details are deleted */
    "ALTER TABLE runs ADD COLUMN owner TEXT;"
    "ALTER TABLE runs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE runs ADD COLUMN trimmed_ms INTEGER CHECK (trimmed_ms IS NULL OR trimmed_ms >= 0);"
    "CREATE INDEX runs_by_name ON runs (name);"
    "CREATE INDEX runs_unfinished ON runs (state) WHERE state = 'running';"
    "CREATE INDEX results_by_outcome ON results (run_id, outcome);"
    "DROP INDEX attempts_by_board;"
    "CREATE INDEX attempts_by_board ON attempts (board_id, succeeded, started_ms);"
    "CREATE INDEX run_boards_by_board ON run_boards (board_id);"
    "CREATE INDEX failures_by_result ON failures (result_id);"
    "CREATE INDEX failures_by_attempt ON failures (attempt_id);"

    "CREATE TABLE run_tags ("
    " name TEXT PRIMARY KEY, run_id INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,"
    " tagged_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX run_tags_by_run ON run_tags (run_id);"

    "CREATE TABLE board_states ("
    " board_id INTEGER PRIMARY KEY REFERENCES boards ON DELETE CASCADE,"
    " disabled_reason TEXT, disabled_by TEXT, disabled_ms INTEGER,"
    " reserved_by TEXT, reserved_ms INTEGER, reserved_until_ms INTEGER, reserved_note TEXT,"
    " quarantine_count INTEGER NOT NULL DEFAULT 0 CHECK (quarantine_count >= 0), quarantined_until_ms "
    "INTEGER,"
    " attention TEXT, attention_ms INTEGER,"
    " attention_fault TEXT CHECK (attention_fault IN ('none', 'job', 'board', 'probe', 'serial', 'farm')),"
    " golden_cycles INTEGER CHECK (golden_cycles IS NULL OR golden_cycles > 0), golden_image_crc32 INTEGER,"
    " golden_firmware_id TEXT) STRICT;"

    "CREATE TABLE health_checks ("
    " id INTEGER PRIMARY KEY, board_id INTEGER NOT NULL REFERENCES boards ON DELETE CASCADE,"
    " at_ms INTEGER NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('nightly', 'readmission', 'manual')),"
    " passed INTEGER NOT NULL CHECK (passed IN (0, 1)), drifted INTEGER NOT NULL CHECK (drifted IN (0, 1)),"
    " duration_ns INTEGER, cycles INTEGER, drift REAL, clock_hz INTEGER, clock_ratio REAL, clock_source TEXT,"
    " image_crc32 INTEGER, output_crc32 INTEGER, firmware_id TEXT,"
    " fault TEXT CHECK (fault IN ('none', 'job', 'board', 'probe', 'serial', 'farm')), message TEXT) STRICT;"
    "CREATE INDEX health_checks_by_board ON health_checks (board_id);"

    "ALTER TABLE measurements ADD COLUMN deleted_samples INTEGER"
    " CHECK (deleted_samples IS NULL OR deleted_samples > 0);"
    "ALTER TABLE measurements ADD COLUMN min_cycles INTEGER;"
    "ALTER TABLE measurements ADD COLUMN p05_cycles REAL;"
    "ALTER TABLE measurements ADD COLUMN median_cycles REAL;"
    "ALTER TABLE measurements ADD COLUMN p95_cycles REAL;"
    "ALTER TABLE measurements ADD COLUMN max_cycles INTEGER;"
    "ALTER TABLE measurements ADD COLUMN median_instructions REAL;",

    /* 9: the results of a variation over all runs; plans of arenas; why a board is in quarantine; inputs and outputs of
     * models, and stored outputs */
    "CREATE INDEX results_by_name ON results (name, chip, run_id);"
    "ALTER TABLE results ADD COLUMN arena_map TEXT;"
    "ALTER TABLE board_states ADD COLUMN quarantine_message TEXT;"
    "ALTER TABLE board_states ADD COLUMN quarantine_fault TEXT"
    " CHECK (quarantine_fault IN ('none', 'job', 'board', 'probe', 'serial', 'farm'));"
    "CREATE TABLE ports ("
    " result_id INTEGER NOT NULL REFERENCES results ON DELETE CASCADE, position INTEGER NOT NULL,"
    " kind TEXT NOT NULL CHECK (kind IN ('input', 'output', 'state')), type TEXT NOT NULL,"
    " height INTEGER NOT NULL, width INTEGER NOT NULL, channels INTEGER NOT NULL,"
    " scale REAL, zero_point INTEGER, float_tail TEXT,"
    " PRIMARY KEY (result_id, position)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE outputs ("
    " attempt_id INTEGER NOT NULL REFERENCES measurements ON DELETE CASCADE, inference INTEGER NOT NULL,"
    " port INTEGER NOT NULL, input INTEGER NOT NULL, step INTEGER NOT NULL, data BLOB NOT NULL,"
    " PRIMARY KEY (attempt_id, inference, port)) STRICT;",

    /* 10: which run a run was compared with; how weights were trained */
    "ALTER TABLE runs ADD COLUMN baseline TEXT;"
    "CREATE TABLE trainings ("
    " result_id INTEGER PRIMARY KEY REFERENCES results ON DELETE CASCADE, key TEXT NOT NULL,"
    " complete INTEGER NOT NULL CHECK (complete IN (0, 1)), epochs INTEGER NOT NULL CHECK (epochs >= 0),"
    " seconds REAL NOT NULL) STRICT;"
    "CREATE TABLE training_epochs ("
    " result_id INTEGER NOT NULL REFERENCES trainings ON DELETE CASCADE, epoch INTEGER NOT NULL,"
    " loss REAL, training_percent REAL, validation_percent REAL, seconds REAL NOT NULL,"
    " PRIMARY KEY (result_id, epoch)) STRICT, WITHOUT ROWID;",

    /* 11: trainings that have learnt nothing; failures of class agent. A wider check needs no other rows, so the tables are not
     * rebuilt: the way that SQLite's manual describes for it (ALTER TABLE, "Making Other Kinds Of Table Schema Changes"). Making
     * an index anew changes the number by which other connections see that the schema is another. */
    "ALTER TABLE trainings ADD COLUMN warning TEXT;"
    "PRAGMA writable_schema = ON;"
    "UPDATE sqlite_schema SET sql = replace(sql, '''serial'', ''farm'')', '''serial'', ''farm'', ''agent'')')"
    " WHERE type = 'table';"
    "PRAGMA writable_schema = RESET;"
    "DROP INDEX health_checks_by_board;"
    "CREATE INDEX health_checks_by_board ON health_checks (board_id);",
};
#define WRITTEN_VERSION ((int)(sizeof migrations / sizeof migrations[0]))

/* The columns of figures up to version 5 are part of the migrations above. */
#define FIGURES_WRITTEN_VERSION 5

/* The version of this program. */
static int newest_version(void)
{
    const int figures = hf_sql_figures_version();
    return figures > WRITTEN_VERSION ? figures : WRITTEN_VERSION;
}

static hf_status pragma_int(hf_store *store, const char *sql, int64_t *out, hf_error *err)
{
    hf_sql query = hf_sql_start(store, "reading its header", sql, "");
    if (hf_sql_row(&query))
        *out = hf_sql_int(&query, 0, INT64_MIN, INT64_MAX);
    return hf_sql_done(&query, err);
}

/* The version of the file, 0 if it is new. Rejects files of other programs and of newer versions. */
static hf_status identify(hf_store *store, int64_t *version, hf_error *err)
{
    int64_t application = 0, tables = 0;
    *version = 0;
    /* The application id comes last: another process may be creating the file, and commits the tables and the id
     * together. */
    hf_status status = pragma_int(store, "PRAGMA user_version", version, err);
    if (status == HF_OK)
        status = pragma_int(store, "SELECT count(*) FROM sqlite_schema", &tables, err);
    if (status == HF_OK)
        status = pragma_int(store, "PRAGMA application_id", &application, err);
    if (status != HF_OK)
        return status;
    if (application != APPLICATION_ID && (tables || *version))
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ESTORE, "store %s: is the SQLite file of another program",
                          store->path);
    if (*version > newest_version())
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ESTORE,
                          "store %s: has schema version %d, made by a newer hilfarm; this one knows up to %d",
                          store->path, (int)*version, newest_version());
    return HF_OK;
}

/* As identify(), in one transaction: another process may be creating the file. */
static hf_status identify_alone(hf_store *store, int64_t *version, hf_error *err)
{
    hf_status status = hf_sql_exec(store, "BEGIN", "reading its header", err);
    if (status != HF_OK)
        return status;
    status = identify(store, version, err);
    sqlite3_exec(store->db, status == HF_OK ? "COMMIT" : "ROLLBACK", NULL, NULL, NULL);
    return status;
}

hf_status hf_schema_identify(hf_store *store, hf_error *err)
{
    int64_t version = 0;
    return identify_alone(store, &version, err);
}

hf_status hf_schema_check(hf_store *store, hf_error *err)
{
    int64_t version = 0;
    hf_status status = identify_alone(store, &version, err);
    if (status == HF_OK && version < newest_version())
        status = HF_FAIL_AS(
            err, HF_FAULT_FARM, HF_ESTORE,
            "store %s: has schema version %d and must be migrated to %d first: any `hilfarm run` does this",
            store->path, (int)version, newest_version());
    return status;
}

/* Checks foreign keys, which were off during the migration. */
static hf_status check_references(hf_store *store, hf_error *err)
{
    hf_sql query = hf_sql_start(store, "checking its references", "PRAGMA foreign_key_check", "");
    bool broken = hf_sql_row(&query);
    hf_status status = hf_sql_done(&query, err);
    if (status == HF_OK && broken)
        status =
            HF_FAIL_AS(err, HF_FAULT_FARM, HF_ESTORE,
                       "store %s: has rows that refer to missing rows; it was not migrated", store->path);
    return status;
}

/* From one version to the next. */
static hf_status take_step(hf_store *store, int version, hf_error *err)
{
    hf_buffer text = HF_BUFFER_INIT;
    if (version >= 1 && version <= WRITTEN_VERSION)
        hf_buffer_puts(&text, migrations[version - 1]);
    if (version > FIGURES_WRITTEN_VERSION)
        hf_sql_figures_added(version, &text);
    hf_status status =
        text.failed ? HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory to migrate store %s", store->path)
                    : hf_sql_exec(store, hf_buffer_text(&text), "migrating its schema", err);
    hf_buffer_free(&text);
    return status;
}

/* All steps in one transaction, with foreign keys off. */
static hf_status migrate(hf_store *store, hf_error *err)
{
    /* IMMEDIATE: two processes that find an old file must not both migrate it. */
    hf_status status = hf_sql_exec(store, "BEGIN IMMEDIATE", "locking it", err);
    if (status != HF_OK)
        return status;
    int64_t version = 0;
    status = identify(store, &version, err);
    const int newest = newest_version();
    for (int next = (int)version + 1; status == HF_OK && next <= newest; next++)
        status = take_step(store, next, err);
    if (status == HF_OK && version < newest) {
        char stamp[96];
        snprintf(stamp, sizeof stamp, "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION_ID,
                 newest);
        status = hf_sql_exec(store, stamp, "migrating its schema", err);
    }
    if (status == HF_OK && version > 0 && version < newest)
        status = check_references(store, err);
    if (status == HF_OK)
        status = hf_sql_exec(store, "COMMIT", "migrating its schema", err);
    if (status != HF_OK)
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL,
                     NULL); /* no effect if SQLite has rolled back already */
    return status;
}

hf_status hf_schema_migrate(hf_store *store, hf_error *err)
{
    /* Dropping a table deletes its rows, and with them all rows that refer to them. SQLite ignores the pragma
     * inside a transaction (SQLite documentation, "ALTER TABLE", section 7). */
    hf_status status = hf_sql_exec(store, "PRAGMA foreign_keys = OFF", "migrating its schema", err);
    if (status == HF_OK)
        status = migrate(store, err);
    hf_error again = {0};
    hf_status on = hf_sql_exec(store, "PRAGMA foreign_keys = ON", "migrating its schema", &again);
    if (status == HF_OK && on != HF_OK) {
        status = on;
        if (err && err->status == HF_OK)
            *err = again;
    }
    return status;
}
