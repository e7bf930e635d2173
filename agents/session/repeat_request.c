/* SPDX-License-Identifier: Apache-2.0 */
/* Sends a request and receives its reply; repeats the request if frames are lost or garbled. */
#include <string.h>

#include "session_internal.h"

#define QUIET_MS 200u /* after a garbled line, silence before the request is repeated */

hf_status hf_session_send(hf_session *session, const hf_request *request, hf_error *err)
{
    char bytes[HF_FRAME_MAX_BYTES];
    hf_frame_writer writer;
    session->sequence++;
    hf_frame_begin(&writer, bytes, sizeof bytes, HF_FRAME_TO_BOARD, session->sequence, request->type);
    if (request->fields)
        request->fields(&writer, request->arguments);
    size_t size = hf_frame_end(&writer);
    if (size == 0)
        return HF_FAIL(err, HF_ELIMIT, "request '%s' does not fit a frame", request->type);
    hf_deadline deadline =
        hf_deadline_min(session->options.deadline, hf_deadline_in_ms(session->options.reply_ms));
    return hf_serial_write(session->options.serial, bytes, size, deadline, session->options.watch, err);
}

/* One transmission and its reply. HF_EFORMAT and HF_ETIMEOUT (not recorded in *err): reply incomplete. */
static hf_status exchange_once(hf_session *session, const hf_request *request, hf_deadline deadline,
                               hf_error *err)
{
    if (request->state)
        memset(request->state, 0, request->state_bytes);
    hf_status status = hf_session_send(session, request, err);
    uint64_t records = 0;
    while (status == HF_OK) {
        hf_frame frame;
        status = hf_session_next(session, deadline, &frame, err);
        if (status == HF_EFORMAT) {
            deadline = hf_deadline_min(deadline, hf_deadline_in_ms(QUIET_MS));
            status = HF_OK;
            continue;
        }
        if (status != HF_OK)
            break;
        if (hf_frame_is(&frame, "boot")) /* late */
            continue;
        if (hf_frame_is(&frame, "error"))
            return hf_session_refusal(&frame, request->type, err);
        if (hf_frame_is(&frame, "ok")) {
            uint64_t sent = 0;
            hf_frame_get_u64(&frame, "records", &sent);
            return sent == records ? HF_OK : HF_EFORMAT;
        }
        records++;
        if (request->record)
            status = request->record(request->state, &frame, err);
    }
    return status;
}

hf_status hf_session_exchange(hf_session *session, const hf_request *request, uint32_t within_ms,
                              hf_error *err)
{
    hf_deadline end = hf_deadline_min(hf_deadline_in_ms(within_ms), session->options.deadline);
    /* A quarter of the time for each transmission, plus the time that frames take on a slow line. */
    uint32_t once_ms = within_ms / REPEAT_LIMIT + 12000000u / session->baud;
    uint32_t garbled_before = session->garbled;
    for (uint32_t attempt = 0;; attempt++) {
        hf_status status =
            exchange_once(session, request, hf_deadline_min(end, hf_deadline_in_ms(once_ms)), err);
        if (status != HF_EFORMAT && status != HF_ETIMEOUT)
            return status;
        if (attempt + 1 == REPEAT_LIMIT || hf_deadline_passed(end)) {
            hf_fault fault =
                status == HF_EFORMAT ? HF_FAULT_SERIAL : hf_session_silence(session, garbled_before);
            return HF_FAIL_AS(err, fault, fault == HF_FAULT_SERIAL ? HF_EPROTOCOL : HF_ETIMEOUT,
                              "no complete answer to '%s' after %u tries at %u baud (%u garbled lines)%s",
                              request->type, (unsigned)attempt + 1, (unsigned)session->baud,
                              (unsigned)(session->garbled - garbled_before),
                              hf_session_foreign_hint(session));
        }
        session->retries++;
    }
}
