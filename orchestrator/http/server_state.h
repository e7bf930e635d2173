/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_HTTP_SERVER_STATE_H
#define HF_HTTP_SERVER_STATE_H

#include <microhttpd.h>
#include <pthread.h>

#include "http/server.h"

/**
 * @file server_state.h
 * The server, its connections and requests, as the files of this library share them. The server's mutex guards all
 * that threads share. It is not held while libmicrohttpd resumes a connection, because the library's callbacks take
 * it too.
 */

typedef struct hf_http_connection {
    int fd;
    hf_http_peer peer;
    bool refused;           /**< there are too many connections: every request is refused */
    bool receiving;         /**< a request is awaited or arriving */
    uint64_t receive_by_ns; /**< while receiving */
    struct hf_http_connection *next, **link;
} hf_http_connection;

typedef struct hf_http_pair {
    char *name, *value;
} hf_http_pair;

#define HF_HTTP_MAX_PAIRS 64 /* parameters, and headers, of a request; further ones are ignored */

struct hf_http_request {
    hf_http_server *server;
    struct MHD_Connection *connection; /**< valid on the server's thread, and while suspended */
    const hf_http_route *route;
    char *path;
    char segments[HF_HTTP_MAX_SEGMENTS][HF_HTTP_SEGMENT_SIZE];
    hf_http_pair query[HF_HTTP_MAX_PAIRS], headers[HF_HTTP_MAX_PAIRS];
    size_t query_count, header_count;
    hf_http_peer peer;
    hf_buffer body;
    uint64_t length;
    void *attached;
    void (*release)(void *attached);

    /* A piece of the body on its way to the route's `receive`. */
    char *piece;
    size_t piece_bytes, piece_capacity;

    /* Guarded by the server's mutex. */
    unsigned users; /**< the library, a handler that has not answered, a piece being received */
    bool handled;   /**< a handler was called */
    bool answered;
    bool suspended;
    uint64_t answer_by_ns;
    unsigned status;               /**< when answered */
    struct MHD_Response *response; /**< when answered, until it is queued; owned */
    struct hf_http_request *next, **link;
};

struct hf_http_stream {
    hf_http_server *server;
    struct MHD_Connection *connection;
    hf_http_source source;
    bool woken, suspended, over;         /**< guarded by the server's mutex */
    struct hf_http_stream *next, **link; /**< likewise; link is NULL until it is an answer */
};

#define HF_HTTP_CLOSING "the server is being stopped"

struct hf_http_server {
    hf_http_options options;
    struct MHD_Daemon *daemons[HF_HTTP_MAX_SOCKETS];
    int fds[HF_HTTP_MAX_SOCKETS];
    size_t daemon_count;
    pthread_mutex_t mutex;
    hf_http_connection *connections;
    hf_http_request *requests;
    hf_http_stream *streams;
    hf_http_load load;
    uint32_t tcp_connections; /**< of load.connections */
    uint32_t pieces;          /**< being received on other threads */
    bool closing;
};

/** Over TCP only half of the connections: whoever reaches a port must not keep the users of the Unix socket out. */
static inline uint32_t hf_http_most_connections(const hf_http_limits *limits, bool local)
{
    return local || limits->connections < 2 ? limits->connections : limits->connections / 2;
}

/* Members of doubly linked lists, each with the address of the pointer that points to it. */
#define HF_HTTP_LIST_ADD(list, item)                                                                         \
    do {                                                                                                     \
        (item)->next = (list);                                                                               \
        (item)->link = &(list);                                                                              \
        if ((item)->next)                                                                                    \
            (item)->next->link = &(item)->next;                                                              \
        (list) = (item);                                                                                     \
    } while (0)
#define HF_HTTP_LIST_REMOVE(item)                                                                            \
    do {                                                                                                     \
        *(item)->link = (item)->next;                                                                        \
        if ((item)->next)                                                                                    \
            (item)->next->link = (item)->link;                                                               \
        (item)->link = NULL;                                                                                 \
    } while (0)

/* request.c */
hf_http_request *hf_http_request_new(hf_http_server *server, struct MHD_Connection *connection,
                                     const char *path);
void hf_http_request_drop(hf_http_request *request); /**< one user fewer; the last one frees it */

/* respond.c */
/** Answers unless the request is answered. @param response owned. Does not count as the handler's answer. */
void hf_http_answer(hf_http_request *request, unsigned status, struct MHD_Response *response);
/** A response for an error; NULL if out of memory. */
struct MHD_Response *hf_http_error_response(hf_http_server *server, unsigned status, const char *message);

/* access_handler.c: callbacks of libmicrohttpd */
enum MHD_Result hf_http_on_access(void *user, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *data_bytes, void **context);
void hf_http_on_completed(void *user, struct MHD_Connection *connection, void **context,
                          enum MHD_RequestTerminationCode code);

#endif
