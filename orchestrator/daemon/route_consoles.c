/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "access.h"
#include "answers.h"
#include "consoles.h"
#include "dispatch.h"
#include "routes.h"
#include "user_request.h"

typedef struct opening {
    hf_http_request *request;
    hf_api_console_request wanted;
    char user[HF_USER_NAME_SIZE]; /* who asks */
} opening;

static void open_on_loop(void *user, void *argument)
{
    hf_daemon *daemon = user;
    opening *asked = argument;
    uint32_t board;
    const char *id = hf_http_request_segment(asked->request, 0);
    if (daemon->stopping)
        hf_http_respond_error(asked->request, 503, "the daemon is being stopped");
    else if (!hf_controller_find_board(daemon->controller, id, &board))
        hf_http_respond_error(asked->request, 404, "the farm has no board '%s'", id);
    else
        hf_consoles_open(daemon, asked->request, board, asked->user, &asked->wanted);
    free(asked);
}

/* In the pool, as it may take a while. */
static void read_request(const hf_dispatched *task)
{
    hf_http_request *request = task->request;
    opening *asked = calloc(1, sizeof *asked);
    if (!asked) {
        hf_http_respond_error(request, 500, "no memory for the request");
        return;
    }
    asked->request = request;
    if (!hf_user_request_read(request, &hf_api_console_request_type, &asked->wanted, asked->user)) {
        free(asked);
        return;
    }
    if (hf_loop_calls_add(task->daemon->calls, open_on_loop, asked) == HF_OK)
        return;
    hf_http_respond_error(request, 500, "no memory for the request");
    free(asked);
}

void hf_post_board_console(void *user, hf_http_request *request)
{
    hf_daemon *daemon = user;
    hf_dispatch_to_pool(daemon, request, daemon->quick, read_request);
}

static void input(void *user, void *argument)
{
    hf_daemon_console *console = hf_consoles_find(user, argument, hf_http_request_segment(argument, 0));
    if (console)
        hf_consoles_input(console, argument);
}

void hf_post_console_input(void *user, hf_http_request *request)
{
    hf_dispatch_to_loop(user, request, input);
}

static void end(void *user, void *argument)
{
    hf_daemon_console *console = hf_consoles_find(user, argument, hf_http_request_segment(argument, 0));
    if (!console)
        return;
    hf_http_respond(argument, 204, HF_HTTP_TEXT, NULL);
    hf_consoles_end(console, "as asked", false);
}

void hf_post_console_close(void *user, hf_http_request *request)
{
    hf_dispatch_to_loop(user, request, end);
}
