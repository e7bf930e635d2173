/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "find_usb_port.h"
#include "serial/address.h"

static hf_status find_server(const hf_board_config *config, hf_deadline deadline, const hf_watch *watch,
                             hf_serial_address *out, hf_error *err)
{
    bool v6 = strchr(config->port_host, ':');
    int length = snprintf(out->name, sizeof out->name, "%s%s%s:%u", v6 ? "[" : "", config->port_host,
                          v6 ? "]" : "", (unsigned)config->port_number);
    if (length < 0 || (size_t)length >= sizeof out->name)
        return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_ELIMIT, "board %s: the host name is too long", config->id);
    return hf_serial_lookup(config->port_host, config->port_number, out->name, deadline, watch,
                            out->addresses, &out->address_count, err);
}

hf_status hf_serial_find(const hf_board_config *config, hf_deadline deadline, const hf_watch *watch,
                         hf_serial_address *out, hf_error *err)
{
    hf_serial_address found = {.kind = config->port_kind};
    hf_status status;
    if (config->port_kind == HF_PORT_TCP || config->port_kind == HF_PORT_RFC2217) {
        status = find_server(config, deadline, watch, &found, err);
    } else {
        /* Also for a USB port: libserialport does not promise a path without links. */
        char usb[HF_SERIAL_PATH_SIZE];
        status = config->port_path ? HF_OK : hf_serial_find_usb(config, usb, err);
        if (status == HF_OK) {
            status = hf_path_resolve(config->port_path ? config->port_path : usb, found.name,
                                     sizeof found.name, err);
            hf_error_context(err, HF_FAULT_SERIAL, "board %s", config->id);
        }
    }
    if (status == HF_OK)
        *out = found;
    return status;
}
