/* SPDX-License-Identifier: Apache-2.0 */
#include "dataflow.h"

#include "register_mask.h"

static uint8_t register_operand(const cs_arm_op *op)
{
    return op->type == ARM_OP_REG ? vb_register_number((unsigned)op->reg) : VB_NO_REGISTER;
}

/** rd = rn + (rm << shift), or rm << shift alone; or their difference. */
static void flow_register(vb_instruction *out, vb_dataflow flow, uint8_t rn, const cs_arm_op *last,
                          unsigned shift)
{
    out->rn = rn;
    out->rm = register_operand(last);
    out->rm_shift = (uint8_t)shift;
    out->flow = out->rm == VB_NO_REGISTER || shift > 31 ? VB_FLOW_OPAQUE : flow;
}

static void flow_immediate(vb_instruction *out, vb_dataflow flow, uint8_t rn, int32_t immediate)
{
    out->rn = rn;
    out->immediate = immediate;
    out->flow = flow;
}

static void flow_bits(vb_instruction *out, const cs_arm_op *from, unsigned first, unsigned bits,
                      bool is_signed)
{
    out->rn = register_operand(from);
    out->rm_shift = (uint8_t)first;
    out->immediate = (int32_t)bits;
    out->is_signed = is_signed;
    out->flow = out->rn == VB_NO_REGISTER || bits == 0 || first + bits > 32 ? VB_FLOW_OPAQUE : VB_FLOW_BITS;
}

/** ADD and SUB of an immediate, or of a register that may be shifted left. */
static void flow_of_sum(const cs_arm *arm, bool subtract, vb_instruction *out)
{
    const cs_arm_op *first = &arm->operands[arm->op_count == 2 ? 0 : 1];
    const cs_arm_op *last = &arm->operands[arm->op_count - 1];
    vb_dataflow flow = subtract ? VB_FLOW_SUBTRACT : VB_FLOW_ADD_REGISTER;
    uint8_t rn = register_operand(first);
    if (rn == VB_NO_REGISTER || rn == VB_REGISTER_PC || first->shift.type != ARM_SFT_INVALID)
        return;
    if (last->type == ARM_OP_IMM)
        flow_immediate(out, VB_FLOW_ADD_IMMEDIATE, rn, subtract ? -last->imm : last->imm);
    else if (last->shift.type == ARM_SFT_INVALID)
        flow_register(out, flow, rn, last, 0);
    else if (last->shift.type == ARM_SFT_LSL)
        flow_register(out, flow, rn, last, last->shift.value);
}

/** Extensions, which may rotate their operand first; a rotation selects bits if they do not wrap. */
static void flow_of_extension(const cs_arm *arm, unsigned bits, bool is_signed, vb_instruction *out)
{
    const cs_arm_op *from = &arm->operands[arm->op_count - 1];
    flow_bits(out, from, from->shift.type == ARM_SFT_ROR ? from->shift.value : 0, bits, is_signed);
}

/** AND with 2^n - 1. */
static void flow_of_mask(const cs_arm *arm, vb_instruction *out)
{
    const cs_arm_op *last = &arm->operands[arm->op_count - 1];
    uint32_t mask = last->type == ARM_OP_IMM ? (uint32_t)last->imm : 0;
    if (mask != 0 && (mask & (mask + 1)) == 0)
        flow_bits(out, &arm->operands[arm->op_count - 2], 0, (unsigned)__builtin_popcount(mask), false);
}

/** A shift by a constant. */
static void flow_of_shift(const cs_insn *decoded, vb_instruction *out)
{
    const cs_arm *arm = &decoded->detail->arm;
    const cs_arm_op *last = &arm->operands[arm->op_count - 1];
    const cs_arm_op *from = &arm->operands[arm->op_count - 2];
    if (last->type != ARM_OP_IMM || last->imm < 0 || last->imm > 31)
        return;
    unsigned shift = (unsigned)last->imm;
    if (decoded->id == ARM_INS_LSL)
        flow_register(out, VB_FLOW_ADD_REGISTER, VB_NO_REGISTER, from, shift);
    else
        flow_bits(out, from, shift, 32 - shift, decoded->id == ARM_INS_ASR);
}

void vb_dataflow_classify(const cs_insn *decoded, vb_instruction *out)
{
    const cs_arm *arm = &decoded->detail->arm;
    if (arm->op_count < 2)
        return;
    const cs_arm_op *second = &arm->operands[1];
    out->rd = register_operand(&arm->operands[0]);
    if (out->rd == VB_NO_REGISTER)
        return;
    switch (decoded->id) {
    case ARM_INS_ADD:
    case ARM_INS_ADDW:
        flow_of_sum(arm, false, out);
        break;
    case ARM_INS_SUB:
    case ARM_INS_SUBW:
        flow_of_sum(arm, true, out);
        break;
    case ARM_INS_MOV:
    case ARM_INS_MOVW:
        if (second->type == ARM_OP_IMM)
            flow_immediate(out, VB_FLOW_CONSTANT, VB_NO_REGISTER, second->imm);
        else if (arm->op_count == 2 && second->shift.type == ARM_SFT_INVALID)
            flow_immediate(out, VB_FLOW_ADD_IMMEDIATE, register_operand(second), 0);
        break;
    case ARM_INS_MOVT:
        flow_immediate(out, VB_FLOW_SET_TOP, out->rd, second->imm);
        break;
    case ARM_INS_ADR:
        flow_immediate(out, VB_FLOW_PC_RELATIVE, VB_NO_REGISTER, second->imm);
        break;
    case ARM_INS_LSL:
    case ARM_INS_LSR:
    case ARM_INS_ASR:
        flow_of_shift(decoded, out);
        break;
    case ARM_INS_UXTB:
    case ARM_INS_SXTB:
        flow_of_extension(arm, 8, decoded->id == ARM_INS_SXTB, out);
        break;
    case ARM_INS_UXTH:
    case ARM_INS_SXTH:
        flow_of_extension(arm, 16, decoded->id == ARM_INS_SXTH, out);
        break;
    case ARM_INS_UBFX:
    case ARM_INS_SBFX:
        if (arm->op_count == 4)
            flow_bits(out, second, (unsigned)arm->operands[2].imm, (unsigned)arm->operands[3].imm,
                      decoded->id == ARM_INS_SBFX);
        break;
    case ARM_INS_AND:
        flow_of_mask(arm, out);
        break;
    default:
        break;
    }
}
