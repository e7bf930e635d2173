/* SPDX-License-Identifier: Apache-2.0 */
#include "tcp.h"

#include <ctype.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* tcp(7). A peer that is silent for IDLE seconds gets COUNT probes; unacknowledged data times out as late. */
#define KEEP_IDLE_S       4
#define KEEP_INTERVAL_S   2
#define KEEP_COUNT        3
#define UNACKNOWLEDGED_MS 10000u

static void set_options(int fd)
{
    const int on = 1, idle = KEEP_IDLE_S, interval = KEEP_INTERVAL_S, count = KEEP_COUNT;
    const unsigned unacknowledged_ms = UNACKNOWLEDGED_MS;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
               sizeof on); /* requests are short, and the caller waits for each answer */
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms, sizeof unacknowledged_ms);
}

/* @return 0 or an errno; *status: HF_OK, or why the wait for the kernel's result ended */
static int connect_to(int fd, const hf_socket_address *address, hf_deadline deadline, const hf_watch *watch,
                      hf_status *status, hf_error *err)
{
    socklen_t size = address->any.sa_family == AF_INET ? sizeof address->v4 : sizeof address->v6;
    *status = HF_OK;
    if (connect(fd, &address->any, size) == 0)
        return 0;
    int cause = errno;
    if (cause != EINPROGRESS)
        return cause;
    *status = hf_watch_wait(watch, fd, POLLOUT, deadline, err);
    if (*status != HF_OK)
        return ETIMEDOUT;
    size = sizeof cause;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &cause, &size) == 0 ? cause : errno;
}

hf_status tcp_connect(tcp *self, const hf_serial_address *address, hf_deadline deadline,
                      const hf_watch *watch, hf_error *err)
{
    int cause = EADDRNOTAVAIL;
    snprintf(self->name, sizeof self->name, "%s", address->name);
    for (uint32_t i = 0; i < address->address_count; i++) {
        int fd = socket(address->addresses[i].any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0) {
            cause = errno; /* perhaps no IPv6 here: the next address may work */
            continue;
        }
        hf_status status;
        cause = connect_to(fd, &address->addresses[i], deadline, watch, &status, err);
        if (cause == 0) {
            set_options(fd);
            self->fd = fd;
            return HF_OK;
        }
        close(fd);
        if (status == HF_ETIMEOUT)
            return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_ETIMEOUT, "serial line %s: the connection timed out",
                              self->name);
        if (status != HF_OK)
            return status;
    }
    return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_EIO, "serial line %s: cannot connect: %s", self->name,
                      strerror(cause));
}

void tcp_close(tcp *self)
{
    if (self->fd >= 0)
        close(self->fd);
    self->fd = -1;
}

/* The text received before the peer closed, if it was short, such as "Port already in use". */
static void quote_heard(const tcp *self, char text[TCP_HEARD_BYTES + 24])
{
    text[0] = '\0';
    size_t used = 0;
    char words[TCP_HEARD_BYTES + 1];
    for (size_t i = 0; i < self->heard_bytes && i < TCP_HEARD_BYTES; i++)
        if (isprint((unsigned char)self->heard[i]))
            words[used++] = self->heard[i];
    words[used] = '\0';
    if (used && self->heard_bytes <= TCP_HEARD_BYTES)
        snprintf(text, TCP_HEARD_BYTES + 24, " after sending \"%s\"", words);
}

static void remember(tcp *self, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count && self->heard_bytes + i < TCP_HEARD_BYTES; i++)
        self->heard[self->heard_bytes + i] = bytes[i];
    self->heard_bytes += count;
}

static hf_status gone(tcp *self, int cause, hf_error *err)
{
    char heard[TCP_HEARD_BYTES + 24], last[TCP_HEARD_BYTES];
    /* If a write failed, the reason may still be unread. */
    ssize_t count = cause ? recv(self->fd, last, sizeof last, 0) : 0;
    remember(self, last, count > 0 ? (size_t)count : 0);
    quote_heard(self, heard);
    return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_EIO, "serial line %s is gone: %s%s", self->name,
                      cause ? strerror(cause) : "the other side closed the connection", heard);
}

hf_status tcp_read(tcp *self, void *bytes, size_t capacity, hf_deadline deadline, const hf_watch *watch,
                   size_t *got, hf_error *err)
{
    for (;;) {
        ssize_t count = recv(self->fd, bytes, capacity, 0);
        if (count > 0) {
            remember(self, bytes, (size_t)count);
            *got = (size_t)count;
            return HF_OK;
        }
        if (count == 0 || (errno != EAGAIN && errno != EINTR))
            return gone(self, count == 0 ? 0 : errno, err);
        hf_status status = hf_watch_wait(watch, self->fd, POLLIN, deadline, err);
        if (status != HF_OK)
            return status;
    }
}

hf_status tcp_write(tcp *self, const void *bytes, size_t size, hf_deadline deadline, const hf_watch *watch,
                    hf_error *err)
{
    size_t done = 0;
    while (done < size) {
        ssize_t count = send(self->fd, (const char *)bytes + done, size - done, MSG_NOSIGNAL);
        if (count > 0) {
            done += (size_t)count;
            continue;
        }
        if (count < 0 && errno != EAGAIN && errno != EINTR)
            return gone(self, errno, err);
        hf_status status = hf_watch_wait(watch, self->fd, POLLOUT, deadline, err);
        if (status == HF_ETIMEOUT)
            return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_ETIMEOUT, "serial line %s accepts no more bytes",
                              self->name);
        if (status != HF_OK)
            return status;
    }
    return HF_OK;
}

hf_status tcp_drain(tcp *self, hf_error *err)
{
    char waste[4096];
    for (;;) {
        ssize_t count = recv(self->fd, waste, sizeof waste, 0);
        if (count > 0) {
            self->heard_bytes += TCP_HEARD_BYTES + 1; /* discarded bytes are not quoted */
            continue;
        }
        if (count < 0 && errno == EINTR)
            continue;
        return count < 0 && errno == EAGAIN ? HF_OK : gone(self, count == 0 ? 0 : errno, err);
    }
}
