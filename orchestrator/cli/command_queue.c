/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/run.h"
#include "commands.h"
#include "daemon_access.h"
#include "options.h"
#include "output.h"
#include "queue_table.h"
#include "watch.h"

#define UNCHANGED INT32_MIN

typedef struct values {
    bool watch;
    int32_t priority;
} values;

static const hf_cli_option options[] = {
    HF_CLI_OPTION_WATCH(offsetof(values, watch)),
    {.name = "priority",
     .placeholder = "N",
     .help = "give RUN this priority among its owner's runs, from -8 to 8, from now on",
     .read = hf_cli_read_priority,
     .offset = offsetof(values, priority)},
};

static const hf_cli_command command = {
    .synopsis = "queue [--watch]\n"
                "queue RUN --priority N",
    .description =
        "Lists the runs that wait or are under way on the daemon, in the order in which they were submitted. "
        "Runs share the boards: users get equal shares, and within a user's share runs of a higher "
        "priority get more. A later run may therefore end before an earlier one.\n"
        "With --priority, changes that of a run, as its owner, root or the daemon's user may.",
    .argument = "a run",
    .max_arguments = 1,
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes = "Examples:\n"
             "  hilfarm queue --watch\n"
             "  hilfarm queue nightly --priority -4",
};

static hf_status render(void *user, hf_buffer *text, hf_error *err)
{
    hf_api_queue queue = {0};
    const hf_client_call call = {
        .method = "GET", .path = "/queue", .answer_type = &hf_api_queue_type, .answer = &queue};
    hf_status status = hf_client_do(user, &call, err);
    if (status == HF_OK)
        hf_cli_render_queue(&queue, text);
    hf_api_clear(&hf_api_queue_type, &queue);
    return status;
}

static hf_exit set_priority(hf_client *client, const char *run, int32_t priority)
{
    hf_error err = {0};
    hf_api_queue_entry entry = {0};
    char *path = hf_client_path("/runs/", run, "/priority");
    const hf_api_run_change change = {.priority = priority};
    const hf_client_call call = {.method = "POST",
                                 .path = path,
                                 .request_type = &hf_api_run_change_type,
                                 .request = &change,
                                 .answer_type = &hf_api_queue_entry_type,
                                 .answer = &entry};
    hf_status status =
        path ? hf_client_do(client, &call, &err) : HF_FAIL(&err, HF_ENOMEM, "no memory to change a priority");
    free(path);
    if (status != HF_OK)
        return hf_cli_fail(&err);
    printf("run %s (%s) has priority %d\n", entry.key, entry.name, (int)entry.priority);
    hf_api_clear(&hf_api_queue_entry_type, &entry);
    return HF_EXIT_OK;
}

int hf_command_queue(int argc, char **argv)
{
    values v = {.priority = UNCHANGED};
    char **arguments;
    int count;
    hf_exit exit_status;
    hf_client *client = NULL;
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &count, &exit_status))
        return exit_status;
    if ((count != 0) != (v.priority != UNCHANGED) || (count && v.watch)) {
        fputs("hilfarm queue: to change a priority, expected RUN --priority N\n", stderr);
        return HF_EXIT_BAD_INPUT;
    }
    exit_status = hf_cli_need_daemon(&client);
    if (exit_status == HF_EXIT_OK && count)
        exit_status = set_priority(client, arguments[0], v.priority);
    else if (exit_status == HF_EXIT_OK)
        exit_status = v.watch ? hf_cli_watch(render, client) : hf_cli_show_once(render, client);
    hf_client_free(client);
    return exit_status;
}
