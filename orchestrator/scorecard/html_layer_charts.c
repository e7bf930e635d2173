/* SPDX-License-Identifier: Apache-2.0 */
#include "html_layer_charts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "limit_text.h"
#include "report/chart_axis.h"
#include "report/html_page.h"
#include "report/modelled.h"
#include "report/render.h"

#define WIDTH      1120
#define LEFT       78
#define RIGHT      1108
#define TOP        12
#define BOTTOM     212
#define LETTER     6.6 /* of a layer name, rotated */
#define MAX_LABELS 70  /* more would overlap */
#define MIN_BAR    1.0

/* A chart, and the value that its bars show. */
typedef struct layer_chart {
    const char *title;
    double (*value)(const hf_scorecard *card, int32_t layer);
    void (*format)(double value, char *text, size_t size);
    double unit; /**< ticks are round in it */
    double limit;
    const char *limit_title;
    int hue; /**< .k0 to .k5 of the style sheet */
} layer_chart;

static double params_of(const hf_scorecard *card, int32_t layer)
{
    return (double)card->layers[layer].figures.params;
}

static double macs_of(const hf_scorecard *card, int32_t layer)
{
    return (double)card->layers[layer].figures.macs;
}

static double live_of(const hf_scorecard *card, int32_t layer)
{
    return (double)card->layers[layer].figures.live_bytes;
}

static double time_of(const hf_scorecard *card, int32_t layer)
{
    return card->layers[layer].cycles[0] * 1e9 / card->latencies[0].chip->clock_hz;
}

static void put_grid(const layer_chart *chart, const hf_axis *axis, hf_buffer *out)
{
    for (int i = 0; i < axis->tick_count; i++) {
        char text[32];
        double y = hf_axis_place(axis, axis->ticks[i]);
        if (axis->ticks[i] > 0)
            chart->format(axis->ticks[i] * chart->unit, text, sizeof text);
        else
            snprintf(text, sizeof text, "0");
        hf_buffer_printf(out,
                         "<line class=\"g\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                         "<text class=\"t e\" x=\"%d\" y=\"%.1f\">%s</text>",
                         LEFT, RIGHT, y, y, LEFT - 8, y + 4, text);
    }
    hf_buffer_putc(out, '\n');
}

static void put_bars(const hf_scorecard *card, const layer_chart *chart, const hf_axis *axis, hf_buffer *out)
{
    const double step = (double)(RIGHT - LEFT) / card->layer_count;
    const bool labels = card->layer_count <= MAX_LABELS;
    for (int32_t i = 0; i < card->layer_count; i++) {
        const double value = chart->value(card, i);
        const double y = hf_axis_place(axis, value / chart->unit);
        const double x = LEFT + step * i;
        char text[32];
        chart->format(value, text, sizeof text);
        bool peak = chart->value == live_of && i == card->peak_memory_layer;
        double width = step * 0.78 > MIN_BAR ? step * 0.78 : MIN_BAR;
        hf_buffer_printf(
            out,
            "<g class=\"%s\"><rect class=\"solid\" x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%.1f\">"
            "<title>%d. ",
            peak ? "bad" : "", x + step * 0.11, y, width, BOTTOM - y, i + 1);
        hf_html_text(out, card->layers[i].figures.name);
        hf_buffer_printf(out, ": %s</title></rect></g>", text);
        if (labels) {
            hf_buffer_printf(out, "<text class=\"t e\" transform=\"translate(%.1f %d) rotate(-90)\">",
                             x + step / 2 + 4, BOTTOM + 8);
            hf_html_text(out, card->layers[i].figures.name);
            hf_buffer_puts(out, "</text>\n");
        }
    }
    if (!labels)
        hf_buffer_printf(out,
                         "<text class=\"t\" x=\"%d\" y=\"%d\">layer 1</text><text class=\"t e\" x=\"%d\" "
                         "y=\"%d\">layer %d</text>\n",
                         LEFT, BOTTOM + 18, RIGHT, BOTTOM + 18, card->layer_count);
}

static int label_height(const hf_scorecard *card)
{
    size_t longest = 0;
    for (int32_t i = 0; i < card->layer_count; i++)
        longest =
            strlen(card->layers[i].figures.name) > longest ? strlen(card->layers[i].figures.name) : longest;
    return 14 + (int)((double)longest * LETTER);
}

static void put_chart(const hf_scorecard *card, const layer_chart *chart, hf_buffer *out)
{
    double largest = 0;
    for (int32_t i = 0; i < card->layer_count; i++)
        largest = chart->value(card, i) > largest ? chart->value(card, i) : largest;
    if (largest <= 0)
        return;
    /* A limit far above all bars would flatten them. */
    const bool limited = chart->limit > 0 && chart->limit < 3 * largest;
    if (limited && chart->limit * 1.05 > largest)
        largest = chart->limit * 1.05;
    const hf_axis axis = hf_axis_over(largest / chart->unit, largest / chart->unit, BOTTOM, TOP);
    const int height = BOTTOM + (card->layer_count <= MAX_LABELS ? label_height(card) : 26);
    hf_buffer_printf(out,
                     "<figure class=\"chart wide\"><figcaption>%s</figcaption>"
                     "<svg viewBox=\"0 0 %d %d\" role=\"img\" class=\"k%d\">\n",
                     chart->title, WIDTH, height, chart->hue);
    put_grid(chart, &axis, out);
    put_bars(card, chart, &axis, out);
    if (limited) {
        double y = hf_axis_place(&axis, chart->limit / chart->unit);
        hf_buffer_printf(out,
                         "<line class=\"l\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                         "<text class=\"lt e\" x=\"%d\" y=\"%.1f\">%s</text>\n",
                         LEFT, RIGHT, y, y, RIGHT - 4, y - 5, chart->limit_title);
    }
    hf_buffer_puts(out, "</svg></figure>\n");
}

/* The unit in which `largest` has one to three digits before the point. */
static double unit_of(double largest, double thousand)
{
    double unit = 1;
    while (largest / unit >= thousand)
        unit *= thousand;
    return unit;
}

void hf_html_layer_charts(const hf_scorecard *card, const hf_limits *limits, hf_buffer *out)
{
    if (!card->layers || card->layer_count < 1)
        return;
    double time = 0;
    for (int32_t i = 0; card->latency_count && i < card->layer_count; i++)
        time = time_of(card, i) > time ? time_of(card, i) : time;
    double params = 0, macs = 0;
    for (int32_t i = 0; i < card->layer_count; i++) {
        params = params_of(card, i) > params ? params_of(card, i) : params;
        macs = macs_of(card, i) > macs ? macs_of(card, i) : macs;
    }
    char time_title[128] = "";
    if (card->latency_count)
        snprintf(time_title, sizeof time_title, "Time by layer on %s, " HF_ESTIMATED,
                 card->latencies[0].chip->name);
    const layer_chart charts[] = {
        {"Parameters by layer", params_of, hf_format_count, unit_of(params, 1000), 0, NULL, 0},
        {"MACs by layer", macs_of, hf_format_count, unit_of(macs, 1000), 0, NULL, 2},
        {"Live memory by layer (activations; the peak in red)", live_of, hf_format_bytes,
         unit_of((double)card->peak_memory_bytes, 1024), (double)limits->ram_bytes, "RAM limit", 3},
        {time_title, time_of, hf_format_ns, unit_of(time, 1000), 0, NULL, 1},
    };
    hf_buffer_puts(out, "<div class=\"charts\">\n");
    for (size_t i = 0; i < sizeof charts / sizeof charts[0]; i++)
        if (charts[i].value != time_of || card->latency_count)
            put_chart(card, &charts[i], out);
    hf_buffer_puts(out, "</div>\n");
}

/* A figure with a bar behind it for its share of the whole. */
static void put_share(hf_buffer *out, int64_t value, int64_t whole, bool bytes)
{
    double share = hf_share_percent(value, whole);
    hf_buffer_printf(out, "<td class=\"n bar\" style=\"background-size:%.1f%% 70%%\">", share);
    if (bytes)
        hf_html_bytes(out, value);
    else
        hf_buffer_printf(out, "%" PRId64, value);
    hf_buffer_printf(out, "</td><td class=\"n soft\">%.1f %%</td>", share);
}

void hf_html_layer_table(const hf_scorecard *card, hf_buffer *out)
{
    if (!card->layers)
        return;
    hf_buffer_puts(
        out, "<h3>Layers</h3><div class=\"scroll\"><table><thead><tr><th class=\"n\">#</th><th>Layer</th>"
             "<th>Type</th><th class=\"n\">Output</th><th class=\"n\">Kernel</th><th class=\"n\">MACs</th>"
             "<th></th><th class=\"n\">Params</th><th></th><th class=\"n\">Bytes</th>"
             "<th class=\"n\">Live memory</th><th class=\"n\" title=\"of the peak\"></th>");
    for (uint32_t c = 0; c < card->latency_count; c++) {
        hf_buffer_puts(out, "<th class=\"n\" title=\"" HF_ESTIMATED "\">");
        hf_html_text(out, card->latencies[c].chip->name);
        hf_buffer_puts(out, ", est.</th>");
    }
    hf_buffer_puts(out, "</tr></thead><tbody>\n");
    for (int32_t i = 0; i < card->layer_count; i++) {
        const hf_scorecard_layer *layer = &card->layers[i];
        hf_buffer_printf(out, "<tr><td class=\"n\">%d</td><td>", i + 1);
        hf_html_text(out, layer->figures.name);
        hf_buffer_printf(out, "</td><td>%s</td><td class=\"n\">%d&times;%d&times;%d</td>", layer->figures.op,
                         layer->figures.height, layer->figures.width, layer->figures.channels);
        if (layer->kernel_height > 0)
            hf_buffer_printf(out, "<td class=\"n\">%d&times;%d s%d</td>", layer->kernel_height,
                             layer->kernel_width, layer->stride_height);
        else
            hf_buffer_puts(out, "<td class=\"n\">-</td>");
        put_share(out, layer->figures.macs, card->macs, false);
        put_share(out, layer->figures.params, card->params, false);
        hf_buffer_puts(out, "<td class=\"n\">");
        hf_html_bytes(out, layer->figures.parameter_bytes);
        hf_buffer_puts(out, "</td>");
        put_share(out, layer->figures.live_bytes, card->peak_memory_bytes, true);
        for (uint32_t c = 0; c < card->latency_count; c++) {
            hf_buffer_puts(out, "<td class=\"n\">");
            hf_html_ns(out, layer->cycles[c] * 1e9 / card->latencies[c].chip->clock_hz);
            hf_buffer_puts(out, "</td>");
        }
        hf_buffer_puts(out, "</tr>\n");
    }
    hf_buffer_puts(out, "</tbody></table></div>\n");
}
