/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of runs and of tags. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "report/c_locale.h"
#include "report/render.h"
#include "terminal_safe_text.h"

#define WHEN_SIZE 32

static void format_minute(int64_t ms, char text[WHEN_SIZE])
{
    const time_t seconds = (time_t)(ms / 1000);
    struct tm local;
    text[0] = '\0';
    if (localtime_r(&seconds, &local))
        strftime(text, WHEN_SIZE, "%Y-%m-%d %H:%M", &local);
}

#define OWNER_WIDTH 8

void hf_render_runs(const hf_run_row *runs, size_t count, hf_buffer *out)
{
    locale_t before = hf_c_locale_enter();
    hf_buffer_printf(out, "%5s  %-17s  %-16s  %-11s  %8s  %6s  %7s  %9s  %-8s  %s\n", "run", "key", "started",
                     "state", "measured", "failed", "not run", "duration", "owner", "name [tags]");
    for (size_t i = 0; i < count; i++) {
        const hf_run_row *run = &runs[i];
        char when[WHEN_SIZE], duration[32] = "-";
        format_minute(run->started_ms, when);
        if (run->duration_ns)
            snprintf(duration, sizeof duration, "%.1f s", (double)run->duration_ns / 1e9);
        hf_buffer_printf(out, "%5" PRId64 "  %-17s  %-16s  %-11s  %8d  %6d  %7d  %9s  ", run->id, run->key,
                         when, hf_run_state_name(run->state), run->measured, run->failed, run->not_run,
                         duration);
        const size_t owner_at = out->size;
        hf_terminal_put(out, run->owner ? run->owner : "-");
        while (!out->failed && out->size < owner_at + OWNER_WIDTH)
            hf_buffer_putc(out, ' ');
        hf_buffer_puts(out, "  ");
        hf_terminal_put(out, run->name);
        if (run->tags) {
            hf_buffer_puts(out, " [");
            hf_terminal_put(out, run->tags);
            hf_buffer_putc(out, ']');
        }
        hf_buffer_putc(out, '\n');
    }
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
        format_minute(tag->tagged_ms, when);
        hf_terminal_put(out, tag->name);
        hf_buffer_printf(out, "%*s  %5" PRId64 "  %-17s  %-16s  ", width - hf_terminal_width(tag->name), "",
                         tag->run_id, tag->run_key, when);
        hf_terminal_put(out, tag->run_name);
        hf_buffer_putc(out, '\n');
    }
    hf_c_locale_leave(before);
}
