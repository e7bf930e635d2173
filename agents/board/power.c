/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Power-cycles a board that failed, with the commands of the farm file. A board whose switch was left off, by a
 * run that died in the middle or by hand, is switched on: at once if a command tells so, otherwise when it fails to start.
 */
#include "board_internal.h"
#include "process/shell_command.h"

#define OFF_MS     1000u /* without power, so that the supply's capacitors discharge */
#define RETRY_MS   500u  /* while USB devices appear again */
#define STATUS_OFF 1     /* what power.status exits with if the switch is off */

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

/* @param exit_status as in hf_shell_command; NULL = not needed */
static hf_status run(hf_board *board, const char *name, const char *text, int *exit_status, hf_error *err)
{
    const hf_shell_command command = {
        .name = name,
        .text = text,
        .limit_ms = board->config->power.limit_ms,
        .fault = HF_FAULT_BOARD,
        .transcript = board->transcript,
        .watch = &board->watch,
        .exit_status = exit_status,
    };
    return hf_shell_command_run(&command, err);
}

/* Whether the switch is known to be off. If the command cannot tell, the board is started as usual. */
static hf_status is_off(hf_board *board, bool *off, hf_error *err)
{
    hf_error cause = {0};
    int exit_status = -1;
    *off = false;
    if (!board->config->power.status)
        return HF_OK;
    hf_status status = run(board, "power.status", board->config->power.status, &exit_status, &cause);
    if (status == HF_OK)
        return HF_OK;
    if (status == HF_ECANCELLED || cause.lasting == HF_PERMANENT)
        return hf_error_pass(err, &cause);
    *off = exit_status == STATUS_OFF;
    if (!*off)
        hf_transcript_note(board->transcript, "%s; starting the board all the same", cause.message);
    return HF_OK;
}

/* Waits, unless it is cancelled. */
static hf_status pause_ms(const hf_board *board, uint32_t wait_ms, hf_error *err)
{
    hf_status status = hf_watch_wait(&board->watch, -1, 0, hf_deadline_in_ms(wait_ms), err);
    return status == HF_ETIMEOUT ? HF_OK : status;
}

/* Without the watch: also after a failure or a cancellation, because a board must not be left without power. */
static hf_status switch_on(hf_board *board, hf_error *err)
{
    const hf_shell_command on = {.name = "power.on",
                                 .text = board->config->power.on,
                                 .limit_ms = board->config->power.limit_ms,
                                 .fault = HF_FAULT_BOARD,
                                 .transcript = board->transcript};
    return hf_shell_command_run(&on, err);
}

static hf_status cycle(hf_board *board, hf_error *err)
{
    const hf_board_power *power = &board->config->power;
    if (power->cycle)
        return run(board, "power.cycle", power->cycle, NULL, err);
    hf_status status = HF_OK;
    if (power->off)
        status = run(board, "power.off", power->off, NULL, err);
    if (status == HF_OK && power->off)
        status = pause_ms(board, OFF_MS, err);
    hf_error on_failed = {0};
    if (switch_on(board, &on_failed) != HF_OK && status == HF_OK)
        return hf_error_pass(err, &on_failed);
    return status;
}

/* Starts a board that has just got its power: until its devices have appeared, it may fail. */
static hf_status start_after_power(hf_board *board, hf_error *err)
{
    const hf_deadline deadline = hf_deadline_in_ms(board->options.deadlines.start_ms);
    for (;;) {
        hf_error cause = {0};
        if (hf_board_start(board, &cause) == HF_OK)
            return HF_OK;
        if (!hf_board_power_can_help(board, &cause) || hf_deadline_passed(deadline))
            return hf_error_pass(err, &cause);
        hf_status status = pause_ms(board, RETRY_MS, err);
        if (status != HF_OK)
            return status;
    }
}

hf_status hf_board_start_powered(hf_board *board, hf_error *err)
{
    hf_error cause = {0};
    bool off = false;
    hf_status status = is_off(board, &off, err);
    if (status != HF_OK)
        return status;
    if (off) {
        hf_transcript_note(board->transcript, "the board is switched off; switching it on");
        status = board->config->power.on ? switch_on(board, err) : cycle(board, err);
    } else if (board->needs_power_cycle) {
        status = cycle(board, err);
    } else {
        if (hf_board_start(board, &cause) == HF_OK)
            return HF_OK;
        if (!hf_board_power_can_help(board, &cause))
            return hf_error_pass(err, &cause);
        hf_transcript_note(board->transcript, "%s; power-cycling the board", cause.message);
        status = cycle(board, err);
    }
    if (status != HF_OK)
        return status;
    board->needs_power_cycle = false;
    return start_after_power(board, err);
}
