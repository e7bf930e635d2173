/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_OPENOCD_INTERNAL_H
#define HF_OPENOCD_INTERNAL_H

#include "openocd/openocd.h"
#include "usb_folders.h"

/** hf_openocd_start() with other folders of USB devices, for tests. */
hf_status hf_openocd_start_on(const hf_openocd_options *options, const hf_usb_folders *usb,
                              hf_deadline deadline, hf_openocd **out, hf_error *err);

#endif
