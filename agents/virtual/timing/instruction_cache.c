/* SPDX-License-Identifier: Apache-2.0 */
#include "timing_state.h"

void vb_instruction_cache_flush(vb_timing *timing)
{
    for (uint32_t set = 0; set <= timing->set_mask; set++)
        timing->set_fills[set] += timing->ways;
    timing->fills++;
}

static bool line_resident(const vb_timing *timing, uint32_t line)
{
    uint64_t stamp = timing->line_stamps[line];
    return stamp != 0 && timing->set_fills[line & timing->set_mask] - stamp < timing->ways;
}

/** Wait cycles, in 1/16, for fetching the bytes of a block that lie in one missing line. */
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

uint32_t vb_instruction_cache_wait_q4(vb_timing *timing, vb_block *block, bool jump)
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
