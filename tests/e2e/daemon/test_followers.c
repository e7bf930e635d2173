/* SPDX-License-Identifier: Apache-2.0 */
/* Many clients, slow clients, clients that are no clients, and users that share the boards. */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "daemon_fixture.h"
#include "hf_test.h"

#define FOLLOWERS 100

static void a_hundred_clients_follow(void **state)
{
    daemon_fixture *fixture = *state;
    static raw_http clients[FOLLOWERS];
    raw_http slow;
    char key[32];
    daemon_start(fixture, NULL);
    daemon_submit(fixture, "many", 4, "{}", key);
    daemon_open_events(fixture, &slow, key, "0"); /* never reads */
    for (int i = 0; i < FOLLOWERS; i++)
        daemon_open_events(fixture, &clients[i], key, i % 2 ? "0" : NULL);
    json_t *end = daemon_follow(fixture, key);
    assert_int_equal(json_number(end, "summary.measured"), 4);
    json_decref(end);
    for (int i = 0; i < FOLLOWERS; i++) {
        if (!raw_http_expect(&clients[i], "event: over\ndata: "))
            fail_msg("client %d: %s", i, clients[i].answer);
        if (i % 2) { /* from the beginning: every event */
            int measured = 0;
            for (const char *at = clients[i].answer; (at = strstr(at, "\"kind\":\"measured\"")); at++)
                measured++;
            assert_int_equal(measured, 4);
        }
        raw_http_close(&clients[i]);
    }
    raw_http_close(&slow);
    daemon_stop(fixture);
}

static void write_tokens(daemon_fixture *fixture, char *path, size_t size)
{
    snprintf(path, size, "%s",
             cli_write(&fixture->cli, "tokens", "ann:ann-0123456789abcdef\nbob:bob-0123456789abcdef\n"));
    assert_int_equal(chmod(path, 0600), 0);
}

/* The port of a daemon that was told to listen on one. */
static int free_port(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    close(fd);
    return ntohs(address.sin_port);
}

/* Two users at once: both runs are under way, each is its owner's, and both end whole. */
static void two_users_share_the_boards(void **state)
{
    daemon_fixture *fixture = *state;
    static const char *const tokens[] = {"ann-0123456789abcdef", "bob-0123456789abcdef"};
    char path[128], listen[32], keys[2][32];
    const int port = free_port();
    write_tokens(fixture, path, sizeof path);
    snprintf(listen, sizeof listen, "127.0.0.1:%d", port);
    daemon_start(fixture, (const char *const[]){"--listen", listen, "--token-file", path, NULL});
    json_decref(daemon_ask_tcp(port, "wrong-0123456789abcdef", "GET", "/queue", NULL, 401));
    for (int i = 0; i < 2; i++) {
        char *submission = daemon_submission(i ? "bob" : "ann", 5, "{}");
        json_t *answer = daemon_ask_tcp(port, tokens[i], "POST", "/runs", submission, 201);
        snprintf(keys[i], sizeof keys[i], "%s", json_text(answer, "key"));
        json_decref(answer);
        free(submission);
    }
    daemon_wait_measured(fixture, keys[0], 1);
    daemon_wait_measured(fixture, keys[1], 1);
    json_t *queue = daemon_ask(fixture, "GET", "/queue", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(queue, "runs")),
                     2); /* neither waited for the other's end */
    assert_string_equal(json_text(queue, "runs.0.owner"), "ann");
    assert_string_equal(json_text(queue, "runs.1.owner"), "bob");
    json_decref(queue);
    snprintf(path, sizeof path, "/runs/%s/cancel", keys[0]);
    json_t *answer = daemon_ask_tcp(port, tokens[1], "POST", path, NULL, 403);
    assert_non_null(strstr(json_text(answer, "error.message"), "belongs to ann"));
    json_decref(answer);
    snprintf(path, sizeof path, "/runs/%s/priority", keys[0]);
    json_decref(daemon_ask_tcp(port, tokens[1], "POST", path, "{\"priority\":1}", 403));
    json_decref(daemon_ask_tcp(port, tokens[0], "POST", path, "{\"priority\":1}", 200));
    for (int i = 0; i < 2; i++) {
        json_t *end = daemon_follow(fixture, keys[i]);
        assert_int_equal(json_number(end, "summary.measured"), 5);
        json_decref(end);
    }
    snprintf(path, sizeof path, "/runs/%s/resume", keys[0]);
    json_decref(daemon_ask_tcp(port, tokens[1], "POST", path, NULL, 403));
    snprintf(path, sizeof path, "/runs/%s/tag", keys[0]);
    json_decref(daemon_ask_tcp(port, tokens[1], "POST", path, "{\"tag\":\"x\"}", 403));
    assert_int_equal(cli_query(&fixture->cli, "SELECT count(*) FROM runs WHERE owner IN ('ann', 'bob')"), 2);
    daemon_stop(fixture);
}

/* Requests that no proper client sends. The daemon lives, and measures. */
static void noise_does_no_harm(void **state)
{
    daemon_fixture *fixture = *state;
    unsigned seed = 1;
    char key[32];
    daemon_start(fixture, NULL);
    daemon_submit(fixture, "noise", 2, "{}", key);
    static const char *const requests[] = {
        "POST /api/v1/runs HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{\"spec\":{{",
        "PUT /api/v1/files/0000000000000000000000000000000000000000000000000000000000000000 "
        "HTTP/1.1\r\nHost: x\r\n"
        "Content-Length: 1000000\r\n\r\nabc",
        "GET /api/v1/runs/%2e%2e%2f%2e%2e/events HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /api/v1/runs/latest/events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: "
        "-1-99999999999999999999\r\n\r\n",
        "POST /api/v1/boards/virtual-1/reserve HTTP/1.1\r\nHost: x\r\nContent-Length: "
        "14\r\n\r\n{\"until_ms\":-}",
        "GET /api/v1/runs/latest/table.txt?columns=-5&colour=%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    };
    for (int i = 0; i < 600; i++) {
        raw_http http;
        char request[512];
        const char *from = requests[(size_t)i % (sizeof requests / sizeof requests[0])];
        size_t size = strlen(from);
        memcpy(request, from, size);
        for (int k = i / 6; k % 4; k--) { /* most have some bytes changed, by a seeded generator */
            seed = seed * 1103515245u + 12345u;
            request[seed / 65536u % size] = (char)(seed >> 8);
        }
        if (i % 5 == 4)
            size = 1 + seed % size;
        assert_true(raw_http_connect(&http, fixture->socket));
        (void)raw_http_send(&http, request, size);
        raw_http_close(&http);
    }
    json_t *end = daemon_follow(fixture, key);
    assert_int_equal(json_number(end, "summary.measured"), 2);
    json_decref(end);
    json_decref(daemon_ask(fixture, "GET", "", NULL, 200));
    daemon_stop(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_hundred_clients_follow, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(two_users_share_the_boards, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(noise_does_no_harm, daemon_set_up, daemon_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
