/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "input_files.h"
#include "openocd/find_script.h"
#include "options.h"

typedef struct values {
    const char *farm, *openocd;
    bool quiet;
} values;

static const hf_cli_option options[] = {
    {.name = "farm",
     .placeholder = "FILE",
     .help = "also check this farm file, and look up the tags of the specs in it",
     .read = hf_cli_read_text,
     .offset = offsetof(values, farm)},
    {.name = "openocd",
     .placeholder = "PROGRAM",
     .help = "with --farm: look for its scripts too (default: openocd in PATH)",
     .read = hf_cli_read_text,
     .offset = offsetof(values, openocd)},
    {.name = "quiet",
     .help = "print mistakes only",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, quiet)},
};

static const hf_cli_command command = {
    .synopsis = "validate SPEC.yaml... [options]",
    .description =
        "Checks job specs and the files that they name (models, inputs, which must fit the models, and data "
        "sets, which must have the classes of the models that are trained on them), and prints every "
        "mistake. Uses no "
        "board and prepares no model, so it suits a Git pre-commit "
        "hook. The farm file's OpenOCD scripts are looked up if OpenOCD is installed on this host.",
    .argument = "a spec",
    .min_arguments = 1,
    .max_arguments = INT_MAX,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes = "Exit status: 0 no mistakes, 2 mistakes.\n"
             "Example:\n"
             "  hilfarm validate --quiet sweeps/*.yaml --farm lab.yaml",
};

static hf_exit validate_spec(const char *path, const values *v)
{
    hf_spec *spec = NULL;
    hf_exit exit_status = hf_cli_load_spec(path, &spec);
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_check_spec_files(spec, NULL);
    if (exit_status == HF_EXIT_OK && !v->quiet)
        printf("%s: ok, %u model%s\n", path, spec->variation_count, spec->variation_count == 1 ? "" : "s");
    hf_spec_free(spec);
    return exit_status;
}

static hf_exit validate_with_farm(const char *path, const values *v)
{
    hf_run_config config = {0};
    hf_exit exit_status = hf_cli_load_run_config(path, v->farm, NULL, &config);
    if (exit_status == HF_EXIT_OK)
        exit_status = hf_cli_check_spec_files(config.spec, NULL);
    if (exit_status == HF_EXIT_OK && !v->quiet)
        printf("%s: ok, %u model%s on %u chip%s, %u board%s\n", path, config.spec->variation_count,
               config.spec->variation_count == 1 ? "" : "s", config.selection.chip_count,
               config.selection.chip_count == 1 ? "" : "s", config.selection.board_count,
               config.selection.board_count == 1 ? "" : "s");
    hf_run_config_free(&config);
    return exit_status;
}

static void check_scripts_of(const hf_farm *farm, const values *v, hf_diagnostics *diagnostics)
{
    const char *program = v->openocd ? v->openocd : "openocd";
    const bool installed = hf_openocd_has_scripts(program);
    for (uint32_t i = 0; i < farm->board_count; i++) {
        const hf_board_config *board = &farm->boards[i].config;
        char path[PATH_MAX];
        hf_error err = {0};
        /* Without OpenOCD's scripts on this host, a name tells nothing: a path does. */
        const bool knowable =
            hf_farm_board_has_probe(&farm->boards[i]) && (installed || board->probe_interface[0] == '/');
        if (knowable && hf_farm_first_with_script(farm, i) &&
            hf_openocd_find_script(board->probe_interface, true, program, board->script_dir, path, &err) !=
                HF_OK)
            hf_diagnostics_add(diagnostics, v->farm, farm->boards[i].line, farm->boards[i].column, "%s",
                               err.message);
    }
}

/* Prints the scripts of a farm file that OpenOCD does not have. Other mistakes are left to the specs' checks. */
static hf_exit validate_scripts(const values *v)
{
    hf_farm *farm = NULL;
    hf_error ignored = {0};
    hf_diagnostics *mistakes = hf_diagnostics_new(), *missing = hf_diagnostics_new();
    hf_exit exit_status = HF_EXIT_OK;
    if (!mistakes || !missing) {
        fputs("hilfarm: out of memory\n", stderr);
        exit_status = HF_EXIT_FARM;
    } else if (hf_farm_load(v->farm, &farm, mistakes, &ignored) == HF_OK) {
        check_scripts_of(farm, v, missing);
        exit_status = hf_cli_print_mistakes(missing);
    }
    hf_diagnostics_free(mistakes);
    hf_diagnostics_free(missing);
    hf_farm_free(farm);
    return exit_status;
}

int hf_command_validate(int argc, char **argv)
{
    values v = {0};
    char **arguments;
    int count;
    hf_exit exit_status;
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &count, &exit_status))
        return exit_status;
    for (int i = 0; i < count; i++) {
        hf_exit one = v.farm ? validate_with_farm(arguments[i], &v) : validate_spec(arguments[i], &v);
        exit_status = one == HF_EXIT_OK ? exit_status : one;
    }
    if (v.farm) {
        hf_exit scripts = validate_scripts(&v);
        exit_status = scripts == HF_EXIT_OK ? exit_status : scripts;
    }
    return exit_status;
}
