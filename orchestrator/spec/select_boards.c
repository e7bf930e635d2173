/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/did_you_mean.h"
#include "spec/farm_file.h"

bool hf_farm_board_has_tag(const hf_farm_board *board, const char *tag)
{
    const hf_board_config *config = &board->config;
    if (strcmp(tag, config->id) == 0 || strcmp(tag, board->chip->name) == 0 ||
        strcmp(tag, board->chip->core) == 0 ||
        strcmp(tag, hf_board_config_modelled(config) ? "virtual" : "real") == 0)
        return true;
    for (uint32_t i = 0; i < config->tag_count; i++)
        if (strcmp(tag, config->tags[i]) == 0)
            return true;
    return false;
}

uint32_t hf_farm_find_board(const hf_farm *farm, const char *name)
{
    uint32_t found = HF_FARM_NO_BOARD, count = 0;
    for (uint32_t i = 0; i < farm->board_count; i++) {
        const hf_farm_board *board = &farm->boards[i];
        if (strcmp(board->config.id, name) == 0)
            return i;
        if (board->remote_id && strcmp(board->remote_id, name) == 0) {
            found = i;
            count++;
        }
    }
    return count == 1 ? found : HF_FARM_NO_BOARD;
}

static uint32_t given_or(uint32_t given, uint32_t other)
{
    return given ? given : other;
}

hf_board_deadlines hf_farm_deadlines(const hf_spec *spec, const hf_farm_board *board)
{
    const hf_board_deadlines *own = &board->deadlines, *general = &spec->deadlines;
    return (hf_board_deadlines){
        .start_ms = given_or(own->start_ms, general->start_ms),
        .flash_ms = given_or(own->flash_ms, general->flash_ms),
        .boot_ms = given_or(own->boot_ms, general->boot_ms),
        .reply_ms = given_or(own->reply_ms, general->reply_ms),
        .sample_ms = given_or(own->sample_ms, general->sample_ms),
        .attempt_ms = given_or(own->attempt_ms, general->attempt_ms),
        .stop_ms = given_or(own->stop_ms, general->stop_ms),
    };
}

static bool is_known(const hf_farm *farm, const char *tag)
{
    for (uint32_t i = 0; i < farm->board_count; i++)
        if (hf_farm_board_has_tag(&farm->boards[i], tag))
            return true;
    return false;
}

/* The i-th tag of a board, NULL past the last. */
static const char *tag_at(const hf_farm_board *board, uint32_t index)
{
    const hf_board_config *config = &board->config;
    if (index < config->tag_count)
        return config->tags[index];
    const char *const given[] = {board->chip->name, board->chip->core,
                                 hf_board_config_modelled(config) ? "virtual" : "real", config->id};
    index -= config->tag_count;
    return index < sizeof given / sizeof given[0] ? given[index] : NULL;
}

/* Whether the tag was already listed: an earlier board has it, or this board at a lower index. */
static bool is_listed(const hf_farm *farm, uint32_t board, uint32_t index, const char *tag)
{
    for (uint32_t i = 0; i < board; i++)
        if (hf_farm_board_has_tag(&farm->boards[i], tag))
            return true;
    for (uint32_t k = 0; k < index; k++)
        if (strcmp(tag_at(&farm->boards[board], k), tag) == 0)
            return true;
    return false;
}

void hf_farm_list_tags(const hf_farm *farm, hf_buffer *out)
{
    const size_t before = out->size;
    const char *tag;
    for (uint32_t i = 0; i < farm->board_count; i++)
        for (uint32_t k = 0; (tag = tag_at(&farm->boards[i], k)) != NULL; k++)
            if (!is_listed(farm, i, k, tag))
                hf_buffer_printf(out, "%s%s", out->size > before ? ", " : "", tag);
}

static void report_unknown(const hf_farm *farm, const hf_spec *spec, uint32_t index,
                           hf_diagnostics *diagnostics)
{
    hf_suggestion suggestion = {.word = spec->tags[index]};
    const char *tag;
    for (uint32_t i = 0; i < farm->board_count; i++)
        for (uint32_t k = 0; (tag = tag_at(&farm->boards[i], k)) != NULL; k++)
            hf_suggest(&suggestion, tag);
    hf_buffer message = HF_BUFFER_INIT;
    hf_buffer_printf(&message, "no board of %s has the tag \"%s\"",
                     farm->path ? farm->path : "the default farm (two virtual boards)", spec->tags[index]);
    if (suggestion.best) {
        hf_buffer_printf(&message, ", did you mean \"%s\"?", suggestion.best);
    } else {
        hf_buffer_puts(&message, ", expected one of: ");
        hf_farm_list_tags(farm, &message);
    }
    if (!farm->path)
        hf_buffer_puts(&message, suggestion.best ? " Use --farm FILE to name your own farm file"
                                                 : "; use --farm FILE to name your own farm file");
    hf_diagnostics_add(diagnostics, spec->path, spec->tag_lines[index], spec->tag_columns[index], "%s",
                       hf_buffer_text(&message));
    hf_buffer_free(&message);
}

static bool has_all_tags(const hf_farm_board *board, const hf_spec *spec)
{
    for (uint32_t i = 0; i < spec->tag_count; i++)
        if (!hf_farm_board_has_tag(board, spec->tags[i]))
            return false;
    return true;
}

static void add_chip(hf_selection *selection, const hf_chip *chip)
{
    for (uint32_t i = 0; i < selection->chip_count; i++)
        if (selection->chips[i] == chip)
            return;
    selection->chips[selection->chip_count++] = chip;
}

hf_status hf_farm_select(const hf_farm *farm, const hf_spec *spec, hf_selection *out,
                         hf_diagnostics *diagnostics, hf_error *err)
{
    const uint32_t before = hf_diagnostics_total(diagnostics), count = farm->board_count;
    for (uint32_t i = 0; i < spec->tag_count; i++)
        if (!is_known(farm, spec->tags[i]))
            report_unknown(farm, spec, i, diagnostics);
    hf_selection selection = {.boards = calloc(count + 1u, sizeof *selection.boards),
                              .chips = calloc(count + 1u, sizeof(const hf_chip *))};
    if (!selection.boards || !selection.chips) {
        hf_selection_free(&selection);
        return HF_FAIL(err, HF_ENOMEM, "no memory to select boards");
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!has_all_tags(&farm->boards[i], spec))
            continue;
        selection.boards[selection.board_count++] = i;
        add_chip(&selection, farm->boards[i].chip);
    }
    if (!selection.board_count && hf_diagnostics_total(diagnostics) == before)
        hf_diagnostics_add(diagnostics, spec->path, spec->boards_line, spec->boards_column,
                           "no board of %s has all of these tags, expected at least one",
                           farm->path ? farm->path : "the default farm (--farm FILE names another)");
    if (hf_diagnostics_total(diagnostics) != before) {
        hf_selection_free(&selection);
        if (hf_diagnostics_failed(diagnostics))
            return HF_FAIL(err, HF_ENOMEM, "no memory to select boards");
        return HF_FAIL(err, HF_EINVALID, "%s selects boards that the farm does not have", spec->path);
    }
    *out = selection;
    return HF_OK;
}

void hf_selection_free(hf_selection *selection)
{
    if (!selection)
        return;
    free(selection->boards);
    free(selection->chips);
    *selection = (hf_selection){0};
}
