/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLIENT_EVENT_STREAM_H
#define HF_CLIENT_EVENT_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

/**
 * @file event_stream.h
 * Splits a stream of server-sent events (text/event-stream, HTML Living Standard, section 9.2.6) into events. Pure.
 */

/** One event. Texts are valid during the call. */
typedef struct hf_stream_event {
    const char *name; /**< "message" if the stream does not say */
    const char *id;   /**< of this event or, if it has none, of the last one that had; "" = none */
    const char *data;
    size_t data_bytes;
} hf_stream_event;

typedef struct hf_event_stream {
    /** @return false to ignore everything that follows */
    bool (*event)(void *user, const hf_stream_event *event);
    void *user;
    size_t limit_bytes; /**< of a line, and of an event's data */
    bool stopped;
    /* internal */
    bool began, skip_line_feed, has_data, has_id;
    hf_buffer line, name, data, id, last_id;
} hf_event_stream;

void hf_event_stream_init(hf_event_stream *stream, size_t limit_bytes,
                          bool (*event)(void *user, const hf_stream_event *event), void *user);
void hf_event_stream_free(hf_event_stream *stream);
/** Forgets an event that is not complete; the last id stays. For a new connection. */
void hf_event_stream_restart(hf_event_stream *stream);
/** The last id; "" = none so far. */
const char *hf_event_stream_last_id(const hf_event_stream *stream);
/** Takes the next bytes of the stream. @return HF_OK; HF_ELIMIT for a line or an event that is too long; HF_ENOMEM */
hf_status hf_event_stream_feed(hf_event_stream *stream, const char *bytes, size_t size, hf_error *err);

#endif
