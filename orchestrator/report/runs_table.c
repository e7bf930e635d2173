/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of runs and of tags. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "report/c_locale.h"
#include "report/render.h"
#include "terminal_safe_text.h"

#define WHEN_SIZE 32

/* "2025-11-22 16:30"; `first` leaves out the first characters. */
static const char *format_minute(int64_t ms, size_t first, char text[WHEN_SIZE])
{
    const time_t seconds = (time_t)(ms / 1000);
    struct tm local;
    if (!localtime_r(&seconds, &local) || strftime(text, WHEN_SIZE, "%Y-%m-%d %H:%M", &local) <= first)
        return "";
    return text + first;
}

#define OWNER_WIDTH   8
#define OUTCOME_SIZE  32
#define OUTCOME_WIDTH 15

/* "green", or the first thing that is wrong with a run. */
static const char *describe_outcome(const hf_run_row *run, char text[OUTCOME_SIZE])
{
    if (run->state != HF_RUN_DONE)
        return hf_run_state_name(run->state);
    if (run->failed)
        snprintf(text, OUTCOME_SIZE, "RED %d failed", run->failed);
    else if (run->not_run)
        snprintf(text, OUTCOME_SIZE, "RED %d not run", run->not_run);
    else if (run->dead_boards)
        snprintf(text, OUTCOME_SIZE, "RED %d board%s", run->dead_boards, run->dead_boards == 1 ? "" : "s");
    else if (run->regressed)
        snprintf(text, OUTCOME_SIZE, "RED %d worse", run->regressed);
    else
        return "green";
    return text;
}

/* The random part of a key, which is as good as the whole. */
static const char *short_key(const char *key)
{
    const char *random = strchr(key, '-');
    return random ? random + 1 : key;
}

static bool have_one_owner(const hf_run_row *runs, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (strcmp(runs[i].owner ? runs[i].owner : "", runs[0].owner ? runs[0].owner : "") != 0)
            return false;
    return true;
}

static void put_padded(hf_buffer *out, const char *text, int width)
{
    hf_terminal_put(out, text);
    hf_buffer_printf(out, "%*s", width > hf_terminal_width(text) ? width - hf_terminal_width(text) : 0, "");
}

static void put_run(const hf_run_row *run, bool with_owner, hf_buffer *out)
{
    char when[WHEN_SIZE], duration[32] = "-", outcome[OUTCOME_SIZE];
    if (run->duration_ns)
        snprintf(duration, sizeof duration, "%.1f s", (double)run->duration_ns / 1e9);
    hf_buffer_printf(out, "%4" PRId64 "  %-8s  %-14s  %-*s %4d  %8s  ", run->id, short_key(run->key),
                     format_minute(run->started_ms, 2, when), OUTCOME_WIDTH, describe_outcome(run, outcome),
                     run->measured, duration);
    if (with_owner) {
        put_padded(out, run->owner ? run->owner : "-", OWNER_WIDTH);
        hf_buffer_puts(out, "  ");
    }
    hf_terminal_put(out, run->name);
    if (run->tags) {
        hf_buffer_puts(out, " [");
        hf_terminal_put(out, run->tags);
        hf_buffer_putc(out, ']');
    }
    hf_buffer_putc(out, '\n');
}

void hf_render_runs(const hf_run_row *runs, size_t count, hf_buffer *out)
{
    locale_t before = hf_c_locale_enter();
    const bool with_owner = !have_one_owner(runs, count);
    hf_buffer_printf(out, "%4s  %-8s  %-14s  %-*s %4s  %8s  ", "run", "key", "started", OUTCOME_WIDTH,
                     "outcome", "ok", "duration");
    if (with_owner)
        hf_buffer_printf(out, "%-*s  ", OWNER_WIDTH, "owner");
    hf_buffer_puts(out, "name [tags]\n");
    for (size_t i = 0; i < count; i++)
        put_run(&runs[i], with_owner, out);
    hf_c_locale_leave(before);
}

void hf_render_runs_json(const hf_run_row *runs, size_t count, hf_buffer *out)
{
    locale_t before = hf_c_locale_enter();
    hf_buffer_putc(out, '[');
    for (size_t i = 0; i < count; i++) {
        hf_buffer_puts(out, i ? ",\n" : "\n");
        hf_json_run(&runs[i], out);
    }
    hf_buffer_puts(out, "]\n");
    hf_c_locale_leave(before);
}

void hf_render_tags(const hf_tag_row *tags, size_t count, hf_buffer *out)
{
    locale_t before = hf_c_locale_enter();
    int width = (int)sizeof "tag" - 1;
    for (size_t i = 0; i < count; i++)
        width = hf_terminal_width(tags[i].name) > width ? hf_terminal_width(tags[i].name) : width;
    hf_buffer_printf(out, "%-*s  %5s  %-17s  %-16s  %s\n", width, "tag", "run", "key", "tagged", "name");
    for (size_t i = 0; i < count; i++) {
        const hf_tag_row *tag = &tags[i];
        char when[WHEN_SIZE];
        hf_terminal_put(out, tag->name);
        hf_buffer_printf(out, "%*s  %5" PRId64 "  %-17s  %-16s  ", width - hf_terminal_width(tag->name), "",
                         tag->run_id, tag->run_key, format_minute(tag->tagged_ms, 0, when));
        hf_terminal_put(out, tag->run_name);
        hf_buffer_putc(out, '\n');
    }
    hf_c_locale_leave(before);
}
