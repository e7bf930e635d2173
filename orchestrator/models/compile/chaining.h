/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_CHAINING_H
#define HF_COMPILE_CHAINING_H

#include "lower.h"

/**
 * @file chaining.h
 * The memory that possible chains need; chains.c chooses among them.
 */

/** Lifetime of a tensor: indices of the first and last operator during which it is live. */
typedef struct hf_lifetime {
    int32_t first, last;      /**< first is -1 for the graph's input; last is op_count for its output */
    int32_t readers, writers; /**< number of operators; the output has one more reader, the caller */
} hf_lifetime;

/** The memory that an operator needs as part of a chain, in bytes. */
typedef struct hf_chain_link {
    uint32_t ring_rows; /**< output rows that the next operator needs at a time; 0: they cannot be chained */
    int64_t ring_bytes; /**< of a buffer of these rows */
    int64_t scratch_bytes;      /**< if the output is a ring */
    int64_t last_scratch_bytes; /**< if the output is a whole tensor */
} hf_chain_link;

/** Steps while chains are chosen. A step is an operator or a chain. */
typedef struct hf_chaining {
    const hf_lowered *lowered; /**< borrowed */
    hf_chain_link *links;      /**< owned, per operator */
    hf_lifetime *lifetimes;    /**< owned, per tensor */
    int32_t *lasts;            /**< owned, per first operator of a step: the step's last operator */
    int64_t *bytes;            /**< owned, likewise: bytes that the step needs; 0: not yet computed */
} hf_chaining;

/**
 * Begins with the chains that the records' ring_rows describe.
 * @param lowered must outlive *out
 * @param out to be released with hf_chaining_end(), also after an error
 * Errors: HF_ENOMEM.
 */
hf_status hf_chaining_begin(const hf_lowered *lowered, hf_chaining *out, hf_error *err);
/** Frees its memory. */
void hf_chaining_end(hf_chaining *chaining);

/**
 * Arena bytes needed while operators first .. last run as one step.
 * @param limit if the result reaches this, it may be any value from here up, which saves computing it exactly
 */
int64_t hf_chaining_step_bytes(const hf_chaining *chaining, int32_t first, int32_t last, int64_t limit);
/** Lower bound of the arena bytes needed while operator i runs, over all possible chains: its input and
 * output are whole tensors or, where it can be chained, rings. */
int64_t hf_chaining_min_bytes_at(const hf_chaining *chaining, int32_t i);

#endif
