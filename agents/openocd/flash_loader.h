/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_OPENOCD_FLASH_LOADER_H
#define HF_OPENOCD_FLASH_LOADER_H

#include <stdbool.h>

#include "chips/chips.h"
#include "openocd/openocd.h"

/**
 * @file flash_loader.h
 * Programs flash and computes its checksum with our own program in the chip's RAM (loader/loader.h). Its data
 * comes by JTAG scans without answers (memory_scans.h), so this needs a probe with JTAG transport; a probe
 * that speaks SWD or writes memory itself is left to OpenOCD's flash drivers.
 */

typedef struct hf_flash_loader hf_flash_loader;

/**
 * @param openocd, chip, transcript borrowed; transcript may be NULL
 * @param file_path temporary file for what OpenOCD plays; borrowed
 * @return NULL if out of memory
 */
hf_flash_loader *hf_flash_loader_new(hf_openocd *openocd, const hf_chip *chip, const char *file_path,
                                     hf_transcript *transcript);
/** NULL allowed. */
void hf_flash_loader_free(hf_flash_loader *loader);

/** Whether it can be used with this probe and chip. Asks OpenOCD the first time. */
bool hf_flash_loader_usable(hf_flash_loader *loader, hf_deadline deadline);
/** After a failure: it is not used again for this board. @param why for the transcript */
void hf_flash_loader_give_up(hf_flash_loader *loader, const char *why);
/** The chip was reset and its RAM may have changed: the loader must be written again. */
void hf_flash_loader_forget(hf_flash_loader *loader);

/**
 * Programs erased flash. The core must be halted as after a reset.
 * @return HF_OK; HF_ETARGET if it did not work, so that OpenOCD's driver should try; or what ended the wait
 */
hf_status hf_flash_loader_program(hf_flash_loader *loader, uint32_t address, const uint8_t *bytes,
                                  size_t size_bytes, hf_deadline deadline, hf_error *err);
/** Computes the CRC-32 of flash, as hf_crc32() of checksum/crc.h. @return likewise */
hf_status hf_flash_loader_checksum(hf_flash_loader *loader, uint32_t address, size_t size_bytes,
                                   hf_deadline deadline, uint32_t *crc32, hf_error *err);

#endif
