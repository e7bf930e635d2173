/* SPDX-License-Identifier: Apache-2.0 */
#include "pair_ports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same_device(const hf_probe *probe, const hf_usb_port *port)
{
    return port->device && port->bus == probe->bus && port->device == probe->device;
}

/* For hosts on which libserialport does not know the port's place on the bus. */
static bool same_serial(const hf_probe *probe, const hf_usb_port *port)
{
    return probe->serial[0] && port->vendor_id == probe->vendor_id &&
           strcmp(port->serial, probe->serial) == 0;
}

static size_t probe_of(const hf_usb_port *port, const hf_probe *probes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (same_device(&probes[i], port))
            return i;
    for (size_t i = 0; i < count; i++)
        if (same_serial(&probes[i], port))
            return i;
    return HF_NO_PROBE;
}

static bool is_unique(const hf_usb_port *ports, size_t count, const hf_usb_port *port)
{
    size_t equal = 0;
    for (size_t i = 0; i < count; i++)
        equal += ports[i].vendor_id == port->vendor_id && ports[i].product_id == port->product_id &&
                 strcmp(ports[i].serial, port->serial) == 0;
    return equal == 1;
}

static int by_kind_and_serial(const void *a, const void *b)
{
    const hf_probe *left = a, *right = b;
    int order = strcmp(left->kind, right->kind);
    return order ? order : strcmp(left->serial, right->serial);
}

static void copy_probe(hf_found_probe *out, const hf_probe *probe)
{
    *out = (hf_found_probe){.usable = probe->usable, .script = probe->script};
    memcpy(out->kind, probe->kind, sizeof out->kind);
    memcpy(out->serial, probe->serial, sizeof out->serial);
    memcpy(out->node, probe->node, sizeof out->node);
}

static void copy_port(hf_found_port *out, const hf_usb_port *port, bool unique, size_t probe)
{
    *out = (hf_found_port){.vendor_id = port->vendor_id,
                           .product_id = port->product_id,
                           .usable = port->usable,
                           .unique = unique,
                           .probe = probe};
    memcpy(out->path, port->path, sizeof out->path);
    memcpy(out->serial, port->serial, sizeof out->serial);
}

hf_status hf_pair_ports(hf_probe *probes, size_t probe_count, const hf_usb_port *ports, size_t port_count,
                        hf_discovery *out, hf_error *err)
{
    hf_discovery found = {.probe_count = probe_count, .port_count = port_count};
    found.probes = calloc(probe_count + 1, sizeof *found.probes);
    found.ports = calloc(port_count + 1, sizeof *found.ports);
    if (!found.probes || !found.ports) {
        hf_discovery_free(&found);
        return HF_FAIL(err, HF_ENOMEM, "no memory for %zu probes and %zu ports", probe_count, port_count);
    }
    if (probe_count)
        qsort(probes, probe_count, sizeof *probes, by_kind_and_serial);
    for (size_t i = 0; i < probe_count; i++)
        copy_probe(&found.probes[i], &probes[i]);
    for (size_t i = 0; i < port_count; i++) {
        size_t probe = probe_of(&ports[i], probes, probe_count);
        copy_port(&found.ports[i], &ports[i], is_unique(ports, port_count, &ports[i]), probe);
        if (probe != HF_NO_PROBE)
            found.probes[probe].port_count++;
    }
    *out = found;
    return HF_OK;
}

void hf_discovery_free(hf_discovery *discovery)
{
    free(discovery->probes);
    free(discovery->ports);
    *discovery = (hf_discovery){0};
}
