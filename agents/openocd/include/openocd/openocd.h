/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_OPENOCD_OPENOCD_H
#define HF_OPENOCD_OPENOCD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "chips/chips.h"
#include "process/transcript.h"
#include "process/watch.h"

/**
 * @file openocd.h
 * One OpenOCD process attached to one board and kept alive: started with a Tcl port of its own (GDB and
 * telnet servers off), driven over it, supervised through its output.
 */

typedef struct hf_openocd hf_openocd;

typedef struct hf_openocd_options {
    const char *program; /**< path, or a name to look up in PATH */
    const hf_chip *chip;
    const char *bitbang_socket;   /**< a virtual board's JTAG socket; NULL for a real board */
    const char *interface_script; /**< real board: "interface/stlink.cfg" */
    const char *adapter_serial;   /**< real board: which of several probes; NULL = the only one */
    const char *script_dir;       /**< where else scripts are looked for; NULL = where OpenOCD does */
    int cpu;                      /**< pin to this CPU; -1 = do not */
    uint32_t stop_ms;             /**< between SIGTERM and SIGKILL */
    hf_transcript *transcript;    /**< borrowed until hf_openocd_stop(); NULL allowed */
    hf_watch *watch;              /**< borrowed likewise; OpenOCD's own end is added to it */
} hf_openocd_options;

/**
 * Starts OpenOCD, attaches to the chip and examines it. Background polling of the target is off: during a
 * measurement nothing talks to the chip, and a probe that goes away is noticed by the next command.
 * @param options its strings are not needed after the call
 *
 * Failures say what OpenOCD said first and, where its words alone do not help, what they mean: a script that
 * is not there (with the nearest that is), a probe that is not plugged in or may not be used. Classed, and
 * marked as permanent or absent where trying again is in vain. A program that is missing or is not OpenOCD is
 * of class farm, everything up to the chip of class probe.
 */
hf_status hf_openocd_start(const hf_openocd_options *options, hf_deadline deadline, hf_openocd **out,
                           hf_error *err);

/** Stops the process. NULL allowed. */
void hf_openocd_stop(hf_openocd *openocd);

/** Runs a Tcl script (printf format; quote words with hf_tcl_quote()). Results as hf_rpc_eval(); Tcl errors
 * are completed by the first error line OpenOCD logged, and classed by what it means (probe or board). */
hf_status hf_openocd_eval(hf_openocd *openocd, hf_deadline deadline, const char **reply, hf_error *err,
                          const char *format, ...) __attribute__((format(printf, 5, 6)));

/** The first error OpenOCD logged during the last script ("checksum mismatch"), or "". Valid
 * until the next. */
const char *hf_openocd_last_error(const hf_openocd *openocd);

/** "Open On-Chip Debugger 0.12.0" */
const char *hf_openocd_version(const hf_openocd *openocd);

pid_t hf_openocd_pid(const hf_openocd *openocd);

/** Waits up to `wait_ms` for its end. @return HF_OK while it runs, else HF_ECHILD (class probe) saying how,
 * and what it said before */
hf_status hf_openocd_ended(hf_openocd *openocd, uint32_t wait_ms, hf_error *err);

#endif
