/* SPDX-License-Identifier: Apache-2.0 */
#include "broker_greeting.h"

#include <errno.h>
#include <jansson.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define WAIT_MS  3000
#define LINE_MAX 8192

static bool split_url(const char *url, char host[256], char port[16])
{
    const char *from = strstr(url, "://");
    from = from ? from + 3 : url;
    const char *colon = strrchr(from, ':');
    const bool brackets = from[0] == '[';
    const char *end = brackets ? strchr(from, ']') : colon ? colon : from + strlen(from);
    if (!end)
        return false;
    snprintf(host, 256, "%.*s", (int)(end - from - brackets), from + brackets);
    snprintf(port, 16, "%s", colon && colon > end - 1 ? colon + 1 : "4222");
    return host[0] != '\0';
}

/* @return a connected socket, or -1 with errno */
static int connect_one(const struct addrinfo *address, hf_deadline deadline)
{
    const int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    int failure = connect(fd, address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
    if (failure == EINPROGRESS) {
        struct pollfd waiting = {.fd = fd, .events = POLLOUT};
        socklen_t size = sizeof failure;
        if (poll(&waiting, 1, hf_deadline_left_ms(deadline)) <= 0)
            failure = ETIMEDOUT;
        else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) != 0)
            failure = errno;
    }
    if (failure == 0)
        return fd;
    close(fd);
    errno = failure;
    return -1;
}

static int connect_to(const char *host, const char *port, hf_deadline deadline, hf_error *err)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int fd = -1;
    const int result = getaddrinfo(host, port, &hints, &found);
    if (result != 0) {
        (void)HF_FAIL(err, HF_EIO, "the address of %s is not known: %s", host, gai_strerror(result));
        return -1;
    }
    for (const struct addrinfo *at = found; at && fd < 0; at = at->ai_next)
        fd = connect_one(at, deadline);
    freeaddrinfo(found);
    if (fd < 0)
        (void)HF_FAIL(err, HF_EIO, "%s:%s cannot be reached: %s", host, port, strerror(errno));
    return fd;
}

static bool read_line(int fd, hf_deadline deadline, char line[LINE_MAX])
{
    for (size_t at = 0; at + 1 < LINE_MAX;) {
        struct pollfd waiting = {.fd = fd, .events = POLLIN};
        if (poll(&waiting, 1, hf_deadline_left_ms(deadline)) <= 0)
            return false;
        const ssize_t got = read(fd, line + at, LINE_MAX - 1 - at);
        if (got <= 0)
            return false;
        at += (size_t)got;
        line[at] = '\0';
        if (strchr(line, '\n'))
            return true;
    }
    return false;
}

static hf_status parse(const char *line, char *version, bool *demands_tls, hf_error *err)
{
    const char *text = NULL;
    int tls = 0;
    json_t *root = strncmp(line, "INFO ", 5) == 0 ? json_loads(line + 5, JSON_DISABLE_EOF_CHECK, NULL) : NULL;
    if (!root || json_unpack(root, "{ss s?b}", "version", &text, "tls_required", &tls) != 0) {
        json_decref(root);
        return HF_FAIL(err, HF_EFORMAT, "what listens there is no NATS server");
    }
    /* It comes from the network and goes to a terminal. */
    size_t at = 0;
    for (; text[at] && at + 1 < HF_GREETING_VERSION_SIZE; at++)
        version[at] = (char)(text[at] > ' ' && text[at] < 0x7f ? text[at] : '?');
    version[at] = '\0';
    *demands_tls = tls != 0;
    json_decref(root);
    return HF_OK;
}

hf_status hf_broker_greeting(const char *url, char *version, bool *demands_tls, hf_error *err)
{
    char host[256], port[16], line[LINE_MAX];
    const hf_deadline deadline = hf_deadline_in_ms(WAIT_MS);
    if (!split_url(url, host, port))
        return HF_FAIL(err, HF_EINVALID, "\"%s\" has no host", url);
    const int fd = connect_to(host, port, deadline, err);
    if (fd < 0)
        return HF_EIO;
    hf_status status = read_line(fd, deadline, line)
                           ? parse(line, version, demands_tls, err)
                           : HF_FAIL(err, HF_ETIMEOUT, "%s:%s says nothing", host, port);
    close(fd);
    return status;
}
