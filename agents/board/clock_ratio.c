/* SPDX-License-Identifier: Apache-2.0 */
/* The ratio of the core's clock, measured by the host's, to its nominal frequency: the error of every time
 * that is computed from cycles. */
#include <stdio.h>
#include <string.h>

#include "board_internal.h"

#define SPAN_MS         1000u /* minimum between two readings, which are accurate to about a millisecond */
#define UNCERTAINTY_MAX 0.002

static bool known(const hf_board *board, const hf_session_id *id)
{
    return board->clock.compared && strcmp(board->clock.source, id->clock_source) == 0;
}

hf_status hf_board_clock_begin(hf_board *board, hf_session *session, const hf_session_id *id,
                               hf_clock_reading *first, hf_error *err)
{
    return known(board, id) ? HF_OK : hf_session_clock(session, first, err);
}

/* Waits for the rest of the span. Runs that take longer need no wait. */
static hf_status wait_for_span(hf_board *board, const hf_clock_reading *first, hf_error *err)
{
    uint64_t passed_ms = (hf_now_ns() - first->after_ns) / 1000000u;
    if (passed_ms >= SPAN_MS)
        return HF_OK;
    hf_deadline end = hf_deadline_in_ms((uint32_t)(SPAN_MS - passed_ms));
    hf_status status;
    do
        status = hf_watch_wait(&board->watch, -1, 0, end, err);
    while (status == HF_OK && !hf_deadline_passed(end));
    return status == HF_ETIMEOUT ? HF_OK : status;
}

static void compare(hf_board *board, const hf_clock_reading *first, const hf_clock_reading *second,
                    uint32_t clock_hz)
{
    double ratio = 0, uncertainty = 0;
    if (!hf_clock_compare(first, second, clock_hz, &ratio, &uncertainty) || uncertainty > UNCERTAINTY_MAX) {
        hf_transcript_note(board->transcript,
                           "the core clock cannot be compared with the host's accurately enough");
        return;
    }
    hf_transcript_note(board->transcript, "core clock (%s): %.6f of %u Hz by the host's clock, +-%.6f",
                       board->clock.source, ratio, (unsigned)clock_hz, uncertainty);
    board->clock.ratio = ratio;
    board->clock.compared = true;
}

hf_status hf_board_clock_end(hf_board *board, hf_session *session, const hf_session_id *id,
                             const hf_clock_reading *first, double *ratio, hf_error *err)
{
    if (!known(board, id)) {
        bool modelled = hf_board_config_modelled(board->config);
        hf_clock_reading second;
        hf_status status = modelled ? HF_OK : wait_for_span(board, first, err);
        if (status == HF_OK)
            status = hf_session_clock(session, &second, err);
        if (status != HF_OK)
            return status;
        board->clock = (hf_board_clock){0};
        snprintf(board->clock.source, sizeof board->clock.source, "%s", id->clock_source);
        if (modelled) { /* its cycles are unrelated to host time */
            hf_transcript_note(board->transcript, "core clock (%s): modelled, not compared with the host's",
                               id->clock_source);
            board->clock.compared = true;
        } else {
            compare(board, first, &second, id->clock_hz);
        }
    }
    *ratio = board->clock.ratio;
    return HF_OK;
}
