/* SPDX-License-Identifier: Apache-2.0 */
/* The serial port with the USB vendor, product and serial number that the farm file gives. */
#include <libserialport.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "find_usb_port.h"

/* Whether a port matches the board's description. */
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
    hf_buffer present = HF_BUFFER_INIT;
    for (struct sp_port **port = ports; *port; port++) {
        list(&present, *port);
        if (matches(*port, config)) {
            found = sp_get_port_name(*port);
            count++;
        }
    }
    hf_status status = HF_OK;
    if (count != 1)
        status = HF_FAIL_AS(err, HF_FAULT_SERIAL, count == 0 ? HF_ENOTFOUND : HF_EINVALID,
                            "board %s: %s USB serial port %04x:%04x with serial number %s; present: %s",
                            config->id, count == 0 ? "no" : "more than one", config->usb_vendor_id,
                            config->usb_product_id, config->usb_serial ? config->usb_serial : "(any)",
                            present.size ? hf_buffer_text(&present) : "none");
    else if (strlen(found) >= HF_SERIAL_PATH_SIZE)
        status = HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_ELIMIT, "board %s: port name too long", config->id);
    else
        snprintf(path, HF_SERIAL_PATH_SIZE, "%s", found);
    hf_buffer_free(&present);
    return status;
}

hf_status hf_serial_find_usb(const hf_board_config *config, char path[HF_SERIAL_PATH_SIZE], hf_error *err)
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
