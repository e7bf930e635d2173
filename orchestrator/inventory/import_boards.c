/* SPDX-License-Identifier: Apache-2.0 */
#include "import_boards.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chips/chips.h"

/* ---- Values ---- */

const hf_yaml_node *hf_import_value(const hf_yaml_node *map, const char *key)
{
    if (map->kind != HF_NODE_MAP)
        return NULL;
    for (const hf_yaml_node *value = map->first; value; value = value->next)
        if (value->key && strcmp(value->key->text, key) == 0)
            return value;
    return NULL;
}

/* YAML writes "nothing" in these ways (YAML 1.2.2, 10.3.2). */
static bool is_null(const hf_yaml_node *value)
{
    return value->plain &&
           (!*value->text || strcmp(value->text, "~") == 0 || strcasecmp(value->text, "null") == 0);
}

const char *hf_import_text(hf_import *import, const hf_yaml_node *map, const char *key)
{
    const hf_yaml_node *value = hf_import_value(map, key);
    if (!value || value->kind == HF_NODE_BAD || (value->kind == HF_NODE_SCALAR && is_null(value)))
        return NULL;
    if (value->kind == HF_NODE_SCALAR)
        return value->text;
    hf_diagnostics_add(import->diagnostics, import->file, value->line, value->column,
                       "%s: %s, expected a single value", key, hf_node_kind_name(value->kind));
    return NULL;
}

uint32_t hf_import_number(hf_import *import, const hf_yaml_node *map, const char *key, uint32_t low,
                          uint32_t high)
{
    const char *text = hf_import_text(import, map, key);
    const hf_yaml_node *value = hf_import_value(map, key);
    if (!text)
        return 0;
    char *end = NULL;
    const unsigned long number = strtoul(text, &end, 10);
    if (isdigit((unsigned char)*text) && !*end && number >= low && number <= high)
        return (uint32_t)number;
    hf_diagnostics_add(import->diagnostics, import->file, value->line, value->column,
                       "%s: \"%.40s\", expected a number from %u to %u", key, text, low, high);
    return 0;
}

/* ---- Words of other programs ---- */

/* Letters and digits in lower case, so that "NUCLEO-L4R5ZI" and "nucleo_l4r5zi" are equal. */
static void squeeze(const char *text, char *out, size_t size)
{
    size_t used = 0;
    for (; *text && used + 1 < size; text++)
        if (isalnum((unsigned char)*text))
            out[used++] = (char)tolower((unsigned char)*text);
    out[used] = '\0';
}

const char *hf_import_chip_of(const char *word)
{
    char squeezed[128], name[64];
    squeeze(word, squeezed, sizeof squeezed);
    const hf_chip *chip;
    for (uint32_t i = 0; (chip = hf_chip_at(i)); i++) {
        squeeze(chip->board, name, sizeof name);
        if (strstr(squeezed, name))
            return chip->name;
        squeeze(chip->name, name, sizeof name);
        if (strstr(squeezed, name))
            return chip->name;
    }
    return NULL;
}

const char *hf_import_script_of(const char *words)
{
    static const struct {
        const char *word, *script;
    } known[] = {
        {"stlink", "interface/stlink.cfg"},      {"jlink", "interface/jlink.cfg"},
        {"cmsisdap", "interface/cmsis-dap.cfg"}, {"daplink", "interface/cmsis-dap.cfg"},
        {"mculink", "interface/cmsis-dap.cfg"},  {"picoprobe", "interface/cmsis-dap.cfg"},
        {"xds110", "interface/xds110.cfg"},      {"kitprog3", "interface/cmsis-dap.cfg"},
        {"nulink", "interface/nulink.cfg"},
    };
    char squeezed[128];
    squeeze(words, squeezed, sizeof squeezed);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strstr(squeezed, known[i].word))
            return known[i].script;
    return NULL;
}

/* ---- Boards ---- */

static bool is_taken(const hf_import *import, const char *id)
{
    for (uint32_t i = 0; i < import->board_count; i++)
        if (strcmp(import->boards[i].id, id) == 0)
            return true;
    return false;
}

void hf_import_begin_board(hf_import *import, const hf_yaml_node *node, const char *name,
                           hf_import_board *out)
{
    *out = (hf_import_board){.node = node};
    char id[HF_IMPORT_ID_SIZE];
    size_t used = 0;
    for (; *name && used + 1 < sizeof id; name++)
        if (isalnum((unsigned char)*name) || (used && strchr("_-.", *name)))
            id[used++] = *name;
        else if (used)
            id[used++] = '-';
    id[used] = '\0';
    if (!used)
        snprintf(id, sizeof id, "board");
    snprintf(out->id, sizeof out->id, "%s", id);
    for (uint32_t number = 2; is_taken(import, out->id); number++)
        snprintf(out->id, sizeof out->id, "%.*s-%u", HF_IMPORT_ID_SIZE - 12, id, number);
}

static void append(hf_buffer *text, const char *separator, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));
static void append(hf_buffer *text, const char *separator, const char *format, va_list args)
{
    if (text->size)
        hf_buffer_puts(text, separator);
    hf_buffer_vprintf(text, format, args);
}

void hf_import_miss(hf_import_board *board, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    append(&board->missing, "; ", format, args);
    va_end(args);
}

void hf_import_note(hf_import_board *board, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    append(&board->about, ", ", format, args);
    va_end(args);
}

void hf_import_set_probe(hf_import *import, hf_import_board *board, const char *serial)
{
    board->probe_serial = serial;
    for (size_t i = 0; serial && import->found && i < import->found->probe_count; i++)
        if (strcmp(import->found->probes[i].serial, serial) == 0 && import->found->probes[i].script)
            board->script = import->found->probes[i].script;
}

static bool equal(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_port(const hf_import_board *a, const hf_import_board *b)
{
    if (a->port_path || b->port_path)
        return equal(a->port_path, b->port_path);
    return a->vendor_id && a->vendor_id == b->vendor_id && a->product_id == b->product_id &&
           equal(a->usb_serial, b->usb_serial);
}

static bool same_probe(const hf_import_board *a, const hf_import_board *b)
{
    if (a->probe_serial && b->probe_serial)
        return strcmp(a->probe_serial, b->probe_serial) == 0;
    return equal(a->script, b->script); /* without a serial number OpenOCD takes any probe of the kind */
}

/* What cannot be written as YAML here, or would be rejected as a farm file. */
static void check_texts(hf_import_board *board)
{
    const char *const texts[] = {board->probe_serial, board->port_path, board->usb_serial};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i] && (!*texts[i] || strlen(texts[i]) > 255 || !hf_draft_is_plain(texts[i])))
            hf_import_miss(board, "a name of its probe or port is not plain text of 1 to 255 characters");
}

static void check_conflicts(const hf_import *import, hf_import_board *board)
{
    for (uint32_t i = 0; i < import->board_count; i++) {
        const hf_import_board *other = &import->boards[i];
        if (same_port(board, other))
            hf_import_miss(board, "board %s has the same port", other->id);
        if (same_probe(board, other))
            hf_import_miss(board, "it cannot be told from board %s by its probe", other->id);
        if (same_port(board, other) || same_probe(board, other))
            return;
    }
}

void hf_import_end_board(hf_import *import, hf_import_board *board)
{
    if (!board->script)
        hf_import_miss(board, "name OpenOCD's interface script for its probe as probe.interface");
    if (!board->port_path && !board->vendor_id)
        hf_import_miss(board, "its serial port is not known");
    check_texts(board);
    if (!board->missing.size)
        check_conflicts(import, board);
    const char *chip = board->chip ? board->chip : import->chip;
    const bool complete = !board->missing.size;
    hf_draft_board draft = {
        .about = board->about.size ? hf_buffer_text(&board->about) : "nothing is known about this board",
        .missing = complete ? NULL : hf_buffer_text(&board->missing),
        .id = board->id,
        .chip = chip,
        .probe_interface = board->script,
        .probe_serial = board->probe_serial,
        .port_path = board->port_path,
        .usb_vendor_id = board->vendor_id,
        .usb_product_id = board->product_id,
        .usb_serial = board->usb_serial,
        .baud = board->baud,
    };
    hf_draft_add(import->out, &draft);
    import->out->failed |= board->about.failed || board->missing.failed;
    if (complete && chip)
        import->summary.ready++;
    else
        import->summary.incomplete++;
    hf_buffer_free(&board->about);
    hf_buffer_free(&board->missing);
    if (complete)
        import->boards[import->board_count++] = *board;
}
