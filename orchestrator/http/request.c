/* SPDX-License-Identifier: Apache-2.0 */
#include "http/request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "server_state.h"

typedef struct pair_list {
    hf_http_pair *pairs;
    size_t count;
} pair_list;

static enum MHD_Result add_pair(void *user, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    pair_list *list = user;
    if (list->count == HF_HTTP_MAX_PAIRS)
        return MHD_NO;
    hf_http_pair *pair = &list->pairs[list->count];
    pair->name = strdup(name);
    pair->value = strdup(value ? value : "");
    list->count++;
    return pair->name && pair->value ? MHD_YES : MHD_NO;
}

/* Copies what handlers may look at on other threads, when the library may already have freed it. */
static size_t copy_pairs(struct MHD_Connection *connection, enum MHD_ValueKind kind, hf_http_pair *pairs)
{
    pair_list list = {.pairs = pairs};
    MHD_get_connection_values(connection, kind, add_pair, &list);
    return list.count;
}

static void free_pairs(hf_http_pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(pairs[i].name);
        free(pairs[i].value);
    }
}

static void free_request(hf_http_request *request)
{
    if (request->attached)
        request->release(request->attached);
    if (request->response)
        MHD_destroy_response(request->response);
    free_pairs(request->query, request->query_count);
    free_pairs(request->headers, request->header_count);
    hf_buffer_free(&request->body);
    free(request->piece);
    free(request->path);
    free(request);
}

hf_http_request *hf_http_request_new(hf_http_server *server, struct MHD_Connection *connection,
                                     const char *path)
{
    hf_http_request *request = calloc(1, sizeof *request);
    if (!request)
        return NULL;
    request->server = server;
    request->connection = connection;
    request->users = 1;
    request->path = strdup(path);
    request->query_count = copy_pairs(connection, MHD_GET_ARGUMENT_KIND, request->query);
    request->header_count = copy_pairs(connection, MHD_HEADER_KIND, request->headers);
    if (request->path)
        return request;
    free_request(request);
    return NULL;
}

void hf_http_request_drop(hf_http_request *request)
{
    pthread_mutex_t *mutex = &request->server->mutex;
    pthread_mutex_lock(mutex);
    const bool last = --request->users == 0;
    pthread_mutex_unlock(mutex);
    if (last)
        free_request(request);
}

const char *hf_http_request_path(const hf_http_request *request)
{
    return request->path;
}

const char *hf_http_request_segment(const hf_http_request *request, size_t index)
{
    return index < HF_HTTP_MAX_SEGMENTS ? request->segments[index] : "";
}

const char *hf_http_request_query(const hf_http_request *request, const char *name)
{
    for (size_t i = 0; i < request->query_count; i++)
        if (request->query[i].name && strcmp(request->query[i].name, name) == 0)
            return request->query[i].value;
    return NULL;
}

const char *hf_http_request_header(const hf_http_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (request->headers[i].name && strcasecmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    return NULL;
}

const hf_http_peer *hf_http_request_peer(const hf_http_request *request)
{
    return &request->peer;
}

const char *hf_http_request_body(const hf_http_request *request, size_t *size)
{
    *size = request->body.size;
    return hf_buffer_text(&request->body);
}

uint64_t hf_http_request_length(const hf_http_request *request)
{
    return request->length;
}

void hf_http_request_attach(hf_http_request *request, void *thing, void (*release)(void *thing))
{
    request->attached = thing;
    request->release = release;
}

void *hf_http_request_attached(const hf_http_request *request)
{
    return request->attached;
}

void *hf_http_request_detach(hf_http_request *request)
{
    void *thing = request->attached;
    request->attached = NULL;
    return thing;
}
