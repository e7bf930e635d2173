/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_F767_PARTS_H
#define VB_F767_PARTS_H

#include "flash_lock.h"
#include "machine_state.h"

/**
 * @file parts.h
 * Peripherals that only the stm32f767zi has: RCC, PWR and the flash interface. The rest of the machine uses
 * them through vb_chip.
 */

typedef struct vb_f7_flash {
    uint32_t acr, sr, cr;
    uint32_t optr, optcr1; /**< OPTCR, OPTCR1 */
    vb_flash_lock lock, option_lock;
} vb_f7_flash;

typedef struct vb_f7_parts {
    uint32_t rcc[64], pwr[64]; /**< register files by word offset */
    vb_f7_flash flash;
} vb_f7_parts;

static inline vb_f7_parts *vb_f7(const vb_machine *m)
{
    return m->parts;
}

bool vb_flash_f7_add(vb_machine *m);
void vb_flash_f7_reset(vb_machine *m);
void vb_flash_f7_program(vb_machine *m, uint32_t offset, uint32_t bytes, uint32_t value, bool from_code);
bool vb_rcc_f7_add(vb_machine *m);
void vb_rcc_f7_reset(vb_machine *m);
/** Computes the clocks after a change of RCC, PWR or FLASH_ACR. */
void vb_rcc_f7_update(vb_machine *m);
bool vb_pwr_f7_add(vb_machine *m);
void vb_pwr_f7_reset(vb_machine *m);
/** Sets flash_wait_states_needed. @return what is wrong with HCLK at the present voltage and wait states, or
 * NULL */
const char *vb_pwr_f7_check(vb_machine *m);

#endif
