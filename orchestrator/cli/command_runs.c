/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "cli.h"
#include "report/render.h"
#include "store/store.h"

int hf_command_runs(int argc, char **argv)
{
    static const char usage[] = "usage: hilfarm runs [options]\n"
                                "Lists the runs in the store, newest first.\n"
                                "  --db FILE   the store (default: " HF_DEFAULT_DB ")\n";
    hf_cli_options options;
    char **words;
    int word_count;
    hf_exit exit_status;
    if (!hf_cli_parse(argc, argv, HF_OPTION_DB, usage, 0, 0, &options, &words, &word_count, &exit_status))
        return exit_status;
    hf_error err = {0};
    hf_store *store = NULL;
    hf_run_row *runs = NULL;
    size_t count = 0;
    if (hf_cli_open_store(&options, &store, &err) != HF_OK ||
        hf_store_list_runs(store, &runs, &count, &err) != HF_OK) {
        exit_status = hf_cli_fail(&err);
    } else {
        hf_buffer text = HF_BUFFER_INIT;
        hf_render_runs(runs, count, &text);
        exit_status = hf_cli_emit(&text, NULL);
        hf_buffer_free(&text);
    }
    for (size_t i = 0; i < count; i++)
        hf_run_row_free(&runs[i]);
    free(runs);
    hf_store_close(store);
    return exit_status;
}
