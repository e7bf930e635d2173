/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "api/session.h"
#include "commands.h"
#include "daemon_access.h"
#include "open_in_browser.h"
#include "options.h"
#include "output.h"

typedef struct values {
    bool open;
} values;

static const hf_cli_option options[] = {
    {.name = "open",
     .help = "open it in the browser, by xdg-open, instead of printing the address",
     .read = hf_cli_read_flag,
     .offset = offsetof(values, open)},
};

static const hf_cli_command command = {
    .synopsis = "dashboard [options]",
    .description =
        "Prints the address of the daemon's dashboard: boards, queue and runs as they happen, history, "
        "trends, an "
        "analyzer. The address signs its browser in as you, until the dashboard has not been used for 12 "
        "hours: keep it to yourself. It is of the daemon's host; from elsewhere, forward the port first "
        "(ssh -L).",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .notes = "Examples:\n"
             "  hilfarm dashboard --open",
};

/* Over TCP the daemon's address is the dashboard's, where the user's token signs in. */
static hf_status show_remote(const hf_client *client, const values *v, hf_error *err)
{
    const char *where = hf_client_where(client);
    if (v->open)
        return hf_cli_open_in_browser(where, err);
    printf("%s\n", where);
    fputs("hilfarm: the page asks for your token\n", stderr);
    return HF_OK;
}

static hf_status show_local(hf_client *client, const values *v, hf_error *err)
{
    hf_api_session session = {0};
    char address[512];
    const hf_client_call call = {
        .method = "POST", .path = "/sessions", .answer_type = &hf_api_session_type, .answer = &session};
    hf_status status = hf_client_do(client, &call, err);
    if (status != HF_OK)
        return status;
    snprintf(address, sizeof address, "http://%s/#token=%s", session.address, session.token);
    if (v->open)
        status = hf_cli_open_secret_in_browser(address, err);
    else
        printf("%s\n", address);
    explicit_bzero(address, sizeof address);
    hf_api_clear(&hf_api_session_type, &session);
    return status;
}

int hf_command_dashboard(int argc, char **argv)
{
    values v = {0};
    char **arguments;
    int count;
    hf_exit exit_status;
    hf_client *client = NULL;
    hf_error err = {0};
    if (!hf_cli_parse(&command, argc, argv, &v, &arguments, &count, &exit_status))
        return exit_status;
    exit_status = hf_cli_need_daemon(&client);
    if (exit_status == HF_EXIT_OK) {
        const bool remote = strncmp(hf_client_where(client), "http://", 7) == 0;
        if ((remote ? show_remote(client, &v, &err) : show_local(client, &v, &err)) != HF_OK)
            exit_status = hf_cli_fail(&err);
    }
    hf_client_free(client);
    return exit_status;
}
