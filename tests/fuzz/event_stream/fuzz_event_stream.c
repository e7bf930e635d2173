/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds arbitrary bytes as an event stream, at once and byte by byte: the events must be the same. */
#include <stdlib.h>
#include <string.h>

#include "event_stream.h"
#include "replay_corpus.h"

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            abort();                                                                                         \
    } while (0)

static bool note(void *user, const hf_stream_event *event)
{
    hf_buffer *log = user;
    CHECK(*event->name && event->data[event->data_bytes] == '\0');
    hf_buffer_printf(log, "%s|%s|", event->name, event->id);
    hf_buffer_append(log, event->data, event->data_bytes);
    hf_buffer_putc(log, '\n');
    return true;
}

static hf_status feed(const uint8_t *bytes, size_t size, size_t piece, hf_buffer *log)
{
    hf_event_stream stream;
    hf_status status = HF_OK;
    hf_event_stream_init(&stream, 4096, note, log);
    for (size_t at = 0; status == HF_OK && at < size; at += piece)
        status = hf_event_stream_feed(&stream, (const char *)bytes + at,
                                      size - at < piece ? size - at : piece, NULL);
    hf_event_stream_free(&stream);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    hf_buffer whole = HF_BUFFER_INIT, pieces = HF_BUFFER_INIT;
    CHECK(feed(bytes, size, size ? size : 1, &whole) == feed(bytes, size, 1, &pieces));
    CHECK(whole.size == pieces.size && (!whole.size || memcmp(whole.data, pieces.data, whole.size) == 0));
    hf_buffer_free(&whole);
    hf_buffer_free(&pieces);
    return 0;
}
