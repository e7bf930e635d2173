/* SPDX-License-Identifier: Apache-2.0 */
#include "start_failure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suggest_script.h"

#define ANY_VENDOR 0

/* Errors of OpenOCD 0.12's adapter drivers that cannot open their probe, and the probe's USB vendor. */
static const struct {
    const char *error;
    uint16_t vendor_id;
} cannot_open[] = {
    {"open failed", 0x0483}, /* the ST-LINK driver */
    {"No J-Link device found", 0x1366},
    {"Can't find a KitProg device", 0x04b4},
    {"unable to find a matching CMSIS-DAP device", ANY_VENDOR},
    {"no device found", ANY_VENDOR}, /* FTDI */
    {"unable to open ftdi device", ANY_VENDOR},
    {"No device matches the serial string", ANY_VENDOR},
    {"Can't find USB JTAG Interface", ANY_VENDOR},
    {"Cannot find ARM-JTAG-EW Interface", 0x15ba},
    {"Altera USB-Blaster II not found", 0x09fb},
    {"LIBUSB_ERROR_ACCESS", ANY_VENDOR},
};

/* Fails with a given expectation of how long the failure lasts. */
static hf_status fail(hf_error *err, hf_fault fault, hf_status status, hf_lasting lasting,
                      const char *message)
{
    hf_error cause = {0};
    (void)HF_FAIL_AS(&cause, fault, status, "%s", message);
    cause.lasting = lasting;
    return hf_error_pass(err, &cause);
}

static hf_status fail_with(hf_error *err, hf_status status, hf_lasting lasting, hf_buffer *message)
{
    status = fail(err, HF_FAULT_PROBE, status, lasting,
                  message->failed ? "out of memory" : hf_buffer_text(message));
    hf_buffer_free(message);
    return status;
}

/* ---- Not OpenOCD ---- */

static hf_status not_openocd(const hf_openocd_output *said, const hf_openocd_options *options,
                             const hf_error *how, hf_error *err)
{
    char message[sizeof err->message];
    if (said->last[0] || said->error[0])
        snprintf(message, sizeof message, "'%.200s' is not a working OpenOCD: it printed '%.150s' (%.80s)",
                 options->program, hf_openocd_output_words(said), how->message);
    else
        snprintf(message, sizeof message, "'%.200s' is not a working OpenOCD: it printed nothing (%.80s)",
                 options->program, how->message);
    return fail(err, HF_FAULT_FARM, HF_ECHILD, HF_PERMANENT, message);
}

/* ---- Scripts ---- */

/* Extracts the name from "Can't find NAME", anywhere in the line. @return false if it is another error */
static bool missing_script(const char *error, char name[HF_SCRIPT_NAME_SIZE])
{
    static const char words[] = "Can't find ";
    const char *at = strstr(error, words);
    if (!at || strchr(at + sizeof words - 1, ' '))
        return false;
    snprintf(name, HF_SCRIPT_NAME_SIZE, "%s", at + sizeof words - 1);
    return true;
}

bool hf_openocd_too_old(const char *version)
{
    static const char name[] = "Open On-Chip Debugger 0.";
    return strncmp(version, name, sizeof name - 1) == 0 && strtoul(version + sizeof name - 1, NULL, 10) < 12;
}

static hf_status bad_scripts(const hf_openocd_output *said, const hf_openocd_options *options,
                             const hf_error *how, hf_error *err)
{
    char missing[HF_SCRIPT_NAME_SIZE];
    hf_buffer message = HF_BUFFER_INIT;
    const char *words = hf_openocd_output_words(said);
    if (missing_script(said->error, missing)) {
        bool of_probe = options->interface_script && strcmp(missing, options->interface_script) == 0;
        return hf_script_missing(missing, of_probe, options->program, options->script_dir, err);
    }
    hf_buffer_printf(&message, "OpenOCD rejects its scripts: ");
    if (words[0])
        hf_buffer_printf(&message, "'%s'", words);
    else
        hf_buffer_printf(&message, "%s without a message", how->message);
    if (hf_openocd_too_old(said->version))
        hf_buffer_printf(&message, " (this is '%s'; hilfarm needs 0.12 or later)", said->version);
    return fail_with(err, HF_EINVALID, HF_PERMANENT, &message);
}

/* ---- Probes ---- */

static void explain_missing(const hf_openocd_options *options, const hf_probe *probes, size_t count,
                            hf_buffer *message)
{
    if (options->adapter_serial)
        hf_buffer_printf(message, "no debug probe with serial number %s is plugged in",
                         options->adapter_serial);
    else
        hf_buffer_printf(message, "no debug probe for %s is plugged in", options->interface_script);
    if (count) {
        hf_buffer_puts(message, "; plugged in: ");
        hf_probes_list(probes, count, message);
    } else if (options->adapter_serial) {
        hf_buffer_puts(message, ", nor any other probe");
    }
    hf_buffer_puts(message, ": plug it in, or correct `probe` in the farm file");
}

static void explain_permission(const hf_probe *probe, hf_buffer *message)
{
    hf_buffer_puts(message, "no permission to use the debug probe ");
    hf_probes_list(probe, 1, message);
    hf_buffer_printf(message,
                     ": cannot read and write %s; install OpenOCD's udev rules 60-openocd.rules (Debian: "
                     "package openocd), "
                     "add yourself to the group plugdev, log in again and reconnect the probe",
                     probe->node);
}

static hf_status no_probe(const hf_openocd_output *said, const hf_openocd_options *options,
                          const hf_usb_folders *usb, uint16_t vendor_id, hf_error *err)
{
    hf_probe probes[HF_PROBES_MAX];
    size_t count = hf_probes_find_in(usb, probes);
    const hf_probe *forbidden = NULL;
    bool present = false;
    for (size_t i = 0; i < count; i++) {
        const hf_probe *probe = &probes[i];
        bool meant = options->adapter_serial ? strcmp(probe->serial, options->adapter_serial) == 0
                                             : vendor_id == ANY_VENDOR || probe->vendor_id == vendor_id;
        present |= meant;
        if (meant && !probe->usable)
            forbidden = probe;
    }
    hf_buffer message = HF_BUFFER_INIT;
    if (!present) {
        explain_missing(options, probes, count, &message);
        return fail_with(err, HF_ENOTFOUND, HF_ABSENT, &message);
    }
    if (forbidden) {
        explain_permission(forbidden, &message);
        return fail_with(err, HF_EIO, HF_ABSENT, &message);
    }
    hf_buffer_printf(&message, "OpenOCD reports '%s', although the debug probe is plugged in and accessible",
                     said->error);
    hf_buffer_puts(&message, ": is another program using it?");
    return fail_with(err, HF_EBUSY, HF_TRANSIENT, &message);
}

hf_status hf_openocd_explain_end(const hf_openocd_output *said, const hf_openocd_options *options,
                                 const hf_usb_folders *usb, int exit_status, const hf_error *how,
                                 hf_error *err)
{
    if (!said->version[0] && exit_status >= 0)
        return not_openocd(said, options, how, err);
    if (said->version[0] && !said->configured && exit_status >= 0)
        return bad_scripts(said, options, how, err);
    for (size_t i = 0; !options->bitbang_socket && i < sizeof cannot_open / sizeof cannot_open[0]; i++)
        if (strstr(said->error, cannot_open[i].error))
            return no_probe(said, options, usb, cannot_open[i].vendor_id, err);
    hf_error cause = *how;
    if (hf_openocd_output_words(said)[0])
        hf_error_context(&cause, HF_FAULT_PROBE, "OpenOCD reported '%s'", hf_openocd_output_words(said));
    return hf_error_pass(err, &cause);
}

hf_status hf_openocd_explain_silence(const hf_openocd_output *said, const hf_openocd_options *options,
                                     hf_error *err)
{
    const char *words = hf_openocd_output_words(said);
    if (!said->version[0])
        return HF_FAIL_AS(err, HF_FAULT_PROBE, HF_ETIMEOUT,
                          "'%s' did not print OpenOCD's version in time%s%s%s", options->program,
                          words[0] ? "; it printed '" : "", words, words[0] ? "'" : "");
    return HF_FAIL_AS(err, HF_FAULT_PROBE, HF_ETIMEOUT, "OpenOCD did not attach in time%s%s",
                      words[0] ? "; it reported: " : "", words);
}
