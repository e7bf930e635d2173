/* SPDX-License-Identifier: Apache-2.0 */
#include "classify_error.h"

#include <string.h>

#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

/* Parts of OpenOCD 0.12's error messages about the connection to the chip: USB layers, adapter drivers, and
 * the socket of remote_bitbang. All other messages come from the layers above and report what the chip did;
 * so do an ST-LINK's "STLINK_SWD_AP_FAULT" and the like. */
static const char *const of_probe[] = {
    "LIBUSB_ERROR_", "libusb_",        "jtag_libusb", "usb_bulk",           "USB ",         "hid_",
    "CMSIS-DAP",     "J-Link",         "JLINK_",      "no ST-LINK",         "ST-LINK open", "stlink-server",
    "ftdi_",         "remote_bitbang", "socket",      "write_queue failed", "adapter",      "interface",
};

hf_fault hf_openocd_fault(const char *error, const char *result)
{
    for (size_t i = 0; i < COUNT_OF(of_probe); i++)
        if (strstr(error, of_probe[i]) || strstr(result, of_probe[i]))
            return HF_FAULT_PROBE;
    return HF_FAULT_BOARD;
}
