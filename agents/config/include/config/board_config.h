/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CONFIG_BOARD_CONFIG_H
#define HF_CONFIG_BOARD_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

/**
 * @file board_config.h
 * One board as the farm file describes it (configs/FORMAT.md). Plain data; all strings are owned by whoever
 * owns the array of boards and outlive every user. NULL = not given.
 */
typedef struct hf_board_config {
    const char *id;   /**< unique in the farm */
    const char *chip; /**< hf_chip name */
    const char *const *tags;
    uint32_t tag_count; /**< the chip's and core's names and "virtual"/"real" always count as tags too */
    bool is_virtual;    /**< the agent starts a hilfarm-vboard for it */

    /* Debug probe; meaningless for a virtual board. */
    const char *probe_interface; /**< OpenOCD interface script: "interface/stlink.cfg" */
    const char *script_dir;      /**< folder of the farm file, where that script may be too; NULL = no file */
    const char *probe_serial;    /**< picks one of several equal probes; NULL = the only one */

    /* Serial port; a path, or a USB device. Meaningless for a virtual board. */
    const char *port_path;
    uint16_t usb_vendor_id;  /**< 0 = not given */
    uint16_t usb_product_id; /**< 0 = not given */
    const char *usb_serial;  /**< USB serial number; NULL = any */
    uint32_t baud;           /**< speed to measure at; the session starts at 115200 and then changes to it */
} hf_board_config;

/** Deadlines in milliseconds; 0 = the default in parentheses. */
typedef struct hf_board_deadlines {
    uint32_t start_ms;   /**< OpenOCD attached, target examined (10000) */
    uint32_t flash_ms;   /**< erase, program, verify of one image (60000) */
    uint32_t boot_ms;    /**< reset until `boot` or an answer to `hello` (5000) */
    uint32_t reply_ms;   /**< any request that computes nothing (2000) */
    uint32_t sample_ms;  /**< between two records of a `run`: one inference (30000) */
    uint32_t attempt_ms; /**< the whole attempt (180000) */
    uint32_t stop_ms;    /**< a child process between SIGTERM and SIGKILL (2000) */
} hf_board_deadlines;

#endif
