/* SPDX-License-Identifier: Apache-2.0 */
#include "board/board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "board_internal.h"
#include "serial/serial.h"

#define TRANSCRIPT_BYTES ((size_t)256 * 1024)
#define WORK_DIR_MAX     60u

char *hf_board_default_vboard(void)
{
    static const char name[] = "hilfarm-vboard";
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - sizeof name - 1);
    if (length > 0) {
        path[length] = '\0';
        char *slash = strrchr(path, '/');
        if (slash) {
            memcpy(slash + 1, name, sizeof name);
            if (access(path, X_OK) == 0)
                return strdup(path);
        }
    }
    return strdup(name);
}

static void use_default(uint32_t *value_ms, uint32_t default_ms)
{
    if (*value_ms == 0)
        *value_ms = default_ms;
}

void hf_board_deadlines_complete(hf_board_deadlines *deadlines)
{
    use_default(&deadlines->start_ms, 10000);
    use_default(&deadlines->flash_ms, 60000);
    use_default(&deadlines->boot_ms, 5000);
    use_default(&deadlines->reply_ms, 2000);
    use_default(&deadlines->sample_ms, 30000);
    use_default(&deadlines->attempt_ms, 180000);
    use_default(&deadlines->stop_ms, 2000);
}

static hf_status fill_options(hf_board *board, const hf_board_options *options, hf_error *err)
{
    board->options = *options;
    hf_board_deadlines_complete(&board->options.deadlines);
    if (!board->options.openocd_path)
        board->options.openocd_path = "openocd";
    char *vboard = options->vboard_path ? strdup(options->vboard_path) : hf_board_default_vboard();
    board->options.vboard_path = board->vboard_path = vboard;
    if (!vboard)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    if (!options->work_dir || strlen(options->work_dir) >= WORK_DIR_MAX)
        return HF_FAIL_AS(
            err, HF_FAULT_FARM, HF_EINVALID,
            "the path of the work folder must be shorter than %u characters, because it holds sockets",
            WORK_DIR_MAX);
    if (!options->firmware_dir)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EINVALID, "no firmware folder given");
    return HF_OK;
}

static hf_status check_config(hf_board *board, hf_error *err)
{
    const hf_board_config *config = board->config;
    board->chip = hf_chip_find(config->chip);
    if (!board->chip)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOTFOUND, "board %s: unknown chip '%s'", config->id,
                          config->chip);
    if (!config->is_virtual && !config->probe_interface)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EINVALID,
                          "board %s: a real board needs the OpenOCD interface script of its probe",
                          config->id);
    return HF_OK;
}

hf_status hf_board_prepare(hf_board *board, const hf_board_options *options, hf_error *err)
{
    hf_status status = fill_options(board, options, err);
    if (status == HF_OK)
        status = check_config(board, err);
    if (status == HF_OK)
        status = hf_firmware_read_all(options->firmware_dir, board->chip, board->flavours, err);
    board->firmware = &board->flavours[HF_FIRMWARE_FULL];
    if (status == HF_OK)
        status = hf_board_name_files(board, err);
    if (status == HF_OK)
        status = hf_board_lock(board, err);
    if (status != HF_OK)
        return status;
    board->transcript = hf_transcript_new(TRANSCRIPT_BYTES);
    if (!board->transcript)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    hf_transcript_pass_on(board->transcript, options->heard, options->heard_user);
    return HF_OK;
}

hf_status hf_board_open_hooked(const hf_board_config *config, const hf_board_options *options,
                               const hf_board_hooks *hooks, hf_board **out, hf_error *err)
{
    hf_error cause = {0}; /* needed here even if the caller passes no err */
    hf_board *board = calloc(1, sizeof *board);
    if (!board)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "out of memory");
    board->config = config;
    if (hooks)
        board->hooks = *hooks;
    board->watch = (hf_watch){.cancel_fd = options->cancel_fd};
    hf_status status = hf_board_prepare(board, options, &cause);
    if (status == HF_OK)
        status = hf_board_start_powered(board, &cause);
    if (status == HF_OK) {
        *out = board;
        return HF_OK;
    }
    if (cause.fault == HF_FAULT_NONE && status != HF_ECANCELLED)
        cause.fault = HF_FAULT_FARM;
    if (options->open_transcript && board->transcript)
        *options->open_transcript = strdup(hf_transcript_text(board->transcript));
    hf_board_close(board);
    return hf_error_pass(err, &cause);
}

hf_status hf_board_open(const hf_board_config *config, const hf_board_options *options, hf_board **out,
                        hf_error *err)
{
    return hf_board_open_hooked(config, options, NULL, out, err);
}

void hf_board_release(hf_board *board)
{
    hf_board_stop(board);
    for (int i = 0; i < HF_FIRMWARE_FLAVOURS; i++)
        hf_firmware_free(&board->flavours[i]);
    hf_transcript_free(board->transcript);
    hf_board_unlock(board);
    free(board->vboard_path);
}

void hf_board_close(hf_board *board)
{
    if (!board)
        return;
    hf_board_release(board);
    free(board);
}

/* Finds errors of a job before the board is used. */
static hf_status check_request(const hf_board *board, const hf_attempt_request *request, hf_error *err)
{
    if (request->image_bytes == 0 || request->image_bytes > board->chip->model_bytes)
        return HF_FAIL_AS(err, HF_FAULT_JOB, HF_ELIMIT,
                          "the model image has %zu bytes, %s has space for %u at 0x%08x",
                          request->image_bytes, board->chip->name, (unsigned)board->chip->model_bytes,
                          (unsigned)board->chip->model_base);
    if (request->runs == 0 || request->runs > 10000 || request->warmup > 1000)
        return HF_FAIL_AS(
            err, HF_FAULT_JOB, HF_EINVALID,
            "%u warm-up inferences and %u timed ones requested, expected 0 .. 1000 and 1 .. 10000",
            (unsigned)request->warmup, (unsigned)request->runs);
    if (request->further_count >= HF_ATTEMPT_MAX_STEPS)
        return HF_FAIL_AS(err, HF_FAULT_JOB, HF_EINVALID, "%u inferences requested, expected at most %d",
                          (unsigned)request->further_count + 1, HF_ATTEMPT_MAX_STEPS);
    return HF_OK;
}

/* A failure of the serial line or the flasher may be the consequence of a process that ended. */
static void find_root_cause(hf_board *board, hf_error *cause)
{
    if (cause->status == HF_ECANCELLED || cause->fault == HF_FAULT_JOB || cause->fault == HF_FAULT_FARM)
        return;
    hf_error ended = {0};
    if (board->vboard && hf_child_ended(board->vboard, END_WAIT_MS, &ended) != HF_OK) {
        *cause = ended;
        return;
    }
    if (board->flasher && hf_flasher_ended(board->flasher, END_WAIT_MS, &ended) != HF_OK)
        *cause = ended;
}

static hf_status try_attempt(hf_board *board, const hf_attempt_request *request, hf_attempt_result *result,
                             hf_phase *phase, hf_error *err)
{
    uint64_t start_ns = hf_now_ns();
    hf_deadline deadline = hf_deadline_in_ms(board->options.deadlines.attempt_ms);
    hf_status status = check_request(board, request, err);
    if (status == HF_OK && !board->up) {
        if (request->progress)
            request->progress(request->progress_user, HF_PHASE_START, 0, 1);
        status = hf_board_start_powered(board, err);
        result->phase_ns[HF_PHASE_START] = hf_now_ns() - start_ns;
    }
    if (status == HF_OK)
        status = hf_board_measure(board, request, deadline, result, phase, err);
    result->total_ns = hf_now_ns() - start_ns;
    return status;
}

hf_status hf_board_attempt(hf_board *board, const hf_attempt_request *request, hf_attempt_result *result,
                           hf_error *err)
{
    *result = (hf_attempt_result){0};
    if (request->deadlines) {
        board->options.deadlines = *request->deadlines;
        hf_board_deadlines_complete(&board->options.deadlines);
    }
    hf_transcript_clear(board->transcript);
    hf_transcript_note(board->transcript, "%s on board %s", request->name, board->config->id);
    hf_error cause = {0};
    hf_phase phase = HF_PHASE_START;
    hf_status status = hf_board_before_attempt(board, request, &cause);
    const bool tried = status == HF_OK;
    if (tried)
        status = try_attempt(board, request, result, &phase, &cause);
    hf_board_after_attempt(board, request, &cause);
    if (status == HF_OK)
        return HF_OK;

    hf_attempt_result_free(result);
    find_root_cause(board, &cause);
    hf_error_context(&cause, cause.status == HF_ECANCELLED ? HF_FAULT_NONE : HF_FAULT_BOARD,
                     "board %s, phase %s", board->config->id, hf_phase_name(phase));
    hf_transcript_note(board->transcript, "failed (%s): %s", hf_fault_name(cause.fault), cause.message);
    board->needs_power_cycle |= tried && hf_board_power_can_help(board, &cause);
    if (cause.fault != HF_FAULT_JOB && board->up)
        hf_board_stop(board); /* its state is unknown: the next attempt restarts it */
    return hf_error_pass(err, &cause);
}

const char *hf_board_transcript(hf_board *board)
{
    return hf_transcript_text(board->transcript);
}

const char *hf_board_flasher_version(const hf_board *board)
{
    return board->flasher_version;
}
