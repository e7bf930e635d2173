/* SPDX-License-Identifier: Apache-2.0 */
/* Filters the received lines: only answers of this board, since this reset, to this request. */
#include <stdio.h>
#include <string.h>

#include "session_internal.h"

/* Once the right board has answered, foreign frames must be from before its reset and mean nothing. */
static bool only_foreign_frames(const hf_session *session)
{
    return session->foreign_frames && !session->proven;
}

hf_fault hf_session_silence(const hf_session *session, uint32_t garbled_before)
{
    return session->garbled != garbled_before || only_foreign_frames(session) ? HF_FAULT_SERIAL
                                                                              : HF_FAULT_BOARD;
}

const char *hf_session_foreign_hint(hf_session *session)
{
    session->foreign_hint[0] = '\0';
    if (only_foreign_frames(session))
        snprintf(session->foreign_hint, sizeof session->foreign_hint,
                 "; %u frames arrived with nonce %s instead of %016llx: does the serial line belong to "
                 "another board?",
                 (unsigned)session->foreign_frames, session->foreign_nonce,
                 (unsigned long long)session->options.nonce);
    return session->foreign_hint;
}

static hf_status report_fault(const hf_frame *frame, hf_error *err)
{
    return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_ETARGET,
                      "the firmware faulted: kind=%s doing=%s pc=%s lr=%s cfsr=%s hfsr=%s address=%s",
                      hf_field_or(frame, "kind", "?"), hf_field_or(frame, "doing", "?"),
                      hf_field_or(frame, "pc", "?"), hf_field_or(frame, "lr", "?"),
                      hf_field_or(frame, "cfsr", "?"), hf_field_or(frame, "hfsr", "?"),
                      hf_field_or(frame, "address", "?"));
}

static bool is_ours(const hf_session *session, const hf_frame *frame)
{
    uint64_t nonce = 0;
    return hf_frame_get_hex64(frame, "nonce", &nonce) && nonce == session->options.nonce;
}

/* Our board has restarted. */
static hf_status report_reset(const hf_frame *frame, hf_error *err)
{
    if (hf_frame_is(frame, "fault"))
        return report_fault(frame, err);
    if (hf_frame_is(frame, "boot"))
        return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_ETARGET, "the board was reset (cause: %s)",
                          hf_field_or(frame, "reset", "unknown"));
    return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_ETARGET,
                      "the board was reset: its frames no longer carry the nonce");
}

/* A frame without the session's nonce is from another board, or from before the reset: ignored (HF_EBUSY). It
 * is a failure if it answers our request, or shows that our board has lost the nonce. */
static hf_status check_foreign_frame(hf_session *session, const hf_frame *frame, hf_error *err)
{
    snprintf(session->foreign_nonce, sizeof session->foreign_nonce, "%.20s",
             hf_field_or(frame, "nonce", "none"));
    if (++session->foreign_frames == 1)
        hf_transcript_note(session->options.transcript,
                           "the line above does not carry nonce %016llx: not part of this session",
                           (unsigned long long)session->options.nonce);
    bool answers = frame->sequence != 0 && frame->sequence == session->sequence;
    uint64_t nonce = UINT64_MAX;
    if (session->proven && (answers || frame->sequence == 0) && hf_frame_get_hex64(frame, "nonce", &nonce) &&
        nonce == 0)
        return report_reset(frame, err);
    if (answers)
        return HF_FAIL_AS(
            err, HF_FAULT_SERIAL, HF_EMISMATCH,
            "the answer carries nonce %s instead of %016llx, which the debug probe wrote to the "
            "board: the serial line belongs to another board, or the board was reset again",
            session->foreign_nonce, (unsigned long long)session->options.nonce);
    return HF_EBUSY;
}

/* Checks a complete line. HF_OK = a frame for the caller, HF_EBUSY = ignore it, else as hf_session_next(). */
static hf_status check_line(hf_session *session, hf_frame *frame, hf_error *err)
{
    switch (hf_frame_parse(session->line.bytes, session->line.used, frame)) {
    case HF_FRAME_OK:
        break;
    case HF_FRAME_NOT_A_FRAME:
        return HF_EBUSY; /* plain text; if it was a record, the count in `ok` will not match */
    case HF_FRAME_BAD_CHECKSUM:
    case HF_FRAME_MALFORMED:
        session->garbled++;
        hf_transcript_note(session->options.transcript, "the line above is garbled");
        return HF_EFORMAT;
    }
    if (frame->direction != HF_FRAME_TO_HOST)
        return HF_EBUSY; /* an echo of our own request */
    if (!is_ours(session, frame))
        return check_foreign_frame(session, frame, err);
    session->proven = true;
    if (hf_frame_is(frame, "fault"))
        return report_fault(frame, err);
    if (hf_frame_is(frame, "boot")) {
        return session->booting ? HF_OK : report_reset(frame, err);
    }
    if (frame->sequence == 0 && hf_frame_is(frame, "error") &&
        strcmp(hf_field_or(frame, "code", ""), "checksum") == 0) {
        session->garbled++; /* it was our request that got garbled */
        return HF_EFORMAT;
    }
    return frame->sequence == session->sequence ? HF_OK
                                                : HF_EBUSY; /* else late, for an earlier transmission */
}

hf_status hf_session_next(hf_session *session, hf_deadline deadline, hf_frame *frame, hf_error *err)
{
    deadline = hf_deadline_min(deadline, session->options.deadline);
    for (;;) {
        while (session->received_next < session->received_size) {
            if (!hf_line_push(&session->line, session->received[session->received_next++]))
                continue;
            hf_status status = check_line(session, frame, err);
            hf_line_next(&session->line); /* keeps the bytes that the frame points into */
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
