/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/run.h"
#include "commands.h"
#include "daemon_access.h"
#include "follow_run.h"
#include "options.h"

static const hf_cli_option options[] = {
    {.name = "all",
     .help = "also show what has happened in the run so far",
     .read = hf_cli_read_flag,
     .offset = offsetof(hf_cli_follow_options, from_start)},
    {.name = "quiet",
     .help = "print failures and regressions only, when the run is over",
     .read = hf_cli_read_flag,
     .offset = offsetof(hf_cli_follow_options, quiet)},
    HF_CLI_OPTION_BASELINE(offsetof(hf_cli_follow_options, baseline)),
    HF_CLI_OPTION_FAIL_ON(offsetof(hf_cli_follow_options, fail_on)),
    HF_CLI_OPTION_PLAIN(offsetof(hf_cli_follow_options, plain),
                        "no live display and no colours, as when the output is not a terminal"),
};

static const hf_cli_command command = {
    .synopsis = "attach [RUN] [options]",
    .description = "Follows a run on the daemon: shows it live until it is over, prints the table and writes "
                   "the report, like "
                   "`hilfarm run`. If the run is over, only the results are shown. RUN is its key, number, "
                   "tag or name, as "
                   "`hilfarm queue` lists them, or latest (the default).\n"
                   "Ctrl-C stops following; the run goes on. `hilfarm cancel` ends it.",
    .max_arguments = 1,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes = "Exit status: that of `hilfarm run`; 4 also if you stop following, 3 also if the daemon does "
             "not come "
             "back.\n"
             "Examples:\n"
             "  hilfarm attach 20261130-883b43f3\n"
             "  hilfarm attach nightly --quiet",
};

/* Follows one certain run: after a restart of the daemon, "latest" or a name may mean another. */
static hf_exit attach(hf_client *client, const char *run, const hf_cli_follow_options *v)
{
    hf_error err = {0};
    hf_run_row row = {0};
    char *path = hf_client_path("/runs/", run, "");
    const hf_client_call call = {
        .method = "GET", .path = path, .answer_type = &hf_api_run_row_type, .answer = &row};
    hf_status status =
        path ? hf_client_do(client, &call, &err) : HF_FAIL(&err, HF_ENOMEM, "no memory to follow a run");
    free(path);
    if (status != HF_OK)
        return hf_cli_fail(&err);
    if (!v->quiet) {
        printf("%s: run %s on the daemon%s%s\n", row.name, row.key, row.owner ? " of " : "",
               row.owner ? row.owner : "");
        fflush(stdout);
    }
    hf_exit exit_status = hf_cli_follow_run(client, row.key, v);
    hf_api_clear(&hf_api_run_row_type, &row);
    return exit_status;
}

int hf_command_attach(int argc, char **argv)
{
    hf_cli_follow_options v = {.fail_on = HF_FAIL_ON_FAILED};
    char **arguments;
    int count;
    hf_exit exit_status;
    hf_client *client = NULL;
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &count, &exit_status))
        return exit_status;
    exit_status = hf_cli_need_daemon(&client);
    if (exit_status == HF_EXIT_OK)
        exit_status = attach(client, count ? arguments[0] : "latest", &v);
    hf_client_free(client);
    return exit_status;
}
