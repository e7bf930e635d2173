/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_MACHINE_CHIP_H
#define VB_MACHINE_CHIP_H

#include <stddef.h>

#include "interface/machine.h"
#include "timing/timing.h"

/**
 * @file chip.h
 * What the rest of the machine knows about a chip. Each twin.c defines one.
 */

/** A peripheral that is not modelled, by the name that messages use. */
typedef struct vb_named_range {
    uint32_t base, bytes;
    const char *name;
} vb_named_range;

typedef struct vb_chip {
    const char *name;
    vb_core core;
    int uc_model;
    uint32_t tap_idcode, boundary_idcode, tar_wrap_bytes;
    uint32_t cpuid, mvfr0, mvfr1, mvfr2, dwt_ctrl, vtor_reset, mpu_regions, dbgmcu_idcode;
    uint32_t flash_base, flash_bytes;
    uint32_t power_on_flags;      /**< of RCC_CSR */
    size_t parts_bytes;           /**< size of vb_machine.parts: registers that only this chip has */
    bool (*build)(vb_machine *m); /**< memories and devices */
    void (*reset)(vb_machine *m);
    /** One write of 1, 2 or 4 bytes into the flash array at a byte offset. @return false = bus error */
    void (*flash_write)(vb_machine *m, uint32_t offset, uint32_t bytes, uint32_t value, bool from_code);
    void (*memory_timing)(const vb_machine *m, vb_memory_timing *timing);
    void (*update_clocks)(vb_machine *m); /**< after RCC, PWR or FLASH_ACR changed */
    uint32_t hse_hz;                      /**< the board's clock on OSC_IN; 0 = none */
    bool has_lse;                         /**< a crystal of 32,768 Hz is fitted */
    bool (*gpio_clocked)(const vb_machine *m, uint32_t port);
    /** The USART of the virtual COM port. */
    bool (*usart_clocked)(const vb_machine *m);
    bool (*usart_pins)(const vb_machine *m, bool *tx, bool *rx);
    uint32_t (*usart_baud)(const vb_machine *m, uint32_t brr); /**< 0 = not a valid divider or no clock */
    uint32_t (*gpio_moder_reset)(uint32_t port);
    const vb_named_range *not_modelled; /**< beyond those of notices.c */
    size_t not_modelled_count;
} vb_chip;

/* Every chip's, `vb_chip_<folder>`. */
#define VB_CHIP(chip) extern const vb_chip chip;
#include "chips.inc"
#undef VB_CHIP

#endif
