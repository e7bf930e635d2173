/* SPDX-License-Identifier: Apache-2.0 */
/* One board of a farm file. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/path.h"
#include "base/suggest.h"
#include "config/openocd_scripts.h"
#include "farm_reader.h"
#include "spec_reader.h"

#define COUNT_OF(a)       (uint32_t)(sizeof(a) / sizeof((a)[0]))
#define ID_LENGTH_MAX     40
#define TAG_LENGTH_MAX    64
#define TEXT_LENGTH_MAX   255
#define HOST_LENGTH_MAX   253                    /* RFC 1035 */
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

static void read_tags(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    hf_farm_board *board = at;
    hf_texts tags = {0};
    hf_read_texts(r, field->name, value, TAG_LENGTH_MAX, &tags);
    board->config.tags = tags.texts;
    board->config.tag_count = tags.count;
}

static bool parse_hex16(const char *text, uint16_t *out)
{
    uint32_t value = 0;
    for (uint32_t i = 0; i < 4; i++) {
        if (!isxdigit((unsigned char)text[i]))
            return false;
        uint32_t digit = isdigit((unsigned char)text[i])
                             ? (uint32_t)(text[i] - '0')
                             : (uint32_t)(tolower((unsigned char)text[i]) - 'a' + 10);
        value = value * 16 + digit;
    }
    *out = (uint16_t)value;
    return true;
}

static void read_usb(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    hf_farm_board *board = at;
    const char *expected = "vendor and product as 4 hexadecimal digits each, such as \"0483:374b\"";
    if (!hf_is_scalar(r, field->name, value, expected))
        return;
    uint16_t vendor = 0, product = 0;
    if (strlen(value->text) != 9 || value->text[4] != ':' || !parse_hex16(value->text, &vendor) ||
        !parse_hex16(value->text + 5, &product) || !vendor || !product) {
        HF_READER_ERROR(r, value, "%s: %s, expected %s", field->name, HF_SHOW(value), expected);
        return;
    }
    board->config.usb_vendor_id = vendor;
    board->config.usb_product_id = product;
}

#define TEXT_FIELD(key, member)                                                                              \
    {                                                                                                        \
        .name = (key), .read = hf_read_text, .offset = offsetof(hf_farm_board, config.member), .min = 1,     \
        .max = TEXT_LENGTH_MAX                                                                               \
    }

/* ---- The port ---- */

static const struct {
    const char *key; /* of the mapping, and before the colon of the short form */
    hf_port_kind kind;
} port_kinds[] = {
    {"path", HF_PORT_DEVICE},     {"pty", HF_PORT_PTY},    {"tcp", HF_PORT_TCP},
    {"rfc2217", HF_PORT_RFC2217}, {"usb", HF_PORT_DEVICE},
};

/* "lab-pi:3001", "192.0.2.7:3001", "[fe80::1]:3001" */
static bool parse_address(hf_reader *r, const char *text, hf_board_config *config)
{
    const char *host = text, *end = strrchr(text, ':');
    uint64_t number = 0;
    if (!end || !hf_parse_u64(end + 1, &number) || number < 1 || number > UINT16_MAX)
        return false;
    size_t length = (size_t)(end - host);
    bool bracketed = length > 2 && host[0] == '[' && host[length - 1] == ']';
    if (bracketed) {
        host++;
        length -= 2;
    }
    bool colon = memchr(host, ':', length) != NULL;
    if (length == 0 || length > HOST_LENGTH_MAX || colon != bracketed || strcspn(host, " /[]") < length)
        return false;
    config->port_host = hf_pool_copy(r->pool, host, length);
    config->port_number = (uint16_t)number;
    return true;
}

static void set_port(hf_reader *r, const hf_yaml_node *value, hf_port_kind kind, const char *name,
                     const char *text, hf_board_config *config)
{
    bool address = kind == HF_PORT_TCP || kind == HF_PORT_RFC2217;
    if (strlen(text) < 1 || strlen(text) > TEXT_LENGTH_MAX) {
        HF_READER_ERROR(r, value, "%s: %s, expected a text of 1 to %d characters", name, HF_SHOW(value),
                        TEXT_LENGTH_MAX);
        return;
    }
    if (address && !parse_address(r, text, config)) {
        HF_READER_ERROR(r, value,
                        "%s: %s, expected HOST:PORT such as \"lab-pi:3001\", \"192.0.2.7:3001\" or "
                        "\"[fe80::1]:3001\"",
                        name, HF_SHOW(value));
        return;
    }
    config->port_kind = kind;
    if (!address)
        config->port_path = hf_pool_path(r->pool, r->file, text);
}

static void read_place(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    const char *text = NULL;
    const hf_field as_text = {.name = field->name, .min = 1, .max = TEXT_LENGTH_MAX};
    hf_read_text(r, &as_text, value, (void *)&text);
    if (!text)
        return;
    uint32_t i = 0;
    while (strcmp(port_kinds[i].key, field->name) != 0)
        i++;
    set_port(r, value, port_kinds[i].kind, field->name, text, &((hf_farm_board *)at)->config);
}

static const hf_field port_fields[] = {
    {.name = "path", .read = read_place}, {.name = "pty", .read = read_place},
    {.name = "tcp", .read = read_place},  {.name = "rfc2217", .read = read_place},
    {.name = "usb", .read = read_usb},    TEXT_FIELD("serial", usb_serial),
};

/* "/dev/ttyACM0", "pty:PATH", "tcp:HOST:PORT", "rfc2217:HOST:PORT" */
static void read_short_port(hf_reader *r, const hf_field *field, const hf_yaml_node *value,
                            hf_board_config *config)
{
    const char *text = NULL;
    const hf_field as_text = {.name = field->name, .min = 1, .max = TEXT_LENGTH_MAX};
    hf_read_text(r, &as_text, value, (void *)&text);
    if (!text)
        return;
    for (uint32_t i = 0; i < COUNT_OF(port_kinds); i++) {
        size_t length = strlen(port_kinds[i].key);
        bool named = port_kinds[i].kind != HF_PORT_DEVICE && strncmp(text, port_kinds[i].key, length) == 0 &&
                     text[length] == ':';
        if (named) {
            set_port(r, value, port_kinds[i].kind, field->name, text + length + 1, config);
            return;
        }
    }
    set_port(r, value, HF_PORT_DEVICE, field->name, text, config);
}

/* A short form or a mapping with one of port_kinds. */
static void read_port(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    if (value->kind == HF_NODE_SCALAR) {
        read_short_port(r, field, value, &((hf_farm_board *)at)->config);
        return;
    }
    hf_read_fields(r, field->name, value, port_fields, COUNT_OF(port_fields), at);
    if (value->kind != HF_NODE_MAP)
        return;
    const hf_yaml_node *serial = hf_map_get(value, "serial"), *first = NULL;
    const char *first_key = "";
    for (uint32_t i = 0; i < COUNT_OF(port_kinds); i++) {
        const hf_yaml_node *given = hf_map_get(value, port_kinds[i].key);
        if (given && first)
            HF_READER_ERROR(r, given->key, "port: both \"%s\" and \"%s\", expected one of them", first_key,
                            port_kinds[i].key);
        if (given && !first) {
            first = given;
            first_key = port_kinds[i].key;
        }
    }
    if (!first)
        HF_READER_ERROR(
            r, value,
            "port: none of \"path\", \"pty\", \"tcp\", \"rfc2217\" and \"usb\", expected one of them");
    else if (serial && strcmp(first_key, "usb") != 0)
        HF_READER_ERROR(r, serial->key, "port: \"serial\" beside \"%s\", expected it with \"usb\" only",
                        first_key);
}

/* ---- The board ---- */

static const hf_field probe_fields[] = {
    TEXT_FIELD("interface", probe_interface),
    TEXT_FIELD("serial", probe_serial),
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
    {.name = "port", .read = read_port},
    {.name = "baud",
     .read = hf_read_u32,
     .offset = offsetof(hf_farm_board, config.baud),
     .min = HF_FARM_BAUD_MIN,
     .max = HF_FARM_BAUD_MAX},
    {.name = "deadlines",
     .read = hf_read_section,
     .also = deadline_fields,
     .also_count = COUNT_OF(deadline_fields)},
};

/* What the board is told from others by, however it is spelled. */
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
            *at = (char)tolower((unsigned char)*at); /* names of hosts: RFC 4343 */
        board->port_key = lower;
    }
    if (config->probe_interface) {
        hf_script_key(config->probe_interface, config->script_dir, key);
        board->probe_key = hf_pool_copy(r->pool, key, strlen(key));
    }
    r->pool->failed |= text.failed;
    hf_buffer_free(&text);
}

void hf_farm_read_board(hf_reader *r, const hf_yaml_node *item, hf_farm_board *board)
{
    board->line = item->line;
    board->column = item->column;
    board->config.baud = HF_FARM_BAUD_DEFAULT;
    hf_read_fields(r, "a board", item, board_fields, COUNT_OF(board_fields), board);
    if (item->kind != HF_NODE_MAP)
        return;
    const hf_yaml_node *probe = hf_map_get(item, "probe"), *port = hf_map_get(item, "port");
    if (board->config.is_virtual && probe)
        HF_READER_ERROR(r, probe->key, "\"probe\" of a virtual board, expected none: it has its own");
    if (board->config.is_virtual && port)
        HF_READER_ERROR(r, port->key, "\"port\" of a virtual board, expected none: it has its own");
    if (!board->config.is_virtual && !port)
        HF_READER_ERROR(r, item, "a board without \"port\", expected one, or \"virtual: true\"");
    const char *slash = strrchr(r->file, '/');
    board->config.script_dir = slash ? hf_pool_copy(r->pool, r->file, (size_t)(slash - r->file) + 1) : ".";
    const hf_yaml_node *modelled = hf_map_get(item, "modelled"), *baud = hf_map_get(item, "baud");
    if (board->config.is_virtual && modelled && !board->config.modelled)
        HF_READER_ERROR(r, modelled->key, "\"modelled\" of a virtual board, expected none: it always is");
    if (board->config.port_kind == HF_PORT_TCP && baud && board->config.baud != HF_FARM_BAUD_DEFAULT)
        HF_READER_ERROR(
            r, baud,
            "baud: %s with a raw TCP port, which stays at the server's speed; expected %d or none, or "
            "\"rfc2217\" instead of \"tcp\"",
            HF_SHOW(baud), HF_FARM_BAUD_DEFAULT);
    if (board->config.is_virtual)
        return;
    if (!board->config.probe_interface)
        board->config.probe_interface = DEFAULT_INTERFACE;
    set_keys(r, board);
}
