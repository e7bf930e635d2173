/* SPDX-License-Identifier: Apache-2.0 */
/* Sends arbitrary bytes to an HTTP server with routes like the daemon's, over a connection of its own. What comes back must
 * be answers of HTTP or nothing, and the server must go on answering. Used by libFuzzer, and by replay.c as an ordinary
 * test. */
#include "replay_corpus.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/submission.h"
#include "http/listen.h"
#include "http/request.h"
#include "http/server.h"
#include "raw_http.h"
#include "run_detached.h"

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            abort();                                                                                         \
    } while (0)

#define ANSWER_MS   5
#define PROBE_EVERY 16 /* inputs between two requests that must be answered */

static char folder[] = "/tmp/hilfarm-fuzz-XXXXXX", socket_path[64];
static hf_http_server *server;

/* Reads everything that a handler of the daemon may read. */
static void echo(void *user, hf_http_request *request)
{
    (void)user;
    hf_buffer text = HF_BUFFER_INIT;
    const char *query = hf_http_request_query(request, "limit");
    const char *header = hf_http_request_header(request, "Last-Event-ID");
    for (size_t i = 0; i < HF_HTTP_MAX_SEGMENTS; i++)
        CHECK(strlen(hf_http_request_segment(request, i)) < HF_HTTP_SEGMENT_SIZE);
    CHECK(strncmp(hf_http_request_path(request), "/api/v1", 7) == 0);
    hf_buffer_printf(&text, "%s %s %s %s", hf_http_request_path(request), hf_http_request_segment(request, 0),
                     query ? query : "-", header ? header : "-");
    hf_http_respond(request, 200, HF_HTTP_TEXT, &text);
}

static void submit(void *user, hf_http_request *request)
{
    (void)user;
    hf_api_submission submission;
    hf_error err = {0};
    size_t size;
    const char *body = hf_http_request_body(request, &size);
    CHECK(body[size] == '\0' && size == hf_http_request_length(request));
    hf_status status = hf_api_read(&hf_api_submission_type, body, size, &submission, &err);
    if (status == HF_OK) {
        hf_buffer text = HF_BUFFER_INIT;
        CHECK(hf_api_write(&hf_api_submission_type, &submission, &text, NULL) == HF_OK);
        hf_api_clear(&hf_api_submission_type, &submission);
        hf_http_respond(request, 201, HF_HTTP_JSON, &text);
    } else {
        hf_http_respond_error(request, hf_http_status_of(status), "%s", err.message);
    }
}

static hf_status receive(void *user, hf_http_request *request, const void *data, size_t size, hf_error *err)
{
    (void)user;
    (void)request;
    return memchr(data, '!', size) ? HF_FAIL(err, HF_EINVALID, "there is an exclamation mark in it") : HF_OK;
}

static const hf_http_route routes[] = {
    {.method = HF_HTTP_GET, .pattern = "/api/v1", .handle = echo},
    {.method = HF_HTTP_GET, .pattern = "/api/v1/runs", .handle = echo},
    {.method = HF_HTTP_POST, .pattern = "/api/v1/runs", .handle = submit, .body_limit = 65536},
    {.method = HF_HTTP_GET, .pattern = "/api/v1/runs/{run}/{report}", .handle = echo},
    {.method = HF_HTTP_HEAD, .pattern = "/api/v1/files/{sha256}", .handle = echo},
    {.method = HF_HTTP_PUT,
     .pattern = "/api/v1/files/{sha256}",
     .handle = echo,
     .body_limit = 65536,
     .receive = receive},
};

static void render_error(void *user, unsigned status, const char *message, hf_buffer *out)
{
    (void)user;
    CHECK(status >= 400 && status < 600 && message[0]);
    hf_buffer_printf(out, "%u %s", status, message);
}

static void log_nothing(void *user, const char *line)
{
    (void)user;
    (void)line;
}

static void stop(void)
{
    hf_http_server_free(server, 5000);
    unlink(socket_path);
    rmdir(folder);
}

static void start(void)
{
    int fd = -1;
    const hf_http_options options = {.routes = routes,
                                     .route_count = sizeof routes / sizeof routes[0],
                                     .render_error = render_error,
                                     .execute = run_detached,
                                     .log = log_nothing};
    CHECK(mkdtemp(folder) != NULL);
    snprintf(socket_path, sizeof socket_path, "%s/socket", folder);
    CHECK(hf_http_server_new(&options, &server, NULL) == HF_OK);
    CHECK(hf_listen_unix(socket_path, NULL, &fd, NULL) == HF_OK);
    CHECK(hf_http_server_listen(server, fd, NULL) == HF_OK);
    CHECK(atexit(stop) == 0);
}

/* Receives what comes. The server may notice the end of a request that was cut only by its deadline: it is not waited for. */
static void receive_soon(raw_http *http)
{
    struct pollfd waiting = {.fd = http->fd, .events = POLLIN};
    while (http->answer_bytes < RAW_HTTP_BYTES && poll(&waiting, 1, ANSWER_MS) > 0) {
        const ssize_t got =
            recv(http->fd, http->answer + http->answer_bytes, RAW_HTTP_BYTES - http->answer_bytes, 0);
        if (got <= 0)
            return;
        http->answer_bytes += (size_t)got;
        http->answer[http->answer_bytes] = '\0';
    }
}

/* "HTTP/1.1 200 OK" */
static bool is_answer(const char *text)
{
    const long status = strncmp(text, "HTTP/1.", 7) == 0 && strlen(text) > 9 ? strtol(text + 9, NULL, 10) : 0;
    return status >= 100 && status < 600;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static unsigned inputs;
    raw_http http;
    if (!server)
        start();
    CHECK(raw_http_connect(&http, socket_path));
    (void)raw_http_send(&http, bytes, size); /* the server may have had enough before the end */
    shutdown(http.fd, SHUT_WR);
    receive_soon(&http);
    CHECK(!http.answer_bytes || is_answer(http.answer));
    raw_http_close(&http);
    if (inputs++ % PROBE_EVERY == 0) {
        char *answer = raw_http_ask(socket_path, "GET /api/v1/runs?limit=5 HTTP/1.1\r\n", NULL);
        CHECK(answer && strcmp(raw_http_body(answer), "/api/v1/runs  5 -") == 0);
        free(answer);
    }
    return 0;
}
