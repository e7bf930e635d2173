/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/farm.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/suggest.h"
#include "spec_reader.h"

#define COUNT_OF(a)       (uint32_t)(sizeof(a) / sizeof((a)[0]))
#define ID_LENGTH_MAX     40
#define TAG_LENGTH_MAX    64
#define TEXT_LENGTH_MAX   255
#define DEFAULT_INTERFACE "interface/stlink.cfg" /* on every NUCLEO board */

typedef struct farm_owner {
    hf_farm farm; /* first: what callers see */
    hf_pool pool;
} farm_owner;

/* ---- One board ---- */

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

static const hf_field port_fields[] = {
    TEXT_FIELD("path", port_path),
    {.name = "usb", .read = read_usb},
    TEXT_FIELD("serial", usb_serial),
};

/* "port: /dev/ttyACM0" or a mapping. */
static void read_port(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    if (value->kind == HF_NODE_SCALAR) {
        port_fields[0].read(r, &port_fields[0], value, (char *)at + port_fields[0].offset);
        return;
    }
    hf_read_fields(r, field->name, value, port_fields, COUNT_OF(port_fields), at);
    if (value->kind != HF_NODE_MAP)
        return;
    const hf_yaml_node *path = hf_map_get(value, "path"), *usb = hf_map_get(value, "usb"),
                       *serial = hf_map_get(value, "serial");
    if (!path && !usb)
        HF_READER_ERROR(r, value, "port: neither \"path\" nor \"usb\", expected one of them");
    else if (path && usb)
        HF_READER_ERROR(r, usb->key, "port: both \"path\" and \"usb\", expected one of them");
    if (path && serial)
        HF_READER_ERROR(r, serial->key, "port: \"serial\" beside \"path\", expected it with \"usb\" only");
}

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

static void read_board(hf_reader *r, const hf_yaml_node *item, hf_farm_board *board)
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
    if (!board->config.is_virtual && !board->config.probe_interface)
        board->config.probe_interface = DEFAULT_INTERFACE;
    const char *slash = strrchr(r->file, '/');
    board->config.script_dir = slash ? hf_pool_copy(r->pool, r->file, (size_t)(slash - r->file) + 1) : ".";
}

/* ---- Boards against each other ---- */

static bool equal(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

static bool same_usb_port(const hf_board_config *a, const hf_board_config *b)
{
    return a->usb_vendor_id && a->usb_vendor_id == b->usb_vendor_id &&
           a->usb_product_id == b->usb_product_id &&
           (!a->usb_serial || !b->usb_serial || equal(a->usb_serial, b->usb_serial));
}

/* What two boards must not share. */
enum { CLASH_ID = 1, CLASH_PORT = 2, CLASH_PROBE = 4 };

/* Reports what a board shares with one before it, except for what is already known; returns all of it. */
static unsigned compare_boards(hf_reader *r, const hf_farm_board *first, const hf_farm_board *later,
                               unsigned known)
{
    const hf_board_config *a = &first->config, *b = &later->config;
    unsigned found = 0;
#define CLASH(what, ...)                                                                                     \
    do {                                                                                                     \
        found |= (what);                                                                                     \
        if (!(known & (what)))                                                                               \
            hf_diagnostics_add(r->diagnostics, r->file, later->line, later->column, __VA_ARGS__);            \
    } while (0)
    if (equal(a->id, b->id))
        CLASH(CLASH_ID, "the board id \"%s\" is there twice, first in line %u, expected once", b->id,
              first->line);
    if (a->is_virtual || b->is_virtual)
        return known | found;
    if (equal(a->port_path, b->port_path))
        CLASH(CLASH_PORT, "the port \"%s\" is that of the board in line %u too, expected a port of its own",
              b->port_path, first->line);
    else if (same_usb_port(a, b) && equal(a->usb_serial, b->usb_serial))
        CLASH(CLASH_PORT,
              "the USB port with serial number \"%s\" is that of the board in line %u too, expected a port "
              "of its own",
              b->usb_serial, first->line);
    else if (same_usb_port(a, b))
        CLASH(CLASH_PORT,
              "the USB port cannot be told from that of the board in line %u, expected \"serial\" with both",
              first->line);
    if (equal(a->probe_serial, b->probe_serial))
        CLASH(CLASH_PROBE,
              "the probe with serial number \"%s\" is that of the board in line %u too, expected a probe of "
              "its own",
              b->probe_serial, first->line);
    else if (equal(a->probe_interface, b->probe_interface) && (!a->probe_serial || !b->probe_serial))
        CLASH(CLASH_PROBE,
              "the probe cannot be told from that of the board in line %u, expected \"probe: {serial: ...}\" "
              "with both",
              first->line);
#undef CLASH
    return known | found;
}

/* ---- The file ---- */

static void read_boards(hf_reader *r, const hf_field *field, const hf_yaml_node *value, void *at)
{
    hf_farm *farm = at;
    if (value->kind == HF_NODE_BAD)
        return;
    if (value->kind != HF_NODE_LIST || !value->count || value->count > HF_FARM_MAX_BOARDS) {
        HF_READER_ERROR(r, value, "%s: %s, expected a list of 1 to %d boards", field->name,
                        value->kind != HF_NODE_LIST ? HF_SHOW(value)
                        : value->count              ? "a longer list"
                                                    : "an empty list",
                        HF_FARM_MAX_BOARDS);
        return;
    }
    farm->boards = hf_pool_alloc(r->pool, value->count * sizeof *farm->boards);
    if (!farm->boards)
        return;
    for (const hf_yaml_node *item = value->first; item; item = item->next) {
        hf_farm_board *board = &farm->boards[farm->board_count++];
        read_board(r, item, board);
        unsigned clashes = 0;
        for (uint32_t i = 0; i + 1 < farm->board_count; i++)
            clashes = compare_boards(r, &farm->boards[i], board, clashes);
    }
}

static const hf_field farm_fields[] = {{.name = "boards", .read = read_boards, .required = true}};

hf_status hf_farm_parse(const char *path, const char *text, size_t text_bytes, hf_farm **out,
                        hf_diagnostics *diagnostics, hf_error *err)
{
    uint32_t before = hf_diagnostics_total(diagnostics);
    farm_owner *owner = calloc(1, sizeof *owner);
    if (!owner)
        return HF_FAIL(err, HF_ENOMEM, "no memory to read %s", path);
    hf_farm *farm = &owner->farm;
    farm->path = hf_pool_copy(&owner->pool, path, strlen(path));
    farm->text = hf_pool_copy(&owner->pool, text, text_bytes);
    farm->text_bytes = text_bytes;
    hf_reader r = {.file = path, .pool = &owner->pool, .diagnostics = diagnostics};
    hf_pool tree = {0};
    const hf_yaml_node *root = hf_yaml_parse(path, text, text_bytes, &tree, diagnostics);
    if (root)
        hf_read_fields(&r, "the farm", root, farm_fields, COUNT_OF(farm_fields), farm);
    bool no_memory = tree.failed || owner->pool.failed || hf_diagnostics_failed(diagnostics);
    hf_pool_free(&tree);
    hf_status status = HF_OK;
    uint32_t mistakes = hf_diagnostics_total(diagnostics) - before;
    if (no_memory)
        status = HF_FAIL(err, HF_ENOMEM, "no memory to read %s", path);
    else if (mistakes)
        status = HF_FAIL(err, HF_EINVALID, "%s has %u mistake%s", path, mistakes, mistakes == 1 ? "" : "s");
    if (status != HF_OK)
        hf_farm_free(farm);
    else
        *out = farm;
    return status;
}

hf_status hf_farm_load(const char *path, hf_farm **out, hf_diagnostics *diagnostics, hf_error *err)
{
    uint8_t *text = NULL;
    size_t text_bytes = 0;
    hf_error error = {0};
    hf_status status = hf_file_read(path, HF_SPEC_MAX_BYTES, &text, &text_bytes, &error);
    if (status == HF_ENOMEM)
        return HF_FAIL(err, HF_ENOMEM, "%s", error.message);
    if (status != HF_OK) {
        hf_diagnostics_add(diagnostics, path, 0, 0, "%s, expected a readable farm file", error.message);
        return HF_FAIL(err, HF_EINVALID, "%s", error.message);
    }
    status = hf_farm_parse(path, (const char *)text, text_bytes, out, diagnostics, err);
    free(text);
    return status;
}

hf_status hf_farm_default(hf_farm **out, hf_error *err)
{
    static const char *const ids[] = {"virtual-1", "virtual-2"};
    const hf_chip *chip = hf_chip_find("stm32l4r5zi");
    farm_owner *owner = calloc(1, sizeof *owner);
    hf_farm_board *boards = owner ? hf_pool_alloc(&owner->pool, COUNT_OF(ids) * sizeof *boards) : NULL;
    if (!boards || !chip) {
        free(owner);
        return HF_FAIL(err, chip ? HF_ENOMEM : HF_ENOTFOUND, "cannot set up the default farm");
    }
    for (uint32_t i = 0; i < COUNT_OF(ids); i++)
        boards[i] = (hf_farm_board){
            .config = {.id = ids[i], .chip = chip->name, .is_virtual = true, .baud = 921600}, .chip = chip};
    owner->farm.boards = boards;
    owner->farm.board_count = COUNT_OF(ids);
    *out = &owner->farm;
    return HF_OK;
}

void hf_farm_free(hf_farm *farm)
{
    if (!farm)
        return;
    farm_owner *owner = (farm_owner *)farm;
    hf_pool_free(&owner->pool);
    free(owner);
}
