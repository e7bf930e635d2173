/* SPDX-License-Identifier: Apache-2.0 */
#include "http/server.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "server_state.h"

#define CONNECTION_MEMORY_BYTES (32 * 1024) /* headers, and pieces of bodies */
#define CONNECTIONS_TO_REFUSE   16 /* beyond the limit: they are told the reason before they are closed */
#define CLOSING_STEP_MS         10

static void on_log(void *user, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

static void on_log(void *user, const char *format, va_list args)
{
    hf_http_server *server = user;
    char line[512];
    vsnprintf(line, sizeof line, format, args);
    line[strcspn(line, "\n")] = '\0';
    server->options.log(server->options.user, line);
}

static void start_connection(hf_http_server *server, struct MHD_Connection *mhd, void **context)
{
    hf_http_connection *connection = calloc(1, sizeof *connection);
    *context = connection;
    if (!connection)
        return;
    connection->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    struct ucred credentials;
    socklen_t size = sizeof credentials;
    int family = AF_UNSPEC;
    socklen_t family_size = sizeof family;
    if (getsockopt(connection->fd, SOL_SOCKET, SO_DOMAIN, &family, &family_size) == 0 && family == AF_UNIX &&
        getsockopt(connection->fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0) {
        connection->peer.local = true;
        connection->peer.uid = credentials.uid;
    }
    connection->receiving = true;
    connection->receive_by_ns = hf_now_ns() + server->options.limits.receive_ms * HF_NS_PER_MS;
    pthread_mutex_lock(&server->mutex);
    const uint32_t most = hf_http_most_connections(&server->options.limits, connection->peer.local);
    connection->refused = server->load.connections >= server->options.limits.connections ||
                          (!connection->peer.local && server->tcp_connections >= most);
    server->load.connections++;
    server->tcp_connections += !connection->peer.local;
    HF_HTTP_LIST_ADD(server->connections, connection);
    pthread_mutex_unlock(&server->mutex);
}

static void on_connection(void *user, struct MHD_Connection *mhd, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    hf_http_server *server = user;
    hf_http_connection *connection = *context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        start_connection(server, mhd, context);
    } else if (connection) {
        pthread_mutex_lock(&server->mutex);
        HF_HTTP_LIST_REMOVE(connection);
        server->load.connections--;
        server->tcp_connections -= !connection->peer.local;
        pthread_mutex_unlock(&server->mutex);
        free(connection);
        *context = NULL;
    }
}

static void set_defaults(hf_http_limits *limits)
{
    limits->connections = limits->connections ? limits->connections : 512;
    limits->requests = limits->requests ? limits->requests : 256;
    limits->receive_ms = limits->receive_ms ? limits->receive_ms : 30000;
    limits->receive_bytes_per_s = limits->receive_bytes_per_s ? limits->receive_bytes_per_s : 65536;
    limits->answer_ms = limits->answer_ms ? limits->answer_ms : 60000;
    limits->idle_s = limits->idle_s ? limits->idle_s : 60;
}

hf_status hf_http_server_new(const hf_http_options *options, hf_http_server **out, hf_error *err)
{
    hf_http_server *server = calloc(1, sizeof *server);
    if (!server)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for the server");
    server->options = *options;
    set_defaults(&server->options.limits);
    pthread_mutex_init(&server->mutex, NULL);
    *out = server;
    return HF_OK;
}

hf_status hf_http_server_listen(hf_http_server *server, int fd, hf_error *err)
{
    const hf_http_limits *limits = &server->options.limits;
    struct MHD_Daemon *daemon = NULL;
    if (fd >= 0 && server->daemon_count < HF_HTTP_MAX_SOCKETS)
        daemon = MHD_start_daemon(
            MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL,
            hf_http_on_access, server, MHD_OPTION_EXTERNAL_LOGGER, on_log, server, MHD_OPTION_LISTEN_SOCKET,
            fd, MHD_OPTION_NOTIFY_COMPLETED, hf_http_on_completed, server, MHD_OPTION_NOTIFY_CONNECTION,
            on_connection, server, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY_BYTES,
            MHD_OPTION_CONNECTION_LIMIT, limits->connections + CONNECTIONS_TO_REFUSE,
            MHD_OPTION_CONNECTION_TIMEOUT, limits->idle_s, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    if (!daemon) {
        if (fd >= 0)
            close(fd);
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot serve a socket: libmicrohttpd does not start");
    }
    server->fds[server->daemon_count] = fd;
    server->daemons[server->daemon_count++] = daemon;
    return HF_OK;
}

void hf_http_server_load(hf_http_server *server, hf_http_load *out)
{
    pthread_mutex_lock(&server->mutex);
    *out = server->load;
    pthread_mutex_unlock(&server->mutex);
}

/* @return whether a connection was resumed */
static bool resume_one_stream(hf_http_server *server)
{
    struct MHD_Connection *connection = NULL;
    pthread_mutex_lock(&server->mutex);
    for (hf_http_stream *stream = server->streams; stream && !connection; stream = stream->next)
        if (stream->suspended) {
            stream->suspended = false;
            connection = stream->connection;
        }
    pthread_mutex_unlock(&server->mutex);
    if (connection)
        MHD_resume_connection(connection);
    return connection != NULL;
}

void hf_http_server_close(hf_http_server *server)
{
    pthread_mutex_lock(&server->mutex);
    const bool first = !server->closing;
    server->closing = true;
    pthread_mutex_unlock(&server->mutex);
    for (size_t i = 0; first && i < server->daemon_count; i++)
        (void)MHD_quiesce_daemon(server->daemons[i]); /* the sockets are closed in hf_http_server_free() */
    while (resume_one_stream(server))
        continue;
    hf_http_server_tick(server);
}

/* Waits for answers and streams to end, at most until the deadline.
 * @return whether all connections are resumed, without which the library cannot be stopped */
static bool wait_for_answers(hf_http_server *server, hf_deadline deadline)
{
    const struct timespec step = {.tv_nsec = CLOSING_STEP_MS * (long)HF_NS_PER_MS};
    bool pending = true, suspended = true;
    while (pending && (!hf_deadline_passed(deadline))) {
        pthread_mutex_lock(&server->mutex);
        suspended = server->pieces || server->load.requests;
        pending = suspended || server->load.streams || server->requests;
        pthread_mutex_unlock(&server->mutex);
        if (pending)
            nanosleep(&step, NULL);
    }
    return !suspended;
}

void hf_http_server_free(hf_http_server *server, uint32_t patience_ms)
{
    if (!server)
        return;
    hf_http_server_close(server);
    if (!wait_for_answers(server, hf_deadline_in_ms(patience_ms)))
        return; /* a disk hangs, and a thread with it: nothing can be freed */
    for (size_t i = 0; i < server->daemon_count; i++) {
        MHD_stop_daemon(server->daemons[i]);
        close(server->fds[i]);
    }
    pthread_mutex_destroy(&server->mutex);
    free(server);
}
