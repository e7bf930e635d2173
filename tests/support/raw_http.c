/* SPDX-License-Identifier: Apache-2.0 */
#include "raw_http.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static long long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static bool start(raw_http *http, int fd)
{
    *http = (raw_http){.fd = fd, .answer = calloc(1, RAW_HTTP_BYTES + 1)};
    return fd >= 0 && http->answer;
}

bool raw_http_connect(raw_http *http, const char *socket_path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (!start(http, fd))
        return false;
    return connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
}

bool raw_http_connect_tcp(raw_http *http, int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (!start(http, fd))
        return false;
    return connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
}

void raw_http_close(raw_http *http)
{
    if (http->fd >= 0)
        close(http->fd);
    free(http->answer);
    *http = (raw_http){.fd = -1};
}

/* Reads what is there. @return false at the end of the connection, or when nothing comes in time */
static bool receive(raw_http *http, long long until_ms)
{
    char excess[4096];
    struct pollfd waiting = {.fd = http->fd, .events = POLLIN};
    const long long left_ms = until_ms - now_ms();
    if (http->ended || left_ms <= 0 || poll(&waiting, 1, (int)left_ms) <= 0)
        return false;
    const size_t room = RAW_HTTP_BYTES - http->answer_bytes;
    const ssize_t got =
        recv(http->fd, room ? http->answer + http->answer_bytes : excess, room ? room : sizeof excess, 0);
    http->ended = got <= 0;
    if (got > 0 && room) {
        http->answer_bytes += (size_t)got;
        http->answer[http->answer_bytes] = '\0';
    }
    return got > 0;
}

bool raw_http_send(raw_http *http, const void *data, size_t size)
{
    const long long until_ms = now_ms() + RAW_HTTP_DEADLINE_MS;
    const char *at = data;
    while (size) {
        struct pollfd waiting = {.fd = http->fd, .events = POLLOUT};
        const long long left_ms = until_ms - now_ms();
        if (left_ms <= 0 || poll(&waiting, 1, (int)left_ms) <= 0)
            return false;
        const ssize_t sent = send(http->fd, at, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0)
            return false;
        at += sent;
        size -= (size_t)sent;
    }
    return true;
}

bool raw_http_expect(raw_http *http, const char *text)
{
    const long long until_ms = now_ms() + RAW_HTTP_DEADLINE_MS;
    while (!strstr(http->answer, text))
        if (!receive(http, until_ms))
            return strstr(http->answer, text) != NULL;
    return true;
}

bool raw_http_expect_end(raw_http *http)
{
    const long long until_ms = now_ms() + RAW_HTTP_DEADLINE_MS;
    while (receive(http, until_ms))
        continue;
    return http->ended;
}

void raw_http_forget(raw_http *http)
{
    http->answer_bytes = 0;
    http->answer[0] = '\0';
}

char *raw_http_ask(const char *socket_path, const char *head, const char *body)
{
    raw_http http;
    char *answer = NULL, length[64] = "\r\n";
    if (body)
        snprintf(length, sizeof length, "Content-Length: %zu\r\n\r\n", strlen(body));
    if (raw_http_connect(&http, socket_path) && raw_http_send(&http, head, strlen(head)) &&
        raw_http_send(&http, "Host: x\r\nConnection: close\r\n", 28) &&
        raw_http_send(&http, length, strlen(length))) {
        if (body) /* the server may refuse it, and answer before it has read it */
            (void)raw_http_send(&http, body, strlen(body));
        if (raw_http_expect_end(&http) && http.answer_bytes)
            answer = strdup(http.answer);
    }
    raw_http_close(&http);
    return answer;
}

int raw_http_status(const char *answer)
{
    return answer && strncmp(answer, "HTTP/1.1 ", 9) == 0 ? (int)strtol(answer + 9, NULL, 10) : 0;
}

const char *raw_http_body(const char *answer)
{
    const char *end = answer ? strstr(answer, "\r\n\r\n") : NULL;
    return end ? end + 4 : "";
}
