/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "commands.h"
#include "locations.h"
#include "options.h"
#include "output.h"
#include "report/render.h"
#include "store_access.h"

typedef struct values {
    const char *db;
} values;

static const hf_cli_option options[] = {HF_CLI_OPTION_DB(offsetof(values, db))};

static const hf_cli_command command = {
    .synopsis = "runs [options]",
    .description = "Lists the runs in the store, newest first. `hilfarm report` and `hilfarm export` take a "
                   "run's number, its key or the beginning of it, a tag, or its name.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
};

int hf_command_runs(int argc, char **argv)
{
    values v = {.db = hf_cli_default_store()};
    char **arguments;
    int argument_count;
    hf_exit exit_status;
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &argument_count, &exit_status))
        return exit_status;
    hf_error err = {0};
    hf_store *store = NULL;
    hf_run_row *runs = NULL;
    size_t count = 0;
    if (hf_cli_open_store_readonly(v.db, &store, &err) != HF_OK ||
        hf_store_list_runs(store, &runs, &count, &err) != HF_OK) {
        exit_status = hf_cli_fail(&err);
    } else {
        hf_buffer text = HF_BUFFER_INIT;
        hf_render_runs(runs, count, &text);
        exit_status = hf_cli_write(&text, NULL);
        hf_buffer_free(&text);
    }
    hf_rows_free(&hf_run_row_type, runs, count);
    hf_store_close(store);
    return exit_status;
}
