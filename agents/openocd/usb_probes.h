/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_OPENOCD_USB_PROBES_H
#define HF_OPENOCD_USB_PROBES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/**
 * @file usb_probes.h
 * The USB debug probes plugged into this host, as the kernel lists them, for messages about one that is not
 * there.
 */

#define HF_PROBES_MAX 32

/** Where the kernel shows USB devices. */
typedef struct hf_usb_folders {
    const char *devices; /**< NULL = "/sys/bus/usb/devices" */
    const char *nodes;   /**< NULL = "/dev/bus/usb" */
} hf_usb_folders;

typedef struct hf_probe {
    uint16_t vendor_id, product_id;
    char kind[40];   /**< "ST-LINK/V2-1" */
    char serial[64]; /**< "" = it has none */
    char node[96];   /**< its device file, "/dev/bus/usb/001/005" */
    bool usable;     /**< this user may read and write the device file */
} hf_probe;

/** @return how many there are, at most HF_PROBES_MAX; a host without USB has none */
size_t hf_probes_find(const hf_usb_folders *folders, hf_probe probes[HF_PROBES_MAX]);

/** Appends "ST-LINK/V2-1 0483:374b with serial number 066B" for each, with ", " between. */
void hf_probes_list(const hf_probe *probes, size_t count, hf_buffer *out);

#endif
