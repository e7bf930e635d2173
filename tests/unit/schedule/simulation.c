/* SPDX-License-Identifier: Apache-2.0 */
#include "simulation.h"

#include <stdlib.h>
#include <string.h>

typedef enum event_kind {
    SIM_SUBMIT,
    SIM_CANCEL,
    SIM_OPENED,
    SIM_ATTEMPTED,
    SIM_CLOSED,
    SIM_PREPARED,
    SIM_WAKE,
    SIM_PERSON, /* somebody reserves, releases, disables or enables a board, or excludes a job */
} event_kind;

/* What comes of it. */
typedef enum event_result { SIM_GOOD, SIM_FAILED, SIM_BUSY, SIM_IN_VAIN } event_result;

struct sim_event {
    uint64_t at_ns, order;
    event_kind kind;
    event_result result;
    hf_fault fault;
    uint32_t board, run, preparation;
    uint32_t person; /* PERSON: which action */
};

typedef struct sim_job {
    uint32_t attempts, successes, finals;
    uint32_t board; /* of the success */
    bool running;
} sim_job;

typedef enum sim_prepared { SIM_UNPREPARED, SIM_PREPARING, SIM_HELD } sim_prepared;

typedef struct live_run {
    const sim_run *request;
    hf_schedule_job *list; /* as submitted */
    sim_job *jobs;
    uint8_t *prepared; /* sim_prepared */
    uint32_t job_count, finals;
    uint64_t last_start_ns;
    bool live;
} live_run;

typedef struct live_board {
    enum { SIM_SHUT, SIM_OPENING, SIM_OPEN, SIM_BUSY_BOARD, SIM_CLOSING } state;
    uint32_t run, job; /* BUSY; run: index of the simulation */
    uint64_t started_ns;
    bool cancelled, disabled, reserved;
} live_board;

typedef struct sim {
    const sim_options *options;
    sim_result *result;
    hf_schedule *schedule;
    uint64_t random, now_ns, start_ns, order;
    sim_event *queue; /* binary heap */
    uint32_t queue_count, queue_capacity;
    uint64_t log_capacity;
    live_run *runs;
    uint32_t *run_of_number; /* the scheduler's number of a run -> ours */
    live_board *boards;
    uint64_t *workers; /* when each is free */
    uint32_t busy, opening, held;
    uint64_t busy_since_ns;
    uint64_t *busy_log; /* pairs of time and boards busy */
    uint64_t busy_count, busy_capacity;
    bool finished, no_memory;
} sim;

static uint32_t draw(sim *s, uint32_t below)
{
    s->random = s->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return below ? (uint32_t)((s->random >> 33) % below) : 0;
}

/* ---- The queue of what happens when ---- */

static bool before(const sim_event *a, const sim_event *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

static void *grown(sim *s, void *items, uint64_t capacity, size_t size)
{
    void *more = realloc(items, (size_t)capacity * size);
    s->no_memory |= !more;
    return more ? more : items;
}

static void schedule_event(sim *s, sim_event event)
{
    if (s->queue_count == s->queue_capacity) {
        const uint32_t capacity = s->queue_capacity ? 2 * s->queue_capacity : 64;
        s->queue = grown(s, s->queue, capacity, sizeof *s->queue);
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

static sim_event next_event(sim *s)
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

/* ---- Carrying out actions ---- */

static void note_busy(sim *s)
{
    if (s->busy > s->result->most_busy)
        s->result->most_busy = s->busy;
    if (s->busy_count + 2 > s->busy_capacity) {
        const uint64_t capacity = s->busy_capacity ? 2 * s->busy_capacity : 1024;
        s->busy_log = grown(s, s->busy_log, capacity, sizeof *s->busy_log);
        if (s->no_memory)
            return;
        s->busy_capacity = capacity;
    }
    s->busy_log[s->busy_count++] = s->now_ns;
    s->busy_log[s->busy_count++] = s->busy;
}

static hf_fault draw_fault(sim *s)
{
    static const hf_fault faults[] = {HF_FAULT_JOB, HF_FAULT_BOARD, HF_FAULT_BOARD, HF_FAULT_PROBE,
                                      HF_FAULT_SERIAL};
    if (draw(s, 1000) < s->options->farm_permille)
        return HF_FAULT_FARM;
    return faults[draw(s, 5)];
}

static void draw_result(sim *s, sim_event *event, uint32_t fail_permille, uint32_t busy_permille)
{
    if (draw(s, 1000) < fail_permille) {
        event->result = event->kind == SIM_OPENED && !draw(s, 30) ? SIM_IN_VAIN : SIM_FAILED;
        event->fault = draw_fault(s);
    } else if (draw(s, 1000) < busy_permille) {
        event->result = SIM_BUSY;
    }
}

static bool illegal(sim *s, bool legal)
{
    s->result->illegal += !legal;
    return !legal;
}

static void open_board(sim *s, const hf_schedule_action *a)
{
    live_board *b = &s->boards[a->board];
    if (illegal(s, b->state == SIM_SHUT && !b->disabled && !b->reserved))
        return;
    b->state = SIM_OPENING;
    if (++s->opening > s->result->most_opening)
        s->result->most_opening = s->opening;
    sim_event event = {.at_ns = s->now_ns + s->options->open_ns, .kind = SIM_OPENED, .board = a->board};
    draw_result(s, &event, s->options->fail_permille, s->options->busy_permille);
    schedule_event(s, event);
}

static void start_attempt(sim *s, const hf_schedule_action *a)
{
    const uint32_t run = s->run_of_number[a->run];
    live_run *r = &s->runs[run];
    live_board *b = &s->boards[a->board];
    const sim_board *kind = &s->options->boards[a->board];
    sim_job *j = &r->jobs[a->job];
    const hf_schedule_job *list = &r->list[a->job];
    if (illegal(s, r->live && b->state == SIM_OPEN && !j->finals && ((list->chips >> kind->chip) & 1) &&
                       r->prepared[list->preparation] == SIM_HELD && a->attempt == ++j->attempts &&
                       !b->disabled && !b->reserved))
        return;
    s->result->doubled += j->running;
    s->result->attempts++;
    j->running = true;
    b->state = SIM_BUSY_BOARD;
    b->run = run;
    b->job = a->job;
    b->started_ns = s->now_ns;
    sim_run_result *rr = &s->result->runs[run];
    if (!rr->first_start_ns)
        rr->first_start_ns = s->now_ns - s->start_ns;
    else if (s->now_ns - r->last_start_ns > rr->longest_gap_ns)
        rr->longest_gap_ns = s->now_ns - r->last_start_ns;
    r->last_start_ns = s->now_ns;
    s->busy++;
    note_busy(s);
    const uint32_t spread = s->options->spread_percent;
    const uint64_t ns = kind->attempt_ns * (100 - spread + draw(s, 2 * spread + 1)) / 100;
    sim_event event = {.at_ns = s->now_ns + ns, .kind = SIM_ATTEMPTED, .board = a->board};
    draw_result(s, &event, s->options->fail_permille, s->options->busy_permille / 4);
    schedule_event(s, event);
}

static void prepare(sim *s, const hf_schedule_action *a)
{
    const uint32_t run = s->run_of_number[a->run];
    uint8_t *prepared = &s->runs[run].prepared[a->preparation];
    if (illegal(s, *prepared == SIM_UNPREPARED))
        return;
    *prepared = SIM_PREPARING;
    s->result->preparations++;
    if (++s->held > s->result->most_held)
        s->result->most_held = s->held;
    uint32_t worker = 0;
    for (uint32_t i = 1; i < s->options->prepare_workers; i++)
        if (s->workers[i] < s->workers[worker])
            worker = i;
    const uint64_t from = s->workers[worker] > s->now_ns ? s->workers[worker] : s->now_ns;
    s->workers[worker] = from + s->options->prepare_ns;
    sim_event event = {
        .at_ns = s->workers[worker], .kind = SIM_PREPARED, .run = run, .preparation = a->preparation};
    draw_result(s, &event, s->options->fail_permille / 5, 0);
    schedule_event(s, event);
}

static void release(sim *s, const hf_schedule_action *a)
{
    live_run *r = &s->runs[s->run_of_number[a->run]];
    if (illegal(s, r->prepared[a->preparation] == SIM_HELD))
        return;
    if (s->options->fail_permille) /* small runs: worth a search */
        for (uint32_t i = 0; i < r->job_count; i++)
            (void)illegal(s, r->list[i].preparation != a->preparation || !r->jobs[i].running); /* counted */
    r->prepared[a->preparation] = SIM_UNPREPARED;
    s->held--;
}

static void final(sim *s, const hf_schedule_action *a)
{
    const uint32_t run = s->run_of_number[a->run];
    live_run *r = &s->runs[run];
    sim_job *j = &r->jobs[a->job];
    sim_run_result *rr = &s->result->runs[run];
    s->result->doubled += j->finals++ > 0;
    const bool done = a->outcome == HF_OUTCOME_DONE;
    s->result->wrong += done != (j->successes == 1) || (done && a->board != j->board) ||
                        a->attempt != j->attempts || j->running;
    r->finals++;
    rr->last_final_ns = s->now_ns - s->start_ns;
    rr->done += done;
    rr->failed += a->outcome == HF_OUTCOME_FAILED;
    rr->not_run += a->outcome == HF_OUTCOME_NOT_RUN;
    rr->excluded += a->outcome == HF_OUTCOME_EXCLUDED;
}

static void run_over(sim *s, const hf_schedule_action *a)
{
    live_run *r = &s->runs[s->run_of_number[a->run]];
    for (uint32_t i = 0; i < r->job_count; i++)
        s->result->lost += !r->jobs[i].finals;
    for (uint32_t i = 0; i < r->job_count; i++)
        (void)illegal(s, r->prepared[r->list[i].preparation] == SIM_UNPREPARED); /* counted */
    r->live = false;
    s->result->runs[s->run_of_number[a->run]].over = true;
    (void)illegal(s, hf_schedule_remove_run(s->schedule, a->run, NULL) == HF_OK); /* counted */
}

static void carry_out(sim *s, const hf_schedule_action *a)
{
    live_board *b = &s->boards[a->board == HF_SCHEDULE_NONE ? 0 : a->board];
    switch (a->kind) {
    case HF_ACTION_PREPARE:
        prepare(s, a);
        break;
    case HF_ACTION_RELEASE:
        release(s, a);
        break;
    case HF_ACTION_OPEN:
        open_board(s, a);
        break;
    case HF_ACTION_START:
        start_attempt(s, a);
        break;
    case HF_ACTION_CANCEL:
        (void)illegal(s, b->state == SIM_OPENING || b->state == SIM_BUSY_BOARD); /* counted */
        b->cancelled = true;
        break;
    case HF_ACTION_CLOSE:
        if (illegal(s, b->state == SIM_OPEN))
            break;
        b->state = SIM_CLOSING;
        schedule_event(
            s, (sim_event){.at_ns = s->now_ns + s->options->close_ns, .kind = SIM_CLOSED, .board = a->board});
        break;
    case HF_ACTION_FINAL:
        final(s, a);
        break;
    case HF_ACTION_RUN_OVER:
        run_over(s, a);
        break;
    case HF_ACTION_FINISHED:
        s->finished = true;
        break;
    }
}

/* ---- What happens ---- */

static void submit(sim *s, uint32_t index)
{
    const sim_run *request = &s->options->runs[index];
    live_run *r = &s->runs[index];
    const uint32_t chips = (uint32_t)__builtin_popcountll(request->chips);
    r->request = request;
    r->job_count = request->variations * chips;
    r->list = calloc(r->job_count + 1u, sizeof *r->list);
    r->jobs = calloc(r->job_count + 1u, sizeof *r->jobs);
    r->prepared = calloc(request->variations + 1u, 1);
    if (!r->list || !r->jobs || !r->prepared) {
        s->no_memory = true;
        return;
    }
    uint32_t count = 0;
    for (uint32_t v = 0; v < request->variations; v++)
        for (uint64_t left = request->chips; left; left &= left - 1)
            r->list[count++] = (hf_schedule_job){.chips = left & -left, .preparation = v};
    uint32_t number = 0;
    const hf_schedule_run run = {.owner = request->owner,
                                 .priority = request->priority,
                                 .jobs = r->list,
                                 .job_count = r->job_count,
                                 .retry_delay_ns = s->options->retry_delay_ns};
    r->live = true;
    r->last_start_ns = s->now_ns;
    if (illegal(s, hf_schedule_add_run(s->schedule, &run, s->now_ns, &number, NULL) == HF_OK))
        return;
    s->run_of_number[number] = index;
    if (index + 1 == s->options->run_count)
        hf_schedule_drain(s->schedule);
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
    note_busy(s);
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

static hf_status prepared(sim *s, const sim_event *e)
{
    const bool good = e->result == SIM_GOOD;
    const uint32_t number = number_of(s, e->run);
    s->runs[e->run].prepared[e->preparation] = good ? SIM_HELD : SIM_UNPREPARED;
    s->held -= !good;
    return good ? hf_schedule_prepared(s->schedule, number, e->preparation, s->now_ns, NULL)
                : hf_schedule_prepare_failed(s->schedule, number, e->preparation, e->fault, s->now_ns, NULL);
}

static void person(sim *s)
{
    const uint32_t index = draw(s, s->options->board_count);
    live_board *b = &s->boards[index];
    hf_status status = HF_OK;
    switch (draw(s, 5)) {
    case 0:
        b->reserved = true;
        status = hf_schedule_reserve_board(s->schedule, index, HF_SCHEDULE_NEVER, s->now_ns, NULL);
        break;
    case 1:
        b->reserved = false;
        status = hf_schedule_release_board(s->schedule, index, s->now_ns, NULL);
        break;
    case 2:
        if (draw(s, 3))
            break;
        b->disabled = true;
        status = hf_schedule_disable_board(s->schedule, index, s->now_ns, NULL);
        break;
    case 3:
        b->disabled = b->reserved = false;
        status = hf_schedule_enable_board(s->schedule, index, s->now_ns, NULL);
        if (status == HF_OK)
            status = hf_schedule_release_board(s->schedule, index, s->now_ns, NULL);
        break;
    default: {
        const uint32_t run = draw(s, s->options->run_count);
        live_run *r = &s->runs[run];
        if (!r->live || !r->job_count)
            break;
        const uint32_t job = draw(s, r->job_count);
        const bool waits = !r->jobs[job].finals && !r->jobs[job].running;
        if (waits)
            status = hf_schedule_exclude(s->schedule, number_of(s, run), job, s->now_ns, NULL);
        break;
    }
    }
    (void)illegal(s, status == HF_OK); /* counted */
}

static void happen(sim *s, const sim_event *e)
{
    hf_status status = HF_OK;
    switch (e->kind) {
    case SIM_SUBMIT:
        submit(s, e->run);
        break;
    case SIM_CANCEL:
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
    (void)illegal(s, status == HF_OK); /* counted */
}

/* ---- From the beginning to the end ---- */

static void keep(sim *s, const sim_event *e)
{
    sim_result *r = s->result;
    if (!s->options->log)
        return;
    if (r->log_count == s->log_capacity) {
        const uint64_t capacity = s->log_capacity ? 2 * s->log_capacity : 4096;
        r->log = grown(s, r->log, capacity, sizeof *r->log);
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
    for (uint32_t i = 0; ok && i < o->run_count; i++) {
        schedule_event(
            s, (sim_event){.at_ns = s->start_ns + o->runs[i].submit_ns, .kind = SIM_SUBMIT, .run = i});
        if (o->runs[i].cancel_ns)
            schedule_event(
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

static void execute(sim *s)
{
    const uint64_t limit = step_limit(s->options);
    uint64_t wake_ns = HF_SCHEDULE_NEVER, steps = 0;
    while (!s->finished && !s->no_memory && steps++ < limit) {
        const bool person_next = s->options->event_permille && draw(s, 1000) < s->options->event_permille;
        sim_event e = {.kind = SIM_WAKE, .at_ns = wake_ns};
        if (person_next) {
            e = (sim_event){.kind = SIM_PERSON, .at_ns = s->now_ns};
            person(s);
        } else if (s->queue_count && s->queue[0].at_ns <= wake_ns) {
            e = next_event(s);
        } else if (wake_ns == HF_SCHEDULE_NEVER) {
            if (!s->options->event_permille)
                return;          /* nothing will ever happen */
            e.at_ns = s->now_ns; /* everything is in the hands of people */
            person(s);
        }
        s->now_ns = e.at_ns;
        keep(s, &e);
        happen(s, &e);
        s->result->events++;
        hf_schedule_action action;
        while (!s->no_memory && hf_schedule_next(s->schedule, s->now_ns, &action))
            carry_out(s, &action);
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
        draw(&s, 2);
    s.no_memory = !set_up(&s);
    if (!s.no_memory) {
        execute(&s);
        summarise(&s);
    }
    hf_schedule_free(s.schedule);
    for (uint32_t i = 0; s.runs && i < options->run_count; i++) {
        free(s.runs[i].list);
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

/* ---- Replay: the same events without the simulation around them ---- */

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
    const hf_schedule_run list = {.owner = request->owner,
                                  .priority = request->priority,
                                  .jobs = jobs,
                                  .job_count = request->variations};
    uint32_t run;
    if (hf_schedule_add_run(schedule, &list, e->at_ns, &run, NULL) == HF_OK &&
        e->run + 1 == options->run_count)
        hf_schedule_drain(schedule);
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
