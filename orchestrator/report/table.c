/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report/render.h"

#define CELL_SIZE    32
#define MIN_NAME     16
#define COLUMN_COUNT 8

/* The columns right of the name. */
static const char *const titles[COLUMN_COUNT] = {"MACs", "params",  "model",  "peak mem",
                                                 "RAM",  "latency", "spread", "verdict"};

#define RED   "\033[31m"
#define GREEN "\033[32m"
#define BOLD  "\033[1m"
#define RESET "\033[0m"

typedef struct table_line {
    char cells[COLUMN_COUNT][CELL_SIZE];
    hf_verdict verdict;
    bool failed;
} table_line;

/* "met", or which limits are missed. */
static void verdict_cell(const hf_verdicts *verdicts, char *text, size_t size)
{
    if (verdicts->all != HF_VERDICT_MISSED) {
        snprintf(text, size, "%s", verdicts->all == HF_VERDICT_MET ? "met" : "-");
        return;
    }
    snprintf(text, size, "%s%s%smissed", verdicts->ram == HF_VERDICT_MISSED ? "RAM " : "",
             verdicts->rom == HF_VERDICT_MISSED ? "ROM " : "",
             verdicts->macs == HF_VERDICT_MISSED ? "MACs " : "");
}

/* Half the distance between the fastest and the slowest sample, in percent of the median. */
static void spread_cell(const hf_latency *latency, char *text, size_t size)
{
    double half_range = (latency->max_ns - latency->min_ns) / 2;
    snprintf(text, size, "+-%.2f %%", latency->median_ns > 0 ? 100 * half_range / latency->median_ns : 0.0);
}

static void fill_line(const hf_result_row *row, const hf_limits *limits, table_line *line)
{
    for (int i = 0; i < COLUMN_COUNT; i++)
        strcpy(line->cells[i], "-");
    if (row->macs)
        hf_format_count((double)row->macs, line->cells[0], CELL_SIZE);
    if (row->params)
        hf_format_count((double)row->params, line->cells[1], CELL_SIZE);
    if (row->image_bytes)
        hf_format_bytes((double)row->image_bytes, line->cells[2], CELL_SIZE);
    if (row->peak_memory_bytes)
        hf_format_bytes((double)row->peak_memory_bytes, line->cells[3], CELL_SIZE);
    hf_verdicts verdicts = hf_result_verdicts(row, limits);
    line->verdict = verdicts.all;
    line->failed = row->outcome != HF_RESULT_MEASURED;
    hf_latency latency;
    if (line->failed) {
        strcpy(line->cells[7], row->outcome == HF_RESULT_FAILED ? "FAILED" : "not run");
    } else {
        hf_format_bytes((double)hf_result_ram_bytes(row), line->cells[4], CELL_SIZE);
        if (hf_result_latency(row, &latency)) {
            char *cell = line->cells[5];
            hf_format_ns(latency.median_ns, cell, CELL_SIZE - 1);
            if (row->modelled)
                strcat(cell, "*");
            spread_cell(&latency, line->cells[6], CELL_SIZE);
        }
        verdict_cell(&verdicts, line->cells[7], CELL_SIZE);
    }
}

/* A name in `width` columns: too long a one loses its middle, as both ends tell variations apart. */
static void put_name(hf_buffer *out, const char *name, int width)
{
    int length = (int)strlen(name);
    if (length <= width) {
        hf_buffer_printf(out, "%-*s", width, name);
        return;
    }
    int tail = (width - 2) * 2 / 3, head = width - 2 - tail;
    hf_buffer_printf(out, "%.*s..%s", head, name, name + length - tail);
}

static void put_row(hf_buffer *out, const char *name, int name_width, const char *const cells[COLUMN_COUNT],
                    const int widths[COLUMN_COUNT], const char *colour)
{
    put_name(out, name, name_width);
    for (int i = 0; i < COLUMN_COUNT; i++) {
        bool last = i == COLUMN_COUNT - 1;
        hf_buffer_puts(out, "  ");
        if (last && colour)
            hf_buffer_puts(out, colour);
        hf_buffer_printf(out, last ? "%-*s" : "%*s", last ? 0 : widths[i], cells[i]);
        if (last && colour)
            hf_buffer_puts(out, RESET);
    }
    hf_buffer_putc(out, '\n');
}

static void put_header(const hf_report *report, bool colour, hf_buffer *out)
{
    const hf_run_row *run = &report->run;
    char when[32] = "";
    time_t seconds = (time_t)(run->started_ms / 1000);
    struct tm local;
    if (localtime_r(&seconds, &local))
        strftime(when, sizeof when, "%Y-%m-%d %H:%M", &local);
    hf_buffer_printf(out, "%srun %" PRId64 ": %s%s, %s, %s: %d measured, %d failed, %d not run",
                     colour ? BOLD : "", run->id, run->name, colour ? RESET : "", when,
                     hf_run_state_name(run->state), run->measured, run->failed, run->not_run);
    if (run->finished_ms)
        hf_buffer_printf(out, ", %.1f s", (double)(run->finished_ms - run->started_ms) / 1000);
    hf_buffer_puts(out, "\nlimits:");
    char text[CELL_SIZE];
    const struct {
        const char *name;
        int64_t value;
        void (*format)(double value, char *text, size_t size);
    } limits[] = {{"RAM", run->limits.ram_bytes, hf_format_bytes},
                  {"ROM", run->limits.rom_bytes, hf_format_bytes},
                  {"MACs", run->limits.macs, hf_format_count}};
    bool any = false;
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        if (limits[i].value <= 0)
            continue;
        limits[i].format((double)limits[i].value, text, sizeof text);
        hf_buffer_printf(out, "%s %s <= %s", any ? "," : "", limits[i].name, text);
        any = true;
    }
    hf_buffer_puts(out, any ? "\n" : " none\n");
}

/* The lines of one chip, in a table of their own: figures of different chips do not compare. */
static void put_chip(const hf_report *report, const char *chip, int columns, bool colour, hf_buffer *out)
{
    table_line *lines = calloc(report->result_count, sizeof *lines);
    if (!lines) {
        out->failed = true;
        return;
    }
    int widths[COLUMN_COUNT], name_width = MIN_NAME;
    bool modelled = false;
    for (int c = 0; c < COLUMN_COUNT; c++)
        widths[c] = (int)strlen(titles[c]);
    for (size_t i = 0; i < report->result_count; i++) {
        const hf_result_row *row = &report->results[i];
        if (strcmp(row->chip, chip) != 0)
            continue;
        fill_line(row, &report->run.limits, &lines[i]);
        modelled |= row->modelled;
        if ((int)strlen(row->name) > name_width)
            name_width = (int)strlen(row->name);
        for (int c = 0; c < COLUMN_COUNT; c++)
            if ((int)strlen(lines[i].cells[c]) > widths[c])
                widths[c] = (int)strlen(lines[i].cells[c]);
    }
    if (columns > 0) {
        int rest = 0;
        for (int c = 0; c < COLUMN_COUNT; c++)
            rest += widths[c] + 2;
        if (name_width + rest > columns)
            name_width = columns - rest > MIN_NAME ? columns - rest : MIN_NAME;
    }
    hf_buffer_putc(out, '\n');
    put_row(out, chip, name_width, titles, widths, NULL);
    for (size_t i = 0; i < report->result_count; i++) {
        const hf_result_row *row = &report->results[i];
        if (strcmp(row->chip, chip) != 0)
            continue;
        const char *cells[COLUMN_COUNT];
        for (int c = 0; c < COLUMN_COUNT; c++)
            cells[c] = lines[i].cells[c];
        const char *paint = NULL;
        if (colour)
            paint = lines[i].failed || lines[i].verdict == HF_VERDICT_MISSED ? RED
                    : lines[i].verdict == HF_VERDICT_MET                     ? GREEN
                                                                             : NULL;
        put_row(out, row->name, name_width, cells, widths, paint);
    }
    if (modelled)
        hf_buffer_puts(out,
                       "* modelled: from a virtual board, whose cycle counts come from a timing model\n");
    free(lines);
}

static void put_failures(const hf_report *report, hf_buffer *out)
{
    bool any = false;
    for (size_t i = 0; i < report->result_count; i++) {
        const hf_result_row *row = &report->results[i];
        if (row->outcome == HF_RESULT_MEASURED)
            continue;
        if (!any)
            hf_buffer_puts(out, "\nnot measured:\n");
        any = true;
        hf_buffer_printf(out, "  %s on %s", row->name, row->chip);
        if (row->fault)
            hf_buffer_printf(out, " (%s)", row->fault);
        hf_buffer_printf(out, ": %s\n", row->message ? row->message : hf_result_outcome_name(row->outcome));
    }
    for (size_t i = 0; i < report->failure_count; i++)
        hf_buffer_printf(out, "%s  %s (%s): %s\n", i ? "" : "\nboards that failed:\n",
                         report->failures[i].board_id, report->failures[i].fault,
                         report->failures[i].message);
}

void hf_render_table(const hf_report *report, int columns, bool colour, hf_buffer *out)
{
    put_header(report, colour, out);
    for (size_t i = 0; i < report->result_count; i++) {
        bool seen = false;
        for (size_t before = 0; before < i; before++)
            seen |= strcmp(report->results[before].chip, report->results[i].chip) == 0;
        if (!seen)
            put_chip(report, report->results[i].chip, columns, colour, out);
    }
    put_failures(report, out);
}

void hf_render_runs(const hf_run_row *runs, size_t count, hf_buffer *out)
{
    hf_buffer_printf(out, "%5s  %-16s  %-11s  %8s  %6s  %7s  %9s  %s\n", "run", "started", "state",
                     "measured", "failed", "not run", "duration", "name");
    for (size_t i = 0; i < count; i++) {
        const hf_run_row *run = &runs[i];
        char when[32] = "", duration[CELL_SIZE] = "-";
        time_t seconds = (time_t)(run->started_ms / 1000);
        struct tm local;
        if (localtime_r(&seconds, &local))
            strftime(when, sizeof when, "%Y-%m-%d %H:%M", &local);
        if (run->finished_ms)
            snprintf(duration, sizeof duration, "%.1f s",
                     (double)(run->finished_ms - run->started_ms) / 1000);
        hf_buffer_printf(out, "%5" PRId64 "  %-16s  %-11s  %8d  %6d  %7d  %9s  %s\n", run->id, when,
                         hf_run_state_name(run->state), run->measured, run->failed, run->not_run, duration,
                         run->name);
    }
}
