/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_REPLAY_H
#define HF_COMPILE_REPLAY_H

#include <stdbool.h>

#include "engine/format.h"

/**
 * @file replay.h
 * Replays what a kernel reads and writes on a shadow of the arena. Shares nothing with the planner.
 */

/* The arena with a tag for each byte: which byte of which tensor it holds, 0 for none that
 * anybody may need. */
typedef struct hf_shadow {
    uint64_t *tags;
    int64_t bytes;
    int64_t wrong_address; /* of the first read that found something else or outside the arena; -1: none */
    uint64_t wrong_tag;    /* what it should have found */
} hf_shadow;

static inline uint64_t hf_shadow_tag(int32_t tensor, int64_t byte)
{
    return ((uint64_t)tensor + 1) << 40 | (uint64_t)byte;
}

static inline int32_t hf_shadow_tensor(uint64_t tag)
{
    return (int32_t)(tag >> 40) - 1;
}

/** Bytes that hold first_tag and those after it. */
void hf_shadow_read(hf_shadow *shadow, int64_t address, uint64_t first_tag, int64_t bytes);
void hf_shadow_write(hf_shadow *shadow, int64_t address, uint64_t first_tag, int64_t bytes);

/** Where a kernel finds a tensor, or a view of one. */
typedef struct hf_stream {
    int64_t address; /* of position 0 */
    int32_t tensor;
    int32_t first_byte; /* of position 0 in the tensor */
    uint32_t rows;      /* that its place holds, row y at y % rows */
} hf_stream;

/** A kernel's call. */
typedef struct hf_call {
    const hf_op_record *record;
    hf_stream input, second, output;
    int64_t scratch_address;
    int32_t scratch_owner; /* a number that no tensor has */
    uint32_t first_row, end_row;
} hf_call;

/** Everything the kernel reads and writes, in its order. */
void hf_replay(hf_shadow *shadow, const hf_call *call);

#endif
