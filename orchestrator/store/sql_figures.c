/* SPDX-License-Identifier: Apache-2.0 */
#include "sql_figures.h"

#include "report/rows.h"

void hf_sql_figure_names(const hf_figure_table *table, unsigned origins, const char *prefix,
                         const char *suffix, hf_buffer *out)
{
    for (size_t i = 0; i < table->count; i++)
        if (hf_figure_is_from(&table->rows[i], origins))
            hf_buffer_printf(out, "%s%s%s", prefix, table->rows[i].name, suffix);
}

int hf_sql_bind_figures(hf_sql *sql, int first, const hf_figure_table *table, unsigned origins,
                        const void *row)
{
    int at = first;
    for (size_t i = 0; i < table->count; i++) {
        const hf_figure *figure = &table->rows[i];
        if (!hf_figure_is_from(figure, origins))
            continue;
        if (sql->failed == SQLITE_OK && hf_figure_known(figure, row))
            sql->failed = figure->type == HF_FIGURE_INTEGER
                              ? sqlite3_bind_int64(sql->statement, at, hf_figure_integer(figure, row))
                              : sqlite3_bind_double(sql->statement, at, hf_figure_value(figure, row));
        at++;
    }
    return at;
}

int hf_sql_read_figures(hf_sql *sql, int first, const hf_figure_table *table, unsigned origins, void *row)
{
    int at = first;
    for (size_t i = 0; i < table->count; i++) {
        const hf_figure *figure = &table->rows[i];
        if (!hf_figure_is_from(figure, origins))
            continue;
        if (figure->type == HF_FIGURE_INTEGER)
            *(int64_t *)hf_figure_member(figure, row) = hf_sql_int(sql, at, 0, (int64_t)figure->most);
        else
            *(double *)hf_figure_member(figure, row) = hf_sql_real(sql, at, 0, figure->most);
        at++;
    }
    return at;
}

/* The tables that store the figures. */
static const struct {
    const char *name;
    const hf_figure_table *figures;
    unsigned origins;
} tables[] = {
    {"results", &hf_result_figures, HF_ORIGINS_ANALYSED},
    {"measurements", &hf_result_figures, HF_ORIGINS_MEASURED},
    {"layers", &hf_layer_figures, HF_ORIGIN(LAYER)},
    {"layer_times", &hf_layer_figures, HF_ORIGINS_TIMED},
};
#define TABLE_COUNT (sizeof tables / sizeof tables[0])

int hf_sql_figures_version(void)
{
    int version = 0;
    for (size_t t = 0; t < TABLE_COUNT; t++)
        for (size_t i = 0; i < tables[t].figures->count; i++)
            if (tables[t].figures->rows[i].since > version)
                version = tables[t].figures->rows[i].since;
    return version;
}

void hf_sql_figures_added(int version, hf_buffer *out)
{
    for (size_t t = 0; t < TABLE_COUNT; t++)
        for (size_t i = 0; i < tables[t].figures->count; i++) {
            const hf_figure *figure = &tables[t].figures->rows[i];
            if (figure->since == version && hf_figure_is_from(figure, tables[t].origins))
                hf_buffer_printf(out, "ALTER TABLE %s ADD COLUMN %s %s;", tables[t].name, figure->name,
                                 figure->type == HF_FIGURE_INTEGER ? "INTEGER" : "REAL");
        }
}
