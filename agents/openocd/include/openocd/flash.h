/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_OPENOCD_FLASH_H
#define HF_OPENOCD_FLASH_H

#include <stddef.h>
#include <stdint.h>

#include "openocd/openocd.h"

/**
 * @file flash.h
 * Makes a range of a chip's flash hold given bytes: erases and programs, through OpenOCD's own flash driver,
 * only the erase units whose contents differ from what was last verified there, and verifies the whole range
 * by a CRC computed on the target.
 */

typedef struct hf_flash hf_flash;

/**
 * @param chip      borrowed; static storage anyway
 * @param file_path of a temporary file, for handing bytes to OpenOCD; copied
 */
hf_status hf_flash_new(const hf_chip *chip, const char *file_path, hf_flash **out, hf_error *err);
/** Removes the temporary file. NULL allowed. */
void hf_flash_free(hf_flash *flash);

/** Forgets what was verified: another chip may be attached now, or a write was cut short. */
void hf_flash_forget(hf_flash *flash);

/**
 * Makes the flash at `address` hold `bytes`. The target must be halted. The rest of the last erase unit
 * becomes 0xff whenever that unit is written.
 *
 * What is in the flash is verified before it is relied on: nothing changed = verified only; something changed
 * = only that is written; contents unknown, or other than remembered = everything is written, once.
 * @param address       start of an erase unit
 * @param bytes_written set on success: flash bytes erased and programmed, whole units; 0 = nothing had
 * changed
 * @return HF_EMISMATCH (class board) when the flash does not hold what was just written
 */
hf_status hf_flash_program(hf_flash *flash, hf_openocd *openocd, uint32_t address, const uint8_t *bytes,
                           size_t size_bytes, hf_deadline deadline, uint32_t *bytes_written, hf_error *err);

#endif
