/* SPDX-License-Identifier: Apache-2.0 */
#include "run_data.h"

#include <string.h>

#include "report/json_text.h"

#define NO_BOARD (-1)

int64_t hf_board_index(const hf_report *report, const char *id)
{
    for (size_t b = 0; id && b < report->board_count; b++)
        if (strcmp(report->boards[b].id, id) == 0)
            return (int64_t)b;
    return NO_BOARD;
}

static void write_run(const hf_report *report, hf_buffer *out)
{
    const hf_run_row *run = &report->run;
    const struct {
        const char *name, *text;
    } texts[] = {{"key", run->key},
                 {"name", run->name},
                 {"owner", run->owner},
                 {"tags", run->tags},
                 {"state", hf_run_state_name(run->state)},
                 {"baseline", run->baseline},
                 {"hilfarm_version", run->hilfarm_version},
                 {"openocd_version", run->openocd_version},
                 {"host", run->host},
                 {"spec_path", run->spec_path},
                 {"spec_text", run->spec_text},
                 {"farm_path", run->farm_path},
                 {"farm_text", run->farm_text}};
    const struct {
        const char *name;
        int64_t value;
        bool zero_is_unknown;
    } numbers[] = {{"id", run->id, false},
                   {"started_ms", run->started_ms, false},
                   {"duration_ns", run->duration_ns, true},
                   {"resumptions", run->resumptions, false},
                   {"warmup", run->warmup, false},
                   {"runs", run->runs, false},
                   {"measured", run->measured, false},
                   {"failed", run->failed, false},
                   {"not_run", run->not_run, false},
                   {"pruned", run->pruned, false}};
    char trimmed[HF_TRIMMED_NOTE_SIZE];
    hf_trimmed_note(run, trimmed);
    hf_buffer_printf(out, "\"analysed\":%s", report->analysed ? "true" : "false");
    hf_json_key(out, false, "run");
    hf_buffer_puts(out, "{\"trimmed\":");
    hf_json_text(out, trimmed);
    hf_json_key(out, false, "regressed");
    hf_json_real(out, run->compared, run->regressed);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        hf_json_key(out, false, texts[i].name);
        hf_json_text(out, texts[i].text);
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        hf_json_key(out, false, numbers[i].name);
        (numbers[i].zero_is_unknown ? hf_json_known : hf_json_integer)(out, numbers[i].value);
    }
    hf_buffer_puts(out, "},\"limits\":{\"ram_bytes\":");
    hf_json_known(out, run->limits.ram_bytes);
    hf_buffer_puts(out, ",\"rom_bytes\":");
    hf_json_known(out, run->limits.rom_bytes);
    hf_buffer_puts(out, ",\"macs\":");
    hf_json_known(out, run->limits.macs);
    hf_buffer_putc(out, '}');
}

static void write_boards(const hf_report *report, const hf_board_attempts *attempts, hf_buffer *out)
{
    hf_json_key(out, false, "boards");
    for (size_t b = 0; b < report->board_count; b++) {
        const hf_board_row *board = &report->boards[b];
        hf_buffer_puts(out, b ? ",{\"id\":" : "[{\"id\":");
        hf_json_text(out, board->id);
        hf_buffer_puts(out, ",\"chip\":");
        hf_json_text(out, board->chip);
        hf_buffer_puts(out, ",\"core\":");
        hf_json_text(out, board->core);
        hf_buffer_printf(out, ",\"modelled\":%s,\"clock_hz\":", board->modelled ? "true" : "false");
        hf_json_known(out, board->clock_hz);
        hf_buffer_puts(out, ",\"dead\":");
        hf_json_text(out, hf_report_dead_board(report, board->id));
        hf_buffer_puts(out, ",\"attempts\":");
        hf_json_integer(out, attempts[b].attempts);
        hf_buffer_puts(out, ",\"failed\":");
        hf_json_integer(out, attempts[b].failed);
        hf_buffer_putc(out, '}');
    }
    hf_buffer_puts(out, report->board_count ? "]" : "[]");
}

static void write_failures(const hf_report *report, hf_buffer *out)
{
    bool any = false;
    hf_json_key(out, false, "failures");
    hf_buffer_putc(out, '[');
    for (size_t i = 0; i < report->failure_count; i++) {
        const hf_failure_row *failure = &report->failures[i];
        if (failure->dead) /* shown with the board */
            continue;
        hf_buffer_puts(out, any ? ",{\"board\":" : "{\"board\":");
        hf_json_text(out, failure->board_id);
        hf_buffer_puts(out, ",\"at_ms\":");
        hf_json_integer(out, failure->at_ms);
        hf_buffer_puts(out, ",\"fault\":");
        hf_json_text(out, failure->fault);
        hf_buffer_puts(out, ",\"message\":");
        hf_json_text(out, failure->message);
        hf_buffer_puts(out, ",\"transcript\":");
        hf_json_text(out, failure->transcript);
        hf_buffer_putc(out, '}');
        any = true;
    }
    hf_buffer_putc(out, ']');
}

void hf_run_data_json(const hf_report *report, const hf_board_attempts *attempts, hf_buffer *out)
{
    write_run(report, out);
    write_boards(report, attempts, out);
    write_failures(report, out);
}
