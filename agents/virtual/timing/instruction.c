/* SPDX-License-Identifier: Apache-2.0 */
#include "instruction.h"

#include <string.h>

#include "dataflow.h"
#include "instruction_table.h"
#include "register_mask.h"

uint32_t vb_instruction_width(const uint8_t *code)
{
    return (code[1] >> 3) >= 0x1D ? 4 : 2;
}

static bool is_double(unsigned reg)
{
    return reg >= ARM_REG_D0 && reg <= ARM_REG_D15;
}

static bool is_memory_class(vb_class class)
{
    return class == VB_CLASS_LOAD || class == VB_CLASS_STORE || class == VB_CLASS_LOAD_MULTI ||
           class == VB_CLASS_STORE_MULTI;
}

/** Words of the register list in operands[first..]; a double-precision register is two. */
static uint8_t list_words(const cs_arm *arm, unsigned first, uint64_t *registers)
{
    unsigned words = 0;
    for (unsigned i = first; i < arm->op_count; i++) {
        if (arm->operands[i].type != ARM_OP_REG)
            continue;
        words += is_double((unsigned)arm->operands[i].reg) ? 2 : 1;
        *registers |= vb_register_mask((unsigned)arm->operands[i].reg);
    }
    return (uint8_t)words;
}

/** LDM, STM, PUSH, POP and their floating-point forms: a base register and a list. */
static void classify_list_transfer(const cs_insn *decoded, vb_traits traits, vb_instruction *out)
{
    const cs_arm *arm = &decoded->detail->arm;
    bool stack = traits.flags & VB_TRAIT_STACK;
    bool load = out->class == VB_CLASS_LOAD_MULTI;
    bool down = traits.flags & VB_TRAIT_DOWN;
    uint64_t list = 0;
    out->words = list_words(arm, stack ? 0 : 1, &list);
    out->base =
        stack || arm->op_count == 0 ? VB_REGISTER_SP : vb_register_number((unsigned)arm->operands[0].reg);
    out->writeback = stack || arm->writeback;
    out->offset = down ? -4 * (int32_t)out->words : 0;
    out->increment = (down ? -4 : 4) * (int32_t)out->words;
    (load ? &out->writes : &out->reads)[0] |= list;
    if (out->words == 1 && !stack &&
        (list >> VB_FIRST_FP_REGISTER) != 0) { /* VLDM of one register: a VLDR with writeback */
        out->class = load ? VB_CLASS_LOAD : VB_CLASS_STORE;
        out->fixed_offset = true;
    }
}

/** Accesses with a memory operand: [Rn, #imm], [Rn, Rm, LSL #n], pre- and post-indexed. */
static void classify_memory_operand(const cs_insn *decoded, vb_instruction *out)
{
    const cs_arm *arm = &decoded->detail->arm;
    unsigned registers = 0;
    for (unsigned i = 0; i < arm->op_count; i++) {
        const cs_arm_op *op = &arm->operands[i];
        if (op->type == ARM_OP_REG) {
            registers++;
            if (is_double((unsigned)op->reg))
                out->words = 2;
        } else if (op->type == ARM_OP_MEM) {
            out->base = vb_register_number(op->mem.base);
            out->index = vb_register_number(op->mem.index);
            out->index_shift = op->shift.type == ARM_SFT_LSL ? (uint8_t)op->shift.value : 0;
            out->offset = op->mem.disp;
            out->writeback = arm->writeback;
            out->increment = op->mem.disp;
            if (i + 1 < arm->op_count && arm->operands[i + 1].type == ARM_OP_IMM && arm->writeback) {
                int32_t step = arm->operands[i + 1].imm;
                out->increment = arm->operands[i + 1].subtracted && step > 0 ? -step : step;
            }
        }
    }
    if (decoded->id == ARM_INS_LDRD)
        out->rd = vb_register_number((unsigned)arm->operands[0].reg);
    if (decoded->id == ARM_INS_LDRD || decoded->id == ARM_INS_STRD)
        out->words = 2;
    else if (out->words == 0 && registers > 0)
        out->words = 1;
    /* Two words pass through the same single port as LDRD's (DDI0439, VLDR.64: 3 cycles, like 1 + N). */
    if (out->words == 2 && out->class == VB_CLASS_LOAD)
        out->class = VB_CLASS_LOAD_MULTI;
    if (out->words == 2 && out->class == VB_CLASS_STORE)
        out->class = VB_CLASS_STORE_MULTI;
    out->fixed_offset = out->index == VB_NO_REGISTER;
}

/** Registers read and written. Capstone 4.0.2 gives some operands no access flags (SSAT's source): these are
 * read. */
static void collect_registers(const cs_insn *decoded, bool list, vb_instruction *out)
{
    const cs_arm *arm = &decoded->detail->arm;
    for (unsigned i = 0; i < arm->op_count && !list; i++) {
        const cs_arm_op *op = &arm->operands[i];
        if (op->type == ARM_OP_REG) {
            uint64_t mask = vb_register_mask((unsigned)op->reg);
            if (op->access & CS_AC_WRITE)
                out->writes |= mask;
            if ((op->access & CS_AC_READ) || op->access == 0)
                out->reads |= mask;
        } else if (op->type == ARM_OP_MEM) {
            out->reads |= vb_register_mask(op->mem.base) | vb_register_mask(op->mem.index);
            out->address_reads |= vb_register_mask(op->mem.base) | vb_register_mask(op->mem.index);
        }
    }
    if (is_memory_class(out->class) && out->base != VB_NO_REGISTER) {
        out->reads |= 1ULL << out->base;
        out->address_reads |= 1ULL << out->base;
        if (out->writeback)
            out->writes |= 1ULL << out->base;
    }
    if (out->class == VB_CLASS_MAC) {
        /* Long forms accumulate onto their destinations, the others onto the last operand. */
        bool is_long = arm->op_count == 4 && (arm->operands[1].access & CS_AC_WRITE);
        if (is_long)
            out->accumulator = out->writes;
        else if (arm->op_count > 0)
            out->accumulator = vb_register_mask((unsigned)arm->operands[arm->op_count - 1].reg);
        out->reads |= out->accumulator;
    }
    if (out->class == VB_CLASS_FP_MAC) {
        out->reads |= out->writes;
        out->accumulator = out->writes;
    }
    if (decoded->id == ARM_INS_BL || decoded->id == ARM_INS_BLX)
        out->writes |= 1ULL << VB_REGISTER_LR;
}

/** Operands with an inline shift. */
static uint64_t shifted_operand(const cs_arm *arm)
{
    uint64_t mask = 0;
    for (unsigned i = 1; i < arm->op_count; i++)
        if (arm->operands[i].type == ARM_OP_REG && arm->operands[i].shift.type != ARM_SFT_INVALID)
            mask |= vb_register_mask((unsigned)arm->operands[i].reg);
    return mask;
}

/** Data processing with a constant that is eight bits rotated (DDI0403E A5.3.1, A5.3.2). */
static bool has_rotated_constant(const cs_insn *decoded)
{
    uint32_t first = (uint32_t)decoded->bytes[0] | (uint32_t)decoded->bytes[1] << 8;
    uint32_t second = (uint32_t)decoded->bytes[2] | (uint32_t)decoded->bytes[3] << 8;
    if (decoded->size != 4 || (first & 0xFA00) != 0xF000 || (second & 0x8000))
        return false;
    return (first & 0x0400) || (second & 0x4000); /* i:imm3 from 0b0100 on */
}

/** Operands that are needed a cycle early on a Cortex-M7 (jnk0le/random, cortex_m7.md). */
static uint64_t shifter_reads(const cs_insn *decoded, vb_class class)
{
    const cs_arm *arm = &decoded->detail->arm;
    if (class == VB_CLASS_INLINE)
        return shifted_operand(arm);
    switch (decoded->id) {
    case ARM_INS_SBFX:
    case ARM_INS_UBFX:
    case ARM_INS_RBIT:
    case ARM_INS_REV:
    case ARM_INS_REV16:
    case ARM_INS_REVSH:
    case ARM_INS_PKHTB:
        return UINT64_MAX;
    case ARM_INS_BFI:
        return arm->op_count > 1 ? vb_register_mask((unsigned)arm->operands[1].reg) : 0;
    case ARM_INS_PKHBT:
    case ARM_INS_SXTAB:
    case ARM_INS_SXTAH:
    case ARM_INS_UXTAB:
    case ARM_INS_UXTAH:
    case ARM_INS_SXTAB16:
    case ARM_INS_UXTAB16:
        return arm->op_count > 2 ? vb_register_mask((unsigned)arm->operands[2].reg) : 0;
    default:
        return 0;
    }
}

static bool is_add_or_move(unsigned id)
{
    return id == ARM_INS_ADD || id == ARM_INS_ADDW || id == ARM_INS_SUB || id == ARM_INS_SUBW ||
           id == ARM_INS_MOV || id == ARM_INS_MOVW || id == ARM_INS_ADR;
}

static bool is_indirect(const cs_insn *decoded, const vb_instruction *out)
{
    const cs_arm *arm = &decoded->detail->arm;
    if (out->class == VB_CLASS_BRANCH)
        return arm->op_count == 1 && arm->operands[0].type == ARM_OP_REG;
    return out->class == VB_CLASS_TABLE_BRANCH || (out->writes >> VB_REGISTER_PC & 1);
}

void vb_instruction_unknown(uint32_t width_bytes, vb_instruction *out)
{
    memset(out, 0, sizeof *out);
    out->class = VB_CLASS_OTHER;
    out->width_bytes = (uint8_t)width_bytes;
    out->base = out->index = out->rd = out->rn = out->rm = VB_NO_REGISTER;
}

void vb_instruction_classify(const cs_insn *decoded, uint32_t width_bytes, vb_instruction *out)
{
    const cs_arm *arm = &decoded->detail->arm;
    const vb_traits traits = vb_traits_of(decoded->id);
    bool list = traits.flags & (VB_TRAIT_LIST | VB_TRAIT_STACK);
    vb_instruction_unknown(width_bytes, out);
    out->class = (vb_class)traits.class;
    out->conditional = arm->cc != ARM_CC_AL && arm->cc != ARM_CC_INVALID && decoded->id != ARM_INS_B;
    bool fp_name = decoded->mnemonic[0] == 'v';
    if (out->class == VB_CLASS_ALU && fp_name) {
        bool transfer = decoded->id == ARM_INS_VMOV && arm->op_count >= 3;
        out->class = transfer ? VB_CLASS_FP_TRANSFER2 : VB_CLASS_FP_ALU;
        out->multiplies = decoded->id == ARM_INS_VMUL || decoded->id == ARM_INS_VNMUL;
        out->fp_move = decoded->id == ARM_INS_VMOV || decoded->id == ARM_INS_VMRS ||
                       decoded->id == ARM_INS_VMSR || decoded->id == ARM_INS_VCMP ||
                       decoded->id == ARM_INS_VCMPE;
    }
    if (out->class == VB_CLASS_ALU && (shifted_operand(arm) != 0 || has_rotated_constant(decoded)))
        out->class = VB_CLASS_INLINE;
    if (list)
        classify_list_transfer(decoded, traits, out);
    else if (is_memory_class(out->class))
        classify_memory_operand(decoded, out);
    out->is_load = out->class == VB_CLASS_LOAD || out->class == VB_CLASS_LOAD_MULTI;
    out->access_bytes = is_memory_class(out->class) ? traits.access_bytes : 0;
    out->is_signed = traits.flags & VB_TRAIT_SIGNED;
    collect_registers(decoded, list, out);
    out->is_double = fp_name && arm->vector_data == ARM_VECTORDATA_F64 && out->words == 0;
    out->square_root = decoded->id == ARM_INS_VSQRT;
    out->shifter_reads = shifter_reads(decoded, out->class) & out->reads;
    out->sets_flags = arm->update_flags;
    out->reads_flags = arm->cc != ARM_CC_AL && arm->cc != ARM_CC_INVALID;
    out->indirect = is_indirect(decoded, out);
    out->adds_or_moves = out->class == VB_CLASS_ALU && is_add_or_move(decoded->id);
    if (out->class == VB_CLASS_ALU || out->class == VB_CLASS_SHIFT || out->class == VB_CLASS_INLINE ||
        out->class == VB_CLASS_SIMD)
        vb_dataflow_classify(decoded, out);
}
