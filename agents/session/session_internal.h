/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_SESSION_INTERNAL_H
#define HF_SESSION_INTERNAL_H

#include "proto/frame.h"
#include "session/session.h"

#define REPEAT_LIMIT 4u /* transmissions of a request, the first included */

struct hf_session {
    hf_session_options options;
    uint32_t baud;
    uint32_t sequence;
    uint32_t retries;
    uint32_t garbled;        /* garbled lines since the session began */
    bool booting;            /* a `boot` frame is expected */
    bool proven;             /* a frame with the session's nonce has arrived */
    uint32_t foreign_frames; /* frames with another nonce, or none, since the session began */
    char foreign_nonce[24];  /* nonce of the last of them, as text */
    char foreign_hint[200];  /* of hf_session_foreign_hint() */
    hf_line line;
    char received[512];
    size_t received_size;
    size_t received_next;
};

/* Parses a record of the current reply. An error that it returns ends the request. */
typedef hf_status (*hf_record_fn)(void *state, const hf_frame *frame, hf_error *err);

typedef struct hf_request {
    const char *type;
    void (*fields)(hf_frame_writer *writer, const void *arguments); /* NULL = none */
    const void *arguments;
    hf_record_fn record; /* NULL = ignore records */
    void *state;         /* of `record`; zeroed before every transmission */
    size_t state_bytes;
} hf_request;

/* Sends a request with a new sequence number. */
hf_status hf_session_send(hf_session *session, const hf_request *request, hf_error *err);

/*
 * Receives the next frame with the session's nonce and the current sequence number, or `boot` while booting.
 * A `fault` frame, an unexpected `boot` and an answer with another nonce are failures at any time. The frame
 * is valid until the next call.
 * HF_ETIMEOUT and HF_EFORMAT (a line was garbled, in either direction) are not recorded in *err.
 */
hf_status hf_session_next(hf_session *session, hf_deadline deadline, hf_frame *frame, hf_error *err);

/* Sends an idempotent request, again and again until its reply is complete or `within_ms` have passed. */
hf_status hf_session_exchange(hf_session *session, const hf_request *request, uint32_t within_ms,
                              hf_error *err);

typedef struct hf_hello_state {
    hf_session_id id;
    hf_session_model model;
    bool has_id, has_model;
} hf_hello_state;

/* Request `hello`, repeated until it is answered or `within_ms` have passed. */
hf_status hf_session_hello_within(hf_session *session, uint32_t within_ms, hf_hello_state *state,
                                  hf_error *err);

/* Turns an `error` frame into a failure. */
hf_status hf_session_refusal(const hf_frame *frame, const char *request, hf_error *err);

/* The fault class of a missing answer: serial if garbage or another board's frames arrived, board if nothing
 * did. */
hf_fault hf_session_silence(const hf_session *session, uint32_t garbled_before);
/* A suffix for messages if frames with another nonce arrived, else "". Valid until the next call. */
const char *hf_session_foreign_hint(hf_session *session);

bool hf_frame_is(const hf_frame *frame, const char *type);
/* Read a field. @return false if it is absent, out of range or too long */
bool hf_field_u32(const hf_frame *frame, const char *key, uint32_t *out);
bool hf_field_text(const hf_frame *frame, const char *key, char *out, size_t size);
/* The field's text, or `otherwise` if there is no such field. */
const char *hf_field_or(const hf_frame *frame, const char *key, const char *otherwise);
/* Fails because a record lacks a field or has a wrong one (class board). */
hf_status hf_bad_record(const hf_frame *frame, hf_error *err);

#endif
