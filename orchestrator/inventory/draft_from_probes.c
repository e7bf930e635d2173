/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "draft_board.h"
#include "inventory/inventory.h"

#define ST_MICROELECTRONICS 0x0483
#define ST_LINK_BAUD        921600 /* as configs/farm_nucleo.yaml; other probes start at hilfarm's default */
#define ID_SIZE             41
#define SHORT_SERIAL        6
#define LONG_SERIAL         24

/* The tool's name in ids: "stlink" for "interface/stlink.cfg". */
static void name_of_script(const char *script, char *name, size_t size)
{
    const char *base = script ? strrchr(script, '/') : NULL;
    base = base ? base + 1 : "probe";
    snprintf(name, size, "%.*s", (int)strcspn(base, "."), base);
}

/* The last characters of a serial number. */
static const char *tail(const char *serial, size_t longest)
{
    size_t length = strlen(serial);
    return length > longest ? serial + length - longest : serial;
}

/* Whether another probe's serial number has the same last characters. */
static bool tail_is_shared(const hf_discovery *found, const hf_found_probe *probe)
{
    for (size_t i = 0; i < found->probe_count; i++) {
        const hf_found_probe *other = &found->probes[i];
        if (other != probe &&
            strcmp(tail(other->serial, SHORT_SERIAL), tail(probe->serial, SHORT_SERIAL)) == 0)
            return true;
    }
    return false;
}

static void make_id(const hf_discovery *found, const hf_found_probe *probe, char id[ID_SIZE])
{
    char name[16];
    name_of_script(probe->script, name, sizeof name);
    const char *serial = tail(probe->serial, tail_is_shared(found, probe) ? LONG_SERIAL : SHORT_SERIAL);
    snprintf(id, ID_SIZE, "%.*s%s%.*s", ID_SIZE - LONG_SERIAL - 2, name, *serial ? "-" : "", LONG_SERIAL,
             serial);
    for (char *at = id; *at; at++) /* what farm files allow in ids */
        if (!isalnum((unsigned char)*at) && !strchr("_-.", *at))
            *at = '-';
}

static size_t count_equal(const hf_discovery *found, const hf_found_probe *probe)
{
    size_t equal = 0;
    for (size_t i = 0; i < found->probe_count; i++) {
        const hf_found_probe *other = &found->probes[i];
        bool same_script = other->script && probe->script ? strcmp(other->script, probe->script) == 0
                                                          : other->script == probe->script;
        equal += same_script && strcmp(other->serial, probe->serial) == 0;
    }
    return equal;
}

static void list_ports(const hf_discovery *found, size_t probe, hf_buffer *out)
{
    const char *separator = "";
    for (size_t i = 0; i < found->port_count; i++)
        if (found->ports[i].probe == probe) {
            hf_buffer_printf(out, "%s%s", separator, found->ports[i].path);
            separator = ", ";
        }
}

static const hf_found_port *port_of(const hf_discovery *found, size_t probe)
{
    for (size_t i = 0; i < found->port_count; i++)
        if (found->ports[i].probe == probe)
            return &found->ports[i];
    return NULL;
}

/* What keeps a board from being described completely. @param reason receives it; empty = nothing */
static void find_missing(const hf_discovery *found, size_t index, hf_buffer *reason)
{
    const hf_found_probe *probe = &found->probes[index];
    if (!probe->script) {
        hf_buffer_puts(reason, "OpenOCD has an interface script for each model of this probe; name it as "
                               "probe.interface");
    } else if (!hf_draft_is_plain(probe->serial)) {
        hf_buffer_puts(reason,
                       "its serial number has characters that cannot be written here; alone on the host "
                       "it needs no probe.serial");
    } else if (count_equal(found, probe) > 1) {
        hf_buffer_printf(reason, "%s, so that OpenOCD cannot tell them apart",
                         probe->serial[0] ? "another probe has the same serial number"
                                          : "another probe of this kind has no serial number either");
    } else if (probe->port_count == 0) {
        hf_buffer_puts(reason,
                       "the probe has no serial port of its own; connect the board's serial line and name "
                       "its port");
        if (port_of(found, HF_NO_PROBE)) {
            hf_buffer_puts(reason, ". Ports of no probe: ");
            list_ports(found, HF_NO_PROBE, reason);
        }
    } else if (probe->port_count > 1) {
        hf_buffer_puts(reason,
                       "the probe has several serial ports; name the one with the board's serial line: ");
        list_ports(found, index, reason);
    } else if (!port_of(found, index)->unique || !hf_draft_is_plain(port_of(found, index)->serial)) {
        hf_buffer_printf(
            reason,
            "its port %s cannot be told from others by its USB identity; name a path that stays the "
            "same, from /dev/serial/by-path",
            port_of(found, index)->path);
    }
}

static void describe(const hf_found_probe *probe, const hf_found_port *port, hf_buffer *about)
{
    hf_buffer_puts(about, probe->kind);
    if (probe->serial[0])
        hf_buffer_printf(about, ", serial number %s", probe->serial);
    if (port && probe->port_count == 1)
        hf_buffer_printf(about, ", port %s", port->path);
    if (!probe->usable)
        hf_buffer_puts(about, ", no permission to use the probe (see `hilfarm doctor`)");
    if (port && !port->usable)
        hf_buffer_puts(about, ", no permission to use the port (see `hilfarm doctor`)");
}

/* @return whether the board can be used as written, except for its chip */
static bool add_board(const hf_discovery *found, size_t index, const char *chip, hf_buffer *out)
{
    const hf_found_probe *probe = &found->probes[index];
    const hf_found_port *port = port_of(found, index);
    char id[ID_SIZE];
    hf_buffer about = HF_BUFFER_INIT, missing = HF_BUFFER_INIT;
    make_id(found, probe, id);
    describe(probe, port, &about);
    find_missing(found, index, &missing);
    hf_draft_board board = {
        .about = hf_buffer_text(&about),
        .missing = missing.size ? hf_buffer_text(&missing) : NULL,
        .id = id,
        .chip = chip,
        .probe_interface = probe->script,
        .probe_serial = probe->serial[0] && hf_draft_is_plain(probe->serial) ? probe->serial : NULL,
    };
    if (port && probe->port_count == 1 && port->unique) {
        board.usb_vendor_id = port->vendor_id;
        board.usb_product_id = port->product_id;
        board.usb_serial = port->serial[0] ? port->serial : NULL;
        board.baud = port->vendor_id == ST_MICROELECTRONICS ? ST_LINK_BAUD : 0;
    }
    hf_draft_add(out, &board);
    out->failed |= about.failed || missing.failed;
    bool complete = missing.size == 0;
    hf_buffer_free(&about);
    hf_buffer_free(&missing);
    return complete;
}

hf_draft_summary hf_draft_from_probes(const hf_discovery *found, const char *chip, hf_buffer *out)
{
    hf_draft_summary summary = {0};
    hf_draft_begin(out,
                   "Farm file written by `hilfarm boards scan`. Check it with `hilfarm boards --farm FILE "
                   "--check`.");
    for (size_t i = 0; i < found->probe_count; i++) {
        bool complete = add_board(found, i, chip, out);
        if (complete && chip)
            summary.ready++;
        else
            summary.incomplete++;
    }
    return summary;
}
