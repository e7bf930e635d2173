/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SPEC_FARM_READER_H
#define HF_SPEC_FARM_READER_H

#include "spec/agent_file.h"
#include "spec/farm_file.h"
#include "yaml_fields.h"

/**
 * @file farm_reader.h
 * The parts of the farm file's reader. Mistakes go to the reader's diagnostics.
 */

/** Reads one item of the list of boards. */
void hf_farm_read_board(hf_reader *r, const hf_yaml_node *item, hf_farm_board *board);

/** (hf_farm) Reads the list of boards. */
hf_field_read hf_farm_read_boards;
/** (hf_farm) Reads `hooks`. */
hf_field_read hf_farm_read_hooks;
/** (hf_broker_config) Reads `broker` of an agent's file, and of a farm file. */
hf_field_read hf_read_broker, hf_read_farm_broker;
/** (const char *) The name of a host. */
hf_field_read hf_read_host_name;
/** (hf_tag_list) */
hf_field_read hf_read_tag_list;

/** A zeroed farm whose boards come from a text. */
void hf_farm_begin(hf_reader *r, const char *text, size_t text_bytes, hf_farm *farm);
/** Once its boards are read. */
void hf_farm_end(hf_farm *farm);

/** (hf_farm_board) Reads `port`: the short form, a string, or a mapping with one key of its kind. */
hf_field_read hf_farm_read_port;

/* A key whose value is any string, stored in a member of the board's hf_board_config. */
#define HF_FARM_TEXT_MAX 255
#define HF_FARM_TEXT_FIELD(key, member)                                                                      \
    {                                                                                                        \
        .name = (key), .read = hf_read_text, .offset = offsetof(hf_farm_board, config.member), .min = 1,     \
        .max = HF_FARM_TEXT_MAX                                                                              \
    }

/** Reports what a board shares with an earlier one (id, port, probe), except for conflicts already in
 * `known`.
 * @return known, plus the conflicts found here */
unsigned hf_farm_compare(hf_reader *r, const hf_farm_board *first, const hf_farm_board *later,
                         unsigned known);

#endif
