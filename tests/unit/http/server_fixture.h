/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVER_FIXTURE_H
#define SERVER_FIXTURE_H

#include <pthread.h>
#include <stdbool.h>

#include "http/server.h"

/**
 * @file server_fixture.h
 * A server on a Unix socket and a TCP port, with routes of every kind.
 */

typedef struct server_fixture {
    char folder[64], socket[96];
    int tcp_port;
    hf_http_server *server;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    hf_http_request *held;  /**< by /hold, until answered */
    char received[1 << 20]; /**< by /upload */
    size_t received_bytes;
    char log[4096];
} server_fixture;

/** @param limits 0 = defaults */
void server_fixture_start(server_fixture *fixture, const hf_http_limits *limits);
void server_fixture_stop(server_fixture *fixture);
/** Waits for a request to /hold. */
hf_http_request *server_fixture_held(server_fixture *fixture);
/** Starts hf_http_server_tick() every millisecond, until `*stop`. */
typedef struct server_ticker {
    pthread_t thread;
    hf_http_server *server;
    _Atomic bool stop;
} server_ticker;
void server_ticker_start(server_ticker *ticker, hf_http_server *server);
void server_ticker_stop(server_ticker *ticker);

#endif
