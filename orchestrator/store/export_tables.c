/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a run to a database of flat tables, for pandas, R and SQL. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "load_report.h"
#include "report/c_locale.h"
#include "report/csv_columns.h"

static const char doing[] = "exporting a run";

typedef struct export
{
    const char *output; /* for messages */
    hf_store to;        /* the new file; only its handle and path are used */
    hf_sql results, layers, samples, attempts, trainings, epochs;
    hf_buffer field;
}
export;

/* ---- Statements ---- */

static void put_identifier(hf_buffer *out, const char *prefix, const char *name)
{
    hf_buffer_printf(out, "\"%s", prefix);
    for (; *name; name++) {
        if (*name == '"')
            hf_buffer_putc(out, '"');
        hf_buffer_putc(out, *name);
    }
    hf_buffer_putc(out, '"');
}

/* The columns of a CSV file as columns of a table. */
static void put_columns(const hf_csv_columns *columns, hf_buffer *out)
{
    static const char *const types[] = {
        [HF_CSV_TEXT] = "TEXT", [HF_CSV_INTEGER] = "INTEGER", [HF_CSV_REAL] = "REAL"};
    for (int place = 1; place <= hf_csv_column_count(columns); place++) {
        const char *name, *unit;
        hf_csv_type type;
        if (!hf_csv_column_at(columns, place, &name, &unit, &type))
            continue;
        hf_buffer_puts(out, place > 1 ? ", " : "");
        put_identifier(out, "", name);
        hf_buffer_printf(out, " %s", types[type]);
    }
}

static void put_parameters(hf_buffer *out, const char *table, size_t count)
{
    hf_buffer_printf(out, "INSERT INTO %s VALUES (", table);
    for (size_t i = 0; i < count; i++)
        hf_buffer_puts(out, i ? ", ?" : "?");
    hf_buffer_putc(out, ')');
}

/* Starts a statement whose text is in a buffer, which is emptied. */
static hf_sql start(hf_store *to, hf_buffer *text)
{
    hf_sql sql = hf_sql_start(to, doing, hf_buffer_text(text), "");
    if (text->failed)
        sql.failed = SQLITE_NOMEM;
    hf_buffer_clear(text);
    return sql;
}

static hf_status create_tables(export *self, const hf_results_head *head, hf_error *err)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_buffer_puts(
        &text,
        "CREATE TABLE runs (run INTEGER, run_key TEXT, name TEXT, owner TEXT, tags TEXT, state TEXT,"
        " started_ms INTEGER, finished_ms INTEGER, duration_ns INTEGER, regressed INTEGER, baseline TEXT,"
        " spec_path TEXT,"
        " spec_text TEXT, farm_path TEXT, farm_text TEXT, hilfarm_version TEXT, openocd_version TEXT,"
        " host TEXT, warmup INTEGER, runs INTEGER, limit_ram_bytes INTEGER, limit_rom_bytes INTEGER,"
        " limit_macs INTEGER);"
        "CREATE TABLE samples (run INTEGER, name TEXT, chip TEXT, sample INTEGER, cycles INTEGER,"
        " instructions INTEGER, latency_ms REAL);"
        "CREATE TABLE attempts (run INTEGER, name TEXT, chip TEXT, attempt INTEGER, board TEXT,"
        " started_ms INTEGER, duration_ns INTEGER, flash_ns INTEGER, reset_ns INTEGER, run_ns INTEGER,"
        " succeeded INTEGER, fault TEXT, message TEXT);"
        "CREATE TABLE trainings (run INTEGER, name TEXT, chip TEXT, training_key TEXT, complete INTEGER,"
        " epochs INTEGER, seconds REAL, warning TEXT);"
        "CREATE TABLE training_epochs (run INTEGER, name TEXT, chip TEXT, epoch INTEGER, loss REAL,"
        " training_percent REAL, validation_percent REAL, seconds REAL);"
        "CREATE TABLE layers (");
    put_columns(&hf_layer_columns, &text);
    hf_buffer_puts(&text, ");CREATE TABLE results (");
    put_columns(&hf_result_columns, &text);
    for (size_t f = 0; f < head->factor_count; f++) {
        hf_buffer_puts(&text, ", ");
        put_identifier(&text, HF_CSV_FACTOR_PREFIX, head->factors[f]);
        hf_buffer_puts(&text, " REAL");
    }
    hf_buffer_puts(&text, ")");
    hf_status status = text.failed ? HF_FAIL(err, HF_ENOMEM, "no memory for %s", self->output)
                                   : hf_sql_exec(&self->to, hf_buffer_text(&text), doing, err);
    hf_buffer_clear(&text);
    if (status == HF_OK) {
        put_parameters(&text, "results",
                       (size_t)hf_csv_column_count(&hf_result_columns) + head->factor_count);
        self->results = start(&self->to, &text);
        put_parameters(&text, "layers", (size_t)hf_csv_column_count(&hf_layer_columns));
        self->layers = start(&self->to, &text);
        put_parameters(&text, "samples", 7);
        self->samples = start(&self->to, &text);
        put_parameters(&text, "attempts", 13);
        self->attempts = start(&self->to, &text);
        put_parameters(&text, "trainings", 8);
        self->trainings = start(&self->to, &text);
        put_parameters(&text, "training_epochs", 8);
        self->epochs = start(&self->to, &text);
    }
    hf_buffer_free(&text);
    return status;
}

static hf_status add_run(export *self, const hf_run_row *run, hf_error *err)
{
    hf_buffer text = HF_BUFFER_INIT;
    put_parameters(&text, "runs", 23);
    hf_sql sql =
        hf_sql_start(&self->to, doing, hf_buffer_text(&text),
                     "ittttt"
                     "izzi"
                     "ttttttt"
                     "tii"
                     "zzz",
                     run->id, run->key, run->name, run->owner, run->tags, hf_run_state_name(run->state),
                     run->started_ms, run->finished_ms, run->duration_ns, (int64_t)run->regressed,
                     run->baseline, run->spec_path, run->spec_text, run->farm_path, run->farm_text,
                     run->hilfarm_version, run->openocd_version, run->host, (int64_t)run->warmup,
                     (int64_t)run->runs, run->limits.ram_bytes, run->limits.rom_bytes, run->limits.macs);
    hf_buffer_free(&text);
    if (!run->compared && sql.failed == SQLITE_OK)
        sqlite3_bind_null(sql.statement, 10); /* regressed */
    return hf_sql_finish(&sql, err);
}

/* ---- Rows: the fields of a CSV file; the column's type makes numbers of them ---- */

static void bind_fields(export *self, hf_sql *sql, const hf_csv_columns *columns, const hf_csv_line *line,
                        const void *figures_of)
{
    hf_sql_again(sql, "");
    for (int place = 1; sql->failed == SQLITE_OK && place <= hf_csv_column_count(columns); place++) {
        hf_buffer_clear(&self->field);
        hf_csv_put_field(columns, place, line, figures_of, &self->field);
        if (self->field.failed)
            sql->failed = SQLITE_NOMEM;
        else if (self->field.size)
            sqlite3_bind_text(sql->statement, place, self->field.data, (int)self->field.size,
                              SQLITE_TRANSIENT);
    }
}

static void add_layers(export *self, const hf_run_row *run, const hf_result_row *row)
{
    hf_csv_line line = hf_csv_layer_line(run, row);
    for (size_t l = 0; l < row->layer_count; l++) {
        line.layer = &row->layers[l];
        line.layer_number = l + 1;
        bind_fields(self, &self->layers, &hf_layer_columns, &line, line.layer);
        hf_sql_step(&self->layers);
    }
}

static void add_samples(export *self, const hf_run_row *run, const hf_result_row *row)
{
    for (size_t s = 0; s < row->sample_count; s++) {
        hf_sql_again(&self->samples, "ittiizd", run->id, row->name, row->chip, (int64_t)s + 1,
                     row->samples[s].cycles, row->samples[s].instructions,
                     row->clock_hz > 0 ? (double)row->samples[s].cycles * 1e3 / (double)row->clock_hz : 0);
        hf_sql_step(&self->samples);
    }
}

/* ---- The visit ---- */

static hf_status begin(void *user, const hf_results_head *head, hf_error *err)
{
    export *self = user;
    hf_status status = create_tables(self, head, err);
    return status == HF_OK ? add_run(self, &head->report->run, err) : status;
}

static void add_attempts(export *self, const hf_run_row *run, const hf_results_item *item)
{
    for (size_t a = 0; a < item->attempt_count; a++) {
        const hf_attempt_row *attempt = item->attempts[a];
        hf_sql_again(&self->attempts, "ittitiiiiiitt", run->id, item->row->name, item->row->chip,
                     (int64_t)attempt->number, attempt->board_id, attempt->started_ms, attempt->duration_ns,
                     attempt->flash_ns, attempt->reset_ns, attempt->run_ns, (int64_t)attempt->succeeded,
                     attempt->fault, attempt->message);
        hf_sql_step(&self->attempts);
    }
}

static double known(double value)
{
    return value >= 0 ? value : NAN; /* NULL */
}

static void add_training(export *self, const hf_run_row *run, const hf_result_row *row)
{
    const hf_training_row *training = &row->training;
    if (!training->key)
        return;
    hf_sql_again(&self->trainings, "itttiirt", run->id, row->name, row->chip, training->key,
                 (int64_t)training->complete, (int64_t)training->epochs, training->seconds,
                 training->warning);
    hf_sql_step(&self->trainings);
    for (size_t i = 0; i < training->curve_count; i++) {
        const hf_epoch_row *epoch = &training->curve[i];
        hf_sql_again(&self->epochs, "ittirrrr", run->id, row->name, row->chip, (int64_t)epoch->epoch,
                     known(epoch->loss), known(epoch->training_percent), known(epoch->validation_percent),
                     epoch->seconds);
        hf_sql_step(&self->epochs);
    }
}

/* Whether any of the statements has failed. */
static bool have_failed(const export *self)
{
    return self->results.failed || self->layers.failed || self->samples.failed || self->attempts.failed ||
           self->trainings.failed || self->epochs.failed;
}

static hf_status add_item(void *user, const hf_results_head *head, const hf_results_item *item, hf_error *err)
{
    export *self = user;
    const hf_run_row *run = &head->report->run;
    const hf_csv_line line = hf_csv_result_line(run, item->row);
    const int columns = hf_csv_column_count(&hf_result_columns);
    bind_fields(self, &self->results, &hf_result_columns, &line, item->row);
    for (size_t f = 0; self->results.failed == SQLITE_OK && f < head->factor_count; f++) {
        const hf_factor_row *factor = hf_result_factor(item->row, head->factors[f]);
        if (factor)
            sqlite3_bind_double(self->results.statement, columns + 1 + (int)f, factor->value);
    }
    hf_sql_step(&self->results);
    add_layers(self, run, item->row);
    add_samples(self, run, item->row);
    add_attempts(self, run, item);
    add_training(self, run, item->row);
    return have_failed(self) ? HF_FAIL_AS(err, HF_FAULT_FARM, HF_ESTORE, "cannot write %s: %s", self->output,
                                          sqlite3_errmsg(self->to.db))
                             : HF_OK;
}

static hf_status end(void *user, const hf_results_head *head, hf_error *err)
{
    export *self = user;
    (void)head;
    return hf_sql_exec(&self->to, "COMMIT", doing, err);
}

/* Fills the new file. */
static hf_status fill(hf_store *store, int64_t run_id, export *self, hf_error *err)
{
    const hf_results_visitor visitor = {
        .user = self, .parts = HF_PARTS_ALL, .begin = begin, .item = add_item, .end = end};
    if (sqlite3_open_v2(self->to.path, &self->to.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
        SQLITE_OK)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot write %s: %s", self->output,
                          sqlite3_errmsg(self->to.db));
    locale_t before = hf_c_locale_enter();
    hf_status status =
        hf_sql_exec(&self->to, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN", doing, err);
    if (status == HF_OK)
        status = hf_store_visit_results(store, run_id, NULL, &visitor, err);
    hf_c_locale_leave(before);
    sqlite3_finalize(self->results.statement); /* NULL is allowed */
    sqlite3_finalize(self->layers.statement);
    sqlite3_finalize(self->samples.statement);
    sqlite3_finalize(self->attempts.statement);
    sqlite3_finalize(self->trainings.statement);
    sqlite3_finalize(self->epochs.statement);
    return status;
}

hf_status hf_store_export(hf_store *store, int64_t run_id, const char *path, hf_error *err)
{
    export self = {.output = path};
    struct stat info;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return HF_FAIL(err, HF_EINVALID, "%s is not a regular file: a database cannot be written there",
                       path);
    if (asprintf(&self.to.path, "%s.%ld.tmp", path, (long)getpid()) < 0)
        return HF_FAIL(err, HF_ENOMEM, "no memory for the path of a file");
    unlink(self.to.path);
    hf_status status = fill(store, run_id, &self, err);
    sqlite3_close(self.to.db);
    if (status == HF_OK && rename(self.to.path, path) < 0)
        status = HF_FAIL(err, HF_EIO, "cannot write %s: %s", path, strerror(errno));
    if (status != HF_OK)
        unlink(self.to.path);
    free(self.to.path);
    hf_buffer_free(&self.field);
    return status;
}
