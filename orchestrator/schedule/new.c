/* SPDX-License-Identifier: Apache-2.0 */
/* Making and freeing a schedule: defaults of the policy, checks of what is given. */
#include "state.h"

#include <stdlib.h>

#define DEFAULT_ATTEMPTS      3
#define DEFAULT_STRIKES       3
#define DEFAULT_PREPARE_AHEAD 4
#define DEFAULT_PREPARE_LIMIT 64
#define DEFAULT_BUSY_RETRY_NS UINT64_C(1000000000)

static void count_by_chip(uint32_t counts[HF_SCHEDULE_MAX_CHIPS], uint64_t chips)
{
    for (uint64_t left = chips; left; left &= left - 1)
        counts[__builtin_ctzll(left)]++;
}

static hf_schedule_policy with_defaults(const hf_schedule_policy *given)
{
    hf_schedule_policy policy = given ? *given : (hf_schedule_policy){0};
    if (!policy.max_attempts)
        policy.max_attempts = DEFAULT_ATTEMPTS;
    if (!policy.strikes)
        policy.strikes = DEFAULT_STRIKES;
    if (!policy.prepare_ahead)
        policy.prepare_ahead = DEFAULT_PREPARE_AHEAD;
    if (!policy.prepare_limit)
        policy.prepare_limit = DEFAULT_PREPARE_LIMIT;
    if (!policy.busy_retry_ns)
        policy.busy_retry_ns = DEFAULT_BUSY_RETRY_NS;
    if (!policy.quarantine_max_ns)
        policy.quarantine_max_ns = UINT64_MAX;
    return policy;
}

static hf_status check(const hf_schedule_job *jobs, uint32_t job_count, const hf_schedule_board *boards,
                       uint32_t board_count, hf_error *err)
{
    if (job_count > HF_SCHEDULE_MAX_JOBS || board_count > HF_SCHEDULE_MAX_BOARDS)
        return HF_FAIL(err, HF_ELIMIT, "%u jobs and %u boards, more than the %u and %u that can be scheduled",
                       job_count, board_count, HF_SCHEDULE_MAX_JOBS, HF_SCHEDULE_MAX_BOARDS);
    for (uint32_t i = 0; i < job_count; i++) {
        if (!jobs[i].chips)
            return HF_FAIL(err, HF_EINVALID, "job %u has an empty set of chips", i);
        if (jobs[i].preparation >= HF_SCHEDULE_MAX_JOBS)
            return HF_FAIL(err, HF_ELIMIT, "job %u has preparation %u, expected below %u", i,
                           jobs[i].preparation, HF_SCHEDULE_MAX_JOBS);
    }
    for (uint32_t i = 0; i < board_count; i++)
        if (boards[i].chip >= HF_SCHEDULE_MAX_CHIPS)
            return HF_FAIL(err, HF_EINVALID, "board %u has chip %u, expected 0 .. %d", i, boards[i].chip,
                           HF_SCHEDULE_MAX_CHIPS - 1);
    return HF_OK;
}

hf_status hf_schedule_new(const hf_schedule_job *jobs, uint32_t job_count, const hf_schedule_board *boards,
                          uint32_t board_count, const hf_schedule_policy *policy, uint64_t now_ns,
                          hf_schedule **out, hf_error *err)
{
    hf_status status = check(jobs, job_count, boards, board_count, err);
    if (status != HF_OK)
        return status;
    uint32_t preparation_count = 0;
    for (uint32_t i = 0; i < job_count; i++)
        if (jobs[i].preparation >= preparation_count)
            preparation_count = jobs[i].preparation + 1;

    hf_schedule *s = calloc(1, sizeof *s);
    if (s) {
        s->jobs = calloc(job_count + 1u, sizeof *s->jobs);
        s->boards = calloc(board_count + 1u, sizeof *s->boards);
        s->preparations = calloc(preparation_count + 1u, sizeof *s->preparations);
    }
    if (!s || !s->jobs || !s->boards || !s->preparations) {
        hf_schedule_free(s);
        return HF_FAIL(err, HF_ENOMEM, "no memory to schedule %u jobs", job_count);
    }
    s->policy = with_defaults(policy);
    s->now_ns = now_ns;
    s->deadline_ns = s->policy.run_deadline_ns ? later(now_ns, s->policy.run_deadline_ns) : HF_SCHEDULE_NEVER;
    s->boards_changed = true;
    s->job_count = job_count;
    s->board_count = board_count;
    s->preparation_count = preparation_count;
    for (uint32_t i = 0; i < job_count; i++) {
        s->jobs[i] = (job){
            .chips = jobs[i].chips,
            .preparation = jobs[i].preparation,
            .last_board = HF_SCHEDULE_NONE,
            .prefer = HF_SCHEDULE_NONE,
            .avoid = HF_SCHEDULE_NONE,
            .reopened = HF_SCHEDULE_NONE,
            .state = JOB_WAITING,
        };
        s->preparations[jobs[i].preparation].jobs_left++;
        count_by_chip(s->open_jobs, jobs[i].chips);
        count_by_chip(s->waiting_jobs, jobs[i].chips);
    }
    for (uint32_t i = 0; i < board_count; i++)
        s->boards[i] = (board){.chip = boards[i].chip, .state = HF_BOARD_CLOSED, .job = HF_SCHEDULE_NONE};
    *out = s;
    return HF_OK;
}

void hf_schedule_free(hf_schedule *schedule)
{
    if (!schedule)
        return;
    free(schedule->jobs);
    free(schedule->boards);
    free(schedule->preparations);
    free(schedule);
}
