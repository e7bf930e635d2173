/* SPDX-License-Identifier: Apache-2.0 */
#include "host_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void advance(world *w, uint32_t index);
static void carry_out(world *w, uint32_t index, uint32_t board);

static void check(world *w, hf_status status)
{
    if (status != HF_OK)
        w->counts->illegal++;
}

/* ---- Replies ---- */

static bool is_lost(hf_owner_outcome how)
{
    return how != HF_OWNER_ANSWERED && how != HF_OWNER_CANCELLED && how != HF_OWNER_IN_USE &&
           how != HF_OWNER_CLOSED;
}

static void opened(world *w, uint32_t index, uint32_t board, const hf_owner_action *reply)
{
    hf_schedule *s = w->daemons[index].schedule;
    if (reply->outcome == HF_OWNER_ANSWERED && reply->envelope.open)
        check(w, hf_schedule_opened(s, board, w->now_ns, NULL));
    else if (reply->outcome == HF_OWNER_IN_USE)
        check(w, hf_schedule_open_busy(s, board, w->now_ns, NULL));
    else
        check(w, hf_schedule_open_failed(s, board, is_lost(reply->outcome) ? HF_FAULT_AGENT : HF_FAULT_BOARD,
                                         w->now_ns, NULL));
}

/* A result goes into the store: the checks that matter. */
static void store(world *w, uint32_t index, uint32_t board, const hf_envelope *answer, const outcome *o)
{
    daemon *d = &w->daemons[index];
    const uint32_t job = d->job_of[d->job[board]];
    const lease *l = &w->leases[board];
    if (o->daemon != index || o->job != job)
        w->counts->wrong++;
    if (!same_token(answer->token, d->token[board]))
        w->counts->stale_accepted++;
    if (!w->clock_jumped && l->held && w->now_ns < l->until_ns && !same_token(l->token, answer->token))
        w->counts->two_owners++;
    if (d->stored[job]++ > 0)
        w->counts->doubled++;
    w->counts->done++;
    w->counts->late_answers += d->started_ns[board] < w->nodes[board / BOARDS_OF_AGENT].cut_ns;
}

static void attempted(world *w, uint32_t index, uint32_t board, const hf_owner_action *reply)
{
    hf_schedule *s = w->daemons[index].schedule;
    outcome o = {.state = 2};
    if (reply->outcome == HF_OWNER_ANSWERED)
        memcpy(&o, reply->envelope.body, sizeof o);
    if (is_lost(reply->outcome)) {
        w->counts->lost_attempts++;
        check(w, hf_schedule_attempt_failed(s, board, HF_FAULT_AGENT, w->now_ns, NULL));
    } else if (o.state == 0) {
        store(w, index, board, &reply->envelope, &o);
        check(w, hf_schedule_attempt_done(s, board, w->now_ns, NULL));
    } else {
        check(w, hf_schedule_attempt_failed(s, board, HF_FAULT_SERIAL, w->now_ns, NULL));
    }
}

static void replied(world *w, uint32_t index, uint32_t board, const hf_owner_action *reply)
{
    daemon *d = &w->daemons[index];
    if (!d->commanded[board])
        w->counts->illegal++;
    d->commanded[board] = false;
    if (d->command[board] == HF_ORDER_OPEN)
        opened(w, index, board, reply);
    else if (d->command[board] == HF_ORDER_ATTEMPT)
        attempted(w, index, board, reply);
    else
        check(w, hf_schedule_closed(d->schedule, board, w->now_ns, NULL));
}

/* ---- Actions ---- */

/* @return whether a command has ended */
static bool drain(world *w, uint32_t index, uint32_t board)
{
    daemon *d = &w->daemons[index];
    hf_owner_action action;
    bool ended = false;
    while (hf_owner_next(d->owners[board], &action)) {
        switch (action.kind) {
        case HF_OWNER_ACQUIRE:
            lease_acquire(w, index, board);
            break;
        case HF_OWNER_RENEW:
            lease_renew(w, index, board, d->token[board]);
            break;
        case HF_OWNER_RELEASE:
            lease_release(w, index, board, action.token);
            break;
        case HF_OWNER_SEND:
            world_send(w, AGENTS + index, board / BOARDS_OF_AGENT, &action.envelope);
            break;
        case HF_OWNER_REPLY:
            replied(w, index, board, &action);
            ended = true;
            break;
        }
    }
    world_wake(w, AGENTS + index, hf_owner_wake_ns(d->owners[board]));
    return ended;
}

static void carry_out(world *w, uint32_t index, uint32_t board)
{
    if (drain(w, index, board))
        advance(w, index);
}

static void command(world *w, uint32_t index, uint32_t board, hf_order_command what)
{
    daemon *d = &w->daemons[index];
    if (d->commanded[board])
        w->counts->illegal++;
    d->commanded[board] = true;
    d->command[board] = what;
    hf_owner_command(d->owners[board], what, &d->body[board], 120 * S, w->now_ns);
}

static void start(world *w, uint32_t index, uint32_t board, uint32_t job)
{
    daemon *d = &w->daemons[index];
    const uint32_t what[2] = {index, d->job_of[job]};
    d->job[board] = job;
    hf_buffer_clear(&d->body[board]);
    hf_buffer_append(&d->body[board], what, sizeof what);
    d->started_ns[board] = w->now_ns;
    command(w, index, board, HF_ORDER_ATTEMPT);
}

static void advance(world *w, uint32_t index)
{
    daemon *d = &w->daemons[index];
    hf_schedule_action action;
    bool touched[BOARDS] = {0};
    while (hf_schedule_next(d->schedule, w->now_ns, &action)) {
        if (action.board < BOARDS)
            touched[action.board] = true;
        switch (action.kind) {
        case HF_ACTION_PREPARE:
            check(w, hf_schedule_prepared(d->schedule, action.run, action.preparation, w->now_ns, NULL));
            break;
        case HF_ACTION_OPEN:
            command(w, index, action.board, HF_ORDER_OPEN);
            break;
        case HF_ACTION_START:
            start(w, index, action.board, action.job);
            break;
        case HF_ACTION_CLOSE:
            command(w, index, action.board, HF_ORDER_CLOSE);
            break;
        case HF_ACTION_CANCEL:
            hf_owner_cancel(d->owners[action.board], w->now_ns);
            break;
        case HF_ACTION_RUN_OVER:
            d->over = true;
            break;
        default:
            break;
        }
    }
    world_wake(w, AGENTS + index, hf_schedule_wake_ns(d->schedule));
    for (uint32_t board = 0; board < BOARDS; board++)
        if (touched[board])
            carry_out(w, index, board);
}

/* ---- Its life ---- */

static void add_sweep(world *w, daemon *d)
{
    hf_schedule_job jobs[JOBS];
    d->job_count = 0;
    for (uint32_t job = 0; job < JOBS; job++) {
        if (d->stored[job])
            continue;
        jobs[d->job_count] = (hf_schedule_job){.chips = 1, .preparation = d->job_count};
        d->job_of[d->job_count++] = job;
    }
    const hf_schedule_run run = {.jobs = jobs, .job_count = d->job_count, .max_attempts = 1000};
    if (hf_schedule_add_run(d->schedule, &run, w->now_ns, &d->run, NULL) != HF_OK)
        w->no_memory = true;
}

void daemon_start(world *w, uint32_t index)
{
    daemon *d = &w->daemons[index];
    const hf_schedule_board boards[BOARDS] = {0};
    const hf_schedule_policy policy = {.strikes = 1000,
                                       .quarantine_ns = 5 * S,
                                       .max_quarantines = 1000,
                                       .reopen_delay_ns = S,
                                       .busy_wait_ns = UINT64_C(100000) * S,
                                       .agent_wait_ns = UINT64_C(100000) * S,
                                       .idle_close_ns = 20 * S};
    w->nodes[AGENTS + index].up = true;
    d->over = false;
    snprintf(d->name, sizeof d->name, "d%u-%u", index, w->nodes[AGENTS + index].life);
    if (hf_schedule_new(boards, BOARDS, &policy, w->now_ns, &d->schedule, NULL) != HF_OK) {
        w->no_memory = true;
        return;
    }
    for (uint32_t board = 0; board < BOARDS; board++) {
        char name[16];
        snprintf(name, sizeof name, "b%u", board);
        const hf_owner_options options = {.board = name,
                                          .owner = d->name,
                                          .lease_ns = LEASE_NS,
                                          .renew_ns = 3 * S,
                                          .resend_ns = S,
                                          .keep_ns = 2 * S,
                                          .first_sign_ns = 6 * S,
                                          .patience_ns = 40 * S,
                                          .close_ns = 5 * S};
        d->commanded[board] = false;
        w->no_memory |= hf_owner_new(&options, &d->owners[board], NULL) != HF_OK;
    }
    add_sweep(w, d);
    if (!w->no_memory)
        advance(w, index);
}

/* Only its store is left. Its leases run out. */
void daemon_kill(world *w, uint32_t index)
{
    daemon *d = &w->daemons[index];
    node *n = &w->nodes[AGENTS + index];
    n->up = false;
    n->life++;
    n->tick_ns = UINT64_MAX;
    d->name[0] = '\0';
    hf_schedule_free(d->schedule);
    d->schedule = NULL;
    for (uint32_t board = 0; board < BOARDS; board++) {
        hf_owner_free(d->owners[board]);
        d->owners[board] = NULL;
        hf_buffer_free(&d->body[board]);
        d->body[board] = (hf_buffer)HF_BUFFER_INIT;
    }
}

void daemon_message(world *w, uint32_t index, const event *e)
{
    hf_envelope message;
    if (hf_envelope_decode(e->bytes, e->size, &message, NULL) != HF_OK) {
        w->counts->illegal++;
        return;
    }
    if (strcmp(message.owner, w->daemons[index].name) != 0)
        return; /* sent to an earlier life */
    const uint32_t board = (uint32_t)strtoul(message.board + 1, NULL, 10);
    hf_owner_message(w->daemons[index].owners[board], &message, w->now_ns);
    carry_out(w, index, board);
}

void daemon_lease(world *w, uint32_t index, const event *e)
{
    daemon *d = &w->daemons[index];
    if (!e->renew && e->result == HF_LEASE_OK)
        d->token[e->board] = e->token;
    if (e->renew)
        hf_owner_renewed(d->owners[e->board], e->result, e->asked_ns, w->now_ns);
    else
        hf_owner_acquired(d->owners[e->board], e->result, e->token, e->asked_ns, w->now_ns);
    carry_out(w, index, e->board);
}

void daemon_tick(world *w, uint32_t index)
{
    for (uint32_t board = 0; board < BOARDS; board++) {
        hf_owner_tick(w->daemons[index].owners[board], w->now_ns);
        carry_out(w, index, board);
    }
    advance(w, index);
}
