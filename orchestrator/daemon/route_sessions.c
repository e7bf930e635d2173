/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions of the dashboard: a user of the Unix socket gets a token for a browser. */
#include <arpa/inet.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "access.h"
#include "answers.h"
#include "api/session.h"
#include "base/clock.h"
#include "dispatch.h"
#include "http/listen.h"
#include "log.h"
#include "routes.h"
#include "sessions.h"

/* The address of a socket as a browser of this host reaches it. */
static bool name_socket(int fd, char *name, size_t size)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {0};
    socklen_t length = sizeof address;
    char host[INET6_ADDRSTRLEN];
    if (getsockname(fd, &address.any, &length) != 0)
        return false;
    if (address.any.sa_family == AF_INET6) {
        const bool any = IN6_IS_ADDR_UNSPECIFIED(&address.v6.sin6_addr);
        inet_ntop(AF_INET6, any ? &in6addr_loopback : &address.v6.sin6_addr, host, sizeof host);
        snprintf(name, size, "[%s]:%u", host, ntohs(address.v6.sin6_port));
    } else {
        const struct in_addr loopback = {.s_addr = htonl(INADDR_LOOPBACK)};
        const bool any = address.v4.sin_addr.s_addr == htonl(INADDR_ANY);
        inet_ntop(AF_INET, any ? &loopback : &address.v4.sin_addr, host, sizeof host);
        snprintf(name, size, "%s:%u", host, ntohs(address.v4.sin_port));
    }
    return true;
}

/* The socket for browsers is there from the first session on. On the loop's thread. */
static hf_status listen_for_browsers(hf_daemon *daemon, hf_error *err)
{
    int fd = -1;
    if (*daemon->dashboard)
        return HF_OK;
    if (!daemon->options->dashboard)
        return HF_FAIL(err, HF_EBUSY, "the daemon was started with --dashboard none");
    hf_status status = hf_listen_tcp(daemon->options->dashboard, &fd, err);
    if (status != HF_OK)
        return status;
    char name[sizeof daemon->dashboard] = "";
    const bool named = name_socket(fd, name, sizeof name);
    status = hf_http_server_listen(daemon->server, fd, err);
    if (status == HF_OK && !named)
        status = HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "a socket has no address");
    if (status == HF_OK) {
        memcpy(daemon->dashboard, name, sizeof name);
        hf_log(HF_LOG_NOTICE, "browsers with a session find the dashboard at %s", name);
    }
    return status;
}

static void begin(void *user, void *argument)
{
    hf_daemon *daemon = user;
    hf_http_request *request = argument;
    const hf_http_peer *peer = hf_http_request_peer(request);
    char token[HF_SESSION_TOKEN_SIZE];
    hf_error err = {0};
    if (!peer->local || peer->session) {
        hf_http_respond_error(request, 403, "a session begins over the Unix socket");
        return;
    }
    hf_status status = listen_for_browsers(daemon, &err);
    if (status == HF_OK)
        status = hf_sessions_begin(daemon->sessions, peer->uid, (int64_t)(hf_now_ns() / HF_NS_PER_MS), token,
                                   &err);
    if (status != HF_OK) {
        hf_answer_failure_as(request, status == HF_EBUSY ? 409 : 500, &err);
        return;
    }
    const hf_api_session session = {
        .address = daemon->dashboard, .token = token, .idle_ms = HF_SESSION_IDLE_MS};
    hf_answer_object(request, 201, &hf_api_session_type, &session);
    explicit_bzero(token, sizeof token);
}

void hf_post_sessions(void *user, hf_http_request *request)
{
    hf_dispatch_to_loop(user, request, begin);
}

/* Who asks; looking up the name may take a while. */
static void show(const hf_dispatched *task)
{
    const hf_http_peer *peer = hf_http_request_peer(task->request);
    char name[HF_USER_NAME_SIZE];
    hf_access_name(peer, name);
    hf_answer_json(task->request, 200,
                   json_pack("{s:s, s:b, s:b}", "user", name, "may_change_all",
                             hf_access_may_change(peer, -1, NULL), "session", peer->session));
}

void hf_get_session(void *user, hf_http_request *request)
{
    hf_daemon *daemon = user;
    hf_dispatch_to_pool(daemon, request, daemon->quick, show);
}
