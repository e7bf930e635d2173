/* SPDX-License-Identifier: Apache-2.0 */
/* Making and freeing a schedule: defaults of the policy, boards. */
#include "rules.h"

#include <stdlib.h>

#define DEFAULT_STRIKES       3
#define DEFAULT_OPEN_LIMIT    16
#define DEFAULT_PREPARE_AHEAD 4
#define DEFAULT_BUSY_RETRY_NS UINT64_C(1000000000)

static hf_schedule_policy with_defaults(const hf_schedule_policy *given)
{
    hf_schedule_policy policy = given ? *given : (hf_schedule_policy){0};
    if (!policy.strikes)
        policy.strikes = DEFAULT_STRIKES;
    if (!policy.open_limit)
        policy.open_limit = DEFAULT_OPEN_LIMIT;
    if (!policy.prepare_ahead)
        policy.prepare_ahead = DEFAULT_PREPARE_AHEAD;
    if (!policy.busy_retry_ns)
        policy.busy_retry_ns = DEFAULT_BUSY_RETRY_NS;
    if (!policy.quarantine_max_ns)
        policy.quarantine_max_ns = UINT64_MAX;
    return policy;
}

static hf_status check_board(const hf_schedule_board *request, uint32_t index, hf_error *err)
{
    if (request->chip >= HF_SCHEDULE_MAX_CHIPS)
        return HF_FAIL(err, HF_EINVALID, "board %u has chip %u, expected 0 .. %d", index, request->chip,
                       HF_SCHEDULE_MAX_CHIPS - 1);
    if (index >= HF_SCHEDULE_MAX_BOARDS)
        return HF_FAIL(err, HF_ELIMIT, "%u boards, expected at most %u", index + 1, HF_SCHEDULE_MAX_BOARDS);
    return HF_OK;
}

static bool reserve_queues(hf_schedule *s, uint32_t chip)
{
    const uint32_t count = s->board_capacity;
    pool *p = &s->chips[chip].all;
    return heap_reserve(&p->idle, count) && heap_reserve(&p->closed, count) &&
           heap_reserve(&s->cancels, count) && heap_reserve(&s->closes, count) &&
           heap_reserve(&s->checks, count) && heap_reserve(&s->check_opens, count) &&
           heap_reserve(&s->unchecked, count) && heap_reserve(&s->timers, count);
}

static bool grow_boards(hf_schedule *s)
{
    if (s->board_count < s->board_capacity)
        return true;
    const uint32_t capacity = s->board_capacity ? 2 * s->board_capacity : 16;
    board **boards = realloc(s->boards, capacity * sizeof(board *));
    if (!boards)
        return false;
    s->boards = boards;
    s->board_capacity = capacity;
    return true;
}

/* What is known of a board from earlier. */
static void set_history(const hf_schedule *s, board *b, const hf_schedule_board *request)
{
    b->disabled = request->disabled;
    b->check_due = request->needs_check;
    b->needs_attention = request->needs_attention && !request->disabled;
    b->last_fault = request->cause;
    b->quarantines = request->quarantines;
    b->strikes = request->quarantines ? s->policy.strikes - 1 : 0; /* on probation */
    b->reserved = request->reserved_until_ns > s->now_ns;
    b->reserved_until_ns = request->reserved_until_ns;
    if (request->quarantined_until_ns <= s->now_ns)
        return;
    b->state = HF_BOARD_QUARANTINE;
    b->verdict = VERDICT_QUARANTINE;
    b->until_ns = request->quarantined_until_ns;
}

hf_status hf_schedule_add_board(hf_schedule *schedule, const hf_schedule_board *board_request,
                                uint64_t now_ns, hf_error *err)
{
    hf_schedule *s = schedule;
    const hf_status status = check_board(board_request, s->board_count, err);
    if (status != HF_OK)
        return status;
    board *b = calloc(1, sizeof *b);
    if (!b || !grow_boards(s) || !reserve_queues(s, board_request->chip)) {
        free(b);
        return HF_FAIL(err, HF_ENOMEM, "no memory for board %u", s->board_count);
    }
    schedule_tick(s, now_ns);
    *b = (board){.index = s->board_count,
                 .chip = board_request->chip,
                 .state = HF_BOARD_CLOSED,
                 .in_use_since_ns = HF_SCHEDULE_NEVER};
    set_history(s, b, board_request);
    s->boards[s->board_count++] = b;
    b->demands = s->chips[b->chip].all.demand > 0;
    schedule_member_add(&b->whole, b, &s->chips[b->chip].all);
    schedule_board_in(s, b);
    return HF_OK;
}

hf_status hf_schedule_new(const hf_schedule_board *boards, uint32_t board_count,
                          const hf_schedule_policy *policy, uint64_t now_ns, hf_schedule **out, hf_error *err)
{
    hf_schedule *s = calloc(1, sizeof *s);
    if (!s)
        return HF_FAIL(err, HF_ENOMEM, "no memory for a schedule");
    s->policy = with_defaults(policy);
    s->now_ns = now_ns;
    s->deadline_ns = HF_SCHEDULE_NEVER;
    schedule_chips_init(s);
    TAILQ_INIT(&s->live);
    TAILQ_INIT(&s->retries);
    TAILQ_INIT(&s->spare);
    hf_status status = HF_OK;
    for (uint32_t i = 0; status == HF_OK && i < board_count; i++)
        status = hf_schedule_add_board(s, &boards[i], now_ns, err);
    if (status == HF_OK)
        *out = s;
    else
        hf_schedule_free(s);
    return status;
}

void hf_schedule_free(hf_schedule *schedule)
{
    hf_schedule *s = schedule;
    if (!s)
        return;
    for (uint32_t i = 0; i < s->run_capacity; i++)
        schedule_run_free(s->runs[i]);
    for (uint32_t i = 0; i < s->owner_capacity; i++)
        free(s->owners[i]);
    for (uint32_t i = 0; i < s->board_count; i++)
        free(s->boards[i]);
    schedule_chips_free(s);
    heap *const queues[] = {&s->finals,    &s->delayed,     &s->releases, &s->overs,
                            &s->deadlines, &s->cancels,     &s->closes,   &s->timers,
                            &s->checks,    &s->check_opens, &s->unchecked};
    for (size_t i = 0; i < sizeof queues / sizeof queues[0]; i++)
        heap_free(queues[i]);
    free(s->runs);
    free(s->owners);
    free(s->boards);
    free(s);
}
