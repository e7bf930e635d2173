/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_EVENT_RING_H
#define HF_DAEMON_EVENT_RING_H

#include "http/request.h"

/**
 * @file event_ring.h
 * The events of a run, or of the farm, on their way to clients as server-sent events (HTML Living Standard, section
 * 9.2). Each text is encoded once, however many clients follow. There are
 *   - events, which every client gets in order; the last ones are kept, and a client that is further behind is told
 *     how many it has missed (`gap`);
 *   - views, of which only the newest matters: a slow client gets fewer of them.
 * All functions may be called on any thread.
 */

typedef struct hf_event_ring hf_event_ring;

#define HF_EVENT_RING_VIEWS 2 /**< kinds of views */

/**
 * @param most_events, most_bytes kept for clients that are behind, and for new ones
 * @return hf_event_ring_release(); NULL when out of memory
 */
hf_event_ring *hf_event_ring_new(size_t most_events, size_t most_bytes);
/** The caller is done with it. It is freed when no client follows any more. NULL allowed. */
void hf_event_ring_release(hf_event_ring *ring);

/** Adds an event, for hf_event_ring_send(). Short of memory, it is counted as missed by all. @param json one line */
void hf_event_ring_add(hf_event_ring *ring, const char *event, const char *json);
/** Replaces a view, for hf_event_ring_send(). @param kind below HF_EVENT_RING_VIEWS */
void hf_event_ring_show(hf_event_ring *ring, unsigned kind, const char *event, const char *json);
/** Sends the clients what they have not got yet: to each all of it at once, so that a hundred of them cost little.
 * @return false if there was nothing new */
bool hf_event_ring_send(hf_event_ring *ring);
/** Adds the last event and sends it. Streams end after it, also those of clients that come later. */
void hf_event_ring_end(hf_event_ring *ring, const char *event, const char *json);
/** Sends every client a comment, so that both ends notice a dead connection. */
void hf_event_ring_beat(hf_event_ring *ring);
/** Clients that follow. */
size_t hf_event_ring_followers(hf_event_ring *ring);

/**
 * Answers a request with the views, and then with what follows. With the header Last-Event-ID the events after that
 * one come too; 0 stands for the beginning.
 */
void hf_event_ring_follow(hf_event_ring *ring, hf_http_request *request);

#endif
