/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_THUMB_H
#define VB_THUMB_H

#include <stdbool.h>
#include <stdint.h>

/**
 * @file thumb.h
 * What the machine needs to know about single Thumb-2 instructions (Armv7-M ARM, DDI0403E, A5 to A7): length,
 * the memory they touch, whether they use the FPU. Pure functions.
 */

/** Bytes of the instruction whose first halfword this is: 2 or 4 (DDI0403E A5.1). */
static inline uint32_t vb_thumb_bytes(uint16_t first)
{
    return (first & 0xF800u) >= 0xE800u ? 4 : 2;
}

/** One instruction; `second` is 0 for a 16-bit one. */
typedef struct vb_thumb {
    uint16_t first;
    uint16_t second;
    uint32_t bytes;
} vb_thumb;

/** @param code at least 2 readable bytes, 4 if the instruction is that long; `left` says how
 * many there are */
vb_thumb vb_thumb_fetch(const uint8_t *code, uint32_t left);

/** The memory one load or store touches. */
typedef struct vb_access {
    uint32_t address;
    uint32_t bytes;     /**< in total, also for multiple transfers */
    uint32_t alignment; /**< required whatever CCR.UNALIGN_TRP is (DDI0403E A3.2.1): 1 or more */
    uint32_t unit;      /**< natural alignment of each transfer, required when UNALIGN_TRP is set */
    bool store;
} vb_access;

/**
 * @param pc address of the instruction
 * @param registers r0-r15 just before it; bit i of `known` clear = registers[i] is not known
 * @return true if the instruction is a load or store and its address follows from known registers
 */
bool vb_thumb_access(vb_thumb insn, uint32_t pc, const uint32_t registers[16], uint32_t known,
                     vb_access *access);
/** @return true if the instruction may load or store at all */
bool vb_thumb_is_memory(vb_thumb insn);
/** @return true if it may store */
bool vb_thumb_is_store(vb_thumb insn);
/** @return true for coprocessor 10 and 11 instructions: the FPU */
bool vb_thumb_is_fpu(vb_thumb insn);
/** @return true for SDIV and UDIV; *divisor is the number of the register */
bool vb_thumb_is_divide(vb_thumb insn, uint32_t *divisor);

/**
 * Follows one instruction's effect on the registers where that is simple (moves, immediate additions, loads
 * through `read`), and marks every other register that it may change as unknown: never a wrong value.
 * @param read fetches a word without side effects; false if it cannot
 */
void vb_thumb_follow(vb_thumb insn, uint32_t pc, uint32_t registers[16], uint32_t *known,
                     bool (*read)(void *user, uint32_t address, uint32_t bytes, uint32_t *value), void *user);

#endif
