/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "board/board.h"
#include "process/watch.h"

#define RETRY_MS 1000

hf_status hf_board_open_waiting(const hf_board_config *config, const hf_board_options *options,
                                uint64_t wait_ms, void (*waiting)(void *user, const char *who), void *user,
                                hf_board **out, hf_error *err)
{
    const hf_watch watch = {.cancel_fd = options->cancel_fd};
    const hf_deadline deadline = hf_deadline_in_ms(wait_ms);
    char reported[sizeof err->message] = "";
    for (;;) {
        hf_error cause = {0};
        hf_status status = hf_board_open(config, options, out, &cause);
        if (status == HF_OK)
            return HF_OK;
        if (status != HF_EBUSY || wait_ms == 0 || hf_deadline_passed(deadline))
            return hf_error_pass(err, &cause);
        if (waiting && strcmp(reported, cause.message) != 0)
            waiting(user, cause.message);
        snprintf(reported, sizeof reported, "%s", cause.message);
        status = hf_watch_wait(&watch, -1, 0, hf_deadline_min(deadline, hf_deadline_in_ms(RETRY_MS)), err);
        if (status != HF_ETIMEOUT)
            return status;
    }
}
