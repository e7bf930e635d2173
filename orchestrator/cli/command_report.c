/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "commands.h"
#include "locations.h"
#include "options.h"
#include "output.h"
#include "report/render.h"
#include "store_access.h"

typedef struct values {
    const char *db;
    bool layers, plain;
} values;

static const hf_cli_option options[] = {
    {.name = "layers",
     .help = "also print the layers of each model: cycles, their share, MACs per cycle",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, layers)},
    HF_CLI_OPTION_DB(offsetof(values, db)),
    HF_CLI_OPTION_PLAIN(offsetof(values, plain), "no colours"),
};

static const hf_cli_command command = {
    .synopsis = "report [RUN] [options]",
    .description = "Prints the table of a run that is in the store. RUN is its number, key or name, as "
                   "`hilfarm runs` lists them, or latest (the default).",
    .max_arguments = 1,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes = "Example:\n"
             "  hilfarm report my_sweep --layers",
};

int hf_command_report(int argc, char **argv)
{
    values v = {.db = hf_cli_default_store()};
    char **arguments;
    int count;
    hf_exit exit_status;
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &count, &exit_status))
        return exit_status;
    hf_report report = {0};
    exit_status = hf_cli_load_report(v.db, count ? arguments[0] : NULL, &report);
    if (exit_status == HF_EXIT_OK) {
        hf_buffer text = HF_BUFFER_INIT;
        hf_render_table(&report, hf_cli_columns(), !v.plain && hf_cli_has_colours(STDOUT_FILENO), &text);
        if (v.layers)
            hf_render_layers_table(&report, &text);
        exit_status = hf_cli_write(&text, NULL);
        hf_buffer_free(&text);
    }
    hf_report_free(&report);
    return exit_status;
}
