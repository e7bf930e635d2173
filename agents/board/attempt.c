/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "board_internal.h"

static hf_status flash(hf_attempt *a, hf_error *err)
{
    hf_board *board = a->board;
    board->firmware = hf_board_choose_firmware(board, a->request);
    hf_deadline deadline = hf_deadline_min(a->deadline, hf_deadline_in_ms(board->options.deadlines.flash_ms));
    uint32_t firmware_written = 0, image_written = 0;
    hf_status status = hf_flasher_reset_halt(board->flasher, deadline, err);
    if (status != HF_OK) {
        hf_error_context(err, HF_FAULT_NONE, "halting the chip");
        return status;
    }
    status = hf_flasher_program(board->flasher, board->chip->flash_base, board->firmware->bytes,
                                board->firmware->size, deadline, &firmware_written, err);
    if (status == HF_OK)
        status = hf_flasher_program(board->flasher, board->chip->model_base, a->request->image,
                                    a->request->image_bytes, deadline, &image_written, err);
    if (status != HF_OK)
        return status;
    a->result->bytes_written = firmware_written + image_written;
    a->result->firmware_bytes = (uint32_t)board->firmware->size;
    return HF_OK;
}

/* Resets the chip and starts a session with the firmware after this reset, at HF_SESSION_RESET_BAUD. */
static hf_status reset(hf_attempt *a, hf_error *err)
{
    hf_board *board = a->board;
    const hf_board_deadlines *limits = &board->options.deadlines;
    if (a->session)
        a->result->serial_retries += hf_session_retries(a->session);
    hf_session_free(a->session);
    a->session = NULL;
    hf_status status = hf_serial_set_baud(board->serial, HF_SESSION_RESET_BAUD, err);
    if (status == HF_OK)
        status = hf_serial_flush(board->serial, err);
    if (status != HF_OK)
        return status;
    hf_deadline deadline = hf_deadline_min(a->deadline, hf_deadline_in_ms(limits->boot_ms));
    uint64_t nonce = 0;
    status = hf_board_write_nonce(board, deadline, &nonce, err);
    if (status != HF_OK)
        return status;
    status = hf_flasher_reset_run(board->flasher, deadline, err);
    if (status != HF_OK) {
        hf_error_context(err, HF_FAULT_NONE, "resetting the chip");
        return status;
    }
    const hf_session_options options = {
        .serial = board->serial,
        .transcript = board->transcript,
        .watch = &board->watch,
        .reply_ms = limits->reply_ms,
        .sample_ms = limits->sample_ms,
        .deadline = a->deadline,
        .nonce = nonce,
    };
    status = hf_session_new(&options, &a->session, err);
    return status == HF_OK ? hf_session_await_boot(a->session, limits->boot_ms, err) : status;
}

static hf_status speed_up(hf_attempt *a, hf_error *err)
{
    hf_board *board = a->board;
    uint32_t baud = board->config->baud;
    if (baud == 0 || baud == HF_SESSION_RESET_BAUD || board->keep_slow)
        return HF_OK;
    hf_error cause = {0};
    hf_status status = hf_session_set_baud(a->session, HF_SESSION_RESET_BAUD, &baud, &cause);
    if (status == HF_OK) {
        board->keep_slow = baud == HF_SESSION_RESET_BAUD;
        return HF_OK;
    }
    if (status != HF_ETIMEOUT || hf_deadline_passed(a->deadline))
        return hf_error_pass(err, &cause);
    /* The board answers at neither speed: reset it, and stay at the slow one. */
    hf_transcript_note(board->transcript, "%s; resetting, to stay at %u baud", cause.message,
                       HF_SESSION_RESET_BAUD);
    board->keep_slow = true;
    return reset(a, err);
}

static hf_status identify(hf_attempt *a, hf_error *err)
{
    hf_session_model model;
    const hf_session_id *id = &a->id;
    /* First: the answer to `hello` takes 60 ms at 115,200 baud. */
    hf_status status = speed_up(a, err);
    if (status == HF_OK)
        status = hf_session_hello(a->session, &a->id, &model, err);
    if (status == HF_OK)
        status = hf_board_check_identity(a->board, a->request, id, &model, err);
    if (status != HF_OK)
        return status;
    hf_attempt_result *result = a->result;
    result->clock_hz = id->clock_hz;
    snprintf(result->clock_source, sizeof result->clock_source, "%s", id->clock_source);
    snprintf(result->firmware_id, sizeof result->firmware_id, "%s", id->firmware);
    snprintf(result->firmware_version, sizeof result->firmware_version, "%s", id->version);
    return HF_OK;
}

static hf_status run_phases(hf_attempt *a, hf_error *err)
{
    hf_attempt_enter(a, HF_PHASE_FLASH);
    hf_status status = flash(a, err);
    if (status != HF_OK)
        return status;
    hf_attempt_enter(a, HF_PHASE_RESET);
    status = reset(a, err);
    if (status != HF_OK)
        return status;
    hf_attempt_enter(a, HF_PHASE_IDENTIFY);
    status = identify(a, err);
    if (status != HF_OK)
        return status;
    return hf_attempt_run_steps(a, err);
}

hf_status hf_board_measure(hf_board *board, const hf_attempt_request *request, hf_deadline deadline,
                           hf_attempt_result *result, hf_phase *phase, hf_error *err)
{
    hf_attempt a = {
        .board = board, .request = request, .result = result, .deadline = deadline, .phase = phase};
    hf_status status = run_phases(&a, err);
    result->phase_ns[*phase] += hf_now_ns() - a.phase_start_ns;
    if (a.session)
        result->serial_retries += hf_session_retries(a.session);
    hf_session_free(a.session);
    return status;
}
