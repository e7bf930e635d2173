/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "checks.h"
#include "config/openocd_scripts.h"
#include "openocd/openocd.h"
#include "process/child.h"

#define VERSION_DEADLINE_MS 5000
#define STOP_MS             500
#define INSTALL             "install the Debian package openocd, or name another program with --openocd"

static void keep_version(void *user, const char *line)
{
    char *version = user;
    if (strncmp(line, "Open On-Chip Debugger ", 22) == 0)
        snprintf(version, 80, "%s", line);
}

/* Runs `openocd --version`. @param version "" = it printed none */
static hf_status read_version(const char *program, char version[80], hf_error *err)
{
    const char *argv[] = {program, "--version", NULL};
    const hf_child_options options = {.name = "OpenOCD",
                                      .argv = argv,
                                      .cpu = -1,
                                      .fault = HF_FAULT_FARM,
                                      .line = keep_version,
                                      .line_user = version};
    hf_child *child = NULL;
    hf_status status = hf_child_start(&options, &child, err);
    if (status != HF_OK)
        return status;
    status = hf_child_ended(child, VERSION_DEADLINE_MS, NULL);
    hf_child_stop(child, STOP_MS);
    return status == HF_OK
               ? HF_FAIL_AS(err, HF_FAULT_FARM, HF_ETIMEOUT, "`%s --version` does not end", program)
               : HF_OK;
}

static void check_program(const hf_doctor_options *options)
{
    const char *program = options->openocd_path ? options->openocd_path : "openocd";
    char version[80] = "";
    hf_error err = {0};
    if (read_version(program, version, &err) != HF_OK)
        hf_doctor_report(options, HF_VERDICT_FAIL, "OpenOCD", INSTALL, "%s", err.message);
    else if (!version[0])
        hf_doctor_report(options, HF_VERDICT_FAIL, "OpenOCD", INSTALL,
                         "'%s' is not OpenOCD: it prints no version", program);
    else if (hf_openocd_too_old(version))
        hf_doctor_report(options, HF_VERDICT_FAIL, "OpenOCD", INSTALL, "%s; hilfarm needs 0.12 or later",
                         version);
    else
        hf_doctor_report(options, HF_VERDICT_OK, "OpenOCD", NULL, "%s", version);
}

static void check_script(const hf_doctor_options *options, const char *name, const char *folder)
{
    static char key[HF_DEVICE_KEY_SIZE];
    hf_script_key(name, folder, key);
    bool found = key[0] == '/';
    hf_doctor_report(options, found ? HF_VERDICT_OK : HF_VERDICT_FAIL, "script",
                     found ? NULL
                           : "correct probe.interface, install OpenOCD's scripts, or set OPENOCD_SCRIPTS",
                     "%s%s", found ? key : name, found ? "" : " is missing");
}

static bool is_first_with_script(const hf_farm *farm, uint32_t index)
{
    for (uint32_t i = 0; i < index; i++)
        if (!farm->boards[i].config.is_virtual &&
            strcmp(farm->boards[i].config.probe_interface, farm->boards[index].config.probe_interface) == 0)
            return false;
    return true;
}

void hf_check_openocd(const hf_doctor_options *options)
{
    check_program(options);
    const hf_chip *chip;
    for (uint32_t next = 0; (chip = hf_doctor_next_chip(options->farm, &next));)
        check_script(options, chip->openocd_target, NULL);
    for (uint32_t i = 0; i < options->farm->board_count; i++) {
        const hf_board_config *config = &options->farm->boards[i].config;
        if (!config->is_virtual && is_first_with_script(options->farm, i))
            check_script(options, config->probe_interface, config->script_dir);
    }
}
