/* SPDX-License-Identifier: Apache-2.0 */
/* Zephyr's twister: a hardware map, a YAML list with an entry for each board. */
#include <string.h>
#include <strings.h>

#include "import_boards.h"

static bool is_false(const char *text)
{
    return text &&
           (strcasecmp(text, "false") == 0 || strcasecmp(text, "no") == 0 || strcasecmp(text, "off") == 0);
}

static bool is_given(const hf_yaml_node *entry, const char *key)
{
    const hf_yaml_node *value = hf_import_value(entry, key);
    return value && !(value->kind == HF_NODE_SCALAR && !*value->text) &&
           !((value->kind == HF_NODE_LIST || value->kind == HF_NODE_MAP) && !value->count);
}

/* What twister has and a farm file expresses in another way, or not at all. */
static void note_rest(const hf_yaml_node *entry, hf_import_board *board)
{
    static const struct {
        const char *key, *hint;
    } rest[] = {
        {"pre_script", "pre_script: see hooks.before_attempt"},
        {"post_script", "post_script: see hooks.after_attempt"},
        {"post_flash_script", "post_flash_script: not possible"},
        {"flash_timeout", "flash_timeout: see deadlines.flash"},
        {"fixtures", "fixtures: not imported; tags may express them"},
        {"runner_params", "runner_params: not imported"},
        {"notes", "notes: not imported"},
    };
    for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++)
        if (is_given(entry, rest[i].key))
            hf_import_note(board, "%s", rest[i].hint);
}

static void read_probe(hf_import *import, const hf_yaml_node *entry, const char *product,
                       hf_import_board *board)
{
    const char *serial = hf_import_text(import, entry, "probe_id");
    const char *id = hf_import_text(import, entry, "id"), *runner = hf_import_text(import, entry, "runner");
    if (product)
        board->script = hf_import_script_of(product);
    if (!board->script && runner)
        board->script = hf_import_script_of(runner); /* "jlink" */
    hf_import_set_probe(import, board, serial ? serial : id && strcmp(id, "unknown") != 0 ? id : NULL);
    if (runner && strcmp(runner, "openocd") != 0)
        hf_import_note(board, "twister flashes it with %s, hilfarm with OpenOCD", runner);
}

static void read_port(hf_import *import, const hf_yaml_node *entry, hf_import_board *board)
{
    const char *serial = hf_import_text(import, entry, "serial");
    if (serial && serial[0] == '/')
        board->port_path = serial;
    else if (serial)
        hf_import_miss(board, "its serial port '%s' is not the path of a device", serial);
    else if (hf_import_text(import, entry, "serial_pty"))
        hf_import_miss(board, "serial_pty is a command; a farm file needs the path of a pty");
    board->baud = hf_import_number(import, entry, "baud", HF_FARM_BAUD_MIN, HF_FARM_BAUD_MAX);
}

static void read_entry(hf_import *import, const hf_yaml_node *entry)
{
    hf_import_board board;
    const char *platform = hf_import_text(import, entry, "platform");
    const char *product = hf_import_text(import, entry, "product");
    hf_import_begin_board(import, entry, platform ? platform : "board", &board);
    hf_import_note(&board, "platform %s", platform ? platform : "not given");
    if (product)
        hf_import_note(&board, "%s", product);
    board.chip = platform ? hf_import_chip_of(platform) : NULL;
    read_probe(import, entry, product, &board);
    read_port(import, entry, &board);
    note_rest(entry, &board);
    if (is_false(hf_import_text(import, entry, "connected")))
        hf_import_miss(&board, "it was not connected when the map was written");
    if (is_false(hf_import_text(import, entry, "available")))
        hf_import_miss(&board, "the map calls it not available");
    hf_import_end_board(import, &board);
}

void hf_import_twister(hf_import *import, const hf_yaml_node *root)
{
    for (const hf_yaml_node *entry = root->first; entry; entry = entry->next)
        if (entry->kind == HF_NODE_MAP)
            read_entry(import, entry);
        else if (entry->kind != HF_NODE_BAD)
            hf_diagnostics_add(import->diagnostics, import->file, entry->line, entry->column,
                               "%s, expected a board: a mapping with platform, id, serial",
                               hf_node_kind_name(entry->kind));
}
