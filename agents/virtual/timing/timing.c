/* SPDX-License-Identifier: Apache-2.0 */
#include "timing/timing.h"

#include <stdlib.h>
#include <string.h>

#include "timing_state.h"

void vb_timing_flush_caches(vb_timing *timing)
{
    vb_instruction_cache_flush(timing);
    vb_data_cache_clear(&timing->data_cache);
}

void vb_timing_start_measurement(vb_timing *timing)
{
    vb_timing_flush_caches(timing);
    timing->next_address = NO_ADDRESS;
    timing->open = false;
    timing->carry_q4 = 0;
    memset(timing->predictor, 0, sizeof timing->predictor);
}

void vb_timing_reset(vb_timing *timing)
{
    vb_timing_start_measurement(timing);
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
        vb_instruction_cache_flush(timing);
    if (timing->memory.data_cache && !memory->data_cache)
        vb_data_cache_clear(&timing->data_cache);
    timing->memory = *memory;
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
        timing->carry_q4 += vb_instruction_cache_wait_q4(timing, block, jump);
    if (block->stream_count != 0)
        cycles += vb_data_wait(timing, block, slots, when);
    cycles += timing->carry_q4 / 16;
    timing->carry_q4 %= 16;
    timing->next_address = block->address + block->size_bytes;
    return cycles;
}
