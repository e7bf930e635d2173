/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CHECKSUM_CRC_H
#define HF_CHECKSUM_CRC_H

#include <stddef.h>
#include <stdint.h>

/** @file crc.h Checksums of frames, images, inputs and outputs, on the host and on the board. */

/** CRC-16/CCITT-FALSE (polynomial 0x1021, start 0xFFFF, not reflected; "123456789" gives 0x29B1). */
uint16_t hf_crc16(const void *bytes, size_t size);
/** CRC-32/ISO-HDLC continued from `crc` (0 to start; "123456789" gives 0xCBF43926). */
uint32_t hf_crc32(uint32_t crc, const void *bytes, size_t size);

#endif
