/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_DAEMON_CONSOLE_STATE_H
#define HF_DAEMON_CONSOLE_STATE_H

#include <pthread.h>

#include "console/console.h"
#include "consoles.h"

/** @file console_state.h
 * What the files about people's consoles share:
 *
 *   consoles.c        who may open one, requests about one, what ends it
 *   console_life.c    one console from its beginning to its end
 *   console_events.c  what its client is told, in batches
 */

#define HF_CONSOLE_NAME_BYTES  16
#define HF_CONSOLE_BATCH_BYTES 4096u
#define HF_CONSOLE_BATCH_MS    25 /* output is sent at most this often, so that a fast line costs little */

struct hf_daemon_console {
    hf_daemon *daemon;
    hf_daemon_console *next, **link;
    char name[2 * HF_CONSOLE_NAME_BYTES + 1];
    char user[HF_USER_NAME_SIZE];
    hf_http_peer peer;
    uint32_t board;
    bool watch;
    bool told;           /* its client knows that it has ended */
    bool ending;         /* it has been told to end; `why` is set */
    hf_console *console; /* NULL: it only watches */
    hf_event_ring *ring; /* any thread */
    hf_error closed;     /* of a console that has ended */
    char why[sizeof((hf_error *)NULL)->message];
    bool failed;
    pthread_mutex_t mutex;
    /* Under the mutex. */
    int64_t offset; /* of the first byte of the batch */
    size_t used;
    uint8_t batch[HF_CONSOLE_BATCH_BYTES];
};

/* console_events.c; any thread */
void hf_console_event(hf_event_ring *ring, const char *event, const hf_api_type *type, const void *object);
void hf_console_note(hf_event_ring *ring, const char *event, const char *words);
/** Adds what the board has said to the batch. */
void hf_console_add_output(hf_daemon_console *console, const void *bytes, size_t size);
/** What follows comes after so many bytes that were lost. */
void hf_console_skip(hf_daemon_console *console, uint64_t bytes);
/** Sends the batch. */
void hf_console_flush(hf_daemon_console *console);
/** Sends the batches of all consoles. The loop's thread. */
void hf_console_on_batch_time(uv_timer_t *timer);

/* console_life.c; the loop's thread */
/** @return NULL when out of memory */
hf_daemon_console *hf_console_make(hf_daemon *daemon, uint32_t board, bool watch);
void hf_console_enlist(hf_daemon_console *console);
/** Opens the line of the board. It ends with a call of the loop, also if it cannot be opened. */
hf_status hf_console_open_line(hf_daemon_console *console, const hf_api_console_request *wanted,
                               hf_error *err);
/** Sends its client the last event. */
void hf_console_tell_end(hf_daemon_console *console);

#endif
