/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_TIMING_H
#define VB_TIMING_H

#include <stdbool.h>
#include <stdint.h>

/**
 * @file timing.h
 * The cycle model (TIMING.md): a basic block is decoded once into a vb_block; executing it then costs a few
 * additions. Deterministic: the same sequence of blocks since vb_timing_reset() gives the same cycles. Knows
 * nothing of unicorn. Its results are modelled, not measured: they never pass for silicon's.
 *
 * The machine, for every block executed:
 *
 *     if (vb_timing_wants_sample(block)) { read r0-r15; vb_timing_sample(timing, block, registers); }
 *     cycles += vb_timing_enter(timing, block);
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

enum {
    VB_STREAMS_PER_BLOCK =
        8,                /**< distinct load base expressions followed per block; further ones count as RAM */
    VB_STREAM_HISTORY = 4 /**< addresses remembered per stream, to estimate how much memory it walks */
};

/** Loads of one block whose addresses are base + (index << shift) + constants: one walk through memory. */
typedef struct vb_stream {
    uint8_t base;          /**< 0-15: register read at block entry; 15 = the literal pool, known at decode */
    uint8_t index;         /**< 0-14, or VB_NO_REGISTER */
    uint8_t shift;         /**< left shift of the index, bits */
    uint8_t history_count; /**< valid entries of history[] */
    uint8_t word_loads[4]; /**< 32-bit loads by (constant offset mod 4): their alignment once base is known */
    uint8_t halfword_loads[2]; /**< 16-bit loads by (constant offset mod 2) */
    uint16_t loads;            /**< all loads of the stream in the block, at most 65535 */
    int32_t low, high;         /**< first byte and one past the last byte loaded, relative to base + index */
    uint32_t history[VB_STREAM_HISTORY]; /**< sampled base + index values, oldest first */
    uint32_t last_address;               /**< base + index at the first half of the current sample pair */
    uint32_t stride_bytes;               /**< distance between two executions; valid when stride_known */
    bool stride_known;
    bool revisits; /**< the last sample was in memory that the stream had been through before */
} vb_stream;

/** One decoded basic block. Owned by the machine's block table; filled in by vb_timing_decode(); plain data,
 * may be moved. Everything after `instructions` is private to timing/. */
typedef struct vb_block {
    uint32_t address;
    uint32_t size_bytes;
    uint32_t instructions;
    uint32_t base_cycles;           /**< with every access free of wait states */
    uint32_t data_wait_q8;          /**< 1/256 cycles added per execution for loads, from the last sample */
    uint32_t executions_to_sample;  /**< counts down to the next sample; 0 = never sampled */
    uint64_t fills_when_resident;   /**< cache fills at the last look-up that found every line resident */
    uint32_t first_line, last_line; /**< instruction cache lines it spans, when it lies in flash */
    uint32_t fetch_cycles_q4; /**< 1/16 cycles that executing 8 bytes of it takes: what prefetch can hide */
    uint32_t sample_gap;      /**< executions between sample pairs, doubling at first */
    uint32_t sample_random;   /**< state of the generator of later gaps */
    uint8_t refill_cycles;    /**< of a taken branch to this block, Cortex-M4 */
    uint8_t stream_count;
    bool sample_is_second; /**< the next sample is the second of a pair and tells strides */
    bool in_flash;
    bool ends_with_branch;
    vb_stream streams[VB_STREAMS_PER_BLOCK];
} vb_block;

typedef struct vb_timing vb_timing;

/**
 * @param region_of classifies an address; borrowed, called from vb_timing_decode() and vb_timing_sample()
 * @param user passed to region_of
 * @return NULL if out of memory
 */
vb_timing *vb_timing_new(vb_core core, vb_region (*region_of)(void *user, uint32_t address), void *user);
/** NULL allowed. */
void vb_timing_free(vb_timing *timing);
/** Caches and branch predictor cold, no previous block, memory timing as after reset (no wait states,
 * prefetch and caches off). Block sampling states are the machine's to drop (forget all vb_blocks). */
void vb_timing_reset(vb_timing *timing);
/** Takes effect with the next block. A cache that is switched off forgets its contents. Load costs that
 * blocks keep from samples follow at their next sample, at most 1088 executions later. */
void vb_timing_set_memory(vb_timing *timing, const vb_memory_timing *memory);
/** Empties the caches, as FLASH_ACR.ICRST/DCRST or the SCB's invalidate-all operations do. */
void vb_timing_flush_caches(vb_timing *timing);

/**
 * Puts the model into the one state that every measurement starts from: caches and predictor cold, no
 * fraction of a cycle carried, no previous block; the memory timing stays. What ran before, and how often it
 * had to poll, then leaves no trace. Every block's sampling has to be settled with it.
 */
void vb_timing_settle(vb_timing *timing);
/** The block's part of vb_timing_settle(): it is sampled anew from its next execution on. */
void vb_timing_settle_block(vb_block *block);

/**
 * Decodes a block's Thumb-2 code. Undecodable code is counted by the length rule of ARMv7-M (DDI0403E A5.1)
 * and costs one cycle an instruction.
 * @param code `size_bytes` bytes as they are in memory at `address`
 * @param out  filled in completely
 */
void vb_timing_decode(vb_timing *timing, uint32_t address, const uint8_t *code, uint32_t size_bytes,
                      vb_block *out);

/** To be asked exactly once before every execution: it counts them.
 * @return true if vb_timing_sample() wants the registers r0-r15 before this execution */
static inline bool vb_timing_wants_sample(vb_block *block)
{
    return block->executions_to_sample != 0 && --block->executions_to_sample == 0;
}

/** @param registers r0-r15 at the block's entry */
void vb_timing_sample(vb_timing *timing, vb_block *block, const uint32_t registers[16]);

/** Cycles of one execution of the block, taken branch into it included. Called for every block executed, in
 * order. */
uint32_t vb_timing_enter(vb_timing *timing, vb_block *block);

#endif
