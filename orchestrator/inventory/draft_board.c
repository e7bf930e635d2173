/* SPDX-License-Identifier: Apache-2.0 */
#include "draft_board.h"

#include "chips/chips.h"

bool hf_draft_is_plain(const char *text)
{
    for (; *text; text++)
        if (*text < ' ' || *text > '~')
            return false;
    return true;
}

/* The character itself, or '?' if it is not printable ASCII. */
static char printable(char character)
{
    if (character < ' ' || character > '~')
        return '?';
    return character;
}

/* A comment must stay on its line and hold only characters that YAML allows. */
static void put_comment(hf_buffer *out, const char *text)
{
    for (; *text; text++)
        hf_buffer_putc(out, printable(*text));
    hf_buffer_putc(out, '\n');
}

void hf_draft_put_string(hf_buffer *out, const char *text)
{
    hf_buffer_putc(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            hf_buffer_putc(out, '\\');
        hf_buffer_putc(out, printable(*text));
    }
    hf_buffer_putc(out, '"');
}

static void put_chip(hf_buffer *out, const char *mark, const char *chip)
{
    if (chip) {
        hf_buffer_printf(out, "%s    chip: %s\n", mark, chip);
        return;
    }
    hf_buffer_printf(out, "%s    chip: unknown   # replace with", mark);
    const hf_chip *known;
    for (uint32_t i = 0; (known = hf_chip_at(i)); i++)
        hf_buffer_printf(out, "%s %s (%s)", i ? " or" : "", known->name, known->board);
    hf_buffer_putc(out, '\n');
}

static void put_probe(hf_buffer *out, const char *mark, const hf_draft_board *board)
{
    if (!board->probe_interface && !board->probe_serial)
        return;
    hf_buffer_printf(out, "%s    probe: {", mark);
    if (board->probe_interface) {
        hf_buffer_puts(out, "interface: ");
        hf_draft_put_string(out, board->probe_interface);
    }
    if (board->probe_serial) {
        hf_buffer_puts(out, board->probe_interface ? ", serial: " : "serial: ");
        hf_draft_put_string(out, board->probe_serial);
    }
    hf_buffer_puts(out, "}\n");
}

static void put_port(hf_buffer *out, const char *mark, const hf_draft_board *board)
{
    if (board->port_path) {
        hf_buffer_printf(out, "%s    port: ", mark);
        hf_draft_put_string(out, board->port_path);
        hf_buffer_putc(out, '\n');
    } else if (board->usb_vendor_id) {
        hf_buffer_printf(out, "%s    port: {usb: \"%04x:%04x\"", mark, board->usb_vendor_id,
                         board->usb_product_id);
        if (board->usb_serial) {
            hf_buffer_puts(out, ", serial: ");
            hf_draft_put_string(out, board->usb_serial);
        }
        hf_buffer_puts(out, "}\n");
    } else {
        hf_buffer_printf(out, "%s    port: /dev/serial/by-id/...   # the board's serial line\n", mark);
    }
}

void hf_draft_begin(hf_buffer *out, const char *about)
{
    hf_buffer_puts(out, "# ");
    put_comment(out, about);
    hf_buffer_puts(out, "boards:\n");
}

void hf_draft_add(hf_buffer *out, const hf_draft_board *board)
{
    const char *mark = board->missing ? "#" : "";
    hf_buffer_puts(out, "  # ");
    put_comment(out, board->about);
    if (board->missing) {
        hf_buffer_puts(out, "  # Commented out: ");
        put_comment(out, board->missing);
    }
    hf_buffer_printf(out, "%s  - id: ", mark);
    hf_draft_put_string(out, board->id);
    hf_buffer_putc(out, '\n');
    put_chip(out, mark, board->chip);
    put_probe(out, mark, board);
    put_port(out, mark, board);
    if (board->baud)
        hf_buffer_printf(out, "%s    baud: %u\n", mark, (unsigned)board->baud);
}
