/* SPDX-License-Identifier: Apache-2.0 */
/* The board comes up after a reset and identifies itself. */
#include <string.h>

#include "session_internal.h"

/* `hello` validates the whole image, which takes longer than other requests, especially on an emulated board
 * with a busy host. If it is repeated too soon, the board is still busy, loses bytes and never answers. */
#define HELLO_REPLIES 4u

static bool read_id(const hf_frame *frame, hf_session_id *id)
{
    if (!hf_field_text(frame, "reset", id->reset, sizeof id->reset))
        strcpy(id->reset, "unknown");
    return hf_field_u32(frame, "protocol", &id->protocol) &&
           hf_field_text(frame, "chip", id->chip, sizeof id->chip) &&
           hf_field_text(frame, "firmware", id->firmware, sizeof id->firmware) &&
           hf_field_text(frame, "version", id->version, sizeof id->version) &&
           hf_field_u32(frame, "clock_hz", &id->clock_hz) &&
           hf_field_text(frame, "clock_source", id->clock_source, sizeof id->clock_source) &&
           hf_frame_get_hex32(frame, "model_base", &id->model_base) &&
           hf_field_u32(frame, "model_bytes", &id->model_bytes) &&
           hf_field_u32(frame, "arena_bytes", &id->arena_bytes);
}

static bool read_model(const hf_frame *frame, hf_session_model *model)
{
    if (!hf_field_text(frame, "state", model->state, sizeof model->state))
        return false;
    if (strcmp(model->state, "ok") != 0) {
        if (!hf_field_text(frame, "reason", model->reason, sizeof model->reason))
            strcpy(model->reason, "no reason given");
        return true;
    }
    return hf_field_u32(frame, "image_bytes", &model->image_bytes) &&
           hf_frame_get_hex32(frame, "crc32", &model->crc32) &&
           hf_field_u32(frame, "layers", &model->layers) &&
           hf_field_u32(frame, "arena_bytes", &model->arena_bytes) &&
           hf_field_u32(frame, "input_bytes", &model->input_bytes) &&
           hf_field_u32(frame, "output_bytes", &model->output_bytes);
}

static hf_status hello_record(void *user, const hf_frame *frame, hf_error *err)
{
    hf_hello_state *state = user;
    if (hf_frame_is(frame, "id")) {
        /* Firmware with another protocol version may have other fields: report the version, not a field. */
        uint32_t protocol = 0;
        if (hf_field_u32(frame, "protocol", &protocol) && protocol != HF_PROTOCOL_VERSION)
            return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EMISMATCH,
                              "the board has protocol version %u, expected version %u", (unsigned)protocol,
                              HF_PROTOCOL_VERSION);
        state->has_id = true;
        return read_id(frame, &state->id) ? HF_OK : hf_bad_record(frame, err);
    }
    if (hf_frame_is(frame, "model")) {
        state->has_model = true;
        return read_model(frame, &state->model) ? HF_OK : hf_bad_record(frame, err);
    }
    return HF_OK;
}

hf_status hf_session_hello_within(hf_session *session, uint32_t within_ms, hf_hello_state *state,
                                  hf_error *err)
{
    const hf_request request = {
        .type = "hello", .record = hello_record, .state = state, .state_bytes = sizeof *state};
    hf_status status = hf_session_exchange(session, &request, within_ms, err);
    if (status == HF_OK && (!state->has_id || !state->has_model))
        return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EPROTOCOL, "the board's answer to 'hello' lacks '%s'",
                          state->has_id ? "model" : "id");
    return status;
}

hf_status hf_session_hello(hf_session *session, hf_session_id *id, hf_session_model *model, hf_error *err)
{
    hf_hello_state state;
    hf_status status =
        hf_session_hello_within(session, HELLO_REPLIES * session->options.reply_ms, &state, err);
    if (status != HF_OK)
        return status;
    *id = state.id;
    *model = state.model;
    return HF_OK;
}

hf_status hf_session_await_boot(hf_session *session, uint32_t boot_ms, hf_error *err)
{
    hf_deadline end = hf_deadline_min(hf_deadline_in_ms(boot_ms), session->options.deadline);
    /* Half the time for the frame; if it is lost, the other half for `hello`. */
    hf_deadline listen = hf_deadline_min(end, hf_deadline_in_ms(boot_ms / 2));
    uint32_t garbled_before = session->garbled;
    session->booting = true;
    hf_status status;
    do {
        hf_frame frame;
        status = hf_session_next(session, listen, &frame, err);
        if (status == HF_OK && !hf_frame_is(&frame, "boot"))
            status = HF_EFORMAT; /* from before the reset */
    } while (status == HF_EFORMAT && session->garbled == garbled_before);
    if (status == HF_EFORMAT || status == HF_ETIMEOUT) {
        hf_hello_state state;
        hf_error cause = {0};
        status = hf_session_hello_within(session, (uint32_t)hf_deadline_left_ms(end), &state, &cause);
        if (status == HF_ETIMEOUT || status == HF_EPROTOCOL)
            status =
                HF_FAIL_AS(err, hf_session_silence(session, garbled_before), status,
                           "the board did not start within %u ms after reset: neither `boot` nor an answer "
                           "to `hello` (%u garbled lines)%s",
                           (unsigned)boot_ms, (unsigned)(session->garbled - garbled_before),
                           hf_session_foreign_hint(session));
        else if (status != HF_OK)
            status = hf_error_set(err, status, cause.fault, cause.file, cause.line, "%s", cause.message);
    }
    session->booting = false;
    return status;
}
