/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "session_internal.h"

#define SETTLE_MS 200u /* quiet after a garbled line before a request is repeated */

bool hf_frame_is(const hf_frame *frame, const char *type)
{
    return strcmp(frame->type, type) == 0;
}

bool hf_field_u32(const hf_frame *frame, const char *key, uint32_t *out)
{
    uint64_t value;
    if (!hf_frame_get_u64(frame, key, &value) || value > UINT32_MAX)
        return false;
    *out = (uint32_t)value;
    return true;
}

bool hf_field_text(const hf_frame *frame, const char *key, char *out, size_t size)
{
    const char *value = hf_frame_get(frame, key);
    if (!value || strlen(value) >= size)
        return false;
    memcpy(out, value, strlen(value) + 1);
    return true;
}

static const char *field_or(const hf_frame *frame, const char *key, const char *otherwise)
{
    const char *value = hf_frame_get(frame, key);
    return value ? value : otherwise;
}

hf_status hf_bad_record(const hf_frame *frame, hf_error *err)
{
    return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EPROTOCOL,
                      "the board's record '%s' lacks a field, has a wrong one or is out of place",
                      frame->type);
}

/* Once the board itself has answered, a frame of before its reset means nothing. */
static bool strangers_only(const hf_session *session)
{
    return session->strangers && !session->proven;
}

hf_fault hf_session_silence(const hf_session *session, uint32_t garbled_before)
{
    return session->garbled != garbled_before || strangers_only(session) ? HF_FAULT_SERIAL : HF_FAULT_BOARD;
}

const char *hf_session_suspicion(hf_session *session)
{
    session->suspicion[0] = '\0';
    if (strangers_only(session))
        snprintf(session->suspicion, sizeof session->suspicion,
                 "; %u frames came with nonce %s instead of %016llx: is the serial line another board's?",
                 (unsigned)session->strangers, session->stranger, (unsigned long long)session->options.nonce);
    return session->suspicion;
}

hf_status hf_session_refusal(const hf_frame *frame, const char *request, hf_error *err)
{
    const char *code = field_or(frame, "code", "?");
    bool of_job = strcmp(code, "model") == 0 || strcmp(code, "arena") == 0 || strcmp(code, "argument") == 0;
    return HF_FAIL_AS(err, of_job ? HF_FAULT_JOB : HF_FAULT_BOARD, HF_ETARGET,
                      "the board refused '%s': %s (code %s)", request, field_or(frame, "text", "no text"),
                      code);
}

static hf_status report_fault(const hf_frame *frame, hf_error *err)
{
    return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_ETARGET,
                      "the firmware faulted: kind=%s doing=%s pc=%s lr=%s cfsr=%s hfsr=%s address=%s",
                      field_or(frame, "kind", "?"), field_or(frame, "doing", "?"), field_or(frame, "pc", "?"),
                      field_or(frame, "lr", "?"), field_or(frame, "cfsr", "?"), field_or(frame, "hfsr", "?"),
                      field_or(frame, "address", "?"));
}

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

static bool is_ours(const hf_session *session, const hf_frame *frame)
{
    uint64_t nonce = 0;
    return hf_frame_get_hex64(frame, "nonce", &nonce) && nonce == session->options.nonce;
}

/* The board, known to be ours, has started anew. */
static hf_status report_reset(const hf_frame *frame, hf_error *err)
{
    if (hf_frame_is(frame, "fault"))
        return report_fault(frame, err);
    if (hf_frame_is(frame, "boot"))
        return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_ETARGET, "the board was reset (cause: %s)",
                          field_or(frame, "reset", "unknown"));
    return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_ETARGET,
                      "the board was reset: its frames carry no nonce any more");
}

/* A frame that does not carry the session's nonce is of another board, or of before the reset. Whatever it
 * says, it says nothing about this board: HF_EBUSY. But if it answers, or our board has lost its nonce, that
 * is the end. */
static hf_status judge_stranger(hf_session *session, const hf_frame *frame, hf_error *err)
{
    snprintf(session->stranger, sizeof session->stranger, "%.20s", field_or(frame, "nonce", "none"));
    if (++session->strangers == 1)
        hf_transcript_note(session->options.transcript,
                           "the line above does not carry nonce %016llx: not an answer of this session",
                           (unsigned long long)session->options.nonce);
    bool answers = frame->sequence != 0 && frame->sequence == session->sequence;
    uint64_t nonce = UINT64_MAX;
    if (session->proven && (answers || frame->sequence == 0) && hf_frame_get_hex64(frame, "nonce", &nonce) &&
        nonce == 0)
        return report_reset(frame, err);
    if (answers)
        return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_EMISMATCH,
                          "the answer carries nonce %s instead of %016llx, which the debug probe left in the "
                          "board: the serial line is another board's, or the board was reset once more",
                          session->stranger, (unsigned long long)session->options.nonce);
    return HF_EBUSY;
}

/* A complete line. HF_OK = a frame for the caller, HF_EBUSY = nothing for it, else as hf_session_next(). */
static hf_status judge_line(hf_session *session, hf_frame *frame, hf_error *err)
{
    switch (hf_frame_parse(session->line.bytes, session->line.used, frame)) {
    case HF_FRAME_OK:
        break;
    case HF_FRAME_NOT_A_FRAME:
        return HF_EBUSY; /* text for people; a lost record shows in the count that `ok` carries */
    case HF_FRAME_BAD_CHECKSUM:
    case HF_FRAME_MALFORMED:
        session->garbled++;
        hf_transcript_note(session->options.transcript, "the line above is garbled");
        return HF_EFORMAT;
    }
    if (frame->direction != HF_FRAME_TO_HOST)
        return HF_EBUSY; /* our own words: something echoes */
    if (!is_ours(session, frame))
        return judge_stranger(session, frame, err);
    session->proven = true;
    if (hf_frame_is(frame, "fault"))
        return report_fault(frame, err);
    if (hf_frame_is(frame, "boot")) {
        return session->booting ? HF_OK : report_reset(frame, err);
    }
    if (frame->sequence == 0 && hf_frame_is(frame, "error") &&
        strcmp(field_or(frame, "code", ""), "checksum") == 0) {
        session->garbled++; /* our request, on its way */
        return HF_EFORMAT;
    }
    return frame->sequence == session->sequence ? HF_OK : HF_EBUSY; /* else: late, of an earlier sending */
}

hf_status hf_session_next(hf_session *session, hf_deadline deadline, hf_frame *frame, hf_error *err)
{
    deadline = hf_deadline_min(deadline, session->options.deadline);
    for (;;) {
        while (session->received_next < session->received_size) {
            if (!hf_line_push(&session->line, session->received[session->received_next++]))
                continue;
            hf_status status = judge_line(session, frame, err);
            hf_line_next(&session->line); /* leaves the bytes, into which the frame points, alone */
            if (status != HF_EBUSY)
                return status;
        }
        session->received_next = 0;
        session->received_size = 0;
        hf_status status =
            hf_serial_read(session->options.serial, session->received, sizeof session->received, deadline,
                           session->options.watch, &session->received_size, err);
        if (status != HF_OK)
            return status;
    }
}

/* One sending and its reply. HF_EFORMAT and HF_ETIMEOUT (not in *err) = the reply did not come completely. */
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
            deadline = hf_deadline_min(deadline, hf_deadline_in_ms(SETTLE_MS));
            status = HF_OK;
            continue;
        }
        if (status != HF_OK)
            break;
        if (hf_frame_is(&frame, "boot")) /* later than it was waited for */
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
    /* A quarter of the time for each sending, and on a slow line what the frames take to travel. */
    uint32_t once_ms = within_ms / REPEAT_LIMIT + 12000000u / session->baud;
    uint32_t garbled_before = session->garbled;
    for (uint32_t sending = 0;; sending++) {
        hf_status status =
            exchange_once(session, request, hf_deadline_min(end, hf_deadline_in_ms(once_ms)), err);
        if (status != HF_EFORMAT && status != HF_ETIMEOUT)
            return status;
        if (sending + 1 == REPEAT_LIMIT || hf_deadline_passed(end)) {
            hf_fault fault =
                status == HF_EFORMAT ? HF_FAULT_SERIAL : hf_session_silence(session, garbled_before);
            return HF_FAIL_AS(err, fault, fault == HF_FAULT_SERIAL ? HF_EPROTOCOL : HF_ETIMEOUT,
                              "no complete answer to '%s' after %u sendings at %u baud (%u garbled lines)%s",
                              request->type, (unsigned)sending + 1, (unsigned)session->baud,
                              (unsigned)(session->garbled - garbled_before), hf_session_suspicion(session));
        }
        session->retries++;
    }
}
