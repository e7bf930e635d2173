/* SPDX-License-Identifier: Apache-2.0 */
/* The farm file's hooks before and after every attempt. */
#include <stdio.h>

#include "board_internal.h"
#include "process/shell_command.h"

#define VARIABLE_BYTES 256u

static hf_status run(hf_board *board, const hf_attempt_request *request, const char *name, const char *text,
                     const char *outcome, hf_error *err)
{
    char id[VARIABLE_BYTES], model[VARIABLE_BYTES], result[VARIABLE_BYTES];
    snprintf(id, sizeof id, "HILFARM_BOARD=%s", board->config->id);
    snprintf(model, sizeof model, "HILFARM_MODEL=%s", request->name);
    snprintf(result, sizeof result, "HILFARM_RESULT=%s", outcome);
    const char *const variables[] = {id, model, outcome[0] ? result : NULL, NULL};
    const hf_shell_command command = {
        .name = name,
        .text = text,
        .variables = variables,
        .limit_ms = board->config->hooks->limit_ms,
        .fault = HF_FAULT_BOARD,
        .for_all_boards = true,
        .transcript = board->transcript,
        .watch = outcome[0] ? NULL : &board->watch, /* the second hook cleans up: also after a cancellation */
    };
    return hf_shell_command_run(&command, err);
}

hf_status hf_board_before_attempt(hf_board *board, const hf_attempt_request *request, hf_error *err)
{
    const hf_hooks *hooks = board->config->hooks;
    if (!hooks || !hooks->before_attempt)
        return HF_OK;
    return run(board, request, "hooks.before_attempt", hooks->before_attempt, "", err);
}

void hf_board_after_attempt(hf_board *board, const hf_attempt_request *request, const hf_error *cause)
{
    const hf_hooks *hooks = board->config->hooks;
    if (!hooks || !hooks->after_attempt)
        return;
    const char *outcome = cause->status == HF_OK ? "ok" : hf_fault_name(cause->fault);
    hf_error failed = {0};
    if (run(board, request, "hooks.after_attempt", hooks->after_attempt, outcome, &failed) != HF_OK)
        hf_transcript_note(board->transcript, "%s", failed.message);
}
