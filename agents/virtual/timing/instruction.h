/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_TIMING_INSTRUCTION_H
#define VB_TIMING_INSTRUCTION_H

#include <capstone/capstone.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * @file instruction.h
 * What the cost models need to know about one Thumb-2 instruction.
 */

typedef enum vb_class {
    VB_CLASS_ALU,          /**< moves, arithmetic, logic, compares on plain operands; NOP */
    VB_CLASS_SHIFT,        /**< shifts and rotations */
    VB_CLASS_INLINE,       /**< arithmetic or logic with a shifted operand or a rotated constant */
    VB_CLASS_SIMD,         /**< bit fields, extensions and DSP instructions that do not multiply */
    VB_CLASS_MULTIPLY,     /**< no accumulator */
    VB_CLASS_MAC,          /**< with accumulator */
    VB_CLASS_DIVIDE,       /**< SDIV, UDIV */
    VB_CLASS_LOAD,         /**< one register, integer or single precision */
    VB_CLASS_STORE,        /**< likewise */
    VB_CLASS_LOAD_MULTI,   /**< LDRD, LDM, POP, VLDM, VPOP, VLDR.64 */
    VB_CLASS_STORE_MULTI,  /**< STRD, STM, PUSH, VSTM, VPUSH, VSTR.64 */
    VB_CLASS_BRANCH,       /**< B, BL, BX, BLX, CBZ, CBNZ */
    VB_CLASS_TABLE_BRANCH, /**< TBB, TBH */
    VB_CLASS_IT,
    VB_CLASS_STATUS,       /**< MRS, MSR, CPS */
    VB_CLASS_SYNCHRONIZE,  /**< ISB */
    VB_CLASS_FP_ALU,       /**< add, subtract, multiply, compare, convert, move */
    VB_CLASS_FP_MAC,       /**< VMLA, VMLS, VFMA, VFMS and their negated forms */
    VB_CLASS_FP_DIVIDE,    /**< VDIV, VSQRT */
    VB_CLASS_FP_TRANSFER2, /**< VMOV between two core registers and the FPU */
    VB_CLASS_OTHER         /**< hints, DMB, DSB, SVC, BKPT, UDF and undecodable code */
} vb_class;

/** How an instruction computes its destination, for following addresses through a block. */
typedef enum vb_dataflow {
    VB_FLOW_OPAQUE,
    VB_FLOW_CONSTANT,      /**< rd = immediate */
    VB_FLOW_PC_RELATIVE,   /**< rd = word-aligned PC + immediate */
    VB_FLOW_SET_TOP,       /**< rd = (rd & 0xFFFF) | immediate << 16; rn is rd */
    VB_FLOW_ADD_IMMEDIATE, /**< rd = rn + immediate; a register move is + 0 */
    VB_FLOW_ADD_REGISTER,  /**< rd = rn + (rm << shift); without rn, a shift alone */
    VB_FLOW_SUBTRACT,      /**< rd = rn - (rm << shift) */
    VB_FLOW_BITS           /**< rd = bits of rn from rm_shift on, `immediate` of them */
} vb_dataflow;

enum {
    VB_NO_REGISTER = 0xFF,
    VB_REGISTER_SP = 13,
    VB_REGISTER_LR = 14,
    VB_REGISTER_PC = 15,
    VB_FIRST_FP_REGISTER = 32 /**< bit of s0 in the register masks; r0 is bit 0 */
};

typedef struct vb_instruction {
    vb_class class;
    uint8_t width_bytes; /**< 2 or 4 */
    bool conditional;    /**< inside an IT block: may not execute */
    bool fp_move;        /**< VB_CLASS_FP_ALU that moves or compares: it computes nothing */
    bool is_double;      /**< FPU arithmetic in double precision */
    bool multiplies;     /**< VB_CLASS_FP_ALU: VMUL, VNMUL */
    bool square_root;    /**< VB_CLASS_FP_DIVIDE */
    bool adds_or_moves;  /**< ADD, SUB, MOV with a plain operand */
    bool sets_flags, reads_flags;
    bool indirect; /**< branches to an address from a register or memory */

    uint64_t reads, writes; /**< register masks; flags are not followed */
    uint64_t accumulator;   /**< of reads: the addend of a MAC */
    uint64_t address_reads; /**< of reads: base and index of a memory access */
    uint64_t shifter_reads; /**< of reads: operands of the shifter or a bit-field unit */

    /* Memory accesses. */
    bool is_load;
    bool fixed_offset;    /**< a single store of the form [Rn, #imm] */
    uint8_t words;        /**< registers transferred (of 4 bytes, or one smaller access); 0 if no access */
    uint8_t access_bytes; /**< 1, 2 or 4 */
    uint8_t base, index;  /**< register numbers, VB_NO_REGISTER if absent */
    uint8_t index_shift;
    int32_t offset;    /**< of the first byte from base + index */
    int32_t increment; /**< added to the base register; only if writeback */
    bool writeback;

    vb_dataflow flow;
    uint8_t rd, rn, rm, rm_shift; /**< LDRD: rd is where the first word goes */
    bool is_signed;               /**< VB_FLOW_BITS and loads of bytes and halfwords: extends the sign */
    int32_t immediate;
} vb_instruction;

/** Length rule of ARMv7-M (DDI0403E, A5.1): a first halfword of 0b11101, 0b11110 or 0b11111 has a second.
 * @return 2 or 4 */
uint32_t vb_instruction_width(const uint8_t *code);

/** @param decoded a Thumb instruction with details @param width_bytes its length by the rule above */
void vb_instruction_classify(const cs_insn *decoded, uint32_t width_bytes, vb_instruction *out);

/** An instruction that could not be decoded. */
void vb_instruction_unknown(uint32_t width_bytes, vb_instruction *out);

#endif
