/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/listen.h"

#define BACKLOG 128

/* Splits "HOST:PORT" and "[HOST]:PORT". @param host, port point into `text` */
static hf_status split(char *text, const char *address, char **host, char **port, hf_error *err)
{
    char *colon = strrchr(text, ':');
    if (!colon || colon == text || !colon[1])
        return HF_FAIL(err, HF_EINVALID, "cannot listen on '%s': expected HOST:PORT, such as localhost:8080",
                       address);
    *colon = '\0';
    *host = text;
    *port = colon + 1;
    const size_t length = strlen(text);
    if (text[0] == '[' && text[length - 1] == ']') {
        text[length - 1] = '\0';
        *host = text + 1;
    } else if (strchr(text, ':')) {
        return HF_FAIL(err, HF_EINVALID,
                       "cannot listen on '%s': an IPv6 address needs brackets, such as "
                       "[::1]:8080",
                       address);
    }
    return HF_OK;
}

static int listen_on(const struct addrinfo *candidate)
{
    const int yes = 1;
    int fd = socket(candidate->ai_family, candidate->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                    candidate->ai_protocol);
    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
        bind(fd, candidate->ai_addr, candidate->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    const int cause = errno;
    close(fd);
    errno = cause;
    return -1;
}

hf_status hf_listen_tcp(const char *address, int *fd, hf_error *err)
{
    char *text = strdup(address), *host = NULL, *port = NULL;
    if (!text)
        return HF_FAIL(err, HF_ENOMEM, "no memory to listen on %s", address);
    hf_status status = split(text, address, &host, &port, err);
    struct addrinfo *found = NULL;
    if (status == HF_OK) {
        const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
        const int failure = getaddrinfo(host, port, &hints, &found);
        if (failure)
            status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EINVALID, "cannot listen on %s: %s", address,
                                gai_strerror(failure));
    }
    int made = -1;
    for (const struct addrinfo *candidate = found; made < 0 && candidate; candidate = candidate->ai_next)
        made = listen_on(candidate);
    if (status == HF_OK && made < 0)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, errno == EADDRINUSE ? HF_EBUSY : HF_EIO,
                            "cannot listen on %s: %s", address, strerror(errno));
    if (found)
        freeaddrinfo(found);
    free(text);
    if (status == HF_OK)
        *fd = made;
    return status;
}
