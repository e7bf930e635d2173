/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "html_run_page.h"
#include "report/latency_statistics.h"
#include "report/modelled.h"

/* A cell with a bar behind its figure; its length is relative to the largest value of the column. */
static void put_bar(hf_buffer *out, double value, double largest)
{
    double length_percent = largest > 0 ? 100.0 * value / largest : 0;
    hf_buffer_printf(out, "<td class=\"n bar\" style=\"background-size:%.1f%% 70%%\">", length_percent);
}

static void put_count_bar(hf_buffer *out, int64_t value, int64_t largest)
{
    put_bar(out, (double)value, (double)largest);
    hf_buffer_printf(out, "%" PRId64 "</td>", value);
}

static void put_bytes_bar(hf_buffer *out, int64_t value, int64_t largest)
{
    put_bar(out, (double)value, (double)largest);
    hf_html_bytes(out, value);
    hf_buffer_puts(out, "</td>");
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The largest figure of each column. */
static hf_layer largest_of(const hf_result_row *row)
{
    hf_layer largest = {0};
    for (size_t i = 0; i < row->layer_count; i++) {
        const hf_layer *layer = &row->layers[i];
        largest.macs = larger(largest.macs, layer->macs);
        largest.parameter_bytes = larger(largest.parameter_bytes, layer->parameter_bytes);
        largest.live_bytes = larger(largest.live_bytes, layer->live_bytes);
        largest.cycles = larger(largest.cycles, layer->cycles);
        largest.instructions = larger(largest.instructions, layer->instructions);
    }
    return largest;
}

/* The cycles of a layer. A layer that is part of another, such as a pad, has none of its own. */
static void put_times(const hf_layer *layer, const hf_layer *largest, int64_t all_cycles, hf_buffer *out)
{
    const char *const nothing = "<td class=\"n\">-</td>";
    if (!layer->cycles) {
        for (int column = 0; column < (largest->instructions ? 4 : 3); column++)
            hf_buffer_puts(out, nothing);
        return;
    }
    hf_buffer_printf(out, "<td class=\"n\">%" PRId64 "</td>", layer->cycles);
    put_bar(out, (double)layer->cycles, (double)largest->cycles);
    hf_buffer_printf(out, "%.1f %%</td>", hf_layer_cycles_share_percent(layer, all_cycles));
    if (layer->macs)
        hf_buffer_printf(out, "<td class=\"n\">%.3f</td>",
                         hf_macs_per_cycle(layer->macs, (double)layer->cycles));
    else
        hf_buffer_puts(out, nothing);
    if (largest->instructions)
        put_count_bar(out, layer->instructions, largest->instructions);
}

void hf_html_layers(const hf_result_row *row, hf_buffer *out)
{
    if (!row->layer_count)
        return;
    const hf_layer largest = largest_of(row);
    const int64_t all_cycles = hf_result_layers_cycles(row);
    hf_buffer_puts(out, "<h3>Layers</h3><div class=\"scroll\"><table><thead><tr><th class=\"n\">#</th>"
                        "<th>Layer</th><th>Operator</th><th class=\"n\">Output</th><th class=\"n\">MACs</th>"
                        "<th class=\"n\">Parameters</th><th class=\"n\">Live memory</th>");
    if (all_cycles)
        hf_buffer_printf(out,
                         "<th class=\"n\">Cycles%s</th>"
                         "<th class=\"n\" title=\"of the sum over the layers\">Share of cycles</th>"
                         "<th class=\"n\">MACs/cycle</th>",
                         hf_modelled_suffix(row->modelled));
    if (all_cycles && largest.instructions)
        hf_buffer_puts(out, "<th class=\"n\">Instructions</th>");
    hf_buffer_puts(out, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < row->layer_count; i++) {
        const hf_layer *layer = &row->layers[i];
        hf_buffer_printf(out, "<tr><td class=\"n\">%zu</td><td>", i + 1);
        hf_html_text(out, layer->name);
        hf_buffer_puts(out, "</td><td>");
        hf_html_text(out, layer->op);
        hf_buffer_printf(out, "</td><td class=\"n\">%d&times;%d&times;%d</td>", layer->height, layer->width,
                         layer->channels);
        put_count_bar(out, layer->macs, largest.macs);
        put_bytes_bar(out, layer->parameter_bytes, largest.parameter_bytes);
        put_bytes_bar(out, layer->live_bytes, largest.live_bytes);
        if (all_cycles)
            put_times(layer, &largest, all_cycles, out);
        hf_buffer_puts(out, "</tr>\n");
    }
    hf_buffer_puts(out, "</tbody></table></div>\n");
}
