/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_MODELLED_TIME_H
#define VB_MODELLED_TIME_H

#include "interface/machine.h"

/**
 * @file modelled_time.h
 * Modelled time, and the parts that need time to become ready.
 */

/** Parts that are not ready immediately after they are switched on. */
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
    uint64_t base_ns, base_cycles; /**< a moment at which both are known */
    uint32_t hz;                   /**< HCLK since then; 0 before the first clocks are known */
    uint32_t dead;                 /**< a bit per part: it never becomes ready */
    uint64_t ready_ns[VB_PART_COUNT];
    bool on[VB_PART_COUNT];
    uint64_t next_ns; /**< when the next part becomes ready; UINT64_MAX = none is starting */
    uint64_t flash_busy_until_ns;
} vb_time;

/** Modelled time since power-on. */
uint64_t vb_time_ns(const vb_machine *m);
/** Modelled time at the start of the current block: earlier than any of its accesses. */
uint64_t vb_time_block_ns(const vb_machine *m);
/** HCLK changes: earlier cycles are counted with the old one. */
void vb_time_set_clock(vb_machine *m, uint32_t hclk_hz);
/** Switches a part on (no effect if it is on) or off. @return true if it is on and ready */
bool vb_time_part(vb_machine *m, vb_part part, bool on, uint64_t delay_ns);
/** The part stays on but must settle again. */
void vb_time_restart_part(vb_machine *m, vb_part part, uint64_t delay_ns);
/** @return true, once, if a part has become ready: the clocks must be computed again */
bool vb_time_part_due(vb_machine *m);
/** The flash is busy for `ns`, the data sheet's time, scaled by the machine's setting. */
void vb_time_flash_starts(vb_machine *m, uint64_t ns);
bool vb_time_flash_busy(vb_machine *m);
/** Stalls the bus until the flash is done, as an access that does not wait for BSY does. */
void vb_time_flash_stall(vb_machine *m);

#endif
