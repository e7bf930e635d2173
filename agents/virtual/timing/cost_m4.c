/* SPDX-License-Identifier: Apache-2.0 */
#include "timing/cost.h"

#include <string.h>

/* DDI0439 r0p1, table 3-1 (instruction set summary) and 3.3.2 (load and store timings); the FPU's in table
 * 7-1. */
enum {
    DIVIDE_CYCLES = 7,       /* 2 to 12 by operand values; the middle */
    STATUS_CYCLES = 2,       /* MRS, MSR, CPS: 1 or 2 */
    SYNCHRONIZE_CYCLES = 3,  /* ISB: 1 + B, and B is a pipeline refill */
    TABLE_BRANCH_CYCLES = 3, /* load 2, add 1; the refill comes with the next block */
    FP_MAC_CYCLES = 3,
    FP_DIVIDE_CYCLES = 14,
    FP_TRANSFER2_CYCLES = 2,
    REFILL_CYCLES = 2,
    M7_UNALIGNED_CYCLES = 2, /* 3 to 4 in jnk0le's measurements; 2 fits whole images best */
};

void vb_cost_begin(vb_cost *cost)
{
    memset(cost, 0, sizeof *cost);
}

uint32_t vb_cost_m4_refill(uint32_t address, uint32_t width_bytes)
{
    return REFILL_CYCLES + (width_bytes == 4 && (address & 2) ? 1 : 0);
}

uint32_t vb_cost_unaligned(vb_core core, uint32_t bytes, uint32_t off)
{
    if (core == VB_CORE_M7)
        return M7_UNALIGNED_CYCLES;
    return bytes == 4 && off != 2 ? 2 : 1; /* DDI0439 3.3.2: three transfers, or two */
}

/** A single integer load passes its address phase to the load or store behind it unless that needs its
 * result. */
static bool follows_pipelined_load(const vb_cost *cost, const vb_instruction *next)
{
    const vb_instruction *previous = &cost->previous;
    return cost->any && previous->class == VB_CLASS_LOAD && !(previous->writes >> VB_REGISTER_PC & 1) &&
           (previous->writes >> VB_FIRST_FP_REGISTER) == 0 && !(previous->writes & next->address_reads);
}

/** No forwarding path from a data-processing result to an address. */
static bool waits_for_address(const vb_cost *cost, const vb_instruction *next)
{
    return cost->any && next->address_reads != 0 && cost->previous.words == 0 &&
           (cost->previous.writes & next->address_reads) != 0;
}

static uint32_t cycles_of(const vb_cost *cost, const vb_instruction *next)
{
    switch (next->class) {
    case VB_CLASS_LOAD:
        return follows_pipelined_load(cost, next) ? 1 : 2;
    case VB_CLASS_STORE:
        if (next->reads >> VB_FIRST_FP_REGISTER)
            return 2; /* VSTR.32 */
        if (next->fixed_offset)
            return 1;
        return follows_pipelined_load(cost, next) ? 1 : 2;
    case VB_CLASS_LOAD_MULTI:
    case VB_CLASS_STORE_MULTI:
        return 1U + next->words;
    case VB_CLASS_DIVIDE:
        return DIVIDE_CYCLES;
    case VB_CLASS_TABLE_BRANCH:
        return TABLE_BRANCH_CYCLES;
    case VB_CLASS_IT:
        /* Folded into a 16-bit instruction before it. */
        return cost->any && cost->previous.width_bytes == 2 && cost->previous.class != VB_CLASS_IT ? 0 : 1;
    case VB_CLASS_STATUS:
        return STATUS_CYCLES;
    case VB_CLASS_SYNCHRONIZE:
        return SYNCHRONIZE_CYCLES;
    case VB_CLASS_FP_MAC:
        return FP_MAC_CYCLES;
    case VB_CLASS_FP_DIVIDE:
        return FP_DIVIDE_CYCLES;
    case VB_CLASS_FP_TRANSFER2:
        return FP_TRANSFER2_CYCLES;
    default:
        return 1;
    }
}

void vb_cost_m4_step(vb_cost *cost, const vb_instruction *next)
{
    cost->cycles += cycles_of(cost, next) + (waits_for_address(cost, next) ? 1 : 0);
    cost->previous = *next;
    cost->any = true;
}
