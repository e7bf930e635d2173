/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DISCOVERY_DISCOVERY_H
#define HF_DISCOVERY_DISCOVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/**
 * @file discovery.h
 * The debug probes and USB serial ports of this host, and which port belongs to which probe.
 */

#define HF_NO_PROBE SIZE_MAX

typedef struct hf_found_probe {
    char kind[40];      /**< "ST-LINK/V2-1" */
    char serial[128];   /**< USB serial number; "" = none */
    char node[96];      /**< its device file */
    bool usable;        /**< this user may read and write the device file */
    const char *script; /**< OpenOCD's interface script; NULL = depends on the model. Static */
    size_t port_count;  /**< serial ports of its own */
} hf_found_probe;

typedef struct hf_found_port {
    char path[256];                 /**< "/dev/ttyACM0" */
    uint16_t vendor_id, product_id; /**< USB */
    char serial[128];               /**< USB serial number; "" = none */
    bool usable;                    /**< this user may read and write the port */
    bool unique;                    /**< no other port has the same vendor, product and serial number */
    size_t probe;                   /**< index of the probe that it is part of; HF_NO_PROBE = none */
} hf_found_port;

typedef struct hf_discovery {
    hf_found_probe *probes; /**< owned, ordered by kind and serial number */
    size_t probe_count;
    hf_found_port *ports; /**< owned, ordered by path */
    size_t port_count;
} hf_discovery;

/**
 * Finds probes and ports without opening any. A port belongs to a probe if both are one USB device, or have the
 * same USB vendor and serial number.
 * @param out filled on HF_OK only; hf_discovery_free()
 * @return HF_EIO (class serial) if the host cannot list its ports; HF_ENOMEM
 */
hf_status hf_discover(hf_discovery *out, hf_error *err);

void hf_discovery_free(hf_discovery *discovery);

#endif
