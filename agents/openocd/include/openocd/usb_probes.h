/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_OPENOCD_USB_PROBES_H
#define HF_OPENOCD_USB_PROBES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/**
 * @file usb_probes.h
 * The USB debug probes connected to this host, for scanning and for missing-probe errors.
 */

#define HF_PROBES_MAX 512

typedef struct hf_probe {
    uint16_t vendor_id, product_id;
    char kind[40];      /**< "ST-LINK/V2-1" */
    char serial[128];   /**< "" = none */
    unsigned bus;       /**< number of the USB bus; 0 = unknown */
    unsigned device;    /**< device number on that bus; 0 = unknown */
    char node[96];      /**< its device file, "/dev/bus/usb/001/005" */
    bool usable;        /**< this user may read and write the device file */
    const char *script; /**< OpenOCD's interface script, "interface/stlink.cfg"; NULL = depends on the model.
                              Static */
} hf_probe;

/** Finds the probes. @return the number found, at most HF_PROBES_MAX; 0 on a host without USB */
size_t hf_probes_find(hf_probe probes[HF_PROBES_MAX]);

/** Appends "ST-LINK/V2-1 0483:374b with serial number 066B" for each, separated by ", ". */
void hf_probes_list(const hf_probe *probes, size_t count, hf_buffer *out);

#endif
