/* SPDX-License-Identifier: Apache-2.0 */
/* layers.csv: a line for each layer of each variation and chip. */
#include <inttypes.h>

#include "report/csv_columns.h"
#include "report/latency_statistics.h"
#include "report/modelled.h"
#include "report/render.h"
#include "report/results_format.h"

/* PUT(name) starts the function of the column `name`. */
#define PUT(name) static void put_##name(const hf_csv_line *line, hf_buffer *out)

PUT(run)
{
    hf_buffer_printf(out, "%" PRId64, line->run->id);
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
        if (line->text)                                                                                      \
            hf_buffer_puts(out, line->text);                                                                 \
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
#define COLUMN(place, name, type, unit)                                                                      \
    {                                                                                                        \
        place, HF_CSV_##type, #name, unit, put_##name                                                        \
    }

static const hf_csv_column columns[] = {
    COLUMN(1, run, INTEGER, ""),
    COLUMN(2, name, TEXT, ""),
    COLUMN(3, chip, TEXT, ""),
    COLUMN(4, board, TEXT, ""),
    COLUMN(5, timing, TEXT, ""),
    COLUMN(6, layer, INTEGER, ""),
    COLUMN(7, layer_name, TEXT, ""),
    COLUMN(8, op, TEXT, ""),
    COLUMN(9, output_height, INTEGER, ""),
    COLUMN(10, output_width, INTEGER, ""),
    COLUMN(11, output_channels, INTEGER, ""),
    COLUMN(16, cycles_share_percent, REAL, "%"),
    COLUMN(17, macs_per_cycle, REAL, "MACs/cycle"),
};
const hf_csv_columns hf_layer_columns = {columns, sizeof columns / sizeof *columns, &hf_layer_figures};

hf_csv_line hf_csv_layer_line(const hf_run_row *run, const hf_result_row *row)
{
    return (hf_csv_line){.run = run,
                         .row = row,
                         .measured = row->outcome == HF_RESULT_MEASURED,
                         .layers_cycles = hf_result_layers_cycles(row)};
}

static void begin(const hf_results_head *head, hf_buffer *out)
{
    (void)head;
    hf_csv_put_names(&hf_layer_columns, out);
    hf_buffer_puts(out, HF_CSV_LINE_END);
}

static void put_item(const hf_results_head *head, const hf_results_item *item, hf_buffer *out)
{
    hf_csv_line line = hf_csv_layer_line(&head->report->run, item->row);
    for (size_t l = 0; l < item->row->layer_count; l++) {
        line.layer = &item->row->layers[l];
        line.layer_number = l + 1;
        hf_csv_put_fields(&hf_layer_columns, &line, line.layer, out);
        hf_buffer_puts(out, HF_CSV_LINE_END);
    }
}

const hf_results_format hf_layers_csv = {
    .name = "layers.csv", .parts = HF_PART_LAYERS, .begin = begin, .item = put_item};

void hf_render_layers_csv(const hf_report *report, hf_buffer *out)
{
    hf_render_results(&hf_layers_csv, report, out);
}
