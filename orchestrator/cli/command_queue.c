/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "commands.h"
#include "daemon_access.h"
#include "options.h"
#include "output.h"
#include "queue_table.h"
#include "watch.h"

typedef struct values {
    bool watch;
} values;

static const hf_cli_option options[] = {HF_CLI_OPTION_WATCH(offsetof(values, watch))};

static const hf_cli_command command = {
    .synopsis = "queue [options]",
    .description =
        "Lists the runs that wait or are under way on the daemon, in the order in which they were submitted. "
        "Runs share the boards: users get equal shares, and within a user's share runs of a higher "
        "priority get more. A later run may therefore end before an earlier one.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes = "Examples:\n"
             "  hilfarm queue --watch",
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

int hf_command_queue(int argc, char **argv)
{
    values v = {0};
    char **arguments;
    int count;
    hf_exit exit_status;
    hf_client *client = NULL;
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &count, &exit_status))
        return exit_status;
    exit_status = hf_cli_need_daemon(&client);
    if (exit_status == HF_EXIT_OK)
        exit_status = v.watch ? hf_cli_watch(render, client) : hf_cli_show_once(render, client);
    hf_client_free(client);
    return exit_status;
}
