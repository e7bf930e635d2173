/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fit_latency FIRMWARE FIT.db CHECK.db > orchestrator/scorecard/latency_coefficients.c
 * Fits the coefficients of estimated latencies to the layer cycles that the runs in a store have measured, and to single
 * operators that it measures itself (single_operators.h) with the firmware FIRMWARE/hilfarm-CHIP.bin: for each chip and
 * kernel non-negative least squares of relative errors. On stderr: how well the estimates of whole models meet the
 * measurements, of the models of the fit and of those in the second store, which the fit does not see, and how well those
 * of other single operators do. The models outside the fit become the error bound of estimates.
 *
 * fit_latency FIRMWARE STORE.db
 * Prints how well the present coefficients estimate the models of a store: rows metric,value,unit,goal,better.
 *
 * With FIT_LATENCY_MODELS or FIT_LATENCY_LAYERS in the environment, stderr gets a line for each model or layer.
 */
#include <math.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/graph.h"
#include "scorecard/latency_estimate.h"
#include "single_operators.h"
#include "source/source.h"

#define MAX_MODELS 4096
#define SWEEPS     8000

/* Single operators of a kind, for the fit and to check it. */
#define FIT_OPERATORS   40
#define CHECK_OPERATORS 20

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

/* Makes the layers add up to the inference. Each call of a kernel is timed by itself, with empty caches: what that costs is
 * much the same for all calls, but at most half of a layer. What is left is distributed in proportion.
 * @param calls of each node's kernels */
static void add_up(double *cycles, const double *calls, int32_t nodes, double inference)
{
    double sum = 0, all_calls = 0;
    for (int32_t n = 0; n < nodes; n++) {
        sum += cycles[n];
        all_calls += cycles[n] > 0 ? calls[n] : 0;
    }
    const double each = all_calls > 0 ? (sum - inference) / all_calls : 0;
    sum = 0;
    for (int32_t n = 0; n < nodes; n++) {
        if (cycles[n] > 0)
            cycles[n] -= each * calls[n] < cycles[n] / 2 ? each * calls[n] : cycles[n] / 2;
        sum += cycles[n];
    }
    for (int32_t n = 0; n < nodes && sum > 0; n++)
        cycles[n] *= inference / sum;
}

/* Cycles of each node, as measured. */
static void read_layers(sqlite3 *db, int64_t attempt, double *cycles, int32_t nodes)
{
    sqlite3_stmt *query = NULL;
    if (sqlite3_prepare_v2(db, "SELECT position, cycles FROM layer_times WHERE attempt_id = ?", -1, &query,
                           NULL) != SQLITE_OK)
        die(sqlite3_errmsg(db));
    sqlite3_bind_int64(query, 1, attempt);
    while (sqlite3_step(query) == SQLITE_ROW) {
        const int position = sqlite3_column_int(query, 0);
        if (position < 0 || position >= nodes)
            die("a layer that its model does not have: measured with another version?");
        cycles[position] = sqlite3_column_double(query, 1);
    }
    sqlite3_finalize(query);
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
    double *calls = calloc((size_t)graph->node_count + 1, sizeof *calls);
    const size_t first = data->count;
    hf_work work = {0};
    if (!cycles || !calls)
        die("out of memory");
    count_work(graph, compiled, quick, &work);
    for (uint32_t i = 0; i < work.count; i++)
        calls[work.ops[i].node] += work.ops[i].terms[0];
    read_layers(db, attempt, cycles, graph->node_count);
    add_up(cycles, calls, graph->node_count, inference);
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
    free(calls);
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

static void add_operator(void *user, const hf_op_work *work, double cycles)
{
    data_set *data = user;
    *new_row(data) = (observation){.work = *work, .cycles = cycles, .weight = 1 / (cycles + 2000)};
    data->count++;
}

static void load_operators(const char *chip, const char *firmware, uint32_t seed, int count, data_set *data)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/hilfarm-%s.bin", firmware, chip);
    hf_measure_operators(hf_chip_find(chip), path, seed, count, add_operator, data);
}

/* The normal equations of one kernel's least squares. */
typedef struct equations {
    double square[HF_WORK_TERMS][HF_WORK_TERMS], right[HF_WORK_TERMS];
    size_t seen;
} equations;

static void add_equations(const data_set *data, hf_kernel kernel, equations *e)
{
    for (size_t i = 0; i < data->count; i++) {
        const observation *row = &data->rows[i];
        if (row->work.kernel != kernel)
            continue;
        const double w = row->weight * row->weight;
        e->seen++;
        for (int a = 0; a < HF_WORK_TERMS; a++) {
            e->right[a] += w * row->work.terms[a] * row->cycles;
            for (int b = 0; b < HF_WORK_TERMS; b++)
                e->square[a][b] += w * row->work.terms[a] * row->work.terms[b];
        }
    }
}

/* Non-negative least squares by coordinate descent. */
static void solve(const equations *e, double out[HF_WORK_TERMS])
{
    for (int a = 0; a < HF_WORK_TERMS; a++)
        out[a] = 0;
    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (int a = 0; a < HF_WORK_TERMS; a++) {
            double rest = e->right[a];
            for (int b = 0; b < HF_WORK_TERMS; b++)
                rest -= b == a ? 0 : e->square[a][b] * out[b];
            out[a] = e->square[a][a] > 0 && rest > 0 ? rest / e->square[a][a] : 0;
        }
}

static int by_value(const void *x, const void *y)
{
    const double *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

static judgement judge_errors(double *errors, uint32_t count)
{
    judgement result = {.models = count};
    for (uint32_t i = 0; i < count; i++) {
        result.bias += errors[i] / count;
        errors[i] = fabs(errors[i]);
    }
    if (count) {
        qsort(errors, count, sizeof *errors, by_value);
        result.median = errors[count / 2];
        result.p95 = errors[(count - 1) * 95 / 100];
        result.largest = errors[count - 1];
    }
    return result;
}

/* On stderr: chip, model, node, kernel, measured and estimated cycles, difference in percent of the model's, terms. */
static void list_layer(const data_set *data, const observation *row, const char *chip, double estimated)
{
    fprintf(stderr, "%s,%s,%d,\"%s\",%.0f,%.0f,%.2f,", chip, data->names[row->model], (int)row->work.node,
            hf_kernel_name(row->work.kernel), row->cycles, estimated,
            100 * (estimated - row->cycles) / data->measured[row->model]);
    for (int t = 0; t < HF_WORK_TERMS; t++)
        if (row->work.terms[t] > 0)
            fprintf(stderr, " %d:%.0f", t, row->work.terms[t]);
    fputc('\n', stderr);
}

/* @param lists print models and layers, if the environment asks for them */
static judgement judge(const data_set *data, const hf_cost_table *table, bool lists)
{
    double *estimated = calloc(data->models + 1, sizeof *estimated);
    double *errors = calloc(data->models + 1, sizeof *errors);
    if (!estimated || !errors)
        die("out of memory");
    for (size_t i = 0; i < data->count; i++) {
        const observation *row = &data->rows[i];
        const double cycles = hf_cost_cycles(table, &row->work);
        estimated[row->model] += cycles;
        if (lists && getenv("FIT_LATENCY_LAYERS"))
            list_layer(data, row, table->chip, cycles);
    }
    for (uint32_t m = 0; m < data->models; m++) {
        errors[m] = 100 * (estimated[m] / data->measured[m] - 1);
        if (lists && getenv("FIT_LATENCY_MODELS"))
            fprintf(stderr, "%s,%s,%.0f,%.2f\n", table->chip, data->names[m], data->measured[m], errors[m]);
    }
    const judgement result = judge_errors(errors, data->models);
    free(estimated);
    free(errors);
    return result;
}

/* Of the operators of a kernel, each by itself. */
static judgement judge_operators(const data_set *data, const hf_cost_table *table, hf_kernel kernel)
{
    double *errors = calloc(data->count + 1, sizeof *errors);
    uint32_t count = 0;
    if (!errors)
        die("out of memory");
    for (size_t i = 0; i < data->count; i++) {
        const observation *row = &data->rows[i];
        if (kernel == HF_KERNEL_COUNT || row->work.kernel == kernel)
            errors[count++] = 100 * (hf_cost_cycles(table, &row->work) / row->cycles - 1);
    }
    const judgement result = judge_errors(errors, count);
    free(errors);
    return result;
}

static void tell(const char *chip, const char *which, const judgement *j)
{
    fprintf(stderr,
            "%s, %s: %u, error of the latency: mean %+.1f %%; median %.1f %%, 95th percentile %.1f "
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

/* How well single operators outside the fit are estimated, by kernel. */
static void tell_operators(const char *chip, const char *firmware, const hf_cost_table *table)
{
    data_set data = {0};
    load_operators(chip, firmware, 2, CHECK_OPERATORS, &data);
    for (int k = 0; k < HF_KERNEL_COUNT; k++) {
        const judgement j = judge_operators(&data, table, (hf_kernel)k);
        if (j.models > 0)
            tell(chip, hf_kernel_name((hf_kernel)k), &j);
    }
    const judgement all = judge_operators(&data, table, HF_KERNEL_COUNT);
    tell(chip, "operators alone, outside the fit", &all);
    free_data(&data);
}

static void fit_chip(const char *chip, const char *firmware, sqlite3 *fit, sqlite3 *check)
{
    static data_set data, alone, outside, quick;
    hf_cost_table table = {.chip = chip};
    load(fit, chip, false, &data);
    load(check, chip, false, &outside);
    load(check, chip, true, &quick);
    load_operators(chip, firmware, 1, FIT_OPERATORS, &alone);
    for (int k = 0; k < HF_KERNEL_COUNT; k++) {
        equations e = {0};
        add_equations(&data, (hf_kernel)k, &e);
        add_equations(&alone, (hf_kernel)k, &e);
        if (e.seen == 0)
            fprintf(stderr, "%s: no measurement of %s\n", chip, hf_kernel_name((hf_kernel)k));
        solve(&e, table.cycles[k]);
    }
    const judgement within = judge(&data, &table, false), beyond = judge(&outside, &table, true),
                    quickly = judge(&quick, &table, false);
    tell(chip, "models in the fit", &within);
    tell(chip, "models outside", &beyond);
    tell(chip, "models outside, quick", &quickly);
    tell_operators(chip, firmware, &table);
    table.error_percent = beyond.p95;
    table.quick_error_percent = quickly.p95;
    if (data.count)
        print(&table);
    free_data(&data);
    free_data(&alone);
    free_data(&outside);
    free_data(&quick);
}

static void fit_all(const char *firmware, sqlite3 *fit, sqlite3 *check)
{
    printf("/* SPDX-License-Identifier: Apache-2.0 */\n"
           "/* Written by fit_latency, see LATENCY.md; not to be changed by hand. Cycles per unit of the "
           "terms that compile/work*.c "
           "count. */\n"
           "#include \"scorecard/latency_estimate.h\"\n\n"
           "const hf_cost_table hf_cost_tables[] = {\n");
    for (uint32_t i = 0; hf_chip_at(i); i++)
        fit_chip(hf_chip_at(i)->name, firmware, fit, check);
    printf("    {NULL, 0, 0, {{0}}},\n};\n");
}

/* Of the present coefficients. */
static void check_all(const char *firmware, sqlite3 *db)
{
    for (const hf_cost_table *table = hf_cost_tables; table->chip; table++) {
        static data_set data;
        load(db, table->chip, false, &data);
        const judgement j = judge(&data, table, true);
        printf("estimate_%s_models,%u,models,,\n", table->chip, (unsigned)j.models);
        printf("estimate_%s_mean,%.2f,%%,0,\n", table->chip, j.bias);
        printf("estimate_%s_median,%.2f,%%,2,lower\n", table->chip, j.median);
        printf("estimate_%s_95th_percentile,%.2f,%%,6,lower\n", table->chip, j.p95);
        printf("estimate_%s_largest,%.2f,%%,12,lower\n", table->chip, j.largest);
        free_data(&data);
        load_operators(table->chip, firmware, 2, CHECK_OPERATORS, &data);
        const judgement alone = judge_operators(&data, table, HF_KERNEL_COUNT);
        printf("estimate_%s_operators,%u,operators,,\n", table->chip, (unsigned)alone.models);
        printf("estimate_%s_operators_median,%.2f,%%,,lower\n", table->chip, alone.median);
        printf("estimate_%s_operators_95th_percentile,%.2f,%%,,lower\n", table->chip, alone.p95);
        free_data(&data);
    }
}

int main(int argc, char **argv)
{
    if (argc != 3 && argc != 4)
        die("usage: fit_latency FIRMWARE FIT.db CHECK.db, or fit_latency FIRMWARE STORE.db");
    sqlite3 *db = open_store(argv[2]);
    if (argc == 4) {
        sqlite3 *check = open_store(argv[3]);
        fit_all(argv[1], db, check);
        sqlite3_close(check);
    } else {
        check_all(argv[1], db);
    }
    sqlite3_close(db);
    return 0;
}
