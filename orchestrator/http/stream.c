/* SPDX-License-Identifier: Apache-2.0 */
/* Answers without a known end. A connection without new data is suspended, so that it costs nothing until it is
 * woken. */
#include <stdlib.h>

#include "server_state.h"

#define BLOCK_BYTES 8192

/* @return MHD's code for the end, 0 if the connection was suspended, or -2 to read again */
static ssize_t end_or_suspend(hf_http_stream *stream)
{
    ssize_t result = -2;
    pthread_mutex_lock(&stream->server->mutex);
    if (stream->over || (stream->server->closing && !stream->woken)) {
        result = MHD_CONTENT_READER_END_OF_STREAM;
    } else if (!stream->woken) {
        stream->suspended = true;
        MHD_suspend_connection(stream->connection);
        result = 0;
    }
    stream->woken = false;
    pthread_mutex_unlock(&stream->server->mutex);
    return result;
}

static ssize_t read_stream(void *user, uint64_t position, char *data, size_t size)
{
    (void)position;
    hf_http_stream *stream = user;
    ssize_t ended = -2;
    while (ended == -2) {
        bool over = false;
        const size_t copied = stream->over ? 0 : stream->source.read(stream->source.user, data, size, &over);
        stream->over = stream->over || over;
        if (copied)
            return (ssize_t)copied;
        ended = end_or_suspend(stream);
    }
    return ended;
}

static void free_stream(void *user)
{
    hf_http_stream *stream = user;
    pthread_mutex_lock(&stream->server->mutex);
    if (stream->link) {
        HF_HTTP_LIST_REMOVE(stream);
        stream->server->load.streams--;
    }
    pthread_mutex_unlock(&stream->server->mutex);
    stream->source.closed(stream->source.user);
    free(stream);
}

hf_http_stream *hf_http_stream_new(hf_http_request *request, const hf_http_source *source)
{
    hf_http_stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return NULL;
    stream->server = request->server;
    stream->connection = request->connection;
    stream->source = *source;
    stream->woken = true; /* there may be data already */
    return stream;
}

void hf_http_respond_stream(hf_http_request *request, hf_http_stream *stream)
{
    hf_http_server *server = request->server;
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_stream, stream, free_stream);
    if (!response) {
        free_stream(stream);
        hf_http_respond_error(request, MHD_HTTP_INTERNAL_SERVER_ERROR, "no memory for the answer");
        return;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/event-stream");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    pthread_mutex_lock(&server->mutex);
    HF_HTTP_LIST_ADD(server->streams, stream);
    server->load.streams++;
    pthread_mutex_unlock(&server->mutex);
    hf_http_answer(request, MHD_HTTP_OK, response); /* destroys it if the request was answered before */
    hf_http_request_drop(request);
}

void hf_http_stream_wake(hf_http_stream *stream)
{
    pthread_mutex_lock(&stream->server->mutex);
    const bool resume = stream->suspended;
    stream->suspended = false;
    stream->woken = true;
    struct MHD_Connection *connection = stream->connection;
    pthread_mutex_unlock(&stream->server->mutex);
    if (resume)
        MHD_resume_connection(connection);
}
