/* SPDX-License-Identifier: Apache-2.0 */
#include "timing/timing.h"

#include <stdlib.h>
#include <string.h>

#include "timing/cost.h"
#include "timing/streams.h"

/* The memory systems; sources and reasons in TIMING.md. */
enum {
    LINE_BYTES = 32,               /* RM0432 3.3.4: 4 x 64 bits; DDI0489 5.: 32 bytes */
    FLASH_BYTES = 2 * 1024 * 1024, /* both chips; aliases of flash fall together modulo this */
    FLASH_LINES = FLASH_BYTES / LINE_BYTES,
    MAX_SETS = 256,

    M4_CACHE_SETS = 1, /* ART: 32 lines, any of which takes any address */
    M4_CACHE_WAYS = 32,
    M4_FLASH_BYTES = 8, /* one flash read in dual-bank mode, the chip's default */
    M4_DATA_CAPACITY_BYTES = 256,
    M4_DATA_MISS_OVERHEAD = 2, /* on top of the wait states, when there are any: calibrated */
    M4_DEVICE_WAIT = 2,

    M7_CACHE_SETS = 256, /* 16 KB, 2 ways */
    M7_CACHE_WAYS = 2,
    M7_DATA_CAPACITY_BYTES = 16 * 1024,
    M7_AXI_WAIT = 6, /* line fill until the critical word, beyond the flash's own wait states */
    M7_DEVICE_WAIT = 6,
    M7_MISPREDICT_CYCLES = 7,
    M7_PREDICTOR_ENTRIES = 256,
    M7_PREDICTOR_CONFIDENCE = 1,

    FIRST_RANDOM_GAP = 64, /* gaps double up to here, then are drawn from 64 to 1087 */
    RANDOM_GAP_RANGE = 1024,
};
static const uint32_t NO_ADDRESS = 1; /* odd, so no instruction is there */

/** Where the branch that ends at `branch_end` went last. */
typedef struct prediction {
    uint32_t branch_end;
    uint32_t target;
    uint32_t confidence;
} prediction;

struct vb_timing {
    vb_core core;
    uint32_t next_address; /**< behind the previous block, NO_ADDRESS if there is none */
    uint32_t carry_q8;     /**< fractions of a cycle not yet handed out */
    uint32_t set_mask;
    uint32_t ways;
    uint64_t fills; /**< grows with every line fill and flush: unchanged = what was resident still is */
    uint64_t set_fills[MAX_SETS];
    uint64_t *line_stamps; /**< per flash line: set_fills of its set just after its own fill; 0 = never */
    vb_memory_timing memory;
    prediction predictor[M7_PREDICTOR_ENTRIES];
    vb_region (*region_of)(void *user, uint32_t address);
    void *user;
    csh capstone;
    cs_insn *instruction;
};

void vb_timing_flush_caches(vb_timing *timing)
{
    for (uint32_t set = 0; set <= timing->set_mask; set++)
        timing->set_fills[set] += timing->ways;
    timing->fills++;
}

void vb_timing_settle(vb_timing *timing)
{
    vb_timing_flush_caches(timing);
    timing->next_address = NO_ADDRESS;
    timing->carry_q8 = 0;
    memset(timing->predictor, 0, sizeof timing->predictor);
}

void vb_timing_reset(vb_timing *timing)
{
    vb_timing_settle(timing);
    timing->memory = (vb_memory_timing){0};
}

void vb_timing_settle_block(vb_block *block)
{
    block->data_wait_q8 = 0;
    block->fills_when_resident = UINT64_MAX;
    block->executions_to_sample = block->stream_count ? 1 : 0;
    block->sample_gap = 2;
    block->sample_random = 0;
    block->sample_is_second = false;
    for (unsigned i = 0; i < block->stream_count; i++) {
        vb_stream *stream = &block->streams[i];
        stream->history_count = 0;
        stream->stride_known = false;
        stream->revisits = false;
    }
}

vb_timing *vb_timing_new(vb_core core, vb_region (*region_of)(void *user, uint32_t address), void *user)
{
    vb_timing *timing = calloc(1, sizeof *timing);
    if (!timing)
        return NULL;
    timing->core = core;
    timing->region_of = region_of;
    timing->user = user;
    timing->ways = core == VB_CORE_M4 ? M4_CACHE_WAYS : M7_CACHE_WAYS;
    timing->set_mask = (core == VB_CORE_M4 ? M4_CACHE_SETS : M7_CACHE_SETS) - 1;
    timing->line_stamps = calloc(FLASH_LINES, sizeof *timing->line_stamps);
    if (!timing->line_stamps ||
        cs_open(CS_ARCH_ARM, CS_MODE_THUMB | CS_MODE_MCLASS, &timing->capstone) != CS_ERR_OK) {
        vb_timing_free(timing);
        return NULL;
    }
    cs_option(timing->capstone, CS_OPT_DETAIL, CS_OPT_ON);
    timing->instruction = cs_malloc(timing->capstone);
    if (!timing->instruction) {
        vb_timing_free(timing);
        return NULL;
    }
    vb_timing_reset(timing);
    return timing;
}

void vb_timing_free(vb_timing *timing)
{
    if (!timing)
        return;
    if (timing->instruction)
        cs_free(timing->instruction, 1);
    if (timing->capstone)
        cs_close(&timing->capstone);
    free(timing->line_stamps);
    free(timing);
}

void vb_timing_set_memory(vb_timing *timing, const vb_memory_timing *memory)
{
    if (timing->memory.instruction_cache && !memory->instruction_cache)
        vb_timing_flush_caches(timing);
    timing->memory = *memory;
}

/** capstone keeps the rest of an IT block from one call to the next; four instructions use it up. */
static void forget_it_block(vb_timing *timing)
{
    static const uint8_t NOPS[] = {0x00, 0xBF, 0x00, 0xBF, 0x00, 0xBF, 0x00, 0xBF};
    const uint8_t *code = NOPS;
    size_t left = sizeof NOPS;
    uint64_t address = 0;
    while (cs_disasm_iter(timing->capstone, &code, &left, &address, timing->instruction)) {
    }
}

static void decode_instruction(vb_timing *timing, uint64_t address, const uint8_t *code, uint32_t available,
                               vb_instruction *out)
{
    uint32_t width = available < 2 ? available : vb_instruction_width(code);
    if (width > available)
        width = available; /* cut off by the block's end */
    size_t left = width;
    const uint8_t *cursor = code;
    if (cs_disasm_iter(timing->capstone, &cursor, &left, &address, timing->instruction) && left == 0)
        vb_instruction_classify(timing->instruction, width, out);
    else
        vb_instruction_unknown(width, out);
}

void vb_timing_decode(vb_timing *timing, uint32_t address, const uint8_t *code, uint32_t size_bytes,
                      vb_block *out)
{
    memset(out, 0, sizeof *out);
    out->address = address;
    out->size_bytes = size_bytes;
    out->in_flash = timing->region_of(timing->user, address) == VB_REGION_FLASH;
    out->first_line = address / LINE_BYTES % FLASH_LINES;
    out->last_line =
        out->first_line + (address % LINE_BYTES + (size_bytes ? size_bytes - 1 : 0)) / LINE_BYTES;
    out->refill_cycles = (uint8_t)vb_cost_m4_refill(address, 2);

    vb_cost cost;
    vb_tracker tracker;
    vb_cost_begin(&cost);
    vb_tracker_begin(&tracker);
    forget_it_block(timing);
    for (uint32_t offset = 0; offset < size_bytes;) {
        vb_instruction next;
        decode_instruction(timing, (uint64_t)address + offset, code + offset, size_bytes - offset, &next);
        if (offset == 0)
            out->refill_cycles = (uint8_t)vb_cost_m4_refill(address, next.width_bytes);
        if (timing->core == VB_CORE_M4)
            vb_cost_m4_step(&cost, &next);
        else
            vb_cost_m7_step(&cost, &next);
        vb_tracker_step(&tracker, &next, out);
        out->ends_with_branch = next.class == VB_CLASS_BRANCH || next.class == VB_CLASS_TABLE_BRANCH ||
                                (next.writes >> VB_REGISTER_PC & 1);
        out->instructions++;
        offset += next.width_bytes;
    }
    out->base_cycles = cost.cycles;
    out->fetch_cycles_q4 = size_bytes ? cost.cycles * 16 * M4_FLASH_BYTES / size_bytes : 0;
    vb_timing_settle_block(out);
}

static vb_load_costs load_costs(const vb_timing *timing)
{
    bool m4 = timing->core == VB_CORE_M4;
    uint32_t wait_states = timing->memory.flash_wait_states;
    uint32_t m4_miss = wait_states == 0 ? 0 : wait_states + M4_DATA_MISS_OVERHEAD;
    return (vb_load_costs){
        .unit_bytes = m4 ? M4_FLASH_BYTES : LINE_BYTES,
        .capacity_bytes = m4 ? M4_DATA_CAPACITY_BYTES : M7_DATA_CAPACITY_BYTES,
        .flash_wait = m4 ? m4_miss : wait_states + M7_AXI_WAIT,
        .axi_wait = m4 ? 0 : M7_AXI_WAIT,
        .device_wait = m4 ? M4_DEVICE_WAIT : M7_DEVICE_WAIT,
        /* M4, DDI0439 3.3.2: byte-aligned words take three transfers, halfword-aligned ones two. M7: only
         * words across two 64-bit units take a second one, half of the misaligned ones. */
        .unaligned_q8 = {0, m4 ? 512 : 128, m4 ? 256 : 128, m4 ? 512 : 128},
        .unaligned_half_q8 = m4 ? 256 : 64,
        .cached = timing->memory.data_cache,
    };
}

/** Executions until the next pair of samples: doubling at first, then irregular, so that walks of any
 * period are met in all their phases. */
static uint32_t next_gap(vb_block *block)
{
    uint32_t gap = block->sample_gap;
    if (gap < FIRST_RANDOM_GAP) {
        block->sample_gap = gap * 2;
        return gap;
    }
    block->sample_random = block->sample_random * 1664525U + 1013904223U;
    return FIRST_RANDOM_GAP + (block->sample_random >> 16) % RANDOM_GAP_RANGE;
}

void vb_timing_sample(vb_timing *timing, vb_block *block, const uint32_t registers[16])
{
    vb_load_costs costs = load_costs(timing);
    bool second = block->sample_is_second;
    block->data_wait_q8 =
        vb_streams_sample(block, registers, second, &costs, timing->region_of, timing->user);
    if (second) {
        block->executions_to_sample = next_gap(block);
    } else {
        block->executions_to_sample = 1;
    }
    block->sample_is_second = !second;
}

static bool line_resident(const vb_timing *timing, uint32_t line)
{
    uint64_t stamp = timing->line_stamps[line];
    return stamp != 0 && timing->set_fills[line & timing->set_mask] - stamp < timing->ways;
}

/** Wait cycles, in 1/16, for fetching those bytes of a block that lie in one missing line. */
static uint32_t line_wait_q4(const vb_timing *timing, const vb_block *block, uint32_t from, uint32_t to,
                             bool jump)
{
    uint32_t wait_states = timing->memory.flash_wait_states;
    if (timing->core == VB_CORE_M7)
        return (wait_states + M7_AXI_WAIT) * 16;
    /* A flash read takes wait_states + 1 cycles and gives 8 bytes; with prefetch the next one runs while they
     * execute. */
    uint32_t sequential = wait_states * 16;
    if (timing->memory.flash_prefetch) {
        uint32_t read = (wait_states + 1) * 16;
        sequential = read > block->fetch_cycles_q4 ? read - block->fetch_cycles_q4 : 0;
        if (sequential > wait_states * 16)
            sequential = wait_states * 16;
    }
    uint32_t reads = (to - 1) / M4_FLASH_BYTES - from / M4_FLASH_BYTES + 1;
    return jump ? wait_states * 16 + (reads - 1) * sequential : reads * sequential;
}

/** Looks a block's lines up, fills the missing ones. @return wait cycles in 1/256 */
static uint32_t fetch_wait_q8(vb_timing *timing, vb_block *block, bool jump)
{
    if (!block->in_flash || block->size_bytes == 0) {
        block->fills_when_resident = timing->fills;
        return 0;
    }
    bool cached = timing->memory.instruction_cache;
    bool all_resident = cached;
    uint32_t wait_q4 = 0;
    uint32_t start = block->address % LINE_BYTES;
    uint32_t end = start + block->size_bytes;
    for (uint32_t line = block->first_line; line <= block->last_line; line++) {
        uint32_t index = line % FLASH_LINES;
        if (cached && line_resident(timing, index))
            continue;
        all_resident = false;
        uint32_t line_start = (line - block->first_line) * LINE_BYTES;
        uint32_t from = line_start > start ? line_start : start;
        uint32_t to = line_start + LINE_BYTES < end ? line_start + LINE_BYTES : end;
        wait_q4 += line_wait_q4(timing, block, from, to, jump && line == block->first_line);
        if (cached) {
            timing->line_stamps[index] = ++timing->set_fills[index & timing->set_mask];
            timing->fills++;
        }
    }
    if (all_resident)
        block->fills_when_resident = timing->fills;
    return wait_q4 * 16;
}

/** @return true if the branch that ended the previous block was predicted to come here; learns from it. */
static bool predicted(vb_timing *timing, uint32_t branch_end, uint32_t target)
{
    prediction *entry = &timing->predictor[branch_end / 2 % M7_PREDICTOR_ENTRIES];
    bool known = entry->branch_end == branch_end;
    bool hit = (known ? entry->target : branch_end) == target;
    if (known && hit) {
        entry->confidence = M7_PREDICTOR_CONFIDENCE;
    } else if (known && entry->confidence > 0) {
        entry->confidence--;
    } else if (!hit) {
        *entry =
            (prediction){.branch_end = branch_end, .target = target, .confidence = M7_PREDICTOR_CONFIDENCE};
    }
    return hit;
}

uint32_t vb_timing_enter(vb_timing *timing, vb_block *block)
{
    uint32_t cycles = block->base_cycles;
    uint32_t wait_q8 = timing->carry_q8 + block->data_wait_q8;
    bool jump = block->address != timing->next_address;
    if (timing->next_address != NO_ADDRESS) {
        if (timing->core == VB_CORE_M4)
            cycles += jump ? block->refill_cycles : 0;
        else if (!predicted(timing, timing->next_address, block->address))
            cycles += M7_MISPREDICT_CYCLES;
    }
    if (block->fills_when_resident != timing->fills)
        wait_q8 += fetch_wait_q8(timing, block, jump);
    timing->next_address = block->address + block->size_bytes;
    timing->carry_q8 = wait_q8 & 0xFF;
    return cycles + (wait_q8 >> 8);
}
