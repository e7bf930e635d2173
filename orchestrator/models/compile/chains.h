/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_CHAINS_H
#define HF_COMPILE_CHAINS_H

#include "lower.h"

/**
 * @file chains.h
 * Chains: consecutive operators that run row by row, so that the tensors between them take a few rows.
 */

/**
 * Chooses chains that reduce the peak of memory. Chains cost instructions, so none is longer than the peak
 * requires and none is elsewhere. Sets the records' ring_rows.
 */
hf_status hf_chains_choose(hf_lowered *lowered, hf_error *err);

/**
 * Splits and shortens chains as long as no step needs more than `arena_bytes`. Ignores where buffers will
 * lie.
 */
hf_status hf_chains_relax(hf_lowered *lowered, int64_t arena_bytes, hf_error *err);

/**
 * Makes operators first .. last a chain, even if that saves nothing.
 * Errors: HF_EINVALID if they cannot form one.
 */
hf_status hf_chains_set(hf_lowered *lowered, int32_t first, int32_t last, hf_error *err);

bool hf_chains_any(const hf_lowered *lowered);
/** Removes all chains. */
void hf_chains_clear(hf_lowered *lowered);

/** Lower bound of the arena over all plans and all choices of chains; present chains do not matter. */
hf_status hf_chains_least_bytes(const hf_lowered *lowered, int64_t *out, hf_error *err);

#endif
