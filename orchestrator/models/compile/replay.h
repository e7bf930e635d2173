/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_COMPILE_REPLAY_H
#define HF_COMPILE_REPLAY_H

#include <stdbool.h>

#include "engine/format.h"

/**
 * @file replay.h
 * Replays a kernel's reads and writes on a shadow of the arena. Shares no code with the planner.
 */

/** The shadow arena: for each byte a tag that identifies the tensor byte it holds. */
typedef struct hf_shadow {
    uint64_t *tags; /**< 0: undefined */
    int64_t bytes;
    int64_t wrong_address; /**< of the first read of a wrong byte or access outside the arena; -1: none */
    uint64_t wrong_tag;    /**< the tag expected there */
} hf_shadow;

/** The tag of byte `byte` of a tensor; consecutive bytes have consecutive tags. */
static inline uint64_t hf_shadow_tag(int32_t tensor, int64_t byte)
{
    return ((uint64_t)tensor + 1) << 40 | (uint64_t)byte;
}

/** The tensor of a tag. */
static inline int32_t hf_shadow_tensor(uint64_t tag)
{
    return (int32_t)(tag >> 40) - 1;
}

/** Reads or writes `bytes` bytes from `address` on, tagged first_tag, first_tag + 1 and so on. */
void hf_shadow_read(hf_shadow *shadow, int64_t address, uint64_t first_tag, int64_t bytes);
void hf_shadow_write(hf_shadow *shadow, int64_t address, uint64_t first_tag, int64_t bytes);

/** A kernel's input or output: a tensor, or a view of one. */
typedef struct hf_stream {
    int64_t address; /**< of position 0, in the arena */
    int32_t tensor;
    int32_t first_byte; /**< of position 0, in the tensor */
    uint32_t rows;      /**< that its buffer holds: row y is at y % rows */
} hf_stream;

/** A call of a kernel, for output rows first_row .. end_row - 1. */
typedef struct hf_call {
    const hf_op_record *record;
    hf_stream input, second, output;
    int64_t scratch_address;
    int32_t scratch_owner; /**< tags scratch space; differs from every tensor's number */
    uint32_t first_row, end_row;
} hf_call;

/** Replays all reads and writes of the call, in the kernel's order. The first error is left in `shadow`. */
void hf_replay(hf_shadow *shadow, const hf_call *call);

#endif
