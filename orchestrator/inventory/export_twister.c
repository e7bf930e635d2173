/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "draft_board.h"
#include "inventory/import.h"

/* "NUCLEO-L4R5ZI" is Zephyr's nucleo_l4r5zi. */
static void put_platform(hf_buffer *out, const char *board)
{
    hf_buffer_puts(out, "  platform: ");
    for (; *board; board++) {
        if (*board == '-')
            hf_buffer_putc(out, '_');
        else
            hf_buffer_putc(out, (char)tolower((unsigned char)*board));
    }
    hf_buffer_putc(out, '\n');
}

/* The device of a board's port; NULL = it is not connected, or not on this host. */
static const char *device_of(const hf_board_config *config, const hf_discovery *found)
{
    if (config->port_path)
        return config->port_path;
    for (size_t i = 0; found && i < found->port_count; i++) {
        const hf_found_port *port = &found->ports[i];
        if (port->vendor_id == config->usb_vendor_id && port->product_id == config->usb_product_id &&
            (!config->usb_serial || strcmp(port->serial, config->usb_serial) == 0))
            return port->path;
    }
    return NULL;
}

static void put_board(hf_buffer *out, const hf_farm_board *board, const char *device)
{
    const hf_board_config *config = &board->config;
    hf_buffer_printf(out, "- connected: %s\n  id: ", device ? "true" : "false");
    hf_draft_put_string(out, config->probe_serial ? config->probe_serial : "unknown");
    hf_buffer_putc(out, '\n');
    put_platform(out, board->chip->board);
    hf_buffer_puts(out, "  product: ");
    hf_draft_put_string(out, config->probe_interface);
    hf_buffer_puts(out, "\n  runner: openocd\n  serial: ");
    if (device)
        hf_draft_put_string(out, device);
    else
        hf_buffer_puts(out, "null");
    hf_buffer_printf(out, "\n  baud: %u\n", (unsigned)config->baud);
}

uint32_t hf_export_twister(const hf_farm *farm, const hf_discovery *found, hf_buffer *out)
{
    uint32_t written = 0;
    hf_buffer_puts(out, "# Hardware map for Zephyr's twister, written by `hilfarm boards export`.\n");
    for (uint32_t i = 0; i < farm->board_count; i++) {
        const hf_board_config *config = &farm->boards[i].config;
        if (config->is_virtual || config->port_host || farm->boards[i].host) {
            hf_buffer_printf(out, "# %s is left out: %s\n", config->id,
                             config->is_virtual     ? "a virtual board"
                             : farm->boards[i].host ? "it is on another host"
                                                    : "its port is on a terminal server");
            continue;
        }
        put_board(out, &farm->boards[i], device_of(config, found));
        written++;
    }
    if (!written)
        hf_buffer_puts(out, "[]\n");
    return written;
}
