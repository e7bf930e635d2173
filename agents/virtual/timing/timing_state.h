/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_TIMING_STATE_H
#define VB_TIMING_STATE_H

#include "address_tracker.h"
#include "data_cache.h"

/**
 * @file timing_state.h
 * State that the files of the cycle model share.
 */

/* The memory systems; TIMING.md has sources and reasons. */
enum {
    LINE_BYTES = 32,               /* RM0432 3.3.4: 4 x 64 bits; DDI0489 5.: 32 bytes */
    FLASH_BYTES = 2 * 1024 * 1024, /* both chips; flash aliases coincide modulo this */
    FLASH_LINES = FLASH_BYTES / LINE_BYTES,
    MAX_SETS = 256,

    M4_CACHE_SETS = 1, /* ART: 32 lines, fully associative */
    M4_CACHE_WAYS = 32,
    M4_FLASH_BYTES = 8, /* one flash read in dual-bank mode, the chip's default */
    M4_DEVICE_WAIT = 2,

    M7_CACHE_SETS = 256, /* 16 KB, 2 ways */
    M7_CACHE_WAYS = 2,
    M7_FLASH_WAIT = 6, /* line fill until the critical word, in addition to the flash's wait states */
    M7_AXI_WAIT = 7,   /* the same from AXI SRAM */
    M7_DEVICE_WAIT = 6,
    M7_PREDICTOR_ENTRIES = 256,
    M7_PREDICTOR_CONFIDENCE = 1,

    REGION_BYTES = 1 << 16, /* granularity of the table of regions */
    REGIONS = 1 << 16,
    REGION_STEP = 1 << 10, /* smallest memory: an MMU page of the emulator */
    REGION_UNKNOWN = 0,
    REGION_MIXED = 1,
    REGION_FIRST = 2, /* + vb_region + 4 * bank */
};
#define NO_ADDRESS 1u /* odd, so no instruction is there */

/** The last target of the branch that ends at `branch_end`. */
typedef struct prediction {
    uint32_t branch_end;
    uint32_t target;
    uint32_t confidence;
} prediction;

struct vb_timing {
    vb_core core;
    uint32_t next_address;     /**< just after the previous block; NO_ADDRESS if there is none */
    uint32_t carry_q4;         /**< fraction of a cycle carried to the next block */
    bool open;                 /**< M7: the previous block ended in the first half of a cycle */
    bool indirect;             /**< the previous block ended with an indirect branch */
    uint8_t mispredict_cycles; /**< if that branch was mispredicted */
    uint32_t set_mask;
    uint32_t ways;
    /** grows with every line fill and flush: while it does not change, resident lines stay so */
    uint64_t fills;
    uint64_t set_fills[MAX_SETS];
    uint64_t *line_stamps; /**< per flash line: set_fills of its set just after its own fill; 0 = never */
    vb_memory_timing memory;
    prediction predictor[M7_PREDICTOR_ENTRIES];
    vb_data_cache data_cache;
    uint8_t places[REGIONS];
    vb_memory_view view;
    vb_tracker tracker;
    csh capstone;
    cs_insn *instruction;
};

/* ---- place_table.c ---- */

/** @return REGION_FIRST + vb_region + 4 * bank; asks the machine once for each 64 KB */
uint8_t vb_place_look_up(vb_timing *timing, uint32_t address);

static inline uint8_t vb_place_at(vb_timing *timing, uint32_t address)
{
    uint8_t known = timing->places[address / REGION_BYTES];
    return known >= REGION_FIRST ? known : vb_place_look_up(timing, address);
}

static inline vb_region vb_region_of(uint8_t place)
{
    return (vb_region)((place - REGION_FIRST) & 3);
}

/* ---- instruction_cache.c ---- */

void vb_instruction_cache_flush(vb_timing *timing);
/** Looks a block's lines up and fills the missing ones. @return wait cycles in 1/16 */
uint32_t vb_instruction_cache_wait_q4(vb_timing *timing, vb_block *block, bool jump);

/* ---- data_wait.c ---- */

/** Wait cycles of the block's loads and stores in this execution.
 * @param when VB_ALONE or VB_BEHIND: how the block was entered */
uint32_t vb_data_wait(vb_timing *timing, const vb_block *block, uint32_t slots[VB_MAX_SLOTS], uint8_t when);

#endif
