/* SPDX-License-Identifier: Apache-2.0 */
#include "debug/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BATCH_BYTES     16384
#define SEND_TIMEOUT_MS 2000 /* OpenOCD reads every answer; a client that does not is dropped */

struct vb_server {
    const vb_bitbang *bitbang;
    int listener, client;
    uint32_t receive_wait_ms; /* SO_RCVTIMEO of the client as set */
    struct sockaddr_un address;
    uint8_t input[BATCH_BYTES], replies[BATCH_BYTES];
};

/* Removes a socket on which no process listens. @return false if the path is taken by something else */
static bool clear_path(const struct sockaddr_un *address)
{
    struct stat status;
    if (lstat(address->sun_path, &status) != 0)
        return true; /* nothing there, or bind() will report the error */
    if (!S_ISSOCK(status.st_mode)) {
        fprintf(stderr, "hilfarm-vboard: %s exists and is not a socket\n", address->sun_path);
        return false;
    }
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (probe < 0) {
        fprintf(stderr, "hilfarm-vboard: socket: %s\n", strerror(errno));
        return false;
    }
    bool dead =
        connect(probe, (const struct sockaddr *)address, sizeof *address) != 0 && errno == ECONNREFUSED;
    close(probe);
    if (!dead) {
        fprintf(stderr, "hilfarm-vboard: socket %s is in use by another board\n", address->sun_path);
        return false;
    }
    return unlink(address->sun_path) == 0 || errno == ENOENT;
}

static bool listen_at(vb_server *server, const char *path)
{
    if (strlen(path) >= sizeof server->address.sun_path) {
        fprintf(stderr, "hilfarm-vboard: socket path is %zu bytes long, the system allows %zu: %s\n",
                strlen(path), sizeof server->address.sun_path - 1, path);
        return false;
    }
    server->address.sun_family = AF_UNIX;
    memcpy(server->address.sun_path, path, strlen(path) + 1);
    if (!clear_path(&server->address))
        return false;

    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&server->address, sizeof server->address) != 0) {
        fprintf(stderr, "hilfarm-vboard: cannot listen on %s: %s\n", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    server->listener = fd; /* from here on, vb_server_free() removes the path */
    if (listen(fd, 8) != 0) {
        fprintf(stderr, "hilfarm-vboard: cannot listen on %s: %s\n", path, strerror(errno));
        return false;
    }
    return true;
}

vb_server *vb_server_new(const char *path, const vb_bitbang *bitbang)
{
    vb_server *server = calloc(1, sizeof *server);
    if (!server) {
        fprintf(stderr, "hilfarm-vboard: out of memory\n");
        return NULL;
    }
    server->bitbang = bitbang;
    server->listener = server->client = -1;
    if (!listen_at(server, path)) {
        vb_server_free(server);
        return NULL;
    }
    return server;
}

static void drop_client(vb_server *server)
{
    close(server->client);
    server->client = -1;
    vb_bitbang_disconnect(server->bitbang);
}

void vb_server_free(vb_server *server)
{
    if (!server)
        return;
    if (server->client >= 0)
        close(server->client);
    if (server->listener >= 0) {
        close(server->listener);
        unlink(server->address.sun_path);
    }
    free(server);
}

int vb_server_listener_fd(const vb_server *server)
{
    return server->listener;
}

int vb_server_client_fd(const vb_server *server)
{
    return server->client;
}

void vb_server_accept(vb_server *server)
{
    int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return; /* the client is gone, or no descriptor is free: the next call tries again */
    if (server->client >= 0) {
        close(fd);
        return;
    }
    struct timeval timeout = {.tv_sec = SEND_TIMEOUT_MS / 1000};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    server->client = fd;
    server->receive_wait_ms = 0;
}

static bool send_replies(vb_server *server, size_t count)
{
    size_t sent = 0;
    while (sent < count) {
        ssize_t n = send(server->client, server->replies + sent, count - sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false; /* gone, or not reading: EAGAIN after SEND_TIMEOUT_MS */
        sent += (size_t)n;
    }
    return true;
}

static ssize_t receive(vb_server *server, uint32_t wait_ms)
{
    if (wait_ms && wait_ms != server->receive_wait_ms) {
        struct timeval timeout = {.tv_sec = wait_ms / 1000, .tv_usec = (suseconds_t)(wait_ms % 1000) * 1000};
        setsockopt(server->client, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
        server->receive_wait_ms = wait_ms;
    }
    return recv(server->client, server->input, sizeof server->input, wait_ms ? 0 : MSG_DONTWAIT);
}

bool vb_server_serve(vb_server *server, uint32_t wait_ms)
{
    if (server->client < 0)
        return false;
    ssize_t n = receive(server, wait_ms);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return false;
    if (n <= 0) {
        drop_client(server);
        return true;
    }
    size_t replies, position;
    vb_bitbang_end end =
        vb_bitbang_process(server->bitbang, server->input, (size_t)n, server->replies, &replies, &position);
    bool sent = send_replies(server, replies);
    if (end == VB_BITBANG_UNKNOWN)
        fprintf(stderr, "hilfarm-vboard: byte 0x%02x is not a remote_bitbang command; connection closed\n",
                server->input[position]);
    if (!sent || end != VB_BITBANG_CONTINUE)
        drop_client(server);
    return true;
}
