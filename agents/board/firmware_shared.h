/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_BOARD_FIRMWARE_SHARED_H
#define HF_BOARD_FIRMWARE_SHARED_H

#include <stddef.h>
#include <stdint.h>

/**
 * @file firmware_shared.h
 * Firmware images in memory. Hundreds of boards run the same ones, and each image is held once, whoever has read it.
 * Equal means equal bytes: an image that is replaced on disk is another one. Any thread.
 */

/**
 * Gives the one copy of an image.
 * @param bytes `size` bytes from malloc(); passes to this function in any case
 * @return until hf_firmware_unshare(); NULL = no memory
 */
const uint8_t *hf_firmware_share(uint8_t *bytes, size_t size);
/** Every hf_firmware_share() has one. @param bytes what it gave, or NULL */
void hf_firmware_unshare(const uint8_t *bytes);

#endif
