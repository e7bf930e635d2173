/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_INVENTORY_IMPORT_H
#define HF_INVENTORY_IMPORT_H

#include "base/buffer.h"
#include "base/error.h"
#include "discovery/discovery.h"
#include "inventory/inventory.h"
#include "spec/diagnostics.h"
#include "spec/farm_file.h"

/**
 * @file import.h
 * Drafts of farm files from the inventories of other programs, and the way back: Zephyr's twister (hardware map) and
 * labgrid (exporter configuration).
 */

typedef enum hf_import_format {
    HF_IMPORT_DETECT, /**< a list is a hardware map, a mapping an exporter configuration */
    HF_IMPORT_TWISTER, /**< twister's hardware map: a list with `id`, `platform`, `product`, `runner`, `serial`, ... */
    HF_IMPORT_LABGRID, /**< labgrid's exporter: groups of resources such as USBSerialPort and USBDebugger */
} hf_import_format;

/**
 * Writes a farm file with a board for each entry. What the other program does not know, or what hilfarm cannot use, is
 * named in a comment; a board that cannot be described completely is commented out, with the reason.
 * @param file  name of the text in messages
 * @param found probes and ports of this host: they supply what an entry leaves out; NULL = not looked at
 * @param chip  name of the chip of entries that do not reveal theirs; NULL = write "unknown", which hilfarm rejects
 * @param out   receives the text; check `failed`
 * @return HF_OK; HF_EINVALID if the text is not such an inventory (see diagnostics); HF_ENOMEM
 */
hf_status hf_draft_import(const char *file, const char *text, size_t text_bytes, hf_import_format format,
                          const hf_discovery *found, const char *chip, hf_buffer *out,
                          hf_draft_summary *summary, hf_diagnostics *diagnostics, hf_error *err);

/**
 * Writes a hardware map for twister with the real boards of a farm.
 * @param found finds the device of a USB port; NULL = not looked at
 * @param out receives the text; check `failed`
 * @return boards written; virtual boards and those on terminal servers are left out, with a comment
 */
uint32_t hf_export_twister(const hf_farm *farm, const hf_discovery *found, hf_buffer *out);

#endif
