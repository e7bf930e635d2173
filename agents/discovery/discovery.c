/* SPDX-License-Identifier: Apache-2.0 */
#include "discovery/discovery.h"

#include <stdlib.h>

#include "pair_ports.h"

hf_status hf_discover(hf_discovery *out, hf_error *err)
{
    hf_probe probes[HF_PROBES_MAX];
    size_t probe_count = hf_probes_find(probes), port_count = 0;
    hf_usb_port *ports = NULL;
    hf_status status = hf_usb_ports_list(&ports, &port_count, err);
    if (status == HF_OK)
        status = hf_pair_ports(probes, probe_count, ports, port_count, out, err);
    free(ports);
    return status;
}
