/* SPDX-License-Identifier: Apache-2.0 */
/* Conflicts between the boards of a farm file: the same id, port or probe. */
#include <string.h>

#include "farm_reader.h"

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

unsigned hf_farm_compare(hf_reader *r, const hf_farm_board *first, const hf_farm_board *later, unsigned known)
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
        CLASH(CLASH_ID, "the board id \"%s\" appears twice, first on line %u", b->id, first->line);
    if (a->is_virtual || b->is_virtual)
        return known | found;
    if (equal(first->port_key, later->port_key)) {
        bool respelled = strcmp(first->port_shown, later->port_shown) != 0;
        CLASH(CLASH_PORT,
              "the port \"%s\" is also used by the board on line %u%s%s%s, expected a different port",
              later->port_shown, first->line, respelled ? " (spelled \"" : "",
              respelled ? first->port_shown : "", respelled ? "\")" : "");
    }
    if (same_usb_port(a, b) && equal(a->usb_serial, b->usb_serial))
        CLASH(CLASH_PORT,
              "the USB port with serial number \"%s\" is also used by the board on line %u, expected a "
              "different port",
              b->usb_serial, first->line);
    else if (same_usb_port(a, b))
        CLASH(CLASH_PORT,
              "the USB port cannot be distinguished from that of the board on line %u, expected \"serial\" "
              "with both",
              first->line);
    if (equal(a->probe_serial, b->probe_serial))
        CLASH(CLASH_PROBE,
              "the probe with serial number \"%s\" is also used by the board on line %u, expected a "
              "different probe",
              b->probe_serial, first->line);
    else if (equal(first->probe_key, later->probe_key) && (!a->probe_serial || !b->probe_serial)) {
        bool respelled = strcmp(a->probe_interface, b->probe_interface) != 0;
        CLASH(CLASH_PROBE,
              "the probe cannot be distinguished from that of the board on line %u%s%s%s, expected \"probe: "
              "{serial: "
              "...}\" "
              "with both",
              first->line, respelled ? " (where its script is \"" : "", respelled ? a->probe_interface : "",
              respelled ? "\")" : "");
    }
#undef CLASH
    return known | found;
}
