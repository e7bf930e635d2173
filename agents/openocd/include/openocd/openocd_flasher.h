/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_OPENOCD_OPENOCD_FLASHER_H
#define HF_OPENOCD_OPENOCD_FLASHER_H

#include "flasher/flasher.h"
#include "openocd/openocd.h"

/**
 * @file openocd_flasher.h
 * OpenOCD as a flasher: programs with OpenOCD's flash drivers and verifies by a CRC that the chip computes.
 */

/**
 * Starts OpenOCD and attaches to the chip, as hf_openocd_start().
 * @param file_path temporary file that passes bytes to OpenOCD; the string is copied, the file is removed by
 *                  hf_flasher_close()
 */
hf_status hf_openocd_flasher_open(const hf_openocd_options *options, const char *file_path,
                                  hf_deadline deadline, hf_flasher **out, hf_error *err);

#endif
