/* SPDX-License-Identifier: Apache-2.0 */
/* The probes and serial ports of the farm's boards, and the permission to use them. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "board/board_claim.h"
#include "checks.h"
#include "serial/serial.h"

#define PORT_DEADLINE_MS 3000
#define PROBE_RIGHTS                                                                                         \
    "install hilfarm's udev rules (60-hilfarm.rules) or OpenOCD's (60-openocd.rules), run "                  \
    "`sudo adduser $USER plugdev`, log in again and reconnect the probe"

static bool matches(const hf_found_probe *probe, const hf_board_config *config)
{
    if (config->probe_serial)
        return strcmp(probe->serial, config->probe_serial) == 0;
    return probe->script && strcmp(probe->script, config->probe_interface) == 0;
}

static const hf_found_probe *find_probe(const hf_doctor_options *options, const hf_board_config *config)
{
    for (size_t i = 0; i < options->found->probe_count; i++)
        if (matches(&options->found->probes[i], config))
            return &options->found->probes[i];
    return NULL;
}

static void check_probe(const hf_doctor_options *options, const hf_board_config *config, const char *subject)
{
    const hf_found_probe *probe = find_probe(options, config);
    if (probe && probe->usable)
        hf_doctor_report(options, HF_DOCTOR_OK, subject, NULL, "probe %s %s", probe->kind, probe->serial);
    else if (probe)
        hf_doctor_report(options, HF_DOCTOR_FAIL, subject, PROBE_RIGHTS,
                         "no permission to use the probe %s (%s)", probe->kind, probe->node);
    else if (config->probe_serial)
        hf_doctor_report(options, HF_DOCTOR_FAIL, subject,
                         "plug it in, or correct probe.serial (`hilfarm boards scan` lists the probes)",
                         "no probe with serial number %s is plugged in", config->probe_serial);
    else /* a script of the user's own, or a probe that is not on USB */
        hf_doctor_report(options, HF_DOCTOR_WARN, subject, "try it with `hilfarm boards --check`",
                         "no USB probe for %s is recognised", config->probe_interface);
}

/* The message without the name of the board, which the subject gives. */
static const char *without_board(const char *message, const char *subject)
{
    size_t length = strlen(subject);
    return strncmp(message, subject, length) == 0 && message[length] == ':' ? message + length + 2 : message;
}

static void check_port(const hf_doctor_options *options, const hf_board_config *config, const char *subject)
{
    hf_error err = {0};
    hf_serial_address address;
    hf_serial *serial = NULL;
    const hf_deadline deadline = hf_deadline_in_ms(PORT_DEADLINE_MS);
    hf_status status = hf_serial_find(config, deadline, NULL, &address, &err);
    if (status == HF_OK)
        status = hf_serial_open(&address, HF_FARM_BAUD_DEFAULT, NULL, deadline, NULL, &serial, &err);
    if (status == HF_OK)
        hf_doctor_report(options, HF_DOCTOR_OK, subject, NULL, "port %s", address.name);
    else if (status == HF_EBUSY)
        hf_doctor_report(options, HF_DOCTOR_WARN, subject, "close the terminal program that uses it", "%s",
                         without_board(err.message, subject));
    else
        hf_doctor_report(
            options, HF_DOCTOR_FAIL, subject,
            "plug it in, join the group dialout, or correct `port` (`hilfarm boards scan` lists the ports)",
            "%s", without_board(err.message, subject));
    hf_serial_close(serial);
}

/* Under the board's lock: opening a port in use would disturb a measurement. */
static void check_locked_port(const hf_doctor_options *options, const hf_board_config *config,
                              const char *subject)
{
    hf_board_claim *claim = NULL;
    hf_error err = {0};
    const hf_deadline deadline = hf_deadline_in_ms(PORT_DEADLINE_MS);
    hf_status status = hf_board_claim_try(config, deadline, options->lock_dir, &claim, &err);
    if (status == HF_OK)
        check_port(options, config, subject);
    else if (status == HF_EBUSY)
        hf_doctor_report(options, HF_DOCTOR_OK, subject, NULL, "port not checked: %s", err.message);
    else
        hf_doctor_report(options, HF_DOCTOR_FAIL, subject,
                         "let every user write to the folder of locks, /run/lock or /tmp", "%s", err.message);
    hf_board_claim_release(claim);
}

static bool has_real_boards(const hf_farm *farm)
{
    for (uint32_t i = 0; i < farm->board_count; i++)
        if (hf_farm_board_has_probe(&farm->boards[i]))
            return true;
    return false;
}

/* Whether rules that give users access to debug probes are installed: hilfarm's, or OpenOCD's. */
static void check_udev_rules(const hf_doctor_options *options)
{
    static const char *const folders[] = {"/etc/udev/rules.d", "/run/udev/rules.d",
                                          "/usr/local/lib/udev/rules.d", "/usr/lib/udev/rules.d",
                                          "/lib/udev/rules.d"};
    static const char *const names[] = {"60-hilfarm.rules", "60-openocd.rules"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        for (size_t j = 0; j < sizeof names / sizeof names[0]; j++) {
            char path[64];
            snprintf(path, sizeof path, "%s/%s", folders[i], names[j]);
            if (access(path, R_OK) == 0) {
                hf_doctor_report(options, HF_DOCTOR_OK, "permissions", NULL, "udev rules %s", path);
                return;
            }
        }
    hf_doctor_report(
        options, HF_DOCTOR_WARN, "permissions",
        "install 60-hilfarm.rules into /etc/udev/rules.d, then run `sudo udevadm control --reload`",
        "there are no udev rules for debug probes, so that only root may be able to use them");
}

static bool is_used(const hf_farm *farm, const hf_found_probe *probe)
{
    for (uint32_t i = 0; i < farm->board_count; i++)
        if (hf_farm_board_has_probe(&farm->boards[i]) && matches(probe, &farm->boards[i].config))
            return true;
    return false;
}

void hf_check_boards(const hf_doctor_options *options)
{
    if (has_real_boards(options->farm))
        check_udev_rules(options);
    for (uint32_t i = 0; i < options->farm->board_count; i++) {
        const hf_board_config *config = &options->farm->boards[i].config;
        char subject[64];
        snprintf(subject, sizeof subject, "board %s", config->id);
        if (!hf_farm_board_has_probe(&options->farm->boards[i]))
            continue;
        check_probe(options, config, subject);
        check_locked_port(options, config, subject);
    }
    for (size_t i = 0; i < options->found->probe_count; i++) {
        const hf_found_probe *probe = &options->found->probes[i];
        if (!is_used(options->farm, probe))
            hf_doctor_report(options, probe->usable ? HF_DOCTOR_OK : HF_DOCTOR_WARN, "probe",
                             probe->usable ? NULL : PROBE_RIGHTS,
                             "%s %s is plugged in%s, but not in the farm", probe->kind, probe->serial,
                             probe->usable ? "" : " without permission to use it");
    }
}
