/* SPDX-License-Identifier: Apache-2.0 */
/* The outcome of a job: measured, failed, pruned or not run; the reason; its record and its report. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "run_state.h"

void hf_run_job_failed(hf_run_job *job, const char *message)
{
    free(job->fault_message);
    job->fault_message = message && message[0] ? strdup(message) : NULL;
}

void hf_run_record_job(hf_controller_run *run, uint32_t job_index, const hf_prepared *prepared)
{
    hf_run_job *job = &run->jobs[job_index];
    const hf_controller_request *request = &run->request;
    if (job->recorded && !prepared)
        return;
    hf_record_result(run->write_queue, job->position, &request->spec->variations[job->variation],
                     request->selection->chips[job->chip], prepared);
    job->recorded = true;
}

/* The board at a place of the selection, if it has the chip that a job needs; NULL = it has another. */
static const hf_controller_board *board_for(const hf_controller_run *run, const hf_run_job *job,
                                            uint32_t place)
{
    const hf_selection *selection = run->request.selection;
    const hf_controller_board *board = &run->controller->boards[selection->boards[place]];
    return board->farm_board->chip == selection->chips[job->chip] ? board : NULL;
}

/* The board whose failure left a job without a board: the last of its chip to fail. */
static const hf_controller_board *last_failed_board(const hf_controller_run *run, const hf_run_job *job)
{
    const hf_controller_board *found = NULL;
    for (uint32_t i = 0; i < run->request.selection->board_count; i++) {
        const hf_controller_board *board = board_for(run, job, i);
        if (board && board->fault_message[0] && (!found || board->failed_ns >= found->failed_ns))
            found = board;
    }
    return found;
}

/* A board for the job that somebody else uses. */
static const hf_controller_board *board_in_use(const hf_controller_run *run, const hf_run_job *job)
{
    for (uint32_t i = 0; i < run->request.selection->board_count; i++) {
        const hf_controller_board *board = board_for(run, job, i);
        if (board && board->in_use[0])
            return board;
    }
    return NULL;
}

/* "board in use by process 12 of user ann"; the reason alone is "board in use" */
static void format_in_use(const char *reason, const char *in_use, char *text, size_t size)
{
    static const char in_use_words[] = "in use";
    const bool repeats = strncmp(in_use, in_use_words, sizeof in_use_words - 1) == 0;
    snprintf(text, size, "%s%s%s", repeats ? "board" : reason, repeats ? " " : ": ", in_use);
}

/* Why a job was not measured, for the store. */
static void format_reason(const hf_controller_run *run, const hf_schedule_action *action, char *text,
                          size_t size)
{
    const hf_run_job *job = &run->jobs[action->job];
    const char *reason = hf_schedule_reason_text(action->reason);
    const hf_controller_board *failed =
        action->reason == HF_REASON_NO_BOARD ? last_failed_board(run, job) : NULL;
    const hf_controller_board *in_use =
        action->reason == HF_REASON_IN_USE || action->reason == HF_REASON_AGENT ? board_in_use(run, job)
                                                                                : NULL;
    if (job->fault_message && action->outcome != HF_OUTCOME_NOT_RUN)
        snprintf(text, size, "%s", job->fault_message);
    else if (failed)
        snprintf(text, size, "%s: %s", reason, failed->fault_message);
    else if (in_use)
        format_in_use(reason, in_use->in_use, text, size);
    else if (action->reason == HF_REASON_FARM && run->farm_error.status != HF_OK)
        snprintf(text, size, "%s: %s", reason, run->farm_error.message);
    else if (action->reason == HF_REASON_STOPPED && run->why[0])
        snprintf(text, size, "%s (%s)", reason, run->why);
    else
        snprintf(text, size, "%s", reason);
}

/* Counts an outcome. @param kind of the event that reports it */
static hf_result_outcome count(hf_run_summary *summary, const hf_schedule_action *action,
                               hf_run_event_kind *kind)
{
    switch (action->outcome) {
    case HF_OUTCOME_DONE:
        *kind = HF_RUN_EVENT_MEASURED;
        summary->measured++;
        return HF_RESULT_MEASURED;
    case HF_OUTCOME_EXCLUDED:
        *kind = HF_RUN_EVENT_PRUNED;
        summary->pruned++;
        return HF_RESULT_PRUNED;
    case HF_OUTCOME_FAILED:
        *kind = HF_RUN_EVENT_FAILED;
        summary->failed++;
        summary->no_board += action->reason == HF_REASON_NO_BOARD;
        return HF_RESULT_FAILED;
    case HF_OUTCOME_NOT_RUN:
        break;
    }
    *kind = HF_RUN_EVENT_NOT_RUN;
    summary->not_run++;
    summary->in_use += action->reason == HF_REASON_IN_USE || action->reason == HF_REASON_AGENT ||
                       action->reason == HF_REASON_DISABLED;
    return HF_RESULT_NOT_RUN;
}

void hf_run_finish_job(hf_controller_run *run, const hf_schedule_action *action)
{
    hf_run_job *job = &run->jobs[action->job];
    const bool on_board = action->board != HF_SCHEDULE_NONE && action->outcome != HF_OUTCOME_EXCLUDED;
    const hf_board_config *board =
        on_board ? &run->controller->boards[action->board].farm_board->config : NULL;
    char reason[sizeof(hf_error) + 64];
    format_reason(run, action, reason, sizeof reason);
    /* The observer was told about the board's or the farm's failure when it happened. */
    const bool told = action->reason == HF_REASON_NO_BOARD || action->reason == HF_REASON_FARM;
    hf_run_event event = {
        .job = run->request.spec->variations[job->variation].name,
        .chip = run->request.selection->chips[job->chip]->name,
        .board = board ? board->id : NULL,
        .modelled = board && hf_board_config_modelled(board),
        .attempt = action->attempt,
        .fault = action->fault,
        .message = told ? hf_schedule_reason_text(action->reason) : reason,
        .latency_ns = job->latency_ns,
    };
    const hf_result_outcome outcome = count(&run->summary, action, &event.kind);
    run->final_count++;
    if (outcome != HF_RESULT_MEASURED) {
        hf_run_record_job(run, action->job, NULL);
        const char *fault = outcome == HF_RESULT_FAILED ? hf_fault_name(action->fault) : NULL;
        hf_write_queue_close_result(run->write_queue, job->position, outcome, fault, reason);
    }
    hf_run_notify(run, event);
}
