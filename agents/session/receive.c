/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the received lines are answers of this board, of this reset and to this request. */
#include <stdio.h>
#include <string.h>

#include "session_internal.h"

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

/* The board, known to be ours, has started anew. */
static hf_status report_reset(const hf_frame *frame, hf_error *err)
{
    if (hf_frame_is(frame, "fault"))
        return report_fault(frame, err);
    if (hf_frame_is(frame, "boot"))
        return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_ETARGET, "the board was reset (cause: %s)",
                          hf_field_or(frame, "reset", "unknown"));
    return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_ETARGET,
                      "the board was reset: its frames carry no nonce any more");
}

/* A frame that does not carry the session's nonce is of another board, or of before the reset. Whatever it
 * says, it says nothing about this board: HF_EBUSY. But if it answers, or our board has lost its nonce, that
 * is the end. */
static hf_status judge_stranger(hf_session *session, const hf_frame *frame, hf_error *err)
{
    snprintf(session->stranger, sizeof session->stranger, "%.20s", hf_field_or(frame, "nonce", "none"));
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
        strcmp(hf_field_or(frame, "code", ""), "checksum") == 0) {
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
