/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_PRIVATE_BUS_H
#define VB_PRIVATE_BUS_H

#include "bus.h"

/**
 * @file private_bus.h
 * The private peripheral bus (DDI0403E B3.1): system control space, MPU, DWT, debug components.
 */

#define VB_SCS_BASE 0xE000E000u
#define VB_DWT_BASE 0xE0001000u

typedef struct vb_scs {
    uint32_t vtor, ccr, shcsr, cfsr, hfsr, mmfar, bfar, afsr, cpacr, aircr_group, scr, icsr_pending;
    uint32_t shpr[3];
    uint32_t fpccr, fpcar, fpdscr;
    uint32_t nvic_enable[8], nvic_pending[8], nvic_priority[60];
    uint32_t mpu_ctrl, mpu_rnr, mpu_rbar[16], mpu_rasr[16];
    uint32_t csselr, itcmcr, dtcmcr, ahbpcr, cacr, actlr;
    uint32_t systick_ctrl, systick_load;
    uint64_t systick_base_cycles, systick_wraps_seen;
    uint32_t systick_stopped_value;
    uint32_t active; /**< bit per exception number 2..15 */
} vb_scs;

/** What has been invalidated since the reset (cache_maintenance.c). */
typedef struct vb_cache {
    uint32_t instructions_invalid;  /**< 0 or 1 */
    uint8_t data_invalid_ways[128]; /**< per set, a bit per way */
} vb_cache;

/** Software has written a cache maintenance register; others are ignored. @param offset in the system control
 * space */
void vb_cache_maintained(vb_machine *m, uint32_t offset, uint32_t value);
/** CCR has changed. */
void vb_cache_switched(vb_machine *m, uint32_t old_ccr, uint32_t ccr);

typedef struct vb_dwt {
    uint32_t ctrl;
    uint32_t cyccnt; /**< value at base_cycles */
    uint64_t base_cycles;
    bool running;
    bool unlocked; /**< M7: software lock (LAR) */
    uint32_t scratch[32];
    uint32_t counter_high; /**< latched by a read of COUNT_LO */
} vb_dwt;

bool vb_scs_add(vb_machine *m);
void vb_scs_reset(vb_machine *m);
uint32_t vb_scs_priority(const vb_machine *m, uint32_t exception);
/** RAM that the MPU protects against writes, and the emulator's pages that contain it. */
typedef struct vb_guard {
    uint32_t base, bytes, page, page_bytes;
} vb_guard;

/** Sets the emulator's page protection from the MPU's registers. Not from within a hook. */
void vb_mpu_apply(vb_machine *m);
/** @return true if the MPU forbids a write there now */
bool vb_mpu_refuses(const vb_machine *m, uint32_t address);
/* Units within the system control space; scs.c has their addresses. */
uint32_t vb_systick_read(vb_machine *m, const vb_request *request);
void vb_systick_write(vb_machine *m, const vb_request *request);
uint32_t vb_nvic_read(vb_machine *m, const vb_request *request);
void vb_nvic_write(vb_machine *m, const vb_request *request);
uint32_t vb_mpu_read(vb_machine *m, const vb_request *request);
void vb_mpu_write(vb_machine *m, const vb_request *request);

enum { VB_DESIGNER_ARM = 0x43B, VB_DESIGNER_ST = 0x020, VB_DESIGNER_NONE = 0 };
/** CoreSight identification: PIDR4, PIDR0 to 3, CIDR0 to 3 at 0xFD0 to 0xFFC of a component; 0 elsewhere. */
uint32_t vb_component_id(uint32_t offset, uint32_t part, uint32_t designer, uint32_t component_class);
bool vb_debug_components_add(vb_machine *m);
bool vb_dwt_add(vb_machine *m);
void vb_dwt_reset(vb_machine *m, bool power_on);
/** DEMCR.TRCENA may have changed. */
void vb_dwt_demcr_written(vb_machine *m);

#endif
