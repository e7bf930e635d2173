/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "session_internal.h"

#define READINGS     3u           /* per call; the one with the shortest round trip is the most accurate */
#define COUNTER_SPAN 4294967296.0 /* cycles until the counter wraps */

typedef struct clock_state {
    uint64_t cycles;
    uint64_t received_ns;
} clock_state;

static hf_status clock_record(void *user, const hf_frame *frame, hf_error *err)
{
    clock_state *state = user;
    if (!hf_frame_is(frame, "clock"))
        return HF_OK;
    state->received_ns = hf_now_ns();
    return hf_frame_get_u64(frame, "cycles", &state->cycles) && state->cycles <= UINT32_MAX
               ? HF_OK
               : hf_bad_record(frame, err);
}

hf_status hf_session_clock(hf_session *session, hf_clock_reading *out, hf_error *err)
{
    hf_clock_reading best = {0};
    for (uint32_t i = 0; i < READINGS; i++) {
        clock_state state = {0};
        const hf_request request = {
            .type = "clock", .record = clock_record, .state = &state, .state_bytes = sizeof state};
        uint64_t sent_ns = hf_now_ns();
        hf_status status = hf_session_exchange(session, &request, session->options.reply_ms, err);
        if (status != HF_OK)
            return status;
        if (!state.received_ns)
            return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EPROTOCOL,
                              "the board's answer to 'clock' lacks 'clock'");
        /* A repeated request only widens the bounds. */
        if (i == 0 || state.received_ns - sent_ns < best.after_ns - best.before_ns)
            best = (hf_clock_reading){
                .cycles = (uint32_t)state.cycles, .before_ns = sent_ns, .after_ns = state.received_ns};
    }
    *out = best;
    return HF_OK;
}

bool hf_clock_compare(const hf_clock_reading *first, const hf_clock_reading *second, uint32_t clock_hz,
                      double *ratio, double *uncertainty)
{
    if (clock_hz == 0 || second->before_ns <= first->after_ns)
        return false;
    double middle_ns =
        ((double)(second->before_ns - first->before_ns) + (double)(second->after_ns - first->after_ns)) / 2;
    double slack_ns =
        ((double)(first->after_ns - first->before_ns) + (double)(second->after_ns - second->before_ns)) / 2;
    double expected = middle_ns * 1e-9 * clock_hz;
    /* Choose the number of wraps that brings the count closest to the expected one. That is unique as long as
     * 2 % of the expected count are less than half a wrap. */
    if (expected * 0.02 > COUNTER_SPAN / 2)
        return false;
    double counted = (uint32_t)(second->cycles - first->cycles);
    counted += COUNTER_SPAN * round((expected - counted) / COUNTER_SPAN);
    if (counted <= 0)
        return false;
    *ratio = counted / expected;
    *uncertainty = *ratio * slack_ns / middle_ns;
    return true;
}
