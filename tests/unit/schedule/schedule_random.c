/* SPDX-License-Identifier: Apache-2.0 */
/* A model of the world around the scheduler, driven by a seeded generator over thousands of runs: whatever
 * happens in whatever order, no job is lost, no board does two things at once, attempts stay bounded, and the
 * run ends. */
#include "script.h"

#define RUNS       4000
#define MAX_JOBS   40
#define MAX_BOARDS 6
#define MAX_STEPS  200000

typedef struct world {
    uint64_t random;
    uint64_t now_ns;
    hf_schedule *schedule;
    script_policy policy;
    hf_schedule_job jobs[MAX_JOBS];
    hf_schedule_board boards[MAX_BOARDS];
    uint32_t job_count, board_count, preparation_count;
    uint32_t fail_percent, busy_percent, farm_permille, stop_permille, exclude_permille, check_permille;

    enum { SHUT, OPENING, OPEN, CHECKING, BUSY, CLOSING } board[MAX_BOARDS];
    bool requested[MAX_BOARDS], proven[MAX_BOARDS]; /* by a check, since the board was last away */
    uint32_t board_job[MAX_BOARDS];
    enum { UNPREPARED, PREPARING, READY, GONE } preparation[MAX_JOBS];
    uint32_t attempts[MAX_JOBS];
    uint32_t running[MAX_JOBS]; /* boards working on it: 0 or 1 */
    bool final[MAX_JOBS];
    hf_schedule_outcome outcome[MAX_JOBS];
    bool aborted, stopped, finished, over;
    uint32_t actions, evictions, checks;
} world;

static uint32_t draw(world *w, uint32_t below)
{
    w->random = w->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((w->random >> 33) % below);
}

static void setup(world *w, uint64_t seed)
{
    *w = (world){.random = seed * 2 + 1, .now_ns = seed};
    for (uint32_t i = 0; i < 4; i++)
        draw(w, 2);
    w->job_count = draw(w, MAX_JOBS + 1);
    w->board_count = draw(w, MAX_BOARDS + 1);
    uint32_t chips = 1 + draw(w, 3);
    w->preparation_count = w->job_count;
    for (uint32_t i = 0; i < w->job_count; i++) {
        w->jobs[i].chips = draw(w, 4) ? UINT64_C(1) << draw(w, chips) : 1 + draw(w, (1u << chips) - 1);
        w->jobs[i].preparation = draw(w, 3) ? i : draw(w, w->job_count);
    }
    for (uint32_t i = 0; i < w->board_count; i++)
        w->boards[i].chip = draw(w, chips);
    w->policy = (script_policy){.max_attempts = draw(w, 5),
                                .strikes = draw(w, 4),
                                .quarantine_ns = draw(w, 3) ? 1 + draw(w, 1000) : 0,
                                .quarantine_max_ns = draw(w, 2) ? 3000 : 0,
                                .max_quarantines = draw(w, 4),
                                .retry_delay_ns = draw(w, 2) ? draw(w, 500) : 0,
                                .run_deadline_ns = draw(w, 8) ? 0 : 1 + draw(w, 20000),
                                .prepare_ahead = draw(w, 5),
                                .prepare_limit = draw(w, 2) ? 1 + draw(w, 5) : 0};
    static const uint32_t fail_percents[] = {0, 5, 30, 70, 100};
    w->fail_percent = fail_percents[draw(w, 5)];
    static const uint32_t busy_percents[] = {0, 0, 20, 60, 100};
    w->busy_percent = busy_percents[draw(w, 5)];
    w->policy.busy_wait_ns = draw(w, 3) ? draw(w, 3000) : 0;
    w->policy.busy_retry_ns = 1 + draw(w, 500);
    w->farm_permille = draw(w, 10) ? 0 : 20;
    w->stop_permille = draw(w, 4) ? 0 : 10;
    w->exclude_permille = draw(w, 2) ? 0 : 60;
    w->check_permille = draw(w, 2) ? 0 : 30;
    w->policy.check_before_readmission = draw(w, 2);
    w->policy.drain_later = true;
    for (uint32_t i = 0; i < w->board_count; i++)
        w->proven[i] = !(w->boards[i].needs_check = !draw(w, 5));
    assert_int_equal(script_new(w->jobs, w->job_count, w->boards, w->board_count, &w->policy, w->now_ns,
                                &w->schedule, NULL),
                     HF_OK);
}

/* ---- What the scheduler asks for must be possible ---- */

static void check_start(world *w, const hf_schedule_action *a)
{
    assert_true(a->board < w->board_count && a->job < w->job_count);
    assert_int_equal(w->board[a->board], OPEN);
    assert_false(w->final[a->job]);
    assert_int_equal(w->running[a->job], 0);
    assert_true((w->jobs[a->job].chips >> w->boards[a->board].chip) & 1);
    assert_int_equal(w->preparation[w->jobs[a->job].preparation], READY);
    assert_int_equal(a->attempt, ++w->attempts[a->job]);
    assert_true(a->attempt <= (w->policy.max_attempts ? w->policy.max_attempts : 3));
    assert_false(w->stopped);
    assert_true(w->proven[a->board] && !w->requested[a->board]);
    w->board[a->board] = BUSY;
    w->board_job[a->board] = a->job;
    w->running[a->job]++;
}

static void check_final(world *w, const hf_schedule_action *a)
{
    assert_true(a->job < w->job_count);
    assert_false(w->final[a->job]);
    assert_int_equal(w->running[a->job], 0);
    assert_int_equal(a->attempt, w->attempts[a->job]);
    bool no_reason = a->outcome == HF_OUTCOME_DONE || a->outcome == HF_OUTCOME_EXCLUDED;
    assert_true(no_reason == (a->reason == HF_REASON_NONE));
    if (a->outcome == HF_OUTCOME_NOT_RUN && a->reason != HF_REASON_IN_USE)
        /* Whatever followed, the run has one reason to have ended. */
        assert_int_equal(a->reason, hf_schedule_stop_reason(w->schedule, 0));
    assert_true((a->outcome == HF_OUTCOME_FAILED) == (a->fault != HF_FAULT_NONE));
    w->final[a->job] = true;
    w->outcome[a->job] = a->outcome;
}

static void check_finished(world *w)
{
    for (uint32_t i = 0; i < w->job_count; i++)
        assert_true(w->final[i]);
    for (uint32_t i = 0; i < w->board_count; i++)
        assert_int_equal(w->board[i], SHUT);
    for (uint32_t i = 0; i < w->preparation_count; i++)
        assert_true(w->preparation[i] == UNPREPARED || w->preparation[i] == GONE);
    w->finished = true;
}

static uint32_t held(const world *w)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < w->preparation_count; i++)
        count += w->preparation[i] == PREPARING || w->preparation[i] == READY;
    return count;
}

static uint32_t prepare_limit(const world *w)
{
    return w->policy.prepare_limit ? w->policy.prepare_limit : 64 + 2 * w->board_count;
}

/* When no job needs it any more; or at the limit, while no job uses it: then it is prepared again later. */
static void check_release(world *w, uint32_t p)
{
    assert_int_equal(w->preparation[p], READY);
    bool needed = false, in_use = false;
    for (uint32_t i = 0; i < w->job_count; i++) {
        needed |= w->jobs[i].preparation == p && !w->final[i];
        in_use |= w->jobs[i].preparation == p && w->running[i];
    }
    assert_false(in_use);
    assert_true(!needed || held(w) == prepare_limit(w));
    w->evictions += needed;
    w->preparation[p] = needed ? UNPREPARED : GONE;
}

static void carry_out(world *w, const hf_schedule_action *a)
{
    assert_false(w->finished);
    w->actions++;
    switch (a->kind) {
    case HF_ACTION_PREPARE:
        assert_true(a->preparation < w->preparation_count);
        assert_int_equal(w->preparation[a->preparation], UNPREPARED);
        w->preparation[a->preparation] = PREPARING;
        assert_true(held(w) <= prepare_limit(w));
        break;
    case HF_ACTION_RELEASE:
        check_release(w, a->preparation);
        break;
    case HF_ACTION_OPEN:
        assert_int_equal(w->board[a->board], SHUT);
        assert_true(!w->stopped || w->requested[a->board]);
        w->board[a->board] = OPENING;
        break;
    case HF_ACTION_CHECK:
        assert_int_equal(w->board[a->board], OPEN);
        assert_true(w->requested[a->board] || !w->proven[a->board]);
        w->board[a->board] = CHECKING;
        w->checks++;
        break;
    case HF_ACTION_UNCHECKED:
        assert_true(w->requested[a->board] && w->board[a->board] != CHECKING);
        assert_int_not_equal(a->reason, HF_REASON_NONE);
        w->requested[a->board] = false;
        break;
    case HF_ACTION_START:
        check_start(w, a);
        break;
    case HF_ACTION_CANCEL:
        assert_true(w->board[a->board] == BUSY || w->board[a->board] == OPENING ||
                    w->board[a->board] == CHECKING);
        w->aborted = true; /* by request or by the deadline */
        break;
    case HF_ACTION_CLOSE:
        assert_int_equal(w->board[a->board], OPEN);
        w->board[a->board] = CLOSING;
        break;
    case HF_ACTION_FINAL:
        check_final(w, a);
        break;
    case HF_ACTION_RUN_OVER:
        assert_false(w->over);
        w->over = true;
        hf_schedule_drain(w->schedule);
        break;
    case HF_ACTION_FINISHED:
        assert_true(w->over);
        check_finished(w);
        break;
    }
}

/* ---- Something happens in the world ---- */

static hf_fault draw_fault(world *w)
{
    static const hf_fault faults[] = {HF_FAULT_NONE,  HF_FAULT_JOB,   HF_FAULT_BOARD,
                                      HF_FAULT_BOARD, HF_FAULT_PROBE, HF_FAULT_SERIAL};
    if (w->farm_permille && draw(w, 1000) < w->farm_permille) {
        w->stopped = true;
        return HF_FAULT_FARM;
    }
    return faults[draw(w, 6)];
}

static void happen_to_board(world *w, uint32_t b)
{
    bool fails = draw(w, 100) < w->fail_percent;
    bool busy = draw(w, 100) < w->busy_percent;
    hf_schedule_board_status before, after;
    assert_true(hf_schedule_board_status_get(w->schedule, b, &before));
    switch (w->board[b]) {
    case OPENING:
        if (busy) {
            w->board[b] = SHUT;
            assert_int_equal(hf_schedule_open_busy(w->schedule, b, w->now_ns, NULL), HF_OK);
            break;
        }
        w->board[b] = fails ? SHUT : OPEN;
        if (fails && !draw(w, 20))
            assert_int_equal(hf_schedule_open_in_vain(w->schedule, b, draw_fault(w), w->now_ns, NULL), HF_OK);
        else
            assert_int_equal(fails ? hf_schedule_open_failed(w->schedule, b, draw_fault(w), w->now_ns, NULL)
                                   : hf_schedule_opened(w->schedule, b, w->now_ns, NULL),
                             HF_OK);
        break;
    case BUSY:
        w->board[b] = OPEN;
        w->running[w->board_job[b]]--;
        busy = busy && !draw(w, 4);
        if (busy) {
            w->attempts[w->board_job[b]]--;
            assert_int_equal(hf_schedule_attempt_busy(w->schedule, b, w->now_ns, NULL), HF_OK);
            break;
        }
        if (fails && !draw(w, 20))
            assert_int_equal(hf_schedule_attempt_in_vain(w->schedule, b, draw_fault(w), w->now_ns, NULL),
                             HF_OK);
        else
            assert_int_equal(fails
                                 ? hf_schedule_attempt_failed(w->schedule, b, draw_fault(w), w->now_ns, NULL)
                                 : hf_schedule_attempt_done(w->schedule, b, w->now_ns, NULL),
                             HF_OK);
        break;
    case CHECKING:
        w->board[b] = OPEN;
        busy = busy && !draw(w, 4);
        if (busy) {
            assert_int_equal(hf_schedule_check_busy(w->schedule, b, w->now_ns, NULL), HF_OK);
            break;
        }
        w->requested[b] = false;
        w->proven[b] |= !fails;
        assert_int_equal(fails ? hf_schedule_check_failed(w->schedule, b, draw_fault(w), w->now_ns, NULL)
                               : hf_schedule_check_passed(w->schedule, b, w->now_ns, NULL),
                         HF_OK);
        break;
    case CLOSING:
        w->board[b] = SHUT;
        assert_int_equal(hf_schedule_closed(w->schedule, b, w->now_ns, NULL), HF_OK);
        break;
    default:
        fail();
    }
    assert_true(hf_schedule_board_status_get(w->schedule, b, &after));
    if (w->policy.check_before_readmission && (after.quarantined || (after.given_up && !after.in_use)))
        w->proven[b] = false;
    w->proven[b] &= !after.check_due;
    /* Whoever else uses a board, that says nothing about its health. */
    if (busy && before.state != HF_BOARD_CLOSING)
        assert_true(after.strikes == before.strikes && after.failed == before.failed &&
                    after.quarantines == before.quarantines);
}

static void happen_to_preparation(world *w, uint32_t p)
{
    bool fails = draw(w, 200) < w->fail_percent;
    w->preparation[p] = fails ? GONE : READY;
    assert_int_equal(fails ? hf_schedule_prepare_failed(w->schedule, 0, p, draw_fault(w), w->now_ns, NULL)
                           : hf_schedule_prepared(w->schedule, 0, p, w->now_ns, NULL),
                     HF_OK);
}

/* Some job that waits needs no board any more. */
static void exclude_one(world *w)
{
    uint32_t job = draw(w, w->job_count);
    bool waits = !w->final[job] && !w->running[job];
    assert_int_equal(hf_schedule_exclude(w->schedule, 0, job, w->now_ns, NULL), waits ? HF_OK : HF_EINVALID);
}

static void request_check(world *w)
{
    const uint32_t b = draw(w, w->board_count);
    hf_schedule_board_status status;
    assert_true(hf_schedule_board_status_get(w->schedule, b, &status));
    if (hf_schedule_check_board(w->schedule, b, w->now_ns + 1 + draw(w, 2000), w->now_ns, NULL) != HF_OK)
        return;
    w->requested[b] = true;
    w->proven[b] &= !(status.quarantined || (status.given_up && !status.in_use));
}

/* One of the answers that are due, or, when none is, the time for which the scheduler asked to be woken. */
static void happen(world *w)
{
    uint32_t due[MAX_BOARDS + MAX_JOBS], count = 0;
    for (uint32_t i = 0; i < w->board_count; i++)
        if (w->board[i] != SHUT && w->board[i] != OPEN)
            due[count++] = i;
    for (uint32_t i = 0; i < w->preparation_count; i++)
        if (w->preparation[i] == PREPARING)
            due[count++] = MAX_BOARDS + i;
    if (w->stop_permille && draw(w, 1000) < w->stop_permille) {
        bool abort = draw(w, 2);
        hf_schedule_stop(w->schedule, abort, draw(w, 2) ? HF_REASON_STOPPED : HF_REASON_FARM, w->now_ns);
        w->stopped = true;
        return;
    }
    if (w->exclude_permille && w->job_count && draw(w, 1000) < w->exclude_permille) {
        exclude_one(w);
        return;
    }
    if (w->check_permille && w->board_count && draw(w, 1000) < w->check_permille) {
        request_check(w);
        return;
    }
    uint64_t wake_ns = hf_schedule_wake_ns(w->schedule);
    assert_true(wake_ns > w->now_ns);
    if (!count || !draw(w, 8)) {
        if (!count) /* nothing is under way: only time can help, so there must be one to wait for */
            assert_true(wake_ns != HF_SCHEDULE_NEVER);
        w->now_ns =
            wake_ns != HF_SCHEDULE_NEVER && (!count || draw(w, 2)) ? wake_ns : w->now_ns + draw(w, 50);
        return;
    }
    w->now_ns += draw(w, 100);
    uint32_t which = due[draw(w, count)];
    if (which < MAX_BOARDS)
        happen_to_board(w, which);
    else
        happen_to_preparation(w, which - MAX_BOARDS);
}

static void run(uint64_t seed, uint32_t outcomes[4], uint32_t *evictions, uint32_t *checks)
{
    world w;
    setup(&w, seed);
    uint32_t steps = 0;
    for (; !w.finished && steps < MAX_STEPS; steps++) {
        hf_schedule_action action;
        while (hf_schedule_next(w.schedule, w.now_ns, &action)) {
            carry_out(&w, &action);
            assert_true(w.actions < MAX_STEPS);
        }
        hf_schedule_progress p = hf_schedule_progress_get(w.schedule, 0);
        assert_int_equal(p.done + p.failed + p.not_run + p.excluded + p.running + p.waiting, w.job_count);
        if (!w.finished)
            happen(&w);
    }
    if (!w.finished)
        fail_msg("the run with seed %ju does not end", (uintmax_t)seed);
    for (uint32_t i = 0; i < w.job_count; i++)
        outcomes[w.outcome[i]]++;
    *evictions += w.evictions;
    *checks += w.checks;
    hf_schedule_free(w.schedule);
}

static void test_invariants_hold_whatever_happens(void **state)
{
    (void)state;
    uint32_t outcomes[4] = {0}, evictions = 0, checks = 0;
    for (uint64_t seed = 0; seed < RUNS; seed++)
        run(seed, outcomes, &evictions, &checks);
    /* The world was varied enough for every outcome to be common. */
    assert_true(outcomes[HF_OUTCOME_DONE] > RUNS);
    assert_true(outcomes[HF_OUTCOME_FAILED] > RUNS);
    assert_true(outcomes[HF_OUTCOME_NOT_RUN] > RUNS);
    assert_true(outcomes[HF_OUTCOME_EXCLUDED] > RUNS / 4);
    assert_true(evictions > RUNS / 100);
    assert_true(checks > RUNS / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_invariants_hold_whatever_happens)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
