/* SPDX-License-Identifier: Apache-2.0 */
/* labgrid's exporter: a YAML mapping of groups, each with resources named after their class. A group is a board. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "import_boards.h"

/* What a resource's `match` says. udev's property names; an "@" in front means the device's parent. */
typedef struct match {
    const char *serial, *path;
    bool path_of_parent;
    uint16_t vendor_id, product_id;
} match;

static uint16_t read_hex(const char *text)
{
    char *end = NULL;
    const unsigned long value = text ? strtoul(text, &end, 16) : 0;
    return text && end != text && !*end && value <= UINT16_MAX ? (uint16_t)value : 0;
}

static const char *either(hf_import *import, const hf_yaml_node *map, const char *name, const char *of_parent)
{
    const char *text = hf_import_text(import, map, name);
    return text ? text : hf_import_text(import, map, of_parent);
}

static match read_match(hf_import *import, const hf_yaml_node *resource)
{
    match result = {0};
    const hf_yaml_node *map = hf_import_value(resource, "match");
    if (!map || map->kind != HF_NODE_MAP)
        return result;
    result.serial = either(import, map, "ID_SERIAL_SHORT", "@ID_SERIAL_SHORT");
    result.path = hf_import_text(import, map, "ID_PATH");
    if (!result.path) {
        result.path = hf_import_text(import, map, "@ID_PATH");
        result.path_of_parent = result.path != NULL;
    }
    result.vendor_id = read_hex(either(import, map, "ID_VENDOR_ID", "@ID_VENDOR_ID"));
    result.product_id = read_hex(either(import, map, "ID_MODEL_ID", "@ID_MODEL_ID"));
    return result;
}

/* The connected port with this serial number, if there is one only. */
static const hf_found_port *port_with_serial(const hf_import *import, const char *serial)
{
    const hf_found_port *found = NULL;
    for (size_t i = 0; serial && import->found && i < import->found->port_count; i++) {
        const hf_found_port *port = &import->found->ports[i];
        if (strcmp(port->serial, serial) != 0)
            continue;
        if (found)
            return NULL;
        found = port;
    }
    return found;
}

static void read_usb_port(hf_import *import, const hf_yaml_node *resource, hf_import_board *board)
{
    const match wanted = read_match(import, resource);
    const hf_found_port *found = port_with_serial(import, wanted.serial);
    if (wanted.vendor_id && wanted.product_id) {
        board->vendor_id = wanted.vendor_id;
        board->product_id = wanted.product_id;
        board->usb_serial = wanted.serial;
    } else if (found) {
        board->vendor_id = found->vendor_id;
        board->product_id = found->product_id;
        board->usb_serial = wanted.serial;
    } else if (wanted.path && !wanted.path_of_parent) {
        hf_buffer path = HF_BUFFER_INIT;
        hf_buffer_printf(&path, "/dev/serial/by-path/%s", wanted.path);
        board->port_path = hf_pool_copy(import->pool, hf_buffer_text(&path), path.size);
        hf_buffer_free(&path);
        hf_import_note(board, "for a USB serial converter the path of the port ends in -port0");
    } else if (wanted.path) {
        hf_import_miss(board, "its port is below %s: name it, from /dev/serial/by-path", wanted.path);
    } else if (wanted.serial) {
        hf_import_miss(
            board, "of its port only the serial number %s is known: connect it and import again, or name it",
            wanted.serial);
    }
}

static bool is_host(const char *text)
{
    if (!text || !*text)
        return false;
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && *text != '.' && *text != '-')
            return false;
    return true;
}

static void read_network_port(hf_import *import, const hf_yaml_node *resource, hf_import_board *board)
{
    const char *host = hf_import_text(import, resource, "host");
    const char *protocol = hf_import_text(import, resource, "protocol");
    const uint32_t number = hf_import_number(import, resource, "port", 1, UINT16_MAX);
    const bool raw = protocol && strcmp(protocol, "raw") == 0;
    if (!is_host(host) || !number) {
        hf_import_miss(board, "its NetworkSerialPort needs a host and a port");
        return;
    }
    hf_buffer address = HF_BUFFER_INIT;
    hf_buffer_printf(&address, "%s:%s:%u", raw ? "tcp" : "rfc2217", host, number);
    board->port_path = hf_pool_copy(import->pool, hf_buffer_text(&address), address.size);
    hf_buffer_free(&address);
    if (raw)
        board->baud = 0; /* the server sets it */
}

static void read_probe(hf_import *import, const hf_yaml_node *resource, hf_import_board *board)
{
    const match wanted = read_match(import, resource);
    board->script = wanted.vendor_id == 0x0483   ? "interface/stlink.cfg"
                    : wanted.vendor_id == 0x1366 ? "interface/jlink.cfg"
                                                 : NULL;
    hf_import_set_probe(import, board, wanted.serial);
    if (!wanted.serial && wanted.path)
        hf_import_note(board,
                       "its probe is at %s; without a serial number it must be the only one of its kind",
                       wanted.path);
}

static void note_power(hf_import *import, const char *kind, const hf_yaml_node *resource,
                       hf_import_board *board)
{
    const char *model = hf_import_text(import, resource, "model"),
               *host = hf_import_text(import, resource, "host");
    const char *index = hf_import_text(import, resource, "index");
    hf_import_note(board, "%s%s%s%s%s%s%s: give a command for it as power.cycle", kind, model ? " " : "",
                   model ? model : "", host ? " at " : "", host ? host : "", index ? ", index " : "",
                   index ? index : "");
}

/* A resource. @return whether it tells where the board is */
static bool read_resource(hf_import *import, const char *kind, const hf_yaml_node *resource,
                          hf_import_board *board)
{
    if (strcmp(kind, "USBSerialPort") == 0 || strcmp(kind, "RawSerialPort") == 0) {
        board->baud = hf_import_number(import, resource, "speed", HF_FARM_BAUD_MIN, HF_FARM_BAUD_MAX);
        const char *path = hf_import_text(import, resource, "port");
        if (path)
            board->port_path = path;
        else
            read_usb_port(import, resource, board);
    } else if (strcmp(kind, "NetworkSerialPort") == 0) {
        board->baud = hf_import_number(import, resource, "speed", HF_FARM_BAUD_MIN, HF_FARM_BAUD_MAX);
        read_network_port(import, resource, board);
    } else if (strcmp(kind, "USBDebugger") == 0) {
        read_probe(import, resource, board);
    } else if (strstr(kind, "PowerPort")) {
        note_power(import, kind, resource, board);
        return false;
    } else {
        hf_import_note(board, "%s: not imported", kind);
        return false;
    }
    return true;
}

/* A resource's class is its key, or `cls` if it has a name of its own. */
static const char *kind_of(hf_import *import, const hf_yaml_node *resource)
{
    const char *kind = resource->kind == HF_NODE_MAP ? hf_import_text(import, resource, "cls") : NULL;
    return kind ? kind : resource->key->text;
}

static void read_group(hf_import *import, const hf_yaml_node *group)
{
    hf_import_board board;
    bool useful = false;
    const char *location = hf_import_text(import, group, "location");
    hf_import_begin_board(import, group, group->key->text, &board);
    hf_import_note(&board, "group %s", group->key->text);
    if (location)
        hf_import_note(&board, "location %s", location);
    board.chip = hf_import_chip_of(group->key->text);
    for (const hf_yaml_node *resource = group->first; resource; resource = resource->next)
        if (strcmp(resource->key->text, "location") != 0)
            useful |= read_resource(import, kind_of(import, resource), resource, &board);
    if (!useful)
        hf_import_miss(&board, "the group has neither a serial port nor a debugger");
    hf_import_end_board(import, &board);
}

void hf_import_labgrid(hf_import *import, const hf_yaml_node *root)
{
    for (const hf_yaml_node *group = root->first; group; group = group->next)
        if (group->kind == HF_NODE_MAP)
            read_group(import, group);
        else if (group->kind != HF_NODE_BAD)
            hf_diagnostics_add(import->diagnostics, import->file, group->line, group->column,
                               "%s: %s, expected a group: a mapping of resources such as USBSerialPort",
                               group->key->text, hf_node_kind_name(group->kind));
}
