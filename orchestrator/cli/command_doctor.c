/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "commands.h"
#include "doctor/doctor.h"
#include "input_files.h"
#include "locations.h"
#include "options.h"

typedef struct values {
    const char *db, *farm, *openocd, *firmware_dir;
} values;

static const hf_cli_option options[] = {
    HF_CLI_OPTION_FARM(offsetof(values, farm)),
    HF_CLI_OPTION_DB(offsetof(values, db)),
    HF_CLI_OPTION_FIRMWARE_DIR(offsetof(values, firmware_dir)),
    {.name = "openocd",
     .placeholder = "PROGRAM",
     .help = "default: openocd in PATH",
     .read = hf_cli_read_text,
     .offset = offsetof(values, openocd)},
};

static const hf_cli_command command = {
    .synopsis = "doctor [options]",
    .description =
        "Checks OpenOCD and its scripts, the probes and ports of a farm and the permission to use them, "
        "clocks, disk space, the store and the firmware images. Each line begins with ok, warn or fail; "
        "after warn and fail, the next line says how to fix it. No board is touched: to try the boards, "
        "use `hilfarm boards --check`.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes = "Exit status: 0 nothing failed, 2 bad input, 3 a check failed.\n"
             "Example:\n"
             "  hilfarm doctor --farm my_farm.yaml",
};

static void print_result(void *user, hf_verdict verdict, const char *subject, const char *text,
                         const char *remedy)
{
    static const char *const words[] = {"ok", "warn", "fail"};
    unsigned *failed = user;
    printf("%-5s %s: %s\n", words[verdict], subject, text);
    if (remedy)
        printf("      to fix it: %s\n", remedy);
    *failed += verdict == HF_VERDICT_FAIL;
}

int hf_command_doctor(int argc, char **argv)
{
    values v = {.db = hf_cli_default_store()};
    char **arguments;
    int argument_count;
    hf_exit exit_status;
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &argument_count, &exit_status))
        return exit_status;
    hf_farm *farm = NULL;
    exit_status = hf_cli_load_farm(v.farm, &farm);
    if (exit_status != HF_EXIT_OK)
        return exit_status;
    hf_error err = {0};
    hf_discovery found = {0};
    unsigned failed = 0;
    if (hf_discover(&found, &err) != HF_OK)
        print_result(&failed, HF_VERDICT_FAIL, "ports", err.message, "mount /sys");
    const hf_doctor_options checks = {.farm = farm,
                                      .found = &found,
                                      .openocd_path = v.openocd,
                                      .firmware_dir = hf_cli_firmware_dir(v.firmware_dir),
                                      .store_path = v.db,
                                      .report = print_result,
                                      .user = &failed};
    hf_doctor_examine(&checks);
    hf_discovery_free(&found);
    hf_farm_free(farm);
    return failed ? HF_EXIT_FARM : HF_EXIT_OK;
}
