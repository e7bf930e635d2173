/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_OPENOCD_MEMORY_SCANS_H
#define HF_OPENOCD_MEMORY_SCANS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/**
 * @file memory_scans.h
 * Writing a chip's memory by bare JTAG scans, as a file in the Serial Vector Format for OpenOCD's `svf`.
 *
 * OpenOCD's own memory writes wait for the answer to every scan. Here only one scan in 1 KB is answered; that
 * nothing was lost between them is seen at the end, in the debug port's sticky flags (Arm IHI0031, "Overrun
 * detection").
 */

/**
 * Appends scans that fill a buffer in the chip's memory and keep a word, `available`, at the number of bytes
 * that are there. AP and bank must be selected, with word accesses and auto-increment (CSW).
 * @param address   of the buffer, a multiple of 1024
 * @param available address of the word
 * @param bytes     `size_bytes` of them; missing ones up to `filled_bytes` are written as 0xff
 * @param filled_bytes at least `size_bytes`; a multiple of 4
 */
void hf_memory_scans(hf_buffer *out, uint32_t address, uint32_t available, const uint8_t *bytes,
                     size_t size_bytes, size_t filled_bytes);

#endif
