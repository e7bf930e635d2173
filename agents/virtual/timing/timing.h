/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_TIMING_H
#define VB_TIMING_H

#include <stdbool.h>
#include <stdint.h>

/**
 * @file timing.h
 * The cycle model (TIMING.md): a basic block is decoded once into a vb_block; executing it then costs a few
 * additions. Deterministic: the same sequence of blocks since vb_timing_reset() gives the same cycles. Knows
 * nothing of unicorn.
 */

typedef enum vb_core { VB_CORE_M4, VB_CORE_M7 } vb_core;

/** Which memory an address is in, as far as timing cares. */
typedef enum vb_region {
    VB_REGION_FLASH,
    VB_REGION_RAM,   /**< zero wait states (SRAM on M4, DTCM/ITCM on M7) */
    VB_REGION_AXI,   /**< M7: SRAM behind the AXI bus and the data cache */
    VB_REGION_DEVICE /**< peripherals, PPB */
} vb_region;

/** How the chip's memory system is set at the moment; the machine derives it from the chip's registers. */
typedef struct vb_memory_timing {
    uint32_t flash_wait_states; /**< FLASH_ACR.LATENCY */
    bool flash_prefetch;
    bool instruction_cache; /**< L4: ART I-cache (FLASH_ACR.ICEN); F7: L1 I-cache (SCB_CCR.IC) */
    bool data_cache;        /**< L4: ART D-cache (FLASH_ACR.DCEN); F7: L1 D-cache (SCB_CCR.DC) */
} vb_memory_timing;

/** One decoded basic block. Owned by the machine's block table; filled in by vb_timing_decode(). */
typedef struct vb_block {
    uint32_t address;
    uint32_t size_bytes;
    uint32_t instructions;
    /* Private to timing/: see timing_internal.h or the definition's comments. */
    uint32_t base_cycles;
    uint32_t first_line, last_line; /**< instruction cache lines it spans, when it lies in flash */
    uint32_t data_wait_cycles; /**< added per execution for loads, from the last sampling of base registers */
    uint32_t executions_to_sample; /**< counts down to the next sampling */
    uint32_t sample_interval;
    uint16_t loads_by_base[16]; /**< data loads through each base register that is not written before them in
                                   the block */
    bool in_flash;
    bool ends_with_branch;
} vb_block;

typedef struct vb_timing vb_timing;

/** @param region_of classifies an address; borrowed @return NULL if out of memory */
vb_timing *vb_timing_new(vb_core core, vb_region (*region_of)(void *user, uint32_t address), void *user);
void vb_timing_free(vb_timing *timing);
/** Caches cold, no previous block. Block sampling states are the machine's to drop (forget all vb_blocks). */
void vb_timing_reset(vb_timing *timing);
void vb_timing_set_memory(vb_timing *timing, const vb_memory_timing *memory);

/**
 * Decodes a block's Thumb-2 code.
 * @param code `size_bytes` bytes as they are in memory at `address`
 */
void vb_timing_decode(vb_timing *timing, uint32_t address, const uint8_t *code, uint32_t size_bytes,
                      vb_block *out);

/** @return true if vb_timing_sample() wants the registers r0-r15 before this execution */
bool vb_timing_wants_sample(vb_block *block);
void vb_timing_sample(vb_timing *timing, vb_block *block, const uint32_t registers[16]);

/** Cycles of one execution of the block, taken branch into it included. Called for every block executed, in
 * order. */
uint32_t vb_timing_enter(vb_timing *timing, vb_block *block);

#endif
