/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "answers.h"
#include "api/daemon.h"
#include "dispatch.h"
#include "routes.h"

static void answer(void *user, void *argument)
{
    const hf_daemon *daemon = user;
    const hf_api_daemon shown = {
        .version = (char *)daemon->options->version,
        .api = HF_API_VERSION,
        .pid = getpid(),
        .started_ms = daemon->started_ms,
        .farm = (char *)daemon->farm->path,
        .store = daemon->store_path,
        .board_count = daemon->farm->board_count,
        .run_count = daemon->run_count,
    };
    hf_answer_object(argument, 200, &hf_api_daemon_type, &shown);
}

void hf_get_daemon(void *user, hf_http_request *request)
{
    hf_dispatch_to_loop(user, request, answer);
}
