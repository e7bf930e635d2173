/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cost.h"
#include "timing_state.h"

/** Capstone keeps the rest of an IT block from one call to the next; four instructions end it. */
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

static void begin_block(vb_timing *timing, uint32_t address, uint32_t size_bytes, vb_block *out)
{
    memset(out, 0, sizeof *out);
    out->address = address;
    out->size_bytes = size_bytes;
    out->in_flash = vb_region_of(vb_place_at(timing, address)) == VB_REGION_FLASH;
    out->first_line = address / LINE_BYTES % FLASH_LINES;
    out->last_line =
        out->first_line + (address % LINE_BYTES + (size_bytes ? size_bytes - 1 : 0)) / LINE_BYTES;
    out->fills_when_resident = UINT64_MAX;
}

/** What is known about the banks of two loads before they execute. */
static vb_banks banks_of(const vb_tracker *tracker, int stream, int32_t offset)
{
    if (stream < 0 || tracker->last_stream < 0)
        return VB_BANKS_UNKNOWN;
    if (stream != tracker->last_stream)
        return VB_BANKS_AT_RUN_TIME;
    return (offset ^ tracker->last_offset) & 4 ? VB_BANKS_DIFFERENT : VB_BANKS_SAME;
}

/** A block's costs while it is decoded. */
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
