/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fit_latency STORE.db > orchestrator/scorecard/latency_coefficients.c
 * Fits the coefficients of estimated latencies to the layer cycles that runs in a store have measured: for
 * each chip and class of operators non-negative least squares of relative errors. On stderr: how well the
 * estimates of whole models meet the measurements, of all and of models that were held back from a fit of
 * their own.
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
    hf_cost_class cost_class;
    double terms[HF_COST_TERMS];
    double cycles;
    double weight;
} observation;

typedef struct data_set {
    observation *rows;
    size_t count;
    uint32_t models;
    double measured[MAX_MODELS]; /* whole inference */
} data_set;

typedef double coefficients[HF_COST_CLASS_COUNT][HF_COST_TERMS];

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

/* Copies and shuffles that others do along with their own work have no times; that they
 * cost nothing counts. */
static void add_nothing(data_set *data, const hf_graph *graph, int32_t node, double inference)
{
    observation *row = new_row(data);
    *row = (observation){.model = data->models, .weight = 100 / inference};
    row->cost_class = hf_cost_terms(graph, &graph->nodes[node], row->terms);
    data->count += row->cost_class == HF_COST_COPY || row->cost_class == HF_COST_SHUFFLE;
}

static void add_model(data_set *data, sqlite3 *db, int64_t attempt, const hf_graph *graph, double inference)
{
    sqlite3_stmt *query = NULL;
    bool *seen = calloc((size_t)graph->node_count + 1, sizeof *seen);
    if (!seen)
        die("out of memory");
    if (sqlite3_prepare_v2(db, "SELECT position, cycles FROM layer_times WHERE attempt_id = ?", -1, &query,
                           NULL) != SQLITE_OK)
        die(sqlite3_errmsg(db));
    sqlite3_bind_int64(query, 1, attempt);
    while (sqlite3_step(query) == SQLITE_ROW) {
        int position = sqlite3_column_int(query, 0);
        if (position < 0 || position >= graph->node_count)
            die("a layer that its model does not have: measured with another version?");
        observation *row = new_row(data);
        *row = (observation){.model = data->models, .cycles = sqlite3_column_double(query, 1)};
        row->cost_class = hf_cost_terms(graph, &graph->nodes[position], row->terms);
        /* Relative errors count, but those of what hardly matters to its model count less. */
        row->weight = 1 / (row->cycles + inference / 100);
        data->count += row->cost_class != HF_COST_FREE && row->cycles > 0;
        seen[position] = true;
    }
    sqlite3_finalize(query);
    for (int32_t n = 0; n < graph->node_count; n++)
        if (!seen[n])
            add_nothing(data, graph, n, inference);
    free(seen);
    data->measured[data->models++] = inference;
}

static void load(sqlite3 *db, const char *chip, data_set *data)
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
        add_model(data, db, sqlite3_column_int64(query, 0), graph, sqlite3_column_double(query, 3));
        hf_graph_free(graph);
    }
    sqlite3_finalize(query);
}

/* Non-negative least squares of one class by coordinate descent. @param parity of the models left out; 2:
 * none */
static void fit_class(const data_set *data, hf_cost_class cost_class, uint32_t parity,
                      double out[HF_COST_TERMS])
{
    double square[HF_COST_TERMS][HF_COST_TERMS] = {{0}}, right[HF_COST_TERMS] = {0};
    for (size_t i = 0; i < data->count; i++) {
        const observation *row = &data->rows[i];
        if (row->cost_class != cost_class || row->model % 2 == parity)
            continue;
        double w = row->weight * row->weight;
        for (int a = 0; a < HF_COST_TERMS; a++) {
            right[a] += w * row->terms[a] * row->cycles;
            for (int b = 0; b < HF_COST_TERMS; b++)
                square[a][b] += w * row->terms[a] * row->terms[b];
        }
    }
    for (int a = 0; a < HF_COST_TERMS; a++)
        out[a] = 0;
    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (int a = 0; a < HF_COST_TERMS; a++) {
            double rest = right[a];
            for (int b = 0; b < HF_COST_TERMS; b++)
                rest -= b == a ? 0 : square[a][b] * out[b];
            out[a] = square[a][a] > 0 && rest > 0 ? rest / square[a][a] : 0;
        }
}

static void fit(const data_set *data, uint32_t parity, coefficients out)
{
    for (int c = 0; c < HF_COST_CLASS_COUNT; c++)
        fit_class(data, (hf_cost_class)c, parity, out[c]);
}

static int by_value(const void *x, const void *y)
{
    const double *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

/* Errors of whole models. @param parity of the models to look at; 2: all */
static void judge(const data_set *data, coefficients table, uint32_t parity, const char *chip,
                  const char *which)
{
    double *estimated = calloc(data->models + 1, sizeof *estimated);
    double *errors = calloc(data->models + 1, sizeof *errors);
    size_t count = 0;
    if (!estimated || !errors)
        die("out of memory");
    for (size_t i = 0; i < data->count; i++)
        for (int t = 0; t < HF_COST_TERMS; t++)
            estimated[data->rows[i].model] += table[data->rows[i].cost_class][t] * data->rows[i].terms[t];
    for (uint32_t m = 0; m < data->models; m++)
        if (parity == 2 || m % 2 == parity)
            errors[count++] = 100 * fabs(estimated[m] / data->measured[m] - 1);
    qsort(errors, count, sizeof *errors, by_value);
    if (count)
        fprintf(stderr,
                "%s, %s: %zu models, error of the latency: median %.1f %%, 95th percentile %.1f %%, largest "
                "%.1f %%\n",
                chip, which, count, errors[count / 2], errors[(count - 1) * 95 / 100], errors[count - 1]);
    free(estimated);
    free(errors);
}

static void print(const char *chip, coefficients table)
{
    printf("    {\n        \"%s\",\n        {\n", chip);
    for (int c = 0; c < HF_COST_CLASS_COUNT; c++) {
        const char *name = hf_cost_class_name((hf_cost_class)c);
        printf("            /* %s */\n            {", name);
        for (int t = 0; t < HF_COST_TERMS; t++)
            printf("%s%.4f", t ? ", " : "", table[c][t]);
        printf("},\n");
    }
    printf("        },\n    },\n");
}

int main(int argc, char **argv)
{
    sqlite3 *db = NULL;
    if (argc != 2)
        die("usage: fit_latency STORE.db");
    if (sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        die(sqlite3_errmsg(db));
    printf("/* SPDX-License-Identifier: Apache-2.0 */\n"
           "/* Written by fit_latency, see LATENCY.md; not to be changed by hand. Cycles per unit of: fixed, "
           "work,\n"
           " * windows, outputs, parameters, rows, left over. */\n"
           "#include \"scorecard/latency_estimate.h\"\n\n"
           "const hf_cost_table hf_cost_tables[] = {\n");
    for (uint32_t i = 0; hf_chip_at(i); i++) {
        const char *chip = hf_chip_at(i)->name;
        data_set data = {0};
        coefficients all, half;
        load(db, chip, &data);
        if (!data.count)
            continue;
        fit(&data, 2, all);
        judge(&data, all, 2, chip, "all");
        for (uint32_t parity = 0; parity < 2; parity++) {
            fit(&data, parity, half);
            judge(&data, half, parity, chip, "held back");
        }
        size_t seen[HF_COST_CLASS_COUNT] = {0};
        for (size_t r = 0; r < data.count; r++)
            seen[data.rows[r].cost_class]++;
        for (int c = 0; c < HF_COST_CLASS_COUNT; c++)
            if (!seen[c])
                fprintf(stderr, "%s: no measurement of %s\n", chip, hf_cost_class_name((hf_cost_class)c));
        print(chip, all);
        free(data.rows);
    }
    printf("    {NULL, {{0}}},\n};\n");
    sqlite3_close(db);
    return 0;
}
