/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_CHAINING_H
#define HF_COMPILE_CHAINING_H

#include "lower.h"

/**
 * @file chaining.h
 * Costs and limits of chains while they are chosen: what each operator needs as part of one.
 */

/** Lifetime of a tensor, in operators. */
typedef struct hf_life {
    int32_t first, last;      /* the graph's input is live from -1 on, its output to the end */
    int32_t readers, writers; /* operators */
} hf_life;

/** What an operator needs as part of a chain. */
typedef struct hf_chain_link {
    uint32_t ring_rows; /* output rows that suffice for the next operator; 0 if it needs all of them */
    int64_t ring_bytes;
    int64_t scratch_bytes;      /* if it passes its rows on */
    int64_t last_scratch_bytes; /* if it does not */
} hf_chain_link;

typedef struct hf_chaining {
    const hf_lowered *lowered;
    hf_chain_link *links; /* per operator */
    hf_life *lives;       /* per tensor */
    int32_t *lasts;       /* per operator that begins a step: the step's last operator */
    int64_t *bytes;       /* bytes that the step needs; 0 if not computed yet */
} hf_chaining;

/** Steps follow from the records' ring_rows. @param out the caller calls hf_chaining_end() even on errors */
hf_status hf_chaining_begin(const hf_lowered *lowered, hf_chaining *out, hf_error *err);
void hf_chaining_end(hf_chaining *chaining);

/** Bytes needed while operators first .. last run as one step. If that is `limit` or more, any value of at
 * least `limit`. */
int64_t hf_chaining_step_bytes(const hf_chaining *chaining, int32_t first, int32_t last, int64_t limit);
/** Lower bound while operator i runs, whatever the steps are: its input and output whole or, where chains are
 * possible, in rings. */
int64_t hf_chaining_least_bytes_at(const hf_chaining *chaining, int32_t i);

#endif
