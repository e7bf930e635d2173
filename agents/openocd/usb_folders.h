/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_OPENOCD_USB_FOLDERS_H
#define HF_OPENOCD_USB_FOLDERS_H

#include "openocd/usb_probes.h"

/**
 * @file usb_folders.h
 * Finding probes in other folders than the kernel's, for tests.
 */

/** Where the kernel lists USB devices. */
typedef struct hf_usb_folders {
    const char *devices; /**< NULL = "/sys/bus/usb/devices" */
    const char *nodes;   /**< NULL = "/dev/bus/usb" */
} hf_usb_folders;

/** As hf_probes_find(). */
size_t hf_probes_find_in(const hf_usb_folders *folders, hf_probe probes[HF_PROBES_MAX]);

#endif
