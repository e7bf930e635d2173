/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "process/watch.h"
#include "worker/worker.h"

#define RETRY_MS 1000

hf_status hf_worker_open_waiting(const hf_worker_backend *backend, const hf_worker_patience *patience,
                                 hf_worker_reply *reply)
{
    const hf_watch watch = {.cancel_fd = patience->cancel_fd};
    const hf_deadline deadline = hf_deadline_in_ms(patience->wait_ms);
    char reported[sizeof reply->error.message] = "";
    for (;;) {
        hf_error cancelled = {0};
        hf_worker_reply_clear(reply);
        *reply = (hf_worker_reply){.command = HF_WORKER_OPEN};
        reply->status = backend->open(backend->board, reply);
        if (reply->status != HF_EBUSY || patience->wait_ms == 0 || hf_deadline_passed(deadline))
            return reply->status;
        if (patience->waiting && strcmp(reported, reply->error.message) != 0)
            patience->waiting(patience->user, reply->error.message);
        snprintf(reported, sizeof reported, "%s", reply->error.message);
        const hf_status status =
            hf_watch_wait(&watch, -1, 0, hf_deadline_min(deadline, hf_deadline_in_ms(RETRY_MS)), &cancelled);
        if (status != HF_ETIMEOUT) {
            reply->error = cancelled;
            return reply->status = status;
        }
    }
}
