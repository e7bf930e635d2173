/* SPDX-License-Identifier: Apache-2.0 */
/* The farm is killed and starts again: what it keeps of boards and runs, and what is lost. */
#include "simulation_internal.h"

#include <stdlib.h>

/* What a farm records of a board. */
static hf_schedule_board recorded(const sim *s, uint32_t index)
{
    hf_schedule_board_status status = {0};
    (void)hf_schedule_board_status_get(s->schedule, index, &status); /* the board exists */
    return (hf_schedule_board){
        .chip = s->options->boards[index].chip,
        .disabled = status.disabled,
        .needs_check = status.check_due || (status.given_up && !status.in_use),
        .needs_attention = status.needs_attention,
        .cause = status.cause,
        .quarantines = status.quarantines,
        .quarantined_until_ns = status.quarantined ? status.until_ns : 0,
        .reserved_until_ns = status.reserved_until_ns,
    };
}

/* What was under way never ends; users come as they would have. */
static void forget_events(sim *s)
{
    sim_event *kept = calloc(s->queue_count + 1u, sizeof *kept);
    uint32_t count = 0;
    s->no_memory |= !kept;
    while (kept && s->queue_count) {
        kept[count] = sim_next_event(s); /* in order */
        count += kept[count].kind == SIM_SUBMIT || kept[count].kind == SIM_CANCEL;
    }
    for (uint32_t i = 0; i < count; i++)
        sim_schedule_event(s, kept[i]);
    free(kept);
}

static void resume(sim *s, uint32_t index, uint32_t number)
{
    live_run *r = &s->runs[index];
    for (uint32_t i = 0; i < r->job_count; i++) {
        r->jobs[i].running = false;
        r->jobs[i].attempts = r->jobs[i].finals ? r->jobs[i].attempts : 0;
    }
    for (uint32_t i = 0; i < r->request->variations; i++)
        r->prepared[i] = SIM_UNPREPARED;
    sim_add_run(s, index);
    if (r->stopped && s->run_of_number[number] == index)
        (void)sim_illegal(s, hf_schedule_stop_run(s->schedule, number, r->aborted, HF_REASON_STOPPED,
                                                  s->now_ns, NULL) == HF_OK); /* counted */
}

void sim_restart(sim *s)
{
    const sim_options *o = s->options;
    hf_schedule_board *boards = calloc(o->board_count + 1u, sizeof *boards);
    for (uint32_t i = 0; boards && i < o->board_count; i++) {
        boards[i] = recorded(s, i);
        s->boards[i] = (live_board){
            .disabled = boards[i].disabled, .reserved = s->boards[i].reserved, .due = boards[i].needs_check};
    }
    hf_schedule_free(s->schedule);
    s->schedule = NULL;
    s->no_memory |= !boards || hf_schedule_new(boards, o->board_count, &o->policy, s->now_ns, &s->schedule,
                                               NULL) != HF_OK;
    free(boards);
    forget_events(s);
    if (s->no_memory)
        return;
    s->result->restarts++;
    s->busy = s->opening = s->held = 0;
    sim_note_busy(s);
    for (uint32_t i = 0; i < o->prepare_workers; i++)
        s->workers[i] = 0;
    for (uint32_t i = 0; i < o->run_count; i++)
        s->run_of_number[i] = HF_SCHEDULE_NONE;
    uint32_t number = 0;
    for (uint32_t i = 0; i < o->run_count && !s->no_memory; i++)
        if (s->runs[i].live)
            resume(s, i, number++);
    if (o->night_ns && !s->night_over)
        hf_schedule_set_deadline(s->schedule, s->start_ns + o->night_ns, s->now_ns);
    if (s->drained)
        hf_schedule_drain(s->schedule);
}
