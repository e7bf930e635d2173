/* SPDX-License-Identifier: Apache-2.0 */
#include "thumb.h"

#include <string.h>

enum { SP = 13, PC = 15 };

vb_thumb vb_thumb_fetch(const uint8_t *code, uint32_t left)
{
    vb_thumb insn = {.first = (uint16_t)(code[0] | code[1] << 8)};
    insn.bytes = vb_thumb_bytes(insn.first);
    if (insn.bytes == 4 && left >= 4)
        insn.second = (uint16_t)(code[2] | code[3] << 8);
    return insn;
}

static uint32_t popcount(uint32_t value)
{
    return (uint32_t)__builtin_popcount(value);
}

/* The operands of a load or store as an address sum: base + offset + (index << shift). */
typedef struct operands {
    vb_access access;
    uint32_t base;  /* register number; PC means the aligned literal base */
    uint32_t index; /* register number, or 16 for none */
    uint32_t shift;
    uint32_t offset;
} operands;

static operands single(uint32_t base, uint32_t offset, uint32_t bytes, bool store)
{
    return (operands){.access = {.bytes = bytes, .alignment = 1, .unit = bytes, .store = store},
                      .base = base,
                      .index = 16,
                      .offset = offset};
}

static operands multiple(uint32_t base, uint32_t offset, uint32_t words, bool store)
{
    operands op = single(base, offset, 4 * words, store);
    op.access.alignment = op.access.unit = 4;
    return op;
}

/* DDI0403E A5.2.4 to A5.2.6 */
static bool decode16(uint16_t i, operands *op)
{
    uint32_t rn = (i >> 3) & 7, imm5 = (i >> 6) & 31;
    if ((i & 0xF800) == 0x4800) { /* LDR (literal) */
        *op = single(PC, (i & 0xFF) * 4, 4, false);
        return true;
    }
    if ((i & 0xF000) == 0x5000) { /* register offset */
        static const uint8_t bytes[8] = {4, 2, 1, 1, 4, 2, 1, 2};
        uint32_t kind = (i >> 9) & 7;
        *op = single(rn, 0, bytes[kind], kind < 3);
        op->index = (i >> 6) & 7;
        return true;
    }
    switch (i >> 11) {
    case 0x0C: /* STR */
    case 0x0D: /* LDR */
        *op = single(rn, imm5 * 4, 4, (i >> 11) == 0x0C);
        return true;
    case 0x0E: /* STRB */
    case 0x0F:
        *op = single(rn, imm5, 1, (i >> 11) == 0x0E);
        return true;
    case 0x10: /* STRH */
    case 0x11:
        *op = single(rn, imm5 * 2, 2, (i >> 11) == 0x10);
        return true;
    case 0x12: /* STR SP */
    case 0x13:
        *op = single(SP, (i & 0xFF) * 4, 4, (i >> 11) == 0x12);
        return true;
    case 0x18: /* STM */
    case 0x19: /* LDM */
        *op = multiple((i >> 8) & 7, 0, popcount(i & 0xFF), (i >> 11) == 0x18);
        return true;
    default:
        break;
    }
    if ((i & 0xFE00) == 0xB400) { /* PUSH */
        uint32_t words = popcount(i & 0x1FF);
        *op = multiple(SP, 0u - 4u * words, words, true);
        return true;
    }
    if ((i & 0xFE00) == 0xBC00) { /* POP */
        *op = multiple(SP, 0, popcount(i & 0x1FF), false);
        return true;
    }
    return false;
}

/* DDI0403E A5.3.6: load/store dual, exclusive, table branch */
static bool decode_dual(uint16_t a, uint16_t b, operands *op)
{
    uint32_t rn = a & 15, imm8 = b & 0xFF;
    bool load = a & 0x10, p = a & 0x100, u = a & 0x80, w = a & 0x20;
    if (p || w) { /* LDRD, STRD */
        uint32_t offset = u ? imm8 * 4 : 0u - 4u * imm8;
        *op = multiple(rn, p ? offset : 0, 2, !load);
        return true;
    }
    if (!u) { /* LDREX, STREX */
        *op = multiple(rn, imm8 * 4, 1, !load);
        return true;
    }
    uint32_t kind = (b >> 4) & 15;
    if (load && kind <= 1) { /* TBB, TBH */
        *op = single(rn, 0, kind ? 2 : 1, false);
        op->index = b & 15;
        op->shift = kind;
        if (rn == PC) /* the base is the PC itself, not aligned */
            op->access.alignment = 0;
        return true;
    }
    if (kind == 4 || kind == 5) { /* LDREXB/H, STREXB/H */
        *op = single(rn, 0, kind == 4 ? 1 : 2, !load);
        op->access.alignment = op->access.bytes;
        return true;
    }
    return false;
}

/* DDI0403E A6.5: VLDR, VSTR, VLDM, VSTM, VPUSH, VPOP */
static bool decode_fpu(uint16_t a, uint16_t b, operands *op)
{
    bool p = a & 0x100, u = a & 0x80, w = a & 0x20, load = a & 0x10;
    uint32_t imm8 = b & 0xFF, rn = a & 15;
    if ((a & 0xFE00) != 0xEC00 || (b & 0x0E00) != 0x0A00 || (!p && !u && !w))
        return false;
    if (!p && !u)
        return false; /* VMOV of two registers (A6.7) */
    if (p && !w) {
        *op = multiple(rn, u ? imm8 * 4 : 0u - 4u * imm8, b & 0x100 ? 2 : 1, !load);
        return true;
    }
    *op = multiple(rn, u ? 0 : 0u - 4u * imm8, imm8, !load);
    return true;
}

static bool decode32(uint16_t a, uint16_t b, operands *op)
{
    uint32_t rn = a & 15;
    bool load = a & 0x10;
    if ((a & 0xFE40) == 0xE800) { /* A5.3.5: load/store multiple */
        uint32_t words = popcount(b), mode = (a >> 7) & 3;
        if (mode != 1 && mode != 2)
            return false;
        *op = multiple(rn, mode == 1 ? 0 : 0u - 4u * words, words, !load);
        return true;
    }
    if ((a & 0xFE40) == 0xE840)
        return decode_dual(a, b, op);
    if ((a & 0xFE00) == 0xEC00)
        return decode_fpu(a, b, op);
    if ((a & 0xFE00) != 0xF800)
        return false;
    /* A5.3.7 to A5.3.10: single data item */
    uint32_t size = (a >> 5) & 3;
    if (size == 3)
        return false;
    if (load && rn == PC) {
        uint32_t imm12 = b & 0xFFF;
        *op = single(PC, a & 0x80 ? imm12 : 0u - imm12, 1u << size, false);
        return true;
    }
    if (a & 0x80) { /* 12-bit immediate */
        *op = single(rn, b & 0xFFF, 1u << size, !load);
        return true;
    }
    if (!(b & 0x800)) { /* register */
        if (b & 0x7C0)
            return false;
        *op = single(rn, 0, 1u << size, !load);
        op->index = b & 15;
        op->shift = (b >> 4) & 3;
        return true;
    }
    uint32_t imm8 = b & 0xFF;
    bool before = b & 0x400, up = b & 0x200;
    *op = single(rn, before ? (up ? imm8 : 0u - imm8) : 0, 1u << size, !load);
    return true;
}

static bool decode(vb_thumb insn, operands *op)
{
    return insn.bytes == 2 ? decode16(insn.first, op) : decode32(insn.first, insn.second, op);
}

bool vb_thumb_access(vb_thumb insn, uint32_t pc, const uint32_t registers[16], uint32_t known,
                     vb_access *access)
{
    operands op;
    if (!decode(insn, &op))
        return false;
    uint32_t address;
    if (op.base == PC)
        address = op.access.alignment == 0 ? pc + 4 : ((pc + 4) & ~3u);
    else if (known >> op.base & 1)
        address = registers[op.base];
    else
        return false;
    if (op.index < 16) {
        if (!(known >> op.index & 1))
            return false;
        address += registers[op.index] << op.shift;
    }
    op.access.address = address + op.offset;
    if (op.access.alignment == 0)
        op.access.alignment = 1;
    *access = op.access;
    return true;
}

bool vb_thumb_is_memory(vb_thumb insn)
{
    operands op;
    return decode(insn, &op);
}

bool vb_thumb_is_store(vb_thumb insn)
{
    operands op;
    return decode(insn, &op) && op.access.store;
}

bool vb_thumb_is_fpu(vb_thumb insn)
{
    /* A5.3.18: coprocessor instructions; 10 and 11 are the FPU */
    return insn.bytes == 4 && (insn.first & 0xEC00) == 0xEC00 && (insn.second & 0x0E00) == 0x0A00;
}

bool vb_thumb_is_divide(vb_thumb insn, uint32_t *divisor)
{
    if (insn.bytes != 4 || (insn.first & 0xFFD0) != 0xFB90 || (insn.second & 0x00F0) != 0x00F0)
        return false;
    *divisor = insn.second & 15;
    return true;
}
