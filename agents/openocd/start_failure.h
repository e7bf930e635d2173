/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_OPENOCD_START_FAILURE_H
#define HF_OPENOCD_START_FAILURE_H

#include "openocd/openocd.h"
#include "parse_output.h"
#include "usb_probes.h"

/**
 * @file start_failure.h
 * Why OpenOCD did not start, in words that help.
 */

/**
 * It ended before it was ready.
 * @param usb         where to look for probes when its own could not be opened
 * @param exit_status -1 = it did not end by itself
 * @param how         that it ended and how ("OpenOCD exited with status 1")
 * @return what was recorded in *err; never HF_OK
 */
hf_status hf_openocd_explain_end(const hf_openocd_output *said, const hf_openocd_options *options,
                                 const hf_usb_folders *usb, int exit_status, const hf_error *how,
                                 hf_error *err);

/** It runs, but was not ready in time. @return HF_ETIMEOUT */
hf_status hf_openocd_explain_silence(const hf_openocd_output *said, const hf_openocd_options *options,
                                     hf_error *err);

#endif
