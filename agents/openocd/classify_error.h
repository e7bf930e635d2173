/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_OPENOCD_CLASSIFY_ERROR_H
#define HF_OPENOCD_CLASSIFY_ERROR_H

#include "base/error.h"

/**
 * The fault class of an error of a running OpenOCD: HF_FAULT_PROBE for the connection to the chip,
 * HF_FAULT_BOARD for the chip.
 * @param error  the first error line; "" = none was printed
 * @param result of the Tcl command that failed
 */
hf_fault hf_openocd_fault(const char *error, const char *result);

#endif
