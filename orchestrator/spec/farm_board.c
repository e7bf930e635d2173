/* SPDX-License-Identifier: Apache-2.0 */
/* One board of a farm file. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/did_you_mean.h"
#include "base/path.h"
#include "config/openocd_scripts.h"
#include "farm_reader.h"
#include "spec_reader.h"

#define COUNT_OF(a)       (uint32_t)(sizeof(a) / sizeof((a)[0]))
#define ID_LENGTH_MAX     40
#define TAG_LENGTH_MAX    64
#define DEFAULT_INTERFACE "interface/stlink.cfg" /* on every NUCLEO board */

static void read_id(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    const char *expected = "letters, digits, '_', '-' and '.', beginning with a letter or digit";
    if (!hf_is_scalar(r, field->name, value, expected))
        return;
    if (!hf_is_name(value->text) || strlen(value->text) > ID_LENGTH_MAX)
        HF_READER_ERROR(r, value, "%s: %s, expected at most %d of: %s", field->name, HF_SHOW(value),
                        ID_LENGTH_MAX, expected);
    else
        hf_read_text(r, field, value, at);
}

static void read_chip(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    hf_farm_board *board = at;
    if (!hf_is_scalar(r, field->name, value, "a chip's name"))
        return;
    board->chip = hf_chip_find(value->text);
    if (board->chip) {
        board->config.chip = board->chip->name;
        return;
    }
    hf_suggestion suggestion = {.word = value->text};
    hf_buffer known = HF_BUFFER_INIT;
    for (uint32_t i = 0; hf_chip_at(i); i++) {
        hf_suggest(&suggestion, hf_chip_at(i)->name);
        hf_buffer_printf(&known, "%s%s", i ? ", " : "", hf_chip_at(i)->name);
    }
    HF_READER_ERROR(r, value, "%s: unknown chip %s, expected one of: %s%s%s%s", field->name, HF_SHOW(value),
                    hf_buffer_text(&known), suggestion.best ? "; did you mean \"" : "",
                    suggestion.best ? suggestion.best : "", suggestion.best ? "\"?" : "");
    r->pool->failed |= known.failed;
    hf_buffer_free(&known);
}

void hf_read_tag_list(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    hf_tag_list *list = at;
    hf_texts tags = {0};
    hf_read_texts(r, field->name, value, TAG_LENGTH_MAX, &tags);
    list->tags = tags.texts;
    list->count = tags.count;
}

static void read_tags(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    hf_farm_board *board = at;
    hf_tag_list list = {0};
    hf_read_tag_list(r, field, value, &list);
    board->config.tags = list.tags;
    board->config.tag_count = list.count;
}

static const hf_field probe_fields[] = {
    HF_FARM_TEXT_FIELD("interface", probe_interface),
    HF_FARM_TEXT_FIELD("serial", probe_serial),
};
#define COMMAND_LENGTH_MAX     1024
#define DEFAULT_POWER_LIMIT_MS 30000
#define POWER_COMMAND_FIELD(key)                                                                             \
    {                                                                                                        \
        .name = #key, .read = hf_read_text, .offset = offsetof(hf_farm_board, config.power.key), .min = 1,   \
        .max = COMMAND_LENGTH_MAX                                                                            \
    }
static const hf_field power_fields[] = {
    POWER_COMMAND_FIELD(cycle),
    POWER_COMMAND_FIELD(off),
    POWER_COMMAND_FIELD(on),
    POWER_COMMAND_FIELD(status),
    {.name = "deadline",
     .read = hf_read_duration_32,
     .offset = offsetof(hf_farm_board, config.power.limit_ms),
     .min = 1,
     .max = HF_MAX_DEADLINE_MS},
};
static const hf_field deadline_fields[] = {HF_DEADLINE_FIELDS(hf_farm_board)};
static const hf_field board_fields[] = {
    {.name = "id",
     .read = read_id,
     .offset = offsetof(hf_farm_board, config.id),
     .min = 1,
     .max = ID_LENGTH_MAX,
     .required = true},
    {.name = "chip", .read = read_chip, .required = true},
    {.name = "virtual", .read = hf_read_bool, .offset = offsetof(hf_farm_board, config.is_virtual)},
    {.name = "modelled", .read = hf_read_bool, .offset = offsetof(hf_farm_board, config.modelled)},
    {.name = "tags", .read = read_tags},
    {.name = "probe", .read = hf_read_section, .also = probe_fields, .also_count = COUNT_OF(probe_fields)},
    {.name = "port", .read = hf_farm_read_port},
    {.name = "baud",
     .read = hf_read_u32,
     .offset = offsetof(hf_farm_board, config.baud),
     .min = HF_FARM_BAUD_MIN,
     .max = HF_FARM_BAUD_MAX},
    {.name = "power", .read = hf_read_section, .also = power_fields, .also_count = COUNT_OF(power_fields)},
    {.name = "deadlines",
     .read = hf_read_section,
     .also = deadline_fields,
     .also_count = COUNT_OF(deadline_fields)},
};

/* Canonical keys of port and probe, by which boards are compared. */
static void set_keys(hf_reader *r, hf_farm_board *board)
{
    const hf_board_config *config = &board->config;
    hf_buffer text = HF_BUFFER_INIT;
    char key[HF_DEVICE_KEY_SIZE];
    if (config->port_path) {
        board->port_shown = config->port_path;
        if (hf_path_device_key(config->port_path, key, NULL) == HF_OK)
            board->port_key = hf_pool_copy(r->pool, key, strlen(key));
    } else if (config->port_host) {
        hf_buffer_printf(&text, "%s:%u", config->port_host, (unsigned)config->port_number);
        board->port_shown = hf_pool_copy(r->pool, hf_buffer_text(&text), text.size);
        char *lower = hf_pool_copy(r->pool, hf_buffer_text(&text), text.size);
        for (char *at = lower; at && *at; at++)
            *at = (char)tolower((unsigned char)*at); /* host names ignore case: RFC 4343 */
        board->port_key = lower;
    }
    if (config->probe_interface) {
        hf_script_key(config->probe_interface, config->script_dir, key);
        board->probe_key = hf_pool_copy(r->pool, key, strlen(key));
    }
    r->pool->failed |= text.failed;
    hf_buffer_free(&text);
}

static void check_power(hf_reader *r, const hf_yaml_node *item, const hf_farm_board *board)
{
    const hf_board_power *power = &board->config.power;
    const hf_yaml_node *node = hf_map_get(item, "power");
    if (!node || node->kind != HF_NODE_MAP)
        return;
    if (board->config.is_virtual)
        HF_READER_ERROR(r, node->key, "\"power\" on a virtual board, expected none: hilfarm restarts it");
    else if (hf_map_get(node, "off") && !hf_map_get(node, "on"))
        HF_READER_ERROR(r, node, "power: \"off\" without \"on\", expected both, or \"cycle\"");
    else if (!power->cycle && !power->on)
        HF_READER_ERROR(r, node, "power: no command, expected \"cycle\", or \"off\" and \"on\"");
}

void hf_farm_read_board(hf_reader *r, const hf_yaml_node *item, hf_farm_board *board)
{
    board->line = item->line;
    board->column = item->column;
    board->config.baud = HF_FARM_BAUD_DEFAULT;
    board->config.power.limit_ms = DEFAULT_POWER_LIMIT_MS;
    hf_read_fields(r, "a board", item, board_fields, COUNT_OF(board_fields), board);
    if (item->kind != HF_NODE_MAP)
        return;
    const hf_yaml_node *probe = hf_map_get(item, "probe"), *port = hf_map_get(item, "port");
    if (board->config.is_virtual && probe)
        HF_READER_ERROR(r, probe->key, "\"probe\" on a virtual board, expected none: it has its own");
    if (board->config.is_virtual && port)
        HF_READER_ERROR(r, port->key, "\"port\" on a virtual board, expected none: it has its own");
    if (!board->config.is_virtual && !port)
        HF_READER_ERROR(r, item, "a board without \"port\", expected a port or \"virtual: true\"");
    check_power(r, item, board);
    const char *slash = strrchr(r->file, '/');
    board->config.script_dir = slash ? hf_pool_copy(r->pool, r->file, (size_t)(slash - r->file) + 1) : ".";
    const hf_yaml_node *modelled = hf_map_get(item, "modelled"), *baud = hf_map_get(item, "baud");
    if (board->config.is_virtual && modelled && !board->config.modelled)
        HF_READER_ERROR(r, modelled->key, "\"modelled\" on a virtual board, expected none: it always is");
    if (board->config.port_kind == HF_PORT_TCP && baud && board->config.baud != HF_FARM_BAUD_DEFAULT)
        HF_READER_ERROR(
            r, baud,
            "baud: %s with a raw TCP port, whose speed the server sets; expected %d, no \"baud\", or "
            "\"rfc2217\" instead of \"tcp\"",
            HF_SHOW(baud), HF_FARM_BAUD_DEFAULT);
    if (board->config.is_virtual)
        return;
    if (!board->config.probe_interface)
        board->config.probe_interface = DEFAULT_INTERFACE;
    set_keys(r, board);
}
