/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_LOADER_LOADER_H
#define HF_LOADER_LOADER_H

#include <stdint.h>

#include "chips/flash_controller.h"

/**
 * @file loader.h
 * A small program that a debugger puts into a chip's RAM. It programs flash from a buffer that the debugger
 * fills meanwhile with plain memory writes, and computes the CRC-32 of flash. It ends with BKPT, so that the
 * core halts.
 *
 * The debugger writes hf_loader_code at HF_LOADER_CODE once, then for each job the mailbox, and starts the
 * core at HF_LOADER_CODE. As it fills the buffer, it raises `available_bytes`. The core must be halted in
 * privileged thread mode, as after a reset.
 */

#define HF_LOADER_MAILBOX 0x20000000u /* the start of SRAM (Armv7-M ARM B3.1) */
#define HF_LOADER_CODE    0x20000080u
#define HF_LOADER_BUFFER  0x20001800u /* up to the end of the RAM */

#define HF_LOADER_RUNNING 0u
#define HF_LOADER_DONE    0x454E4F44u

/** All addresses are of the chip. 32-bit words, little-endian. */
typedef struct hf_loader_mailbox {
    uint32_t available_bytes; /**< in the buffer; a multiple of the unit. Raised while the loader runs */
    uint32_t program_address; /**< erased flash, a multiple of the unit */
    uint32_t program_bytes;   /**< a multiple of the unit; 0 = only compute the CRC */
    uint32_t check_address;   /**< flash whose CRC is computed at the end */
    uint32_t check_bytes;     /**< 0 = none */
    hf_flash_controller flash;
    uint32_t state;  /**< result: HF_LOADER_RUNNING until the job is done */
    uint32_t errors; /**< result: error flags of the flash controller; 0 = programmed */
    uint32_t crc32;  /**< result: as hf_crc32() of checksum/crc.h; meaningless after errors */
} hf_loader_mailbox;

/** The program, to be written at HF_LOADER_CODE. */
extern const uint32_t hf_loader_code[];
extern const uint32_t hf_loader_code_words;

#endif
