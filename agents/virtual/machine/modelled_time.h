/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_MODELLED_TIME_H
#define VB_MODELLED_TIME_H

#include "interface/machine.h"

/**
 * @file modelled_time.h
 * Modelled time, and parts that need some of it before they are ready.
 */

/** What is not ready at once after it has been switched on. */
typedef enum vb_part {
    VB_PART_MSI,
    VB_PART_HSI,
    VB_PART_HSE,
    VB_PART_LSE,
    VB_PART_LSI,
    VB_PART_HSI48,
    VB_PART_PLL,
    VB_PART_REGULATOR, /**< the voltage range or scale has been reached */
    VB_PART_OVER_DRIVE,
    VB_PART_OVER_DRIVE_SWITCH,
    VB_PART_COUNT
} vb_part;

typedef struct vb_time {
    uint64_t base_ns, base_cycles; /**< a moment at which both were known */
    uint32_t hz;                   /**< since then; 0 before the first clocks are known */
    uint32_t dead;                 /**< bit per part: it never becomes ready */
    uint64_t ready_ns[VB_PART_COUNT];
    bool on[VB_PART_COUNT];
    uint64_t next_ns; /**< when the first of the parts under way will be ready; UINT64_MAX = none is */
    uint64_t flash_busy_until_ns;
} vb_time;

/** Modelled time since power-on. */
uint64_t vb_time_ns(const vb_machine *m);
/** The same when the block began that is being executed: by then its accesses cannot have happened yet. */
uint64_t vb_time_block_ns(const vb_machine *m);
/** HCLK has changed: time before is counted with the old one. */
void vb_time_set_clock(vb_machine *m, uint32_t hclk_hz);
/** Switches a part on (nothing happens if it is on already) or off. @return true if it is on and ready */
bool vb_time_part(vb_machine *m, vb_part part, bool on, uint64_t delay_ns);
/** The part has to settle again although it stays on. */
void vb_time_unsettle(vb_machine *m, vb_part part, uint64_t delay_ns);
/** @return true, once, if a part has become ready: the clocks have to be worked out again */
bool vb_time_part_due(vb_machine *m);
/** The flash is busy for so long, as the data sheet has it; the machine's setting scales it. */
void vb_time_flash_starts(vb_machine *m, uint64_t ns);
bool vb_time_flash_busy(vb_machine *m);
/** The bus stands still until the flash is done, as it does when somebody does not wait for BSY. */
void vb_time_flash_stall(vb_machine *m);

#endif
