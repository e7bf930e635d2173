/* SPDX-License-Identifier: Apache-2.0 */
/* What the scheduler wants done: whether it may be, and when it will have been. */
#include "simulation_internal.h"

void sim_note_busy(sim *s)
{
    if (s->busy > s->result->most_busy)
        s->result->most_busy = s->busy;
    if (s->busy_count + 2 > s->busy_capacity) {
        const uint64_t capacity = s->busy_capacity ? 2 * s->busy_capacity : 1024;
        s->busy_log = sim_grown(s, s->busy_log, capacity, sizeof *s->busy_log);
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
    if (sim_draw(s, 1000) < s->options->farm_permille)
        return HF_FAULT_FARM;
    return faults[sim_draw(s, 5)];
}

static void draw_result(sim *s, sim_event *event, uint32_t fail_permille, uint32_t busy_permille)
{
    if (sim_draw(s, 1000) < fail_permille) {
        event->result = event->kind == SIM_OPENED && !sim_draw(s, 30) ? SIM_IN_VAIN : SIM_FAILED;
        event->fault = draw_fault(s);
    } else if (sim_draw(s, 1000) < busy_permille) {
        event->result = SIM_BUSY;
    }
}

bool sim_illegal(sim *s, bool legal)
{
    s->result->illegal += !legal;
    return !legal;
}

bool sim_may_use(const sim_options *options, const sim_run *run, uint32_t board)
{
    const uint32_t from = (board + options->board_count - run->board_from) % options->board_count;
    return ((run->chips >> options->boards[board].chip) & 1) &&
           (!run->board_count || from < run->board_count);
}

/* Whether some run that may use a board has jobs left. */
static bool is_wanted(const sim *s, uint32_t board)
{
    for (uint32_t i = 0; i < s->options->run_count; i++)
        if (s->runs[i].live && s->runs[i].finals < s->runs[i].job_count &&
            sim_may_use(s->options, s->runs[i].request, board))
            return true;
    return false;
}

static void open_board(sim *s, const hf_schedule_action *a)
{
    live_board *b = &s->boards[a->board];
    if (sim_illegal(s, b->state == SIM_SHUT && !b->disabled && !b->reserved &&
                           (b->requested || is_wanted(s, a->board))))
        return;
    b->state = SIM_OPENING;
    if (++s->opening > s->result->most_opening)
        s->result->most_opening = s->opening;
    sim_event event = {.at_ns = s->now_ns + s->options->open_ns, .kind = SIM_OPENED, .board = a->board};
    draw_result(s, &event, s->options->fail_permille, s->options->busy_permille);
    sim_schedule_event(s, event);
}

static void start_check(sim *s, const hf_schedule_action *a)
{
    live_board *b = &s->boards[a->board];
    if (sim_illegal(s, b->state == SIM_OPEN && !b->disabled && !b->reserved && (b->requested || b->due)))
        return;
    b->state = SIM_CHECKING;
    s->result->checks++;
    sim_event event = {
        .at_ns = s->now_ns + s->options->boards[a->board].attempt_ns, .kind = SIM_CHECKED, .board = a->board};
    draw_result(s, &event, s->options->fail_permille, s->options->busy_permille / 4);
    sim_schedule_event(s, event);
}

static void start_attempt(sim *s, const hf_schedule_action *a)
{
    const uint32_t run = s->run_of_number[a->run];
    live_run *r = &s->runs[run];
    live_board *b = &s->boards[a->board];
    const sim_board *kind = &s->options->boards[a->board];
    const uint32_t job = r->job_of_number[a->job];
    sim_job *j = &r->jobs[job];
    const hf_schedule_job *list = &r->list[job];
    if (sim_illegal(s, r->live && b->state == SIM_OPEN && !j->finals && ((list->chips >> kind->chip) & 1) &&
                           r->prepared[list->preparation] == SIM_HELD && a->attempt == ++j->attempts &&
                           !b->disabled && !b->reserved && !b->requested && !b->due &&
                           sim_may_use(s->options, r->request, a->board)))
        return;
    s->result->doubled += j->running;
    s->result->attempts++;
    j->running = true;
    b->state = SIM_BUSY_BOARD;
    b->run = run;
    b->job = job;
    b->started_ns = s->now_ns;
    sim_run_result *rr = &s->result->runs[run];
    if (!rr->first_start_ns)
        rr->first_start_ns = s->now_ns - s->start_ns;
    else if (s->now_ns - r->last_start_ns > rr->longest_gap_ns)
        rr->longest_gap_ns = s->now_ns - r->last_start_ns;
    r->last_start_ns = s->now_ns;
    s->busy++;
    sim_note_busy(s);
    const uint32_t spread = s->options->spread_percent;
    const uint64_t ns = kind->attempt_ns * (100 - spread + sim_draw(s, 2 * spread + 1)) / 100;
    sim_event event = {.at_ns = s->now_ns + ns, .kind = SIM_ATTEMPTED, .board = a->board};
    draw_result(s, &event, s->options->fail_permille, s->options->busy_permille / 4);
    sim_schedule_event(s, event);
}

static void prepare(sim *s, const hf_schedule_action *a)
{
    const uint32_t run = s->run_of_number[a->run];
    uint8_t *prepared = &s->runs[run].prepared[a->preparation];
    if (sim_illegal(s, *prepared == SIM_UNPREPARED))
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
    sim_schedule_event(s, event);
}

static void release(sim *s, const hf_schedule_action *a)
{
    live_run *r = &s->runs[s->run_of_number[a->run]];
    if (sim_illegal(s, r->prepared[a->preparation] == SIM_HELD))
        return;
    if (s->options->fail_permille) /* small runs: worth a search */
        for (uint32_t i = 0; i < r->job_count; i++)
            (void)sim_illegal(s,
                              r->list[i].preparation != a->preparation || !r->jobs[i].running); /* counted */
    r->prepared[a->preparation] = SIM_UNPREPARED;
    s->held--;
}

static void final(sim *s, const hf_schedule_action *a)
{
    const uint32_t run = s->run_of_number[a->run];
    live_run *r = &s->runs[run];
    sim_job *j = &r->jobs[r->job_of_number[a->job]];
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
        (void)sim_illegal(s, r->prepared[r->list[i].preparation] == SIM_UNPREPARED); /* counted */
    r->live = false;
    s->result->runs[s->run_of_number[a->run]].over = true;
    (void)sim_illegal(s, hf_schedule_remove_run(s->schedule, a->run, NULL) == HF_OK); /* counted */
}

void sim_carry_out(sim *s, const hf_schedule_action *a)
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
        (void)sim_illegal(s, b->state == SIM_OPENING || b->state == SIM_CHECKING ||
                                 b->state == SIM_BUSY_BOARD); /* counted */
        b->cancelled = true;
        break;
    case HF_ACTION_CLOSE:
        if (sim_illegal(s, b->state == SIM_OPEN))
            break;
        b->state = SIM_CLOSING;
        sim_schedule_event(
            s, (sim_event){.at_ns = s->now_ns + s->options->close_ns, .kind = SIM_CLOSED, .board = a->board});
        break;
    case HF_ACTION_CHECK:
        start_check(s, a);
        break;
    case HF_ACTION_UNCHECKED:
        (void)sim_illegal(s, b->requested && b->state != SIM_CHECKING); /* counted */
        b->requested = false;
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
