/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and answers, the limits, and what a server must do with clients that do not keep to the rules. */
#include <sys/socket.h>

#include "hf_test.h"
#include "raw_http.h"
#include "server_fixture.h"

static server_fixture fixture;

static int start(void **state)
{
    (void)state;
    server_fixture_start(&fixture, &(hf_http_limits){0});
    return 0;
}

static int stop(void **state)
{
    (void)state;
    server_fixture_stop(&fixture);
    return 0;
}

/* Sends a request and checks the status and a text of the answer. */
static void expect(const char *head, const char *body, int status, const char *text)
{
    char *answer = raw_http_ask(fixture.socket, head, body);
    assert_int_equal(raw_http_status(answer), status);
    if (!strstr(answer, text))
        fail_msg("%s: expected %s in: %s", head, text, answer);
    free(answer);
}

static void a_request_reaches_its_handler(void **state)
{
    (void)state;
    expect("GET /echo/a%20b?q=1%2B2 HTTP/1.1\r\nX-Test: yes\r\n", NULL, 200,
           "segment=a b query=1+2 header=yes peer=,1 body=");
    expect("POST /echo/w HTTP/1.1\r\n", "hello", 200, "body=hello");
}

static void what_is_not_there_is_named(void **state)
{
    (void)state;
    expect("GET /nowhere HTTP/1.1\r\n", NULL, 404, "there is nothing at /nowhere");
    expect("PUT /echo/w HTTP/1.1\r\n", "x", 405, "PUT is not possible here, expected GET POST");
    expect("DELETE /echo/w HTTP/1.1\r\n", NULL, 405, "DELETE is not possible here");
}

static void bodies_are_bounded(void **state)
{
    (void)state;
    char *large = malloc(100002);
    memset(large, 'x', 100001);
    large[100001] = '\0';
    expect("POST /echo/w HTTP/1.1\r\n", large, 413,
           "the body has 100001 bytes, at most 100000 are accepted here");
    large[100000] = '\0'; /* the largest */
    expect("POST /echo/w HTTP/1.1\r\n", large, 200, "body=xxx");
    free(large);
    expect("GET /echo/w HTTP/1.1\r\n", "x", 413, "at most 0 are accepted");
    expect("POST /echo/w HTTP/1.1\r\nTransfer-Encoding: chunked\r\n", NULL, 411, "Content-Length");
}

static void a_handler_may_answer_later(void **state)
{
    (void)state;
    raw_http http;
    assert_true(raw_http_connect(&http, fixture.socket));
    assert_true(raw_http_send(&http, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n", 31));
    hf_http_request *request = server_fixture_held(&fixture);
    expect("GET /echo/meanwhile HTTP/1.1\r\n", NULL, 200, "segment=meanwhile"); /* nobody waits for it */
    hf_buffer text = HF_BUFFER_INIT;
    hf_buffer_puts(&text, "at last");
    hf_http_respond(request, 200, HF_HTTP_TEXT, &text);
    assert_true(raw_http_expect(&http, "at last"));
    /* The connection is kept. */
    raw_http_forget(&http);
    assert_true(raw_http_send(&http, "GET /echo/again HTTP/1.1\r\nHost: x\r\n\r\n", 37));
    assert_true(raw_http_expect(&http, "segment=again"));
    raw_http_close(&http);
}

static void an_answer_has_a_deadline(void **state)
{
    (void)state;
    server_ticker ticker;
    server_fixture_start(&fixture, &(hf_http_limits){.answer_ms = 1});
    raw_http http;
    assert_true(raw_http_connect(&http, fixture.socket));
    assert_true(raw_http_send(&http, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n", 31));
    hf_http_request *request = server_fixture_held(&fixture);
    server_ticker_start(&ticker, fixture.server);
    assert_true(raw_http_expect(&http, "the answer was not ready in time"));
    assert_int_equal(raw_http_status(http.answer), 504);
    server_ticker_stop(&ticker);
    raw_http_close(&http);
    hf_http_respond(request, 200, HF_HTTP_TEXT, NULL); /* too late, and harmless */
    server_fixture_stop(&fixture);
}

static void large_bodies_pass_in_pieces(void **state)
{
    (void)state;
    char *large = malloc(1 << 20);
    for (size_t i = 0; i < (1 << 20) - 1; i++)
        large[i] = (char)('a' + i % 23);
    large[(1 << 20) - 1] = '\0';
    expect("PUT /upload HTTP/1.1\r\n", large, 201, "received 1048575 of 1048575");
    assert_memory_equal(fixture.received, large, (1 << 20) - 1);
    fixture.received_bytes = 0;
    large[500000] = '!';
    expect("PUT /upload HTTP/1.1\r\n", large, 400, "there is an exclamation mark in it");
    assert_true(fixture.received_bytes <= 500000);
    free(large);
}

static void an_upload_may_break_off(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        raw_http http;
        assert_true(raw_http_connect(&http, fixture.socket));
        assert_true(
            raw_http_send(&http, "PUT /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\nabc", 60));
        raw_http_close(&http);
    }
    expect("GET /echo/w HTTP/1.1\r\n", NULL, 200, "segment=w");
}

static void tcp_needs_a_token(void **state)
{
    (void)state;
    raw_http http;
    assert_true(raw_http_connect_tcp(&http, fixture.tcp_port));
    assert_true(raw_http_send(&http, "GET /echo/w HTTP/1.1\r\nHost: x\r\n\r\n", 33));
    assert_true(raw_http_expect(&http, "a valid token is needed"));
    assert_int_equal(raw_http_status(http.answer), 401);
    assert_non_null(strstr(http.answer, "WWW-Authenticate: Bearer"));
    raw_http_close(&http);
    assert_true(raw_http_connect_tcp(&http, fixture.tcp_port));
    assert_true(
        raw_http_send(&http, "GET /echo/w HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret\r\n\r\n", 64));
    assert_true(raw_http_expect(&http, "peer=ann,0"));
    raw_http_close(&http);
}

/* An open route needs no token; a path that is not there says no more than a closed one. */
static void open_routes_need_no_token(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int status;
        const char *text;
    } cases[] = {
        {"/page", 200, "a page"},
        {"/nowhere", 401, "a valid token is needed"},
        {"/page/x", 401, "a valid token is needed"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        raw_http http;
        char request[128];
        const int size = snprintf(request, sizeof request,
                                  "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", cases[i].path);
        assert_true(raw_http_connect_tcp(&http, fixture.tcp_port));
        assert_true(raw_http_send(&http, request, (size_t)size));
        assert_true(raw_http_expect_end(&http));
        assert_int_equal(raw_http_status(http.answer), cases[i].status);
        assert_non_null(strstr(http.answer, cases[i].text));
        if (cases[i].status == 200) {
            assert_string_equal(raw_http_body(http.answer), "a page");
            assert_non_null(strstr(http.answer, "X-Frame-Options: DENY"));
            assert_non_null(strstr(http.answer, "X-Content-Type-Options: nosniff"));
        }
        raw_http_close(&http);
    }
}

static void connections_are_bounded(void **state)
{
    (void)state;
    server_fixture_start(&fixture, &(hf_http_limits){.connections = 4});
    raw_http held[4];
    for (int i = 0; i < 4; i++) {
        assert_true(raw_http_connect(&held[i], fixture.socket));
        assert_true(raw_http_send(&held[i], "GET /echo/w HTTP/1.1\r\nHost: x\r\n\r\n", 33));
        assert_true(raw_http_expect(&held[i], "segment=w"));
    }
    expect("GET /echo/w HTTP/1.1\r\n", NULL, 503,
           "there are 4 connections already, the most that are accepted");
    for (int i = 0; i < 4; i++)
        raw_http_close(&held[i]);
    server_fixture_stop(&fixture);
}

/* Whoever reaches a port cannot keep the users of the Unix socket out. */
static void tcp_has_half_of_the_connections(void **state)
{
    (void)state;
    server_fixture_start(&fixture, &(hf_http_limits){.connections = 4});
    raw_http held[3];
    for (int i = 0; i < 3; i++) {
        assert_true(raw_http_connect_tcp(&held[i], fixture.tcp_port));
        assert_true(raw_http_send(&held[i], "GET /page HTTP/1.1\r\nHost: x\r\n\r\n", 31));
        assert_true(raw_http_expect(&held[i], i < 2 ? "a page" : "there are 2 connections already"));
    }
    expect("GET /echo/w HTTP/1.1\r\n", NULL, 200, "segment=w");
    raw_http_close(&held[0]);
    raw_http_close(&held[1]);
    raw_http_close(&held[2]);
    server_fixture_stop(&fixture);
}

static void requests_are_bounded(void **state)
{
    (void)state;
    server_fixture_start(&fixture, &(hf_http_limits){.requests = 1});
    raw_http http;
    assert_true(raw_http_connect(&http, fixture.socket));
    assert_true(raw_http_send(&http, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n", 31));
    hf_http_request *request = server_fixture_held(&fixture);
    expect("GET /echo/w HTTP/1.1\r\n", NULL, 503, "1 requests are being handled already");
    hf_http_respond(request, 200, HF_HTTP_TEXT, NULL);
    assert_true(raw_http_expect(&http, "200 OK"));
    expect("GET /echo/w HTTP/1.1\r\n", NULL, 200, "segment=w");
    raw_http_close(&http);
    server_fixture_stop(&fixture);
}

static void slow_requests_are_cut_off(void **state)
{
    (void)state;
    server_fixture_start(&fixture, &(hf_http_limits){.receive_ms = 1});
    raw_http http;
    server_ticker ticker;
    assert_true(raw_http_connect(&http, fixture.socket));
    assert_true(raw_http_send(&http, "GET /echo/w HTTP/1.1\r\nHo", 24));
    server_ticker_start(&ticker, fixture.server);
    assert_true(raw_http_expect_end(&http));
    server_ticker_stop(&ticker);
    raw_http_close(&http);
    server_fixture_stop(&fixture);
}

static void held_requests_are_answered_at_the_end(void **state)
{
    (void)state;
    server_fixture_start(&fixture, &(hf_http_limits){0});
    raw_http http;
    assert_true(raw_http_connect(&http, fixture.socket));
    assert_true(raw_http_send(&http, "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n", 31));
    hf_http_request *request = server_fixture_held(&fixture);
    hf_http_server_close(fixture.server);
    hf_http_respond(request, 200, HF_HTTP_TEXT, NULL);
    assert_true(raw_http_expect(&http, "the server is being stopped"));
    assert_int_equal(raw_http_status(http.answer), 503);
    raw_http_close(&http);
    server_fixture_stop(&fixture);
}

/* Lines that are not HTTP, or not quite. Whatever the answer, the server lives, and answers the next client. */
static void malformed_requests_do_no_harm(void **state)
{
    (void)state;
    static const char *const requests[] = {
        "\r\n\r\n",
        "GET\r\n\r\n",
        "GET /echo/w\r\n\r\n",
        "GET /echo/w HTTP/9.9\r\n\r\n",
        "\xff\xfe\xfd\r\n\r\n",
        "GET /echo/%00%zz%2e HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /echo/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /echo/w HTTP/1.1\r\n\r\n",
        "GET /echo/w HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "POST /echo/w HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST /echo/w HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST /echo/w HTTP/1.1\r\nHost: x\r\nContent-Length: 5x\r\n\r\nhello",
        "POST /echo/w HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "POST /echo/w HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nzz\r\n",
        "PUT /upload HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n",
        "GET /echo/w?q=%&&==;&q HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET http://elsewhere/echo/w HTTP/1.1\r\nHost: x\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /echo/w HTTP/1.1\r\nHost : x\r\n folded\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        raw_http http;
        assert_true(raw_http_connect(&http, fixture.socket));
        (void)raw_http_send(&http, requests[i], strlen(requests[i]));
        shutdown(http.fd, SHUT_WR);
        raw_http_close(&http);
        expect("GET /echo/w HTTP/1.1\r\n", NULL, 200, "segment=w");
    }
    char *headers = malloc(200000);
    int length = snprintf(headers, 200000, "GET /echo/w HTTP/1.1\r\n");
    for (int i = 0; i < 4000; i++)
        length +=
            snprintf(headers + length, 200000 - (size_t)length, "X-Header-%d: a long value of it\r\n", i);
    char *answer = raw_http_ask(fixture.socket, headers, NULL);
    assert_true(raw_http_status(answer) == 431 || raw_http_status(answer) == 413 || !answer);
    free(answer);
    free(headers);
    expect("GET /echo/w HTTP/1.1\r\n", NULL, 200, "segment=w");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_request_reaches_its_handler, start, stop),
        cmocka_unit_test_setup_teardown(what_is_not_there_is_named, start, stop),
        cmocka_unit_test_setup_teardown(bodies_are_bounded, start, stop),
        cmocka_unit_test_setup_teardown(a_handler_may_answer_later, start, stop),
        cmocka_unit_test(an_answer_has_a_deadline),
        cmocka_unit_test_setup_teardown(large_bodies_pass_in_pieces, start, stop),
        cmocka_unit_test_setup_teardown(an_upload_may_break_off, start, stop),
        cmocka_unit_test_setup_teardown(tcp_needs_a_token, start, stop),
        cmocka_unit_test_setup_teardown(open_routes_need_no_token, start, stop),
        cmocka_unit_test(connections_are_bounded),
        cmocka_unit_test(tcp_has_half_of_the_connections),
        cmocka_unit_test(requests_are_bounded),
        cmocka_unit_test(slow_requests_are_cut_off),
        cmocka_unit_test(held_requests_are_answered_at_the_end),
        cmocka_unit_test_setup_teardown(malformed_requests_do_no_harm, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
