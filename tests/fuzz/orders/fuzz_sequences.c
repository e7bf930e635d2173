/* SPDX-License-Identifier: Apache-2.0 */
/* Plays a sequence of events to both sides of a board: messages that fit, that are old, doubled, for others or garbage; time, lease
 * operations, and what the board does. The bytes of the input choose them. What MESSAGES.md promises is checked after each.
 * Used by libFuzzer, and by replay_corpus.c as an ordinary test. */
#include "replay_corpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board/phase.h"
#include "orders/board_owner.h"
#include "orders/order_keeper.h"

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            abort();                                                                                         \
    } while (0)

#define S UINT64_C(1000000000)

typedef struct script {
    const uint8_t *at, *end;
} script;

static uint8_t draw(script *s)
{
    return s->at < s->end ? *s->at++ : 0;
}

static uint64_t draw_time(script *s)
{
    static const uint64_t steps[] = {0, 1, S / 10, S, 3 * S, 11 * S, 70 * S, 100000 * S};
    return steps[draw(s) % (sizeof steps / sizeof steps[0])];
}

/* Mostly near a token or number that matters, sometimes anything. */
static hf_order_token draw_token(script *s, hf_order_token near)
{
    const uint8_t how = draw(s);
    if (how < 160)
        return near;
    if (how < 190)
        near.revision += (uint64_t)(how % 3) - 1;
    else if (how < 220)
        near.epoch_ns += (uint64_t)(how % 3) - 1;
    else if (how < 240)
        near = (hf_order_token){how % 4, draw(s) % 8};
    else
        near = (hf_order_token){UINT64_MAX - how % 2, UINT64_MAX - how % 3};
    return near;
}

static uint32_t draw_number(script *s, uint32_t near)
{
    const uint8_t how = draw(s);
    return how < 200 ? near : how < 250 ? near + how % 4 - 2 : UINT32_MAX - how % 2;
}

static void draw_body(script *s, hf_envelope *e)
{
    static const uint8_t body[256] = {1, 2, 3};
    static const uint32_t large[] = {HF_ENVELOPE_INLINE_MAX + 1, HF_ENVELOPE_BODY_MAX, UINT32_MAX};
    const uint8_t how = draw(s);
    if (how < 100)
        return;
    if (how < 200) {
        hf_envelope_set_body(e, body, how);
        return;
    }
    memset(e->body_sha256, "0123456789abcdef"[how % 16], HF_SHA256_HEX_SIZE - 1);
    e->body_bytes = large[how % 3];
}

static hf_envelope draw_message(script *s, hf_order_token token, uint32_t number)
{
    hf_envelope e = {.kind = (hf_message_kind)(1 + draw(s) % 9), .board = "b"};
    const uint8_t owner = draw(s);
    snprintf(e.owner, sizeof e.owner, "%s", owner < 220 ? "d" : owner < 240 ? "another" : "<b>&\"'/`");
    e.token = draw_token(s, token);
    e.number = draw_number(s, number);
    if (e.kind == HF_MESSAGE_ORDER) {
        e.command = (hf_order_command)(1 + draw(s) % 4);
        e.budget_ms = 1 + draw(s);
    }
    if (e.kind == HF_MESSAGE_BEAT) {
        e.state = (hf_order_state)(1 + draw(s) % 3);
        e.phase = draw(s) % HF_PHASE_COUNT;
        e.done = draw(s);
        e.of = draw(s);
    }
    if (e.kind == HF_MESSAGE_REFUSED)
        e.refusal = (hf_order_refusal)(1 + draw(s) % 4);
    if (e.kind == HF_MESSAGE_ANSWER)
        e.open = draw(s) % 2;
    if (e.kind == HF_MESSAGE_INPUT || e.kind == HF_MESSAGE_OUTPUT) {
        e.piece = draw_number(s, 1);
        e.position = draw(s) < 250 ? draw(s) : HF_POSITION_MAX;
    }
    if (e.kind == HF_MESSAGE_ORDER || e.kind == HF_MESSAGE_ANSWER || e.kind == HF_MESSAGE_INPUT ||
        e.kind == HF_MESSAGE_OUTPUT)
        draw_body(s, &e);
    return e;
}

/* What goes out can be read by the other side. @return false: what comes in would be rejected before the state machine sees it */
static bool travels(const hf_envelope *e)
{
    hf_buffer bytes = HF_BUFFER_INIT;
    hf_envelope read;
    hf_envelope_encode(e, &bytes);
    const bool accepted = hf_envelope_decode(bytes.data, bytes.size, &read, NULL) == HF_OK;
    hf_buffer_free(&bytes);
    return accepted;
}

/* ---- An agent ---- */

typedef struct agent {
    hf_keeper *keeper;
    bool busy;               /* something is being carried out */
    hf_order_token newest;   /* remembered on disk */
    hf_order_token executed; /* token and number of the last order that was begun */
    uint32_t number;
    bool stored; /* an answer is on the disk */
} agent;

static void carry_out(agent *a)
{
    hf_keeper_action action;
    unsigned sent = 0;
    while (hf_keeper_next(a->keeper, &action)) {
        switch (action.kind) {
        case HF_KEEPER_REMEMBER:
            CHECK(hf_order_token_compare(action.token, a->newest) > 0);
            a->newest = action.token;
            break;
        case HF_KEEPER_KEEP_ANSWER:
            CHECK(travels(&action.envelope) && action.envelope.kind == HF_MESSAGE_ANSWER);
            a->stored = true;
            break;
        case HF_KEEPER_DISCARD_ANSWER:
            CHECK(a->stored);
            a->stored = false;
            break;
        case HF_KEEPER_EXECUTE:
            CHECK(!a->busy);
            a->busy = true;
            if (!action.order)
                break;
            const int newer = hf_order_token_compare(action.order->token, a->executed);
            CHECK(hf_order_token_compare(action.order->token, a->newest) == 0); /* never a stale one */
            CHECK(newer > 0 || (newer == 0 && action.order->number > a->number));
            a->executed = action.order->token;
            a->number = action.order->number;
            break;
        case HF_KEEPER_CANCEL:
            CHECK(a->busy);
            break;
        case HF_KEEPER_SEND:
            CHECK(travels(&action.envelope) && hf_message_is_agents(action.envelope.kind));
            CHECK(++sent <= 3); /* whatever comes, it is not answered with more */
            break;
        }
    }
}

static void play_agent(script *s)
{
    agent a = {.newest = {1, 1}};
    const hf_keeper_options options = {.board = "b",
                                       .seen = a.newest,
                                       .resend_ns = S,
                                       .resend_max_ns = 10 * S,
                                       .beat_ns = S,
                                       .silence_ns = 60 * S};
    uint64_t now_ns = draw_time(s);
    if (hf_keeper_new(&options, now_ns, &a.keeper, NULL) != HF_OK)
        return;
    while (s->at < s->end) {
        const uint8_t what = draw(s);
        now_ns += draw_time(s);
        if (what < 180) {
            const hf_order_token token =
                what < 60 ? (hf_order_token){a.newest.epoch_ns, a.newest.revision + 1} : a.newest;
            const hf_envelope message = draw_message(s, token, a.number + what % 2);
            if (travels(&message)) {
                CHECK(hf_keeper_message(a.keeper, &message, now_ns) == HF_OK);
                CHECK(!hf_keeper_is_for_console(a.keeper, &message) ||
                      (a.busy && message.kind == HF_MESSAGE_INPUT && message.number == a.number &&
                       hf_order_token_compare(message.token, a.executed) == 0)); /* typed by its owner only */
            }
        } else if (what < 210 && a.busy) {
            hf_buffer body = HF_BUFFER_INIT;
            hf_buffer_puts(&body, what % 2 ? "an answer" : "");
            a.busy = false;
            hf_keeper_done(a.keeper, &body, draw(s) % 2, now_ns);
            CHECK(body.size == 0);
        } else if (what < 225) {
            hf_keeper_progress(a.keeper, what % HF_PHASE_COUNT, draw(s), draw(s), now_ns);
        }
        hf_keeper_tick(a.keeper, now_ns);
        carry_out(&a);
        CHECK(hf_keeper_wake_ns(a.keeper) > 0);
    }
    hf_keeper_free(a.keeper);
}

/* ---- An owner ---- */

typedef struct daemon {
    hf_owner *owner;
    bool commanded; /* a command waits for its reply */
    hf_order_command command;
    bool acquiring, renewing;
    bool held; /* the lease, as far as the owner knows */
    hf_order_token token;
    uint32_t number;
    uint64_t until_ns;           /* when the lease may have expired */
    const hf_envelope *received; /* what it is told now */
    uint64_t asked_ns;
} daemon;

static void check_reply(daemon *d, const hf_owner_action *action, uint64_t now_ns)
{
    CHECK(d->commanded); /* exactly one for each command */
    d->commanded = false;
    if (action->outcome != HF_OWNER_ANSWERED)
        return;
    CHECK(d->received && d->received->kind == HF_MESSAGE_ANSWER);
    CHECK(hf_order_token_compare(d->received->token, d->token) == 0 && d->received->number == d->number);
    CHECK(now_ns < d->until_ns);
}

static void follow(daemon *d, uint64_t now_ns)
{
    hf_owner_action action;
    unsigned sent = 0;
    while (hf_owner_next(d->owner, &action)) {
        switch (action.kind) {
        case HF_OWNER_ACQUIRE:
            CHECK(!d->acquiring && (d->command == HF_ORDER_OPEN || d->command == HF_ORDER_CONSOLE));
            d->acquiring = true;
            break;
        case HF_OWNER_RENEW:
            d->renewing = true;
            d->asked_ns = now_ns;
            break;
        case HF_OWNER_RELEASE:
            CHECK(hf_order_token_compare(action.token, d->token) == 0);
            d->held = false;
            break;
        case HF_OWNER_SEND:
            CHECK(travels(&action.envelope) && !hf_message_is_agents(action.envelope.kind));
            CHECK(++sent <= 4);
            if (action.envelope.kind == HF_MESSAGE_ORDER) {
                CHECK(d->held && hf_order_token_compare(action.envelope.token, d->token) == 0);
                CHECK(action.envelope.number >= d->number && now_ns < d->until_ns);
                d->number = action.envelope.number;
            }
            break;
        case HF_OWNER_REPLY:
            check_reply(d, &action, now_ns);
            break;
        }
    }
}

static void give_command(daemon *d, script *s, const hf_buffer *body, uint64_t now_ns)
{
    static const hf_order_command first[] = {HF_ORDER_OPEN, HF_ORDER_CONSOLE},
                                  further[] = {HF_ORDER_ATTEMPT, HF_ORDER_CLOSE};
    d->command = (d->held ? further : first)[draw(s) % 2];
    d->commanded = true;
    hf_owner_command(d->owner, d->command, body, S + draw_time(s), now_ns);
}

static void answer_lease(daemon *d, script *s, uint64_t asked_ns, uint64_t now_ns)
{
    const hf_lease_result result = (hf_lease_result)(draw(s) % 3);
    d->acquiring = false;
    if (result == HF_LEASE_OK) {
        d->token.revision += 1 + draw(s);
        d->held = true;
        d->number = 0;
        d->renewing = false;
        d->until_ns = asked_ns + 15 * S;
    }
    hf_owner_acquired(d->owner, result, d->token, asked_ns, now_ns);
}

static void renewed(daemon *d, script *s, uint64_t now_ns)
{
    const hf_lease_result result = (hf_lease_result)(draw(s) % 3);
    d->renewing = false;
    if (result == HF_LEASE_OK) /* no other owner can have held it in between */
        d->until_ns = d->asked_ns + 15 * S;
    hf_owner_renewed(d->owner, result, d->asked_ns, now_ns);
}

static void hear(daemon *d, script *s, uint64_t now_ns)
{
    const hf_envelope message = draw_message(s, d->token, d->number);
    if (!travels(&message) || !hf_message_is_agents(message.kind))
        return;
    const bool awaited = hf_owner_awaits(d->owner, &message);
    CHECK(!awaited || (d->commanded && message.kind == HF_MESSAGE_ANSWER));
    CHECK(!hf_owner_is_of_lease(d->owner, &message) ||
          (d->held && hf_order_token_compare(message.token, d->token) == 0));
    CHECK(!hf_owner_is_of_order(d->owner, &message) ||
          (d->commanded && message.number == d->number &&
           hf_order_token_compare(message.token, d->token) == 0));
    d->received = &message;
    hf_owner_message(d->owner, &message, now_ns);
    follow(d, now_ns);
    d->received = NULL;
}

static void play_owner(script *s)
{
    daemon d = {.token = {1, 1}};
    const hf_owner_options options = {.board = "b",
                                      .owner = "d",
                                      .lease_ns = 15 * S,
                                      .renew_ns = 5 * S,
                                      .resend_ns = S,
                                      .keep_ns = 2 * S,
                                      .first_sign_ns = 10 * S,
                                      .patience_ns = 60 * S,
                                      .close_ns = 10 * S};
    hf_buffer body = HF_BUFFER_INIT;
    hf_envelope input;
    uint64_t now_ns = draw_time(s);
    if (hf_owner_new(&options, &d.owner, NULL) != HF_OK)
        return;
    hf_buffer_puts(&body, "an order");
    while (s->at < s->end) {
        const uint8_t what = draw(s);
        const uint64_t before_ns = now_ns;
        now_ns += draw_time(s);
        if (what < 60 && !d.commanded)
            give_command(&d, s, &body, now_ns);
        else if (what < 100 && d.acquiring)
            answer_lease(&d, s, before_ns, now_ns);
        else if (what < 120 && d.renewing && d.held)
            renewed(&d, s, now_ns);
        else if (what < 220)
            hear(&d, s, now_ns);
        else if (what < 230)
            hf_owner_cancel(d.owner, now_ns);
        else if (what < 235 && hf_owner_input(d.owner, 1u + draw(s), draw(s), "typed", 5, &input))
            CHECK(travels(&input) && d.held && input.number == d.number &&
                  hf_order_token_compare(input.token, d.token) == 0);
        hf_owner_tick(d.owner, now_ns);
        follow(&d, now_ns);
        CHECK(hf_owner_wake_ns(d.owner) > 0);
    }
    hf_owner_free(d.owner);
    hf_buffer_free(&body);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    script s = {bytes, bytes + (size < 4096 ? size : 4096)};
    if (draw(&s) % 2)
        play_agent(&s);
    else
        play_owner(&s);
    return 0;
}
