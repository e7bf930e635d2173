/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CONFIG_BOARD_CONFIG_H
#define HF_CONFIG_BOARD_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

/**
 * @file board_config.h
 * One board as the farm file describes it (configs/FORMAT.md). Plain data; the owner of the array of boards
 * owns all strings, which outlive every user. NULL = not given.
 */

/** Kind of a board's serial port. */
typedef enum hf_port_kind {
    HF_PORT_DEVICE,  /**< a device of this host, by its path or as a USB device */
    HF_PORT_PTY,     /**< the slave side of a pty, by its path: a virtual board or an emulator */
    HF_PORT_TCP,     /**< a raw TCP port of a terminal server, at a fixed speed */
    HF_PORT_RFC2217, /**< an RFC 2217 port (Telnet Com Port Control) of a terminal server, at any speed */
} hf_port_kind;

/** Commands that switch a board's power, run by /bin/sh -c. NULL = not given. */
typedef struct hf_board_power {
    const char *cycle;
    const char *off; /**< only with `on` */
    const char *on;
    const char
        *status;       /**< exits with 0 if the power is on, with 1 if it is off; only with another command */
    uint32_t limit_ms; /**< for each command */
} hf_board_power;

/** Commands of the user around runs and attempts, run by /bin/sh -c. NULL = not given. */
typedef struct hf_hooks {
    const char *before_run, *after_run;
    const char *before_attempt, *after_attempt;
    uint32_t limit_ms; /**< for each command */
} hf_hooks;

typedef struct hf_board_config {
    const char *id;   /**< unique in the farm */
    const char *chip; /**< hf_chip name */
    const char *const *tags;
    uint32_t tag_count; /**< not counting the implicit tags: chip, core, "virtual" or "real" */
    bool is_virtual;    /**< hilfarm starts a hilfarm-vboard for it */
    bool modelled;      /**< not silicon although hilfarm does not start it: an emulator, or a hilfarm-vboard
                             that is already running; use hf_board_config_modelled() */

    /* Debug probe; meaningless for a virtual board. */
    const char *probe_interface; /**< OpenOCD interface script: "interface/stlink.cfg", or a path */
    const char *script_dir;      /**< folder of the farm file, searched for that script too; NULL = no file */
    const char *probe_serial;    /**< selects one of several probes of a kind; NULL = the only one */

    /* Serial port; a path, a TCP address or a USB device. Meaningless for a virtual board. */
    hf_port_kind port_kind;
    const char *port_path;   /**< device or pty: its path; NULL = a USB device */
    const char *port_host;   /**< TCP and RFC 2217: name or address of the terminal server */
    uint16_t port_number;    /**< TCP and RFC 2217 */
    uint16_t usb_vendor_id;  /**< 0 = not given */
    uint16_t usb_product_id; /**< 0 = not given */
    const char *usb_serial;  /**< USB serial number; NULL = any */
    uint32_t baud;           /**< speed during measurement; a session starts at 115200 and changes to it */

    const hf_hooks *hooks; /**< of the farm; NULL = none */
    hf_board_power power;  /**< without `cycle` and `on`: the power cannot be switched */
} hf_board_config;

/** Whether the figures that the board reports are modelled; always true of a virtual board. */
static inline bool hf_board_config_modelled(const hf_board_config *config)
{
    return config->is_virtual || config->modelled;
}

/** Deadlines in milliseconds; 0 = the default in parentheses. */
typedef struct hf_board_deadlines {
    uint32_t start_ms;   /**< OpenOCD attached, target examined (10000) */
    uint32_t flash_ms;   /**< erase, program, verify of one image (60000) */
    uint32_t boot_ms;    /**< reset until `boot` or an answer to `hello` (5000) */
    uint32_t reply_ms;   /**< a request that runs no inference (2000); `hello` gets four times that */
    uint32_t sample_ms;  /**< between two records of a `run`: at least one inference (30000) */
    uint32_t attempt_ms; /**< the whole attempt (180000) */
    uint32_t stop_ms;    /**< a child process between SIGTERM and SIGKILL (2000) */
} hf_board_deadlines;

#endif
