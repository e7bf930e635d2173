/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ORDERS_BOARD_OWNER_H
#define HF_ORDERS_BOARD_OWNER_H

#include "orders/envelope.h"

/**
 * @file board_owner.h
 * The owner's side of one board of another host: holds the board's lease while the board is open, sends one order at a time,
 * and repeats it until there is an answer, or gives it up. A pure state machine: commands, messages, outcomes of lease
 * operations and time go in; actions come out. No I/O, no clock, no threads.
 *
 * Use: after every event, call hf_owner_next() until it returns false, and carry out each action. Then wait for an event, at
 * most until hf_owner_wake_ns(), and call hf_owner_tick().
 *
 * Rules:
 *   - A command gets exactly one HF_OWNER_REPLY, whatever is lost, late, doubled or out of order.
 *   - Only an answer with the token of the lease that is held now and the number of the order under way counts. Every other
 *     answer is acknowledged, so that the agent can forget it, and ignored.
 *   - The lease counts as lost once it may have expired by this host's clock, or cannot be renewed because somebody else
 *     has it. Nothing that arrives later counts.
 *   - An order that is given up costs the lease: the next holder's token is newer, which ends what the agent may still be
 *     doing.
 */

typedef struct hf_owner hf_owner;

typedef struct hf_owner_options {
    const char *board;      /**< copied */
    const char *owner;      /**< address for replies: unique to this process; copied */
    uint64_t lease_ns;      /**< how long a lease lasts without being renewed */
    uint64_t renew_ns;      /**< between renewals; well below lease_ns */
    uint64_t resend_ns;     /**< between copies of an order that the agent has not confirmed */
    uint64_t keep_ns;       /**< between two KEEPs */
    uint64_t first_sign_ns; /**< how long an order may stay without any sign of the agent */
    uint64_t
        patience_ns; /**< the same once the agent has confirmed the order: it may be cut off for that long */
    uint64_t close_ns; /**< how long closing and cancelling may take before nobody waits for them any more */
} hf_owner_options;

/** How a command has ended. */
typedef enum hf_owner_outcome {
    HF_OWNER_ANSWERED,   /**< see the answer */
    HF_OWNER_CLOSED,     /**< of a close: the lease is given back */
    HF_OWNER_CANCELLED,  /**< by hf_owner_cancel(), without an answer */
    HF_OWNER_IN_USE,     /**< somebody else holds the lease */
    HF_OWNER_NO_LEASE,   /**< the lease's server did not answer */
    HF_OWNER_LEASE_LOST, /**< the lease expired, or somebody else has it now */
    HF_OWNER_SILENT,     /**< the agent does not answer */
    HF_OWNER_FORGOTTEN, /**< the agent was restarted, or closed the board because it heard nothing for too long */
    HF_OWNER_NO_BOARD, /**< the agent has no such board */
    HF_OWNER_STOPPED,  /**< the agent was stopped, and has said so */
} hf_owner_outcome;

typedef enum hf_owner_action_kind {
    HF_OWNER_ACQUIRE, /**< take the lease; reply with hf_owner_acquired() */
    HF_OWNER_RENEW,   /**< renew the lease; reply with hf_owner_renewed() */
    HF_OWNER_RELEASE, /**< give `token`'s lease back, if it is still held; no reply */
    HF_OWNER_SEND,    /**< send `envelope` to the agent */
    HF_OWNER_REPLY,   /**< the command under way has ended with `outcome` */
} hf_owner_action_kind;

/** Pointers are valid until the next call with the owner. */
typedef struct hf_owner_action {
    hf_owner_action_kind kind;
    hf_order_token token;     /**< RELEASE */
    hf_envelope envelope;     /**< SEND; REPLY with HF_OWNER_ANSWERED: the answer */
    hf_owner_outcome outcome; /**< REPLY */
} hf_owner_action;

typedef enum hf_lease_result {
    HF_LEASE_OK,
    HF_LEASE_TAKEN,  /**< somebody else has it */
    HF_LEASE_FAILED, /**< no answer from the lease's server */
} hf_lease_result;

/** @param out free with hf_owner_free() @return HF_OK, or HF_ENOMEM */
hf_status hf_owner_new(const hf_owner_options *options, hf_owner **out, hf_error *err);
/** NULL allowed. */
void hf_owner_free(hf_owner *owner);

/**
 * Begins a command; the reply to the previous one must have come. HF_ORDER_OPEN and HF_ORDER_CONSOLE are for a closed board,
 * the others for any. A console is under way until it is cancelled or fails; the board is closed then.
 * @param body borrowed until the reply; a large one must be offered by its SHA-256 until then
 * @param budget_ns for the whole order; not 0
 */
void hf_owner_command(hf_owner *owner, hf_order_command command, const hf_buffer *body, uint64_t budget_ns,
                      uint64_t now_ns);
/** Ends the command under way soon; without one, does nothing. */
void hf_owner_cancel(hf_owner *owner, uint64_t now_ns);
/** Whether a message is the answer to the order under way: only then is it worth fetching its body. */
bool hf_owner_awaits(const hf_owner *owner, const hf_envelope *message);
/** Whether an OUTPUT is of the order under way; as every message, it must then be given to hf_owner_message() too. */
bool hf_owner_is_of_order(const hf_owner *owner, const hf_envelope *output);
/** Whether an OUTPUT is of a board that is open, or about to be. */
bool hf_owner_is_of_lease(const hf_owner *owner, const hf_envelope *output);
/** An INPUT for a board that is open, or about to be. Its body is borrowed. @return false: the lease is not held */
bool hf_owner_input(const hf_owner *owner, uint32_t piece, uint64_t position, const void *body,
                    uint32_t bytes, hf_envelope *out);
/** A message from the agent. Pointers in it are borrowed until hf_owner_next() has returned false. */
void hf_owner_message(hf_owner *owner, const hf_envelope *message, uint64_t now_ns);
/** @param asked_ns when the lease was asked for: it counts from then */
void hf_owner_acquired(hf_owner *owner, hf_lease_result result, hf_order_token token, uint64_t asked_ns,
                       uint64_t now_ns);
void hf_owner_renewed(hf_owner *owner, hf_lease_result result, uint64_t asked_ns, uint64_t now_ns);
void hf_owner_tick(hf_owner *owner, uint64_t now_ns);

/** The next thing to do. @param out written when true is returned */
bool hf_owner_next(hf_owner *owner, hf_owner_action *out);
/** When hf_owner_tick() is due; UINT64_MAX = not before the next event. */
uint64_t hf_owner_wake_ns(const hf_owner *owner);
/** The progress of an attempt, as the agent last reported it. @return false: nothing new since the last call */
bool hf_owner_progress(hf_owner *owner, uint8_t *phase, uint32_t *done, uint32_t *of);

#endif
