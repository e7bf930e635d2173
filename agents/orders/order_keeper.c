/* SPDX-License-Identifier: Apache-2.0 */
#include "orders/order_keeper.h"

#include <stdlib.h>
#include <string.h>

typedef struct order {
    hf_envelope envelope; /* its body is `body`, or NULL */
    uint8_t *body;        /* owned copy of an inline body */
    bool present;
    bool cancelled;
} order;

typedef enum doing { DOING_NOTHING, DOING_ORDER, DOING_OWN_CLOSE } doing;

struct hf_keeper {
    hf_keeper_options options;
    char board[HF_ENVELOPE_NAME_SIZE];
    char owner[HF_ENVELOPE_NAME_SIZE]; /* of the token */
    hf_order_token seen;               /* the newest one */
    bool valid;    /* `seen` was granted since this start, and its owner was not given up */
    uint32_t last; /* number of the latest order with that token */
    doing doing;
    order current; /* DOING_ORDER */
    order next;    /* follows when what is being done has ended */
    bool open;
    bool leaving; /* nothing is begun any more, and what ends is not answered */
    hf_buffer answer;
    hf_envelope answer_envelope;
    bool has_answer, stored; /* it is stored, or is about to be */
    uint64_t heard_ns;       /* last word of the owner */
    uint64_t resend_at_ns, resend_gap_ns;
    uint64_t beat_at_ns;
    uint8_t phase;
    uint32_t done, of;
    /* Actions that are due. */
    bool due_remember, due_execute, due_cancel, due_beat, due_answer, due_refusal, due_store, due_discard,
        due_leave;
    hf_envelope refusal;
};

/* ---- Orders ---- */

/* Whether an order is the first one of a lease. */
static bool starts_holding(hf_order_command command)
{
    return command == HF_ORDER_OPEN || command == HF_ORDER_CONSOLE;
}

static void drop_order(order *o)
{
    free(o->body);
    *o = (order){0};
}

static bool keep_order(order *o, const hf_envelope *message)
{
    uint8_t *copy = NULL;
    if (message->body) {
        copy = malloc(message->body_bytes);
        if (!copy)
            return false;
        memcpy(copy, message->body, message->body_bytes);
    }
    drop_order(o);
    *o = (order){.envelope = *message, .body = copy, .present = true};
    o->envelope.body = copy;
    return true;
}

static void drop_answer(hf_keeper *k)
{
    hf_buffer_free(&k->answer);
    k->answer = (hf_buffer)HF_BUFFER_INIT;
    k->has_answer = k->due_answer = k->due_store = false;
    k->due_discard |= k->stored;
    k->stored = false;
}

/* Begins what is next, if nothing is being done. */
static void begin_next(hf_keeper *k)
{
    if (k->doing != DOING_NOTHING || !k->next.present || k->leaving)
        return;
    k->due_execute = true;
    if (starts_holding(k->next.envelope.command) && k->open) {
        k->doing = DOING_OWN_CLOSE; /* for the owner before */
        return;
    }
    k->doing = DOING_ORDER;
    drop_order(&k->current);
    k->current = k->next;
    k->next = (order){0};
    k->due_cancel = k->current.cancelled;
    k->phase = 0;
    k->done = k->of = 0;
}

static void cancel_current(hf_keeper *k)
{
    if (k->doing != DOING_ORDER || k->current.cancelled)
        return;
    k->current.cancelled = true;
    k->due_cancel = true;
}

/* ---- Messages ---- */

static void refuse(hf_keeper *k, const hf_envelope *message, hf_order_refusal why)
{
    k->refusal = (hf_envelope){
        .kind = HF_MESSAGE_REFUSED, .token = message->token, .number = message->number, .refusal = why};
    memcpy(k->refusal.board, k->board, sizeof k->board);
    memcpy(k->refusal.owner, message->owner, sizeof message->owner);
    k->due_refusal = true;
}

static void adopt(hf_keeper *k, const hf_envelope *message)
{
    k->seen = message->token;
    k->valid = true;
    k->last = 0;
    memcpy(k->owner, message->owner, sizeof k->owner);
    k->due_remember = true;
    drop_answer(k);
    drop_order(&k->next);
    cancel_current(k);
}

/* The token is the newest one, and granted. */
static hf_status take_order(hf_keeper *k, const hf_envelope *message)
{
    if (message->number < k->last)
        return HF_OK;
    if (message->number == k->last) {
        k->due_answer = k->has_answer;
        k->due_beat = !k->has_answer;
        return HF_OK;
    }
    if (message->command == HF_ORDER_ATTEMPT && (!k->open || k->doing == DOING_OWN_CLOSE)) {
        refuse(k, message, HF_REFUSAL_FORGOTTEN);
        return HF_OK;
    }
    if (!keep_order(&k->next, message))
        return HF_ENOMEM;
    k->last = message->number;
    drop_answer(k);
    cancel_current(k);
    k->due_beat = true;
    begin_next(k);
    return HF_OK;
}

static void cancel_order(hf_keeper *k, uint32_t number)
{
    if (k->next.present && k->next.envelope.number == number)
        k->next.cancelled = true;
    else if (k->doing == DOING_ORDER && k->current.envelope.number == number &&
             hf_order_token_compare(k->current.envelope.token, k->seen) == 0)
        cancel_current(k);
}

static void acknowledged(hf_keeper *k, uint32_t number)
{
    if (k->has_answer && k->answer_envelope.number == number)
        drop_answer(k);
}

/* Whoever wants something is told at once, and need not wait until the agent counts as lost. */
static hf_status take_while_leaving(hf_keeper *k, const hf_envelope *message, bool wants_reply)
{
    if (wants_reply)
        refuse(k, message, HF_REFUSAL_STOPPED);
    else if (message->kind == HF_MESSAGE_ACK && hf_order_token_compare(message->token, k->seen) == 0)
        acknowledged(k, message->number);
    return HF_OK;
}

hf_status hf_keeper_message(hf_keeper *k, const hf_envelope *message, uint64_t now_ns)
{
    const int age = hf_order_token_compare(message->token, k->seen);
    const bool wants_reply = message->kind == HF_MESSAGE_ORDER || message->kind == HF_MESSAGE_KEEP;
    if (k->leaving)
        return take_while_leaving(k, message, wants_reply);
    if (age < 0) {
        if (wants_reply)
            refuse(k, message, HF_REFUSAL_STALE);
        return HF_OK;
    }
    /* Only an order to open, or for a console, begins something new; anything else refers to what the agent must remember. */
    const bool begins = message->kind == HF_MESSAGE_ORDER && starts_holding(message->command) && age > 0;
    if (!begins && (age > 0 || !k->valid)) {
        if (wants_reply)
            refuse(k, message, HF_REFUSAL_FORGOTTEN);
        return HF_OK;
    }
    if (begins)
        adopt(k, message);
    k->heard_ns = now_ns;
    switch (message->kind) {
    case HF_MESSAGE_ORDER:
        return take_order(k, message);
    case HF_MESSAGE_KEEP:
        if (message->number > k->last) { /* of an order that was under way before a restart */
            refuse(k, message, HF_REFUSAL_FORGOTTEN);
            break;
        }
        k->due_beat = true;
        k->due_answer |= k->has_answer && message->number == k->answer_envelope.number;
        break;
    case HF_MESSAGE_CANCEL:
        cancel_order(k, message->number);
        break;
    case HF_MESSAGE_ACK:
        acknowledged(k, message->number);
        break;
    case HF_MESSAGE_INPUT: /* a sign of life; see hf_keeper_is_for_console() */
    case HF_MESSAGE_BEAT:  /* an agent's, as those that follow: not for us */
    case HF_MESSAGE_ANSWER:
    case HF_MESSAGE_REFUSED:
    case HF_MESSAGE_OUTPUT:
        break;
    }
    return HF_OK;
}

/* ---- The board ---- */

void hf_keeper_done(hf_keeper *k, hf_buffer *body, bool open, uint64_t now_ns)
{
    const bool entitled = k->doing == DOING_ORDER && k->valid &&
                          hf_order_token_compare(k->current.envelope.token, k->seen) == 0 &&
                          k->current.envelope.number == k->last && !k->leaving;
    k->open = open;
    if (entitled) {
        drop_answer(k);
        k->answer = *body;
        *body = (hf_buffer)HF_BUFFER_INIT;
        k->answer_envelope = (hf_envelope){.kind = HF_MESSAGE_ANSWER,
                                           .token = k->current.envelope.token,
                                           .number = k->current.envelope.number,
                                           .open = open};
        memcpy(k->answer_envelope.board, k->board, sizeof k->board);
        memcpy(k->answer_envelope.owner, k->current.envelope.owner, sizeof k->owner);
        hf_envelope_set_body(&k->answer_envelope, k->answer.data, (uint32_t)k->answer.size);
        k->has_answer = k->due_answer = true;
        k->due_store = k->stored = k->current.envelope.command == HF_ORDER_ATTEMPT;
        k->resend_gap_ns = k->options.resend_ns;
        k->resend_at_ns = now_ns + k->resend_gap_ns;
    }
    hf_buffer_free(body);
    *body = (hf_buffer)HF_BUFFER_INIT;
    k->doing = DOING_NOTHING;
    k->due_cancel = false;
    drop_order(&k->current);
    begin_next(k);
}

/* What is being done is the console of whoever has the newest token. */
static bool serves_console(const hf_keeper *k)
{
    return k->doing == DOING_ORDER && k->current.envelope.command == HF_ORDER_CONSOLE &&
           !k->current.cancelled;
}

bool hf_keeper_is_for_console(const hf_keeper *k, const hf_envelope *input)
{
    return !k->leaving && input->kind == HF_MESSAGE_INPUT && k->valid && serves_console(k) &&
           input->number == k->current.envelope.number &&
           hf_order_token_compare(input->token, k->seen) == 0 &&
           hf_order_token_compare(k->current.envelope.token, k->seen) == 0;
}

bool hf_keeper_is_listening(const hf_keeper *k, const hf_envelope *input)
{
    return input->kind == HF_MESSAGE_INPUT && input->piece == 0 && k->valid &&
           hf_order_token_compare(input->token, k->seen) == 0 && !serves_console(k);
}

void hf_keeper_progress(hf_keeper *k, uint8_t phase, uint32_t done, uint32_t of, uint64_t now_ns)
{
    k->phase = phase;
    k->done = done;
    k->of = of;
    if (now_ns < k->beat_at_ns || k->doing != DOING_ORDER || k->leaving)
        return;
    k->beat_at_ns = now_ns + k->options.beat_ns;
    k->due_beat = true;
}

/* ---- Time ---- */

static bool may_close(const hf_keeper *k)
{
    return k->open && k->doing == DOING_NOTHING && !k->next.present && !k->leaving;
}

static uint64_t console_end_ns(const hf_keeper *k)
{
    return k->heard_ns +
           (k->options.console_silence_ns ? k->options.console_silence_ns : k->options.silence_ns);
}

void hf_keeper_tick(hf_keeper *k, uint64_t now_ns)
{
    if (serves_console(k) && now_ns >= console_end_ns(k))
        cancel_current(k);
    if (k->has_answer && now_ns >= k->resend_at_ns) {
        k->due_answer = true;
        k->resend_gap_ns *= 2;
        if (k->resend_gap_ns > k->options.resend_max_ns)
            k->resend_gap_ns = k->options.resend_max_ns;
        k->resend_at_ns = now_ns + k->resend_gap_ns;
    }
    if (may_close(k) && now_ns - k->heard_ns >= k->options.silence_ns) {
        k->doing = DOING_OWN_CLOSE;
        k->due_execute = true;
    }
}

uint64_t hf_keeper_wake_ns(const hf_keeper *k)
{
    uint64_t wake_ns = k->has_answer ? k->resend_at_ns : UINT64_MAX;
    if (may_close(k) && k->heard_ns + k->options.silence_ns < wake_ns)
        wake_ns = k->heard_ns + k->options.silence_ns;
    if (serves_console(k) && console_end_ns(k) < wake_ns)
        wake_ns = console_end_ns(k);
    return wake_ns;
}

void hf_keeper_leave(hf_keeper *k)
{
    k->leaving = true;
    drop_order(&k->next);
    k->due_execute = k->due_beat = false;
    k->due_cancel = k->doing == DOING_ORDER;
    k->due_answer = k->has_answer; /* which its owner should still have */
    k->due_leave = k->valid;
}

/* ---- Actions ---- */

static bool take(bool *due)
{
    const bool was = *due;
    *due = false;
    return was;
}

static hf_envelope farewell(const hf_keeper *k)
{
    hf_envelope e = {
        .kind = HF_MESSAGE_REFUSED, .token = k->seen, .number = k->last, .refusal = HF_REFUSAL_STOPPED};
    memcpy(e.board, k->board, sizeof e.board);
    memcpy(e.owner, k->owner, sizeof e.owner);
    return e;
}

static hf_envelope beat(const hf_keeper *k)
{
    hf_envelope e = {.kind = HF_MESSAGE_BEAT, .token = k->seen, .number = k->last};
    memcpy(e.board, k->board, sizeof e.board);
    memcpy(e.owner, k->owner, sizeof e.owner);
    const bool ours = k->doing == DOING_ORDER && k->current.envelope.number == k->last &&
                      hf_order_token_compare(k->current.envelope.token, k->seen) == 0;
    e.state = ours || k->next.present ? HF_ORDER_UNDER_WAY
              : k->has_answer         ? HF_ORDER_ANSWERED
                                      : HF_ORDER_IDLE;
    if (ours) {
        e.phase = k->phase;
        e.done = k->done;
        e.of = k->of;
    }
    return e;
}

bool hf_keeper_next(hf_keeper *k, hf_keeper_action *out)
{
    *out = (hf_keeper_action){0};
    if (take(&k->due_discard)) {
        out->kind = HF_KEEPER_DISCARD_ANSWER;
    } else if (take(&k->due_remember)) {
        out->kind = HF_KEEPER_REMEMBER;
        out->token = k->seen;
    } else if (take(&k->due_store)) {
        out->kind = HF_KEEPER_KEEP_ANSWER;
        out->envelope = k->answer_envelope;
        out->answer = &k->answer;
    } else if (take(&k->due_execute)) {
        out->kind = HF_KEEPER_EXECUTE;
        out->command = k->doing == DOING_ORDER ? k->current.envelope.command : HF_ORDER_CLOSE;
        out->order = k->doing == DOING_ORDER ? &k->current.envelope : NULL;
    } else if (take(&k->due_cancel)) {
        out->kind = HF_KEEPER_CANCEL;
    } else {
        out->kind = HF_KEEPER_SEND;
        if (take(&k->due_refusal))
            out->envelope = k->refusal;
        else if (take(&k->due_answer))
            out->envelope = k->answer_envelope;
        else if (take(&k->due_beat) && k->valid)
            out->envelope = beat(k);
        else if (take(&k->due_leave))
            out->envelope = farewell(k);
        else
            return false;
    }
    return true;
}

const hf_buffer *hf_keeper_answer(const hf_keeper *k, const char *sha256)
{
    return k->has_answer && strcmp(k->answer_envelope.body_sha256, sha256) == 0 ? &k->answer : NULL;
}

/* The answer of before the start: the board is closed, and the order before it has ended. */
static bool take_up(hf_keeper *k, const hf_envelope *kept, uint64_t now_ns)
{
    hf_buffer_append(&k->answer, kept->body, kept->body_bytes);
    if (k->answer.failed)
        return false;
    k->answer_envelope = *kept;
    k->answer_envelope.open = false;
    hf_envelope_set_body(&k->answer_envelope, k->answer.data, (uint32_t)k->answer.size);
    memcpy(k->owner, kept->owner, sizeof k->owner);
    k->valid = true;
    k->last = kept->number;
    k->has_answer = k->due_answer = k->stored = true;
    k->resend_gap_ns = k->options.resend_ns;
    k->resend_at_ns = now_ns + k->resend_gap_ns;
    return true;
}

hf_status hf_keeper_new(const hf_keeper_options *options, uint64_t now_ns, hf_keeper **out, hf_error *err)
{
    hf_keeper *k = calloc(1, sizeof *k);
    if (!k)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for board %s", options->board);
    k->options = *options;
    strncpy(k->board, options->board, sizeof k->board - 1);
    k->options.board = k->board;
    k->seen = options->seen;
    k->heard_ns = now_ns;
    if (options->kept && hf_order_token_compare(options->kept->token, k->seen) == 0 &&
        !take_up(k, options->kept, now_ns)) {
        hf_keeper_free(k);
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for an answer of board %s",
                          options->board);
    }
    k->options.kept = NULL;
    *out = k;
    return HF_OK;
}

void hf_keeper_free(hf_keeper *k)
{
    if (!k)
        return;
    drop_order(&k->current);
    drop_order(&k->next);
    hf_buffer_free(&k->answer);
    free(k);
}
