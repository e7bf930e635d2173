/* SPDX-License-Identifier: Apache-2.0 */
/* Markdown (GitHub Flavored) for a pull request, an issue or a mail. */
#include <inttypes.h>

#include "markdown.h"
#include "night_texts.h"
#include "report/c_locale.h"
#include "report/limit_verdicts.h"
#include "report/render.h"

/* Comments on GitHub have at most 65536 characters. */
#define MOST_LINES   50
#define MOST_RESULTS 100

/* A list with a heading; the caller tells for each result whether it belongs to it. */
typedef struct list {
    const char *heading;
    bool (*has)(const hf_night *night, size_t index);
    void (*put)(const hf_night *night, size_t index, hf_buffer *out);
} list;

static bool is_failed(const hf_night *night, size_t index)
{
    return night->report->results[index].outcome == HF_RESULT_FAILED;
}

static bool is_not_run(const hf_night *night, size_t index)
{
    return night->report->results[index].outcome == HF_RESULT_NOT_RUN;
}

static bool is_pruned(const hf_night *night, size_t index)
{
    return night->report->results[index].outcome == HF_RESULT_PRUNED;
}

static bool is_missed(const hf_night *night, size_t index)
{
    const hf_result_row *row = &night->report->results[index];
    return row->outcome == HF_RESULT_MEASURED && hf_report_missed(night->report, row);
}

static void put_regression(const hf_night *night, size_t index, hf_buffer *out)
{
    hf_night_put_regression(hf_night_compared(night, index), out);
}

static void put_message(const hf_night *night, size_t index, hf_buffer *out)
{
    const hf_result_row *row = &night->report->results[index];
    if (row->fault)
        hf_buffer_printf(out, "%s: ", row->fault);
    hf_markdown_text(row->message ? row->message : "no reason was recorded", out);
}

static void put_missed(const hf_night *night, size_t index, hf_buffer *out)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_night_put_missed(night->report, &night->report->results[index], &text);
    hf_markdown_text(hf_buffer_text(&text), out);
    hf_buffer_free(&text);
}

static const list lists[] = {
    {"Regressed", hf_night_regressed, put_regression},
    {"Failed", is_failed, put_message},
    {"Not run", is_not_run, put_message},
    {"Limits missed", is_missed, put_missed},
    {"Pruned", is_pruned, put_message},
};

static void put_list(const hf_night *night, const list *of, hf_buffer *out)
{
    size_t count = 0;
    for (size_t i = 0; i < night->report->result_count; i++) {
        if (!of->has(night, i))
            continue;
        if (!count++)
            hf_buffer_printf(out, "\n### %s\n\n", of->heading);
        if (count > MOST_LINES)
            continue;
        hf_buffer_puts(out, "- **");
        hf_markdown_text(night->report->results[i].name, out);
        hf_buffer_puts(out, "** on ");
        hf_markdown_text(night->report->results[i].chip, out);
        hf_buffer_puts(out, ": ");
        of->put(night, i, out);
        hf_buffer_putc(out, '\n');
    }
    if (count > MOST_LINES)
        hf_buffer_printf(out, "- and %zu more\n", count - MOST_LINES);
}

static void put_board(const char *id, const char *why, bool *any, hf_buffer *out)
{
    if (!*any)
        hf_buffer_puts(out, "\n### Boards\n\n");
    *any = true;
    hf_buffer_puts(out, "- **");
    hf_markdown_text(id, out);
    hf_buffer_puts(out, "**: ");
    hf_markdown_text(why, out);
    hf_buffer_putc(out, '\n');
}

static void put_boards(const hf_night *night, hf_buffer *out)
{
    bool any = false;
    for (size_t i = 0; i < night->report->board_count; i++) {
        const char *id = night->report->boards[i].id, *dead = hf_report_dead_board(night->report, id);
        if (dead)
            put_board(id, dead, &any, out);
    }
    for (size_t i = 0; i < night->state_count; i++)
        if (hf_night_needs_attention(night, i))
            put_board(night->states[i].id, night->states[i].attention, &any, out);
}

static void put_results(const hf_report *report, hf_buffer *out)
{
    hf_buffer_puts(out, "\n<details><summary>Results</summary>\n\n");
    hf_markdown_table_head(out);
    for (size_t i = 0; i < report->result_count && i < MOST_RESULTS; i++)
        hf_markdown_result(&report->run, &report->results[i], out);
    if (report->result_count > MOST_RESULTS)
        hf_buffer_printf(out, "\nand %zu more\n", report->result_count - MOST_RESULTS);
    hf_buffer_puts(out, "\n</details>\n");
}

void hf_night_render_markdown(const hf_night *night, hf_buffer *out)
{
    locale_t before = hf_c_locale_enter();
    const hf_run_row *run = &night->report->run;
    hf_buffer subject = HF_BUFFER_INIT;
    hf_night_render_subject(night, &subject);
    hf_buffer_puts(out, "## ");
    hf_markdown_text(hf_buffer_text(&subject), out);
    hf_buffer_printf(out, "\n\nRun %" PRId64 " (`%s`), ", run->id, run->key);
    hf_night_put_time(run->started_ms, out);
    hf_buffer_printf(out, ", %s", hf_run_state_name(run->state));
    if (run->duration_ns)
        hf_buffer_printf(out, ", %.1f s", (double)run->duration_ns / 1e9);
    if (night->comparison)
        hf_buffer_printf(out, ", compared with run %" PRId64 " (`%s`)", night->comparison->before->run.id,
                         night->comparison->before->run.key);
    hf_buffer_puts(out, ".\n");
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        put_list(night, &lists[i], out);
    put_boards(night, out);
    put_results(night->report, out);
    out->failed |= subject.failed;
    hf_buffer_free(&subject);
    hf_c_locale_leave(before);
}
