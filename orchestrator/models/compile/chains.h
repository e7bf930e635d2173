/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_CHAINS_H
#define HF_COMPILE_CHAINS_H

#include "lower.h"

/**
 * @file chains.h
 * Chains: consecutive operators that are executed row by row, so that of the tensors between them only a few
 * rows are stored at a time.
 */

/**
 * Chooses chains that lower the peak memory. Chains cost instructions, so there are none away from the peak,
 * and none is longer than the peak requires. Sets the records' ring_rows. Errors: HF_ENOMEM.
 */
hf_status hf_chains_choose(hf_lowered *lowered, hf_error *err);

/**
 * Splits and shortens chains as far as possible without a step needing more than `arena_bytes`. Does not
 * consider where buffers will be placed. Errors: HF_ENOMEM.
 */
hf_status hf_chains_relax(hf_lowered *lowered, int64_t arena_bytes, hf_error *err);

/**
 * Chains operators first .. last, even if that saves nothing.
 * Errors: HF_EINVALID if they cannot form a chain, HF_ENOMEM.
 */
hf_status hf_chains_set(hf_lowered *lowered, int32_t first, int32_t last, hf_error *err);

/** Whether there are any chains. */
bool hf_chains_any(const hf_lowered *lowered);
/** Removes all chains. */
void hf_chains_clear(hf_lowered *lowered);

/** Lower bound of the arena over all plans and all choices of chains, in bytes. Ignores the current chains.
 * Errors: HF_ENOMEM. */
hf_status hf_chains_min_arena_bytes(const hf_lowered *lowered, int64_t *out, hf_error *err);

#endif
