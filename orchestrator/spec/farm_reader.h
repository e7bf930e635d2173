/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SPEC_FARM_READER_H
#define HF_SPEC_FARM_READER_H

#include "reader.h"
#include "spec/farm.h"

/**
 * @file farm_reader.h
 * The parts that read a farm file; what is wrong goes to the reader's diagnostics.
 */

/** Reads one item of the list of boards. */
void hf_farm_read_board(hf_reader *r, const hf_yaml_node *item, hf_farm_board *board);

/** Reports what a board shares with one before it (id, port, probe), except for what is already `known` to be
 * shared with another. @return all of it */
unsigned hf_farm_compare(hf_reader *r, const hf_farm_board *first, const hf_farm_board *later,
                         unsigned known);

#endif
