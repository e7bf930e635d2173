/* SPDX-License-Identifier: Apache-2.0 */
#include "timing/instruction.h"

#include <string.h>

uint32_t vb_instruction_width(const uint8_t *code)
{
    return (code[1] >> 3) >= 0x1D ? 4 : 2;
}

/** Register mask of a capstone register; 0 for what is not followed (flags, special registers). */
static uint64_t register_mask(unsigned reg)
{
    if (reg >= ARM_REG_R0 && reg <= ARM_REG_R12)
        return 1ULL << (reg - ARM_REG_R0);
    if (reg >= ARM_REG_S0 && reg <= ARM_REG_S31)
        return 1ULL << (VB_FIRST_FP_REGISTER + reg - ARM_REG_S0);
    if (reg >= ARM_REG_D0 && reg <= ARM_REG_D15)
        return 3ULL << (VB_FIRST_FP_REGISTER + 2 * (reg - ARM_REG_D0));
    switch (reg) {
    case ARM_REG_SP:
        return 1ULL << VB_REGISTER_SP;
    case ARM_REG_LR:
        return 1ULL << VB_REGISTER_LR;
    case ARM_REG_PC:
        return 1ULL << VB_REGISTER_PC;
    default:
        return 0;
    }
}

static uint8_t register_number(unsigned reg)
{
    uint64_t mask = register_mask(reg) & 0xFFFF;
    return mask ? (uint8_t)__builtin_ctzll(mask) : VB_NO_REGISTER;
}

static bool is_double(unsigned reg)
{
    return reg >= ARM_REG_D0 && reg <= ARM_REG_D15;
}

/** The class by instruction name alone; operands may change it afterwards. */
static vb_class class_of(unsigned id)
{
    switch (id) {
    case ARM_INS_ASR:
    case ARM_INS_LSL:
    case ARM_INS_LSR:
    case ARM_INS_ROR:
    case ARM_INS_RRX:
        return VB_CLASS_SHIFT;
    case ARM_INS_BFC:
    case ARM_INS_BFI:
    case ARM_INS_SBFX:
    case ARM_INS_UBFX:
    case ARM_INS_SXTB:
    case ARM_INS_SXTH:
    case ARM_INS_UXTB:
    case ARM_INS_UXTH:
    case ARM_INS_SXTAB:
    case ARM_INS_SXTAH:
    case ARM_INS_UXTAB:
    case ARM_INS_UXTAH:
    case ARM_INS_SXTB16:
    case ARM_INS_UXTB16:
    case ARM_INS_SXTAB16:
    case ARM_INS_UXTAB16:
    case ARM_INS_PKHBT:
    case ARM_INS_PKHTB:
    case ARM_INS_SEL:
    case ARM_INS_SSAT:
    case ARM_INS_SSAT16:
    case ARM_INS_USAT:
    case ARM_INS_USAT16:
    case ARM_INS_QADD:
    case ARM_INS_QSUB:
    case ARM_INS_QDADD:
    case ARM_INS_QDSUB:
    case ARM_INS_SADD8:
    case ARM_INS_SADD16:
    case ARM_INS_SSUB8:
    case ARM_INS_SSUB16:
    case ARM_INS_UADD8:
    case ARM_INS_UADD16:
    case ARM_INS_USUB8:
    case ARM_INS_USUB16:
    case ARM_INS_QADD8:
    case ARM_INS_QADD16:
    case ARM_INS_QSUB8:
    case ARM_INS_QSUB16:
    case ARM_INS_UQADD8:
    case ARM_INS_UQADD16:
    case ARM_INS_UQSUB8:
    case ARM_INS_UQSUB16:
    case ARM_INS_SHADD8:
    case ARM_INS_SHADD16:
    case ARM_INS_SHSUB8:
    case ARM_INS_SHSUB16:
    case ARM_INS_UHADD8:
    case ARM_INS_UHADD16:
    case ARM_INS_UHSUB8:
    case ARM_INS_UHSUB16:
    case ARM_INS_SASX:
    case ARM_INS_SSAX:
    case ARM_INS_QASX:
    case ARM_INS_QSAX:
    case ARM_INS_UASX:
    case ARM_INS_USAX:
    case ARM_INS_USAD8:
    case ARM_INS_USADA8:
    case ARM_INS_REV:
    case ARM_INS_REV16:
    case ARM_INS_REVSH:
    case ARM_INS_RBIT:
    case ARM_INS_CLZ:
        return VB_CLASS_SIMD;
    case ARM_INS_MUL:
    case ARM_INS_SMULL:
    case ARM_INS_UMULL:
    case ARM_INS_SMULBB:
    case ARM_INS_SMULBT:
    case ARM_INS_SMULTB:
    case ARM_INS_SMULTT:
    case ARM_INS_SMULWB:
    case ARM_INS_SMULWT:
    case ARM_INS_SMMUL:
    case ARM_INS_SMMULR:
    case ARM_INS_SMUAD:
    case ARM_INS_SMUADX:
    case ARM_INS_SMUSD:
    case ARM_INS_SMUSDX:
        return VB_CLASS_MULTIPLY;
    case ARM_INS_MLA:
    case ARM_INS_MLS:
    case ARM_INS_SMLAL:
    case ARM_INS_UMLAL:
    case ARM_INS_UMAAL:
    case ARM_INS_SMLABB:
    case ARM_INS_SMLABT:
    case ARM_INS_SMLATB:
    case ARM_INS_SMLATT:
    case ARM_INS_SMLAWB:
    case ARM_INS_SMLAWT:
    case ARM_INS_SMLALBB:
    case ARM_INS_SMLALBT:
    case ARM_INS_SMLALTB:
    case ARM_INS_SMLALTT:
    case ARM_INS_SMLAD:
    case ARM_INS_SMLADX:
    case ARM_INS_SMLSD:
    case ARM_INS_SMLSDX:
    case ARM_INS_SMLALD:
    case ARM_INS_SMLALDX:
    case ARM_INS_SMLSLD:
    case ARM_INS_SMLSLDX:
    case ARM_INS_SMMLA:
    case ARM_INS_SMMLAR:
    case ARM_INS_SMMLS:
    case ARM_INS_SMMLSR:
        return VB_CLASS_MAC;
    case ARM_INS_SDIV:
    case ARM_INS_UDIV:
        return VB_CLASS_DIVIDE;
    case ARM_INS_LDR:
    case ARM_INS_LDRB:
    case ARM_INS_LDRSB:
    case ARM_INS_LDRH:
    case ARM_INS_LDRSH:
    case ARM_INS_LDRT:
    case ARM_INS_LDRBT:
    case ARM_INS_LDRSBT:
    case ARM_INS_LDRHT:
    case ARM_INS_LDRSHT:
    case ARM_INS_LDREX:
    case ARM_INS_LDREXB:
    case ARM_INS_LDREXH:
    case ARM_INS_VLDR:
        return VB_CLASS_LOAD;
    case ARM_INS_STR:
    case ARM_INS_STRB:
    case ARM_INS_STRH:
    case ARM_INS_STRT:
    case ARM_INS_STRBT:
    case ARM_INS_STRHT:
    case ARM_INS_STREX:
    case ARM_INS_STREXB:
    case ARM_INS_STREXH:
    case ARM_INS_VSTR:
        return VB_CLASS_STORE;
    case ARM_INS_LDRD:
    case ARM_INS_LDM:
    case ARM_INS_LDMDB:
    case ARM_INS_POP:
    case ARM_INS_VLDMIA:
    case ARM_INS_VLDMDB:
    case ARM_INS_VPOP:
        return VB_CLASS_LOAD_MULTI;
    case ARM_INS_STRD:
    case ARM_INS_STM:
    case ARM_INS_STMDB:
    case ARM_INS_PUSH:
    case ARM_INS_VSTMIA:
    case ARM_INS_VSTMDB:
    case ARM_INS_VPUSH:
        return VB_CLASS_STORE_MULTI;
    case ARM_INS_B:
    case ARM_INS_BL:
    case ARM_INS_BX:
    case ARM_INS_BLX:
    case ARM_INS_CBZ:
    case ARM_INS_CBNZ:
        return VB_CLASS_BRANCH;
    case ARM_INS_TBB:
    case ARM_INS_TBH:
        return VB_CLASS_TABLE_BRANCH;
    case ARM_INS_IT:
        return VB_CLASS_IT;
    case ARM_INS_MRS:
    case ARM_INS_MSR:
    case ARM_INS_CPS:
        return VB_CLASS_STATUS;
    case ARM_INS_ISB:
        return VB_CLASS_SYNCHRONIZE;
    case ARM_INS_VMLA:
    case ARM_INS_VMLS:
    case ARM_INS_VNMLA:
    case ARM_INS_VNMLS:
    case ARM_INS_VFMA:
    case ARM_INS_VFMS:
    case ARM_INS_VFNMA:
    case ARM_INS_VFNMS:
        return VB_CLASS_FP_MAC;
    case ARM_INS_VDIV:
    case ARM_INS_VSQRT:
        return VB_CLASS_FP_DIVIDE;
    case ARM_INS_HINT:
    case ARM_INS_WFI:
    case ARM_INS_WFE:
    case ARM_INS_SEV:
    case ARM_INS_YIELD:
    case ARM_INS_DMB:
    case ARM_INS_DSB:
    case ARM_INS_CLREX:
    case ARM_INS_PLD:
    case ARM_INS_PLI:
    case ARM_INS_SVC:
    case ARM_INS_BKPT:
    case ARM_INS_UDF:
    case ARM_INS_CDP:
    case ARM_INS_MCR:
    case ARM_INS_MRC:
        return VB_CLASS_OTHER;
    default:
        return VB_CLASS_ALU;
    }
}

static uint8_t access_bytes_of(unsigned id)
{
    switch (id) {
    case ARM_INS_LDRB:
    case ARM_INS_LDRSB:
    case ARM_INS_LDRBT:
    case ARM_INS_LDRSBT:
    case ARM_INS_LDREXB:
    case ARM_INS_STRB:
    case ARM_INS_STRBT:
    case ARM_INS_STREXB:
    case ARM_INS_TBB:
        return 1;
    case ARM_INS_LDRH:
    case ARM_INS_LDRSH:
    case ARM_INS_LDRHT:
    case ARM_INS_LDRSHT:
    case ARM_INS_LDREXH:
    case ARM_INS_STRH:
    case ARM_INS_STRHT:
    case ARM_INS_STREXH:
    case ARM_INS_TBH:
        return 2;
    default:
        return 4;
    }
}

static bool is_block_transfer(unsigned id)
{
    switch (id) {
    case ARM_INS_LDM:
    case ARM_INS_LDMDB:
    case ARM_INS_STM:
    case ARM_INS_STMDB:
    case ARM_INS_VLDMIA:
    case ARM_INS_VLDMDB:
    case ARM_INS_VSTMIA:
    case ARM_INS_VSTMDB:
        return true;
    default:
        return false;
    }
}

static bool is_stack_transfer(unsigned id)
{
    return id == ARM_INS_POP || id == ARM_INS_PUSH || id == ARM_INS_VPOP || id == ARM_INS_VPUSH;
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
        *registers |= register_mask((unsigned)arm->operands[i].reg);
    }
    return (uint8_t)words;
}

/** LDM, STM, PUSH, POP and their floating-point forms: a base register and a list. */
static void classify_block_transfer(const cs_insn *decoded, vb_instruction *out)
{
    const cs_arm *arm = &decoded->detail->arm;
    bool stack = is_stack_transfer(decoded->id);
    bool load = out->class == VB_CLASS_LOAD_MULTI;
    bool down = decoded->id == ARM_INS_LDMDB || decoded->id == ARM_INS_STMDB ||
                decoded->id == ARM_INS_VLDMDB || decoded->id == ARM_INS_VSTMDB || (stack && !load);
    uint64_t list = 0;
    out->words = list_words(arm, stack ? 0 : 1, &list);
    out->base =
        stack || arm->op_count == 0 ? VB_REGISTER_SP : register_number((unsigned)arm->operands[0].reg);
    out->writeback = stack || arm->writeback;
    out->offset = down ? -4 * (int32_t)out->words : 0;
    out->increment = (down ? -4 : 4) * (int32_t)out->words;
    (load ? &out->writes : &out->reads)[0] |= list;
    if (out->words == 1 && !stack &&
        (list >> VB_FIRST_FP_REGISTER) != 0) { /* VLDM of one: a VLDR that updates */
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
            out->base = register_number(op->mem.base);
            out->index = register_number(op->mem.index);
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
        out->rd = register_number((unsigned)arm->operands[0].reg);
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

/** Registers read and written. Operands without an access note in capstone 4.0.2 (SSAT's source) are read. */
static void collect_registers(const cs_insn *decoded, vb_instruction *out)
{
    const cs_arm *arm = &decoded->detail->arm;
    bool list = is_block_transfer(decoded->id) || is_stack_transfer(decoded->id);
    for (unsigned i = 0; i < arm->op_count && !list; i++) {
        const cs_arm_op *op = &arm->operands[i];
        if (op->type == ARM_OP_REG) {
            uint64_t mask = register_mask((unsigned)op->reg);
            if (op->access & CS_AC_WRITE)
                out->writes |= mask;
            if ((op->access & CS_AC_READ) || op->access == 0)
                out->reads |= mask;
        } else if (op->type == ARM_OP_MEM) {
            out->reads |= register_mask(op->mem.base) | register_mask(op->mem.index);
            out->address_reads |= register_mask(op->mem.base) | register_mask(op->mem.index);
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
            out->accumulator = register_mask((unsigned)arm->operands[arm->op_count - 1].reg);
        out->reads |= out->accumulator;
    }
    if (out->class == VB_CLASS_FP_MAC) {
        out->reads |= out->writes;
        out->accumulator = out->writes;
    }
    if (decoded->id == ARM_INS_BL || decoded->id == ARM_INS_BLX)
        out->writes |= 1ULL << VB_REGISTER_LR;
}

static uint8_t register_operand(const cs_arm_op *op)
{
    return op->type == ARM_OP_REG ? register_number((unsigned)op->reg) : VB_NO_REGISTER;
}

/** rd = rn + rm << shift, rn perhaps absent; or their difference. */
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

/** ADD and SUB: of an immediate, or of a register that may be shifted left. */
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

/** Extensions, which may rotate their operand first; a rotation is a place as long as nothing wraps. */
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

/** Recognises how compilers compute addresses. */
static void classify_dataflow(const cs_insn *decoded, vb_instruction *out)
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

/** Operands that an inline shift takes. */
static uint64_t shifted_operand(const cs_arm *arm)
{
    uint64_t mask = 0;
    for (unsigned i = 1; i < arm->op_count; i++)
        if (arm->operands[i].type == ARM_OP_REG && arm->operands[i].shift.type != ARM_SFT_INVALID)
            mask |= register_mask((unsigned)arm->operands[i].reg);
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

/** What has to be there a cycle early on a Cortex-M7 (jnk0le/random, cortex_m7.md). */
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
        return arm->op_count > 1 ? register_mask((unsigned)arm->operands[1].reg) : 0;
    case ARM_INS_PKHBT:
    case ARM_INS_SXTAB:
    case ARM_INS_SXTAH:
    case ARM_INS_UXTAB:
    case ARM_INS_UXTAH:
    case ARM_INS_SXTAB16:
    case ARM_INS_UXTAB16:
        return arm->op_count > 2 ? register_mask((unsigned)arm->operands[2].reg) : 0;
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
    vb_instruction_unknown(width_bytes, out);
    out->class = class_of(decoded->id);
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
    if (is_block_transfer(decoded->id) || is_stack_transfer(decoded->id)) {
        classify_block_transfer(decoded, out);
    } else if (is_memory_class(out->class)) {
        classify_memory_operand(decoded, out);
    }
    out->is_load = out->class == VB_CLASS_LOAD || out->class == VB_CLASS_LOAD_MULTI;
    out->access_bytes = is_memory_class(out->class) ? access_bytes_of(decoded->id) : 0;
    out->is_signed = decoded->id == ARM_INS_LDRSB || decoded->id == ARM_INS_LDRSH;
    collect_registers(decoded, out);
    out->is_double = fp_name && arm->vector_data == ARM_VECTORDATA_F64 && out->words == 0;
    out->square_root = decoded->id == ARM_INS_VSQRT;
    out->shifter_reads = shifter_reads(decoded, out->class) & out->reads;
    out->sets_flags = arm->update_flags;
    out->reads_flags = arm->cc != ARM_CC_AL && arm->cc != ARM_CC_INVALID;
    out->indirect = is_indirect(decoded, out);
    out->adds_or_moves = out->class == VB_CLASS_ALU && is_add_or_move(decoded->id);
    if (out->class == VB_CLASS_ALU || out->class == VB_CLASS_SHIFT || out->class == VB_CLASS_INLINE ||
        out->class == VB_CLASS_SIMD)
        classify_dataflow(decoded, out);
}
