/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_SERVER_H
#define VB_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "debug/bitbang.h"

/**
 * @file server.h
 * The listening Unix socket and its one client. Further clients are accepted and closed immediately, which
 * OpenOCD reports as a closed connection instead of waiting forever.
 */

typedef struct vb_server vb_server;

/**
 * Listens at `path`. A socket that a dead board left there is replaced; one that answers is not.
 * @param bitbang borrowed as long as the server exists
 * @return NULL with a message on stderr
 */
vb_server *vb_server_new(const char *path, const vb_bitbang *bitbang);
/** Closes everything and removes the socket. */
void vb_server_free(vb_server *server);

/** Descriptors to wait for POLLIN on; the client's is -1 while there is none. */
int vb_server_listener_fd(const vb_server *server);
int vb_server_client_fd(const vb_server *server);

/** Accepts a waiting connection, if there is one. */
void vb_server_accept(vb_server *server);

/**
 * Executes everything the client has sent and sends the answers; closes the connection if the client has
 * left.
 * @param wait_ms blocks that long if nothing is there (0 = not at all; the granularity is the kernel's tick)
 * @return true if there was something to do
 */
bool vb_server_serve(vb_server *server, uint32_t wait_ms);

#endif
