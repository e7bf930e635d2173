/* SPDX-License-Identifier: Apache-2.0 */
#include "host_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- The board ---- */

static void check_begin(const world *w, const device *d, const hf_envelope *order)
{
    if (d->busy)
        w->counts->two_owners++;
    if (order && hf_order_token_compare(order->token, d->newest) < 0)
        w->counts->stale_accepted++;
    if (order && same_token(order->token, d->newest) && order->number <= d->last_number)
        w->counts->doubled++;
}

static void begin(world *w, uint32_t index, uint32_t slot, const hf_keeper_action *action)
{
    device *d = &w->agents[index].devices[slot];
    check_begin(w, d, action->order);
    d->busy = true;
    d->cancelled = false;
    d->doing++;
    d->command = action->command;
    d->of_order = action->order != NULL;
    if (action->order) {
        d->token = d->newest = action->order->token;
        d->last_number = action->order->number;
        if (action->command == HF_ORDER_ATTEMPT)
            memcpy(&d->daemon, action->order->body, 2 * sizeof(uint32_t));
        if (action->command == HF_ORDER_ATTEMPT && !d->open)
            w->counts->illegal++;
    }
    const uint64_t lasts_ms = action->command == HF_ORDER_ATTEMPT ? 500 + world_draw(w, 8000)
                              : action->command == HF_ORDER_OPEN  ? 200 + world_draw(w, 1500)
                                                                  : 50 + world_draw(w, 300);
    world_add(w, (event){.at_ns = w->now_ns + lasts_ms * MS,
                         .kind = EVENT_BOARD,
                         .node = index,
                         .life = w->nodes[index].life,
                         .board = slot,
                         .number = d->doing});
}

static void cancel(world *w, uint32_t index, uint32_t slot)
{
    device *d = &w->agents[index].devices[slot];
    d->cancelled = true;
    world_add(w, (event){.at_ns = w->now_ns + (1 + world_draw(w, 300)) * MS,
                         .kind = EVENT_BOARD,
                         .node = index,
                         .life = w->nodes[index].life,
                         .board = slot,
                         .number = d->doing});
}

/* ---- The agent ---- */

static uint32_t daemon_named(const world *w, const char *name)
{
    for (uint32_t i = 0; i < DAEMONS; i++)
        if (strcmp(w->daemons[i].name, name) == 0)
            return i;
    return DAEMONS;
}

static void carry_out(world *w, uint32_t index, uint32_t slot)
{
    agent *a = &w->agents[index];
    hf_keeper_action action;
    while (hf_keeper_next(a->keepers[slot], &action)) {
        switch (action.kind) {
        case HF_KEEPER_REMEMBER:
            a->remembered[slot] = action.token;
            break;
        case HF_KEEPER_KEEP_ANSWER:
            a->has_kept[slot] = true;
            a->kept[slot] = action.envelope;
            memcpy(a->kept_body[slot], action.answer->data, action.answer->size);
            a->kept[slot].body = a->kept_body[slot];
            break;
        case HF_KEEPER_DISCARD_ANSWER:
            a->has_kept[slot] = false;
            break;
        case HF_KEEPER_EXECUTE:
            begin(w, index, slot, &action);
            break;
        case HF_KEEPER_CANCEL:
            cancel(w, index, slot);
            break;
        case HF_KEEPER_SEND: {
            w->counts->refused += action.envelope.kind == HF_MESSAGE_REFUSED;
            const uint32_t to = daemon_named(w, action.envelope.owner);
            if (to < DAEMONS) /* the address of an earlier life has no listener */
                world_send(w, index, AGENTS + to, &action.envelope);
            break;
        }
        }
    }
    world_wake(w, index, hf_keeper_wake_ns(a->keepers[slot]));
}

void agent_start(world *w, uint32_t index)
{
    agent *a = &w->agents[index];
    w->nodes[index].up = true;
    for (uint32_t slot = 0; slot < BOARDS_OF_AGENT; slot++) {
        char name[16];
        snprintf(name, sizeof name, "b%u", index * BOARDS_OF_AGENT + slot);
        const hf_keeper_options options = {.board = name,
                                           .seen = a->remembered[slot],
                                           .kept = a->has_kept[slot] ? &a->kept[slot] : NULL,
                                           .resend_ns = 1 * S,
                                           .resend_max_ns = 10 * S,
                                           .beat_ns = S / 2,
                                           .silence_ns = 60 * S};
        w->no_memory |= hf_keeper_new(&options, w->now_ns, &a->keepers[slot], NULL) != HF_OK;
    }
}

void agent_leave(world *w, uint32_t index)
{
    for (uint32_t slot = 0; slot < BOARDS_OF_AGENT; slot++) {
        hf_keeper_leave(w->agents[index].keepers[slot]);
        carry_out(w, index, slot);
    }
}

/* Its children die with it, and what they were doing. What it has remembered stays. */
void agent_kill(world *w, uint32_t index)
{
    agent *a = &w->agents[index];
    node *n = &w->nodes[index];
    n->up = false;
    n->life++;
    n->tick_ns = UINT64_MAX;
    for (uint32_t slot = 0; slot < BOARDS_OF_AGENT; slot++) {
        hf_keeper_free(a->keepers[slot]);
        a->keepers[slot] = NULL;
        a->devices[slot].open = a->devices[slot].busy = false;
        a->devices[slot].doing++;
    }
}

void agent_message(world *w, uint32_t index, const event *e)
{
    hf_envelope message;
    if (hf_envelope_decode(e->bytes, e->size, &message, NULL) != HF_OK) {
        w->counts->illegal++;
        return;
    }
    const uint32_t slot = (uint32_t)strtoul(message.board + 1, NULL, 10) - index * BOARDS_OF_AGENT;
    if (hf_keeper_message(w->agents[index].keepers[slot], &message, w->now_ns) != HF_OK)
        w->no_memory = true;
    carry_out(w, index, slot);
}

void agent_board(world *w, uint32_t index, const event *e)
{
    agent *a = &w->agents[index];
    device *d = &a->devices[e->board];
    if (!d->busy || d->doing != e->number)
        return;
    const bool fails = d->of_order && d->command != HF_ORDER_CLOSE && world_draw(w, 100) < 3;
    outcome o = {.state = d->cancelled && d->command != HF_ORDER_CLOSE ? 2 : fails, d->daemon, d->job};
    d->busy = false;
    d->open = d->command == HF_ORDER_ATTEMPT || (d->command == HF_ORDER_OPEN && o.state == 0);
    hf_buffer body = HF_BUFFER_INIT;
    hf_buffer_append(&body, &o, sizeof o);
    hf_keeper_done(a->keepers[e->board], &body, d->open, w->now_ns);
    carry_out(w, index, e->board);
}

void agent_tick(world *w, uint32_t index)
{
    for (uint32_t slot = 0; slot < BOARDS_OF_AGENT; slot++) {
        hf_keeper_tick(w->agents[index].keepers[slot], w->now_ns);
        carry_out(w, index, slot);
    }
}
