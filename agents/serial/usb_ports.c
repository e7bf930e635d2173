/* SPDX-License-Identifier: Apache-2.0 */
#include "serial/usb_ports.h"

#include <fcntl.h>
#include <libserialport.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool describe(const struct sp_port *port, hf_usb_port *out)
{
    int vendor = 0, product = 0, bus = 0, device = 0;
    if (sp_get_port_transport(port) != SP_TRANSPORT_USB ||
        sp_get_port_usb_vid_pid(port, &vendor, &product) != SP_OK)
        return false;
    if (sp_get_port_usb_bus_address(port, &bus, &device) != SP_OK)
        bus = device = 0;
    const char *serial = sp_get_port_usb_serial(port);
    *out = (hf_usb_port){.vendor_id = (uint16_t)vendor,
                         .product_id = (uint16_t)product,
                         .bus = (unsigned)bus,
                         .device = (unsigned)device};
    snprintf(out->path, sizeof out->path, "%s", sp_get_port_name(port));
    snprintf(out->serial, sizeof out->serial, "%s", serial ? serial : "");
    out->usable = faccessat(AT_FDCWD, out->path, R_OK | W_OK, AT_EACCESS) == 0;
    return true;
}

static int by_path(const void *a, const void *b)
{
    return strverscmp(((const hf_usb_port *)a)->path, ((const hf_usb_port *)b)->path);
}

hf_status hf_usb_ports_list(hf_usb_port **ports, size_t *count, hf_error *err)
{
    struct sp_port **all = NULL;
    if (sp_list_ports(&all) != SP_OK)
        return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_EIO, "cannot list the serial ports");
    size_t total = 0, found = 0;
    while (all[total])
        total++;
    hf_usb_port *list = total ? calloc(total, sizeof *list) : NULL;
    if (total && !list) {
        sp_free_port_list(all);
        return HF_FAIL(err, HF_ENOMEM, "no memory for %zu serial ports", total);
    }
    for (size_t i = 0; i < total; i++)
        found += describe(all[i], &list[found]);
    sp_free_port_list(all);
    if (found)
        qsort(list, found, sizeof *list, by_path);
    *ports = list;
    *count = found;
    return HF_OK;
}
