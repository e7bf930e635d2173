/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_CHAINING_H
#define HF_COMPILE_CHAINING_H

#include "lower.h"

/** When a tensor's memory is in use, by operators. */
typedef struct hf_life {
    int32_t first, last;      /* the graph's input is there from -1 on, its output to the end */
    int32_t readers, writers; /* operators */
} hf_life;

/** What an operator is like in a chain. */
typedef struct hf_chain_link {
    uint32_t ring_rows; /* of its output that are enough for the next operator; 0 if that needs the whole */
    int64_t ring_bytes;
    int64_t scratch_bytes;      /* if it hands its rows on */
    int64_t last_scratch_bytes; /* if it does not */
} hf_chain_link;

typedef struct hf_chaining {
    const hf_lowered *lowered;
    hf_chain_link *links; /* per operator */
    hf_life *lives;       /* per tensor */
    int32_t *lasts;       /* per operator that begins a step: the step's last operator */
    int64_t *bytes;       /* and what the step needs; 0 if that is not known */
} hf_chaining;

/** @param out to be ended even on errors; the steps are those that the records' ring_rows make */
hf_status hf_chaining_begin(const hf_lowered *lowered, hf_chaining *out, hf_error *err);
void hf_chaining_end(hf_chaining *chaining);

/** What is needed while operators first .. last are a step, or, if that is not less than `limit`, something
 * not less either. */
int64_t hf_chaining_step_bytes(const hf_chaining *chaining, int32_t first, int32_t last, int64_t limit);
/** While operator i runs, in whatever step: its own input and output whole or, where chains can
 * be, in rings. */
int64_t hf_chaining_least_bytes_at(const hf_chaining *chaining, int32_t i);

#endif
