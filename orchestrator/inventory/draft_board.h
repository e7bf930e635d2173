/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_INVENTORY_DRAFT_BOARD_H
#define HF_INVENTORY_DRAFT_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

/**
 * @file draft_board.h
 * One board of a draft, as YAML.
 */

/** Strings are borrowed; NULL = omit the key. */
typedef struct hf_draft_board {
    const char *about;   /**< comment in front of the board: what it is */
    const char *missing; /**< why it is commented out; NULL = it is not */
    const char *id;
    const char *chip; /**< NULL = unknown */
    const char *probe_interface;
    const char *probe_serial;
    const char *port_path;                  /**< NULL = usb */
    uint16_t usb_vendor_id, usb_product_id; /**< 0 = no port */
    const char *usb_serial;
    uint32_t baud; /**< 0 = omit */
} hf_draft_board;

/** Appends the head of a farm file, up to "boards:". @param about what wrote it, a comment */
void hf_draft_begin(hf_buffer *out, const char *about);

/** Appends a board. */
void hf_draft_add(hf_buffer *out, const hf_draft_board *board);

/** Appends a quoted YAML string; characters that are not printable ASCII become '?'. */
void hf_draft_put_string(hf_buffer *out, const char *text);

/** Whether a text can be written as a YAML string and read back: printable ASCII. */
bool hf_draft_is_plain(const char *text);

#endif
