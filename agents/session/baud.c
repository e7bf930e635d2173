/* SPDX-License-Identifier: Apache-2.0 */
/* Changes the speed on both sides, and returns to the old one if the new one does not work. */
#include "session_internal.h"

#define PROBE_MS 600u /* for a `hello` that may remain unanswered */

static void baud_fields(hf_frame_writer *writer, const void *arguments)
{
    hf_frame_put_u64(writer, "rate", *(const uint32_t *)arguments);
}

static hf_status switch_line(hf_session *session, uint32_t baud, hf_error *err)
{
    hf_status status = hf_serial_set_baud(session->options.serial, baud, err);
    if (status != HF_OK)
        return status;
    session->baud = baud;
    /* Bytes around the switch are noise: discard ours, and end the board's with an empty line. */
    hf_line_next(&session->line);
    session->received_next = session->received_size = 0;
    status = hf_serial_flush(session->options.serial, err);
    if (status == HF_OK)
        status = hf_serial_write(session->options.serial, "\n", 1,
                                 hf_deadline_in_ms(session->options.reply_ms), session->options.watch, err);
    return status;
}

static bool lost(hf_status status)
{
    return status == HF_ETIMEOUT || status == HF_EPROTOCOL;
}

/* Checks that the board answers at this speed. HF_ETIMEOUT (not recorded in *err) = no. */
static hf_status try_speed(hf_session *session, uint32_t baud, hf_error *err)
{
    hf_status status = switch_line(session, baud, err);
    if (status != HF_OK)
        return status;
    hf_hello_state state;
    hf_error cause = {0};
    status = hf_session_hello_within(session, 2 * PROBE_MS, &state, &cause);
    if (lost(status))
        return HF_ETIMEOUT;
    if (status != HF_OK)
        status = hf_error_set(err, status, cause.fault, cause.file, cause.line, "%s", cause.message);
    return status;
}

hf_status hf_session_set_baud(hf_session *session, uint32_t old_baud, uint32_t *baud, hf_error *err)
{
    if (*baud == old_baud)
        return HF_OK;
    const hf_request request = {.type = "baud", .fields = baud_fields, .arguments = baud};
    hf_error cause = {0};
    /* Not repeated: if the `ok` is lost the board has already changed, and answers at the new speed only. */
    hf_status status = hf_session_send(session, &request, err);
    hf_frame frame;
    while (status == HF_OK) {
        status = hf_session_next(session, hf_deadline_in_ms(PROBE_MS), &frame, &cause);
        if (status == HF_OK && hf_frame_is(&frame, "error")) {
            hf_transcript_note(session->options.transcript, "the board keeps %u baud", (unsigned)old_baud);
            *baud = old_baud;
            return HF_OK;
        }
        if (status == HF_OK && hf_frame_is(&frame, "ok"))
            break;
    }
    if (status != HF_OK && status != HF_ETIMEOUT && status != HF_EFORMAT)
        return hf_error_set(err, status, cause.fault, cause.file, cause.line, "%s", cause.message);

    status = try_speed(session, *baud, err);
    if (status != HF_ETIMEOUT)
        return status;
    hf_transcript_note(session->options.transcript, "no answer at %u baud, back to %u", (unsigned)*baud,
                       (unsigned)old_baud);
    status = try_speed(session, old_baud, err);
    if (status == HF_ETIMEOUT)
        return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_ETIMEOUT,
                          "changing from %u to %u baud: the board answers at neither speed",
                          (unsigned)old_baud, (unsigned)*baud);
    if (status == HF_OK)
        *baud = old_baud;
    return status;
}
