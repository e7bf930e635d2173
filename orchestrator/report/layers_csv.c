/* SPDX-License-Identifier: Apache-2.0 */
/* layers.csv: a line for each layer of each variation and chip. */
#include <inttypes.h>

#include "csv_columns.h"
#include "report/c_locale.h"
#include "report/latency_statistics.h"
#include "report/modelled.h"
#include "report/render.h"

/* PUT(name) starts the function of the column `name`. */
#define PUT(name) static void put_##name(const hf_csv_line *line, hf_buffer *out)

PUT(run)
{
    hf_buffer_printf(out, "%" PRId64, line->report->run.id);
}

PUT(timing)
{
    if (line->layers_cycles)
        hf_buffer_puts(out, hf_timing_name(line->row->modelled));
}

PUT(layer)
{
    hf_buffer_printf(out, "%zu", line->layer_number);
}

PUT(cycles_share_percent)
{
    double share = hf_layer_cycles_share_percent(line->layer, line->layers_cycles);
    if (share > 0)
        hf_buffer_printf(out, "%.4f", share);
}

PUT(macs_per_cycle)
{
    double speed = line->measured ? hf_macs_per_cycle(line->layer->macs, (double)line->layer->cycles) : 0;
    if (speed > 0)
        hf_buffer_printf(out, "%.6f", speed);
}

#define PUT_TEXT(name, text)                                                                                 \
    PUT(name)                                                                                                \
    {                                                                                                        \
        hf_csv_text(out, line->text);                                                                        \
    }
PUT_TEXT(name, row->name)
PUT_TEXT(chip, row->chip)
PUT_TEXT(board, row->board_id)
PUT_TEXT(layer_name, layer->name)
PUT_TEXT(op, layer->op)

#define PUT_EXTENT(name)                                                                                     \
    PUT(output_##name)                                                                                       \
    {                                                                                                        \
        hf_buffer_printf(out, "%d", line->layer->name);                                                      \
    }
PUT_EXTENT(height)
PUT_EXTENT(width)
PUT_EXTENT(channels)

/* The places between are those of HF_LAYER_FIGURES. */
#define COLUMN(place, name, unit)                                                                            \
    {                                                                                                        \
        place, #name, unit, put_##name                                                                       \
    }

static const hf_csv_column columns[] = {
    COLUMN(1, run, ""),
    COLUMN(2, name, ""),
    COLUMN(3, chip, ""),
    COLUMN(4, board, ""),
    COLUMN(5, timing, ""),
    COLUMN(6, layer, ""),
    COLUMN(7, layer_name, ""),
    COLUMN(8, op, ""),
    COLUMN(9, output_height, ""),
    COLUMN(10, output_width, ""),
    COLUMN(11, output_channels, ""),
    COLUMN(16, cycles_share_percent, "%"),
    COLUMN(17, macs_per_cycle, "MACs/cycle"),
};
const hf_csv_columns hf_layer_columns = {columns, sizeof columns / sizeof *columns, &hf_layer_figures};

void hf_render_layers_csv(const hf_report *report, hf_buffer *out)
{
    locale_t before = hf_c_locale_enter();
    hf_csv_put_names(&hf_layer_columns, out);
    for (size_t i = 0; i < report->result_count; i++) {
        const hf_result_row *row = &report->results[i];
        hf_csv_line line = {.report = report,
                            .row = row,
                            .measured = row->outcome == HF_RESULT_MEASURED,
                            .layers_cycles = hf_result_layers_cycles(row)};
        for (size_t l = 0; l < row->layer_count; l++) {
            line.layer = &row->layers[l];
            line.layer_number = l + 1;
            hf_csv_put_line(&hf_layer_columns, &line, line.layer, out);
        }
    }
    hf_c_locale_leave(before);
}
