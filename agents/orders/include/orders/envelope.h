/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_ORDERS_ENVELOPE_H
#define HF_ORDERS_ENVELOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"

/**
 * @file envelope.h
 * The messages between the owner of a board (hilfarm or hilfarmd) and the agent of the host that the board is
 * attached to (MESSAGES.md). An envelope has a fixed size and says what a message is about; its body, if it has one, is
 * opaque here (orders/bodies.h).
 *
 * The encoding is little-endian and versioned. Whoever decodes checks every length and value; what does not conform is
 * rejected as a whole.
 */

#define HF_ORDERS_VERSION      1
#define HF_ENVELOPE_NAME_SIZE  64             /**< of an id, the final NUL included */
#define HF_ENVELOPE_INLINE_MAX (192U * 1024U) /**< larger bodies travel in chunks */
#define HF_ENVELOPE_BODY_MAX   (64U << 20)    /**< bytes of any body */
#define HF_INPUT_MAX           4096U          /**< bytes of a piece of input */
#define HF_OUTPUT_MAX          8192U          /**< bytes of a message with output */
#define HF_POSITION_MAX        (UINT64_C(1) << 62)

/**
 * The fencing token of an order: which holding of the board's lease it belongs to. A later holding has a greater one,
 * also if the lease's store was deleted and created again in between.
 */
typedef struct hf_order_token {
    uint64_t epoch_ns; /**< when the lease's store was created; wall clock of its server */
    uint64_t revision; /**< of the lease when it was taken; grows with every change of the store */
} hf_order_token;

/** @return negative, 0 or positive as `a` is older than, equal to or newer than `b` */
int hf_order_token_compare(hf_order_token a, hf_order_token b);

typedef enum hf_message_kind {
    /* From the owner. */
    HF_MESSAGE_ORDER = 1, /**< carry this out */
    HF_MESSAGE_KEEP,   /**< the owner is there, and asks how the order `number` is doing; 0 = it has none */
    HF_MESSAGE_CANCEL, /**< end the order `number` soon; its answer still comes */
    HF_MESSAGE_ACK,    /**< the answer to `number` has arrived */
    HF_MESSAGE_INPUT =
        8, /**< for the line of a board: one piece of input; and how far its output has arrived */
    /* From the agent. */
    HF_MESSAGE_BEAT = 5,   /**< reply to KEEP, and progress */
    HF_MESSAGE_ANSWER,     /**< the order `number` has ended; repeated until ACK */
    HF_MESSAGE_REFUSED,    /**< the order or KEEP `number` will not be followed; see `refusal` */
    HF_MESSAGE_OUTPUT = 9, /**< what a board says on its line; and which input was written to it */
} hf_message_kind;

typedef enum hf_order_command {
    HF_ORDER_OPEN = 1, /**< hf_open_body */
    HF_ORDER_ATTEMPT,  /**< hf_attempt_body */
    HF_ORDER_CLOSE,    /**< no body */
    HF_ORDER_CONSOLE, /**< hf_console_body: a person's console of a board that is not open, until it is cancelled */
} hf_order_command;

/** What an agent says of its latest order in a BEAT. */
typedef enum hf_order_state {
    HF_ORDER_IDLE = 1,  /**< its answer was acknowledged, or there was none yet */
    HF_ORDER_UNDER_WAY, /**< including one that waits until an earlier one has ended */
    HF_ORDER_ANSWERED,  /**< its answer waits for ACK */
} hf_order_state;

typedef enum hf_order_refusal {
    HF_REFUSAL_STALE = 1, /**< the agent has seen a newer token */
    HF_REFUSAL_FORGOTTEN, /**< the agent does not know the token, or has restarted since: take the lease again */
    HF_REFUSAL_NO_BOARD, /**< the agent has no board of that name */
    HF_REFUSAL_STOPPED,  /**< the agent is being stopped; what it was doing is not finished */
} hf_order_refusal;

typedef struct hf_envelope {
    hf_message_kind kind;
    char board[HF_ENVELOPE_NAME_SIZE];
    char owner[HF_ENVELOPE_NAME_SIZE]; /**< to whom the agent replies */
    hf_order_token token;
    uint32_t number; /**< of the order, counted from 1 for each token */
    /* Each member is meaningful for one kind only; 0 otherwise. */
    hf_order_command command; /**< ORDER */
    uint32_t budget_ms;       /**< ORDER: the owner waits no longer than this; at least 1 */
    hf_order_state state;     /**< BEAT */
    uint8_t phase;            /**< BEAT: hf_phase of an attempt under way */
    uint32_t done, of;        /**< BEAT: progress in that phase */
    hf_order_refusal refusal; /**< REFUSED */
    bool open;                /**< ANSWER: the board is open now */
    uint32_t
        piece; /**< INPUT: of this input, counted from 1; 0 without a body. OUTPUT: the last one that was written */
    uint64_t
        position; /**< OUTPUT: of the first byte of the body in all that the board has said since the line was
                          opened; INPUT: up to where that has arrived. At most HF_POSITION_MAX */
    /* ORDER and ANSWER; INPUT and OUTPUT, whose body always follows. */
    uint32_t body_bytes;                  /**< 0 = no body */
    char body_sha256[HF_SHA256_HEX_SIZE]; /**< of the body; "" without one */
    const uint8_t
        *body; /**< borrowed; NULL: fetched by its SHA-256, as it is larger than HF_ENVELOPE_INLINE_MAX */
} hf_envelope;

/** Whether the agent sends messages of this kind, rather than the owner. */
bool hf_message_is_agents(hf_message_kind kind);

/**
 * Sets body, size and SHA-256. A body that is too large to travel inline is left out; the caller offers it by its SHA-256.
 * @param body borrowed as long as the envelope is used
 */
void hf_envelope_set_body(hf_envelope *envelope, const void *body, uint32_t bytes);

/** Appends the encoded envelope. `out->failed` tells whether memory sufficed. */
void hf_envelope_encode(const hf_envelope *envelope, hf_buffer *out);

/**
 * Decodes and checks an envelope: version, kind, values, names, and the SHA-256 of an inline body.
 * @param out written on HF_OK; its body points into `bytes`
 * @return HF_OK; HF_EUNSUPPORTED for another version; HF_EFORMAT
 */
hf_status hf_envelope_decode(const void *bytes, size_t size, hf_envelope *out, hf_error *err);

/** Whether a text can be the id of a board, a host or an owner in messages: 1 to 63 printable ASCII characters without
 * spaces, dots, asterisks and greater-than signs, which mean something in the names of NATS subjects. */
bool hf_envelope_name_ok(const char *name);

#endif
