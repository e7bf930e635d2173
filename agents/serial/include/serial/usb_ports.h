/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SERIAL_USB_PORTS_H
#define HF_SERIAL_USB_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/**
 * @file usb_ports.h
 * The USB serial ports of this host.
 */

typedef struct hf_usb_port {
    uint16_t vendor_id, product_id;
    char path[256];   /**< "/dev/ttyACM0" */
    char serial[128]; /**< USB serial number; "" = none */
    unsigned bus;     /**< number of the USB bus; 0 = unknown */
    unsigned device;  /**< device number on that bus; 0 = unknown */
    bool usable;      /**< this user may read and write the port */
} hf_usb_port;

/**
 * Lists the USB serial ports, ordered by path.
 * @param ports, count set on HF_OK; the caller frees *ports, which is NULL if there are none
 * @return HF_EIO (class serial) if the host cannot list its ports; HF_ENOMEM
 */
hf_status hf_usb_ports_list(hf_usb_port **ports, size_t *count, hf_error *err);

#endif
