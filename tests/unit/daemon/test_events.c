/* SPDX-License-Identifier: Apache-2.0 */
/* Rings of events over real connections. */
#include <pthread.h>

#include "base/file.h"
#include "event_ring.h"
#include "hf_test.h"
#include "http/listen.h"
#include "http/server.h"
#include "raw_http.h"

#define MOST_EVENTS 8

static char folder[64], socket_path[96];
static hf_http_server *server;
static hf_event_ring *ring;

static void follow(void *user, hf_http_request *request)
{
    (void)user;
    hf_event_ring_follow(ring, request);
}

static const hf_http_route routes[] = {{.method = HF_HTTP_GET, .pattern = "/events", .handle = follow}};

static void render_error(void *user, unsigned status, const char *message, hf_buffer *out)
{
    (void)user;
    hf_buffer_printf(out, "%u %s", status, message);
}

static void ignore(void *user, const char *line)
{
    (void)user;
    (void)line;
}

static int start(void **state)
{
    (void)state;
    int fd = -1;
    const hf_http_options options = {
        .routes = routes, .route_count = 1, .render_error = render_error, .log = ignore};
    snprintf(folder, sizeof folder, "/tmp/hilfarm-events-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(socket_path, sizeof socket_path, "%s/socket", folder);
    ring = hf_event_ring_new(MOST_EVENTS, 100000);
    return ring && hf_http_server_new(&options, &server, NULL) == HF_OK &&
                   hf_listen_unix(socket_path, NULL, &fd, NULL) == HF_OK &&
                   hf_http_server_listen(server, fd, NULL) == HF_OK
               ? 0
               : -1;
}

static int stop(void **state)
{
    (void)state;
    hf_http_server_free(server, 20000);
    hf_event_ring_release(ring);
    return hf_remove_tree(folder, NULL) == HF_OK ? 0 : -1;
}

/* Connects by HTTP/1.0, whose answers are not cut into chunks; with the header Last-Event-ID unless it is NULL. */
static void connect_to(raw_http *http, const char *last_id)
{
    char request[256];
    const int length =
        snprintf(request, sizeof request, "GET /events HTTP/1.0\r\nHost: x\r\n%s%s%s\r\n",
                 last_id ? "Last-Event-ID: " : "", last_id ? last_id : "", last_id ? "\r\n" : "");
    assert_true(raw_http_connect(http, socket_path));
    assert_true(raw_http_send(http, request, (size_t)length));
    assert_true(raw_http_expect(http, "200 OK"));
}

/* The id of the event with these data, as the client got it. */
static void copy_id(const raw_http *http, const char *data, char *id, size_t size)
{
    const char *at = strstr(http->answer, data), *line = NULL;
    assert_non_null(at);
    for (const char *next = strstr(http->answer, "id: "); next && next < at; next = strstr(next + 1, "id: "))
        line = next + 4;
    if (!line)
        fail_msg("the event has no id: %s", data);
    else
        snprintf(id, size, "%.*s", (int)strcspn(line, "\n"), line);
}

static void a_new_client_sees_the_view_and_what_follows(void **state)
{
    (void)state;
    raw_http http;
    hf_event_ring_add(ring, "event", "{\"old\":1}");
    hf_event_ring_show(ring, 0, "view", "{\"view\":1}");
    connect_to(&http, NULL);
    assert_true(raw_http_expect(&http, "event: view\ndata: {\"view\":1}\n\n"));
    hf_event_ring_add(ring, "event", "{\"new\":1}");
    hf_event_ring_add(ring, "event", "{\"newer\":1}");
    assert_true(hf_event_ring_send(ring));
    assert_false(hf_event_ring_send(ring));
    assert_true(raw_http_expect(&http, "event: event\ndata: {\"new\":1}\n\n"));
    assert_true(raw_http_expect(&http, "event: event\ndata: {\"newer\":1}\n\n"));
    assert_null(strstr(http.answer, "old"));
    hf_event_ring_end(ring, "over", "{\"end\":1}");
    assert_true(raw_http_expect(&http, "event: over\ndata: {\"end\":1}\n\n"));
    assert_true(raw_http_expect_end(&http));
    raw_http_close(&http);
}

static void a_client_comes_back(void **state)
{
    (void)state;
    raw_http http;
    char id[64];
    hf_event_ring_add(ring, "event", "{\"a\":1}");
    hf_event_ring_add(ring, "event", "{\"b\":1}");
    hf_event_ring_add(ring, "event", "{\"c\":1}");
    connect_to(&http, "0");
    assert_true(raw_http_expect(&http, "{\"c\":1}"));
    assert_non_null(strstr(http.answer, "{\"a\":1}"));
    copy_id(&http, "{\"b\":1}", id, sizeof id);
    raw_http_close(&http);
    connect_to(&http, id);
    assert_true(raw_http_expect(&http, "{\"c\":1}"));
    assert_null(strstr(http.answer, "{\"b\":1}"));
    raw_http_close(&http);
    connect_to(&http, "1-2"); /* of a daemon before: from the beginning */
    assert_true(raw_http_expect(&http, "{\"a\":1}"));
    raw_http_close(&http);
}

static void who_is_too_far_behind_is_told(void **state)
{
    (void)state;
    raw_http http;
    for (int i = 1; i <= MOST_EVENTS + 3; i++) {
        char json[32];
        snprintf(json, sizeof json, "{\"n\":%d}", i);
        hf_event_ring_add(ring, "event", json);
    }
    connect_to(&http, "0");
    assert_true(raw_http_expect(&http, "{\"n\":11}"));
    assert_non_null(strstr(http.answer, "event: gap\ndata: {\"events\":3}\n\n"));
    assert_null(strstr(http.answer, "{\"n\":3}"));
    assert_non_null(strstr(http.answer, "{\"n\":4}"));
    raw_http_close(&http);
}

static void bytes_are_bounded_too(void **state)
{
    (void)state;
    raw_http http;
    char *large = malloc(40001);
    memset(large, 'x', 40000);
    large[40000] = '\0';
    for (int i = 0; i < 4; i++)
        hf_event_ring_add(ring, "event", large);
    connect_to(&http, "0");
    assert_true(raw_http_expect(&http, "{\"events\":2}")); /* two of them fit into 100,000 bytes */
    raw_http_close(&http);
    free(large);
}

/* A client that does not read gets every event in the end, but few of the views. */
static void a_slow_client_skips_views(void **state)
{
    (void)state;
    raw_http http;
    char *view = malloc(200001);
    memset(view, 'v', 200000);
    view[200000] = '\0';
    connect_to(&http, NULL);
    for (int i = 0; i < 1000; i++) { /* 200 MB: far more than the socket's buffers */
        hf_event_ring_show(ring, 0, "view", view);
        hf_event_ring_send(ring);
    }
    hf_event_ring_add(ring, "event", "{\"important\":1}");
    hf_event_ring_end(ring, "over", "{}");
    assert_true(raw_http_expect(&http, "event: over"));
    assert_non_null(strstr(http.answer, "{\"important\":1}"));
    assert_true(http.answer_bytes < 8000000u);
    raw_http_close(&http);
    free(view);
}

static void a_run_that_is_over_says_so(void **state)
{
    (void)state;
    raw_http http;
    char id[64];
    hf_event_ring_add(ring, "event", "{\"a\":1}");
    hf_event_ring_end(ring, "over", "{\"end\":1}");
    connect_to(&http, NULL);
    assert_true(raw_http_expect(&http, "{\"end\":1}"));
    assert_true(raw_http_expect_end(&http));
    assert_null(strstr(http.answer, "{\"a\":1}"));
    copy_id(&http, "{\"end\":1}", id, sizeof id);
    raw_http_close(&http);
    connect_to(&http, id); /* it has seen the end, and asks again */
    assert_true(raw_http_expect(&http, "{\"end\":1}"));
    raw_http_close(&http);
}

static void dead_connections_are_noticed(void **state)
{
    (void)state;
    raw_http http;
    connect_to(&http, NULL);
    hf_event_ring_beat(ring);
    assert_true(raw_http_expect(&http, ": alive\n\n"));
    raw_http_close(&http);
    while (hf_event_ring_followers(ring)) {
        hf_event_ring_beat(ring);
        usleep(1000);
    }
}

static void followers_may_outlive_their_run(void **state)
{
    (void)state;
    raw_http http;
    connect_to(&http, NULL);
    hf_event_ring_end(ring, "over", "{\"end\":1}");
    hf_event_ring_release(ring);
    ring = NULL;
    assert_true(raw_http_expect(&http, "{\"end\":1}"));
    raw_http_close(&http);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_new_client_sees_the_view_and_what_follows, start, stop),
        cmocka_unit_test_setup_teardown(a_client_comes_back, start, stop),
        cmocka_unit_test_setup_teardown(who_is_too_far_behind_is_told, start, stop),
        cmocka_unit_test_setup_teardown(bytes_are_bounded_too, start, stop),
        cmocka_unit_test_setup_teardown(a_slow_client_skips_views, start, stop),
        cmocka_unit_test_setup_teardown(a_run_that_is_over_says_so, start, stop),
        cmocka_unit_test_setup_teardown(dead_connections_are_noticed, start, stop),
        cmocka_unit_test_setup_teardown(followers_may_outlive_their_run, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
