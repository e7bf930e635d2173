/* SPDX-License-Identifier: Apache-2.0 */
/* OpenOCD with its scripts, and hilfarm-vboard. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board/board.h"
#include "checks.h"
#include "openocd/find_script.h"
#include "openocd/openocd.h"
#include "process/child.h"

#define VERSION_DEADLINE_MS 5000
#define STOP_MS             500
#define INSTALL             "install the Debian package openocd, or name another program with --openocd"

/* What a program prints, as far as the checks need it. */
typedef struct version_search {
    const char *begin; /* of the line with the version */
    char line[80];     /* "" = none printed */
} version_search;

static void keep_version(void *user, const char *line)
{
    version_search *search = user;
    if (!search->line[0] && strncmp(line, search->begin, strlen(search->begin)) == 0)
        snprintf(search->line, sizeof search->line, "%s", line);
}

/* Runs `<program> --version`. */
static hf_status read_version(const char *program, version_search *search, hf_error *err)
{
    const char *argv[] = {program, "--version", NULL};
    const hf_child_options options = {.name = program,
                                      .argv = argv,
                                      .cpu = -1,
                                      .fault = HF_FAULT_FARM,
                                      .line = keep_version,
                                      .line_user = search};
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

static const char *openocd_of(const hf_doctor_options *options)
{
    return options->openocd_path ? options->openocd_path : "openocd";
}

static void check_program(const hf_doctor_options *options)
{
    const char *program = openocd_of(options);
    version_search search = {.begin = "Open On-Chip Debugger "};
    hf_error err = {0};
    if (read_version(program, &search, &err) != HF_OK)
        hf_doctor_report(options, HF_DOCTOR_FAIL, "OpenOCD", INSTALL, "%s", err.message);
    else if (!search.line[0])
        hf_doctor_report(options, HF_DOCTOR_FAIL, "OpenOCD", INSTALL,
                         "'%s' is not OpenOCD: it prints no version", program);
    else if (hf_openocd_too_old(search.line))
        hf_doctor_report(options, HF_DOCTOR_FAIL, "OpenOCD", INSTALL, "%s; hilfarm needs 0.12 or later",
                         search.line);
    else
        hf_doctor_report(options, HF_DOCTOR_OK, "OpenOCD", NULL, "%s", search.line);
}

static bool has_virtual_boards(const hf_farm *farm)
{
    for (uint32_t i = 0; i < farm->board_count; i++)
        if (farm->boards[i].config.is_virtual)
            return true;
    return false;
}

static void check_vboard(const hf_doctor_options *options)
{
    static const char remedy[] = "install hilfarm completely, or name the program with --vboard";
    char *usual = options->vboard_path ? NULL : hf_board_default_vboard();
    const char *program = options->vboard_path ? options->vboard_path : usual;
    version_search search = {.begin = "hilfarm-vboard "};
    hf_error err = {0};
    if (!program)
        hf_doctor_report(options, HF_DOCTOR_FAIL, "virtual boards", "free some memory", "out of memory");
    else if (read_version(program, &search, &err) != HF_OK)
        hf_doctor_report(options, HF_DOCTOR_FAIL, "virtual boards", remedy, "%s", err.message);
    else if (!search.line[0])
        hf_doctor_report(options, HF_DOCTOR_FAIL, "virtual boards", remedy,
                         "'%s' is not hilfarm-vboard: it prints no version", program);
    else
        hf_doctor_report(options, HF_DOCTOR_OK, "virtual boards", NULL, "%s", search.line);
    free(usual);
}

static void check_script(const hf_doctor_options *options, const char *name, bool of_probe,
                         const char *folder)
{
    char path[PATH_MAX];
    hf_error err = {0};
    if (hf_openocd_find_script(name, of_probe, openocd_of(options), folder, path, &err) == HF_OK)
        hf_doctor_report(options, HF_DOCTOR_OK, "script", NULL, "%s", path);
    else
        hf_doctor_report(options, HF_DOCTOR_FAIL, "script",
                         of_probe ? "correct probe.interface, install OpenOCD's scripts, or set "
                                    "OPENOCD_SCRIPTS to their folder"
                                  : "install OpenOCD's scripts, or set OPENOCD_SCRIPTS to their folder",
                         "%s", err.message);
}

/* @param chip NULL = any */
static bool has_own_board(const hf_farm *farm, const hf_chip *chip)
{
    for (uint32_t i = 0; i < farm->board_count; i++)
        if (!farm->boards[i].host && (!chip || farm->boards[i].chip == chip))
            return true;
    return false;
}

/* Boards of other hosts need OpenOCD there. */
void hf_check_openocd(const hf_doctor_options *options)
{
    if (!has_own_board(options->farm, NULL))
        return;
    check_program(options);
    if (has_virtual_boards(options->farm))
        check_vboard(options);
    const hf_chip *chip;
    for (uint32_t next = 0; (chip = hf_doctor_next_chip(options->farm, &next));)
        if (has_own_board(options->farm, chip))
            check_script(options, chip->openocd_target, false, NULL);
    for (uint32_t i = 0; i < options->farm->board_count; i++) {
        const hf_board_config *config = &options->farm->boards[i].config;
        if (hf_farm_board_has_probe(&options->farm->boards[i]) && hf_farm_first_with_script(options->farm, i))
            check_script(options, config->probe_interface, true, config->script_dir);
    }
}
