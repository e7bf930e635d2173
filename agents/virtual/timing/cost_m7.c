/* SPDX-License-Identifier: Apache-2.0 */
#include "cost.h"

/* Arm publishes no cycle table for the Cortex-M7. Pairing and latencies come from measurements on an
 * STM32H743: jnk0le/random, "pipeline cycle test", cortex_m7.md; the framework from DDI0489 1.2 and 2.1. An
 * early ALU, which also computes addresses and shifts, is a cycle ahead of the late one. */
enum {
    DIVIDE_LATENCY = 8, /* 3 to 12 by operand values */
    FP_LATENCY = 3,
    FP_STORED = 1,         /* until a result can be stored */
    FP_MAC_LATENCY = 5,    /* as an operand */
    FP_MAC_ACCUMULATE = 3, /* as the addend of the next one */
    FP_MAC_STORED = 3,
    FP_MAC_BLOCKS = 4, /* until a plain addition or a transfer of several registers may follow */
    FP_LOAD_ACCUMULATE = 3,
    FP_DIVIDE_CYCLES = 16,
    FP_ROOT_CYCLES = 14,
    DOUBLE_MULTIPLY_CYCLES = 5,
    DOUBLE_MAC_CYCLES = 7,
    DOUBLE_DIVIDE_CYCLES = 30,
    STATUS_CYCLES = 2,
    SYNCHRONIZE_CYCLES = 6,
    TABLE_BRANCH_CYCLES = 3,
    MISPREDICT_CYCLES = 8,
    MISPREDICT_CYCLES_EARLY = 6, /* flags known EARLY_FLAGS cycles before the branch */
    EARLY_FLAGS = 3,
};

static bool is_multiply(const vb_instruction *i)
{
    return i->class == VB_CLASS_MULTIPLY || i->class == VB_CLASS_MAC;
}

static bool is_fp_arithmetic(const vb_instruction *i)
{
    return (i->class == VB_CLASS_FP_ALU && !i->fp_move) || i->class == VB_CLASS_FP_MAC ||
           i->class == VB_CLASS_FP_DIVIDE;
}

/** VLDR, VSTR, VMOV and similar: FPU registers without FPU arithmetic. */
static bool is_fp_transfer(const vb_instruction *i)
{
    bool access = i->words != 0 && (i->reads | i->writes) >> VB_FIRST_FP_REGISTER != 0;
    return access || (i->class == VB_CLASS_FP_ALU && i->fp_move);
}

static bool is_single(const vb_instruction *i)
{
    return i->class == VB_CLASS_LOAD || i->class == VB_CLASS_STORE;
}

/** Issues alone. */
static bool issues_alone(const vb_instruction *i)
{
    switch (i->class) {
    case VB_CLASS_LOAD_MULTI:
    case VB_CLASS_STORE_MULTI:
    case VB_CLASS_DIVIDE:
    case VB_CLASS_TABLE_BRANCH:
    case VB_CLASS_STATUS:
    case VB_CLASS_SYNCHRONIZE:
    case VB_CLASS_FP_TRANSFER2:
    case VB_CLASS_OTHER:
        return true;
    default:
        return i->is_double;
    }
}

static bool accesses_pair(const vb_instruction *first, const vb_instruction *second, vb_banks banks)
{
    if (!is_single(first) || !is_single(second))
        return true;
    if (!first->is_load && !second->is_load)
        return false;
    return !(first->is_load && second->is_load && banks == VB_BANKS_SAME);
}

static bool fp_pairs(const vb_instruction *first, const vb_instruction *second)
{
    if (is_fp_arithmetic(first) && is_fp_arithmetic(second))
        return false;
    return !(first->class == VB_CLASS_FP_MAC && is_fp_transfer(second)) &&
           !(second->class == VB_CLASS_FP_MAC && is_fp_transfer(first));
}

/** Bit-field and extending instructions share the shifter with shifted operands. */
static bool shifter_pairs(const vb_instruction *first, const vb_instruction *second)
{
    bool first_uses = first->class == VB_CLASS_INLINE || first->class == VB_CLASS_SHIFT ||
                      (first->class == VB_CLASS_SIMD && first->shifter_reads != 0);
    return !(first_uses && second->class == VB_CLASS_INLINE);
}

/** @return true if `second` can issue in the cycle of `first`, operands permitting */
static bool pairs(const vb_instruction *first, const vb_instruction *second, vb_banks banks)
{
    if (issues_alone(first) || issues_alone(second))
        return false;
    if (second->class == VB_CLASS_SIMD)
        return false; /* behind the first slot only */
    if (first->class == VB_CLASS_BRANCH && second->class == VB_CLASS_BRANCH)
        return false;
    if (is_multiply(first) && (is_multiply(second) || second->class == VB_CLASS_STORE))
        return false;
    if (is_multiply(second) && first->class == VB_CLASS_STORE)
        return false;
    return accesses_pair(first, second, banks) && fp_pairs(first, second) && shifter_pairs(first, second);
}

static uint32_t max_u32(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/** First cycle at which one operand is ready for its use in this instruction. */
static uint32_t operand_ready(const vb_ready *ready, const vb_instruction *next, uint64_t bit)
{
    if (next->address_reads & bit || next->shifter_reads & bit)
        return ready->early;
    if (next->accumulator & bit)
        return ready->accumulate;
    if (is_multiply(next))
        return ready->factor;
    if (next->words != 0)
        return ready->stored;
    return ready->late;
}

/** First cycle at which every operand is ready. */
static uint32_t operands_ready(const vb_cost *cost, const vb_instruction *next)
{
    uint32_t ready = 0;
    for (uint64_t left = next->reads; left != 0; left &= left - 1) {
        unsigned r = (unsigned)__builtin_ctzll(left);
        ready = max_u32(ready, operand_ready(&cost->ready[r], next, 1ULL << r));
    }
    bool held =
        (next->class == VB_CLASS_FP_ALU && !next->fp_move) ||
        (is_fp_transfer(next) && (next->class == VB_CLASS_LOAD_MULTI || next->class == VB_CLASS_STORE_MULTI));
    return held ? max_u32(ready, cost->fp_mac_end) : ready;
}

/** Additions, moves and shifts whose operands are ready a cycle ahead use the early ALU: from the first slot,
 * shifts from either. */
static bool done_early(const vb_cost *cost, const vb_instruction *next, uint32_t at, bool first_slot)
{
    bool can = next->class == VB_CLASS_SHIFT || (next->adds_or_moves && first_slot);
    for (uint64_t left = next->reads; can && left != 0; left &= left - 1)
        can = cost->ready[__builtin_ctzll(left)].early <= at;
    return can;
}

static vb_ready available(uint32_t late)
{
    return (vb_ready){.late = late, .early = late + 1, .factor = late, .accumulate = late > 0 ? late - 1 : 0};
}

/** When results of an instruction that issues at `at` can be used. */
static vb_ready result_of(const vb_cost *cost, const vb_instruction *next, uint32_t at, bool first_slot)
{
    vb_ready result = available(at + 1);
    bool fp_load = next->is_load && next->writes >> VB_FIRST_FP_REGISTER != 0;
    switch (next->class) {
    case VB_CLASS_LOAD:
    case VB_CLASS_LOAD_MULTI:
        if (next->access_bytes < 4)
            result = available(at + 2);
        result.factor = at + 2;
        if (fp_load)
            result.accumulate = at + FP_LOAD_ACCUMULATE;
        return result;
    case VB_CLASS_MULTIPLY:
    case VB_CLASS_MAC:
        return available(at + 2);
    case VB_CLASS_DIVIDE:
        return available(at + DIVIDE_LATENCY);
    case VB_CLASS_FP_ALU:
    case VB_CLASS_FP_TRANSFER2:
        if (next->fp_move && next->writes >> VB_FIRST_FP_REGISTER == 0)
            return result; /* into a core register */
        return (vb_ready){at + FP_LATENCY, at + FP_LATENCY, at + FP_LATENCY, at + FP_LATENCY,
                          next->fp_move ? 0 : at + FP_STORED};
    case VB_CLASS_FP_MAC:
        return (vb_ready){at + FP_MAC_LATENCY, at + FP_MAC_LATENCY, at + FP_MAC_LATENCY,
                          at + FP_MAC_ACCUMULATE, at + FP_MAC_STORED};
    default:
        return done_early(cost, next, at, first_slot) ? available(at) : result;
    }
}

/** Cycles during which nothing else issues, beyond the first. */
static uint32_t extra_issue_cycles(const vb_instruction *next)
{
    switch (next->class) {
    case VB_CLASS_LOAD_MULTI:
    case VB_CLASS_STORE_MULTI:
        return next->words > 2 ? (next->words + 1U) / 2U - 1 : 0; /* two words a cycle */
    case VB_CLASS_STATUS:
        return STATUS_CYCLES - 1;
    case VB_CLASS_SYNCHRONIZE:
        return SYNCHRONIZE_CYCLES - 1;
    case VB_CLASS_TABLE_BRANCH:
        return TABLE_BRANCH_CYCLES - 1;
    case VB_CLASS_FP_DIVIDE:
        if (next->is_double)
            return DOUBLE_DIVIDE_CYCLES - 1;
        return (next->square_root ? FP_ROOT_CYCLES : FP_DIVIDE_CYCLES) - 1;
    case VB_CLASS_FP_MAC:
        return next->is_double ? DOUBLE_MAC_CYCLES - 1 : 0;
    case VB_CLASS_FP_ALU:
        return next->is_double && next->multiplies ? DOUBLE_MULTIPLY_CYCLES - 1 : 0;
    default:
        return 0;
    }
}

static void record_results(vb_cost *cost, const vb_instruction *next, uint32_t at, bool first_slot)
{
    uint32_t last = at + extra_issue_cycles(next);
    vb_ready result = result_of(cost, next, last, first_slot);
    vb_ready base = available(at); /* the address unit's sum */
    for (uint64_t left = next->writes; left != 0; left &= left - 1) {
        unsigned r = (unsigned)__builtin_ctzll(left);
        cost->ready[r] = next->words != 0 && next->writeback && r == next->base ? base : result;
    }
    if (next->class == VB_CLASS_FP_MAC)
        cost->fp_mac_end = at + FP_MAC_BLOCKS;
    if (next->sets_flags) {
        cost->flags_cycle = at;
        cost->flags_set = true;
    }
}

void vb_cost_m7_begin_behind_branch(vb_cost *cost)
{
    vb_cost_begin(cost);
    vb_instruction_unknown(2, &cost->previous);
    cost->previous.class = VB_CLASS_BRANCH;
    cost->any = true;
    cost->issued = 1;
}

void vb_cost_m7_step(vb_cost *cost, const vb_instruction *next, vb_banks banks)
{
    uint32_t ready = operands_ready(cost, next);
    bool joins =
        cost->any && cost->issued == 1 && ready <= cost->issue_cycle && pairs(&cost->previous, next, banks);
    if (joins && is_fp_transfer(next) && cost->issue_cycle < cost->fp_mac_end)
        joins = false; /* after a multiply-accumulate, from the first slot only */
    uint32_t at = cost->issue_cycle;
    if (!joins) {
        at = max_u32(cost->any ? cost->issue_cycle + 1 : 0, ready);
        cost->issued = 0;
    }
    bool two_loads =
        joins && is_single(next) && is_single(&cost->previous) && next->is_load && cost->previous.is_load;
    cost->overlapped = two_loads && banks == VB_BANKS_AT_RUN_TIME;
    if (two_loads && banks == VB_BANKS_UNKNOWN)
        cost->half_cycles++;
    record_results(cost, next, at, !joins);
    cost->issued++;
    cost->issue_cycle = at + extra_issue_cycles(next);
    cost->cycles = cost->issue_cycle + 1;
    cost->previous = *next;
    cost->any = true;
}

bool vb_cost_m7_is_open(const vb_cost *cost)
{
    return cost->any && cost->previous.class == VB_CLASS_BRANCH && cost->issued == 1;
}

uint32_t vb_cost_m7_mispredict(const vb_cost *cost)
{
    const vb_instruction *branch = &cost->previous;
    bool early = branch->reads_flags
                     ? !cost->flags_set || cost->issue_cycle - cost->flags_cycle >= EARLY_FLAGS
                     : !branch->indirect && branch->reads == 0;
    return early ? MISPREDICT_CYCLES_EARLY : MISPREDICT_CYCLES;
}
