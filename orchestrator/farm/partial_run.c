/* SPDX-License-Identifier: Apache-2.0 */
#include "farm/partial_run.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/did_you_mean.h"

static void count_selected(hf_partial_run *part)
{
    part->selected = 0;
    for (uint32_t i = 0; i < part->job_count; i++)
        part->selected += part->jobs[i];
}

hf_status hf_partial_run_all(const hf_spec *spec, const hf_selection *selection, hf_partial_run *out,
                             hf_error *err)
{
    const uint32_t count = spec->variation_count * selection->chip_count;
    bool *jobs = malloc(count * sizeof *jobs + 1);
    if (!jobs)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %u jobs", count);
    memset(jobs, true, count * sizeof *jobs);
    *out = (hf_partial_run){.jobs = jobs, .job_count = count, .selected = count};
    return HF_OK;
}

void hf_partial_run_free(hf_partial_run *part)
{
    free(part->jobs);
    *part = (hf_partial_run){0};
}

/* Copies the next word of a list into `word`, cut if it is too long. @return the rest, NULL at the end */
static const char *next_word(const char *list, char *word, size_t size)
{
    const size_t length = strcspn(list, ",");
    snprintf(word, size, "%.*s", (int)length, list);
    return list[length] ? list + length + 1 : NULL;
}

/* ---- Boards ---- */

static hf_status unknown_board(const hf_farm *farm, const hf_selection *selection, const char *id,
                               hf_error *err)
{
    hf_buffer known = HF_BUFFER_INIT;
    hf_suggestion suggestion = {.word = id};
    for (uint32_t i = 0; i < selection->board_count; i++) {
        const char *candidate = farm->boards[selection->boards[i]].config.id;
        hf_buffer_printf(&known, "%s%s", i ? ", " : "", candidate);
        hf_suggest(&suggestion, candidate);
    }
    hf_status status = suggestion.best
                           ? HF_FAIL(err, HF_EINVALID, "the spec selects no board '%s', did you mean '%s'?",
                                     id, suggestion.best)
                           : HF_FAIL(err, HF_EINVALID, "the spec selects no board '%s', expected some of: %s",
                                     id, hf_buffer_text(&known));
    hf_buffer_free(&known);
    return status;
}

/* The chips of the boards that are kept, in their order among all chips of the selection. */
static void keep_chips(const hf_farm *farm, hf_selection *selection)
{
    uint32_t kept = 0;
    for (uint32_t c = 0; c < selection->chip_count; c++) {
        bool used = false;
        for (uint32_t i = 0; i < selection->board_count; i++)
            used |= farm->boards[selection->boards[i]].chip == selection->chips[c];
        if (used)
            selection->chips[kept++] = selection->chips[c];
    }
    selection->chip_count = kept;
}

hf_status hf_partial_run_boards(const hf_farm *farm, const char *ids, hf_selection *selection, hf_error *err)
{
    bool *wanted = calloc(selection->board_count, sizeof *wanted);
    if (!wanted)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %u boards", selection->board_count);
    hf_status status = HF_OK;
    for (const char *rest = ids; status == HF_OK && rest;) {
        char id[128];
        bool found = false;
        rest = next_word(rest, id, sizeof id);
        const uint32_t board = hf_farm_find_board(farm, id);
        for (uint32_t i = 0; i < selection->board_count; i++)
            if (selection->boards[i] == board)
                found = wanted[i] = true;
        if (!found)
            status = unknown_board(farm, selection, id, err);
    }
    if (status == HF_OK) {
        uint32_t kept = 0;
        for (uint32_t i = 0; i < selection->board_count; i++)
            if (wanted[i])
                selection->boards[kept++] = selection->boards[i];
        selection->board_count = kept;
        keep_chips(farm, selection);
    }
    free(wanted);
    return status;
}

/* ---- Jobs ---- */

static hf_status matches_nothing(const hf_spec *spec, const char *pattern, hf_error *err)
{
    hf_suggestion suggestion = {.word = pattern};
    for (uint32_t v = 0; v < spec->variation_count; v++)
        hf_suggest(&suggestion, spec->variations[v].name);
    return HF_FAIL(err, HF_EINVALID, "no model of %s matches '%s'%s%s%s", spec->path, pattern,
                   suggestion.best ? ", did you mean '" : "", suggestion.best ? suggestion.best : "",
                   suggestion.best ? "'?" : "");
}

hf_status hf_partial_run_only(hf_partial_run *part, const hf_spec *spec, const char *patterns, hf_error *err)
{
    const uint32_t chips = part->job_count / spec->variation_count;
    bool *matched = calloc(spec->variation_count, sizeof *matched);
    if (!matched)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %u models", spec->variation_count);
    hf_status status = HF_OK;
    for (const char *rest = patterns; status == HF_OK && rest;) {
        char pattern[256];
        bool found = false;
        rest = next_word(rest, pattern, sizeof pattern);
        for (uint32_t v = 0; v < spec->variation_count; v++)
            if (fnmatch(pattern, spec->variations[v].name, 0) == 0)
                found = matched[v] = true;
        if (!found)
            status = matches_nothing(spec, pattern, err);
    }
    for (uint32_t i = 0; status == HF_OK && i < part->job_count; i++)
        part->jobs[i] = part->jobs[i] && matched[i / chips];
    free(matched);
    count_selected(part);
    return status;
}

static bool failed_in(const hf_report *earlier, const char *name, const char *chip)
{
    for (size_t i = 0; i < earlier->result_count; i++) {
        const hf_result_row *row = &earlier->results[i];
        if (strcmp(row->name, name) == 0 && strcmp(row->chip, chip) == 0)
            return row->outcome == HF_RESULT_FAILED || row->outcome == HF_RESULT_NOT_RUN;
    }
    return false;
}

hf_status hf_partial_run_failed(hf_partial_run *part, const hf_spec *spec, const hf_selection *selection,
                                const hf_report *earlier, hf_error *err)
{
    for (uint32_t i = 0; i < part->job_count; i++)
        part->jobs[i] = part->jobs[i] && failed_in(earlier, spec->variations[i / selection->chip_count].name,
                                                   selection->chips[i % selection->chip_count]->name);
    count_selected(part);
    if (part->selected)
        return HF_OK;
    return HF_FAIL(err, HF_EINVALID, "no model that is selected failed in run %lld (%s)",
                   (long long)earlier->run.id, earlier->run.key);
}

/* ---- The record ---- */

#define BOARDS_LINE "# boards: "
#define JOBS_LINE   "# jobs: "

char *hf_partial_run_record(const hf_spec *spec, const hf_partial_run *part, const char *boards,
                            const char *options)
{
    hf_buffer text = HF_BUFFER_INIT;
    hf_buffer_printf(&text, "%s\n" HF_PARTIAL_RUN_COMMENT "%s\n", spec->text, options);
    if (boards)
        hf_buffer_printf(&text, BOARDS_LINE "%s\n", boards);
    hf_buffer_puts(&text, JOBS_LINE);
    const char *separator = "";
    for (uint32_t i = 0; i < part->job_count; i++) {
        uint32_t last = i;
        if (!part->jobs[i])
            continue;
        while (last + 1 < part->job_count && part->jobs[last + 1])
            last++;
        hf_buffer_printf(&text, "%s%u", separator, i);
        if (last > i)
            hf_buffer_printf(&text, "-%u", last);
        separator = ",";
        i = last;
    }
    hf_buffer_putc(&text, '\n');
    return hf_buffer_take(&text);
}

/* The rest of the line that begins with `label`. @return the caller's to free(); NULL = no such line */
static char *find_line(const char *text, const char *label)
{
    for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
        if (strncmp(text, label, strlen(label)) == 0) {
            text += strlen(label);
            return strndup(text, strcspn(text, "\n"));
        }
    return NULL;
}

hf_status hf_partial_run_recorded(const char *recorded, const hf_spec *spec, char **boards, char **jobs,
                                  hf_error *err)
{
    *boards = *jobs = NULL;
    if (strncmp(recorded, spec->text, spec->text_bytes) != 0)
        return HF_OK;
    const char *part = recorded + spec->text_bytes;
    if (strncmp(part, "\n" HF_PARTIAL_RUN_COMMENT, strlen("\n" HF_PARTIAL_RUN_COMMENT)) != 0)
        return HF_OK;
    *jobs = find_line(part, JOBS_LINE);
    *boards = find_line(part, BOARDS_LINE);
    if (*jobs)
        return HF_OK;
    free(*boards);
    *boards = NULL;
    return HF_FAIL(err, HF_EINVALID, "the recorded spec of a partial run does not list its jobs");
}

/* "3" or "3-5". @return false for anything else */
static bool parse_range(const char *word, unsigned long *first, unsigned long *last)
{
    char *end;
    if (*word < '0' || *word > '9')
        return false;
    *first = *last = strtoul(word, &end, 10); /* too large a number saturates, above any job */
    if (*end == '-' && end[1] >= '0' && end[1] <= '9')
        *last = strtoul(end + 1, &end, 10);
    return *end == '\0' && *first <= *last;
}

hf_status hf_partial_run_jobs(hf_partial_run *part, const char *jobs, hf_error *err)
{
    memset(part->jobs, false, part->job_count * sizeof *part->jobs);
    for (const char *rest = jobs; rest;) {
        char word[64];
        unsigned long first, last;
        rest = next_word(rest, word, sizeof word);
        if (!parse_range(word, &first, &last) || last >= part->job_count)
            return HF_FAIL(err, HF_EINVALID,
                           "the recorded jobs of a partial run contain '%s', expected 0 to %u", word,
                           part->job_count ? part->job_count - 1 : 0);
        memset(part->jobs + first, true, last - first + 1);
    }
    count_selected(part);
    return HF_OK;
}
