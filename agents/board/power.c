/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Power-cycles a board that failed, with the commands of the farm file. A board whose switch was left off, by a
 * run that died in the middle or by hand, fails to start too and is switched on in the same way.
 */
#include "board_internal.h"
#include "process/shell_command.h"

#define OFF_MS   1000u /* without power, so that the supply's capacitors discharge */
#define RETRY_MS 500u  /* while USB devices appear again */

bool hf_board_power_can_help(const hf_board *board, const hf_error *cause)
{
    const hf_board_power *power = &board->config->power;
    if (!power->cycle && !power->on)
        return false;
    if (cause->status == HF_ECANCELLED || cause->status == HF_EBUSY || cause->lasting == HF_PERMANENT)
        return false;
    return cause->fault == HF_FAULT_BOARD || cause->fault == HF_FAULT_PROBE ||
           cause->fault == HF_FAULT_SERIAL;
}

static hf_status run(hf_board *board, const char *name, const char *text, hf_error *err)
{
    const hf_shell_command command = {
        .name = name,
        .text = text,
        .limit_ms = board->config->power.limit_ms,
        .fault = HF_FAULT_BOARD,
        .transcript = board->transcript,
        .watch = &board->watch,
    };
    return hf_shell_command_run(&command, err);
}

/* Waits, unless it is cancelled. */
static hf_status pause_ms(const hf_board *board, uint32_t wait_ms, hf_error *err)
{
    hf_status status = hf_watch_wait(&board->watch, -1, 0, hf_deadline_in_ms(wait_ms), err);
    return status == HF_ETIMEOUT ? HF_OK : status;
}

static hf_status cycle(hf_board *board, hf_error *err)
{
    const hf_board_power *power = &board->config->power;
    if (power->cycle)
        return run(board, "power.cycle", power->cycle, err);
    hf_status status = HF_OK;
    if (power->off)
        status = run(board, "power.off", power->off, err);
    if (status == HF_OK && power->off)
        status = pause_ms(board, OFF_MS, err);
    /* Also after a failure or a cancellation: a board must not be left without power. */
    hf_error on_failed = {0};
    hf_shell_command on = {.name = "power.on",
                           .text = power->on,
                           .limit_ms = power->limit_ms,
                           .fault = HF_FAULT_BOARD,
                           .transcript = board->transcript};
    if (hf_shell_command_run(&on, &on_failed) != HF_OK && status == HF_OK)
        return hf_error_pass(err, &on_failed);
    return status;
}

hf_status hf_board_start_powered(hf_board *board, hf_error *err)
{
    hf_error cause = {0};
    if (!board->needs_power_cycle) {
        if (hf_board_start(board, &cause) == HF_OK)
            return HF_OK;
        if (!hf_board_power_can_help(board, &cause))
            return hf_error_pass(err, &cause);
        hf_transcript_note(board->transcript, "%s; power-cycling the board", cause.message);
    }
    hf_status status = cycle(board, err);
    if (status != HF_OK)
        return status;
    board->needs_power_cycle = false;
    const hf_deadline deadline = hf_deadline_in_ms(board->options.deadlines.start_ms);
    for (;;) {
        hf_error_clear(&cause);
        if (hf_board_start(board, &cause) == HF_OK)
            return HF_OK;
        if (!hf_board_power_can_help(board, &cause) || hf_deadline_passed(deadline))
            return hf_error_pass(err, &cause);
        status = pause_ms(board, RETRY_MS, err);
        if (status != HF_OK)
            return status;
    }
}
