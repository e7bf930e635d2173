/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_L4R5_PARTS_H
#define VB_L4R5_PARTS_H

#include "flash_lock.h"
#include "machine_state.h"

/**
 * @file parts.h
 * Peripherals that only the stm32l4r5zi has: RCC, PWR and the flash interface. The rest of the machine uses
 * them through vb_chip.
 */

typedef struct vb_l4_flash {
    uint32_t acr, sr, cr;
    uint32_t options[16]; /**< registers 0x20 to 0x50 */
    vb_flash_lock lock, option_lock;
    bool half_pending; /**< first word of a double word has been written */
    uint32_t half_offset, half_value;
} vb_l4_flash;

typedef struct vb_l4_parts {
    uint32_t rcc[64], pwr[64]; /**< register files by word offset */
    vb_l4_flash flash;
} vb_l4_parts;

static inline vb_l4_parts *vb_l4(const vb_machine *m)
{
    return m->parts;
}

bool vb_flash_l4_add(vb_machine *m);
void vb_flash_l4_reset(vb_machine *m);
void vb_flash_l4_program(vb_machine *m, uint32_t offset, uint32_t bytes, uint32_t value, bool from_code);
bool vb_rcc_l4_add(vb_machine *m);
void vb_rcc_l4_reset(vb_machine *m);
/** Computes the clocks after a change of RCC, PWR or FLASH_ACR. */
void vb_rcc_l4_update(vb_machine *m);
bool vb_pwr_l4_add(vb_machine *m);
void vb_pwr_l4_reset(vb_machine *m);
/** Sets flash_wait_states_needed. @return what is wrong with HCLK at the present voltage and wait states, or
 * NULL */
const char *vb_pwr_l4_check(vb_machine *m);

#endif
