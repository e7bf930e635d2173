/* SPDX-License-Identifier: Apache-2.0 */
/* The outcome of a job: measured, failed, pruned or not run; the reason; its record and its report. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "record.h"
#include "run_state.h"

void hf_runner_record_job(hf_runner *runner, uint32_t job_index, const hf_prepared *prepared)
{
    hf_runner_job *job = &runner->jobs[job_index];
    if (job->recorded && !prepared)
        return;
    hf_record_result(runner->write_queue, job->position, &runner->options->spec->variations[job->variation],
                     job->chip, prepared);
    job->recorded = true;
}

/* The board whose failure left a job without a board: the last of its chip to fail. */
static const hf_runner_board *last_failed_board(const hf_runner *runner, const hf_runner_job *job)
{
    const hf_runner_board *found = NULL;
    for (uint32_t i = 0; i < runner->board_count; i++) {
        const hf_runner_board *board = &runner->boards[i];
        if (board->farm_board->chip == job->chip && board->fault_message[0] &&
            (!found || board->failed_ns >= found->failed_ns))
            found = board;
    }
    return found;
}

/* A board for the job that somebody else uses. */
static const hf_runner_board *board_in_use(const hf_runner *runner, const hf_runner_job *job)
{
    for (uint32_t i = 0; i < runner->board_count; i++)
        if (runner->boards[i].farm_board->chip == job->chip && runner->boards[i].in_use[0])
            return &runner->boards[i];
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
static void format_reason(const hf_runner *runner, const hf_schedule_action *action, char *text, size_t size)
{
    const hf_runner_job *job = &runner->jobs[action->job];
    const char *reason = hf_schedule_reason_text(action->reason);
    const hf_runner_board *failed =
        action->reason == HF_REASON_NO_BOARD ? last_failed_board(runner, job) : NULL;
    const hf_runner_board *in_use = action->reason == HF_REASON_IN_USE ? board_in_use(runner, job) : NULL;
    if (job->fault_message[0] && action->outcome != HF_OUTCOME_NOT_RUN)
        snprintf(text, size, "%s", job->fault_message);
    else if (failed)
        snprintf(text, size, "%s: %s", reason, failed->fault_message);
    else if (in_use)
        format_in_use(reason, in_use->in_use, text, size);
    else if (action->reason == HF_REASON_FARM && runner->farm_error.status != HF_OK)
        snprintf(text, size, "%s: %s", reason, runner->farm_error.message);
    else if (action->reason == HF_REASON_STOPPED && runner->signal)
        snprintf(text, size, "%s (%s)", reason, sigabbrev_np(runner->signal));
    else
        snprintf(text, size, "%s", reason);
}

void hf_runner_finish_job(hf_runner *runner, const hf_schedule_action *action)
{
    hf_runner_job *job = &runner->jobs[action->job];
    const hf_spec *spec = runner->options->spec;
    char reason[sizeof job->fault_message + 64];
    format_reason(runner, action, reason, sizeof reason);
    /* The observer was told about the board's or the farm's failure when it happened. */
    const char *brief = action->reason == HF_REASON_NO_BOARD || action->reason == HF_REASON_FARM
                            ? hf_schedule_reason_text(action->reason)
                            : reason;
    hf_run_event event = {
        .job = spec->variations[job->variation].name,
        .chip = job->chip->name,
        .board =
            action->board == HF_SCHEDULE_NONE ? NULL : runner->boards[action->board].farm_board->config.id,
        .modelled = action->board != HF_SCHEDULE_NONE &&
                    hf_board_config_modelled(&runner->boards[action->board].farm_board->config),
        .attempt = action->attempt,
        .fault = action->fault,
        .message = brief,
        .latency_ns = job->latency_ns,
        .finished = ++runner->final_count,
        .job_count = runner->all_count,
    };
    hf_result_outcome outcome = HF_RESULT_MEASURED;
    switch (action->outcome) {
    case HF_OUTCOME_DONE:
        event.kind = HF_RUN_EVENT_MEASURED;
        runner->summary->measured++;
        break;
    case HF_OUTCOME_EXCLUDED:
        event.kind = HF_RUN_EVENT_PRUNED;
        event.board = NULL;
        outcome = HF_RESULT_PRUNED;
        runner->summary->pruned++;
        break;
    case HF_OUTCOME_FAILED:
        event.kind = HF_RUN_EVENT_FAILED;
        outcome = HF_RESULT_FAILED;
        runner->summary->failed++;
        runner->summary->no_board += action->reason == HF_REASON_NO_BOARD;
        break;
    case HF_OUTCOME_NOT_RUN:
        event.kind = HF_RUN_EVENT_NOT_RUN;
        outcome = HF_RESULT_NOT_RUN;
        runner->summary->not_run++;
        runner->summary->in_use += action->reason == HF_REASON_IN_USE;
        break;
    }
    if (outcome != HF_RESULT_MEASURED) {
        hf_runner_record_job(runner, action->job, NULL);
        const char *fault = outcome == HF_RESULT_FAILED ? hf_fault_name(action->fault) : NULL;
        hf_write_queue_close_result(runner->write_queue, job->position, outcome, fault, reason);
    }
    hf_runner_notify(runner, &event);
}
