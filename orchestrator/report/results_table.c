/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report/c_locale.h"
#include "report/latency_statistics.h"
#include "report/limit_verdicts.h"
#include "report/modelled.h"
#include "report/render.h"
#include "results_table.h"
#include "terminal_safe_text.h"

#define CELL_SIZE HF_VERDICT_SIZE
#define MIN_NAME  16

/* The columns to the right of the name. */
enum { ACCURACY, MACS, PARAMS, MODEL, PEAK, RAM, LATENCY, SPREAD, VERDICT, COLUMN_COUNT };
static const char *const titles[COLUMN_COUNT] = {"accuracy", "MACs",    "params", "model",  "peak mem",
                                                 "RAM",      "latency", "spread", "verdict"};

#define RED   "\033[31m"
#define GREEN "\033[32m"
#define BOLD  "\033[1m"
#define RESET "\033[0m"

typedef struct table_line {
    char cells[COLUMN_COUNT][CELL_SIZE];
    hf_verdict verdict;
    bool failed;
} table_line;

void hf_table_verdict(const hf_verdicts *verdicts, char text[HF_VERDICT_SIZE])
{
    size_t used = 0;
    if (verdicts->all != HF_VERDICT_MISSED) {
        snprintf(text, HF_VERDICT_SIZE, "%s", verdicts->all == HF_VERDICT_MET ? "met" : "-");
        return;
    }
    for (size_t i = 0; i < HF_LIMIT_KINDS; i++)
        if (hf_verdict_of(verdicts, &hf_limit_kinds[i]) == HF_VERDICT_MISSED)
            used += (size_t)snprintf(text + used, HF_VERDICT_SIZE - used, "%s ", hf_limit_kinds[i].title);
    snprintf(text + used, HF_VERDICT_SIZE - used, "missed");
}

static void fill_line(const hf_result_row *row, const hf_limits *limits, table_line *line)
{
    for (int i = 0; i < COLUMN_COUNT; i++)
        snprintf(line->cells[i], CELL_SIZE, "-");
    if (row->has_accuracy)
        snprintf(line->cells[ACCURACY], CELL_SIZE, "%.1f %%", row->accuracy_percent);
    if (row->macs)
        hf_format_count((double)row->macs, line->cells[MACS], CELL_SIZE);
    if (row->params)
        hf_format_count((double)row->params, line->cells[PARAMS], CELL_SIZE);
    if (row->image_bytes)
        hf_format_bytes((double)row->image_bytes, line->cells[MODEL], CELL_SIZE);
    else if (row->image_bytes_min) {
        char least[CELL_SIZE - 4];
        hf_format_bytes((double)row->image_bytes_min, least, sizeof least);
        snprintf(line->cells[MODEL], CELL_SIZE, ">= %s", least);
    }
    if (row->peak_memory_bytes)
        hf_format_bytes((double)row->peak_memory_bytes, line->cells[PEAK], CELL_SIZE);
    hf_verdicts verdicts = hf_result_verdicts(row, limits);
    line->verdict = verdicts.all;
    line->failed = row->outcome != HF_RESULT_MEASURED;
    hf_latency latency;
    if (line->failed) {
        snprintf(line->cells[VERDICT], CELL_SIZE, "%s",
                 row->outcome == HF_RESULT_FAILED   ? "FAILED"
                 : row->outcome == HF_RESULT_PRUNED ? "pruned"
                                                    : "not run");
    } else {
        hf_format_bytes((double)hf_result_ram_bytes(row), line->cells[RAM], CELL_SIZE);
        if (hf_result_latency(row, &latency)) {
            char time[CELL_SIZE - 1];
            hf_format_ns(latency.median_ns, time, sizeof time);
            snprintf(line->cells[LATENCY], CELL_SIZE, "%s%s", time, hf_modelled_asterisk(row->modelled));
            if (hf_result_samples(row) > 1)
                snprintf(line->cells[SPREAD], CELL_SIZE, "+-%.2f %%", hf_latency_spread_percent(&latency));
        }
        hf_table_verdict(&verdicts, line->cells[VERDICT]);
    }
}

/* A name in `width` columns. If it is too long, the family is dropped first, because most names of a table share it;
 * then the middle, because both ends distinguish variations. */
static void put_name(hf_buffer *out, const char *name, const char *family, int width)
{
    int length = hf_terminal_width(name);
    size_t prefix = family ? strlen(family) : 0;
    const char *mark = "";
    if (length > width && prefix && strncmp(name, family, prefix) == 0 && name[prefix] == '_') {
        name += prefix + 1;
        mark = "..";
        width -= 2;
        length = hf_terminal_width(name);
    }
    hf_buffer_puts(out, mark);
    if (length <= width) {
        hf_terminal_put(out, name);
        hf_buffer_printf(out, "%*s", width - length, "");
        return;
    }
    int tail = (width - 2) * 2 / 3, head = width - 2 - tail;
    const char *rest = hf_terminal_put_some(out, name, head);
    for (int skip = length - head - tail; skip > 0; skip--)
        rest += hf_terminal_step(rest);
    hf_buffer_puts(out, "..");
    hf_terminal_put(out, rest);
}

/* A column of width 0 is omitted. */
static void put_row(hf_buffer *out, const char *name, const char *family, int name_width,
                    const char *const cells[COLUMN_COUNT], const int widths[COLUMN_COUNT], const char *colour)
{
    put_name(out, name, family, name_width);
    for (int i = 0; i < COLUMN_COUNT; i++) {
        bool last = i == COLUMN_COUNT - 1;
        if (!widths[i])
            continue;
        hf_buffer_puts(out, "  ");
        if (last && colour)
            hf_buffer_puts(out, colour);
        hf_buffer_printf(out, last ? "%-*s" : "%*s", last ? 0 : widths[i], cells[i]);
        if (last && colour)
            hf_buffer_puts(out, RESET);
    }
    hf_buffer_putc(out, '\n');
}

static int width_of_columns(const int widths[COLUMN_COUNT])
{
    int width = 0;
    for (int i = 0; i < COLUMN_COUNT; i++)
        width += widths[i] ? widths[i] + 2 : 0;
    return width;
}

/* Fits the table to a width: drops the least important columns, then shortens names. */
static void fit(int columns, int widths[COLUMN_COUNT], int *name_width)
{
    static const int dispensable[] = {PARAMS, SPREAD, MODEL, PEAK};
    for (size_t i = 0; i < sizeof dispensable / sizeof dispensable[0]; i++)
        if (MIN_NAME + width_of_columns(widths) > columns)
            widths[dispensable[i]] = 0;
    int room = columns - width_of_columns(widths);
    if (*name_width > room)
        *name_width = room > MIN_NAME ? room : MIN_NAME;
}

static void put_left_out(const int widths[COLUMN_COUNT], hf_buffer *out)
{
    bool any = false;
    for (int i = 0; i < COLUMN_COUNT; i++) {
        if (widths[i] || i == ACCURACY) /* omitted only if no accuracy is known */
            continue;
        hf_buffer_printf(out, "%s%s", any ? ", " : "not shown at this width: ", titles[i]);
        any = true;
    }
    if (any)
        hf_buffer_putc(out, '\n');
}

void hf_table_header(const hf_report *report, bool colour, hf_buffer *out)
{
    const hf_run_row *run = &report->run;
    char when[32] = "";
    time_t seconds = (time_t)(run->started_ms / 1000);
    struct tm local;
    if (localtime_r(&seconds, &local))
        strftime(when, sizeof when, "%Y-%m-%d %H:%M", &local);
    hf_buffer_printf(out, "%srun %" PRId64 ": ", colour ? BOLD : "", run->id);
    hf_terminal_put(out, run->name);
    hf_buffer_printf(out, "%s, %s, %s: %d measured, %d failed, %d not run", colour ? RESET : "", when,
                     hf_run_state_name(run->state), run->measured, run->failed, run->not_run);
    if (run->pruned)
        hf_buffer_printf(out, ", %d pruned", run->pruned);
    if (run->duration_ns)
        hf_buffer_printf(out, ", %.1f s", (double)run->duration_ns / 1e9);
    if (run->resumptions)
        hf_buffer_printf(out, ", resumed %s", run->resumptions == 1 ? "once" : "several times");
    if (run->compared)
        hf_buffer_printf(out, ", %d regressed against %s", run->regressed,
                         run->baseline ? run->baseline : "the baseline");
    hf_buffer_puts(out, "\nlimits:");
    char text[CELL_SIZE];
    bool any = false;
    for (size_t i = 0; i < HF_LIMIT_KINDS; i++) {
        const hf_limit_kind *kind = &hf_limit_kinds[i];
        const int64_t limit = hf_limit_of(&run->limits, kind);
        if (limit <= 0)
            continue;
        kind->format((double)limit, text, sizeof text);
        hf_buffer_printf(out, "%s %s <= %s", any ? "," : "", kind->title, text);
        any = true;
    }
    hf_buffer_puts(out, any ? "\n" : " none\n");
    char note[HF_TRIMMED_NOTE_SIZE];
    hf_trimmed_note(run, note);
    if (note[0])
        hf_buffer_printf(out, "%s\n", note);
}

/* Boards whose clock is reported for a chip. */
#define CLOCK_NOTES_MOST 256

/* Reports a deviating clock, once for each board: the ratio of its first result. */
static void put_clock_notes(const hf_report *report, const char *chip, hf_buffer *out)
{
    const char *reported[CLOCK_NOTES_MOST];
    size_t count = 0;
    for (size_t i = 0; i < report->result_count && count < CLOCK_NOTES_MOST; i++) {
        const hf_result_row *row = &report->results[i];
        if (!row->board_id || !hf_result_clock_off(row) || strcmp(row->chip, chip) != 0)
            continue;
        size_t k = 0;
        while (k < count && strcmp(reported[k], row->board_id) != 0)
            k++;
        if (k < count)
            continue;
        reported[count++] = row->board_id;
        hf_buffer_puts(out, "! ");
        hf_terminal_put(out, row->board_id);
        hf_buffer_printf(out, ": the core clock deviates by %+.2f %% from the host's",
                         100 * (row->clock_ratio - 1));
        if (row->clock_source) {
            hf_buffer_puts(out, " (source ");
            hf_terminal_put(out, row->clock_source);
            hf_buffer_putc(out, ')');
        }
        hf_buffer_puts(out, ": real latencies are shorter by that much, or longer if negative\n");
    }
}

/* The table of one chip: figures of different chips are not comparable. */
static void put_chip(const hf_report *report, const char *chip, int columns, bool colour, hf_buffer *out)
{
    table_line *lines = calloc(report->result_count, sizeof *lines);
    if (!lines) {
        out->failed = true;
        return;
    }
    int widths[COLUMN_COUNT], name_width = MIN_NAME;
    bool modelled = false, has_accuracy = false;
    for (int c = 0; c < COLUMN_COUNT; c++)
        widths[c] = (int)strlen(titles[c]);
    for (size_t i = 0; i < report->result_count; i++) {
        const hf_result_row *row = &report->results[i];
        if (strcmp(row->chip, chip) != 0)
            continue;
        fill_line(row, &report->run.limits, &lines[i]);
        modelled |= row->modelled;
        has_accuracy |= row->has_accuracy;
        if (hf_terminal_width(row->name) > name_width)
            name_width = hf_terminal_width(row->name);
        for (int c = 0; c < COLUMN_COUNT; c++)
            if ((int)strlen(lines[i].cells[c]) > widths[c])
                widths[c] = (int)strlen(lines[i].cells[c]);
    }
    if (!has_accuracy)
        widths[ACCURACY] = 0;
    if (columns > 0)
        fit(columns, widths, &name_width);
    hf_buffer_putc(out, '\n');
    put_row(out, chip, NULL, name_width, titles, widths, NULL);
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
        put_row(out, row->name, row->family, name_width, cells, widths, paint);
    }
    put_left_out(widths, out);
    if (modelled)
        hf_buffer_puts(out, HF_MODELLED_FOOTNOTE);
    put_clock_notes(report, chip, out);
    free(lines);
}

void hf_render_table(const hf_report *report, int columns, bool colour, hf_buffer *out)
{
    locale_t before = hf_c_locale_enter();
    hf_table_header(report, colour, out);
    for (size_t i = 0; i < report->result_count; i++) {
        if (hf_report_first_of_chip(report, i))
            put_chip(report, report->results[i].chip, columns, colour, out);
    }
    hf_table_ports(report, out);
    hf_table_pruned(report, out);
    hf_table_failures(report, out);
    hf_c_locale_leave(before);
}
