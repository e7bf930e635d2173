/* SPDX-License-Identifier: Apache-2.0 */
#include "orders/board_owner.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

typedef enum state {
    STATE_CLOSED,    /* no lease */
    STATE_ACQUIRING, /* HF_ORDER_OPEN waits for the lease */
    STATE_WAITING,   /* an order waits for its answer */
    STATE_OPEN,      /* the lease is held, the board is open, nothing is ordered */
    STATE_BROKEN,    /* open in the eyes of whoever commands, but the lease is lost or given up */
} state;

struct hf_owner {
    hf_owner_options options;
    char board[HF_ENVELOPE_NAME_SIZE];
    char name[HF_ENVELOPE_NAME_SIZE];
    state state;
    hf_order_token token;    /* of the lease; valid in WAITING and OPEN */
    uint64_t lease_until_ns; /* from when on somebody else may have it */
    uint64_t renew_at_ns;
    bool renewing;
    uint32_t number; /* of the latest order */
    /* The command under way. */
    hf_order_command command;
    const hf_buffer *body;
    uint64_t budget_end_ns;
    bool confirmed; /* the agent has it */
    bool cancelled;
    uint64_t give_up_ns; /* of cancelling and closing */
    uint64_t heard_ns;   /* last sign of the agent, or when the order was first sent */
    uint64_t send_at_ns; /* next ORDER or KEEP */
    uint8_t phase;
    uint32_t done, of;
    bool has_progress;
    /* Actions that are due. */
    bool due_acquire, due_renew, due_release, due_order, due_keep, due_cancel, due_ack, due_reply;
    hf_order_token released;
    hf_envelope ack; /* to which answer */
    hf_owner_outcome outcome;
    hf_envelope answer;
};

static uint64_t after(uint64_t now_ns, uint64_t wait_ns)
{
    return now_ns > UINT64_MAX - wait_ns ? UINT64_MAX : now_ns + wait_ns;
}

static bool is_holding(const hf_owner *o)
{
    return o->state == STATE_WAITING || o->state == STATE_OPEN;
}

/* Whether a command takes the lease. */
static bool starts_holding(hf_order_command command)
{
    return command == HF_ORDER_OPEN || command == HF_ORDER_CONSOLE;
}

/* ---- Ends ---- */

static void reply(hf_owner *o, hf_owner_outcome outcome)
{
    o->outcome = outcome;
    o->due_reply = true;
    o->body = NULL;
    o->cancelled = false;
}

static void release(hf_owner *o)
{
    o->due_release = true;
    o->released = o->token;
    o->due_renew = o->due_order = o->due_keep = o->due_cancel = false;
}

/* The board is out of reach; whoever waits is told why. */
static void lose(hf_owner *o, hf_owner_outcome why)
{
    const bool waiting = o->state == STATE_WAITING;
    const bool cancelled = o->cancelled;
    release(o);
    o->state = STATE_BROKEN;
    if (!waiting)
        return;
    if (o->command == HF_ORDER_CLOSE) {
        o->state = STATE_CLOSED;
        reply(o, HF_OWNER_CLOSED); /* the lease is all that mattered */
        return;
    }
    if (starts_holding(o->command))
        o->state = STATE_CLOSED;
    reply(o, cancelled ? HF_OWNER_CANCELLED : why);
}

/* ---- Commands ---- */

static void start_order(hf_owner *o, uint64_t now_ns)
{
    o->state = STATE_WAITING;
    o->number++;
    o->confirmed = false;
    o->heard_ns = now_ns;
    o->send_at_ns = after(now_ns, o->options.resend_ns);
    o->due_order = true;
    o->has_progress = false;
    o->phase = 0;
    o->done = o->of = 0;
    if (o->cancelled)
        o->due_cancel = true;
}

void hf_owner_command(hf_owner *o, hf_order_command command, const hf_buffer *body, uint64_t budget_ns,
                      uint64_t now_ns)
{
    hf_owner_tick(o, now_ns);
    o->command = command;
    o->body = body;
    o->cancelled = false;
    o->budget_end_ns = after(now_ns, budget_ns);
    if (starts_holding(command)) {
        o->state = STATE_ACQUIRING;
        o->due_acquire = true;
    } else if (o->state == STATE_OPEN) {
        o->give_up_ns = after(now_ns, o->options.close_ns);
        start_order(o, now_ns);
    } else if (command == HF_ORDER_CLOSE) {
        o->state = STATE_CLOSED;
        reply(o, HF_OWNER_CLOSED);
    } else {
        reply(o, HF_OWNER_LEASE_LOST);
    }
}

void hf_owner_cancel(hf_owner *o, uint64_t now_ns)
{
    if ((o->state != STATE_WAITING && o->state != STATE_ACQUIRING) || o->cancelled ||
        o->command == HF_ORDER_CLOSE)
        return;
    o->cancelled = true;
    o->give_up_ns = after(now_ns, o->options.close_ns);
    o->due_cancel = o->state == STATE_WAITING;
}

/* ---- The lease ---- */

void hf_owner_acquired(hf_owner *o, hf_lease_result result, hf_order_token token, uint64_t asked_ns,
                       uint64_t now_ns)
{
    if (o->state != STATE_ACQUIRING)
        return;
    if (result != HF_LEASE_OK) {
        o->state = STATE_CLOSED;
        reply(o, o->cancelled               ? HF_OWNER_CANCELLED
                 : result == HF_LEASE_TAKEN ? HF_OWNER_IN_USE
                                            : HF_OWNER_NO_LEASE);
        return;
    }
    o->token = token;
    o->number = 0;
    o->renewing = false;
    o->lease_until_ns = after(asked_ns, o->options.lease_ns);
    o->renew_at_ns = after(asked_ns, o->options.renew_ns);
    if (o->cancelled) {
        release(o);
        o->state = STATE_CLOSED;
        reply(o, HF_OWNER_CANCELLED);
    } else {
        start_order(o, now_ns);
    }
}

void hf_owner_renewed(hf_owner *o, hf_lease_result result, uint64_t asked_ns, uint64_t now_ns)
{
    if (!is_holding(o) || !o->renewing)
        return;
    o->renewing = false;
    if (result == HF_LEASE_TAKEN) {
        lose(o, HF_OWNER_LEASE_LOST);
        return;
    }
    if (result == HF_LEASE_OK) {
        o->lease_until_ns = after(asked_ns, o->options.lease_ns);
        o->renew_at_ns = after(asked_ns, o->options.renew_ns);
    } else {
        o->renew_at_ns = after(now_ns, o->options.renew_ns / 2);
    }
    hf_owner_tick(o, now_ns);
}

/* ---- Messages ---- */

static void take_answer(hf_owner *o, const hf_envelope *message)
{
    o->answer = *message;
    const bool open = message->open && o->command != HF_ORDER_CLOSE && o->command != HF_ORDER_CONSOLE;
    if (!open)
        release(o);
    o->due_cancel = o->due_order = o->due_keep = false;
    o->state = open ? STATE_OPEN : o->command == HF_ORDER_ATTEMPT ? STATE_BROKEN : STATE_CLOSED;
    reply(o, o->command == HF_ORDER_CLOSE ? HF_OWNER_CLOSED : HF_OWNER_ANSWERED);
}

static void refused(hf_owner *o, const hf_envelope *message)
{
    /* A refusal of an earlier KEEP may come after a later order was confirmed; the token decides. */
    lose(o, message->refusal == HF_REFUSAL_STALE      ? HF_OWNER_LEASE_LOST
            : message->refusal == HF_REFUSAL_NO_BOARD ? HF_OWNER_NO_BOARD
            : message->refusal == HF_REFUSAL_STOPPED  ? HF_OWNER_STOPPED
                                                      : HF_OWNER_FORGOTTEN);
}

static void confirm(hf_owner *o)
{
    if (!o->confirmed)
        o->send_at_ns = o->heard_ns + o->options.keep_ns;
    o->confirmed = true;
}

static void take_beat(hf_owner *o, const hf_envelope *message)
{
    if (o->state != STATE_WAITING || message->number != o->number)
        return;
    confirm(o);
    if (message->state != HF_ORDER_UNDER_WAY)
        return;
    o->has_progress = o->phase != message->phase || o->done != message->done || o->of != message->of;
    o->phase = message->phase;
    o->done = message->done;
    o->of = message->of;
}

static bool is_current(const hf_owner *o, const hf_envelope *message)
{
    return is_holding(o) && hf_order_token_compare(message->token, o->token) == 0;
}

bool hf_owner_awaits(const hf_owner *o, const hf_envelope *message)
{
    return message->kind == HF_MESSAGE_ANSWER && is_current(o, message) && o->state == STATE_WAITING &&
           message->number == o->number;
}

void hf_owner_message(hf_owner *o, const hf_envelope *message, uint64_t now_ns)
{
    hf_owner_tick(o, now_ns);
    const bool current = is_current(o, message);
    const bool awaited = hf_owner_awaits(o, message);
    if (message->kind == HF_MESSAGE_ANSWER) {
        o->ack = *message;
        o->due_ack = true;
    }
    if (!current)
        return;
    o->heard_ns = now_ns;
    if (awaited)
        take_answer(o, message);
    else if (message->kind == HF_MESSAGE_REFUSED)
        refused(o, message);
    else if (message->kind == HF_MESSAGE_BEAT)
        take_beat(o, message);
    else if (message->kind == HF_MESSAGE_OUTPUT && message->number == o->number)
        confirm(o);
}

/* ---- Time ---- */

/* When the order under way is given up. */
static uint64_t give_up_ns(const hf_owner *o)
{
    uint64_t at_ns = after(o->heard_ns, o->confirmed ? o->options.patience_ns : o->options.first_sign_ns);
    if (o->budget_end_ns < at_ns)
        at_ns = o->budget_end_ns;
    if ((o->cancelled || o->command == HF_ORDER_CLOSE) && o->give_up_ns < at_ns)
        at_ns = o->give_up_ns;
    return at_ns;
}

static void send_again(hf_owner *o, uint64_t now_ns)
{
    if (now_ns < o->send_at_ns)
        return;
    const bool order = o->state == STATE_WAITING && !o->confirmed;
    o->due_order |= order;
    o->due_keep |= !order;
    o->due_cancel |= o->cancelled && o->state == STATE_WAITING;
    o->send_at_ns = after(now_ns, order ? o->options.resend_ns : o->options.keep_ns);
}

void hf_owner_tick(hf_owner *o, uint64_t now_ns)
{
    if (!is_holding(o))
        return;
    if (now_ns >= o->lease_until_ns) {
        lose(o, HF_OWNER_LEASE_LOST);
        return;
    }
    if (!o->renewing && now_ns >= o->renew_at_ns)
        o->due_renew = o->renewing = true;
    if (o->state == STATE_WAITING && now_ns >= give_up_ns(o))
        lose(o, HF_OWNER_SILENT);
    else
        send_again(o, now_ns);
}

uint64_t hf_owner_wake_ns(const hf_owner *o)
{
    if (!is_holding(o))
        return UINT64_MAX;
    uint64_t at_ns = o->lease_until_ns < o->send_at_ns ? o->lease_until_ns : o->send_at_ns;
    if (!o->renewing && o->renew_at_ns < at_ns)
        at_ns = o->renew_at_ns;
    if (o->state == STATE_WAITING && give_up_ns(o) < at_ns)
        at_ns = give_up_ns(o);
    return at_ns;
}

/* ---- Actions ---- */

static bool take(bool *due)
{
    const bool was = *due;
    *due = false;
    return was;
}

static hf_envelope to_agent(const hf_owner *o, hf_message_kind kind)
{
    hf_envelope e = {.kind = kind, .token = o->token, .number = o->number};
    memcpy(e.board, o->board, sizeof e.board);
    memcpy(e.owner, o->name, sizeof e.owner);
    return e;
}

static hf_envelope order(const hf_owner *o)
{
    hf_envelope e = to_agent(o, HF_MESSAGE_ORDER);
    const uint64_t budget_ms = (o->budget_end_ns - o->heard_ns) / HF_NS_PER_MS;
    e.command = o->command;
    e.budget_ms = budget_ms == 0 ? 1 : budget_ms > UINT32_MAX ? UINT32_MAX : (uint32_t)budget_ms;
    if (o->body)
        hf_envelope_set_body(&e, o->body->data, (uint32_t)o->body->size);
    return e;
}

static hf_envelope acknowledgement(const hf_owner *o)
{
    hf_envelope e = to_agent(o, HF_MESSAGE_ACK);
    e.token = o->ack.token;
    e.number = o->ack.number;
    return e;
}

static bool next_message(hf_owner *o, hf_envelope *out)
{
    if (take(&o->due_ack))
        *out = acknowledgement(o);
    else if (take(&o->due_order))
        *out = order(o);
    else if (take(&o->due_cancel))
        *out = to_agent(o, HF_MESSAGE_CANCEL);
    else if (take(&o->due_keep))
        *out = to_agent(o, HF_MESSAGE_KEEP);
    else
        return false;
    return true;
}

bool hf_owner_next(hf_owner *o, hf_owner_action *out)
{
    *out = (hf_owner_action){0};
    if (take(&o->due_release)) {
        out->kind = HF_OWNER_RELEASE;
        out->token = o->released;
    } else if (take(&o->due_acquire)) {
        out->kind = HF_OWNER_ACQUIRE;
    } else if (take(&o->due_renew)) {
        out->kind = HF_OWNER_RENEW;
    } else if (next_message(o, &out->envelope)) {
        out->kind = HF_OWNER_SEND;
    } else if (take(&o->due_reply)) {
        out->kind = HF_OWNER_REPLY;
        out->outcome = o->outcome;
        if (o->outcome == HF_OWNER_ANSWERED)
            out->envelope = o->answer;
    } else {
        return false;
    }
    return true;
}

bool hf_owner_is_of_order(const hf_owner *o, const hf_envelope *output)
{
    return output->kind == HF_MESSAGE_OUTPUT && o->state == STATE_WAITING && output->number == o->number &&
           hf_order_token_compare(output->token, o->token) == 0;
}

bool hf_owner_is_of_lease(const hf_owner *o, const hf_envelope *output)
{
    return output->kind == HF_MESSAGE_OUTPUT && is_holding(o) &&
           hf_order_token_compare(output->token, o->token) == 0;
}

bool hf_owner_input(const hf_owner *o, uint32_t piece, uint64_t position, const void *input, uint32_t bytes,
                    hf_envelope *out)
{
    if (!is_holding(o))
        return false;
    *out = to_agent(o, HF_MESSAGE_INPUT);
    out->piece = piece;
    out->position = position;
    hf_envelope_set_body(out, input, bytes);
    return true;
}

bool hf_owner_progress(hf_owner *o, uint8_t *phase, uint32_t *done, uint32_t *of)
{
    *phase = o->phase;
    *done = o->done;
    *of = o->of;
    return take(&o->has_progress);
}

hf_status hf_owner_new(const hf_owner_options *options, hf_owner **out, hf_error *err)
{
    hf_owner *o = calloc(1, sizeof *o);
    if (!o)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for board %s", options->board);
    o->options = *options;
    strncpy(o->board, options->board, sizeof o->board - 1);
    strncpy(o->name, options->owner, sizeof o->name - 1);
    o->options.board = o->board;
    o->options.owner = o->name;
    *out = o;
    return HF_OK;
}

void hf_owner_free(hf_owner *o)
{
    free(o);
}
