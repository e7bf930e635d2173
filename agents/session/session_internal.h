/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SESSION_INTERNAL_H
#define HF_SESSION_INTERNAL_H

#include "proto/frame.h"
#include "session/session.h"

#define REPEAT_LIMIT 4u /* sendings of one request */

struct hf_session {
    hf_session_options options;
    uint32_t baud;
    uint32_t sequence;
    uint32_t retries;
    uint32_t garbled;    /* lines since the session began */
    bool booting;        /* a `boot` frame is welcome */
    bool proven;         /* a frame with the session's nonce has come */
    uint32_t strangers;  /* frames with another one, or none, since the session began */
    char stranger[24];   /* nonce of the last of them, as it was written */
    char suspicion[200]; /* of hf_session_suspicion() */
    hf_line line;
    char received[512];
    size_t received_size;
    size_t received_next;
};

/* Reads a record of the reply in progress; an error it returns ends the request. */
typedef hf_status (*hf_record_fn)(void *state, const hf_frame *frame, hf_error *err);

typedef struct hf_request {
    const char *type;
    void (*fields)(hf_frame_writer *writer, const void *arguments); /* NULL = none */
    const void *arguments;
    hf_record_fn record; /* NULL = no records expected */
    void *state;         /* of `record`; zeroed before every sending */
    size_t state_bytes;
} hf_request;

/* Sends a request under a new sequence number. */
hf_status hf_session_send(hf_session *session, const hf_request *request, hf_error *err);

/*
 * The next frame with the session's nonce and the current sequence number, or `boot` while booting. A `fault`
 * frame, an unexpected `boot` and an answer with another nonce are failures, whenever they come. The frame is
 * valid until the next call.
 * HF_ETIMEOUT and HF_EFORMAT (a line was garbled, on the way here or there) are not recorded in *err.
 */
hf_status hf_session_next(hf_session *session, hf_deadline deadline, hf_frame *frame, hf_error *err);

/* An idempotent request: repeated until its reply is complete or `within_ms` are over. */
hf_status hf_session_exchange(hf_session *session, const hf_request *request, uint32_t within_ms,
                              hf_error *err);

typedef struct hf_hello_state {
    hf_session_id id;
    hf_session_model model;
    bool has_id, has_model;
} hf_hello_state;

/* Request `hello`, repeated until it is answered or `within_ms` are over. */
hf_status hf_session_hello_within(hf_session *session, uint32_t within_ms, hf_hello_state *state,
                                  hf_error *err);

/* What an `error` frame means to the caller, as a failure. */
hf_status hf_session_refusal(const hf_frame *frame, const char *request, hf_error *err);

/* Whose fault silence is: the line's if garbage or another board's frames came, the board's
 * if nothing did. */
hf_fault hf_session_silence(const hf_session *session, uint32_t garbled_before);
/* "" or, if frames with another nonce came, the end of a sentence that says so. Valid until the next call. */
const char *hf_session_suspicion(hf_session *session);

bool hf_frame_is(const hf_frame *frame, const char *type);
/* Fields as they are needed; false = absent, out of range or too long. */
bool hf_field_u32(const hf_frame *frame, const char *key, uint32_t *out);
bool hf_field_text(const hf_frame *frame, const char *key, char *out, size_t size);
/* The field's text, or `otherwise` if there is no such field. */
const char *hf_field_or(const hf_frame *frame, const char *key, const char *otherwise);
/* "a record of type T lacks a field or has a wrong one": a failure of class board. */
hf_status hf_bad_record(const hf_frame *frame, hf_error *err);

#endif
