/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SERIAL_FIND_USB_PORT_H
#define HF_SERIAL_FIND_USB_PORT_H

#include "serial/address.h"

/**
 * Finds the one USB serial port with the vendor, product and serial number of the board's description.
 * @param path set on HF_OK to the port's device
 * @return HF_ENOTFOUND (class serial) if there is none, listing the ports that exist; HF_EINVALID for several
 */
hf_status hf_serial_find_usb(const hf_board_config *config, char path[HF_SERIAL_PATH_SIZE], hf_error *err);

#endif
