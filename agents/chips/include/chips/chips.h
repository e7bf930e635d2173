/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CHIPS_CHIPS_H
#define HF_CHIPS_CHIPS_H

#include <stdint.h>

#include "chips/flash_controller.h"

/**
 * @file chips.h
 * The supported microcontrollers. The rows come from the description.h files in firmware/chips/ (see
 * DESCRIPTION.md there), in reverse order of the folders' names.
 */

/** A range of flash erase units of one size. */
typedef struct hf_flash_span {
    uint32_t base;
    uint32_t unit_bytes;
    uint32_t unit_count;
} hf_flash_span;

typedef struct hf_chip {
    const char *name;           /**< "stm32l4r5zi": in farm files, firmware names, reports */
    const char *core;           /**< "cortex-m4" */
    const char *board;          /**< the usual development board: "NUCLEO-L4R5ZI" */
    const char *openocd_target; /**< OpenOCD's script: "target/stm32l4x.cfg" */
    const char *openocd_flash;  /**< OpenOCD's name of the main flash bank: "stm32l4x.flash" */
    uint32_t clock_hz;          /**< core clock that the firmware sets up */
    uint32_t flash_base;
    uint32_t flash_bytes;
    uint32_t firmware_bytes; /**< room for the bench firmware, at flash_base */
    uint32_t model_base;     /**< address of the model image */
    uint32_t model_bytes;    /**< room for it */
    uint32_t ram_base;
    uint32_t ram_bytes; /**< SRAM for data, stack and arena */
    uint32_t span_count;
    hf_flash_span spans[4]; /**< erase units in address order, covering the flash */
    hf_flash_controller flash_controller;
} hf_chip;

/** Memory that the bench firmware of a chip needs in addition to the model; all 0 = unknown. */
typedef struct hf_firmware_footprint {
    uint32_t flash_bytes;  /**< its image */
    uint32_t static_bytes; /**< .data and .bss */
    uint32_t stack_bytes;  /**< reserved for the stack, of which a run uses a part */
} hf_firmware_footprint;

/** @return the chip of that name, or NULL; static storage */
const hf_chip *hf_chip_find(const char *name);
/** @return the chip at `index`, or NULL past the last one */
const hf_chip *hf_chip_at(uint32_t index);

#endif
