/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_CHAINS_H
#define HF_COMPILE_CHAINS_H

#include "lower.h"

/**
 * Makes chains of consecutive operators, so that less memory is needed where most is: what only passes from
 * one to the next then takes a few rows. Chains cost instructions: none longer than that takes, and none
 * elsewhere. Sets the records' ring_rows.
 */
hf_status hf_chains_choose(hf_lowered *lowered, hf_error *err);

/**
 * Takes apart and shortens chains as far as no step needs more than `arena_bytes`, without regard to where
 * buffers will lie.
 */
hf_status hf_chains_relax(hf_lowered *lowered, int64_t arena_bytes, hf_error *err);

/**
 * Makes operators first .. last a chain, whether that saves anything or not.
 * Errors: HF_EINVALID if they cannot be one.
 */
hf_status hf_chains_set(hf_lowered *lowered, int32_t first, int32_t last, hf_error *err);

bool hf_chains_any(const hf_lowered *lowered);
/** Every operator by itself. */
void hf_chains_clear(hf_lowered *lowered);

/** No plan of these operators is smaller, whatever chains are made of them; those that there are do not
 * matter. */
hf_status hf_chains_least_bytes(const hf_lowered *lowered, int64_t *out, hf_error *err);

#endif
