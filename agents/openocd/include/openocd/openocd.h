/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_OPENOCD_OPENOCD_H
#define HF_OPENOCD_OPENOCD_H

#include <stdbool.h>
#include <stdint.h>

#include "chips/chips.h"
#include "process/transcript.h"
#include "process/watch.h"

/**
 * @file openocd.h
 * A long-running OpenOCD process attached to one board, controlled through its Tcl port (GDB and telnet
 * servers are off) and monitored through its output.
 */

typedef struct hf_openocd hf_openocd;

typedef struct hf_openocd_options {
    const char *program; /**< path, or a name to look up in PATH */
    const hf_chip *chip;
    const char *bitbang_socket;   /**< a virtual board's JTAG socket; NULL for a real board */
    const char *interface_script; /**< real board: "interface/stlink.cfg" */
    const char *adapter_serial;   /**< real board: serial number of the probe; NULL = the only one */
    const char *script_dir;       /**< additional folder of scripts; NULL = none */
    int cpu;                      /**< pin to this CPU; -1 = do not */
    uint32_t stop_ms;             /**< time between SIGTERM and SIGKILL */
    hf_transcript *transcript;    /**< borrowed until hf_openocd_stop(); NULL allowed */
    hf_watch *watch;              /**< borrowed likewise; the OpenOCD process is added to it */
} hf_openocd_options;

/**
 * Starts OpenOCD, attaches to the chip and examines it. Background polling of the target is off: nothing
 * accesses the chip during a measurement, and a lost probe is noticed by the next command.
 * @param options its strings are not needed after the call
 *
 * A failure quotes OpenOCD's first error and explains it where possible: a missing script (with the most
 * similar name), a probe that is not plugged in or not accessible. It is classified, and marked as permanent
 * or absent if a retry cannot help. A program that is missing or not OpenOCD is class farm, everything else
 * up to the chip class probe.
 */
hf_status hf_openocd_start(const hf_openocd_options *options, hf_deadline deadline, hf_openocd **out,
                           hf_error *err);

/** Stops the process. NULL allowed. */
void hf_openocd_stop(hf_openocd *openocd);

/** Runs a Tcl script (printf format; quote words with hf_tcl_quote()). Results as hf_rpc_eval(). A Tcl error
 * also quotes the first error line that OpenOCD logged, which decides its class (probe or board). */
hf_status hf_openocd_eval(hf_openocd *openocd, hf_deadline deadline, const char **reply, hf_error *err,
                          const char *format, ...) __attribute__((format(printf, 5, 6)));

/** The first error that OpenOCD logged during the last script ("checksum mismatch"), or "". Valid until the
 * next script. */
const char *hf_openocd_last_error(const hf_openocd *openocd);

/** "Open On-Chip Debugger 0.12.0" */
const char *hf_openocd_version(const hf_openocd *openocd);

/** Whether a version line of OpenOCD is older than 0.12, the first that hilfarm works with. */
bool hf_openocd_too_old(const char *version);

/** Waits up to `wait_ms` for it to exit. @return HF_OK while it runs, else HF_ECHILD (class probe) with how
 * it exited and its last error */
hf_status hf_openocd_ended(hf_openocd *openocd, uint32_t wait_ms, hf_error *err);

#endif
