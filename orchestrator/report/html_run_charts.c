/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "html_run_page.h"
#include "html_scatter_chart.h"
#include "report/latency_statistics.h"
#include "report/modelled.h"

#define BAR_WIDTH   1120
#define BAR_LEFT    330
#define BAR_RIGHT   150
#define BAR_HEIGHT  24
#define BAR_TOP     8
#define COLOURS     6 /* .k0 to .k5 of the style sheet */
#define LABEL_WIDTH 46
#define KB          1024.0
#define HEADROOM    1.05 /* keeps a limit inside its axis */

/* A unit in which the values are neither tiny nor huge. */
typedef struct scale {
    const char *unit;
    double size;
} scale;

static scale time_scale(double largest_ns)
{
    return largest_ns < 2e6 ? (scale){"us", 1e3} : largest_ns < 2e10 ? (scale){"ms", 1e6} : (scale){"s", 1e9};
}

static scale count_scale(double largest)
{
    return largest < 2e3   ? (scale){"", 1}
           : largest < 2e6 ? (scale){"thousands", 1e3}
                           : (scale){"millions", 1e6};
}

static bool is_plottable(const hf_result_row *row, hf_latency *latency)
{
    return row->outcome == HF_RESULT_MEASURED && row->macs > 0 && hf_result_latency(row, latency) &&
           latency->median_ns > 0;
}

static size_t colour(const hf_report *report, size_t result)
{
    return hf_html_chip_index(report, result) % COLOURS;
}

static void widen(double value, double *smallest, double *largest)
{
    if (value <= 0)
        return;
    if (*smallest == 0 || value < *smallest)
        *smallest = value;
    if (value > *largest)
        *largest = value;
}

static void open_figure(hf_buffer *out, const char *title, const char *kind)
{
    hf_buffer_printf(out, "<figure class=\"chart%s\"><figcaption>%s</figcaption>", kind, title);
}

static void put_legend(const hf_report *report, hf_buffer *out)
{
    bool modelled = false, real = false;
    hf_buffer_puts(out, "<p class=\"legend\">");
    for (size_t i = 0; i < report->result_count; i++) {
        const hf_result_row *row = &report->results[i];
        if (row->outcome == HF_RESULT_MEASURED)
            *(row->modelled ? &modelled : &real) = true;
        if (!hf_report_first_of_chip(report, i))
            continue;
        hf_buffer_printf(out,
                         "<span><svg viewBox=\"0 0 14 14\" class=\"k%zu\"><rect class=\"solid\" width=\"14\" "
                         "height=\"14\" rx=\"3\"/></svg>",
                         colour(report, i));
        hf_html_text(out, row->chip);
        hf_buffer_puts(out, "</span>");
    }
    if (modelled)
        hf_buffer_printf(out,
                         "<span><svg viewBox=\"0 0 14 14\"><circle class=\"dot hollow\" cx=\"7\" cy=\"7\" "
                         "r=\"5\"/></svg>%s (hollow points, hatched bars)</span>",
                         hf_timing_name(true));
    if (real)
        hf_buffer_puts(out, "<span><svg viewBox=\"0 0 14 14\"><circle class=\"dot\" cx=\"7\" cy=\"7\" "
                            "r=\"5\"/></svg>measured on silicon (filled)</span>");
    hf_buffer_puts(out, "<span>numbers: line in the table</span></p>\n");
}

static void chart_latency(const hf_report *report, scatter_point *points, hf_buffer *out)
{
    double macs_low = 0, macs_high = 0, ns_low = 0, ns_high = 0;
    hf_latency latency;
    for (size_t i = 0; i < report->result_count; i++) {
        if (!is_plottable(&report->results[i], &latency))
            continue;
        widen((double)report->results[i].macs, &macs_low, &macs_high);
        widen(latency.median_ns, &ns_low, &ns_high);
    }
    if (ns_high <= 0)
        return;
    /* Show the MACs limit unless it would squeeze all points into a corner. */
    double limit = (double)report->run.limits.macs;
    if (limit > 4 * macs_high)
        limit = 0;
    widen(limit, &macs_low, &macs_high);
    scale macs = count_scale(macs_high), time = time_scale(ns_high);
    char x_title[64], y_title[64];
    snprintf(x_title, sizeof x_title, "MACs%s%s", *macs.unit ? ", " : "", macs.unit);
    snprintf(y_title, sizeof y_title, "median latency, %s", time.unit);
    scatter chart = {
        .title = "Latency against multiply-accumulates",
        .x_title = x_title,
        .y_title = y_title,
        .x = hf_axis_over(macs_low / macs.size, macs_high / macs.size, SCATTER_LEFT, SCATTER_RIGHT),
        .y = hf_axis_over(ns_low / time.size, ns_high / time.size, SCATTER_BOTTOM, SCATTER_TOP),
        .x_limit = limit / macs.size,
        .x_limit_title = "MACs limit",
        .points = points,
    };
    for (size_t i = 0; i < report->result_count; i++)
        if (is_plottable(&report->results[i], &latency))
            points[chart.point_count++] = (scatter_point){.result = i,
                                                          .x = (double)report->results[i].macs / macs.size,
                                                          .y = latency.median_ns / time.size,
                                                          .hollow = report->results[i].modelled,
                                                          .hue = colour(report, i)};
    open_figure(out, chart.title, "");
    hf_html_scatter(report, &chart, out);
    put_legend(report, out);
    hf_buffer_puts(out, "</figure>\n");
}

/* The same model on another chip would be the same point. */
static bool has_twin_before(const hf_report *report, size_t index)
{
    const hf_result_row *row = &report->results[index];
    for (size_t i = 0; i < index; i++)
        if (strcmp(report->results[i].name, row->name) == 0 &&
            report->results[i].image_bytes == row->image_bytes &&
            report->results[i].peak_memory_bytes == row->peak_memory_bytes)
            return true;
    return false;
}

static void chart_memory(const hf_report *report, scatter_point *points, hf_buffer *out)
{
    double size_low = 0, size_high = 0, peak_low = 0, peak_high = 0;
    const hf_limits *limits = &report->run.limits;
    for (size_t i = 0; i < report->result_count; i++) {
        widen((double)report->results[i].image_bytes, &size_low, &size_high);
        widen((double)report->results[i].peak_memory_bytes, &peak_low, &peak_high);
    }
    if (size_high <= 0 || peak_high <= 0)
        return;
    widen((double)limits->rom_bytes * HEADROOM, &size_low, &size_high);
    widen((double)limits->ram_bytes * HEADROOM, &peak_low, &peak_high);
    scatter chart = {
        .title = "Peak memory against model size",
        .x_title = "model size, KB",
        .y_title = "peak memory, KB",
        .x = hf_axis_over(size_low / KB, size_high / KB, SCATTER_LEFT, SCATTER_RIGHT),
        .y = hf_axis_over(peak_low / KB, peak_high / KB, SCATTER_BOTTOM, SCATTER_TOP),
        .x_limit = (double)limits->rom_bytes / KB,
        .y_limit = (double)limits->ram_bytes / KB,
        .x_limit_title = "ROM limit",
        .y_limit_title = "RAM limit",
        .shade_beyond = true,
        .points = points,
    };
    for (size_t i = 0; i < report->result_count; i++) {
        const hf_result_row *row = &report->results[i];
        if (row->image_bytes > 0 && row->peak_memory_bytes > 0 && !has_twin_before(report, i))
            points[chart.point_count++] = (scatter_point){
                .result = i, .x = (double)row->image_bytes / KB, .y = (double)row->peak_memory_bytes / KB};
    }
    open_figure(out, chart.title, "");
    hf_html_scatter(report, &chart, out);
    hf_buffer_puts(out, "<p>By analysis, so the same on every chip; each model appears once. Limits apply to "
                        "the total RAM and ROM including the firmware, so a point just inside may miss "
                        "them.</p></figure>\n");
}

/* A variation's name in the margin of a bar chart; the middle of a long one is omitted. */
static void put_label(hf_buffer *out, const char *name)
{
    size_t length = strlen(name);
    if (length <= LABEL_WIDTH) {
        hf_html_text(out, name);
        return;
    }
    size_t head = 14, tail = LABEL_WIDTH - head - 1;
    const char *rest = name + length - tail;
    while (head < length && (name[head] & 0xc0) == 0x80)
        head++;
    while ((*rest & 0xc0) == 0x80)
        rest++;
    char start[32];
    memcpy(start, name, head);
    start[head] = '\0';
    hf_html_text(out, start);
    hf_buffer_puts(out, "&hellip;");
    hf_html_text(out, rest);
}

static void put_bar(hf_buffer *out, const hf_report *report, size_t index, const hf_latency *latency,
                    const hf_axis *x, double per_unit, double top)
{
    const hf_result_row *row = &report->results[index];
    double end = hf_axis_place(x, latency->median_ns / per_unit);
    double low = hf_axis_place(x, latency->min_ns / per_unit);
    double high = hf_axis_place(x, latency->max_ns / per_unit), middle = top + BAR_HEIGHT / 2.0;
    size_t hue = colour(report, index);
    hf_buffer_printf(out, "<a href=\"#v%zu\"><text class=\"e\" x=\"%d\" y=\"%.1f\">", index + 1, BAR_LEFT - 8,
                     middle + 4);
    put_label(out, row->name);
    hf_buffer_printf(out, " <tspan class=\"t\">%zu</tspan></text>", index + 1);
    hf_buffer_printf(out,
                     "<rect class=\"k%zu solid\" x=\"%d\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>",
                     hue, BAR_LEFT, top + 4, end - BAR_LEFT, BAR_HEIGHT - 8);
    if (row->modelled)
        hf_buffer_printf(out, "<rect fill=\"url(#hatch)\" x=\"%d\" y=\"%.1f\" width=\"%.1f\" height=\"%d\"/>",
                         BAR_LEFT, top + 4, end - BAR_LEFT, BAR_HEIGHT - 8);
    if (high - low > 1)
        hf_buffer_printf(
            out, "<path class=\"w\" fill=\"none\" d=\"M%.1f %.1fV%.1fM%.1f %.1fH%.1fM%.1f %.1fV%.1f\"/>", low,
            middle - 5, middle + 5, low, middle, high, high, middle - 5, middle + 5);
    hf_buffer_printf(out, "<text x=\"%.1f\" y=\"%.1f\">", (high > end ? high : end) + 7, middle + 4);
    hf_html_ns(out, latency->median_ns);
    if (row->modelled)
        hf_buffer_printf(out, " <tspan class=\"t\">%s</tspan>", hf_timing_name(true));
    hf_buffer_puts(out, "</text><title>");
    hf_html_text(out, row->name);
    hf_buffer_puts(out, " on ");
    hf_html_text(out, row->chip);
    hf_buffer_puts(out, "</title></a>\n");
}

static void chart_bars(const hf_report *report, hf_buffer *out)
{
    double largest = 0;
    size_t count = 0;
    hf_latency latency;
    for (size_t i = 0; i < report->result_count; i++) {
        if (!is_plottable(&report->results[i], &latency))
            continue;
        count++;
        if (latency.max_ns > largest)
            largest = latency.max_ns;
    }
    if (!count)
        return;
    scale time = time_scale(largest);
    /* Bars begin at zero, so their axis is never logarithmic. */
    hf_axis x = hf_axis_over(largest / time.size, largest / time.size, BAR_LEFT, BAR_WIDTH - BAR_RIGHT);
    double bottom = BAR_TOP + (double)count * BAR_HEIGHT;
    open_figure(out, "Median latency by variation", " wide");
    hf_buffer_printf(
        out, "<svg viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"Median latency by variation\">\n",
        BAR_WIDTH, bottom + 40);
    for (int i = 0; i < x.tick_count; i++) {
        double at = hf_axis_place(&x, x.ticks[i]);
        hf_buffer_printf(out,
                         "<line class=\"g\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%.1f\"/>"
                         "<text class=\"t m\" x=\"%.1f\" y=\"%.1f\">%g%s%s</text>\n",
                         at, at, BAR_TOP, bottom, at, bottom + 18, x.ticks[i],
                         i + 1 == x.tick_count ? " " : "", i + 1 == x.tick_count ? time.unit : "");
    }
    double top = BAR_TOP;
    for (size_t i = 0; i < report->result_count; i++) {
        if (!is_plottable(&report->results[i], &latency))
            continue;
        put_bar(out, report, i, &latency, &x, time.size, top);
        top += BAR_HEIGHT;
    }
    hf_buffer_puts(out, "</svg>");
    put_legend(report, out);
    hf_buffer_puts(out, "</figure>\n");
}

void hf_html_charts(const hf_report *report, hf_buffer *out)
{
    if (!report->result_count)
        return;
    scatter_point *points = calloc(report->result_count, sizeof *points);
    if (!points) {
        out->failed = true;
        return;
    }
    hf_buffer_puts(out,
                   "<svg width=\"0\" height=\"0\" style=\"position:absolute\" aria-hidden=\"true\"><defs>"
                   "<pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
                   "patternTransform=\"rotate(45)\"><rect class=\"hatch\" width=\"3\" "
                   "height=\"6\"/></pattern></defs></svg>\n<h2>Charts</h2>\n<div class=\"charts\">\n");
    chart_latency(report, points, out);
    chart_memory(report, points, out);
    chart_bars(report, out);
    hf_buffer_puts(out, "</div>\n");
    free(points);
}
