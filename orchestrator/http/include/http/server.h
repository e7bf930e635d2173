/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_HTTP_SERVER_H
#define HF_HTTP_SERVER_H

#include "http/request.h"

/**
 * @file server.h
 * An HTTP/1.1 server on existing listening sockets (libmicrohttpd). Each socket has one thread, which reads
 * requests and writes answers and never waits for anything else. Requests, bodies, connections and the time that
 * each step takes are bounded.
 */

typedef struct hf_http_server hf_http_server;

/** 0 = the default in parentheses. */
typedef struct hf_http_limits {
    uint32_t connections;         /**< at a time, of all sockets, half of them over TCP (512) */
    uint32_t requests;            /**< being handled at a time, streams not counted (256) */
    uint32_t receive_ms;          /**< for a request to arrive (30000) */
    uint32_t receive_bytes_per_s; /**< slowest upload: adds time for large bodies (65536) */
    uint32_t answer_ms;           /**< for a handler to answer (60000) */
    uint32_t idle_s; /**< of a connection without a request, or a client that does not read (60) */
} hf_http_limits;

typedef struct hf_http_options {
    const hf_http_route *routes; /**< borrowed */
    size_t route_count;
    void *user; /**< of all callbacks */
    hf_http_limits limits;
    /**
     * Checks the header Authorization of a request over TCP. Called on the server's thread.
     * @param authorization NULL = not given
     * @param peer its name is to be set
     * @return false: the request is answered with status 401
     */
    bool (*authorize)(void *user, const char *authorization, hf_http_peer *peer);
    /** Appends the body of an error, which is JSON. */
    void (*render_error)(void *user, unsigned status, const char *message, hf_buffer *out);
    /** Runs a job on another thread soon. May be NULL if no route has `receive`. */
    void (*execute)(void *user, void (*job)(void *argument), void *argument);
    /** A line for the log: what the library reports. */
    void (*log)(void *user, const char *line);
} hf_http_options;

/** @param options copied. @param out hf_http_server_free() */
hf_status hf_http_server_new(const hf_http_options *options, hf_http_server **out, hf_error *err);

#define HF_HTTP_MAX_SOCKETS 8 /**< that a server can serve */

/**
 * Serves a listening socket.
 * @param fd owned by the server from now on, also on failure; -1 = does nothing but fail
 */
hf_status hf_http_server_listen(hf_http_server *server, int fd, hf_error *err);

/** Ends requests that are overdue. To be called about once a second, on any one thread. */
void hf_http_server_tick(hf_http_server *server);

typedef struct hf_http_load {
    uint32_t connections, requests, streams;
} hf_http_load;

void hf_http_server_load(hf_http_server *server, hf_http_load *out);

/** Accepts no more connections; answers requests from now on with status 503 and ends all streams after what they
 * have to say. */
void hf_http_server_close(hf_http_server *server);
/**
 * Ends the server's threads and frees it. NULL allowed. No other thread may answer a request any more.
 * @param patience_ms for answers that are being sent; not 0
 */
void hf_http_server_free(hf_http_server *server, uint32_t patience_ms);

#endif
