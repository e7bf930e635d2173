/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_FPB_H
#define VB_FPB_H

#include <stdbool.h>
#include <stdint.h>

/**
 * @file fpb.h
 * Flash Patch and Breakpoint unit (Armv7-M ARM, DDI0403E C1.11) as a register file: the instruction addresses
 * at which its comparators stop. Remapping is not modelled: a comparator set to remap matches nothing.
 */

#define VB_FPB_BASE            0xE0002000u
#define VB_FPB_END             0xE0003000u
#define VB_FPB_MAX_COMPARATORS 8

typedef enum vb_fpb_version {
    VB_FPB_V1, /**< Cortex-M4: 6 instruction comparators (2 literal ones read as 0), code below 0x20000000 */
    VB_FPB_V2, /**< Cortex-M7: 8 instruction comparators, any even address */
} vb_fpb_version;

typedef struct vb_fpb {
    vb_fpb_version version;
    bool enabled;
    uint32_t comparators[VB_FPB_MAX_COMPARATORS];
} vb_fpb;

uint32_t vb_fpb_read(const vb_fpb *fpb, uint32_t address);
void vb_fpb_write(vb_fpb *fpb, uint32_t address, uint32_t value);

/**
 * @param addresses room for `limit` addresses, bit 0 clear
 * @return how many were stored; those beyond the limit are left out (only version 1, with "both half-words"
 * set, can need more than it has comparators)
 */
uint32_t vb_fpb_breakpoints(const vb_fpb *fpb, uint32_t *addresses, uint32_t limit);

#endif
