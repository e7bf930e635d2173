/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board_internal.h"

typedef struct attempt {
    hf_board *board;
    const hf_attempt_request *request;
    hf_attempt_result *result;
    hf_deadline deadline;
    hf_session *session;
    hf_session_id id;
    hf_clock_reading clock; /* reading before the run */
    hf_phase *phase;
    uint64_t phase_start_ns;
} attempt;

static void report(const attempt *a, uint32_t done, uint32_t of)
{
    if (a->request->progress)
        a->request->progress(a->request->progress_user, *a->phase, done, of);
}

static void enter_phase(attempt *a, hf_phase phase)
{
    uint64_t now_ns = hf_now_ns();
    if (a->phase_start_ns)
        a->result->phase_ns[*a->phase] += now_ns - a->phase_start_ns;
    *a->phase = phase;
    a->phase_start_ns = now_ns;
    hf_transcript_note(a->board->transcript, "phase %s", hf_phase_name(phase));
    report(a, 0, 1);
}

static hf_status flash(attempt *a, hf_error *err)
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
static hf_status reset(attempt *a, hf_error *err)
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

static hf_status speed_up(attempt *a, hf_error *err)
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

static hf_status identify(attempt *a, hf_error *err)
{
    hf_session_model model;
    const hf_session_id *id = &a->id;
    hf_status status = hf_session_hello(a->session, &a->id, &model, err);
    if (status == HF_OK)
        status = hf_board_check_identity(a->board, a->request, id, &model, err);
    if (status == HF_OK)
        status = speed_up(a, err);
    if (status != HF_OK)
        return status;
    hf_attempt_result *result = a->result;
    result->clock_hz = id->clock_hz;
    snprintf(result->clock_source, sizeof result->clock_source, "%s", id->clock_source);
    snprintf(result->firmware_id, sizeof result->firmware_id, "%s", id->firmware);
    snprintf(result->firmware_version, sizeof result->firmware_version, "%s", id->version);
    return HF_OK;
}

static hf_status stage_input(const attempt *a, hf_error *err)
{
    const hf_attempt_request *request = a->request;
    uint32_t bytes = (uint32_t)request->input_bytes;
    if (request->input)
        return hf_session_input_data(a->session, request->input, bytes, request->input_crc32, err);
    return hf_session_input_seed(a->session, request->input_seed, bytes, request->input_crc32, err);
}

static void see_progress(void *user, uint32_t done, uint32_t of)
{
    report(user, done, of);
}

/* Space for one record per layer. A model of views only, such as a single RESHAPE, has no layers. */
static void *allocate_layers(const hf_attempt_request *request, size_t record_bytes)
{
    return calloc(request->layer_count ? request->layer_count : 1, record_bytes);
}

static hf_status run(attempt *a, hf_session_measured *measured, hf_error *err)
{
    const hf_attempt_request *request = a->request;
    measured->samples = calloc(request->runs, sizeof *measured->samples);
    measured->layers = request->layers ? allocate_layers(request, sizeof *measured->layers) : NULL;
    if (!measured->samples || (request->layers && !measured->layers))
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    const hf_session_run plan = {
        .warmup = request->warmup,
        .runs = request->runs,
        .layers = request->layers,
        .layer_count = request->layer_count,
        .repeats = 1,
        .progress = see_progress,
        .progress_user = a,
    };
    hf_status status = hf_board_clock_begin(a->board, a->session, &a->id, &a->clock, err);
    if (status == HF_OK)
        status = hf_session_measure(a->session, &plan, measured, err);
    if (status == HF_OK)
        status = hf_board_clock_end(a->board, a->session, &a->id, &a->clock, &a->result->clock_ratio, err);
    return status;
}

/* Moves the measurements to the result. */
static void move_to_result(const attempt *a, hf_session_measured *measured)
{
    const hf_attempt_request *request = a->request;
    hf_attempt_result *result = a->result;
    result->samples = measured->samples;
    result->sample_count = request->runs;
    result->layers = measured->layers;
    result->layer_count = request->layers ? request->layer_count : 0;
    measured->samples = NULL;
    measured->layers = NULL;
#define KEEP(origin, name, ...) HF_IF_MEMORY_##origin(result->name = measured->name;)
    HF_RESULT_FIGURES(KEEP)
#undef KEEP
    result->output_crc32 = measured->output_crc32;
    result->modelled = hf_board_config_modelled(a->board->config);
}

static hf_status run_phases(attempt *a, hf_session_measured *measured, hf_error *err)
{
    enter_phase(a, HF_PHASE_FLASH);
    hf_status status = flash(a, err);
    if (status != HF_OK)
        return status;
    enter_phase(a, HF_PHASE_RESET);
    status = reset(a, err);
    if (status != HF_OK)
        return status;
    enter_phase(a, HF_PHASE_IDENTIFY);
    status = identify(a, err);
    if (status != HF_OK)
        return status;
    enter_phase(a, HF_PHASE_INPUT);
    status = stage_input(a, err);
    if (status != HF_OK)
        return status;
    enter_phase(a, HF_PHASE_RUN);
    status = run(a, measured, err);
    if (status != HF_OK)
        return status;
    enter_phase(a, HF_PHASE_CHECK);
    status = hf_board_check_outputs(a->request, measured, err);
    if (status == HF_OK)
        move_to_result(a, measured);
    return status;
}

hf_status hf_board_measure(hf_board *board, const hf_attempt_request *request, hf_deadline deadline,
                           hf_attempt_result *result, hf_phase *phase, hf_error *err)
{
    attempt a = {.board = board, .request = request, .result = result, .deadline = deadline, .phase = phase};
    hf_session_measured measured = {0};
    hf_status status = run_phases(&a, &measured, err);
    result->phase_ns[*phase] += hf_now_ns() - a.phase_start_ns;
    if (a.session)
        result->serial_retries += hf_session_retries(a.session);
    hf_session_free(a.session);
    free(measured.samples);
    free(measured.layers);
    return status;
}
