/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <libserialport.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/path.h"
#include "serial/serial.h"

/* Does an enumerated port answer the description? */
static bool matches(const struct sp_port *port, const hf_board_config *config)
{
    int vendor = 0, product = 0;
    if (sp_get_port_transport(port) != SP_TRANSPORT_USB ||
        sp_get_port_usb_vid_pid(port, &vendor, &product) != SP_OK)
        return false;
    if (vendor != config->usb_vendor_id || (config->usb_product_id && product != config->usb_product_id))
        return false;
    const char *serial = sp_get_port_usb_serial(port);
    return !config->usb_serial || (serial && strcmp(serial, config->usb_serial) == 0);
}

static void list(hf_buffer *out, const struct sp_port *port)
{
    int vendor = 0, product = 0;
    if (sp_get_port_transport(port) != SP_TRANSPORT_USB ||
        sp_get_port_usb_vid_pid(port, &vendor, &product) != SP_OK)
        return;
    const char *serial = sp_get_port_usb_serial(port);
    hf_buffer_printf(out, "%s%s (%04x:%04x serial %s)", out->size ? ", " : "", sp_get_port_name(port),
                     (unsigned)vendor, (unsigned)product, serial ? serial : "none");
}

static hf_status choose(struct sp_port **ports, const hf_board_config *config, char path[HF_SERIAL_PATH_SIZE],
                        hf_error *err)
{
    const char *found = NULL;
    int count = 0;
    hf_buffer there = HF_BUFFER_INIT;
    for (struct sp_port **port = ports; *port; port++) {
        list(&there, *port);
        if (matches(*port, config)) {
            found = sp_get_port_name(*port);
            count++;
        }
    }
    hf_status status = HF_OK;
    if (count != 1)
        status = HF_FAIL_AS(err, HF_FAULT_SERIAL, count == 0 ? HF_ENOTFOUND : HF_EINVALID,
                            "board %s: %s USB serial port %04x:%04x with serial number %s; there %s%s",
                            config->id, count == 0 ? "no" : "more than one", config->usb_vendor_id,
                            config->usb_product_id, config->usb_serial ? config->usb_serial : "(any)",
                            there.size ? "are: " : "are no USB serial ports", hf_buffer_text(&there));
    else if (strlen(found) >= HF_SERIAL_PATH_SIZE)
        status = HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_ELIMIT, "board %s: port name too long", config->id);
    else
        snprintf(path, HF_SERIAL_PATH_SIZE, "%s", found);
    hf_buffer_free(&there);
    return status;
}

static hf_status find_usb(const hf_board_config *config, char path[HF_SERIAL_PATH_SIZE], hf_error *err)
{
    if (!config->usb_vendor_id)
        return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_EINVALID,
                          "board %s: neither a port path nor a USB vendor id is given", config->id);
    struct sp_port **ports = NULL;
    if (sp_list_ports(&ports) != SP_OK)
        return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_EIO, "board %s: cannot list the serial ports", config->id);
    hf_status status = choose(ports, config, path, err);
    sp_free_port_list(ports);
    return status;
}

static hf_status find_server(const hf_board_config *config, hf_deadline deadline, const hf_watch *watch,
                             hf_serial_address *out, hf_error *err)
{
    bool v6 = strchr(config->port_host, ':');
    int length = snprintf(out->name, sizeof out->name, "%s%s%s:%u", v6 ? "[" : "", config->port_host,
                          v6 ? "]" : "", (unsigned)config->port_number);
    if (length < 0 || (size_t)length >= sizeof out->name)
        return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_ELIMIT, "board %s: the host's name is too long",
                          config->id);
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
        /* A USB port's path is resolved too: it is the device's own on Linux, but nothing promises that. */
        char usb[HF_SERIAL_PATH_SIZE];
        status = config->port_path ? HF_OK : find_usb(config, usb, err);
        if (status == HF_OK)
            status = hf_path_resolve(config->port_path ? config->port_path : usb, found.name,
                                     sizeof found.name, err);
        if (status != HF_OK)
            hf_error_context(err, HF_FAULT_SERIAL, "board %s", config->id);
    }
    if (status == HF_OK)
        *out = found;
    return status;
}

uint32_t hf_serial_key_count(const hf_serial_address *address)
{
    return address->address_count ? address->address_count : 1;
}

void hf_serial_key(const hf_serial_address *address, uint32_t index, char key[HF_SERIAL_KEY_SIZE])
{
    char text[HF_DEVICE_KEY_SIZE];
    if (!address->address_count) {
        if (hf_path_device_key(address->name, text, NULL) != HF_OK)
            snprintf(text, sizeof text, "%s", address->name);
        snprintf(key, HF_SERIAL_KEY_SIZE, "%.*s", HF_SERIAL_KEY_SIZE - 1, text);
        return;
    }
    const hf_socket_address *at = &address->addresses[index];
    bool v4 = at->any.sa_family == AF_INET;
    const void *bytes = v4 ? (const void *)&at->v4.sin_addr : (const void *)&at->v6.sin6_addr;
    char numeric[INET6_ADDRSTRLEN] = "";
    inet_ntop(at->any.sa_family, bytes, numeric, sizeof numeric);
    snprintf(key, HF_SERIAL_KEY_SIZE, "tcp %s %u", numeric,
             (unsigned)ntohs(v4 ? at->v4.sin_port : at->v6.sin6_port));
}

hf_status hf_serial_open(const hf_serial_address *address, uint32_t baud, hf_transcript *transcript,
                         hf_deadline deadline, const hf_watch *watch, hf_serial **out, hf_error *err)
{
    switch (address->kind) {
    case HF_PORT_DEVICE:
        return hf_serial_open_port(address->name, baud, transcript, out, err);
    case HF_PORT_PTY:
        return hf_serial_open_pty(address->name, baud, transcript, out, err);
    case HF_PORT_TCP:
    case HF_PORT_RFC2217:
        return hf_serial_open_tcp(address, baud, transcript, deadline, watch, out, err);
    }
    return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EINVALID, "no such kind of port");
}
