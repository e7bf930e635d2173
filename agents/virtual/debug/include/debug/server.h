/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VB_SERVER_H
#define VB_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "debug/bitbang.h"

/**
 * @file server.h
 * The listening unix socket and its one client. Further clients are accepted and closed at once, which
 * OpenOCD reports as a closed connection instead of waiting for ever.
 */

typedef struct vb_server vb_server;

/**
 * Listens at `path`. A socket left there by a board that died is replaced; one that answers is not.
 * @param bitbang borrowed for the server's life
 * @return NULL with a message on stderr
 */
vb_server *vb_server_new(const char *path, const vb_bitbang *bitbang);
/** Closes everything and removes the socket. */
void vb_server_free(vb_server *server);

/** Descriptors to wait for POLLIN on; the client's is -1 while there is none. */
int vb_server_listener_fd(const vb_server *server);
int vb_server_client_fd(const vb_server *server);

/** Takes a waiting connection, if there is one. */
void vb_server_accept(vb_server *server);

/**
 * Carries out everything the client has sent and answers it; closes the connection if it has left.
 * @param wait_ms if nothing is there, blocks that long (0 = not at all; granularity is the kernel's tick)
 * @return true if there was anything to do
 */
bool vb_server_serve(vb_server *server, uint32_t wait_ms);

#endif
