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
    M4_FLASH_BYTES = 8, /* one flash read in dual-bank mode, the chip's default */
    M4_DEVICE_WAIT = 2,

    M7_CACHE_SETS = 256, /* 16 KB, 2 ways */
    M7_CACHE_WAYS = 2,
    M7_FLASH_WAIT = 6, /* line fill until the critical word, beyond the flash's own wait states */
    M7_AXI_WAIT = 7,   /* the same from AXI SRAM */
    M7_DEVICE_WAIT = 6,
    M7_PREDICTOR_ENTRIES = 256,
    M7_PREDICTOR_CONFIDENCE = 1,

    REGION_BYTES = 1 << 16, /* what the table of regions tells apart at once */
    REGIONS = 1 << 16,
    REGION_STEP = 1 << 10, /* smallest memory: an MMU page of the emulator */
    REGION_UNKNOWN = 0,
    REGION_MIXED = 1,
    REGION_FIRST = 2, /* + vb_region + 4 * bank */
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
    uint32_t next_address;     /**< behind the previous block, NO_ADDRESS if there is none */
    uint32_t carry_q4;         /**< fractions of a cycle not yet handed out */
    bool open;                 /**< M7: the previous block ended in the first half of a cycle */
    bool indirect;             /**< and with a branch to where a register or memory said */
    uint8_t mispredict_cycles; /**< if that branch was predicted wrongly */
    uint32_t set_mask;
    uint32_t ways;
    uint64_t fills; /**< grows with every line fill and flush: unchanged = what was resident still is */
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
    timing->open = false;
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

/** What is at an address, as kept in the table; looks memory up once for each 64 KB. */
static uint8_t place_at(vb_timing *timing, uint32_t address)
{
    uint8_t *known = &timing->places[address / REGION_BYTES];
    if (*known >= REGION_FIRST)
        return *known;
    const vb_memory_view *view = &timing->view;
    vb_place place = view->place_of(view->user, address);
    if (*known == REGION_UNKNOWN) {
        uint32_t from = address & ~(uint32_t)(REGION_BYTES - 1);
        bool mixed = false;
        for (uint32_t at = 0; at < REGION_BYTES; at += REGION_STEP) {
            vb_place other = view->place_of(view->user, from + at);
            mixed |= other.region != place.region || other.bank != place.bank;
        }
        *known = mixed ? REGION_MIXED : (uint8_t)(REGION_FIRST + place.region + 4U * place.bank);
    }
    return (uint8_t)(REGION_FIRST + place.region + 4U * place.bank);
}

static vb_region region_of(uint8_t place)
{
    return (vb_region)((place - REGION_FIRST) & 3);
}

static void begin_block(vb_timing *timing, uint32_t address, uint32_t size_bytes, vb_block *out)
{
    memset(out, 0, sizeof *out);
    out->address = address;
    out->size_bytes = size_bytes;
    out->in_flash = region_of(place_at(timing, address)) == VB_REGION_FLASH;
    out->first_line = address / LINE_BYTES % FLASH_LINES;
    out->last_line =
        out->first_line + (address % LINE_BYTES + (size_bytes ? size_bytes - 1 : 0)) / LINE_BYTES;
    out->fills_when_resident = UINT64_MAX;
}

/** What is known of the banks of two loads before they are executed. */
static vb_banks banks_of(const vb_tracker *tracker, int stream, int32_t offset)
{
    if (stream < 0 || tracker->last_stream < 0)
        return VB_BANKS_UNKNOWN;
    if (stream != tracker->last_stream)
        return VB_BANKS_AT_RUN_TIME;
    return (offset ^ tracker->last_offset) & 4 ? VB_BANKS_DIFFERENT : VB_BANKS_SAME;
}

/** The costs of a block while it is decoded. */
typedef struct block_cost {
    vb_cost alone;  /**< entered at the start of a cycle */
    vb_cost behind; /**< Cortex-M7: behind a branch in the first half of a cycle */
} block_cost;

static void cost_step(vb_timing *timing, block_cost *cost, const vb_instruction *next, uint32_t address)
{
    vb_tracker *tracker = &timing->tracker;
    int stream = tracker->last_stream;
    int32_t offset = tracker->last_offset;
    vb_tracker_step(tracker, next, address);
    if (timing->core == VB_CORE_M4) {
        vb_cost_m4_step(&cost->alone, next, address);
    } else {
        vb_banks banks = banks_of(tracker, stream, offset);
        vb_cost_m7_step(&cost->alone, next, banks);
        vb_cost_m7_step(&cost->behind, next, banks);
    }
    uint8_t when = cost->alone.overlapped ? VB_ALONE : 0;
    when |= cost->behind.overlapped ? VB_BEHIND : 0;
    if (when != 0)
        vb_tracker_add_pair(tracker, stream, offset, when);
}

static void end_block(const vb_timing *timing, const block_cost *cost, const vb_instruction *last,
                      vb_block *out)
{
    out->base_cycles = cost->alone.cycles;
    out->fetch_cycles_q4 = out->size_bytes ? cost->alone.cycles * 16 * M4_FLASH_BYTES / out->size_bytes : 0;
    out->ends_with_branch = last->class == VB_CLASS_BRANCH || last->class == VB_CLASS_TABLE_BRANCH ||
                            (last->writes >> VB_REGISTER_PC & 1);
    out->ends_indirect = last->indirect;
    if (timing->core == VB_CORE_M4)
        return;
    out->base_half_cycles = (uint8_t)cost->alone.half_cycles;
    out->base_cycles_behind = cost->behind.cycles > 0 ? cost->behind.cycles - 1 : 0;
    out->base_half_cycles_behind = (uint8_t)cost->behind.half_cycles;
    out->open = vb_cost_m7_is_open(&cost->alone);
    out->open_behind = vb_cost_m7_is_open(&cost->behind);
    out->mispredict_cycles = (uint8_t)vb_cost_m7_mispredict(&cost->alone);
}

bool vb_timing_decode(vb_timing *timing, uint32_t address, const uint8_t *code, uint32_t size_bytes,
                      vb_block *out)
{
    block_cost cost;
    vb_instruction next = {.width_bytes = 2};
    begin_block(timing, address, size_bytes, out);
    vb_cost_begin(&cost.alone);
    vb_cost_m7_begin_behind_branch(&cost.behind);
    vb_tracker_begin(&timing->tracker, timing->core, &timing->view);
    forget_it_block(timing);
    for (uint32_t offset = 0; offset < size_bytes; offset += next.width_bytes) {
        decode_instruction(timing, (uint64_t)address + offset, code + offset, size_bytes - offset, &next);
        if (offset == 0) {
            out->refill_cycles[0] = (uint8_t)vb_cost_m4_refill(address, next.width_bytes, false);
            out->refill_cycles[1] = (uint8_t)vb_cost_m4_refill(address, next.width_bytes, true);
        }
        cost_step(timing, &cost, &next, address + offset);
        out->instructions++;
    }
    end_block(timing, &cost, &next, out);
    return vb_tracker_end(&timing->tracker, out);
}

/** Cycles that a load waits for 8 bytes of flash: on silicon 4 with 5 wait states (TIMING.md). */
static uint32_t m4_data_miss(uint32_t wait_states)
{
    return wait_states > 1 ? wait_states - 1 : wait_states;
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
        return misses * m4_data_miss(wait_states);
    }
    uint32_t wait = region == VB_REGION_FLASH ? wait_states + M7_FLASH_WAIT : M7_AXI_WAIT;
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

/** Cycles lost by pairs of accesses that cannot share a cycle after all: M4, different memories; M7, same
 * bank of 32 bits. */
static uint32_t pair_wait(const vb_timing *timing, const vb_block *block, const uint32_t *addresses,
                          const uint8_t *places, uint8_t when)
{
    uint32_t wait = 0;
    for (uint32_t i = 0; i < block->pair_count; i++) {
        const vb_access_pair *pair = &block->pairs[i];
        if (!(pair->when & when))
            continue;
        if (timing->core == VB_CORE_M7) {
            uint32_t first = addresses[pair->first] + (uint32_t)pair->first_offset;
            uint32_t second = addresses[pair->second] + (uint32_t)pair->second_offset;
            wait += !((first ^ second) & 4);
        } else if (pair->first == VB_STACK || pair->second == VB_STACK) {
            uint8_t other = pair->first == VB_STACK ? pair->second : pair->first;
            wait += other != VB_STACK && region_of(places[other]) == VB_REGION_FLASH;
        } else {
            wait += places[pair->first] != places[pair->second];
        }
    }
    return wait;
}

/** Cycles that the block's loads and stores wait in this execution. */
static uint32_t data_wait(vb_timing *timing, const vb_block *block, uint32_t slots[VB_MAX_SLOTS],
                          uint8_t when)
{
    uint32_t addresses[VB_MAX_STREAMS], wait = 0;
    uint8_t places[VB_MAX_STREAMS];
    bool cached = false;
    stream_addresses(timing, block, slots, addresses);
    for (uint32_t i = 0; i < block->stream_count; i++) {
        const vb_stream *stream = &block->streams[i];
        places[i] = place_at(timing, addresses[i] + (uint32_t)stream->low);
        vb_region region = region_of(places[i]);
        if (region == VB_REGION_DEVICE)
            wait += stream->loads * (timing->core == VB_CORE_M4 ? M4_DEVICE_WAIT : M7_DEVICE_WAIT);
        else
            wait += stream->unaligned[addresses[i] & 3];
        cached |= region == VB_REGION_FLASH || region == VB_REGION_AXI;
    }
    if (block->pair_count != 0)
        wait += pair_wait(timing, block, addresses, places, when);
    for (uint32_t i = 0; cached && i < block->access_count; i++) {
        const vb_transfer *access = &block->accesses[i];
        vb_region region = region_of(places[access->stream]);
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
        return (wait_states + M7_FLASH_WAIT) * 16;
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

/** Base cycles and those of the branch that led here. */
static uint32_t enter_m7(vb_timing *timing, const vb_block *block, uint8_t *when)
{
    bool predicts =
        timing->next_address == NO_ADDRESS || predicted(timing, timing->next_address, block->address);
    bool behind = timing->open && predicts;
    *when = behind ? VB_BEHIND : VB_ALONE;
    uint32_t half_cycles = behind ? block->base_half_cycles_behind : block->base_half_cycles;
    timing->carry_q4 += 8 * half_cycles;
    uint32_t cycles = behind ? block->base_cycles_behind : block->base_cycles;
    cycles += predicts ? 0 : timing->mispredict_cycles;
    timing->open = behind ? block->open_behind : block->open;
    timing->mispredict_cycles = block->mispredict_cycles;
    return cycles;
}

static uint32_t enter_m4(vb_timing *timing, const vb_block *block, bool jump)
{
    bool refills = jump && timing->next_address != NO_ADDRESS;
    uint32_t cycles = block->base_cycles + (refills ? block->refill_cycles[timing->indirect] : 0);
    timing->indirect = block->ends_indirect;
    return cycles;
}

uint32_t vb_timing_enter(vb_timing *timing, vb_block *block, uint32_t slots[VB_MAX_SLOTS])
{
    bool jump = block->address != timing->next_address;
    uint8_t when = VB_ALONE;
    uint32_t cycles =
        timing->core == VB_CORE_M4 ? enter_m4(timing, block, jump) : enter_m7(timing, block, &when);
    if (block->fills_when_resident != timing->fills)
        timing->carry_q4 += fetch_wait_q4(timing, block, jump);
    if (block->stream_count != 0)
        cycles += data_wait(timing, block, slots, when);
    cycles += timing->carry_q4 / 16;
    timing->carry_q4 %= 16;
    timing->next_address = block->address + block->size_bytes;
    return cycles;
}
