/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_NEIGHBOURS_H
#define HF_COMPILE_NEIGHBOURS_H

#include "steps.h"

/**
 * @file neighbours.h
 * What the place of one buffer forbids for another one that is live at the same time. It depends on the
 * distance of their offsets only, so it is computed once for all orders that the planner tries.
 */

/** If `buffer` is at offset o, its neighbour must not be at an offset greater than o + `low_bytes` and less
 * than o + `high_bytes`, unless it is exactly at o + `exact_bytes`. */
typedef struct hf_neighbour {
    int32_t buffer;
    int32_t next; /**< index of the next neighbour of the same buffer, -1: none */
    int64_t low_bytes, high_bytes;
    int64_t exact_bytes; /**< HF_OVERLAP_NEVER: there is no such offset */
} hf_neighbour;

typedef struct hf_neighbours {
    hf_neighbour *items; /**< owned */
    int32_t *first;      /**< owned, per buffer of the plan: index of its first neighbour, -1: none */
    int32_t count, capacity;
} hf_neighbours;

/**
 * Finds the neighbours of every buffer of more than 0 bytes.
 * @param out to be released with hf_neighbours_free(), also after an error
 * Errors: HF_ENOMEM.
 */
hf_status hf_neighbours_find(const hf_steps *steps, hf_neighbours *out, hf_error *err);
void hf_neighbours_free(hf_neighbours *neighbours);

#endif
