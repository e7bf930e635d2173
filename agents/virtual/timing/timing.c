/* SPDX-License-Identifier: Apache-2.0 */
#include "timing/timing.h"

#include <stdlib.h>
#include <string.h>

#include "timing/accesses.h"
#include "timing/cost.h"
#include "timing/data_cache.h"

/* The memory systems; sources and reasons in TIMING.md. */
enum {
    LINE_BYTES = 32,               /* RM0432 3.3.4: 4 x 64 bits; DDI0489 5.: 32 bytes */
    FLASH_BYTES = 2 * 1024 * 1024, /* both chips; aliases of flash fall together modulo this */
    FLASH_LINES = FLASH_BYTES / LINE_BYTES,
    MAX_SETS = 256,

    M4_CACHE_SETS = 1, /* ART: 32 lines, any of which takes any address */
    M4_CACHE_WAYS = 32,
    M4_FLASH_BYTES = 8,        /* one flash read in dual-bank mode, the chip's default */
    M4_DATA_MISS_OVERHEAD = 2, /* on top of the wait states, when there are any: calibrated */
    M4_DEVICE_WAIT = 2,

    M7_CACHE_SETS = 256, /* 16 KB, 2 ways */
    M7_CACHE_WAYS = 2,
    M7_AXI_WAIT = 6, /* line fill until the critical word, beyond the flash's own wait states */
    M7_DEVICE_WAIT = 6,
    M7_MISPREDICT_CYCLES = 7,
    M7_PREDICTOR_ENTRIES = 256,
    M7_PREDICTOR_CONFIDENCE = 1,

    REGION_BYTES = 1 << 16, /* what the table of regions tells apart at once */
    REGIONS = 1 << 16,
    REGION_STEP = 1 << 10, /* smallest memory: an MMU page of the emulator */
    REGION_UNKNOWN = 0,
    REGION_MIXED = 1,
    REGION_FIRST = 2, /* + vb_region */
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
    uint32_t carry_q4;     /**< fractions of a cycle not yet handed out */
    uint32_t set_mask;
    uint32_t ways;
    uint64_t fills; /**< grows with every line fill and flush: unchanged = what was resident still is */
    uint64_t set_fills[MAX_SETS];
    uint64_t *line_stamps; /**< per flash line: set_fills of its set just after its own fill; 0 = never */
    vb_memory_timing memory;
    prediction predictor[M7_PREDICTOR_ENTRIES];
    vb_data_cache data_cache;
    uint8_t regions[REGIONS];
    vb_memory_view view;
    vb_tracker tracker;
    csh capstone;
    cs_insn *instruction;
};

static void flush_instruction_cache(vb_timing *timing)
{
    for (uint32_t set = 0; set <= timing->set_mask; set++)
        timing->set_fills[set] += timing->ways;
    timing->fills++;
}

void vb_timing_flush_caches(vb_timing *timing)
{
    flush_instruction_cache(timing);
    vb_data_cache_clear(&timing->data_cache);
}

void vb_timing_settle(vb_timing *timing)
{
    vb_timing_flush_caches(timing);
    timing->next_address = NO_ADDRESS;
    timing->carry_q4 = 0;
    memset(timing->predictor, 0, sizeof timing->predictor);
}

void vb_timing_reset(vb_timing *timing)
{
    vb_timing_settle(timing);
    timing->memory = (vb_memory_timing){0};
}

vb_timing *vb_timing_new(vb_core core, const vb_memory_view *view)
{
    vb_timing *timing = calloc(1, sizeof *timing);
    if (!timing)
        return NULL;
    timing->core = core;
    timing->view = *view;
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
        flush_instruction_cache(timing);
    if (timing->memory.data_cache && !memory->data_cache)
        vb_data_cache_clear(&timing->data_cache);
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

/** Classifies an address; looks memory up once for each 64 KB. */
static vb_region region_of(vb_timing *timing, uint32_t address)
{
    uint8_t *known = &timing->regions[address / REGION_BYTES];
    if (*known >= REGION_FIRST)
        return (vb_region)(*known - REGION_FIRST);
    const vb_memory_view *view = &timing->view;
    vb_region region = view->region_of(view->user, address);
    if (*known == REGION_UNKNOWN) {
        uint32_t from = address & ~(uint32_t)(REGION_BYTES - 1);
        *known = (uint8_t)(REGION_FIRST + region);
        for (uint32_t at = 0; at < REGION_BYTES; at += REGION_STEP)
            if (view->region_of(view->user, from + at) != region)
                *known = REGION_MIXED;
    }
    return region;
}

static void begin_block(vb_timing *timing, uint32_t address, uint32_t size_bytes, vb_block *out)
{
    memset(out, 0, sizeof *out);
    out->address = address;
    out->size_bytes = size_bytes;
    out->in_flash = region_of(timing, address) == VB_REGION_FLASH;
    out->first_line = address / LINE_BYTES % FLASH_LINES;
    out->last_line =
        out->first_line + (address % LINE_BYTES + (size_bytes ? size_bytes - 1 : 0)) / LINE_BYTES;
    out->refill_cycles = (uint8_t)vb_cost_m4_refill(address, 2);
    out->fills_when_resident = UINT64_MAX;
}

bool vb_timing_decode(vb_timing *timing, uint32_t address, const uint8_t *code, uint32_t size_bytes,
                      vb_block *out)
{
    vb_cost cost;
    begin_block(timing, address, size_bytes, out);
    vb_cost_begin(&cost);
    vb_tracker_begin(&timing->tracker, timing->core, &timing->view);
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
        vb_tracker_step(&timing->tracker, &next, address + offset);
        out->ends_with_branch = next.class == VB_CLASS_BRANCH || next.class == VB_CLASS_TABLE_BRANCH ||
                                (next.writes >> VB_REGISTER_PC & 1);
        out->instructions++;
        offset += next.width_bytes;
    }
    out->base_cycles = cost.cycles;
    out->fetch_cycles_q4 = size_bytes ? cost.cycles * 16 * M4_FLASH_BYTES / size_bytes : 0;
    return vb_tracker_end(&timing->tracker, out);
}

void vb_timing_release(vb_block *block)
{
    free(block->accesses);
    free(block->streams);
    free(block->values);
    block->accesses = NULL;
    block->streams = NULL;
    block->values = NULL;
    block->access_count = block->stream_count = block->value_count = 0;
}

/** Cycles that one load or store of a stream in cached memory waits. */
static uint32_t transfer_wait(vb_timing *timing, const vb_transfer *access, uint32_t address,
                              vb_region region)
{
    const uint32_t wait_states = timing->memory.flash_wait_states;
    if (region == VB_REGION_FLASH)
        address %= FLASH_BYTES; /* aliases share lines */
    if (timing->core == VB_CORE_M4) {
        uint32_t misses = vb_art_load(&timing->data_cache, address, access->bytes, timing->memory.data_cache);
        return wait_states == 0 ? 0 : misses * (wait_states + M4_DATA_MISS_OVERHEAD);
    }
    uint32_t wait = region == VB_REGION_FLASH ? wait_states + M7_AXI_WAIT : M7_AXI_WAIT;
    if (timing->memory.data_cache)
        return vb_l1_access(&timing->data_cache, address, access->bytes) * wait;
    return access->store ? 0 : (access->bytes + 3U) / 4U * wait;
}

static uint32_t bits_of(const vb_value *value, uint32_t word)
{
    word = word << (32 - value->first - value->bits);
    return value->is_signed ? (uint32_t)((int32_t)word >> (32 - value->bits)) : word >> (32 - value->bits);
}

static uint32_t work_out(vb_timing *timing, const vb_value *value, const uint32_t *slots,
                         const uint32_t *addresses)
{
    const vb_memory_view *view = &timing->view;
    if (!value->loaded)
        return bits_of(value, slots[value->from]);
    uint32_t word = 0;
    if (!view->read(view->user, addresses[value->from] + (uint32_t)value->offset, value->bits / 8, &word))
        return 0;
    return bits_of(value, word);
}

/** Where each stream of the block begins this time. */
static void stream_addresses(vb_timing *timing, const vb_block *block, uint32_t slots[VB_MAX_SLOTS],
                             uint32_t addresses[VB_MAX_STREAMS])
{
    uint32_t values = 0;
    for (uint32_t i = 0; i < block->stream_count; i++) {
        const vb_stream *stream = &block->streams[i];
        for (; values < stream->values_before; values++)
            slots[VB_FIRST_VALUE + values] = work_out(timing, &block->values[values], slots, addresses);
        addresses[i] = 0;
        for (uint32_t t = 0; t < stream->terms; t++)
            addresses[i] += slots[stream->slot[t]] * stream->factor[t];
    }
}

/** Cycles that the block's loads and stores wait in this execution. */
static uint32_t data_wait(vb_timing *timing, const vb_block *block, uint32_t slots[VB_MAX_SLOTS])
{
    uint32_t addresses[VB_MAX_STREAMS], wait = 0;
    uint8_t regions[VB_MAX_STREAMS];
    bool cached = false;
    stream_addresses(timing, block, slots, addresses);
    for (uint32_t i = 0; i < block->stream_count; i++) {
        const vb_stream *stream = &block->streams[i];
        vb_region region = region_of(timing, addresses[i] + (uint32_t)stream->low);
        regions[i] = (uint8_t)region;
        if (region == VB_REGION_DEVICE)
            wait += stream->loads * (timing->core == VB_CORE_M4 ? M4_DEVICE_WAIT : M7_DEVICE_WAIT);
        else
            wait += stream->unaligned[addresses[i] & 3];
        cached |= region == VB_REGION_FLASH || region == VB_REGION_AXI;
    }
    for (uint32_t i = 0; cached && i < block->access_count; i++) {
        const vb_transfer *access = &block->accesses[i];
        vb_region region = (vb_region)regions[access->stream];
        if (region == VB_REGION_FLASH || region == VB_REGION_AXI)
            wait +=
                transfer_wait(timing, access, addresses[access->stream] + (uint32_t)access->offset, region);
    }
    return wait;
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

/** Looks a block's lines up, fills the missing ones. @return wait cycles in 1/16 */
static uint32_t fetch_wait_q4(vb_timing *timing, vb_block *block, bool jump)
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
    return wait_q4;
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

uint32_t vb_timing_enter(vb_timing *timing, vb_block *block, uint32_t slots[VB_MAX_SLOTS])
{
    uint32_t cycles = block->base_cycles;
    bool jump = block->address != timing->next_address;
    if (timing->next_address != NO_ADDRESS) {
        if (timing->core == VB_CORE_M4)
            cycles += jump ? block->refill_cycles : 0;
        else if (!predicted(timing, timing->next_address, block->address))
            cycles += M7_MISPREDICT_CYCLES;
    }
    if (block->fills_when_resident != timing->fills) {
        uint32_t wait_q4 = timing->carry_q4 + fetch_wait_q4(timing, block, jump);
        timing->carry_q4 = wait_q4 & 15;
        cycles += wait_q4 / 16;
    }
    if (block->stream_count != 0)
        cycles += data_wait(timing, block, slots);
    timing->next_address = block->address + block->size_bytes;
    return cycles;
}
