/* SPDX-License-Identifier: Apache-2.0 */
#include "csv_columns.h"

#include <inttypes.h>

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

void hf_csv_column_at(const hf_csv_columns *columns, int place, const char **name, const char **unit)
{
    const hf_figure *figure = figure_at(columns, place);
    const hf_csv_column *column = column_at(columns, place);
    *name = figure ? figure->name : column ? column->name : NULL;
    *unit = figure ? figure->unit : column ? column->unit : NULL;
}

void hf_csv_put_names(const hf_csv_columns *columns, hf_buffer *out)
{
    for (int place = 1; place <= hf_csv_column_count(columns); place++) {
        const char *name, *unit;
        hf_csv_column_at(columns, place, &name, &unit);
        hf_buffer_puts(out, place > 1 ? "," : "");
        hf_buffer_puts(out, name ? name : "");
    }
    hf_buffer_puts(out, "\r\n");
}

/* An unknown figure is an empty field, never a zero. */
static void put_figure(const hf_figure *figure, bool measured, const void *figures_of, hf_buffer *out)
{
    const unsigned always = HF_ORIGINS_ANALYSED | HF_ORIGIN(LAYER);
    if (!hf_figure_known(figure, figures_of) || (!measured && !hf_figure_is_from(figure, always)))
        return;
    if (figure->type == HF_FIGURE_INTEGER)
        hf_buffer_printf(out, "%" PRId64, hf_figure_integer(figure, figures_of));
    else
        hf_buffer_printf(out, "%.6f", hf_figure_value(figure, figures_of));
}

void hf_csv_put_line(const hf_csv_columns *columns, const hf_csv_line *line, const void *figures_of,
                     hf_buffer *out)
{
    for (int place = 1; place <= hf_csv_column_count(columns); place++) {
        const hf_figure *figure = figure_at(columns, place);
        const hf_csv_column *column = column_at(columns, place);
        hf_buffer_puts(out, place > 1 ? "," : "");
        if (figure)
            put_figure(figure, line->measured, figures_of, out);
        else if (column)
            column->put(line, out);
    }
    hf_buffer_puts(out, "\r\n");
}
