/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DISCOVERY_PAIR_PORTS_H
#define HF_DISCOVERY_PAIR_PORTS_H

#include "discovery/discovery.h"
#include "openocd/usb_probes.h"
#include "serial/usb_ports.h"

/**
 * As hf_discover(), from lists of probes and ports.
 * @param probes sorted by this call
 */
hf_status hf_pair_ports(hf_probe *probes, size_t probe_count, const hf_usb_port *ports, size_t port_count,
                        hf_discovery *out, hf_error *err);

#endif
