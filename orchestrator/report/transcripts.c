/* SPDX-License-Identifier: Apache-2.0 */
#include "report/transcripts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/did_you_mean.h"
#include "base/utf8.h"
#include "terminal_safe_text.h"

#define WHEN_SIZE 32

bool hf_transcript_is_chosen(const hf_transcript_choice *choice, const hf_transcript_row *row)
{
    if (choice->model && (!row->model || strcmp(choice->model, row->model) != 0))
        return false;
    if (choice->chip && strcmp(choice->chip, row->chip) != 0)
        return false;
    if (choice->board && strcmp(choice->board, row->board_id) != 0)
        return false;
    return !choice->attempt || (choice->attempt == row->number && (choice->model || !row->model));
}

/* ---- What is missing ---- */

static bool fits(const hf_transcript_choice *choice, const hf_result_row *result)
{
    return (!choice->model || strcmp(choice->model, result->name) == 0) &&
           (!choice->chip || strcmp(choice->chip, result->chip) == 0);
}

/* "run 17 has no variation 'x', did you mean 'y'?" @param offset of the member of hf_result_row that was asked for */
static hf_status unknown_word(const hf_report *report, const char *what, const char *word, size_t offset,
                              hf_error *err)
{
    hf_suggestion suggestion = {.word = word};
    for (size_t i = 0; i < report->result_count; i++) {
        const char *known;
        memcpy(&known, (const char *)&report->results[i] + offset, sizeof known);
        hf_suggest(&suggestion, known);
    }
    return HF_FAIL(err, HF_ENOTFOUND, "run %" PRId64 " (%s) has no %s '%s'%s%s%s", report->run.id,
                   report->run.name, what, word, suggestion.best ? ", did you mean '" : "",
                   suggestion.best ? suggestion.best : "", suggestion.best ? "'?" : "");
}

static hf_status unknown_board(const hf_report *report, const char *board, hf_error *err)
{
    hf_suggestion suggestion = {.word = board};
    for (size_t i = 0; i < report->board_count; i++) {
        if (strcmp(report->boards[i].id, board) == 0)
            return HF_OK;
        hf_suggest(&suggestion, report->boards[i].id);
    }
    return HF_FAIL(err, HF_ENOTFOUND, "board '%s' took no part in run %" PRId64 " (%s)%s%s%s", board,
                   report->run.id, report->run.name, suggestion.best ? ", did you mean '" : "",
                   suggestion.best ? suggestion.best : "", suggestion.best ? "'?" : "");
}

/* Whether what was asked for exists in the run at all. */
static hf_status check_words(const hf_report *report, const hf_transcript_choice *choice, hf_error *err)
{
    const hf_transcript_choice model = {.model = choice->model}, chip = {.chip = choice->chip};
    bool has_model = !choice->model, has_chip = !choice->chip, has_both = false;
    for (size_t i = 0; i < report->result_count; i++) {
        has_model |= fits(&model, &report->results[i]);
        has_chip |= fits(&chip, &report->results[i]);
        has_both |= fits(choice, &report->results[i]);
    }
    if (!has_model)
        return unknown_word(report, "variation", choice->model, offsetof(hf_result_row, name), err);
    if (!has_chip)
        return unknown_word(report, "chip", choice->chip, offsetof(hf_result_row, chip), err);
    if (choice->model && choice->chip && !has_both)
        return HF_FAIL(err, HF_ENOTFOUND, "%s was not to be measured on %s in run %" PRId64, choice->model,
                       choice->chip, report->run.id);
    return choice->board ? unknown_board(report, choice->board, err) : HF_OK;
}

/* An attempt that exists, but did not fail; or how many there are. */
static hf_status explain_attempt(const hf_report *report, const hf_transcript_choice *choice, hf_error *err)
{
    int32_t most = 0;
    for (size_t i = 0; i < report->attempt_count; i++) {
        const hf_attempt_row *attempt = &report->attempts[i];
        if (!fits(choice, &report->results[report->attempt_results[i]]))
            continue;
        if (attempt->number == choice->attempt && attempt->succeeded)
            return HF_FAIL(err, HF_ENOTFOUND,
                           "attempt %d of %s succeeded, on board %s: only failed attempts have a transcript",
                           choice->attempt, choice->model, attempt->board_id);
        if (attempt->number == choice->attempt)
            return HF_FAIL(err, HF_ENOTFOUND, "attempt %d of %s was made on board %s, not on %s",
                           choice->attempt, choice->model, attempt->board_id, choice->board);
        most = attempt->number > most ? attempt->number : most;
    }
    return HF_FAIL(err, HF_ENOTFOUND, "%s has no attempt %d in run %" PRId64 ": expected %s%d", choice->model,
                   choice->attempt, report->run.id, most > 1 ? "1 to " : "", most);
}

/* Why no attempt of a variation failed. */
static hf_status explain_result(const hf_report *report, const hf_transcript_choice *choice, hf_error *err)
{
    for (size_t i = 0; i < report->result_count; i++) {
        const hf_result_row *result = &report->results[i];
        if (fits(choice, result) && !result->attempt_count)
            return HF_FAIL(err, HF_ENOTFOUND,
                           "no attempt was made to measure %s on %s in run %" PRId64 ": %s%s%s", result->name,
                           result->chip, report->run.id, hf_result_outcome_name(result->outcome),
                           result->message ? ": " : "", result->message ? result->message : "");
    }
    return HF_FAIL(err, HF_ENOTFOUND, "no attempt to measure %s%s%s failed in run %" PRId64, choice->model,
                   choice->board ? " on board " : "", choice->board ? choice->board : "", report->run.id);
}

/* Why nothing is found. @param found a failure is meant, but its transcript is not stored */
static hf_status explain(const hf_report *report, const hf_transcript_choice *choice, bool found,
                         hf_error *err)
{
    hf_status status = check_words(report, choice, err);
    if (status != HF_OK)
        return status;
    if (found && report->run.trimmed_ms) {
        char note[HF_TRIMMED_NOTE_SIZE];
        hf_trimmed_note(&report->run, note);
        return HF_FAIL(err, HF_ENOTFOUND, "run %" PRId64 ": %s", report->run.id, note);
    }
    if (found)
        return HF_FAIL(err, HF_ENOTFOUND, "run %" PRId64 ": the failure has no transcript: nothing was said",
                       report->run.id);
    if (choice->model)
        return choice->attempt && report->attempt_count ? explain_attempt(report, choice, err)
                                                        : explain_result(report, choice, err);
    const char *on = choice->board ? " on board " : "", *board = choice->board ? choice->board : "";
    return choice->attempt
               ? HF_FAIL(err, HF_ENOTFOUND,
                         "no start number %d failed%s%s in run %" PRId64
                         "; for an attempt, name its variation",
                         choice->attempt, on, board, report->run.id)
               : HF_FAIL(err, HF_ENOTFOUND, "nothing failed%s%s in run %" PRId64, on, board, report->run.id);
}

/* ---- Choosing ---- */

hf_status hf_transcript_choose(const hf_report *report, const hf_transcript_row *rows, size_t count,
                               const hf_transcript_choice *choice, const hf_transcript_row **row,
                               hf_error *err)
{
    const hf_transcript_row *found = NULL;
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        if (!hf_transcript_is_chosen(choice, &rows[i]))
            continue;
        any = true;
        if (!rows[i].stored)
            continue;
        if (found && strcmp(found->chip, rows[i].chip) != 0)
            return HF_FAIL(err, HF_EINVALID, "%s failed on several chips: choose one with --chip, %s or %s",
                           choice->model ? choice->model : "starting a board", found->chip, rows[i].chip);
        if (found)
            return HF_FAIL(err, HF_EINVALID, "several are meant: choose one with --board, %s or %s",
                           found->board_id, rows[i].board_id);
        found = &rows[i];
    }
    if (!found)
        return explain(report, choice, any, err);
    *row = found;
    return HF_OK;
}

/* ---- Showing ---- */

static const char *format_when(int64_t ms, char text[WHEN_SIZE])
{
    const time_t seconds = (time_t)(ms / 1000);
    struct tm local;
    if (!localtime_r(&seconds, &local) || !strftime(text, WHEN_SIZE, "%Y-%m-%d %H:%M:%S", &local))
        snprintf(text, WHEN_SIZE, "-");
    return text;
}

static const char *subject(const hf_transcript_row *row)
{
    return row->model ? row->model : "(start of the board)";
}

static int wider(int width, const char *text)
{
    const int own = hf_terminal_width(text);
    return own > width ? own : width;
}

static void put_padded(hf_buffer *out, const char *text, int width)
{
    hf_terminal_put(out, text);
    hf_buffer_printf(out, "%*s  ", width - hf_terminal_width(text), "");
}

static void put_list(const hf_transcript_row *rows, size_t count, const hf_transcript_choice *choice,
                     hf_buffer *out)
{
    int model = wider(0, "variation"), chip = wider(0, "chip"), board = wider(0, "board");
    for (size_t i = 0; i < count; i++)
        if (rows[i].stored && hf_transcript_is_chosen(choice, &rows[i])) {
            model = wider(model, subject(&rows[i]));
            chip = wider(chip, rows[i].chip);
            board = wider(board, rows[i].board_id);
        }
    put_padded(out, "variation", model);
    put_padded(out, "chip", chip);
    hf_buffer_puts(out, "attempt  ");
    put_padded(out, "board", board);
    hf_buffer_puts(out, "when                 failure\n");
    for (size_t i = 0; i < count; i++) {
        char when[WHEN_SIZE];
        const hf_transcript_row *row = &rows[i];
        if (!row->stored || !hf_transcript_is_chosen(choice, row))
            continue;
        put_padded(out, subject(row), model);
        put_padded(out, row->chip, chip);
        hf_buffer_printf(out, "%7d  ", row->number);
        put_padded(out, row->board_id, board);
        hf_buffer_printf(out, "%-19s  %s: ", format_when(row->at_ms, when), row->fault);
        hf_terminal_put(out, row->message);
        hf_buffer_putc(out, '\n');
    }
}

hf_status hf_transcripts_render(const hf_report *report, const hf_transcript_row *rows, size_t count,
                                const hf_transcript_choice *choice, hf_buffer *out, hf_error *err)
{
    size_t found = 0, stored = 0;
    for (size_t i = 0; i < count; i++)
        if (hf_transcript_is_chosen(choice, &rows[i])) {
            found++;
            stored += rows[i].stored;
        }
    if (stored) {
        put_list(rows, count, choice, out);
        return HF_OK;
    }
    if (count || choice->model || choice->chip || choice->board)
        return explain(report, choice, found > 0, err);
    hf_buffer_printf(out, "run %" PRId64 " (", report->run.id);
    hf_terminal_put(out, report->run.name);
    hf_buffer_puts(out, "): nothing failed; only failures have a transcript\n");
    return HF_OK;
}

static void put_escaped(hf_buffer *out, const char *text)
{
    while (*text) {
        const unsigned char first = (unsigned char)*text;
        const size_t length = hf_utf8_length(text);
        /* U+0080 to U+009F are control characters too. */
        const bool control = (first < ' ' && first != '\n' && first != '\t') || first == 0x7f ||
                             (first == 0xc2 && (unsigned char)text[1] < 0xa0);
        if (length && !control)
            hf_buffer_append(out, text, length);
        else
            for (size_t i = 0; i < (length ? length : 1); i++)
                hf_buffer_printf(out, "\\x%02x", (unsigned char)text[i]);
        text += length ? length : 1;
    }
}

void hf_transcript_render(const hf_transcript_row *row, const char *text, hf_buffer *out)
{
    char when[WHEN_SIZE];
    hf_terminal_put(out, subject(row));
    hf_buffer_printf(out, " on %s, attempt %d on board ", row->chip, row->number);
    hf_terminal_put(out, row->board_id);
    hf_buffer_printf(out, ", %s\n%s: ", format_when(row->at_ms, when), row->fault);
    hf_terminal_put(out, row->message);
    hf_buffer_puts(out, "\n\n");
    put_escaped(out, text);
    if (*text && text[strlen(text) - 1] != '\n')
        hf_buffer_putc(out, '\n');
}
