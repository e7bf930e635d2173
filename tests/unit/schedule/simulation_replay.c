/* SPDX-License-Identifier: Apache-2.0 */
/* The same events without the simulation around them; the ideal to compare with. */
#include "simulation_internal.h"

#include <stdlib.h>

static void replay_event(hf_schedule *schedule, const sim_event *e)
{
    /* The same events were accepted before, and the scheduler is deterministic. */
    switch (e->kind) {
    case SIM_OPENED:
        (void)hf_schedule_opened(schedule, e->board, e->at_ns, NULL);
        break;
    case SIM_ATTEMPTED:
        (void)hf_schedule_attempt_done(schedule, e->board, e->at_ns, NULL);
        break;
    case SIM_CLOSED:
        (void)hf_schedule_closed(schedule, e->board, e->at_ns, NULL);
        break;
    case SIM_PREPARED:
        (void)hf_schedule_prepared(schedule, e->run, e->preparation, e->at_ns, NULL);
        break;
    default:
        break;
    }
}

/* Runs are numbered as they are submitted, for none is removed. */
static void replay_submit(const sim_options *options, hf_schedule *schedule, const sim_event *e,
                          const hf_schedule_job *jobs)
{
    const sim_run *request = &options->runs[e->run];
    uint32_t *boards = sim_named_boards(options, request);
    const hf_schedule_run list = {.owner = request->owner,
                                  .priority = request->priority,
                                  .jobs = jobs,
                                  .job_count = request->variations,
                                  .boards = boards,
                                  .board_count = boards ? request->board_count : 0};
    uint32_t run;
    if (hf_schedule_add_run(schedule, &list, e->at_ns, &run, NULL) == HF_OK &&
        e->run + 1 == options->run_count)
        hf_schedule_drain(schedule);
    free(boards);
}

uint64_t sim_replay(const sim_options *options, const sim_result *result)
{
    uint32_t job_count = 0;
    for (uint32_t i = 0; i < options->run_count; i++)
        if (options->runs[i].variations > job_count)
            job_count = options->runs[i].variations;
    hf_schedule_board *boards = calloc(options->board_count + 1u, sizeof *boards);
    hf_schedule_job *jobs = calloc(job_count + 1u, sizeof *jobs);
    hf_schedule *schedule = NULL;
    uint64_t actions = 0;
    for (uint32_t i = 0; jobs && i < job_count; i++)
        jobs[i] = (hf_schedule_job){.chips = options->runs[0].chips, .preparation = i};
    for (uint32_t i = 0; boards && i < options->board_count; i++)
        boards[i].chip = options->boards[i].chip;
    if (boards && jobs &&
        hf_schedule_new(boards, options->board_count, &options->policy, SIM_S, &schedule, NULL) == HF_OK) {
        for (uint64_t i = 0; i < result->log_count; i++) {
            const sim_event *e = &result->log[i];
            hf_schedule_action action;
            if (e->kind == SIM_SUBMIT)
                replay_submit(options, schedule, e, jobs);
            replay_event(schedule, e);
            while (hf_schedule_next(schedule, e->at_ns, &action))
                actions++;
            actions += hf_schedule_wake_ns(schedule) == 0;
        }
    }
    hf_schedule_free(schedule);
    free(boards);
    free(jobs);
    return actions;
}

uint64_t sim_ideal_ns(const sim_options *options, uint32_t chip, uint32_t jobs, uint32_t open_limit)
{
    uint64_t *free_ns = calloc(options->board_count + 1u, sizeof *free_ns);
    uint32_t count = 0, opened_before = 0;
    uint64_t end_ns = 0, attempt_ns = 0;
    for (uint32_t i = 0; free_ns && i < options->board_count; i++, opened_before++) {
        if (options->boards[i].chip != chip)
            continue;
        attempt_ns = options->boards[i].attempt_ns;
        free_ns[count++] = options->open_ns * (1 + opened_before / open_limit);
    }
    for (uint32_t i = 0; count && i < jobs; i++) {
        uint32_t first = 0;
        for (uint32_t k = 1; k < count; k++)
            if (free_ns[k] < free_ns[first])
                first = k;
        free_ns[first] += attempt_ns;
        end_ns = free_ns[first] > end_ns ? free_ns[first] : end_ns;
    }
    free(free_ns);
    return end_ns;
}
