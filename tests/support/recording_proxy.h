/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RECORDING_PROXY_H
#define RECORDING_PROXY_H

#include <pthread.h>
#include <stdbool.h>

#include "base/buffer.h"

/**
 * @file recording_proxy.h
 * Passes TCP connections on to a port of 127.0.0.1 and keeps all bytes of both directions, as somebody on the network could.
 */
typedef struct recording_proxy {
    int port;   /**< to connect to */
    int target; /**< where it leads */
    int listen_fd, quit_fd;
    pthread_t thread;
    pthread_mutex_t mutex;
    hf_buffer seen; /**< under the mutex */
} recording_proxy;

/** @return false if it cannot be started */
bool recording_proxy_start(recording_proxy *proxy, int target);
/** Whether the bytes so far contain a text. */
bool recording_proxy_saw(recording_proxy *proxy, const char *text);
size_t recording_proxy_bytes(recording_proxy *proxy);
/** Ends all connections. */
void recording_proxy_end(recording_proxy *proxy);

/** A port of 127.0.0.1 that nobody listens on. @return 0 if there is none */
int free_port(void);

#endif
