/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_OPENOCD_START_FAILURE_H
#define HF_OPENOCD_START_FAILURE_H

#include "openocd/openocd.h"
#include "parse_output.h"
#include "usb_folders.h"

/**
 * @file start_failure.h
 * Why OpenOCD did not start, and what to do about it.
 */

/**
 * OpenOCD ended before it was ready.
 * @param usb         where to look for probes if it could not open its own
 * @param exit_status -1 = a signal ended it
 * @param how         the failure as the process reports it ("OpenOCD exited with status 1")
 * @return the status recorded in *err; never HF_OK
 */
hf_status hf_openocd_explain_end(const hf_openocd_output *said, const hf_openocd_options *options,
                                 const hf_usb_folders *usb, int exit_status, const hf_error *how,
                                 hf_error *err);

/** OpenOCD runs, but was not ready in time. @return HF_ETIMEOUT */
hf_status hf_openocd_explain_silence(const hf_openocd_output *said, const hf_openocd_options *options,
                                     hf_error *err);

#endif
