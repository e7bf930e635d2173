/* SPDX-License-Identifier: Apache-2.0 */
#include "hf_test.h"

#include "fake_daemon.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

void fake_write(int fd, const char *text)
{
    for (size_t left = strlen(text); left;) {
        ssize_t put = send(fd, text, left, MSG_NOSIGNAL);
        if (put <= 0)
            return;
        text += put;
        left -= (size_t)put;
    }
}

void fake_answer(int fd, int status, const char *body)
{
    char head[128];
    snprintf(head, sizeof head, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n\r\n", status, strlen(body));
    fake_write(fd, head);
    fake_write(fd, body);
}

/* Reads until a request is complete. @return false = the client closed the connection */
static bool read_request(int fd, fake_request *request)
{
    size_t size = 0, capacity = 1u << 16;
    char *bytes = malloc(capacity), *end = NULL;
    ssize_t got = 1;
    for (;;) {
        bytes[size] = '\0';
        end = strstr(bytes, "\r\n\r\n");
        const char *length = end ? strcasestr(bytes, "\r\nContent-Length:") : NULL;
        const size_t body = length && length < end ? strtoul(length + 17, NULL, 10) : 0;
        if (end && size >= (size_t)(end + 4 - bytes) + body) {
            request->body_bytes = body;
            break;
        }
        if (size + 4096 > capacity)
            bytes = realloc(bytes, capacity *= 2);
        got = read(fd, bytes + size, capacity - size - 1);
        if (got <= 0) {
            free(bytes);
            return false;
        }
        size += (size_t)got;
    }
    *end = '\0';
    sscanf(bytes, "%15s %255s", request->method, request->path);
    snprintf(request->headers, sizeof request->headers, "%s\r\n", bytes);
    request->body = malloc(request->body_bytes + 1);
    memcpy(request->body, end + 4, request->body_bytes);
    request->body[request->body_bytes] = '\0';
    free(bytes);
    return true;
}

typedef struct connection {
    fake_daemon *daemon;
    int fd;
} connection;

static void *serve(void *argument)
{
    connection *c = argument;
    fake_request request = {0};
    bool keep = true;
    while (keep && read_request(c->fd, &request)) {
        pthread_mutex_lock(&c->daemon->mutex);
        request.number = c->daemon->requests++;
        pthread_mutex_unlock(&c->daemon->mutex);
        keep = c->daemon->answer(c->daemon, &request, c->fd);
        free(request.body);
    }
    shutdown(c->fd, SHUT_RDWR);
    free(c);
    return NULL;
}

static void *accept_all(void *argument)
{
    fake_daemon *daemon = argument;
    for (int fd; (fd = accept(daemon->listener, NULL, NULL)) >= 0;) {
        connection *c = malloc(sizeof *c);
        *c = (connection){daemon, fd};
        assert_true(daemon->connection_count < 64);
        daemon->descriptors[daemon->connection_count] = fd;
        pthread_create(&daemon->connections[daemon->connection_count++], NULL, serve, c);
    }
    return NULL;
}

void fake_daemon_start(fake_daemon *daemon, bool (*answer)(fake_daemon *, const fake_request *, int),
                       void *user)
{
    *daemon = (fake_daemon){.answer = answer, .user = user, .folder = "/tmp/hf-client-XXXXXX"};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    pthread_mutex_init(&daemon->mutex, NULL);
    assert_non_null(mkdtemp(daemon->folder));
    snprintf(daemon->socket, sizeof daemon->socket, "%s/s", daemon->folder);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", daemon->socket);
    daemon->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(daemon->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(daemon->listener, 8), 0);
    assert_int_equal(pthread_create(&daemon->acceptor, NULL, accept_all, daemon), 0);
}

void fake_daemon_stop(fake_daemon *daemon)
{
    shutdown(daemon->listener, SHUT_RDWR);
    pthread_join(daemon->acceptor, NULL);
    close(daemon->listener);
    for (int i = 0; i < daemon->connection_count; i++) {
        shutdown(daemon->descriptors[i], SHUT_RDWR);
        pthread_join(daemon->connections[i], NULL);
        close(daemon->descriptors[i]);
    }
    unlink(daemon->socket);
    rmdir(daemon->folder);
    pthread_mutex_destroy(&daemon->mutex);
}
