/* SPDX-License-Identifier: Apache-2.0 */
/* What boards, users and the preparing pool do, as events for the scheduler. */
#include "simulation_internal.h"

#include <stdlib.h>

uint32_t *sim_named_boards(const sim_options *options, const sim_run *run)
{
    const uint32_t count = run->board_count;
    uint32_t *boards = count && options->board_count ? calloc(count, sizeof *boards) : NULL;
    for (uint32_t i = 0; boards && i < count; i++)
        boards[i] = (run->board_from + i) % options->board_count;
    return boards;
}

void sim_add_run(sim *s, uint32_t index)
{
    const sim_run *request = &s->options->runs[index];
    live_run *r = &s->runs[index];
    uint32_t *boards = sim_named_boards(s->options, request);
    hf_schedule_job *left = calloc(r->job_count + 1u, sizeof *left);
    if (!left || (request->board_count && !boards)) {
        s->no_memory = true;
    } else {
        r->numbers = 0;
        for (uint32_t i = 0; i < r->job_count; i++) {
            if (r->jobs[i].finals)
                continue;
            left[r->numbers] = r->list[i];
            r->job_of_number[r->numbers++] = i;
        }
        const hf_schedule_run run = {.owner = request->owner,
                                     .priority = request->priority,
                                     .jobs = left,
                                     .job_count = r->numbers,
                                     .boards = boards,
                                     .board_count = request->board_count,
                                     .retry_delay_ns = s->options->retry_delay_ns};
        uint32_t number = 0;
        if (!sim_illegal(s, hf_schedule_add_run(s->schedule, &run, s->now_ns, &number, NULL) == HF_OK))
            s->run_of_number[number] = index;
    }
    free(left);
    free(boards);
}

static void submit(sim *s, uint32_t index)
{
    const sim_run *request = &s->options->runs[index];
    live_run *r = &s->runs[index];
    const uint32_t chips = (uint32_t)__builtin_popcountll(request->chips);
    r->request = request;
    r->job_count = request->variations * chips;
    r->list = calloc(r->job_count + 1u, sizeof *r->list);
    r->job_of_number = calloc(r->job_count + 1u, sizeof *r->job_of_number);
    r->jobs = calloc(r->job_count + 1u, sizeof *r->jobs);
    r->prepared = calloc(request->variations + 1u, 1);
    if (!r->list || !r->job_of_number || !r->jobs || !r->prepared) {
        s->no_memory = true;
        return;
    }
    uint32_t count = 0;
    for (uint32_t v = 0; v < request->variations; v++)
        for (uint64_t left = request->chips; left; left &= left - 1)
            r->list[count++] = (hf_schedule_job){.chips = left & -left, .preparation = v};
    r->live = true;
    r->last_start_ns = s->now_ns;
    sim_add_run(s, index);
    if (index + 1 == s->options->run_count) {
        s->drained = true;
        hf_schedule_drain(s->schedule);
    }
}

static uint32_t number_of(const sim *s, uint32_t run)
{
    for (uint32_t i = 0; i < s->options->run_count; i++)
        if (s->run_of_number[i] == run && s->runs[run].live)
            return i;
    return HF_SCHEDULE_NONE;
}

static hf_status opened(sim *s, const sim_event *e)
{
    live_board *b = &s->boards[e->board];
    s->opening--;
    const bool good = e->result == SIM_GOOD && !b->cancelled;
    b->state = good ? SIM_OPEN : SIM_SHUT;
    if (b->cancelled) {
        b->cancelled = false;
        return hf_schedule_open_failed(s->schedule, e->board, HF_FAULT_NONE, s->now_ns, NULL);
    }
    switch (e->result) {
    case SIM_GOOD:
        return hf_schedule_opened(s->schedule, e->board, s->now_ns, NULL);
    case SIM_BUSY:
        return hf_schedule_open_busy(s->schedule, e->board, s->now_ns, NULL);
    case SIM_IN_VAIN:
        return hf_schedule_open_in_vain(s->schedule, e->board, e->fault, s->now_ns, NULL);
    default:
        return hf_schedule_open_failed(s->schedule, e->board, e->fault, s->now_ns, NULL);
    }
}

static hf_status attempted(sim *s, const sim_event *e)
{
    live_board *b = &s->boards[e->board];
    sim_job *j = &s->runs[b->run].jobs[b->job];
    const bool cancelled = b->cancelled;
    b->state = SIM_OPEN;
    b->cancelled = false;
    j->running = false;
    s->busy--;
    sim_note_busy(s);
    s->result->runs[b->run].board_ns += s->now_ns - b->started_ns;
    s->result->chip_end_ns[s->options->boards[e->board].chip] = s->now_ns - s->start_ns;
    if (cancelled)
        return hf_schedule_attempt_failed(s->schedule, e->board, HF_FAULT_NONE, s->now_ns, NULL);
    if (e->result == SIM_BUSY) {
        j->attempts--;
        return hf_schedule_attempt_busy(s->schedule, e->board, s->now_ns, NULL);
    }
    if (e->result != SIM_GOOD)
        return hf_schedule_attempt_failed(s->schedule, e->board, e->fault, s->now_ns, NULL);
    j->successes++;
    j->board = e->board;
    return hf_schedule_attempt_done(s->schedule, e->board, s->now_ns, NULL);
}

static hf_status checked(sim *s, const sim_event *e)
{
    live_board *b = &s->boards[e->board];
    const bool cancelled = b->cancelled;
    b->state = SIM_OPEN;
    b->cancelled = false;
    if (!cancelled && e->result == SIM_BUSY)
        return hf_schedule_check_busy(s->schedule, e->board, s->now_ns, NULL);
    b->requested = false;
    if (cancelled)
        return hf_schedule_check_cancelled(s->schedule, e->board, s->now_ns, NULL);
    b->due = e->result != SIM_GOOD && (b->due || e->fault != HF_FAULT_FARM);
    if (e->result != SIM_GOOD)
        return hf_schedule_check_failed(s->schedule, e->board, e->fault, s->now_ns, NULL);
    return hf_schedule_check_passed(s->schedule, e->board, s->now_ns, NULL);
}

/* A board that is away may not get a job before it has passed a check. */
static void note_health(sim *s, uint32_t board)
{
    hf_schedule_board_status status;
    if (!hf_schedule_board_status_get(s->schedule, board, &status))
        return;
    const bool away = status.quarantined || (status.given_up && !status.in_use);
    s->boards[board].due |= s->options->policy.check_before_readmission && away;
    (void)sim_illegal(s, !s->boards[board].due || status.check_due); /* counted */
}

static hf_status prepared(sim *s, const sim_event *e)
{
    const bool good = e->result == SIM_GOOD;
    const uint32_t number = number_of(s, e->run);
    s->runs[e->run].prepared[e->preparation] = good ? SIM_HELD : SIM_UNPREPARED;
    s->held -= !good;
    return good ? hf_schedule_prepared(s->schedule, number, e->preparation, s->now_ns, NULL)
                : hf_schedule_prepare_failed(s->schedule, number, e->preparation, e->fault, s->now_ns, NULL);
}

void sim_person(sim *s)
{
    const uint32_t index = sim_draw(s, s->options->board_count);
    live_board *b = &s->boards[index];
    hf_status status = HF_OK;
    switch (sim_draw(s, 6)) {
    case 0:
        b->reserved = true;
        status = hf_schedule_reserve_board(s->schedule, index, HF_SCHEDULE_NEVER, s->now_ns, NULL);
        break;
    case 1:
        b->reserved = false;
        status = hf_schedule_release_board(s->schedule, index, s->now_ns, NULL);
        break;
    case 2:
        if (sim_draw(s, 3))
            break;
        b->disabled = true;
        status = hf_schedule_disable_board(s->schedule, index, s->now_ns, NULL);
        break;
    case 3:
        b->due |= b->disabled && s->options->policy.check_before_readmission;
        b->due &= s->options->policy.check_before_readmission;
        b->disabled = b->reserved = false;
        status = hf_schedule_enable_board(s->schedule, index, s->now_ns, NULL);
        if (status == HF_OK)
            status = hf_schedule_release_board(s->schedule, index, s->now_ns, NULL);
        break;
    case 4: {
        const uint64_t until_ns = s->now_ns + (sim_draw(s, 60) + 1) * SIM_S;
        hf_schedule_board_status board;
        const bool away = hf_schedule_board_status_get(s->schedule, index, &board) &&
                          (board.quarantined || (board.given_up && !board.in_use));
        const hf_status requested = hf_schedule_check_board(s->schedule, index, until_ns, s->now_ns, NULL);
        if (requested == HF_OK) {
            b->requested = true;
            b->due |= away;
        }
        const bool refused = b->disabled || b->reserved || s->drained;
        status = (requested == HF_EINVALID) == refused ? HF_OK : HF_EINVALID;
        break;
    }
    default: {
        const uint32_t run = sim_draw(s, s->options->run_count);
        live_run *r = &s->runs[run];
        if (!r->live || !r->numbers)
            break;
        const uint32_t job = sim_draw(s, r->numbers);
        const sim_job *known = &r->jobs[r->job_of_number[job]];
        const bool waits = !known->finals && !known->running;
        if (waits)
            status = hf_schedule_exclude(s->schedule, number_of(s, run), job, s->now_ns, NULL);
        break;
    }
    }
    (void)sim_illegal(s, status == HF_OK); /* counted */
}

void sim_happen(sim *s, const sim_event *e)
{
    hf_status status = HF_OK;
    switch (e->kind) {
    case SIM_SUBMIT:
        submit(s, e->run);
        break;
    case SIM_CANCEL:
        s->runs[e->run].stopped = true;
        s->runs[e->run].aborted = s->options->runs[e->run].cancel_aborts;
        if (s->runs[e->run].live)
            status = hf_schedule_stop_run(s->schedule, number_of(s, e->run),
                                          s->options->runs[e->run].cancel_aborts, HF_REASON_STOPPED,
                                          s->now_ns, NULL);
        break;
    case SIM_OPENED:
        status = opened(s, e);
        break;
    case SIM_ATTEMPTED:
        status = attempted(s, e);
        break;
    case SIM_CHECKED:
        status = checked(s, e);
        break;
    case SIM_CLOSED:
        s->boards[e->board].state = SIM_SHUT;
        status = hf_schedule_closed(s->schedule, e->board, s->now_ns, NULL);
        break;
    case SIM_PREPARED:
        status = prepared(s, e);
        break;
    case SIM_WAKE:
    case SIM_PERSON:
        break;
    }
    (void)sim_illegal(s, status == HF_OK); /* counted */
    for (uint32_t i = 0; s->options->policy.check_before_readmission && i < s->options->board_count; i++)
        note_health(s, i);
}
