/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_INVENTORY_IMPORT_BOARDS_H
#define HF_INVENTORY_IMPORT_BOARDS_H

#include "draft_board.h"
#include "inventory/import.h"
#include "spec/yaml_tree.h"

/**
 * @file import_boards.h
 * What the readers of both formats share: the boards collected so far, and what the words of other programs mean here.
 */

#define HF_IMPORT_ID_SIZE 41 /* what farm files allow */

/* A board under construction. Texts belong to the tree or to the draft's pool. */
typedef struct hf_import_board {
    const hf_yaml_node *node; /* its entry */
    char id[HF_IMPORT_ID_SIZE];
    const char *chip, *script, *probe_serial, *port_path, *usb_serial;
    uint16_t vendor_id, product_id; /* of the port; 0 = a path */
    uint32_t baud;
    hf_buffer about, missing; /* comments; freed by hf_import_end_board() */
} hf_import_board;

typedef struct hf_import {
    const char *file, *chip;
    const hf_discovery *found; /* may be NULL */
    hf_pool *pool;
    hf_diagnostics *diagnostics;
    hf_buffer *out;
    hf_draft_summary summary;
    hf_import_board *boards; /* those that are complete so far, for conflicts */
    uint32_t board_count;
} hf_import;

/** The value of a key; NULL if there is none, or it is not a scalar, which is reported. */
const char *hf_import_text(hf_import *import, const hf_yaml_node *map, const char *key);
/** The same as a number of low .. high; 0 if there is none, or another one, which is reported. */
uint32_t hf_import_number(hf_import *import, const hf_yaml_node *map, const char *key, uint32_t low,
                          uint32_t high);
/** The value of a key; NULL = there is none. */
const hf_yaml_node *hf_import_value(const hf_yaml_node *map, const char *key);

/** Begins a board. @param name becomes its id, unique and with the characters that farm files allow */
void hf_import_begin_board(hf_import *import, const hf_yaml_node *node, const char *name,
                           hf_import_board *out);
/** Adds a reason for commenting the board out; several are separated by semicolons. */
void hf_import_miss(hf_import_board *board, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Adds a part to the comment in front of the board. */
void hf_import_note(hf_import_board *board, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** Uses the probe with this serial number; finds its script among the connected probes. NULL allowed. */
void hf_import_set_probe(hf_import *import, hf_import_board *board, const char *serial);
/** Checks the board against the others, and writes it. */
void hf_import_end_board(hf_import *import, hf_import_board *board);

/** The chip that a word means: its own name, or that of its development board, however it is spelled, also as part of the
 * word ("nucleo_l4r5zi/stm32l4r5xx"). @return name of the chip; NULL = none */
const char *hf_import_chip_of(const char *word);
/** The script that a description of a probe means ("STM32 STLink", "J-Link", "DAPLink CMSIS-DAP"); NULL = none. */
const char *hf_import_script_of(const char *words);

void hf_import_twister(hf_import *import, const hf_yaml_node *root);
void hf_import_labgrid(hf_import *import, const hf_yaml_node *root);

#endif
