/* SPDX-License-Identifier: Apache-2.0 */
/* Follows the effect of instructions on registers where that is simple. */
#include "thumb.h"

enum { SP = 13, PC = 15 };

static uint32_t popcount(uint32_t value)
{
    return (uint32_t)__builtin_popcount(value);
}

/* DDI0403E A5.3.2, ThumbExpandImm without its carry */
static uint32_t expand_immediate(uint32_t imm12)
{
    uint32_t byte = imm12 & 0xFF;
    switch (imm12 >> 8) {
    case 0:
        return byte;
    case 1:
        return byte << 16 | byte;
    case 2:
        return byte << 24 | byte << 8;
    case 3:
        return byte * 0x01010101u;
    default: {
        uint32_t rotation = imm12 >> 7, value = 0x80 | (imm12 & 0x7F);
        return value >> rotation | value << (32 - rotation);
    }
    }
}

typedef struct tracker {
    uint32_t *registers;
    uint32_t *known;
} tracker;

static void forget(tracker t, uint32_t registers)
{
    *t.known &= ~registers;
}

static void set(tracker t, uint32_t rd, uint32_t value)
{
    t.registers[rd] = value;
    *t.known |= 1u << rd;
}

/* rd = rn + addend where rn is known, else rd is forgotten */
static void set_sum(tracker t, uint32_t rd, uint32_t rn, uint32_t addend)
{
    if (*t.known >> rn & 1)
        set(t, rd, t.registers[rn] + addend);
    else
        forget(t, 1u << rd);
}

/* Push, pop, load and store multiple, and arithmetic on SP. */
static bool follow16_stack(tracker t, uint16_t i)
{
    uint32_t r8 = (i >> 8) & 7, list = i & 0xFF;
    if ((i & 0xFF00) == 0xB000) { /* ADD, SUB SP, immediate */
        set_sum(t, SP, SP, i & 0x80 ? 0u - (i & 0x7F) * 4 : (i & 0x7F) * 4);
        return true;
    }
    if ((i & 0xFE00) == 0xB400) { /* PUSH */
        set_sum(t, SP, SP, 0u - 4 * popcount(i & 0x1FF));
        return true;
    }
    if ((i & 0xFE00) == 0xBC00) { /* POP */
        forget(t, list);
        set_sum(t, SP, SP, 4 * popcount(i & 0x1FF));
        return true;
    }
    if ((i & 0xF800) == 0xC000) { /* STM, writes back */
        set_sum(t, r8, r8, 4 * popcount(list));
        return true;
    }
    if ((i & 0xF800) == 0xC800) { /* LDM, writes back unless it loads the base */
        bool loads_base = i >> r8 & 1;
        if (!loads_base)
            set_sum(t, r8, r8, 4 * popcount(list));
        forget(t, list);
        return true;
    }
    return false;
}

/* Compares and branches change no register that is followed. */
static bool changes_nothing16(uint16_t i)
{
    return (i & 0xFFC0) == 0x4280 || (i & 0xFFC0) == 0x42C0 || (i & 0xFFC0) == 0x4200 ||
           (i & 0xFF00) == 0x4500 || /* CMP, CMN, TST, CMP high */
           (i & 0xF000) == 0xD000 || (i & 0xF800) == 0xE000 || (i & 0xFD00) == 0xB900 ||
           (i & 0xFD00) == 0xB100; /* B, CBZ, CBNZ */
}

static bool follow16(tracker t, uint16_t i, uint32_t pc)
{
    uint32_t rd = i & 7, rn = (i >> 3) & 7, r8 = (i >> 8) & 7, imm8 = i & 0xFF;
    switch (i >> 11) {
    case 0x04: /* MOV immediate */
        set(t, r8, imm8);
        return true;
    case 0x05: /* CMP immediate */
        return true;
    case 0x06:
        set_sum(t, r8, r8, imm8);
        return true;
    case 0x07:
        set_sum(t, r8, r8, 0u - imm8);
        return true;
    case 0x14: /* ADR */
        set(t, r8, ((pc + 4) & ~3u) + imm8 * 4);
        return true;
    case 0x15: /* ADD SP */
        set_sum(t, r8, SP, imm8 * 4);
        return true;
    default:
        break;
    }
    if ((i & 0xFC00) == 0x1C00) { /* ADD, SUB 3-bit immediate */
        uint32_t imm3 = (i >> 6) & 7;
        set_sum(t, rd, rn, i & 0x200 ? 0u - imm3 : imm3);
        return true;
    }
    if ((i & 0xFF00) == 0x4600) { /* MOV register */
        set_sum(t, rd | (i >> 4 & 8), (i >> 3) & 15, 0);
        return true;
    }
    return follow16_stack(t, i) || changes_nothing16(i);
}

static bool follow32(tracker t, uint16_t a, uint16_t b)
{
    uint32_t rn = a & 15, rd = (b >> 8) & 15;
    uint32_t imm12 = (uint32_t)((a >> 10 & 1) << 11 | (b >> 12 & 7) << 8 | (b & 0xFF));
    if (b & 0x8000)
        return false;
    if ((a & 0xFBF0) == 0xF240) { /* MOVW */
        set(t, rd, rn << 12 | imm12);
        return true;
    }
    if ((a & 0xFBF0) == 0xF2C0) { /* MOVT */
        if (*t.known >> rd & 1)
            set(t, rd, (t.registers[rd] & 0xFFFF) | (rn << 12 | imm12) << 16);
        return true;
    }
    if ((a & 0xFBEF) == 0xF04F && rd != PC) { /* MOV.W immediate */
        set(t, rd, expand_immediate(imm12));
        return true;
    }
    if ((a & 0xFBE0) == 0xF100 && rd != PC && rn != PC) { /* ADD.W immediate */
        set_sum(t, rd, rn, expand_immediate(imm12));
        return true;
    }
    if ((a & 0xFBE0) == 0xF1A0 && rd != PC && rn != PC) { /* SUB.W immediate */
        set_sum(t, rd, rn, 0u - expand_immediate(imm12));
        return true;
    }
    if ((a & 0xFBF0) == 0xF200 && rn != PC) { /* ADDW */
        set_sum(t, rd, rn, imm12);
        return true;
    }
    if ((a & 0xFBF0) == 0xF2A0 && rn != PC) { /* SUBW */
        set_sum(t, rd, rn, 0u - imm12);
        return true;
    }
    return false;
}

/* A plain word load whose destination alone changes: returns its register, or 16. */
static uint32_t simple_load(vb_thumb insn)
{
    uint16_t i = insn.first;
    if (insn.bytes == 2) {
        if ((i & 0xF800) == 0x4800 || (i & 0xF800) == 0x9800)
            return (i >> 8) & 7;
        return (i & 0xF800) == 0x6800 || (i & 0xFE00) == 0x5800 ? i & 7 : 16;
    }
    bool plain = (i & 0xFFF0) == 0xF8D0 || (i & 0xFF7F) == 0xF85F ||
                 ((i & 0xFFF0) == 0xF850 && (insn.second & 0xFC0) == 0) ||
                 ((i & 0xFFF0) == 0xF850 && (insn.second & 0xF00) == 0xC00);
    return plain ? insn.second >> 12 : 16;
}

void vb_thumb_follow(vb_thumb insn, uint32_t pc, uint32_t registers[16], uint32_t *known,
                     bool (*read)(void *user, uint32_t address, uint32_t bytes, uint32_t *value), void *user)
{
    tracker t = {registers, known};
    uint32_t rt = simple_load(insn);
    if (rt < PC) {
        vb_access access;
        uint32_t value;
        if (vb_thumb_access(insn, pc, registers, *known, &access) && read(user, access.address, 4, &value))
            set(t, rt, value);
        else
            forget(t, 1u << rt);
        return;
    }
    if (insn.bytes == 2) {
        if (follow16(t, insn.first, pc))
            return;
        if ((insn.first & 0xFF00) == 0xBF00) { /* IT: what follows may or may not execute */
            if (insn.first & 0xF)
                forget(t, 0xFFFF);
            return;
        }
        if (vb_thumb_is_store(insn))
            return;
        /* Every 16-bit format has its destination in bits 2-0 (and 7), or 10-8. */
        forget(t, 1u << (insn.first & 7) | 1u << ((insn.first & 7) | (insn.first >> 4 & 8)) |
                      1u << (insn.first >> 8 & 7));
        return;
    }
    if ((insn.first & 0xF800) == 0xF000 && follow32(t, insn.first, insn.second))
        return;
    if ((insn.first & 0xFE40) == 0xE800 && vb_thumb_is_memory(insn)) { /* LDM, STM */
        forget(t, (vb_thumb_is_store(insn) ? 0u : insn.second) | 1u << (insn.first & 15));
        return;
    }
    forget(t, 1u << (insn.first & 15) | 1u << (insn.second >> 12) | 1u << (insn.second >> 8 & 15) |
                  1u << (insn.second & 15));
}
