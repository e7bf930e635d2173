/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_TIMING_H
#define VB_TIMING_H

#include <stdbool.h>
#include <stdint.h>

/**
 * @file timing.h
 * The cycle model (TIMING.md): a basic block is decoded once into a vb_block; executing it then costs a few
 * additions. Deterministic: the same sequence of blocks since vb_timing_reset() gives the same cycles.
 * Independent of Unicorn. Its results are modelled, not measured.
 *
 * The machine, for every block executed:
 *
 *     read the registers block->inputs[] into slots[0..block->input_count)
 *     cycles += vb_timing_enter(timing, block, slots);
 */

typedef enum vb_core { VB_CORE_M4, VB_CORE_M7 } vb_core;

/** Kinds of memory that differ in timing. */
typedef enum vb_region {
    VB_REGION_FLASH,
    VB_REGION_RAM,   /**< zero wait states (SRAM on M4, DTCM/ITCM on M7) */
    VB_REGION_AXI,   /**< M7: SRAM behind the AXI bus and the data cache */
    VB_REGION_DEVICE /**< peripherals, PPB */
} vb_region;

enum { VB_MAX_BANKS = 60 };

/** What is at an address. */
typedef struct vb_place {
    vb_region region;
    uint8_t bank; /**< distinguishes memories with separate ports; below VB_MAX_BANKS */
} vb_place;

/** Settings of the chip's memory system, which the machine derives from its registers. */
typedef struct vb_memory_timing {
    uint32_t flash_wait_states; /**< FLASH_ACR.LATENCY */
    bool flash_prefetch;
    bool instruction_cache; /**< L4: ART I-cache (FLASH_ACR.ICEN); F7: L1 I-cache (SCB_CCR.IC) */
    bool data_cache;        /**< L4: ART D-cache (FLASH_ACR.DCEN); F7: L1 D-cache (SCB_CCR.DC) */
} vb_memory_timing;

enum {
    VB_MAX_STREAMS = 64, /**< distinct base expressions followed per block; further ones count as RAM */
    VB_MAX_VALUES = 48,  /**< values that a block loads or extracts to compute addresses */
    VB_FIRST_VALUE = 16, /**< slot number of the first value; below are registers */
    VB_MAX_TERMS = 4,    /**< registers and values in the sum that is an address */
    VB_MAX_SLOTS = VB_FIRST_VALUE + VB_MAX_VALUES
};

/** Accesses of one block at sum of slot[i] * factor[i], plus their offsets. */
typedef struct vb_stream {
    uint8_t terms;         /**< of slot and factor */
    uint8_t values_before; /**< values to evaluate before it */
    bool plain;            /**< the address is slot[0] alone */
    uint8_t slot[VB_MAX_TERMS];
    uint8_t unaligned[4]; /**< extra cycles of unaligned accesses, by the position of offset 0 in a word */
    uint16_t loads;       /**< all words loaded, at most 65535 */
    uint32_t factor[VB_MAX_TERMS];
    int32_t low; /**< offset of the first access, which determines the region */
} vb_stream;

/** One transfer or several adjacent ones. */
typedef struct vb_transfer {
    int32_t offset; /**< of the first byte from the stream's address */
    uint8_t stream;
    uint8_t bytes;
    bool store;
} vb_transfer;

enum { VB_STACK = 0xFF }; /**< as a stream: the Cortex-M4's stack, which needs no stream */

/** How a block is entered: at the start of a cycle, or behind a branch in the first half of one. */
enum { VB_ALONE = 1, VB_BEHIND = 2 };

/** Two loads, or a load and a store, that share a cycle if their addresses allow it. */
typedef struct vb_access_pair {
    uint8_t first, second; /**< streams */
    uint8_t when;          /**< VB_ALONE, VB_BEHIND: in which of the block's two schedules */
    int32_t first_offset, second_offset;
} vb_access_pair;

/** A value from which a block computes addresses: a byte, halfword or word that it loads, or bits
 * of a slot. */
typedef struct vb_value {
    bool loaded;
    bool is_signed;
    uint8_t from;  /**< stream it is loaded from, or slot whose bits it is */
    uint8_t bits;  /**< 8, 16 or 32 of them if loaded, else 1 to 32 */
    uint8_t first; /**< lowest of the bits */
    int32_t offset;
} vb_value;

/** One decoded basic block, filled in by vb_timing_decode(), to be passed to vb_timing_release() once; may be
 * moved. Everything after `inputs` is private to timing/. */
typedef struct vb_block {
    uint32_t address;
    uint32_t size_bytes;
    uint32_t instructions;
    uint32_t base_cycles; /**< with every access free of wait states, entered at the start of a cycle */
    uint8_t input_count;
    uint8_t inputs[16]; /**< registers (0-14) whose values at entry vb_timing_enter() needs */

    uint8_t refill_cycles[2]; /**< of a taken branch to this block, Cortex-M4: direct, indirect */
    uint8_t base_half_cycles, base_half_cycles_behind;
    bool open, open_behind; /**< Cortex-M7: ends with a branch in the first half of a cycle */
    uint8_t mispredict_cycles;
    bool ends_indirect;
    bool in_flash;
    bool ends_with_branch;
    uint8_t stream_count, value_count, pair_count;
    uint16_t access_count;
    uint16_t unfollowed;            /**< accesses whose address cannot be followed: they count as RAM */
    uint32_t first_line, last_line; /**< instruction cache lines it spans, when it lies in flash */
    uint32_t fetch_cycles_q4;       /**< 1/16 cycles for executing 8 bytes of it: what prefetch can hide */
    uint32_t base_cycles_behind;    /**< Cortex-M7: entered behind a branch in the first half of a cycle */
    uint64_t fills_when_resident;   /**< cache fills at the last look-up that found every line resident */
    vb_transfer *accesses;          /**< in program order, owned */
    vb_stream *streams;             /**< owned */
    vb_value *values;               /**< owned */
    vb_access_pair *pairs;          /**< owned */
} vb_block;

typedef struct vb_timing vb_timing;

/** The model's view of the machine's memory. */
typedef struct vb_memory_view {
    void *user;
    vb_place (*place_of)(void *user, uint32_t address);
    /** Reads 1, 2 or 4 bytes without side effects. @return false if there is no memory */
    bool (*read)(void *user, uint32_t address, uint32_t bytes, uint32_t *value);
} vb_memory_view;

/** @param view copied; its user is borrowed
 * @return NULL if out of memory */
vb_timing *vb_timing_new(vb_core core, const vb_memory_view *view);
/** NULL allowed. */
void vb_timing_free(vb_timing *timing);
/** Caches and branch predictor cold, no previous block, memory timing as after reset (no wait states,
 * prefetch and caches off). */
void vb_timing_reset(vb_timing *timing);
/** Takes effect with the next block. A cache that is switched off loses its contents. */
void vb_timing_set_memory(vb_timing *timing, const vb_memory_timing *memory);
/** Empties the caches, as FLASH_ACR.ICRST/DCRST or the SCB's invalidate-all operations do. */
void vb_timing_flush_caches(vb_timing *timing);

/**
 * Puts the model into the state from which every measurement starts: caches and predictor cold, no fraction
 * of a cycle carried, no previous block; the memory timing stays. Code that ran before, polling loops
 * included, then has no effect.
 */
void vb_timing_start_measurement(vb_timing *timing);

/**
 * Decodes a block's Thumb-2 code. Undecodable code is counted by the length rule of ARMv7-M (DDI0403E A5.1)
 * and costs one cycle an instruction.
 * @param code the `size_bytes` bytes at `address`
 * @param out filled in completely, even on failure
 * @return false if out of memory
 */
bool vb_timing_decode(vb_timing *timing, uint32_t address, const uint8_t *code, uint32_t size_bytes,
                      vb_block *out);
/** Frees what the block owns. */
void vb_timing_release(vb_block *block);

/** Cycles of one execution of the block, including a taken branch to it. Call it for every block executed, in
 * order.
 * @param slots the values of block->inputs[] at the block's entry; overwritten */
uint32_t vb_timing_enter(vb_timing *timing, vb_block *block, uint32_t slots[VB_MAX_SLOTS]);

#endif
