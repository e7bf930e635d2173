/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_FARM_RECORD_PORTS_H
#define HF_FARM_RECORD_PORTS_H

#include "board/board.h"
#include "farm/prepare.h"
#include "report/rows.h"

/**
 * @file record_ports.h
 * Inputs and outputs as rows for the store.
 */

/**
 * The ports of a model, as far as they are known: not of one that was pruned before it was compiled.
 * @param rows receives an array to free(); its strings are borrowed from `prepared`. NULL if memory is short
 * @return how many
 */
size_t hf_record_ports(const hf_prepared *prepared, hf_port_row **rows);

/**
 * The outputs that a board sent, in the model's own types.
 * @param rows receives an array to free() together with *values, to which it points
 */
hf_status hf_record_outputs(const hf_prepared *prepared, const hf_attempt_result *result,
                            hf_output_row **rows, size_t *count, uint8_t **values, hf_error *err);

#endif
