/* SPDX-License-Identifier: Apache-2.0 */
/* The queue of events, and a simulation from its beginning to its end. */
#include "simulation_internal.h"

#include <stdlib.h>
#include <string.h>

uint32_t sim_draw(sim *s, uint32_t below)
{
    s->random = s->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return below ? (uint32_t)((s->random >> 33) % below) : 0;
}

/* ---- The queue of what happens when ---- */

static bool before(const sim_event *a, const sim_event *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

void *sim_grown(sim *s, void *items, uint64_t capacity, size_t size)
{
    void *more = realloc(items, (size_t)capacity * size);
    s->no_memory |= !more;
    return more ? more : items;
}

void sim_schedule_event(sim *s, sim_event event)
{
    if (s->queue_count == s->queue_capacity) {
        const uint32_t capacity = s->queue_capacity ? 2 * s->queue_capacity : 64;
        s->queue = sim_grown(s, s->queue, capacity, sizeof *s->queue);
        if (s->no_memory)
            return;
        s->queue_capacity = capacity;
    }
    event.order = s->order++;
    uint32_t i = s->queue_count++;
    for (; i && before(&event, &s->queue[(i - 1) / 2]); i = (i - 1) / 2)
        s->queue[i] = s->queue[(i - 1) / 2];
    s->queue[i] = event;
}

sim_event sim_next_event(sim *s)
{
    const sim_event first = s->queue[0], last = s->queue[--s->queue_count];
    uint32_t i = 0;
    for (uint32_t child; (child = 2 * i + 1) < s->queue_count; i = child) {
        child += child + 1 < s->queue_count && before(&s->queue[child + 1], &s->queue[child]);
        if (!before(&s->queue[child], &last))
            break;
        s->queue[i] = s->queue[child];
    }
    s->queue[i] = last;
    return first;
}

/* ---- From the beginning to the end ---- */

static void keep(sim *s, const sim_event *e)
{
    sim_result *r = s->result;
    if (!s->options->log)
        return;
    if (r->log_count == s->log_capacity) {
        const uint64_t capacity = s->log_capacity ? 2 * s->log_capacity : 4096;
        r->log = sim_grown(s, r->log, capacity, sizeof *r->log);
        if (s->no_memory)
            return;
        s->log_capacity = capacity;
    }
    r->log[r->log_count++] = *e;
}

static bool set_up(sim *s)
{
    const sim_options *o = s->options;
    hf_schedule_board *boards = calloc(o->board_count + 1u, sizeof *boards);
    s->runs = calloc(o->run_count + 1u, sizeof *s->runs);
    s->run_of_number = calloc(o->run_count + 1u, sizeof *s->run_of_number);
    s->boards = calloc(o->board_count + 1u, sizeof *s->boards);
    s->workers = calloc(o->prepare_workers + 1u, sizeof *s->workers);
    s->result->runs = calloc(o->run_count + 1u, sizeof *s->result->runs);
    bool ok = boards && s->runs && s->run_of_number && s->boards && s->workers && s->result->runs;
    for (uint32_t i = 0; ok && i < o->board_count; i++)
        boards[i].chip = o->boards[i].chip;
    ok = ok && hf_schedule_new(boards, o->board_count, &o->policy, s->now_ns, &s->schedule, NULL) == HF_OK;
    free(boards);
    if (ok && o->night_ns)
        hf_schedule_set_deadline(s->schedule, s->start_ns + o->night_ns, s->start_ns);
    for (uint32_t i = 0; ok && i < o->run_count; i++) {
        sim_schedule_event(
            s, (sim_event){.at_ns = s->start_ns + o->runs[i].submit_ns, .kind = SIM_SUBMIT, .run = i});
        if (o->runs[i].cancel_ns)
            sim_schedule_event(
                s, (sim_event){.at_ns = s->start_ns + o->runs[i].cancel_ns, .kind = SIM_CANCEL, .run = i});
    }
    return ok && !s->no_memory;
}

static void summarise(sim *s)
{
    sim_result *r = s->result;
    r->makespan_ns = s->now_ns - s->start_ns;
    for (uint32_t i = 0; i < s->options->run_count; i++) {
        r->never_ended += !r->runs[i].over;
        if (r->runs[i].last_final_ns > r->chip_end_ns[0] && !s->options->board_count)
            r->chip_end_ns[0] = r->runs[i].last_final_ns;
    }
    uint64_t end_ns = 0;
    for (uint32_t i = 0; i < HF_SCHEDULE_MAX_CHIPS; i++)
        end_ns = r->chip_end_ns[i] > end_ns ? r->chip_end_ns[i] : end_ns;
    const uint64_t from_ns = s->start_ns + end_ns / 10, to_ns = s->start_ns + end_ns / 10 * 9;
    double sum = 0;
    for (uint64_t i = 0; i + 3 < s->busy_count; i += 2) {
        const uint64_t a = s->busy_log[i] > from_ns ? s->busy_log[i] : from_ns;
        const uint64_t b = s->busy_log[i + 2] < to_ns ? s->busy_log[i + 2] : to_ns;
        sum += b > a ? (double)(b - a) * (double)s->busy_log[i + 1] : 0;
    }
    r->mean_busy = to_ns > from_ns ? sum / (double)(to_ns - from_ns) : 0;
}

static uint64_t step_limit(const sim_options *o)
{
    uint64_t jobs = 1000;
    for (uint32_t i = 0; i < o->run_count; i++)
        jobs += (uint64_t)o->runs[i].variations * (uint64_t)__builtin_popcountll(o->runs[i].chips);
    return o->max_steps ? o->max_steps : jobs * 100;
}

/* What an aborted run still has on boards was cancelled. */
static void check_cancelled(sim *s)
{
    for (uint32_t i = 0; i < s->options->board_count; i++) {
        const live_board *b = &s->boards[i];
        (void)sim_illegal(s, b->state != SIM_BUSY_BOARD || !s->runs[b->run].aborted ||
                                 b->cancelled); /* counted */
    }
}

static void carry_out_all(sim *s)
{
    hf_schedule_action action;
    while (!s->no_memory && hf_schedule_next(s->schedule, s->now_ns, &action))
        sim_carry_out(s, &action);
}

static void end_night(sim *s)
{
    if (s->night_over || !s->options->night_ns || s->now_ns < s->start_ns + s->options->night_ns)
        return;
    s->night_over = true;
    for (uint32_t i = 0; i < s->options->run_count; i++) {
        s->runs[i].aborted |= s->runs[i].live;
        s->runs[i].stopped |= s->runs[i].live;
    }
}

static void execute(sim *s)
{
    const uint64_t limit = step_limit(s->options);
    uint64_t wake_ns = HF_SCHEDULE_NEVER, steps = 0;
    while (!s->finished && !s->no_memory && steps++ < limit) {
        if (s->options->restart_permille && sim_draw(s, 1000) < s->options->restart_permille) {
            sim_restart(s);
            carry_out_all(s);
            wake_ns = hf_schedule_wake_ns(s->schedule);
        }
        const bool person_next = s->options->event_permille && sim_draw(s, 1000) < s->options->event_permille;
        sim_event e = {.kind = SIM_WAKE, .at_ns = wake_ns};
        if (person_next) {
            e = (sim_event){.kind = SIM_PERSON, .at_ns = s->now_ns};
            sim_person(s);
        } else if (s->queue_count && s->queue[0].at_ns <= wake_ns) {
            e = sim_next_event(s);
        } else if (wake_ns == HF_SCHEDULE_NEVER) {
            if (!s->options->event_permille)
                return;          /* nothing will ever happen */
            e.at_ns = s->now_ns; /* everything is in the hands of people */
            sim_person(s);
        }
        s->now_ns = e.at_ns;
        keep(s, &e);
        sim_happen(s, &e);
        end_night(s);
        s->result->events++;
        carry_out_all(s);
        if (s->options->fail_permille) /* small runs: worth a search */
            check_cancelled(s);
        wake_ns = hf_schedule_wake_ns(s->schedule);
    }
}

bool sim_execute(const sim_options *options, sim_result *out)
{
    *out = (sim_result){0};
    sim s = {.options = options,
             .result = out,
             .random = options->seed * 2 + 1,
             .start_ns = SIM_S,
             .now_ns = SIM_S};
    for (int i = 0; i < 4; i++)
        sim_draw(&s, 2);
    s.no_memory = !set_up(&s);
    if (!s.no_memory) {
        execute(&s);
        summarise(&s);
    }
    hf_schedule_free(s.schedule);
    for (uint32_t i = 0; s.runs && i < options->run_count; i++) {
        free(s.runs[i].list);
        free(s.runs[i].job_of_number);
        free(s.runs[i].jobs);
        free(s.runs[i].prepared);
    }
    free(s.runs);
    free(s.run_of_number);
    free(s.boards);
    free(s.workers);
    free(s.queue);
    free(s.busy_log);
    return !s.no_memory;
}

void sim_result_free(sim_result *result)
{
    free(result->runs);
    free(result->log);
    *result = (sim_result){0};
}
