/* SPDX-License-Identifier: Apache-2.0 */
#include "report/csv_columns.h"

#include <stdlib.h>
#include <string.h>

#include "report/json_text.h"
#include "report/render.h"

static const hf_figure *figure_at(const hf_csv_columns *columns, int place)
{
    for (size_t i = 0; i < columns->figures->count; i++)
        if (columns->figures->rows[i].place == place)
            return &columns->figures->rows[i];
    return NULL;
}

static const hf_csv_column *column_at(const hf_csv_columns *columns, int place)
{
    for (size_t i = 0; i < columns->count; i++)
        if (columns->rows[i].place == place)
            return &columns->rows[i];
    return NULL;
}

int hf_csv_column_count(const hf_csv_columns *columns)
{
    return (int)(columns->count + columns->figures->count);
}

bool hf_csv_column_at(const hf_csv_columns *columns, int place, const char **name, const char **unit,
                      hf_csv_type *type)
{
    const hf_figure *figure = figure_at(columns, place);
    const hf_csv_column *column = column_at(columns, place);
    if (!figure && !column)
        return false;
    *name = figure ? figure->name : column->name;
    *unit = figure ? figure->unit : column->unit;
    *type = !figure ? column->type : figure->type == HF_FIGURE_INTEGER ? HF_CSV_INTEGER : HF_CSV_REAL;
    return true;
}

void hf_csv_put_names(const hf_csv_columns *columns, hf_buffer *out)
{
    for (int place = 1; place <= hf_csv_column_count(columns); place++) {
        const char *name = "", *unit;
        hf_csv_type type;
        (void)hf_csv_column_at(columns, place, &name, &unit, &type);
        hf_buffer_puts(out, place > 1 ? "," : "");
        hf_buffer_puts(out, name);
    }
}

/* An unknown figure is an empty field, never a zero. */
static void put_figure(const hf_figure *figure, bool measured, const void *figures_of, hf_buffer *out)
{
    const unsigned always = HF_ORIGINS_ANALYSED | HF_ORIGIN(LAYER);
    if (!hf_figure_known(figure, figures_of) || (!measured && !hf_figure_is_from(figure, always)))
        return;
    if (figure->type == HF_FIGURE_INTEGER)
        hf_json_integer(out, hf_figure_integer(figure, figures_of));
    else
        hf_buffer_printf(out, "%.6f", hf_figure_value(figure, figures_of));
}

void hf_csv_put_field(const hf_csv_columns *columns, int place, const hf_csv_line *line,
                      const void *figures_of, hf_buffer *out)
{
    const hf_figure *figure = figure_at(columns, place);
    const hf_csv_column *column = column_at(columns, place);
    if (figure)
        put_figure(figure, line->measured, figures_of, out);
    else if (column)
        column->put(line, out);
}

/* Quotes what was appended after `start` if necessary: RFC 4180, 2.6-2.7. */
static void quote_from(hf_buffer *out, size_t start)
{
    if (out->failed || !strpbrk(hf_buffer_text(out) + start, ",\"\r\n"))
        return;
    char *text = strdup(out->data + start);
    out->size = start;
    if (text)
        hf_buffer_csv(out, text);
    else
        out->failed = true;
    free(text);
}

void hf_csv_put_fields(const hf_csv_columns *columns, const hf_csv_line *line, const void *figures_of,
                       hf_buffer *out)
{
    for (int place = 1; place <= hf_csv_column_count(columns); place++) {
        hf_buffer_puts(out, place > 1 ? "," : "");
        const size_t start = out->size;
        hf_csv_put_field(columns, place, line, figures_of, out);
        if (out->size > start)
            quote_from(out, start);
    }
}
