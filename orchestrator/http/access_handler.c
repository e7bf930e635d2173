/* SPDX-License-Identifier: Apache-2.0 */
/* From the first header of a request to its answer: the callbacks of libmicrohttpd. The library calls the access
 * handler once when the headers are there, once for each piece of the body, once at the end of the body, and again
 * whenever a suspended connection is resumed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "server_state.h"

#define MESSAGE_SIZE 512

static hf_http_connection *connection_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* Sends the answer. The request's turn on the connection ends with hf_http_on_completed(). */
static enum MHD_Result send_answer(hf_http_request *request)
{
    struct MHD_Response *response = request->response;
    request->response = NULL;
    if (!response)
        return MHD_NO; /* there was no memory for an answer: the connection is closed */
    const enum MHD_Result queued = MHD_queue_response(request->connection, request->status, response);
    MHD_destroy_response(response); /* the library keeps what it queued */
    return queued;
}

/* Refuses a request before its body. */
static enum MHD_Result refuse(hf_http_request *request, unsigned status, const char *message)
{
    hf_http_answer(request, status, hf_http_error_response(request->server, status, message));
    if (status == MHD_HTTP_UNAUTHORIZED && request->response)
        MHD_add_response_header(request->response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
    return send_answer(request);
}

static bool parse_method(const char *name, hf_http_method *method)
{
    for (int i = 0; i < HF_HTTP_METHODS; i++)
        if (strcmp(name, hf_http_method_name((hf_http_method)i)) == 0) {
            *method = (hf_http_method)i;
            return true;
        }
    return false;
}

/* Finds the route. @return 0, or the status to refuse with */
static unsigned find_route(hf_http_request *request, const char *method_name, char message[MESSAGE_SIZE])
{
    const hf_http_options *options = &request->server->options;
    hf_http_match match;
    hf_http_method method = HF_HTTP_GET;
    const bool known = parse_method(method_name, &method);
    hf_http_route_find(options->routes, options->route_count, method, request->path, &match);
    if (!match.allowed) {
        snprintf(message, MESSAGE_SIZE, "there is nothing at %.300s", request->path);
        return MHD_HTTP_NOT_FOUND;
    }
    if (!known || !match.route) {
        int length = snprintf(message, MESSAGE_SIZE, "%.16s is not possible here, expected", method_name);
        for (int i = 0; i < HF_HTTP_METHODS; i++)
            if (match.allowed & (1u << i))
                length += snprintf(message + length, MESSAGE_SIZE - (size_t)length, " %s",
                                   hf_http_method_name((hf_http_method)i));
        return MHD_HTTP_METHOD_NOT_ALLOWED;
    }
    request->route = match.route;
    memcpy(request->segments, match.segments, sizeof match.segments);
    return 0;
}

/* Checks the announced length of the body. @return 0, or the status to refuse with */
static unsigned check_length(hf_http_request *request, char message[MESSAGE_SIZE])
{
    const char *text = hf_http_request_header(request, MHD_HTTP_HEADER_CONTENT_LENGTH);
    if (!text && hf_http_request_header(request, MHD_HTTP_HEADER_TRANSFER_ENCODING)) {
        snprintf(message, MESSAGE_SIZE, "a body must be announced with Content-Length");
        return MHD_HTTP_LENGTH_REQUIRED;
    }
    errno = 0;
    char *end = NULL;
    const unsigned long long length = text ? strtoull(text, &end, 10) : 0;
    if (text && (*end || end == text || *text == '-' || errno)) {
        snprintf(message, MESSAGE_SIZE, "Content-Length '%.32s' is not a number of bytes", text);
        return MHD_HTTP_BAD_REQUEST;
    }
    if (length > request->route->body_limit) {
        snprintf(message, MESSAGE_SIZE, "the body has %llu bytes, at most %llu are accepted here", length,
                 (unsigned long long)request->route->body_limit);
        return MHD_HTTP_CONTENT_TOO_LARGE;
    }
    request->length = length;
    return 0;
}

/* @param open the route needs no authorization. @return 0, or the status to refuse with */
static unsigned check_access(hf_http_request *request, const hf_http_connection *connection, bool open,
                             char message[MESSAGE_SIZE])
{
    hf_http_server *server = request->server;
    const hf_http_options *options = &server->options;
    request->peer = connection->peer;
    if (!open && !request->peer.local &&
        !options->authorize(options->user, hf_http_request_header(request, MHD_HTTP_HEADER_AUTHORIZATION),
                            &request->peer)) {
        snprintf(message, MESSAGE_SIZE, "a valid token is needed: Authorization: Bearer TOKEN");
        return MHD_HTTP_UNAUTHORIZED;
    }
    pthread_mutex_lock(&server->mutex);
    const bool closing = server->closing, many = server->load.requests >= options->limits.requests;
    pthread_mutex_unlock(&server->mutex);
    if (closing)
        snprintf(message, MESSAGE_SIZE, HF_HTTP_CLOSING);
    else if (connection->refused)
        snprintf(message, MESSAGE_SIZE, "there are %u connections already, the most that are accepted",
                 hf_http_most_connections(&options->limits, connection->peer.local));
    else if (many)
        snprintf(message, MESSAGE_SIZE, "%u requests are being handled already, the most that are accepted",
                 options->limits.requests);
    return closing || connection->refused || many ? MHD_HTTP_SERVICE_UNAVAILABLE : 0;
}

static enum MHD_Result begin(hf_http_server *server, struct MHD_Connection *mhd, const char *url,
                             const char *method, void **context)
{
    hf_http_request *request = hf_http_request_new(server, mhd, url);
    if (!request)
        return MHD_NO;
    *context = request;
    hf_http_connection *connection = connection_of(mhd);
    char message[MESSAGE_SIZE] = "", unknown[MESSAGE_SIZE] = "";
    const unsigned no_route = find_route(request, method, unknown);
    /* Who may not know what is there is told nothing else. */
    unsigned refused = check_access(request, connection, !no_route && request->route->open, message);
    if (!refused && no_route)
        return refuse(request, no_route, unknown);
    if (!refused)
        refused = check_length(request, message);
    if (refused)
        return refuse(request, refused, message);
    pthread_mutex_lock(&server->mutex);
    connection->receive_by_ns =
        hf_now_ns() + (server->options.limits.receive_ms +
                       request->length * 1000 / server->options.limits.receive_bytes_per_s) *
                          HF_NS_PER_MS;
    pthread_mutex_unlock(&server->mutex);
    return MHD_YES;
}

/* On a thread of `execute`. */
static void receive_piece(void *argument)
{
    hf_http_request *request = argument;
    hf_http_server *server = request->server;
    hf_error err = {0};
    const hf_status status =
        request->route->receive(server->options.user, request, request->piece, request->piece_bytes, &err);
    struct MHD_Response *failure = NULL;
    unsigned code = 0;
    if (status != HF_OK) {
        code = hf_http_status_of(status);
        failure = hf_http_error_response(server, code, err.message);
    }
    pthread_mutex_lock(&server->mutex);
    if (status != HF_OK && !request->answered) {
        request->answered = true;
        request->status = code;
        request->response = failure;
        failure = NULL;
    }
    request->suspended = false;
    server->pieces--;
    pthread_mutex_unlock(&server->mutex);
    if (failure)
        MHD_destroy_response(failure);
    MHD_resume_connection(request->connection);
    hf_http_request_drop(request);
}

/* Passes a piece of the body to another thread; the client waits until it is taken. */
static enum MHD_Result pass_piece(hf_http_request *request, const char *data, size_t size)
{
    hf_http_server *server = request->server;
    if (request->piece_capacity < size) {
        char *larger = realloc(request->piece, size);
        if (!larger)
            return MHD_NO;
        request->piece = larger;
        request->piece_capacity = size;
    }
    memcpy(request->piece, data, size);
    request->piece_bytes = size;
    pthread_mutex_lock(&server->mutex);
    const bool closing = server->closing;
    if (!closing) {
        request->users++;
        request->suspended = true;
        server->pieces++;
        MHD_suspend_connection(request->connection);
    }
    pthread_mutex_unlock(&server->mutex);
    if (!closing)
        server->options.execute(server->options.user, receive_piece, request);
    return closing ? MHD_NO : MHD_YES;
}

static enum MHD_Result receive(hf_http_request *request, const char *data, size_t *size)
{
    enum MHD_Result result = MHD_YES;
    if (request->answered) { /* failed: the rest of the body is ignored */
        *size = 0;
        return MHD_YES;
    }
    if (request->route->receive) {
        result = pass_piece(request, data, *size);
    } else {
        request->body.limit = request->route->body_limit;
        hf_buffer_append(&request->body, data, *size);
        result = request->body.failed ? MHD_NO : MHD_YES;
    }
    *size = 0;
    return result;
}

/* The body has arrived: calls the handler, and waits for its answer unless it is there already. */
static enum MHD_Result handle(hf_http_request *request, hf_http_connection *connection)
{
    hf_http_server *server = request->server;
    pthread_mutex_lock(&server->mutex);
    connection->receiving = false;
    const bool failed = request->answered; /* while its body arrived */
    const bool closing = server->closing;
    if (!failed && !closing) {
        request->users++;
        request->handled = true;
        request->answer_by_ns = hf_now_ns() + server->options.limits.answer_ms * HF_NS_PER_MS;
        server->load.requests++;
        HF_HTTP_LIST_ADD(server->requests, request);
    }
    pthread_mutex_unlock(&server->mutex);
    if (!failed && closing)
        hf_http_answer(request, MHD_HTTP_SERVICE_UNAVAILABLE,
                       hf_http_error_response(server, MHD_HTTP_SERVICE_UNAVAILABLE, HF_HTTP_CLOSING));
    else if (!failed)
        request->route->handle(server->options.user, request);
    pthread_mutex_lock(&server->mutex);
    const bool answered = request->answered;
    if (!answered) {
        request->suspended = true;
        MHD_suspend_connection(request->connection);
    }
    pthread_mutex_unlock(&server->mutex);
    return answered ? send_answer(request) : MHD_YES;
}

enum MHD_Result hf_http_on_access(void *user, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *data_bytes, void **context)
{
    (void)version;
    hf_http_request *request = *context;
    if (!request)
        return begin(user, connection, url, method, context);
    if (*data_bytes)
        return receive(request, data, data_bytes);
    if (request->handled)
        return send_answer(request); /* resumed: it is answered */
    return handle(request, connection_of(connection));
}

void hf_http_on_completed(void *user, struct MHD_Connection *connection, void **context,
                          enum MHD_RequestTerminationCode code)
{
    (void)code;
    hf_http_server *server = user;
    hf_http_request *request = *context;
    hf_http_connection *state = connection_of(connection);
    pthread_mutex_lock(&server->mutex);
    if (state) {
        state->receiving = true; /* the next request */
        state->receive_by_ns = hf_now_ns() + server->options.limits.idle_s * HF_NS_PER_S;
    }
    if (request && request->link)
        HF_HTTP_LIST_REMOVE(request);
    pthread_mutex_unlock(&server->mutex);
    if (request)
        hf_http_request_drop(request);
    *context = NULL;
}
