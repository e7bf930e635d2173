/* SPDX-License-Identifier: Apache-2.0 */
/* What the client of a console is told. Any thread, unless a comment says otherwise. */
#include <stdio.h>
#include <string.h>

#include "console_state.h"

#define MOST_SKIPPED (INT64_C(1) << 62) /* whatever an agent says */

void hf_console_event(hf_event_ring *ring, const char *event, const hf_api_type *type, const void *object)
{
    hf_buffer text = HF_BUFFER_INIT;
    if (hf_api_write(type, object, &text, NULL) == HF_OK)
        hf_event_ring_add(ring, event, hf_buffer_text(&text));
    hf_buffer_free(&text);
    (void)hf_event_ring_send(ring);
}

void hf_console_note(hf_event_ring *ring, const char *event, const char *words)
{
    const hf_api_console_note note = {.text = (char *)words};
    hf_console_event(ring, event, &hf_api_console_note_type, &note);
}

/* With the mutex. */
static void flush(hf_daemon_console *console)
{
    char hex[2 * HF_CONSOLE_BATCH_BYTES + 1] = "";
    if (!console->used)
        return;
    for (size_t i = 0; i < console->used; i++)
        snprintf(&hex[2 * i], 3, "%02x", console->batch[i]);
    const hf_api_console_output output = {.offset = console->offset, .hex = hex};
    console->offset += (int64_t)console->used;
    console->used = 0;
    hf_console_event(console->ring, "output", &hf_api_console_output_type, &output);
}

void hf_console_add_output(hf_daemon_console *console, const void *bytes, size_t size)
{
    const uint8_t *from = bytes;
    pthread_mutex_lock(&console->mutex);
    while (size) {
        const size_t room = HF_CONSOLE_BATCH_BYTES - console->used, part = size < room ? size : room;
        memcpy(&console->batch[console->used], from, part);
        console->used += part;
        from += part;
        size -= part;
        if (console->used == HF_CONSOLE_BATCH_BYTES)
            flush(console);
    }
    pthread_mutex_unlock(&console->mutex);
}

void hf_console_flush(hf_daemon_console *console)
{
    pthread_mutex_lock(&console->mutex);
    flush(console);
    pthread_mutex_unlock(&console->mutex);
}

void hf_console_on_batch_time(uv_timer_t *timer)
{
    hf_daemon *daemon = timer->data;
    for (hf_daemon_console *console = daemon->consoles; console; console = console->next)
        hf_console_flush(console);
}

void hf_console_skip(hf_daemon_console *console, uint64_t bytes)
{
    pthread_mutex_lock(&console->mutex);
    flush(console);
    const uint64_t room = MOST_SKIPPED - (uint64_t)console->offset;
    if (console->offset < MOST_SKIPPED)
        console->offset += (int64_t)(bytes < room ? bytes : room);
    pthread_mutex_unlock(&console->mutex);
}

void hf_consoles_heard(void *user, uint32_t board, const void *bytes, size_t size)
{
    hf_daemon *daemon = user;
    if (!daemon->watcher_count)
        return;
    pthread_mutex_lock(&daemon->console_mutex);
    for (hf_daemon_console *console = daemon->consoles; console; console = console->next)
        if (console->watch && console->board == board) {
            if (bytes)
                hf_console_add_output(console, bytes, size);
            else
                hf_console_skip(console, size);
        }
    pthread_mutex_unlock(&daemon->console_mutex);
}

bool hf_consoles_watch(void *user, uint32_t board)
{
    hf_daemon *daemon = user;
    bool watched = false;
    if (!daemon->watcher_count)
        return false;
    pthread_mutex_lock(&daemon->console_mutex);
    for (const hf_daemon_console *console = daemon->consoles; console && !watched; console = console->next)
        watched = console->watch && console->board == board;
    pthread_mutex_unlock(&daemon->console_mutex);
    return watched;
}
