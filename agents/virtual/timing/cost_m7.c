/* SPDX-License-Identifier: Apache-2.0 */
#include "timing/cost.h"

/* Arm publishes no cycle table for the Cortex-M7. DDI0489 (1.2, 2.1) gives the frame: in order, two
 * instructions a cycle, two ALUs of which one has the shifter, one MAC, two 32-bit load ports, one store
 * port, one FPU. The latencies below are this model's assumptions (TIMING.md). */
enum {
    ALU_LATENCY = 1,
    MULTIPLY_LATENCY = 2,
    LOAD_LATENCY = 2,
    DIVIDE_LATENCY = 8, /* 3 to 12 by operand values */
    FP_LATENCY = 3,
    FP_MAC_LATENCY = 5,
    FP_DIVIDE_LATENCY = 14,
    EARLY_OPERAND = 1, /* shifter inputs and addresses are read one stage earlier than other operands */
    STATUS_CYCLES = 2,
    SYNCHRONIZE_CYCLES = 6,
    TABLE_BRANCH_CYCLES = 3,
};

static bool is_multiply(vb_class class)
{
    return class == VB_CLASS_MULTIPLY || class == VB_CLASS_MAC;
}

static bool is_fp(vb_class class)
{
    return class == VB_CLASS_FP_ALU || class == VB_CLASS_FP_MAC || class == VB_CLASS_FP_DIVIDE ||
           class == VB_CLASS_FP_TRANSFER2;
}

/** Takes the whole issue stage. */
static bool issues_alone(const vb_instruction *instruction)
{
    switch (instruction->class) {
    case VB_CLASS_LOAD_MULTI:
    case VB_CLASS_STORE_MULTI:
        return instruction->words > 2;
    case VB_CLASS_DIVIDE:
    case VB_CLASS_TABLE_BRANCH:
    case VB_CLASS_STATUS:
    case VB_CLASS_SYNCHRONIZE:
    case VB_CLASS_FP_TRANSFER2:
    case VB_CLASS_OTHER:
        return true;
    default:
        return false;
    }
}

/** @return true if `second` can issue in the cycle of `first`, operands permitting */
static bool pairs(const vb_instruction *first, const vb_instruction *second)
{
    if (issues_alone(first) || issues_alone(second))
        return false;
    if (first->class == VB_CLASS_BRANCH)
        return false; /* a branch ends the pair */
    if (second->class == VB_CLASS_SIMD)
        return false; /* the SIMD unit is behind the first slot */
    if (first->class == VB_CLASS_SHIFTED && second->class == VB_CLASS_SHIFTED)
        return false;
    if (is_multiply(first->class) && is_multiply(second->class))
        return false;
    if (is_fp(first->class) && is_fp(second->class))
        return false;
    if (first->words != 0 && second->words != 0) {
        bool two_single_loads = first->class == VB_CLASS_LOAD && second->class == VB_CLASS_LOAD;
        if (!two_single_loads)
            return false;
    }
    return (first->writes & (second->reads | second->writes)) == 0;
}

static uint32_t max_u32(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/** First cycle at which every operand is there. */
static uint32_t operands_ready(const vb_cost *cost, const vb_instruction *next)
{
    uint32_t ready = 0;
    for (uint64_t left = next->reads; left != 0; left &= left - 1) {
        unsigned r = (unsigned)__builtin_ctzll(left);
        uint64_t bit = 1ULL << r;
        if (!cost->loaded_or_computed[r])
            continue;
        if (next->accumulator & bit)
            ready = max_u32(ready, cost->accumulate[r]);
        else if ((next->address_reads & bit) || next->class == VB_CLASS_SHIFTED)
            ready = max_u32(ready, cost->ready[r] + EARLY_OPERAND);
        else if (next->class == VB_CLASS_STORE || next->class == VB_CLASS_STORE_MULTI)
            continue; /* store data is needed a stage later: never the bottleneck */
        else
            ready = max_u32(ready, cost->ready[r]);
    }
    return is_fp(next->class) ? max_u32(ready, cost->fp_unit_free) : ready;
}

static uint32_t latency_of(vb_class class)
{
    switch (class) {
    case VB_CLASS_LOAD:
    case VB_CLASS_LOAD_MULTI:
        return LOAD_LATENCY;
    case VB_CLASS_MULTIPLY:
    case VB_CLASS_MAC:
        return MULTIPLY_LATENCY;
    case VB_CLASS_DIVIDE:
        return DIVIDE_LATENCY;
    case VB_CLASS_FP_ALU:
    case VB_CLASS_FP_TRANSFER2:
        return FP_LATENCY;
    case VB_CLASS_FP_MAC:
        return FP_MAC_LATENCY;
    case VB_CLASS_FP_DIVIDE:
        return FP_DIVIDE_LATENCY;
    default:
        return ALU_LATENCY;
    }
}

/** Cycles during which nothing else issues, beyond the first. */
static uint32_t extra_issue_cycles(const vb_instruction *next)
{
    switch (next->class) {
    case VB_CLASS_LOAD_MULTI:
    case VB_CLASS_STORE_MULTI:
        return next->words > 2 ? (next->words + 1U) / 2U : 0; /* two words a cycle on the 64-bit port */
    case VB_CLASS_STATUS:
        return STATUS_CYCLES - 1;
    case VB_CLASS_SYNCHRONIZE:
        return SYNCHRONIZE_CYCLES - 1;
    case VB_CLASS_TABLE_BRANCH:
        return TABLE_BRANCH_CYCLES - 1;
    default:
        return 0;
    }
}

static void record_results(vb_cost *cost, const vb_instruction *next, uint32_t at)
{
    uint32_t latency = latency_of(next->class);
    for (uint64_t left = next->writes; left != 0; left &= left - 1) {
        unsigned r = (unsigned)__builtin_ctzll(left);
        bool base_update = next->words != 0 && next->writeback && r == next->base;
        uint32_t result = at + (base_update ? ALU_LATENCY : latency);
        cost->ready[r] = result;
        /* MACs forward their sum to the accumulator input of the next one. */
        cost->accumulate[r] = next->class == VB_CLASS_MAC ? at + 1 : result;
        cost->loaded_or_computed[r] = true;
    }
    if (next->class == VB_CLASS_FP_DIVIDE)
        cost->fp_unit_free = at + FP_DIVIDE_LATENCY;
}

void vb_cost_m7_step(vb_cost *cost, const vb_instruction *next)
{
    uint32_t ready = operands_ready(cost, next);
    bool joins = cost->any && cost->issued == 1 && ready <= cost->issue_cycle && pairs(&cost->previous, next);
    uint32_t at = cost->issue_cycle;
    if (!joins) {
        at = max_u32(cost->any ? cost->issue_cycle + 1 : 0, ready);
        cost->issued = 0;
    }
    record_results(cost, next, at);
    cost->issued++;
    cost->issue_cycle = at + extra_issue_cycles(next);
    cost->cycles = cost->issue_cycle + 1;
    cost->previous = *next;
    cost->any = true;
}
