/* SPDX-License-Identifier: Apache-2.0 */
#include "event_ring.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define BEAT ": alive\n\n"

/* An encoded event. */
typedef struct chunk {
    unsigned users;
    size_t size;
    char *data; /* owned */
} chunk;

typedef struct follower {
    hf_event_ring *ring;
    hf_http_stream *stream;
    uint64_t next_event;                      /**< number of the next event to send */
    uint64_t views_sent[HF_EVENT_RING_VIEWS]; /**< versions */
    bool views_first, beat;
    chunk *sending;
    size_t sent;
    struct follower *next, **link;
} follower;

struct hf_event_ring {
    pthread_mutex_t mutex;
    uint64_t epoch_ms;    /**< tells the events of this daemon from those of one before */
    chunk **events;       /**< a ring: event n is at n % most_events; NULL = it was lost */
    uint64_t first, next; /**< the events that are kept: first .. next - 1; numbers begin with 1 */
    size_t most_events, most_bytes, bytes;
    chunk *views[HF_EVENT_RING_VIEWS];
    uint64_t versions[HF_EVENT_RING_VIEWS];
    follower *followers;
    size_t follower_count;
    bool unsent; /* there is something that the clients have not been woken for */
    bool ended, released;
};

static void drop_chunk(chunk *dropped)
{
    if (dropped && --dropped->users == 0) {
        free(dropped->data);
        free(dropped);
    }
}

static void free_ring(hf_event_ring *ring)
{
    for (uint64_t i = ring->first; i < ring->next; i++)
        drop_chunk(ring->events[i % ring->most_events]);
    for (unsigned i = 0; i < HF_EVENT_RING_VIEWS; i++)
        drop_chunk(ring->views[i]);
    pthread_mutex_destroy(&ring->mutex);
    free(ring->events);
    free(ring);
}

hf_event_ring *hf_event_ring_new(size_t most_events, size_t most_bytes)
{
    hf_event_ring *ring = calloc(1, sizeof *ring);
    if (!ring)
        return NULL;
    *ring = (hf_event_ring){.epoch_ms = (uint64_t)hf_wall_ms(),
                            .events =
                                calloc(most_events, sizeof(chunk *)), /* NOLINT(bugprone-sizeof-expression) */
                            .first = 1,
                            .next = 1,
                            .most_events = most_events,
                            .most_bytes = most_bytes};
    pthread_mutex_init(&ring->mutex, NULL);
    if (ring->events)
        return ring;
    free_ring(ring);
    return NULL;
}

/* @param id 0 = without one */
static chunk *encode(const hf_event_ring *ring, uint64_t id, const char *event, const char *json)
{
    hf_buffer text = HF_BUFFER_INIT;
    if (id)
        hf_buffer_printf(&text, "id: %" PRIu64 "-%" PRIu64 "\n", ring->epoch_ms, id);
    hf_buffer_printf(&text, "event: %s\ndata: ", event);
    hf_buffer_puts(&text, json);
    hf_buffer_puts(&text, "\n\n");
    chunk *encoded = text.failed ? NULL : malloc(sizeof *encoded);
    if (encoded)
        *encoded = (chunk){.users = 1, .size = text.size, .data = hf_buffer_take(&text)};
    hf_buffer_free(&text);
    if (encoded && encoded->data)
        return encoded;
    free(encoded);
    return NULL;
}

static void wake_all(hf_event_ring *ring)
{
    for (follower *each = ring->followers; each; each = each->next)
        hf_http_stream_wake(each->stream);
}

/* Forgets the oldest events until the new one has room. */
static void make_room(hf_event_ring *ring, size_t size)
{
    while (ring->first < ring->next &&
           (ring->next - ring->first == ring->most_events || ring->bytes + size > ring->most_bytes)) {
        chunk **oldest = &ring->events[ring->first % ring->most_events];
        if (*oldest)
            ring->bytes -= (*oldest)->size;
        drop_chunk(*oldest);
        *oldest = NULL;
        ring->first++;
    }
}

static void add_event(hf_event_ring *ring, const char *event, const char *json)
{
    chunk *added = encode(ring, ring->next, event, json);
    const size_t size = added ? added->size : 0;
    make_room(ring, size);
    ring->events[ring->next++ % ring->most_events] = added;
    ring->bytes += size;
}

void hf_event_ring_add(hf_event_ring *ring, const char *event, const char *json)
{
    pthread_mutex_lock(&ring->mutex);
    add_event(ring, event, json);
    ring->unsent = true;
    pthread_mutex_unlock(&ring->mutex);
}

void hf_event_ring_show(hf_event_ring *ring, unsigned kind, const char *event, const char *json)
{
    pthread_mutex_lock(&ring->mutex);
    chunk *shown = encode(ring, 0, event, json);
    if (shown) { /* without memory, clients keep the last view until the next */
        drop_chunk(ring->views[kind]);
        ring->views[kind] = shown;
        ring->versions[kind]++;
        ring->unsent = true;
    }
    pthread_mutex_unlock(&ring->mutex);
}

bool hf_event_ring_send(hf_event_ring *ring)
{
    pthread_mutex_lock(&ring->mutex);
    const bool unsent = ring->unsent;
    ring->unsent = false;
    if (unsent)
        wake_all(ring);
    pthread_mutex_unlock(&ring->mutex);
    return unsent;
}

void hf_event_ring_end(hf_event_ring *ring, const char *event, const char *json)
{
    pthread_mutex_lock(&ring->mutex);
    add_event(ring, event, json);
    ring->ended = true;
    wake_all(ring);
    pthread_mutex_unlock(&ring->mutex);
}

void hf_event_ring_beat(hf_event_ring *ring)
{
    pthread_mutex_lock(&ring->mutex);
    for (follower *each = ring->followers; each; each = each->next)
        each->beat = true;
    wake_all(ring);
    pthread_mutex_unlock(&ring->mutex);
}

size_t hf_event_ring_followers(hf_event_ring *ring)
{
    pthread_mutex_lock(&ring->mutex);
    const size_t count = ring->follower_count;
    pthread_mutex_unlock(&ring->mutex);
    return count;
}

/* A view that the follower has not seen. @return NULL = none */
static chunk *next_view(follower *reader)
{
    hf_event_ring *ring = reader->ring;
    for (unsigned i = 0; i < HF_EVENT_RING_VIEWS; i++)
        if (ring->views[i] && reader->views_sent[i] != ring->versions[i]) {
            reader->views_sent[i] = ring->versions[i];
            ring->views[i]->users++;
            return ring->views[i];
        }
    return NULL;
}

/* The next event, or that some are missing. @return NULL = none */
static chunk *next_event(follower *reader)
{
    hf_event_ring *ring = reader->ring;
    uint64_t at = reader->next_event < ring->first ? ring->first : reader->next_event;
    while (at < ring->next && !ring->events[at % ring->most_events])
        at++;
    const uint64_t missed = at - reader->next_event;
    if (missed) {
        char json[64];
        snprintf(json, sizeof json, "{\"events\":%" PRIu64 "}", missed);
        reader->next_event = at;
        return encode(ring, 0, "gap", json);
    }
    if (at == ring->next)
        return NULL;
    chunk *event = ring->events[at % ring->most_events];
    event->users++;
    reader->next_event++;
    return event;
}

/* Events come before views, except that a new client gets the views first. */
static chunk *next_chunk(follower *reader)
{
    chunk *next = reader->views_first ? next_view(reader) : NULL;
    if (!next)
        reader->views_first = false;
    if (!next)
        next = next_event(reader);
    return next ? next : next_view(reader);
}

static size_t read_events(void *user, char *data, size_t size, bool *over)
{
    follower *reader = user;
    hf_event_ring *ring = reader->ring;
    size_t copied = 0;
    pthread_mutex_lock(&ring->mutex);
    while (copied < size && (reader->sending || (reader->sending = next_chunk(reader)))) {
        size_t part = reader->sending->size - reader->sent;
        part = part < size - copied ? part : size - copied;
        memcpy(data + copied, reader->sending->data + reader->sent, part);
        copied += part;
        reader->sent += part;
        if (reader->sent == reader->sending->size) {
            drop_chunk(reader->sending);
            reader->sending = NULL;
            reader->sent = 0;
        }
    }
    *over = ring->ended && !reader->sending && reader->next_event == ring->next;
    if (!copied && reader->beat && size >= sizeof BEAT - 1) {
        copied = sizeof BEAT - 1;
        memcpy(data, BEAT, copied);
    }
    reader->beat = false;
    pthread_mutex_unlock(&ring->mutex);
    return copied;
}

static void close_follower(void *user)
{
    follower *left = user;
    hf_event_ring *ring = left->ring;
    pthread_mutex_lock(&ring->mutex);
    *left->link = left->next;
    if (left->next)
        left->next->link = left->link;
    ring->follower_count--;
    drop_chunk(left->sending);
    const bool last = ring->released && !ring->follower_count;
    pthread_mutex_unlock(&ring->mutex);
    free(left);
    if (last)
        free_ring(ring);
}

void hf_event_ring_release(hf_event_ring *ring)
{
    if (!ring)
        return;
    pthread_mutex_lock(&ring->mutex);
    ring->released = true;
    const bool last = !ring->follower_count;
    pthread_mutex_unlock(&ring->mutex);
    if (last)
        free_ring(ring);
}

/* The number of the event to begin with. */
static uint64_t first_event(const hf_event_ring *ring, const char *last_id)
{
    uint64_t epoch_ms = 0, number = 0;
    if (!last_id)
        return ring->ended ? ring->next - 1 : ring->next; /* a run that is over still says so */
    if (sscanf(last_id, "%" SCNu64 "-%" SCNu64, &epoch_ms, &number) == 2 && /* NOLINT(cert-err34-c) */
        epoch_ms == ring->epoch_ms && number < ring->next)
        return ring->ended && number + 1 == ring->next ? number : number + 1;
    return 1; /* "0", or an event of the daemon before */
}

void hf_event_ring_follow(hf_event_ring *ring, hf_http_request *request)
{
    const hf_http_source source = {.read = read_events, .closed = close_follower};
    follower *added = calloc(1, sizeof *added);
    hf_http_source own = source;
    own.user = added;
    hf_http_stream *stream = added ? hf_http_stream_new(request, &own) : NULL;
    if (!stream) {
        free(added);
        hf_http_respond_error(request, 500, "no memory to follow events");
        return;
    }
    added->ring = ring;
    added->stream = stream;
    added->views_first = true;
    pthread_mutex_lock(&ring->mutex);
    added->next_event = first_event(ring, hf_http_request_header(request, "Last-Event-ID"));
    added->next = ring->followers;
    added->link = &ring->followers;
    if (added->next)
        added->next->link = &added->next;
    ring->followers = added;
    ring->follower_count++;
    pthread_mutex_unlock(&ring->mutex);
    hf_http_respond_stream(request, stream);
}
