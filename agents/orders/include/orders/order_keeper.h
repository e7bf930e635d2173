/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ORDERS_ORDER_KEEPER_H
#define HF_ORDERS_ORDER_KEEPER_H

#include "orders/envelope.h"

/**
 * @file order_keeper.h
 * The agent's side of one board: which orders are carried out, and how long an answer is kept. A pure state machine:
 * messages, time and what the board's thread reports go in; actions come out. No I/O, no clock, no threads.
 *
 * Use: after every event, call hf_keeper_next() until it returns false, and carry out each action in turn. Then wait for an
 * event, at most until hf_keeper_wake_ns(), and call hf_keeper_tick().
 *
 * Rules:
 *   - An order with an older token than one seen before is refused. A newer token ends whatever is done for an older one,
 *     and the answer to it is dropped: its owner is not entitled to it any more.
 *   - Tokens outlive a restart of the agent: what was granted before is refused as forgotten, so that an order from before
 *     the restart is never carried out after it.
 *   - An order is carried out once. A copy of the latest order brings its answer again, if that is still kept; copies of
 *     earlier ones are ignored.
 *   - The answer to an attempt outlives a restart too: it is all that the agent still knows of its token.
 *   - The answer is kept, and sent again in growing intervals, until it is acknowledged, or an order with a higher number or
 *     a newer token shows that nobody waits for it.
 *   - An agent that is stopped says so to the owner, after an answer that waits; what ends afterwards is not answered.
 *   - If the owner is silent, an order under way is carried out to its end. A board that is open but has nothing to do is
 *     closed after `silence_ns`, so that others can use it. A console, whose end nobody would see, ends after
 *     `console_silence_ns`.
 *
 * Bounded: one order under way, one that follows it, one answer.
 */

typedef struct hf_keeper hf_keeper;

typedef struct hf_keeper_options {
    const char *board;   /**< copied */
    hf_order_token seen; /**< the newest token before this start; {0} = none */
    const hf_envelope *
        kept; /**< an answer of before this start that was not discarded, with its body; NULL = none; copied */
    uint64_t resend_ns; /**< before an answer is sent for the second time; doubles up to `resend_max_ns` */
    uint64_t resend_max_ns;
    uint64_t beat_ns;            /**< least time between two BEATs for progress */
    uint64_t silence_ns;         /**< without a word from the owner */
    uint64_t console_silence_ns; /**< likewise, in a console; 0 = silence_ns */
} hf_keeper_options;

typedef enum hf_keeper_action_kind {
    HF_KEEPER_REMEMBER,       /**< store `token` durably before any further action is carried out */
    HF_KEEPER_KEEP_ANSWER,    /**< store the answer in `envelope`, with its body, in place of one before */
    HF_KEEPER_DISCARD_ANSWER, /**< delete what was stored */
    HF_KEEPER_EXECUTE,        /**< begin `command`; end it with hf_keeper_done() */
    HF_KEEPER_CANCEL,         /**< end what was begun soon; hf_keeper_done() still comes */
    HF_KEEPER_SEND,           /**< send `envelope` to its owner */
} hf_keeper_action_kind;

/** Pointers are valid until the next call with the keeper. */
typedef struct hf_keeper_action {
    const hf_buffer *answer; /**< KEEP_ANSWER */
    hf_keeper_action_kind kind;
    hf_order_token token;     /**< REMEMBER */
    hf_order_command command; /**< EXECUTE */
    const hf_envelope
        *order; /**< EXECUTE: of which order, with its body; NULL = the keeper's own decision to close */
    hf_envelope
        envelope; /**< SEND; KEEP_ANSWER, with `answer` as its body; a large body is offered by its SHA-256 as long as the answer is kept */
} hf_keeper_action;

/** @param out free with hf_keeper_free() @return HF_OK, or HF_ENOMEM */
hf_status hf_keeper_new(const hf_keeper_options *options, uint64_t now_ns, hf_keeper **out, hf_error *err);
/** NULL allowed. */
void hf_keeper_free(hf_keeper *keeper);

/** A message from an owner to this board. @return HF_OK; HF_ENOMEM: as if it had been lost */
hf_status hf_keeper_message(hf_keeper *keeper, const hf_envelope *message, uint64_t now_ns);
/**
 * What was begun by HF_KEEPER_EXECUTE has ended.
 * @param body of the answer; taken over, empty afterwards
 * @param open whether the board is open now
 */
void hf_keeper_done(hf_keeper *keeper, hf_buffer *body, bool open, uint64_t now_ns);
/** Whether an INPUT is for the console under way: only then anything is written to the board. It was a message of before. */
bool hf_keeper_is_for_console(const hf_keeper *keeper, const hf_envelope *input);
/** Whether an INPUT without a piece says that the owner of now wants to hear what the board says in its orders. */
bool hf_keeper_is_listening(const hf_keeper *keeper, const hf_envelope *input);
/** Progress of an attempt. */
void hf_keeper_progress(hf_keeper *keeper, uint8_t phase, uint32_t done, uint32_t of, uint64_t now_ns);
void hf_keeper_tick(hf_keeper *keeper, uint64_t now_ns);
/** The agent is being stopped: what is being done is cancelled, its owner is told, and nothing is begun any more. */
void hf_keeper_leave(hf_keeper *keeper);

/** The next thing to do. @param out written when true is returned */
bool hf_keeper_next(hf_keeper *keeper, hf_keeper_action *out);
/** When hf_keeper_tick() is due; UINT64_MAX = not before the next event. */
uint64_t hf_keeper_wake_ns(const hf_keeper *keeper);

/** The body of the answer that is kept, to be fetched in chunks; NULL = none has this SHA-256. Valid until the next call. */
const hf_buffer *hf_keeper_answer(const hf_keeper *keeper, const char *sha256);

#endif
