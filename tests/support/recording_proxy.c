/* SPDX-License-Identifier: Apache-2.0 */
#include "recording_proxy.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAIRS_MAX 32

static int listen_on(int port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 16) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static int port_of(int fd)
{
    struct sockaddr_in address = {0};
    socklen_t size = sizeof address;
    return getsockname(fd, (struct sockaddr *)&address, &size) == 0 ? ntohs(address.sin_port) : 0;
}

int free_port(void)
{
    const int fd = listen_on(0);
    if (fd < 0)
        return 0;
    const int port = port_of(fd);
    close(fd);
    return port;
}

static int connect_to(int port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* @return false if the connection has ended */
static bool pass_on(recording_proxy *proxy, int from, int to)
{
    char bytes[16384];
    const ssize_t got = read(from, bytes, sizeof bytes);
    if (got <= 0)
        return false;
    pthread_mutex_lock(&proxy->mutex);
    hf_buffer_append(&proxy->seen, bytes, (size_t)got);
    pthread_mutex_unlock(&proxy->mutex);
    for (ssize_t put = 0, at = 0; at < got; at += put)
        if ((put = send(to, bytes + at, (size_t)(got - at), MSG_NOSIGNAL)) < 0)
            return false;
    return true;
}

static void *serve(void *argument)
{
    recording_proxy *proxy = argument;
    int ends[PAIRS_MAX][2], count = 0;
    for (;;) {
        struct pollfd fds[2 + 2 * PAIRS_MAX] = {{.fd = proxy->quit_fd, .events = POLLIN},
                                                {.fd = proxy->listen_fd, .events = POLLIN}};
        for (int i = 0; i < count; i++)
            for (int j = 0; j < 2; j++)
                fds[2 + 2 * i + j] = (struct pollfd){.fd = ends[i][j], .events = POLLIN};
        if (poll(fds, 2 + 2 * (nfds_t)count, -1) < 0)
            continue;
        if (fds[0].revents)
            break;
        for (int i = count - 1; i >= 0; i--) {
            bool alive = true;
            for (int j = 0; j < 2 && alive; j++)
                alive = !fds[2 + 2 * i + j].revents || pass_on(proxy, ends[i][j], ends[i][1 - j]);
            if (alive)
                continue;
            close(ends[i][0]);
            close(ends[i][1]);
            memcpy(ends[i], ends[--count], sizeof ends[i]);
        }
        if (fds[1].revents && count < PAIRS_MAX) {
            const int near = accept(proxy->listen_fd, NULL, NULL), far = connect_to(proxy->target);
            if (near >= 0 && far >= 0) {
                ends[count][0] = near;
                ends[count++][1] = far;
                continue;
            }
            if (near >= 0)
                close(near);
            if (far >= 0)
                close(far);
        }
    }
    for (int i = 0; i < count; i++) {
        close(ends[i][0]);
        close(ends[i][1]);
    }
    return NULL;
}

bool recording_proxy_start(recording_proxy *proxy, int target)
{
    *proxy =
        (recording_proxy){.target = target, .listen_fd = listen_on(0), .quit_fd = eventfd(0, EFD_CLOEXEC)};
    if (proxy->listen_fd < 0 || proxy->quit_fd < 0)
        return false;
    proxy->port = port_of(proxy->listen_fd);
    pthread_mutex_init(&proxy->mutex, NULL);
    return pthread_create(&proxy->thread, NULL, serve, proxy) == 0;
}

bool recording_proxy_saw(recording_proxy *proxy, const char *text)
{
    pthread_mutex_lock(&proxy->mutex);
    const bool saw =
        proxy->seen.size > 0 && memmem(proxy->seen.data, proxy->seen.size, text, strlen(text)) != NULL;
    pthread_mutex_unlock(&proxy->mutex);
    return saw;
}

size_t recording_proxy_bytes(recording_proxy *proxy)
{
    pthread_mutex_lock(&proxy->mutex);
    const size_t size = proxy->seen.size;
    pthread_mutex_unlock(&proxy->mutex);
    return size;
}

void recording_proxy_end(recording_proxy *proxy)
{
    const uint64_t one = 1;
    if (write(proxy->quit_fd, &one, sizeof one) == sizeof one)
        pthread_join(proxy->thread, NULL);
    close(proxy->listen_fd);
    close(proxy->quit_fd);
    pthread_mutex_destroy(&proxy->mutex);
    hf_buffer_free(&proxy->seen);
}
