/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_OPENOCD_CLASSIFY_ERROR_H
#define HF_OPENOCD_CLASSIFY_ERROR_H

#include "base/error.h"

/**
 * Whose fault an error of a running OpenOCD is: that of the way to the chip (HF_FAULT_PROBE), or the chip's
 * (HF_FAULT_BOARD).
 * @param error  the first error line; "" = none was printed
 * @param result of the Tcl command that failed
 */
hf_fault hf_openocd_fault(const char *error, const char *result);

#endif
