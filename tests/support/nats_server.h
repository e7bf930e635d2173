/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NATS_SERVER_H
#define NATS_SERVER_H

#include "process.h"

/**
 * @file nats_server.h
 * A nats-server with JetStream on a free port of 127.0.0.1, in a folder of its own.
 */

typedef struct nats_server {
    process process;
    char dir[64];       /**< its store, and whatever the test puts there */
    char url[64];       /**< "nats://127.0.0.1:4711" */
    char port[16];      /**< "" = not chosen yet */
    const char *config; /**< path of a further configuration file; NULL = none */
} nats_server;

/** Whether nats-server is installed. */
bool nats_server_installed(void);
/** Starts it, the first time on a free port, later on the same one. @return false if it does not come up */
bool nats_server_start(nats_server *server);
/** Kills it; its store stays. */
void nats_server_kill(nats_server *server);
/** Deletes its store while it is not running. */
void nats_server_forget(nats_server *server);
/** Kills it and removes its folder. */
void nats_server_end(nats_server *server);

#endif
