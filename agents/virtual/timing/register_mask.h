/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_TIMING_REGISTER_MASK_H
#define VB_TIMING_REGISTER_MASK_H

#include <stdint.h>

/**
 * @file register_mask.h
 * Capstone's registers as bits of vb_instruction's register masks.
 */

/** @return 0 for what is not followed: flags, special registers */
uint64_t vb_register_mask(unsigned reg);
/** @return 0 to 15, or VB_NO_REGISTER if it is not a core register */
uint8_t vb_register_number(unsigned reg);

#endif
