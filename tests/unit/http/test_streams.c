/* SPDX-License-Identifier: Apache-2.0 */
/* Answers without a known end. */
#include "hf_test.h"
#include "raw_http.h"
#include "server_fixture.h"

/* A source of numbered lines: `ready` of them may be read. */
typedef struct lines {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    hf_http_stream *stream;
    unsigned ready, sent;
    bool over, closed;
} lines;

static size_t read_lines(void *user, char *data, size_t size, bool *over)
{
    lines *source = user;
    pthread_mutex_lock(&source->mutex);
    size_t copied = 0;
    while (source->sent < source->ready && size - copied > 16)
        copied += (size_t)snprintf(data + copied, size - copied, "line %u\n", source->sent++);
    *over = source->over && source->sent == source->ready;
    pthread_mutex_unlock(&source->mutex);
    return copied;
}

static void close_lines(void *user)
{
    lines *source = user;
    pthread_mutex_lock(&source->mutex);
    source->closed = true;
    pthread_cond_broadcast(&source->changed);
    pthread_mutex_unlock(&source->mutex);
}

static void add_lines(lines *source, unsigned count, bool over)
{
    pthread_mutex_lock(&source->mutex);
    source->ready += count;
    source->over = over;
    if (!source->closed)
        hf_http_stream_wake(source->stream);
    pthread_mutex_unlock(&source->mutex);
}

static void wait_closed(lines *source)
{
    pthread_mutex_lock(&source->mutex);
    while (!source->closed)
        pthread_cond_wait(&source->changed, &source->mutex);
    pthread_mutex_unlock(&source->mutex);
}

static server_fixture fixture;

static int start(void **state)
{
    (void)state;
    server_fixture_start(&fixture, &(hf_http_limits){0});
    return 0;
}

/* Opens a stream: the request is held by the fixture, and answered with the source. */
static void open_stream_by(const char *version, raw_http *http, lines *source)
{
    char request[64];
    const int length = snprintf(request, sizeof request, "GET /hold HTTP/%s\r\nHost: x\r\n\r\n", version);
    *source = (lines){.ready = 1};
    pthread_mutex_init(&source->mutex, NULL);
    pthread_cond_init(&source->changed, NULL);
    assert_true(raw_http_connect(http, fixture.socket));
    assert_true(raw_http_send(http, request, (size_t)length));
    hf_http_request *held = server_fixture_held(&fixture);
    const hf_http_source functions = {.user = source, .read = read_lines, .closed = close_lines};
    source->stream = hf_http_stream_new(held, &functions);
    assert_non_null(source->stream);
    hf_http_respond_stream(held, source->stream);
}

/* By HTTP/1.0, whose answers are not cut into chunks: what is looked for is in one piece. */
static void open_stream(raw_http *http, lines *source)
{
    open_stream_by("1.0", http, source);
}

static void lines_arrive_as_they_come(void **state)
{
    (void)state;
    raw_http http;
    lines source;
    open_stream_by("1.1", &http, &source);
    assert_true(raw_http_expect(&http, "line 0\n"));
    assert_non_null(strstr(http.answer, "Content-Type: text/event-stream"));
    for (unsigned i = 1; i < 200; i++) {
        char line[32];
        add_lines(&source, 1, false);
        snprintf(line, sizeof line, "line %u\n", i);
        assert_true(raw_http_expect(&http, line));
    }
    add_lines(&source, 1, true);
    assert_true(raw_http_expect(&http, "line 200\n"));
    assert_true(raw_http_expect(&http, "\r\n0\r\n\r\n")); /* the last chunk, RFC 9112, 7.1 */
    wait_closed(&source);
    raw_http_close(&http);
    server_fixture_stop(&fixture);
}

/* Wakes from several threads race with the server going to sleep; no line may be left behind. */
static void *add_many(void *user)
{
    for (int i = 0; i < 20000; i++)
        add_lines(user, 1, false);
    return NULL;
}

static void no_wake_is_lost(void **state)
{
    (void)state;
    raw_http http;
    lines source;
    pthread_t threads[2];
    open_stream(&http, &source);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_many, &source), 0);
    assert_true(raw_http_expect(&http, "line 40000\n"));
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    add_lines(&source, 0, true);
    wait_closed(&source);
    raw_http_close(&http);
    server_fixture_stop(&fixture);
}

static void a_client_that_leaves_is_noticed(void **state)
{
    (void)state;
    raw_http http;
    lines source;
    open_stream(&http, &source);
    assert_true(raw_http_expect(&http, "line 0\n"));
    raw_http_close(&http);
    bool closed = false;
    while (!closed) { /* each line is an attempt to write */
        add_lines(&source, 1, false);
        pthread_mutex_lock(&source.mutex);
        closed = source.closed;
        pthread_mutex_unlock(&source.mutex);
        usleep(1000);
    }
    server_fixture_stop(&fixture);
}

static void a_client_that_does_not_read_holds_up_nobody(void **state)
{
    (void)state;
    raw_http slow, other;
    lines source, second;
    open_stream(&slow, &source);
    add_lines(&source, 1000000, false); /* more than the socket's buffers hold */
    open_stream(&other, &second);
    add_lines(&second, 99, true);
    assert_true(raw_http_expect(&other, "line 99\n"));
    wait_closed(&second);
    raw_http_close(&other);
    raw_http_close(&slow);
    wait_closed(&source);
    server_fixture_stop(&fixture);
}

static void streams_end_with_the_server(void **state)
{
    (void)state;
    raw_http http;
    lines source;
    open_stream(&http, &source);
    assert_true(raw_http_expect(&http, "line 0\n"));
    hf_http_server_close(fixture.server);
    wait_closed(&source);
    assert_true(raw_http_expect_end(&http));
    raw_http_close(&http);
    server_fixture_stop(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(lines_arrive_as_they_come, start),
        cmocka_unit_test_setup(no_wake_is_lost, start),
        cmocka_unit_test_setup(a_client_that_leaves_is_noticed, start),
        cmocka_unit_test_setup(a_client_that_does_not_read_holds_up_nobody, start),
        cmocka_unit_test_setup(streams_end_with_the_server, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
