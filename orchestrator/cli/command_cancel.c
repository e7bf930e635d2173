/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/run.h"
#include "client/follow.h"
#include "commands.h"
#include "daemon_access.h"
#include "options.h"

#define MAX_RUNS 100

typedef struct values {
    bool wait;
} values;

static const hf_cli_option options[] = {{.name = "wait",
                                         .help = "wait until the runs are over",
                                         .read = hf_cli_read_flag,
                                         .offset = offsetof(values, wait)}};

static const hf_cli_command command = {
    .synopsis = "cancel RUN... [options]",
    .description =
        "Ends runs on the daemon: attempts under way are stopped, what is missing is recorded as not run, "
        "and "
        "what was measured is kept. `hilfarm run --resume RUN` continues such a run. RUN is a key, number, "
        "tag or name, as `hilfarm queue` lists them. Only the user who submitted a run, root and the "
        "daemon's user may cancel it.",
    .argument = "a run",
    .min_arguments = 1,
    .max_arguments = MAX_RUNS,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes = "Exit status: 0 = all are being cancelled; 2 or 3 as for the other commands.\n"
             "Examples:\n"
             "  hilfarm cancel 20261130-883b43f3",
};

/* @param entry the run as in the queue; hf_api_clear() */
static hf_exit cancel(hf_client *client, const char *run, hf_api_queue_entry *entry)
{
    hf_error err = {0};
    char *path = hf_client_path("/runs/", run, "/cancel");
    const hf_client_call call = {
        .method = "POST", .path = path, .answer_type = &hf_api_queue_entry_type, .answer = entry};
    hf_status status =
        path ? hf_client_do(client, &call, &err) : HF_FAIL(&err, HF_ENOMEM, "no memory to cancel a run");
    free(path);
    if (status != HF_OK)
        return hf_cli_fail(&err);
    printf("run %s (%s) of %s is being cancelled\n", entry->key, entry->name, entry->owner);
    return HF_EXIT_OK;
}

static hf_exit wait_for_end(hf_client *client, const char *run)
{
    hf_error err = {0};
    hf_api_run_end end = {0};
    if (hf_client_follow(client, run, &(hf_client_follower){.wake_fd = -1}, &end, &err) != HF_OK)
        return hf_cli_fail(&err);
    printf("run %s is over: %u measured, %u failed, %u not run\n", run, end.summary.measured,
           end.summary.failed, end.summary.not_run);
    hf_api_clear(&hf_api_run_end_type, &end);
    return HF_EXIT_OK;
}

int hf_command_cancel(int argc, char **argv)
{
    values v = {0};
    char **arguments;
    int count;
    hf_exit exit_status;
    hf_client *client = NULL;
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &count, &exit_status))
        return exit_status;
    exit_status = hf_cli_need_daemon(&client);
    for (int i = 0; client && i < count; i++) {
        hf_api_queue_entry entry = {0};
        hf_exit cancelled = cancel(client, arguments[i], &entry);
        if (cancelled == HF_EXIT_OK && v.wait) /* by its key: a newer run may get the name */
            cancelled = wait_for_end(client, entry.key);
        hf_api_clear(&hf_api_queue_entry_type, &entry);
        exit_status = exit_status == HF_EXIT_OK ? cancelled : exit_status;
    }
    hf_client_free(client);
    return exit_status;
}
