/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CHIPS_FLASH_CONTROLLER_H
#define HF_CHIPS_FLASH_CONTROLLER_H

#include <stdint.h>

/** @file flash_controller.h What a program on the chip must know to write erased flash. */

typedef struct hf_flash_controller {
    uint32_t access_control, keys, status, control; /**< addresses of its registers */
    uint32_t key1, key2;                            /**< unlock the control register */
    uint32_t busy;                                  /**< status: an operation is under way */
    uint32_t errors;                                /**< status: error flags, cleared by writing 1 */
    uint32_t program;                               /**< control: allows programming */
    uint32_t lock;                                  /**< control: locks it */
    uint32_t
        data_cache; /**< access_control: enables a cache of data that does not see programming; 0 = none */
    uint32_t unit_words; /**< words that are written together: 1 or 2 */
} hf_flash_controller;

#endif
