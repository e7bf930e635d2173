/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAKE_DAEMON_H
#define FAKE_DAEMON_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/**
 * @file fake_daemon.h
 * An HTTP server on a Unix socket whose answers a test scripts, byte by byte. A thread per connection.
 */

typedef struct fake_request {
    char method[16];
    char path[256];
    char headers[4096];
    char *body;
    size_t body_bytes;
    int number; /* of the request since the start, from 0 */
} fake_request;

typedef struct fake_daemon {
    char folder[64], socket[96];
    /** Answers a request by writing to fd. @return false = close the connection */
    bool (*answer)(struct fake_daemon *daemon, const fake_request *request, int fd);
    void *user;
    int listener;
    int requests;
    pthread_mutex_t mutex; /* of `requests`, and for what `answer` keeps */
    pthread_t acceptor;
    pthread_t connections[64];
    int descriptors[64];
    int connection_count;
} fake_daemon;

/** Starts listening in a new folder. */
void fake_daemon_start(fake_daemon *daemon, bool (*answer)(fake_daemon *, const fake_request *, int),
                       void *user);
/** Stops, and removes the socket and its folder. */
void fake_daemon_stop(fake_daemon *daemon);

/** Writes a whole answer with a body. */
void fake_answer(int fd, int status, const char *body);
/** Writes as it is. */
void fake_write(int fd, const char *text);

/** The answer to GET /api/v1. */
#define FAKE_GREETING                                                                                        \
    "{\"version\":\"0.1.0\",\"api\":1,\"pid\":1,\"store\":\"/s\",\"board_count\":2,\"run_count\":0}"

#endif
