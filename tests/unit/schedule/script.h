/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_TEST_SCHEDULE_SCRIPT_H
#define HF_TEST_SCHEDULE_SCRIPT_H

#include "hf_test.h"

#include "schedule/progress.h"

/**
 * @file script.h
 * The scheduler driven by hand: what it wants done as one line of text to compare with, and events by one
 * call. Times are in seconds to keep the tests readable.
 */

#define S UINT64_C(1000000000)

/* What a test says of boards and its one run together. */
typedef struct script_policy {
    uint32_t max_attempts, strikes, max_quarantines, prepare_ahead, prepare_limit;
    uint64_t quarantine_ns, quarantine_max_ns, retry_delay_ns, busy_wait_ns, agent_wait_ns, busy_retry_ns,
        run_deadline_ns;
    bool check_before_readmission;
    bool drain_later; /* by the test */
} script_policy;

typedef struct script {
    hf_schedule *schedule;
    uint64_t now_ns;
    uint32_t runs_over;
    bool many; /* several runs: jobs and preparations are written as run.index */
    char text[4096];
} script;

__attribute__((format(printf, 2, 3))) static inline void script_append(script *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t used = strlen(t->text);
    vsnprintf(t->text + used, sizeof t->text - used, format, args);
    va_end(args);
}

/* One action of several runs: "start 1.0 on 0 #1; final 1.0 done; over 1". */
static inline void script_many(script *t, const hf_schedule_action *a)
{
    static const char *const outcomes[] = {"done", "failed", "not run", "excluded"};
    if (t->text[0])
        script_append(t, "; ");
    switch (a->kind) {
    case HF_ACTION_PREPARE:
    case HF_ACTION_RELEASE:
        script_append(t, "%s %u.%u", a->kind == HF_ACTION_PREPARE ? "prepare" : "release", a->run,
                      a->preparation);
        break;
    case HF_ACTION_START:
        script_append(t, "start %u.%u on %u #%u", a->run, a->job, a->board, a->attempt);
        break;
    case HF_ACTION_OPEN:
    case HF_ACTION_CLOSE:
    case HF_ACTION_CANCEL:
    case HF_ACTION_CHECK:
        script_append(t, "%s %u",
                      a->kind == HF_ACTION_OPEN    ? "open"
                      : a->kind == HF_ACTION_CLOSE ? "close"
                      : a->kind == HF_ACTION_CHECK ? "check"
                                                   : "cancel",
                      a->board);
        break;
    case HF_ACTION_UNCHECKED:
        script_append(t, "unchecked %u (%s)", a->board, hf_schedule_reason_text(a->reason));
        break;
    case HF_ACTION_FINAL:
        script_append(t, "final %u.%u %s", a->run, a->job, outcomes[a->outcome]);
        if (a->reason != HF_REASON_NONE)
            script_append(t, " (%s)", hf_schedule_reason_text(a->reason));
        break;
    case HF_ACTION_RUN_OVER:
        script_append(t, "over %u", a->run);
        break;
    case HF_ACTION_FINISHED:
        script_append(t, "finished");
        break;
    }
}

/* Everything to be done now: "prepare 0; open 1; start 0 on 1 #1; final 0
 * failed attempts/board; finished". */
static inline const char *script_actions(script *t)
{
    static const char *const reasons[] = {"",      "job",  "preparation", "attempts", "no_board", "in_use",
                                          "agent", "farm", "stopped",     "deadline", "disabled"};
    hf_schedule_action a;
    t->text[0] = '\0';
    while (hf_schedule_next(t->schedule, t->now_ns, &a)) {
        if (t->many) {
            script_many(t, &a);
            continue;
        }
        if (a.kind == HF_ACTION_RUN_OVER) { /* the only run: before the end, and once */
            assert_int_equal(a.run, 0);
            t->runs_over++;
            continue;
        }
        if (t->text[0])
            script_append(t, "; ");
        switch (a.kind) {
        case HF_ACTION_PREPARE:
            script_append(t, "prepare %u", a.preparation);
            break;
        case HF_ACTION_RELEASE:
            script_append(t, "release %u", a.preparation);
            break;
        case HF_ACTION_OPEN:
            script_append(t, "open %u", a.board);
            break;
        case HF_ACTION_START:
            script_append(t, "start %u on %u #%u", a.job, a.board, a.attempt);
            break;
        case HF_ACTION_CANCEL:
            script_append(t, "cancel %u", a.board);
            break;
        case HF_ACTION_CLOSE:
            script_append(t, "close %u", a.board);
            break;
        case HF_ACTION_FINAL:
            if (a.outcome == HF_OUTCOME_DONE)
                script_append(t, "final %u done", a.job);
            else if (a.outcome == HF_OUTCOME_FAILED)
                script_append(t, "final %u failed %s/%s", a.job, reasons[a.reason], hf_fault_name(a.fault));
            else if (a.outcome == HF_OUTCOME_EXCLUDED)
                script_append(t, "final %u excluded", a.job);
            else
                script_append(t, "final %u not run %s", a.job, reasons[a.reason]);
            break;
        case HF_ACTION_CHECK:
        case HF_ACTION_UNCHECKED:
            fail_msg("a check in a test without checks");
            break;
        case HF_ACTION_RUN_OVER:
            break;
        case HF_ACTION_FINISHED:
            assert_int_equal(t->runs_over, 1);
            script_append(t, "finished");
            break;
        }
    }
    return t->text;
}

#define EXPECT(t, expected) assert_string_equal(script_actions(t), (expected))

/* A schedule of one run, as `hilfarm run` uses it. */
static inline hf_status script_new(const hf_schedule_job *jobs, uint32_t job_count,
                                   const hf_schedule_board *boards, uint32_t board_count,
                                   const script_policy *given, uint64_t now_ns, hf_schedule **out,
                                   hf_error *err)
{
    const script_policy p = given ? *given : (script_policy){0};
    const hf_schedule_policy policy = {.strikes = p.strikes,
                                       .quarantine_ns = p.quarantine_ns,
                                       .quarantine_max_ns = p.quarantine_max_ns,
                                       .max_quarantines = p.max_quarantines,
                                       .check_before_readmission = p.check_before_readmission,
                                       .reopen_delay_ns = p.retry_delay_ns,
                                       .busy_wait_ns = p.busy_wait_ns,
                                       .agent_wait_ns = p.agent_wait_ns,
                                       .busy_retry_ns = p.busy_retry_ns,
                                       .prepare_ahead = p.prepare_ahead,
                                       .prepare_limit = p.prepare_limit};
    const hf_schedule_run request = {.jobs = jobs,
                                     .job_count = job_count,
                                     .max_attempts = p.max_attempts,
                                     .retry_delay_ns = p.retry_delay_ns,
                                     .deadline_ns = p.run_deadline_ns};
    hf_schedule *schedule = NULL;
    uint32_t run = HF_SCHEDULE_NONE;
    hf_status status = hf_schedule_new(boards, board_count, &policy, now_ns, &schedule, err);
    if (status == HF_OK)
        status = hf_schedule_add_run(schedule, &request, now_ns, &run, err);
    if (status != HF_OK) {
        hf_schedule_free(schedule);
        return status;
    }
    assert_int_equal(run, 0);
    if (!p.drain_later)
        hf_schedule_drain(schedule);
    *out = schedule;
    return HF_OK;
}

/* Jobs of one chip each, with a preparation each. */
static inline void script_begin(script *t, const uint32_t *job_chips, uint32_t job_count,
                                const uint32_t *board_chips, uint32_t board_count,
                                const script_policy *policy)
{
    hf_schedule_job jobs[64] = {{0}};
    hf_schedule_board boards[16] = {{0}};
    for (uint32_t i = 0; i < job_count; i++)
        jobs[i] = (hf_schedule_job){.chips = UINT64_C(1) << job_chips[i], .preparation = i};
    for (uint32_t i = 0; i < board_count; i++)
        boards[i] = (hf_schedule_board){.chip = board_chips[i]};
    hf_error err = {0};
    *t = (script){.now_ns = 1000 * S};
    assert_int_equal(script_new(jobs, job_count, boards, board_count, policy, t->now_ns, &t->schedule, &err),
                     HF_OK);
}

/* Boards of chip 0, and no run yet. */
static inline void script_begin_many(script *t, uint32_t board_count, const hf_schedule_policy *policy)
{
    hf_schedule_board boards[32] = {{0}};
    *t = (script){.now_ns = 1000 * S, .many = true};
    assert_int_equal(hf_schedule_new(boards, board_count, policy, t->now_ns, &t->schedule, NULL), HF_OK);
}

/* A run whose jobs, without a list, are of chip 0. @return its number */
static inline uint32_t script_add_run(script *t, const hf_schedule_run *given)
{
    hf_schedule_job jobs[32];
    hf_schedule_run request = *given;
    uint32_t run = HF_SCHEDULE_NONE;
    for (uint32_t i = 0; !given->jobs && i < request.job_count; i++)
        jobs[i] = (hf_schedule_job){.chips = 1, .preparation = i};
    request.jobs = given->jobs ? given->jobs : jobs;
    assert_int_equal(hf_schedule_add_run(t->schedule, &request, t->now_ns, &run, NULL), HF_OK);
    return run;
}

static inline uint32_t script_add_jobs(script *t, uint32_t owner, uint32_t job_count)
{
    const hf_schedule_run request = {.owner = owner, .job_count = job_count};
    return script_add_run(t, &request);
}

static inline void script_stop_run(script *t, uint32_t run, bool abort)
{
    assert_int_equal(hf_schedule_stop_run(t->schedule, run, abort, HF_REASON_STOPPED, t->now_ns, NULL),
                     HF_OK);
}

static inline void script_end(script *t)
{
    hf_schedule_free(t->schedule);
    t->schedule = NULL;
}

static inline void script_wait(script *t, uint64_t seconds)
{
    t->now_ns += seconds * S;
}

#define EVENT(t, call, ...) assert_int_equal(call((t)->schedule, __VA_ARGS__, (t)->now_ns, NULL), HF_OK)
#define OF_RUN(t, call, r, ...)                                                                              \
    assert_int_equal(call((t)->schedule, r, __VA_ARGS__, (t)->now_ns, NULL), HF_OK)
#define PREPARED(t, p)      EVENT(t, hf_schedule_prepared, 0, p)
#define UNPREPARED(t, p, f) EVENT(t, hf_schedule_prepare_failed, 0, p, f)
#define OPENED(t, b)        EVENT(t, hf_schedule_opened, b)
#define UNOPENED(t, b, f)   EVENT(t, hf_schedule_open_failed, b, f)
#define IN_USE(t, b)        EVENT(t, hf_schedule_open_busy, b)
#define TAKEN(t, b)         EVENT(t, hf_schedule_attempt_busy, b)
#define CLOSED(t, b)        EVENT(t, hf_schedule_closed, b)
#define DONE(t, b)          EVENT(t, hf_schedule_attempt_done, b)
#define FAILED(t, b, f)     EVENT(t, hf_schedule_attempt_failed, b, f)

static inline hf_schedule_board_status script_board(const script *t, uint32_t board)
{
    hf_schedule_board_status status;
    assert_true(hf_schedule_board_status_get(t->schedule, board, &status));
    return status;
}

static const uint32_t script_one_chip[16] = {0};

/* One or more jobs and boards of one chip, everything prepared and open, first attempts started. */
static inline void script_begin_running(script *t, uint32_t jobs, uint32_t boards,
                                        const script_policy *policy)
{
    script_begin(t, script_one_chip, jobs, script_one_chip, boards, policy);
    script_actions(t);
    for (uint32_t i = 0; i < jobs && i < 4; i++)
        PREPARED(t, i);
    for (uint32_t i = 0; i < boards; i++)
        OPENED(t, i);
    script_actions(t);
}

#endif
