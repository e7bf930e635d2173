/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_TIMING_STREAMS_H
#define VB_TIMING_STREAMS_H

#include "timing/instruction.h"
#include "timing/timing.h"

/**
 * @file streams.h
 * Where a block's loads go. While decoding, addresses are followed symbolically to "register at block entry
 * (+ another << shift) + constant"; samples of the registers then tell memory, alignment, stride and working
 * set.
 */

/** What a register holds at some point of a block, as far as it is known. */
typedef struct vb_symbol {
    bool known;
    uint8_t base;  /**< value at block entry */
    uint8_t index; /**< plus this one's << shift, or VB_NO_REGISTER */
    uint8_t shift;
    int32_t constant;
} vb_symbol;

typedef struct vb_tracker {
    vb_symbol registers[16];
} vb_tracker;

/** Costs of the memory system behind the loads, in cycles. */
typedef struct vb_load_costs {
    uint32_t unit_bytes;        /**< fetched together on a miss */
    uint32_t capacity_bytes;    /**< of the data cache */
    uint32_t flash_wait;        /**< per miss, or per load without the cache */
    uint32_t axi_wait;          /**< likewise for VB_REGION_AXI */
    uint32_t device_wait;       /**< per load */
    uint32_t unaligned_q8[4];   /**< 32-bit load by address mod 4, 1/256 cycles */
    uint32_t unaligned_half_q8; /**< 16-bit load at an odd address */
    bool cached;
} vb_load_costs;

void vb_tracker_begin(vb_tracker *tracker);
/** Adds the instruction's loads to the block's streams, then follows what it does to registers. */
void vb_tracker_step(vb_tracker *tracker, const vb_instruction *next, vb_block *block);

/** Brings streams up to date with the registers.
 * @param second true for the second sample of a pair, which tells strides
 * @return wait cycles of the block's loads per execution, 1/256 cycles */
uint32_t vb_streams_sample(vb_block *block, const uint32_t registers[16], bool second,
                           const vb_load_costs *costs, vb_region (*region_of)(void *user, uint32_t address),
                           void *user);

#endif
