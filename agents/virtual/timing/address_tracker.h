/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_TIMING_ADDRESS_TRACKER_H
#define VB_TIMING_ADDRESS_TRACKER_H

#include "instruction.h"
#include "timing/timing.h"

/**
 * @file address_tracker.h
 * Follows the addresses of a block's loads and stores. While decoding, each address is expressed as a sum of
 * register values at the block's entry, values that the block loads, and constants; the registers before an
 * execution then determine every address.
 */

/** A register's value at some point of a block, if known. */
typedef enum vb_symbol_kind {
    VB_SYMBOL_UNKNOWN,
    VB_SYMBOL_SUM,  /**< of slots times factors, + constant */
    VB_SYMBOL_VALUE /**< `value`, which gets a slot if it becomes part of an address */
} vb_symbol_kind;

typedef struct vb_symbol {
    vb_symbol_kind kind;
    uint8_t terms;
    uint8_t slot[VB_MAX_TERMS]; /**< register, or VB_FIRST_VALUE + value */
    uint32_t factor[VB_MAX_TERMS];
    uint32_t constant;
    vb_value value;
} vb_symbol;

enum {
    VB_STORES_REMEMBERED = 16,
    VB_MAX_PAIRS = 64,
    VB_MAX_TRANSFERS = 1024 /**< more than a block can have */
};

typedef struct vb_tracker {
    vb_core core;
    const vb_memory_view *view;
    vb_symbol registers[16];
    vb_stream streams[VB_MAX_STREAMS];
    vb_value values[VB_MAX_VALUES];
    vb_transfer accesses[VB_MAX_TRANSFERS];
    vb_transfer stored[VB_STORES_REMEMBERED]; /**< loads from there do not return what was there at entry */
    uint32_t stream_count, value_count, access_count, stored_count;
    vb_access_pair pairs[VB_MAX_PAIRS];
    uint32_t pair_count;
    uint32_t unfollowed;
    int last_stream; /**< of the last instruction; -1 if it is not an access or not followed */
    int32_t last_offset;
} vb_tracker;

void vb_tracker_begin(vb_tracker *tracker, vb_core core, const vb_memory_view *view);
/** Records the instruction's accesses, then follows its effect on registers.
 * @param pc address of the instruction */
void vb_tracker_step(vb_tracker *tracker, const vb_instruction *next, uint32_t pc);
/** The last two accesses share a cycle if their addresses allow it.
 * @param stream, offset of the one before the last instruction
 * @param when VB_ALONE, VB_BEHIND or both */
void vb_tracker_add_pair(vb_tracker *tracker, int stream, int32_t offset, uint8_t when);
/** Copies what an execution needs into the block.
 * @return false if out of memory */
bool vb_tracker_end(vb_tracker *tracker, vb_block *block);

#endif
