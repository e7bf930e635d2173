/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fit_latency FIT.db CHECK.db > orchestrator/scorecard/latency_coefficients.c
 * Fits the coefficients of estimated latencies to the layer cycles that the runs in a store have measured: for each chip
 * and kernel non-negative least squares of relative errors. On stderr: how well the estimates of whole models meet the
 * measurements, of the models of the fit and of those in the second store, which the fit does not see. The latter become
 * the error bound of estimates.
 *
 * fit_latency STORE.db
 * Prints how well the present coefficients estimate the models of a store: rows metric,value,unit,goal,better.
 */
#include <math.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/graph.h"
#include "scorecard/latency_estimate.h"
#include "source/source.h"

#define MAX_MODELS 4096
#define SWEEPS     20000

/* One operator of one model, as measured on a chip. */
typedef struct observation {
    uint32_t model;
    hf_op_work work;
    double cycles;
    double weight;
} observation;

typedef struct data_set {
    observation *rows;
    size_t count;
    uint32_t models;
    double measured[MAX_MODELS]; /* whole inference */
    char *names[MAX_MODELS];
} data_set;

/* Relative errors of whole models, in percent. */
typedef struct judgement {
    uint32_t models;
    double bias, median, p95, largest;
} judgement;

static hf_status load_graph(const char *name, const char *source, hf_graph **graph, hf_error *err)
{
    hf_source parsed;
    hf_status status = hf_source_parse(source ? source : name, &parsed, err);
    return status ? status : hf_source_build(&parsed, graph, err);
}

static void die(const char *what)
{
    fprintf(stderr, "fit_latency: %s\n", what);
    exit(1);
}

static observation *new_row(data_set *data)
{
    data->rows = reallocarray(data->rows, data->count + 1, sizeof *data->rows);
    if (!data->rows)
        die("out of memory");
    return &data->rows[data->count];
}

/* Cycles of each node, as measured; they are scaled to add up to the inference, so that the time between two layers is
 * distributed over them. */
static void read_layers(sqlite3 *db, int64_t attempt, double inference, double *cycles, int32_t nodes)
{
    sqlite3_stmt *query = NULL;
    double sum = 0;
    if (sqlite3_prepare_v2(db, "SELECT position, cycles FROM layer_times WHERE attempt_id = ?", -1, &query,
                           NULL) != SQLITE_OK)
        die(sqlite3_errmsg(db));
    sqlite3_bind_int64(query, 1, attempt);
    while (sqlite3_step(query) == SQLITE_ROW) {
        const int position = sqlite3_column_int(query, 0);
        if (position < 0 || position >= nodes)
            die("a layer that its model does not have: measured with another version?");
        cycles[position] = sqlite3_column_double(query, 1);
        sum += cycles[position];
    }
    sqlite3_finalize(query);
    for (int32_t n = 0; n < nodes && sum > 0; n++)
        cycles[n] *= inference / sum;
}

/* Adds an operator's work to that of the operators before it that compute parts of the same node. @return whether it could */
static bool joins(data_set *data, size_t first, const hf_op_work *work)
{
    for (size_t i = first; i < data->count; i++) {
        observation *row = &data->rows[i];
        if (row->work.node != work->node || row->work.kernel != work->kernel)
            continue;
        for (int t = 0; t < HF_WORK_TERMS; t++)
            row->work.terms[t] += work->terms[t];
        return true;
    }
    return false;
}

/* As `hilfarm analyze` counts it: from the image if the model has weights, else from a forecast. */
static void count_work(const hf_graph *graph, bool compiled, bool quick, hf_work *work)
{
    const hf_compile_options options = {.objective = HF_OBJECTIVE_TIME};
    hf_image_forecast forecast;
    hf_image image = {0};
    hf_error err = {0};
    hf_status status;
    if (compiled) {
        status = hf_compile_for(graph, &options, &image, &err);
        if (!status)
            status = hf_image_work(graph, &image, work, &err);
    } else {
        status = hf_forecast_work(graph, &options, quick, &forecast, work, &err);
    }
    if (status)
        die(err.message);
    hf_image_free(&image);
}

static void add_model(data_set *data, sqlite3 *db, int64_t attempt, const hf_graph *graph, double inference,
                      bool compiled, bool quick)
{
    double *cycles = calloc((size_t)graph->node_count + 1, sizeof *cycles);
    const size_t first = data->count;
    hf_work work = {0};
    if (!cycles)
        die("out of memory");
    count_work(graph, compiled, quick, &work);
    read_layers(db, attempt, inference, cycles, graph->node_count);
    for (uint32_t i = 0; i < work.count; i++) {
        if (joins(data, first, &work.ops[i]))
            continue;
        observation *row = new_row(data);
        *row = (observation){.model = data->models, .work = work.ops[i], .cycles = cycles[work.ops[i].node]};
        /* Relative errors count, but those of what hardly matters to its model count less. */
        row->weight = 1 / (row->cycles + inference / 50);
        data->count++;
    }
    hf_work_free(&work);
    free(cycles);
    data->measured[data->models++] = inference;
}

static void load(sqlite3 *db, const char *chip, bool quick, data_set *data)
{
    static const char sql[] =
        "SELECT attempts.id, name, source, (SELECT min(cycles) FROM samples WHERE attempt_id = attempts.id)"
        " FROM results JOIN attempts ON attempts.result_id = results.id"
        " WHERE chip = ? AND succeeded AND EXISTS (SELECT 1 FROM layer_times WHERE attempt_id = attempts.id)"
        " ORDER BY attempts.id";
    sqlite3_stmt *query = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &query, NULL) != SQLITE_OK)
        die(sqlite3_errmsg(db));
    sqlite3_bind_text(query, 1, chip, -1, SQLITE_STATIC);
    while (sqlite3_step(query) == SQLITE_ROW && data->models < MAX_MODELS) {
        hf_graph *graph = NULL;
        hf_error err = {0};
        if (load_graph((const char *)sqlite3_column_text(query, 1),
                       (const char *)sqlite3_column_text(query, 2), &graph, &err) != HF_OK)
            die(err.message);
        data->names[data->models] = strdup((const char *)sqlite3_column_text(query, 1));
        add_model(data, db, sqlite3_column_int64(query, 0), graph, sqlite3_column_double(query, 3),
                  sqlite3_column_type(query, 2) != SQLITE_NULL, quick);
        hf_graph_free(graph);
    }
    sqlite3_finalize(query);
}

/* Non-negative least squares of one kernel by coordinate descent. */
static void fit_kernel(const data_set *data, hf_kernel kernel, double out[HF_WORK_TERMS])
{
    double square[HF_WORK_TERMS][HF_WORK_TERMS] = {{0}}, right[HF_WORK_TERMS] = {0};
    for (size_t i = 0; i < data->count; i++) {
        const observation *row = &data->rows[i];
        if (row->work.kernel != kernel)
            continue;
        const double w = row->weight * row->weight;
        for (int a = 0; a < HF_WORK_TERMS; a++) {
            right[a] += w * row->work.terms[a] * row->cycles;
            for (int b = 0; b < HF_WORK_TERMS; b++)
                square[a][b] += w * row->work.terms[a] * row->work.terms[b];
        }
    }
    for (int a = 0; a < HF_WORK_TERMS; a++)
        out[a] = 0;
    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (int a = 0; a < HF_WORK_TERMS; a++) {
            double rest = right[a];
            for (int b = 0; b < HF_WORK_TERMS; b++)
                rest -= b == a ? 0 : square[a][b] * out[b];
            out[a] = square[a][a] > 0 && rest > 0 ? rest / square[a][a] : 0;
        }
}

static int by_value(const void *x, const void *y)
{
    const double *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

static judgement judge(const data_set *data, const hf_cost_table *table)
{
    double *estimated = calloc(data->models + 1, sizeof *estimated);
    double *errors = calloc(data->models + 1, sizeof *errors);
    judgement result = {.models = data->models};
    if (!estimated || !errors)
        die("out of memory");
    for (size_t i = 0; i < data->count; i++)
        estimated[data->rows[i].model] += hf_cost_cycles(table, &data->rows[i].work);
    for (uint32_t m = 0; m < data->models; m++) {
        errors[m] = 100 * (estimated[m] / data->measured[m] - 1);
        result.bias += errors[m] / data->models;
        if (getenv("FIT_LATENCY_MODELS"))
            fprintf(stderr, "%s,%s,%.0f,%.2f\n", table->chip, data->names[m], data->measured[m], errors[m]);
        errors[m] = fabs(errors[m]);
    }
    if (data->models) {
        qsort(errors, data->models, sizeof *errors, by_value);
        result.median = errors[data->models / 2];
        result.p95 = errors[(data->models - 1) * 95 / 100];
        result.largest = errors[data->models - 1];
    }
    free(estimated);
    free(errors);
    return result;
}

static void tell(const char *chip, const char *which, const judgement *j)
{
    fprintf(stderr,
            "%s, %s: %u models, error of the latency: mean %+.1f %%; median %.1f %%, 95th percentile %.1f "
            "%%, largest "
            "%.1f %%, regardless of sign\n",
            chip, which, (unsigned)j->models, j->bias, j->median, j->p95, j->largest);
}

static void print(const hf_cost_table *table)
{
    printf("    {\n        \"%s\",\n        %.1f,\n        %.1f,\n        {\n", table->chip,
           table->error_percent, table->quick_error_percent);
    for (int k = 0; k < HF_KERNEL_COUNT; k++) {
        printf("            /* %s */\n            {", hf_kernel_name((hf_kernel)k));
        for (int t = 0; t < HF_WORK_TERMS; t++)
            printf("%s%.4f", t ? ", " : "", table->cycles[k][t]);
        printf("},\n");
    }
    printf("        },\n    },\n");
}

static sqlite3 *open_store(const char *path)
{
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        die(sqlite3_errmsg(db));
    return db;
}

static void free_data(data_set *data)
{
    for (uint32_t m = 0; m < data->models; m++)
        free(data->names[m]);
    free(data->rows);
    *data = (data_set){0};
}

static void fit_chip(const char *chip, sqlite3 *fit, sqlite3 *check)
{
    static data_set data, outside, quick;
    hf_cost_table table = {.chip = chip};
    load(fit, chip, false, &data);
    load(check, chip, false, &outside);
    load(check, chip, true, &quick);
    for (int k = 0; k < HF_KERNEL_COUNT; k++) {
        size_t seen = 0;
        for (size_t i = 0; i < data.count; i++)
            seen += data.rows[i].work.kernel == (hf_kernel)k;
        if (!seen)
            fprintf(stderr, "%s: no measurement of %s\n", chip, hf_kernel_name((hf_kernel)k));
        fit_kernel(&data, (hf_kernel)k, table.cycles[k]);
    }
    const judgement within = judge(&data, &table), beyond = judge(&outside, &table),
                    quickly = judge(&quick, &table);
    tell(chip, "in the fit", &within);
    tell(chip, "outside", &beyond);
    tell(chip, "outside, quick", &quickly);
    table.error_percent = beyond.p95;
    table.quick_error_percent = quickly.p95;
    if (data.count)
        print(&table);
    free_data(&data);
    free_data(&outside);
    free_data(&quick);
}

static void fit_all(sqlite3 *fit, sqlite3 *check)
{
    printf("/* SPDX-License-Identifier: Apache-2.0 */\n"
           "/* Written by fit_latency, see LATENCY.md; not to be changed by hand. Cycles per unit of the "
           "terms that compile/work*.c "
           "count. */\n"
           "#include \"scorecard/latency_estimate.h\"\n\n"
           "const hf_cost_table hf_cost_tables[] = {\n");
    for (uint32_t i = 0; hf_chip_at(i); i++)
        fit_chip(hf_chip_at(i)->name, fit, check);
    printf("    {NULL, 0, 0, {{0}}},\n};\n");
}

/* Of the present coefficients. */
static void check_all(sqlite3 *db)
{
    for (const hf_cost_table *table = hf_cost_tables; table->chip; table++) {
        static data_set data;
        load(db, table->chip, false, &data);
        const judgement j = judge(&data, table);
        printf("estimate_%s_models,%u,models,,\n", table->chip, (unsigned)j.models);
        printf("estimate_%s_mean,%.2f,%%,0,\n", table->chip, j.bias);
        printf("estimate_%s_median,%.2f,%%,2,lower\n", table->chip, j.median);
        printf("estimate_%s_95th_percentile,%.2f,%%,6,lower\n", table->chip, j.p95);
        printf("estimate_%s_largest,%.2f,%%,12,lower\n", table->chip, j.largest);
        free_data(&data);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 3)
        die("usage: fit_latency FIT.db CHECK.db, or fit_latency STORE.db");
    sqlite3 *db = open_store(argv[1]);
    if (argc == 3) {
        sqlite3 *check = open_store(argv[2]);
        fit_all(db, check);
        sqlite3_close(check);
    } else {
        check_all(db);
    }
    sqlite3_close(db);
    return 0;
}
