/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "server_state.h"

#define MESSAGE_SIZE 1024

void hf_http_answer(hf_http_request *request, unsigned status, struct MHD_Response *response)
{
    hf_http_server *server = request->server;
    pthread_mutex_lock(&server->mutex);
    const bool first = !request->answered, resume = first && request->suspended;
    if (first) {
        request->answered = true;
        request->suspended = false;
        request->status = status;
        request->response = response;
        if (request->handled)
            server->load.requests--;
    }
    pthread_mutex_unlock(&server->mutex);
    if (!first && response)
        MHD_destroy_response(response);
    if (resume)
        MHD_resume_connection(request->connection);
}

unsigned hf_http_status_of(hf_status status)
{
    switch (status) {
    case HF_ELIMIT:
        return MHD_HTTP_CONTENT_TOO_LARGE;
    case HF_EINVALID:
    case HF_EFORMAT:
        return MHD_HTTP_BAD_REQUEST;
    case HF_ENOTFOUND:
        return MHD_HTTP_NOT_FOUND;
    case HF_EBUSY:
    case HF_EMISMATCH:
        return MHD_HTTP_CONFLICT;
    case HF_ETIMEOUT:
        return MHD_HTTP_GATEWAY_TIMEOUT;
    default:
        return MHD_HTTP_INTERNAL_SERVER_ERROR;
    }
}

static void add_common_headers(struct MHD_Response *response, const char *type)
{
    if (type)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
}

/* @param text emptied; NULL = no content */
static struct MHD_Response *make_response(const char *type, hf_buffer *text)
{
    const size_t size = text ? text->size : 0;
    char *content = text && size ? hf_buffer_take(text) : NULL;
    if (size && !content)
        return NULL;
    struct MHD_Response *response =
        content ? MHD_create_response_from_buffer_with_free_callback(size, content, free)
                : MHD_create_response_from_buffer(0, "", MHD_RESPMEM_PERSISTENT);
    if (!response)
        free(content);
    else
        add_common_headers(response, type);
    return response;
}

struct MHD_Response *hf_http_error_response(hf_http_server *server, unsigned status, const char *message)
{
    hf_buffer text = HF_BUFFER_INIT;
    server->options.render_error(server->options.user, status, message, &text);
    struct MHD_Response *response = text.failed ? NULL : make_response(HF_HTTP_JSON, &text);
    hf_buffer_free(&text);
    return response;
}

void hf_http_respond(hf_http_request *request, unsigned status, const char *type, hf_buffer *body)
{
    struct MHD_Response *response = body && body->failed ? NULL : make_response(type, body);
    if (!response) {
        status = MHD_HTTP_INTERNAL_SERVER_ERROR;
        response = hf_http_error_response(request->server, status, "no memory for the answer");
    }
    hf_http_answer(request, status, response);
    if (body)
        hf_buffer_free(body);
    hf_http_request_drop(request);
}

void hf_http_respond_fd(hf_http_request *request, unsigned status, const char *type, int fd, uint64_t size)
{
    struct MHD_Response *response = MHD_create_response_from_fd64(size, fd);
    if (response) {
        add_common_headers(response, type);
    } else {
        close(fd);
        status = MHD_HTTP_INTERNAL_SERVER_ERROR;
        response = hf_http_error_response(request->server, status, "no memory for the answer");
    }
    hf_http_answer(request, status, response);
    hf_http_request_drop(request);
}

void hf_http_respond_file(hf_http_request *request, const char *type, const void *content, size_t size,
                          const hf_http_header *headers)
{
    unsigned status = MHD_HTTP_OK;
    /* The library takes a pointer that is not const, and does not change what it points to. */
    union {
        const void *constant;
        void *variable;
    } bytes = {.constant = content};
    struct MHD_Response *response =
        MHD_create_response_from_buffer(size, bytes.variable, MHD_RESPMEM_PERSISTENT);
    if (response) {
        add_common_headers(response, type);
        for (; headers && headers->name; headers++)
            MHD_add_response_header(response, headers->name, headers->value);
    } else {
        status = MHD_HTTP_INTERNAL_SERVER_ERROR;
        response = hf_http_error_response(request->server, status, "no memory for the answer");
    }
    hf_http_answer(request, status, response);
    hf_http_request_drop(request);
}

void hf_http_respond_error(hf_http_request *request, unsigned status, const char *format, ...)
{
    char message[MESSAGE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    hf_http_answer(request, status, hf_http_error_response(request->server, status, message));
    hf_http_request_drop(request);
}
