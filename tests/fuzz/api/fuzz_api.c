/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds arbitrary bytes to the reader of every type of the API. What is accepted must be written as JSON that is
 * read back to the same JSON. Used by libFuzzer, and by replay.c as an ordinary test. */
#include "replay_corpus.h"

#include <stdlib.h>
#include <string.h>

#include "api/board.h"
#include "api/daemon.h"
#include "api/failure.h"
#include "api/run.h"
#include "api/submission.h"

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            abort();                                                                                         \
    } while (0)

typedef union any {
    hf_api_submission submission;
    hf_api_accepted accepted;
    hf_api_refusal refusal;
    hf_run_view view;
    hf_run_event event;
    hf_api_run_end end;
    hf_api_gap gap;
    hf_api_queue queue;
    hf_api_runs runs;
    hf_api_run_change run_change;
    hf_api_boards boards;
    hf_api_board_change board_change;
    hf_api_daemon daemon;
} any;

static const hf_api_type *const types[] = {
    &hf_api_submission_type, &hf_api_accepted_type,   &hf_api_refusal_type, &hf_api_run_view_type,
    &hf_api_run_event_type,  &hf_api_run_end_type,    &hf_api_gap_type,     &hf_api_queue_type,
    &hf_api_runs_type,       &hf_api_run_change_type, &hf_api_boards_type,  &hf_api_board_change_type,
    &hf_api_daemon_type,
};

static void check_type(const hf_api_type *type, const char *json, size_t size)
{
    any first, second;
    hf_error err = {0};
    hf_buffer once = HF_BUFFER_INIT, twice = HF_BUFFER_INIT;
    if (hf_api_read(type, json, size, &first, &err) != HF_OK) {
        CHECK(err.message[0]);
        return;
    }
    CHECK(hf_api_write(type, &first, &once, NULL) == HF_OK);
    CHECK(hf_api_read(type, once.data, once.size, &second, NULL) == HF_OK);
    CHECK(hf_api_write(type, &second, &twice, NULL) == HF_OK);
    CHECK(once.size == twice.size && memcmp(once.data, twice.data, once.size) == 0);
    hf_api_clear(type, &first);
    hf_api_clear(type, &second);
    hf_buffer_free(&once);
    hf_buffer_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        check_type(types[i], (const char *)bytes, size);
    return 0;
}
