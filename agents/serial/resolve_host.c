/* SPDX-License-Identifier: Apache-2.0 */
/*
 * getaddrinfo(3) has no deadline. It runs in a detached thread, which is abandoned when the deadline passes
 * first. The last of the two to finish frees what they share.
 */
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "serial/address.h"

#define HOST_SIZE 256

typedef struct lookup {
    atomic_int users;
    int done_fd; /* an eventfd: readable when the result is available */
    char host[HOST_SIZE], port[8];
    int result; /* of getaddrinfo() */
    struct addrinfo *found;
} lookup;

static void release(lookup *self)
{
    if (atomic_fetch_sub(&self->users, 1) != 1)
        return;
    if (self->found)
        freeaddrinfo(self->found);
    close(self->done_fd);
    free(self);
}

static void *run(void *argument)
{
    lookup *self = argument;
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    self->result = getaddrinfo(self->host, self->port, &hints, &self->found);
    if (self->result != 0)
        self->found = NULL;
    uint64_t one = 1;
    ssize_t put = write(self->done_fd, &one, sizeof one);
    (void)put; /* cannot fail: the counter was 0 */
    release(self);
    return NULL;
}

static lookup *start(const char *host, uint16_t port)
{
    lookup *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (self->done_fd < 0) {
        free(self);
        return NULL;
    }
    atomic_init(&self->users, 2);
    snprintf(self->host, sizeof self->host, "%s", host);
    snprintf(self->port, sizeof self->port, "%u", (unsigned)port);
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, self) != 0) {
        close(self->done_fd);
        free(self);
        return NULL;
    }
    pthread_detach(thread);
    return self;
}

static uint32_t copy_addresses(const struct addrinfo *found, hf_socket_address out[HF_SERIAL_MAX_ADDRESSES])
{
    uint32_t count = 0;
    for (; found && count < HF_SERIAL_MAX_ADDRESSES; found = found->ai_next) {
        bool usable = (found->ai_family == AF_INET || found->ai_family == AF_INET6) &&
                      found->ai_addrlen <= sizeof out[0];
        if (!usable)
            continue;
        memset(&out[count], 0, sizeof out[count]);
        memcpy(&out[count++], found->ai_addr, found->ai_addrlen);
    }
    return count;
}

hf_status hf_serial_lookup(const char *host, uint16_t port, const char *name, hf_deadline deadline,
                           const hf_watch *watch, hf_socket_address out[HF_SERIAL_MAX_ADDRESSES],
                           uint32_t *count, hf_error *err)
{
    lookup *self = strlen(host) < HOST_SIZE ? start(host, port) : NULL;
    if (!self)
        return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_EIO, "serial line %s: cannot resolve the host: %s", name,
                          strlen(host) < HOST_SIZE ? strerror(errno) : "its name is too long");
    hf_status status = hf_watch_wait(watch, self->done_fd, POLLIN, deadline, err);
    if (status == HF_ETIMEOUT)
        status = HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_ETIMEOUT,
                            "serial line %s: the name servers did not answer in time", name);
    uint32_t found = status == HF_OK ? copy_addresses(self->found, out) : 0;
    if (status == HF_OK && !found)
        status = HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_ENOTFOUND, "serial line %s: %s", name,
                            self->result ? gai_strerror(self->result) : "the host has no address");
    if (status == HF_OK)
        *count = found;
    release(self);
    return status;
}
