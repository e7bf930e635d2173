/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "html_axis.h"

/* The scatter charts' plane, in the pixels of their viewBox. */
#define WIDTH  560
#define HEIGHT 340
#define LEFT   58
#define RIGHT  18
#define TOP    16
#define BOTTOM 46

#define BAR_WIDTH   1120
#define BAR_LEFT    330
#define BAR_RIGHT   150
#define BAR_HEIGHT  24
#define BAR_TOP     8
#define COLOURS     6 /* .k0 to .k5 of the style sheet */
#define LABEL_WIDTH 46
#define KB          1024.0

/* A unit in which a quantity's values are neither tiny nor huge. */
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

static void open_figure(hf_buffer *out, const char *title, bool wide, double width, double height)
{
    hf_buffer_printf(out,
                     "<figure class=\"chart%s\"><figcaption>%s</figcaption><svg viewBox=\"0 0 %g %g\" "
                     "role=\"img\" aria-label=\"%s\">\n",
                     wide ? " wide" : "", title, width, height, title);
}

static void put_axes(hf_buffer *out, const hf_axis *x, const hf_axis *y, const char *x_title,
                     const char *y_title)
{
    for (int i = 0; i < x->tick_count; i++) {
        double at = hf_axis_place(x, x->ticks[i]);
        hf_buffer_printf(out,
                         "<line class=\"g\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>"
                         "<text class=\"t m\" x=\"%.1f\" y=\"%d\">%g</text>\n",
                         at, at, TOP, HEIGHT - BOTTOM, at, HEIGHT - BOTTOM + 16, x->ticks[i]);
    }
    for (int i = 0; i < y->tick_count; i++) {
        double at = hf_axis_place(y, y->ticks[i]);
        hf_buffer_printf(out,
                         "<line class=\"g\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                         "<text class=\"t e\" x=\"%d\" y=\"%.1f\">%g</text>\n",
                         LEFT, WIDTH - RIGHT, at, at, LEFT - 7, at + 4, y->ticks[i]);
    }
    hf_buffer_printf(out,
                     "<path class=\"a\" fill=\"none\" d=\"M%d %dV%dH%d\"/>"
                     "<text class=\"m\" x=\"%d\" y=\"%d\">%s</text>"
                     "<text class=\"m\" transform=\"translate(14 %d) rotate(-90)\">%s</text>\n",
                     LEFT, TOP, HEIGHT - BOTTOM, WIDTH - RIGHT, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10,
                     x_title, (TOP + HEIGHT - BOTTOM) / 2, y_title);
}

/* A point with the number of its line in the table; hollow where it is modelled. */
static void put_point(hf_buffer *out, const hf_report *report, size_t index, double x, double y, bool hollow,
                      size_t hue)
{
    const hf_result_row *row = &report->results[index];
    bool at_edge = x > WIDTH - RIGHT - 24;
    hf_buffer_printf(
        out, "<a href=\"#v%zu\" class=\"k%zu\"><circle class=\"dot%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>",
        index + 1, hue, hollow ? " hollow" : "", x, y);
    hf_buffer_printf(out, "<text class=\"t%s\" x=\"%.1f\" y=\"%.1f\">%zu</text><title>", at_edge ? " e" : "",
                     at_edge ? x - 8 : x + 8, y - 5, index + 1);
    hf_html_text(out, row->name);
    hf_buffer_puts(out, " on ");
    hf_html_text(out, row->chip);
    hf_buffer_puts(out, hollow ? " (modelled)</title></a>\n" : "</title></a>\n");
}

static void put_legend(const hf_report *report, hf_buffer *out)
{
    bool modelled = false, real = false;
    hf_buffer_puts(out, "<p class=\"legend\">");
    for (size_t i = 0; i < report->result_count; i++) {
        const hf_result_row *row = &report->results[i];
        bool first = true;
        for (size_t before = 0; before < i; before++)
            first &= strcmp(report->results[before].chip, row->chip) != 0;
        if (row->outcome == HF_RESULT_MEASURED)
            *(row->modelled ? &modelled : &real) = true;
        if (!first)
            continue;
        hf_buffer_printf(out,
                         "<span><svg viewBox=\"0 0 14 14\" class=\"k%zu\"><rect class=\"solid\" width=\"14\" "
                         "height=\"14\" rx=\"3\"/></svg>",
                         colour(report, i));
        hf_html_text(out, row->chip);
        hf_buffer_puts(out, "</span>");
    }
    if (modelled)
        hf_buffer_puts(out, "<span><svg viewBox=\"0 0 14 14\"><circle class=\"dot hollow\" cx=\"7\" cy=\"7\" "
                            "r=\"5\"/></svg>modelled (hollow points, hatched bars)</span>");
    if (real)
        hf_buffer_puts(out, "<span><svg viewBox=\"0 0 14 14\"><circle class=\"dot\" cx=\"7\" cy=\"7\" "
                            "r=\"5\"/></svg>measured on silicon (filled)</span>");
    hf_buffer_puts(out, "<span>numbers: lines of the table</span></p>\n");
}

static void chart_latency(const hf_report *report, hf_buffer *out)
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
    /* The MACs limit belongs in the picture unless it would squeeze everything into a corner. */
    double limit = (double)report->run.limits.macs;
    bool show_limit = limit > 0 && limit < 4 * macs_high;
    if (show_limit)
        widen(limit, &macs_low, &macs_high);
    scale macs = count_scale(macs_high), time = time_scale(ns_high);
    hf_axis x = hf_axis_over(macs_low / macs.size, macs_high / macs.size, LEFT, WIDTH - RIGHT);
    hf_axis y = hf_axis_over(ns_low / time.size, ns_high / time.size, HEIGHT - BOTTOM, TOP);
    char x_title[64] = "MACs", y_title[64] = "median latency, ";
    if (*macs.unit)
        strcat(strcat(x_title, ", "), macs.unit);
    strcat(y_title, time.unit);
    open_figure(out, "Latency against multiply-accumulates", false, WIDTH, HEIGHT);
    put_axes(out, &x, &y, x_title, y_title);
    if (show_limit) {
        double at = hf_axis_place(&x, limit / macs.size);
        hf_buffer_printf(out,
                         "<line class=\"l\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>"
                         "<text class=\"lt e\" x=\"%.1f\" y=\"%d\">MACs limit</text>\n",
                         at, at, TOP, HEIGHT - BOTTOM, at - 5, TOP + 12);
    }
    for (size_t i = 0; i < report->result_count; i++)
        if (is_plottable(&report->results[i], &latency))
            put_point(out, report, i, hf_axis_place(&x, (double)report->results[i].macs / macs.size),
                      hf_axis_place(&y, latency.median_ns / time.size), report->results[i].modelled,
                      colour(report, i));
    hf_buffer_puts(out, "</svg>");
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

static void chart_memory(const hf_report *report, hf_buffer *out)
{
    double size_low = 0, size_high = 0, peak_low = 0, peak_high = 0;
    const hf_limits *limits = &report->run.limits;
    for (size_t i = 0; i < report->result_count; i++) {
        widen((double)report->results[i].image_bytes, &size_low, &size_high);
        widen((double)report->results[i].peak_memory_bytes, &peak_low, &peak_high);
    }
    if (size_high <= 0 || peak_high <= 0)
        return;
    widen((double)limits->rom_bytes, &size_low, &size_high);
    widen((double)limits->ram_bytes, &peak_low, &peak_high);
    hf_axis x = hf_axis_over(size_low / KB, size_high / KB, LEFT, WIDTH - RIGHT);
    hf_axis y = hf_axis_over(peak_low / KB, peak_high / KB, HEIGHT - BOTTOM, TOP);
    double rom = hf_axis_place(&x, (double)limits->rom_bytes / KB);
    double ram = hf_axis_place(&y, (double)limits->ram_bytes / KB);
    open_figure(out, "Peak memory against model size", false, WIDTH, HEIGHT);
    if (limits->rom_bytes > 0)
        hf_buffer_printf(out, "<rect class=\"over\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>\n",
                         rom, TOP, WIDTH - RIGHT - rom, HEIGHT - BOTTOM - TOP);
    if (limits->ram_bytes > 0)
        hf_buffer_printf(out, "<rect class=\"over\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%.1f\"/>\n",
                         LEFT, TOP, (limits->rom_bytes > 0 ? rom : WIDTH - RIGHT) - LEFT, ram - TOP);
    put_axes(out, &x, &y, "model size, KB", "peak memory, KB");
    if (limits->rom_bytes > 0)
        hf_buffer_printf(
            out,
            "<line class=\"l\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>"
            "<text class=\"lt e\" transform=\"translate(%.1f %d) rotate(-90)\">ROM limit</text>\n",
            rom, rom, TOP, HEIGHT - BOTTOM, rom - 5, TOP + 4);
    if (limits->ram_bytes > 0)
        hf_buffer_printf(out,
                         "<line class=\"l\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                         "<text class=\"lt\" x=\"%d\" y=\"%.1f\">RAM limit</text>\n",
                         LEFT, WIDTH - RIGHT, ram, ram, LEFT + 6, ram - 5);
    for (size_t i = 0; i < report->result_count; i++) {
        const hf_result_row *row = &report->results[i];
        if (row->image_bytes > 0 && row->peak_memory_bytes > 0 && !has_twin_before(report, i))
            put_point(out, report, i, hf_axis_place(&x, (double)row->image_bytes / KB),
                      hf_axis_place(&y, (double)row->peak_memory_bytes / KB), false, 0);
    }
    hf_buffer_puts(
        out, "</svg><p>By analysis, the same on every chip; a model counts once. The limits are judged on "
             "all of RAM and ROM in use, firmware included, so that a point just inside may miss "
             "them.</p></figure>\n");
}

/* A variation's name in a bar chart's margin: the middle of a long one gives way. */
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
        hf_buffer_puts(out, " <tspan class=\"t\">modelled</tspan>");
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
    open_figure(out, "Median latency by variation", true, BAR_WIDTH, bottom + 40);
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
    hf_buffer_puts(out,
                   "<svg width=\"0\" height=\"0\" style=\"position:absolute\" aria-hidden=\"true\"><defs>"
                   "<pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
                   "patternTransform=\"rotate(45)\"><rect width=\"3\" height=\"6\" fill=\"#fff\" "
                   "fill-opacity=\".4\"/></pattern></defs></svg>\n<h2>Charts</h2>\n<div class=\"charts\">\n");
    chart_latency(report, out);
    chart_memory(report, out);
    chart_bars(report, out);
    hf_buffer_puts(out, "</div>\n");
}
