/* SPDX-License-Identifier: Apache-2.0 */
#include "event_stream.h"

#include <string.h>

void hf_event_stream_init(hf_event_stream *stream, size_t limit_bytes,
                          bool (*event)(void *user, const hf_stream_event *event), void *user)
{
    *stream = (hf_event_stream){.event = event, .user = user, .limit_bytes = limit_bytes};
    stream->line.limit = stream->data.limit = stream->name.limit = stream->id.limit = stream->last_id.limit =
        limit_bytes;
}

void hf_event_stream_free(hf_event_stream *stream)
{
    hf_buffer_free(&stream->line);
    hf_buffer_free(&stream->name);
    hf_buffer_free(&stream->data);
    hf_buffer_free(&stream->id);
    hf_buffer_free(&stream->last_id);
}

void hf_event_stream_restart(hf_event_stream *stream)
{
    hf_buffer_clear(&stream->line);
    hf_buffer_clear(&stream->name);
    hf_buffer_clear(&stream->data);
    stream->began = stream->skip_line_feed = stream->has_data = stream->has_id = false;
}

const char *hf_event_stream_last_id(const hf_event_stream *stream)
{
    return hf_buffer_text(&stream->last_id);
}

/* The id counts from here on: an event that was cut off must come again. */
static void take_id(hf_event_stream *stream)
{
    if (!stream->has_id)
        return;
    hf_buffer_clear(&stream->last_id);
    hf_buffer_append(&stream->last_id, stream->id.data, stream->id.size);
    stream->has_id = false;
}

static void dispatch(hf_event_stream *stream)
{
    take_id(stream);
    if (stream->has_data) {
        const hf_stream_event event = {
            .name = stream->name.size ? hf_buffer_text(&stream->name) : "message",
            .id = hf_buffer_text(&stream->last_id),
            .data = hf_buffer_text(&stream->data),
            .data_bytes = stream->data.size,
        };
        stream->stopped = !stream->event(stream->user, &event);
    }
    hf_buffer_clear(&stream->name);
    hf_buffer_clear(&stream->data);
    stream->has_data = false;
}

static void take_field(hf_event_stream *stream, const char *field, size_t length, const char *value,
                       size_t value_bytes)
{
    if (length == 4 && memcmp(field, "data", length) == 0) {
        if (stream->has_data)
            hf_buffer_putc(&stream->data, '\n');
        hf_buffer_append(&stream->data, value, value_bytes);
        stream->has_data = true;
    } else if (memchr(value, '\0', value_bytes)) {
        return; /* no name and no id */
    } else if (length == 5 && memcmp(field, "event", length) == 0) {
        hf_buffer_clear(&stream->name);
        hf_buffer_append(&stream->name, value, value_bytes);
    } else if (length == 2 && memcmp(field, "id", length) == 0) {
        hf_buffer_clear(&stream->id);
        hf_buffer_append(&stream->id, value, value_bytes);
        stream->has_id = true;
    } /* others, such as retry, and comments are ignored */
}

static void take_line(hf_event_stream *stream)
{
    const char *line = hf_buffer_text(&stream->line);
    size_t size = stream->line.size;
    if (!stream->began && size >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0) { /* byte order mark */
        line += 3;
        size -= 3;
    }
    stream->began = true;
    if (size == 0) {
        dispatch(stream);
    } else {
        const char *colon = memchr(line, ':', size);
        const size_t length = colon ? (size_t)(colon - line) : size;
        const char *value = colon ? colon + 1 : line + size;
        value += value < line + size && *value == ' ';
        take_field(stream, line, length, value, (size_t)(line + size - value));
    }
    hf_buffer_clear(&stream->line);
}

static bool is_too_long(const hf_event_stream *stream)
{
    return stream->line.failed || stream->data.failed || stream->name.failed || stream->id.failed ||
           stream->last_id.failed;
}

hf_status hf_event_stream_feed(hf_event_stream *stream, const char *bytes, size_t size, hf_error *err)
{
    for (size_t at = 0; at < size && !stream->stopped;) {
        if (stream->skip_line_feed && bytes[at] == '\n') {
            stream->skip_line_feed = false;
            at++;
            continue;
        }
        stream->skip_line_feed = false;
        size_t length = 0;
        while (at + length < size && bytes[at + length] != '\n' && bytes[at + length] != '\r')
            length++;
        hf_buffer_append(&stream->line, bytes + at, length);
        at += length;
        if (at < size && !stream->line.failed) { /* "\r\n" may be split between two calls */
            stream->skip_line_feed = bytes[at++] == '\r';
            take_line(stream);
        }
        if (is_too_long(stream))
            return HF_FAIL(err, HF_ELIMIT, "an event of more than %zu bytes", stream->limit_bytes);
    }
    return HF_OK;
}
