/* SPDX-License-Identifier: Apache-2.0 */
#include "server_fixture.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/file.h"
#include "hf_test.h"
#include "http/listen.h"
#include "run_detached.h"

static void echo(void *user, hf_http_request *request)
{
    (void)user;
    hf_buffer text = HF_BUFFER_INIT;
    size_t size;
    const char *body = hf_http_request_body(request, &size);
    const char *query = hf_http_request_query(request, "q"),
               *header = hf_http_request_header(request, "x-test");
    hf_buffer_printf(&text, "segment=%s query=%s header=%s peer=%s,%d body=%.*s",
                     hf_http_request_segment(request, 0), query ? query : "-", header ? header : "-",
                     hf_http_request_peer(request)->name, hf_http_request_peer(request)->local, (int)size,
                     body);
    hf_http_respond(request, 200, HF_HTTP_TEXT, &text);
}

static void hold(void *user, hf_http_request *request)
{
    server_fixture *fixture = user;
    pthread_mutex_lock(&fixture->mutex);
    fixture->held = request;
    pthread_cond_broadcast(&fixture->changed);
    pthread_mutex_unlock(&fixture->mutex);
}

static hf_status receive(void *user, hf_http_request *request, const void *data, size_t size, hf_error *err)
{
    (void)request;
    server_fixture *fixture = user;
    if (memchr(data, '!', size))
        return HF_FAIL(err, HF_EINVALID, "there is an exclamation mark in it");
    memcpy(fixture->received + fixture->received_bytes, data, size);
    fixture->received_bytes += size;
    return HF_OK;
}

static void received(void *user, hf_http_request *request)
{
    server_fixture *fixture = user;
    hf_buffer text = HF_BUFFER_INIT;
    hf_buffer_printf(&text, "received %zu of %llu", fixture->received_bytes,
                     (unsigned long long)hf_http_request_length(request));
    hf_http_respond(request, 201, HF_HTTP_TEXT, &text);
}

static void page(void *user, hf_http_request *request)
{
    (void)user;
    static const hf_http_header headers[] = {{"X-Frame-Options", "DENY"}, {NULL, NULL}};
    hf_http_respond_file(request, "text/html; charset=utf-8", "a page, and more", 6, headers);
}

static const hf_http_route routes[] = {
    {.method = HF_HTTP_GET, .pattern = "/page", .handle = page, .open = true},
    {.method = HF_HTTP_GET, .pattern = "/echo/{word}", .handle = echo},
    {.method = HF_HTTP_POST, .pattern = "/echo/{word}", .handle = echo, .body_limit = 100000},
    {.method = HF_HTTP_GET, .pattern = "/hold", .handle = hold},
    {.method = HF_HTTP_PUT,
     .pattern = "/upload",
     .handle = received,
     .body_limit = 1 << 20,
     .receive = receive},
};

static bool authorize(void *user, const char *authorization, hf_http_peer *peer)
{
    (void)user;
    if (!authorization || strcmp(authorization, "Bearer secret") != 0)
        return false;
    snprintf(peer->name, sizeof peer->name, "ann");
    return true;
}

static void render_error(void *user, unsigned status, const char *message, hf_buffer *out)
{
    (void)user;
    hf_buffer_printf(out, "{\"status\":%u,\"message\":\"%s\"}", status, message);
}

static void add_log(void *user, const char *line)
{
    server_fixture *fixture = user;
    pthread_mutex_lock(&fixture->mutex);
    const size_t used = strlen(fixture->log);
    snprintf(fixture->log + used, sizeof fixture->log - used, "%s\n", line);
    pthread_mutex_unlock(&fixture->mutex);
}

void server_fixture_start(server_fixture *fixture, const hf_http_limits *limits)
{
    memset(fixture, 0, sizeof *fixture);
    pthread_mutex_init(&fixture->mutex, NULL);
    pthread_cond_init(&fixture->changed, NULL);
    snprintf(fixture->folder, sizeof fixture->folder, "/tmp/hilfarm-http-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    snprintf(fixture->socket, sizeof fixture->socket, "%s/socket", fixture->folder);
    const hf_http_options options = {.routes = routes,
                                     .route_count = sizeof routes / sizeof routes[0],
                                     .user = fixture,
                                     .limits = *limits,
                                     .authorize = authorize,
                                     .render_error = render_error,
                                     .execute = run_detached,
                                     .log = add_log};
    int fd = -1, tcp = -1;
    assert_int_equal(hf_http_server_new(&options, &fixture->server, NULL), HF_OK);
    assert_int_equal(hf_listen_unix(fixture->socket, NULL, &fd, NULL), HF_OK);
    assert_int_equal(hf_http_server_listen(fixture->server, fd, NULL), HF_OK);
    assert_int_equal(hf_listen_tcp("127.0.0.1:0", &tcp, NULL), HF_OK);
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    assert_int_equal(getsockname(tcp, (struct sockaddr *)&address, &size), 0);
    fixture->tcp_port = ntohs(address.sin_port);
    assert_int_equal(hf_http_server_listen(fixture->server, tcp, NULL), HF_OK);
}

void server_fixture_stop(server_fixture *fixture)
{
    hf_http_server_free(fixture->server, 20000);
    assert_int_equal(hf_remove_tree(fixture->folder, NULL), HF_OK);
    pthread_mutex_destroy(&fixture->mutex);
    pthread_cond_destroy(&fixture->changed);
}

hf_http_request *server_fixture_held(server_fixture *fixture)
{
    pthread_mutex_lock(&fixture->mutex);
    while (!fixture->held)
        pthread_cond_wait(&fixture->changed, &fixture->mutex);
    hf_http_request *request = fixture->held;
    fixture->held = NULL;
    pthread_mutex_unlock(&fixture->mutex);
    return request;
}

static void *tick(void *argument)
{
    server_ticker *ticker = argument;
    while (!ticker->stop) {
        hf_http_server_tick(ticker->server);
        usleep(1000);
    }
    return NULL;
}

void server_ticker_start(server_ticker *ticker, hf_http_server *server)
{
    ticker->server = server;
    ticker->stop = false;
    assert_int_equal(pthread_create(&ticker->thread, NULL, tick, ticker), 0);
}

void server_ticker_stop(server_ticker *ticker)
{
    ticker->stop = true;
    pthread_join(ticker->thread, NULL);
}
