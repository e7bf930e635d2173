/* SPDX-License-Identifier: Apache-2.0 */
/* The table of layers for terminals: where the cycles of an inference go. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report/latency_statistics.h"
#include "report/modelled.h"
#include "report/render.h"
#include "report/results_format.h"
#include "terminal_safe_text.h"

#define CELL_SIZE        32
#define PERCENT_PER_MARK 2.5
#define NAME_LEAST       5

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* An unknown figure is a dash. */
static void put_count(hf_buffer *out, int64_t value)
{
    if (value)
        hf_buffer_printf(out, "  %12" PRId64, value);
    else
        hf_buffer_printf(out, "  %12s", "-");
}

static void put_layer(const hf_layer *layer, size_t number, const int widths[2], int64_t all_cycles,
                      hf_buffer *out)
{
    hf_buffer_printf(out, "  %3zu  ", number);
    const char *const texts[] = {layer->name, layer->op};
    for (int t = 0; t < 2; t++) {
        hf_terminal_put(out, texts[t]);
        hf_buffer_printf(out, "%*s", widths[t] - hf_terminal_width(texts[t]) + (t ? 0 : 2), "");
    }
    hf_buffer_printf(out, "  %12" PRId64, layer->macs);
    put_count(out, layer->cycles);
    if (!layer->cycles) {
        hf_buffer_printf(out, "  %7s  %10s  %12s\n", "-", "-", "-");
        return;
    }
    const double share = hf_layer_cycles_share_percent(layer, all_cycles);
    const double speed = hf_macs_per_cycle(layer->macs, (double)layer->cycles);
    hf_buffer_printf(out, "  %5.1f %%", share);
    if (speed > 0)
        hf_buffer_printf(out, "  %10.3f", speed);
    else
        hf_buffer_printf(out, "  %10s", "-");
    put_count(out, layer->instructions);
    const int marks = (int)(share / PERCENT_PER_MARK + 0.5);
    hf_buffer_puts(out, marks ? "  " : "");
    for (int i = 0; i < marks; i++)
        hf_buffer_putc(out, '#');
    hf_buffer_putc(out, '\n');
}

static void put_sum(const hf_result_row *row, const int widths[2], int64_t all_cycles, hf_buffer *out)
{
    int64_t macs = 0, instructions = 0;
    for (size_t i = 0; i < row->layer_count; i++) {
        macs += row->layers[i].macs;
        instructions += row->layers[i].instructions;
    }
    hf_buffer_printf(out, "  %3s  %-*s  %*s", "", widths[0], "all", widths[1], "");
    hf_buffer_printf(out, "  %12" PRId64 "  %12" PRId64, macs, all_cycles);
    hf_buffer_printf(out, "  %5.1f %%  %10.3f", 100.0, hf_macs_per_cycle(macs, (double)all_cycles));
    put_count(out, instructions);
    hf_buffer_putc(out, '\n');
}

static void put_result(const hf_result_row *row, int64_t all_cycles, hf_buffer *out)
{
    int widths[2] = {NAME_LEAST, (int)strlen("operator")};
    for (size_t i = 0; i < row->layer_count; i++) {
        widths[0] = larger(widths[0], hf_terminal_width(row->layers[i].name));
        widths[1] = larger(widths[1], hf_terminal_width(row->layers[i].op));
    }
    hf_buffer_putc(out, '\n');
    hf_terminal_put(out, row->name);
    hf_buffer_puts(out, " on ");
    hf_terminal_put(out, row->chip);
    hf_buffer_printf(out, ", cycles %s\n", hf_timing_name(row->modelled));
    hf_buffer_printf(out, "  %3s  %-*s  %-*s  %12s  %12s  %7s  %10s  %12s\n", "#", widths[0], "layer",
                     widths[1], "operator", "MACs", "cycles", "share", "MACs/cycle", "instructions");
    for (size_t i = 0; i < row->layer_count; i++)
        put_layer(&row->layers[i], i + 1, widths, all_cycles, out);
    put_sum(row, widths, all_cycles, out);
}

static void put_item(const hf_results_head *head, const hf_results_item *item, hf_buffer *out)
{
    const int64_t all_cycles = hf_result_layers_cycles(item->row);
    (void)head;
    if (all_cycles)
        put_result(item->row, all_cycles, out);
}

static void end(const hf_results_head *head, bool any, hf_buffer *out)
{
    if (any)
        hf_buffer_printf(out,
                         "  share: of the sum over the layers, one # per %g %%; a dash: part of another "
                         "layer, or unknown\n",
                         PERCENT_PER_MARK);
    else if (head->report->run.trimmed_ms)
        hf_buffer_puts(out, "\nthe layers of this run were deleted\n");
    else
        hf_buffer_puts(out, "\nno layers were measured in this run\n");
}

const hf_results_format hf_layers_table = {
    .name = "layers.txt", .parts = HF_PART_LAYERS, .item = put_item, .end = end};

void hf_render_layers_table(const hf_report *report, hf_buffer *out)
{
    hf_render_results(&hf_layers_table, report, out);
}
