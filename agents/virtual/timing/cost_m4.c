/* SPDX-License-Identifier: Apache-2.0 */
#include "cost.h"

#include <string.h>

/* DDI0439 r0p1, table 3-1 (instruction set summary) and 3.3.2 (load and store timings); the FPU's in table
 * 7-1. What is called measured: jnk0le/random, "pipeline cycle test", cortex_m3m4.md (STM32F407). */
enum {
    DIVIDE_CYCLES = 7,       /* 2 to 12 by operand values; the middle */
    STATUS_CYCLES = 2,       /* MRS, MSR, CPS: 1 or 2 */
    SYNCHRONIZE_CYCLES = 3,  /* ISB: 1 + B, and B is a pipeline refill */
    TABLE_BRANCH_CYCLES = 3, /* load 2, add 1; the refill comes with the next block */
    FP_MAC_CYCLES = 3,
    FP_MAC_HIDDEN = 1, /* of them, after an instruction of the integer core: fitted */
    FP_DIVIDE_CYCLES = 14,
    FP_TRANSFER2_CYCLES = 2,
    FETCH_RUN =
        3, /* 32-bit instructions across two words, one after the other, that cost a cycle of fetching */
    LONGEST_REFILL = 3,
};

void vb_cost_begin(vb_cost *cost)
{
    memset(cost, 0, sizeof *cost);
}

uint32_t vb_cost_m4_refill(uint32_t address, uint32_t width_bytes, bool indirect)
{
    uint32_t cycles = width_bytes == 2 ? 1 : address & 2 ? 3 : 2;
    cycles += indirect ? 1 : 0;
    return cycles < LONGEST_REFILL ? cycles : LONGEST_REFILL;
}

uint32_t vb_cost_unaligned(vb_core core, uint32_t bytes, uint32_t off)
{
    enum { M7_UNALIGNED_CYCLES = 2 }; /* 3 to 4 measured (cortex_m7.md); 2 fits whole images best */
    if (core == VB_CORE_M7)
        return M7_UNALIGNED_CYCLES;
    return bytes == 4 && off != 2 ? 2 : 1; /* DDI0439 3.3.2: three transfers, or two */
}

static bool across_words(const vb_instruction *instruction, uint32_t address)
{
    return instruction->width_bytes == 4 && (address & 2);
}

static bool is_fp(const vb_instruction *instruction)
{
    return instruction->class == VB_CLASS_FP_ALU || instruction->class == VB_CLASS_FP_MAC ||
           instruction->class == VB_CLASS_FP_DIVIDE || instruction->class == VB_CLASS_FP_TRANSFER2;
}

/** A single load overlaps with the address phase of the load or store after it, unless that needs its result.
 * Measured: not if that is a 32-bit instruction across two words. */
static bool follows_pipelined_load(const vb_cost *cost, const vb_instruction *next, uint32_t address)
{
    const vb_instruction *previous = &cost->previous;
    return cost->any && previous->class == VB_CLASS_LOAD && !(previous->writes >> VB_REGISTER_PC & 1) &&
           !(previous->writes & next->address_reads) && !across_words(next, address);
}

/** No forwarding path from a data-processing result to an address. Measured: nor from a store's own update
 * of its base. */
static bool waits_for_address(const vb_cost *cost, const vb_instruction *next)
{
    const vb_instruction *previous = &cost->previous;
    bool computes = previous->words == 0 || (!previous->is_load && !next->is_load);
    return cost->any && next->address_reads != 0 && computes && (previous->writes & next->address_reads) != 0;
}

/** Measured: a load waits for the store before it. */
static bool waits_for_store(const vb_cost *cost, const vb_instruction *next)
{
    return cost->any && cost->previous.class == VB_CLASS_STORE && next->class == VB_CLASS_LOAD;
}

/** Table 7-1, notes: results of FPU arithmetic are available to the next instruction a cycle later, except as
 * the addend of a multiply-accumulate. */
static bool waits_for_fp_result(const vb_cost *cost, const vb_instruction *next)
{
    const vb_instruction *previous = &cost->previous;
    bool arithmetic = previous->class == VB_CLASS_FP_ALU || previous->class == VB_CLASS_FP_MAC ||
                      previous->class == VB_CLASS_FP_DIVIDE;
    return cost->any && arithmetic && !previous->fp_move &&
           (previous->writes & next->reads & ~next->accumulator) >> VB_FIRST_FP_REGISTER != 0;
}

static uint32_t single_access(vb_cost *cost, const vb_instruction *next, uint32_t address)
{
    cost->overlapped = follows_pipelined_load(cost, next, address);
    if (next->is_load)
        return cost->overlapped ? 1 : 2;
    bool slow = !next->fixed_offset || (next->reads >> VB_FIRST_FP_REGISTER) != 0;
    /* Measured: a store with an immediate offset takes the load's second cycle over. */
    if (cost->overlapped)
        return slow ? 1 : 0;
    return slow ? 2 : 1;
}

static uint32_t cycles_of(vb_cost *cost, const vb_instruction *next, uint32_t address)
{
    const vb_instruction *previous = &cost->previous;
    switch (next->class) {
    case VB_CLASS_LOAD:
    case VB_CLASS_STORE:
        return single_access(cost, next, address);
    case VB_CLASS_LOAD_MULTI:
    case VB_CLASS_STORE_MULTI:
        return 1U + next->words;
    case VB_CLASS_DIVIDE:
        return DIVIDE_CYCLES;
    case VB_CLASS_TABLE_BRANCH:
        return TABLE_BRANCH_CYCLES;
    case VB_CLASS_IT:
        /* Folded into a 16-bit instruction before it. */
        return cost->any && previous->width_bytes == 2 && previous->class != VB_CLASS_IT ? 0 : 1;
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

void vb_cost_m4_step(vb_cost *cost, const vb_instruction *next, uint32_t address)
{
    cost->overlapped = false;
    cost->cycles += cycles_of(cost, next, address);
    cost->cycles += waits_for_address(cost, next) ? 1 : 0;
    cost->cycles += waits_for_store(cost, next) ? 1 : 0;
    cost->cycles += waits_for_fp_result(cost, next) ? 1 : 0;
    if (cost->any && cost->previous.class == VB_CLASS_FP_MAC && !is_fp(next) && next->words == 0)
        cost->cycles -= FP_MAC_HIDDEN;
    cost->run = across_words(next, address) ? cost->run + 1 : 0;
    cost->cycles += cost->run == FETCH_RUN ? 1 : 0;
    cost->previous = *next;
    cost->any = true;
}
