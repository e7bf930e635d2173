/* SPDX-License-Identifier: Apache-2.0 */
/* What the dashboard needs of the API: sessions, the page, history, the analyzer, metrics. Results are modelled. */
#include <ctype.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "daemon_fixture.h"
#include "hf_test.h"

/* Begins a session. @param token 128 bytes. @return the port that it is for */
static int begin_session(daemon_fixture *fixture, char *token)
{
    json_t *answer = daemon_ask(fixture, "POST", "/sessions", "{}", 201);
    const char *address = json_text(answer, "address");
    assert_memory_equal(address, "127.0.0.1:", 10); /* the loopback, unless told otherwise */
    const int port = (int)strtol(address + 10, NULL, 10);
    snprintf(token, 128, "%s", json_text(answer, "token"));
    json_decref(answer);
    return port;
}

/* @return the whole answer to a GET over TCP, to be freed. @param headers with their line ends */
static char *get_tcp(int port, const char *path, const char *headers)
{
    raw_http http;
    char request[512];
    const int size = snprintf(request, sizeof request,
                              "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n", path, headers);
    assert_true(raw_http_connect_tcp(&http, port));
    assert_true(raw_http_send(&http, request, (size_t)size));
    assert_true(raw_http_expect_end(&http));
    char *answer = strdup(http.answer);
    raw_http_close(&http);
    return answer;
}

static void a_session_stands_for_its_user(void **state)
{
    daemon_fixture *fixture = *state;
    char token[128], key[32], path[96];
    daemon_start(fixture, NULL);
    const int port = begin_session(fixture, token);
    json_t *local = daemon_ask(fixture, "GET", "/session", NULL, 200),
           *remote = daemon_ask_tcp(port, token, "GET", "/session", NULL, 200);
    assert_string_equal(json_text(local, "user"), json_text(remote, "user"));
    assert_true(json_is_false(json_object_get(local, "session")));
    assert_true(json_is_true(json_object_get(remote, "session")));
    json_decref(local);
    json_decref(remote);
    daemon_submit(fixture, "mine", 9, "{}", key);
    snprintf(path, sizeof path, "/runs/%s/cancel", key);
    json_decref(daemon_ask_tcp(port, token, "POST", path, "{}", 200)); /* the same user */
    /* Neither without a token nor with a wrong one, and a session does not make another. */
    json_decref(daemon_ask_tcp(port, "0123456789abcdef", "GET", "/queue", NULL, 401));
    json_decref(daemon_ask_tcp(port, "", "GET", "/queue", NULL, 401));
    json_decref(daemon_ask_tcp(port, token, "POST", "/sessions", "{}", 403));
    char *metrics = get_tcp(port, "/metrics", "");
    assert_int_equal(raw_http_status(metrics), 401);
    free(metrics);
    char second[128];
    assert_int_equal(begin_session(fixture, second), port); /* one socket for all */
    assert_string_not_equal(token, second);
    daemon_stop(fixture);
}

static void sessions_can_be_forbidden(void **state)
{
    daemon_fixture *fixture = *state;
    daemon_start(fixture, (const char *const[]){"--dashboard", "none", NULL});
    json_t *answer = daemon_ask(fixture, "POST", "/sessions", "{}", 409);
    assert_non_null(strstr(json_text(answer, "error.message"), "--dashboard none"));
    json_decref(answer);
    daemon_stop(fixture);
}

/* The files need no token, name nothing of the farm, and have a strict policy. */
static void the_page_is_the_same_for_everyone(void **state)
{
    daemon_fixture *fixture = *state;
    static const char *const paths[] = {"/", "/dashboard.js", "/dashboard.css"};
    char token[128];
    daemon_start(fixture, NULL);
    const int port = begin_session(fixture, token);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        char *answer = get_tcp(port, paths[i], "");
        assert_int_equal(raw_http_status(answer), 200);
        assert_non_null(strstr(answer, "Content-Security-Policy: default-src 'none'; script-src 'self'; "
                                       "style-src 'self'; connect-src 'self'; img-src data:; "));
        assert_non_null(strstr(answer, "X-Frame-Options: DENY"));
        assert_null(strstr(answer, "virtual-1"));
        assert_null(strstr(answer, fixture->cli.folder));
        free(answer);
    }
    char *outside = get_tcp(port, "/../etc/passwd", "");
    assert_int_equal(raw_http_status(outside), 401);
    free(outside);
    daemon_stop(fixture);
}

/* `hilfarm dashboard` with a variable for the daemon. @return its output, static */
static const char *run_command(daemon_fixture *fixture, const char *option, const char *variables)
{
    static process child;
    char command[512];
    snprintf(command, sizeof command, "HILFARM_SOCKET=%s %s exec %s dashboard %s", fixture->socket, variables,
             cli_program("hilfarm"), option);
    assert_true(process_start(&child, (const char *const[]){"sh", "-c", command, NULL}));
    if (process_wait_exit(&child, DAEMON_DEADLINE_MS) != 0)
        fail_msg("%s: %s", command, child.output);
    return child.output;
}

/* The address carries the session's token; a page that only its owner can read opens it in the browser. */
static void the_command_names_the_page(void **state)
{
    daemon_fixture *fixture = *state;
    char token[128], path[160], variables[320];
    struct stat info;
    uint8_t *page = NULL, *opened = NULL;
    size_t size;
    daemon_start(fixture, NULL);
    const char *output = run_command(fixture, "", "");
    assert_memory_equal(output, "http://127.0.0.1:", 17);
    char *end;
    const int port = (int)strtol(output + 17, &end, 10);
    assert_memory_equal(end, "/#token=", 8);
    snprintf(token, sizeof token, "%.64s", end + 8);
    json_decref(daemon_ask_tcp(port, token, "GET", "/session", NULL, 200));
    /* A browser that notes what it is to open. */
    snprintf(path, sizeof path, "%s",
             cli_write(&fixture->cli, "xdg-open", "#!/bin/sh\necho \"$@\" >\"${0%/*}/opened\"\n"));
    assert_int_equal(chmod(path, 0700), 0);
    snprintf(variables, sizeof variables, "PATH=%s:$PATH XDG_RUNTIME_DIR=%s", fixture->cli.folder,
             fixture->cli.folder);
    assert_null(strstr(run_command(fixture, "--open", variables), "token"));
    snprintf(path, sizeof path, "%s/hilfarm-dashboard.html", fixture->cli.folder);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_int_equal(hf_file_read(path, 65536, &page, &size, NULL), HF_OK);
    assert_non_null(strstr((const char *)page, "url=http://127.0.0.1:"));
    assert_non_null(strstr((const char *)page, "/#token="));
    free(page);
    /* The browser runs on its own; its arguments, which all users can see, hold no secret. */
    char noted[160];
    const hf_deadline deadline = hf_deadline_in_ms(DAEMON_DEADLINE_MS);
    const struct timespec step = {.tv_nsec = 20 * (long)HF_NS_PER_MS};
    snprintf(noted, sizeof noted, "%s/opened", fixture->cli.folder);
    while ((hf_file_read(noted, 4096, &opened, &size, NULL) != HF_OK || size == 0) &&
           !hf_deadline_passed(deadline)) {
        free(opened);
        opened = NULL;
        nanosleep(&step, NULL);
    }
    assert_non_null(opened);
    assert_memory_equal(opened, path, strlen(path));
    assert_int_equal(size, strlen(path) + 1);
    free(opened);
    daemon_stop(fixture);
}

/* Every value of the trend is that of the store. */
static void history_is_that_of_the_store(void **state)
{
    daemon_fixture *fixture = *state;
    char keys[2][32], path[256];
    daemon_start(fixture, NULL);
    for (int i = 0; i < 2; i++) {
        daemon_submit(fixture, "nightly", 2, "{}", keys[i]);
        json_decref(daemon_follow(fixture, keys[i]));
    }
    json_t *variations = daemon_ask(fixture, "GET", "/variations?prefix=mobilenetv1_0.2", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(variations, "variations")), 1);
    snprintf(path, sizeof path, "/trend?name=%s&chip=%s", json_text(variations, "variations.0.name"),
             json_text(variations, "variations.0.chip"));
    json_t *trend = daemon_ask(fixture, "GET", path, NULL, 200);
    assert_int_equal(json_array_size(json_object_get(trend, "results")), 2);
    assert_string_equal(json_text(trend, "results.0.run_key"), keys[1]);
    assert_string_equal(json_text(trend, "results.1.run_key"), keys[0]);
    assert_string_equal(json_text(trend, "results.0.outcome"), "measured");
    const int64_t cycles = cli_query(
        &fixture->cli, "SELECT cycles FROM samples JOIN attempts ON attempts.id = attempt_id JOIN results ON"
                       " results.id = result_id WHERE run_id = 2 AND results.name LIKE 'mobilenetv1_0.2%'"
                       " AND samples.position = 0");
    assert_int_equal((int64_t)json_real_value(
                         json_object_get(json_array_get(json_object_get(trend, "results"), 0), "cycles")),
                     cycles);
    assert_int_equal(json_number(trend, "results.0.samples"), 2);
    json_decref(trend);
    json_decref(variations);
    json_decref(daemon_ask(fixture, "GET", "/trend?name=x", NULL, 400));
    json_decref(daemon_ask(fixture, "GET", "/trend?name=x&chip=y&limit=0", NULL, 400));

    json_t *runs = daemon_ask(fixture, "GET", "/runs?limit=1&name=nightly", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(runs, "runs")), 1);
    assert_string_equal(json_text(runs, "runs.0.key"), keys[1]);
    json_decref(runs);
    runs = daemon_ask(fixture, "GET", "/runs?before=2", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(runs, "runs")), 1);
    assert_string_equal(json_text(runs, "runs.0.key"), keys[0]);
    json_decref(runs);
    runs = daemon_ask(fixture, "GET", "/runs?name=other", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(runs, "runs")), 0);
    json_decref(runs);

    long long attempts = 0;
    for (int board = 1; board <= 2; board++) {
        snprintf(path, sizeof path, "/boards/virtual-%d/history?days=2", board);
        json_t *history = daemon_ask(fixture, "GET", path, NULL, 200), *day;
        size_t i;
        json_array_foreach(json_object_get(history, "days"), i, day) attempts +=
            json_number(day, "succeeded") + json_number(day, "failed");
        json_decref(history);
    }
    assert_int_equal(attempts, cli_query(&fixture->cli, "SELECT count(*) FROM attempts"));
    json_decref(daemon_ask(fixture, "GET", "/boards/nix/history", NULL, 404));
    json_t *page = daemon_ask(fixture, "GET", "/runs/2/page.json?baseline=1", NULL, 200);
    assert_int_equal(json_number(page, "baseline.counts.unchanged"), 2);
    json_decref(page);
    daemon_stop(fixture);
}

static void a_model_is_scored(void **state)
{
    daemon_fixture *fixture = *state;
    daemon_start(fixture, NULL);
    json_t *families = daemon_ask(fixture, "GET", "/families", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(families, "families")), 6);
    assert_string_equal(json_text(families, "families.0.factors.0.name"), "alpha");
    assert_string_equal(json_text(families, "chips.0"), "stm32l4r5zi");
    json_decref(families);
    const char *model = "/scorecard?model=mobilenetv1_0.25_96_c3_o2&chip=stm32l4r5zi&rom_bytes=100000";
    char path[256];
    json_t *quick = daemon_ask(fixture, "GET", model, NULL, 200);
    snprintf(path, sizeof path, "%s&exact=1", model);
    json_t *exact = daemon_ask(fixture, "GET", path, NULL, 200);
    assert_int_equal(json_number(quick, "macs"), 7489664); /* as `hilfarm analyze` prints */
    assert_int_equal(json_number(exact, "macs"), 7489664);
    assert_true(json_is_true(json_object_get(exact, "model_bytes_exact")));
    /* Only a compiled model has a plan of its arena: five numbers a buffer, none beyond its end. */
    assert_true(json_is_null(json_object_get(quick, "arena_map")));
    const json_t *map = json_object_get(exact, "arena_map");
    json_int_t most = 0;
    assert_true(json_array_size(map) >= 10 && json_array_size(map) % 5 == 0);
    for (size_t i = 0; i < json_array_size(map); i += 5) {
        const json_int_t end =
            json_integer_value(json_array_get(map, i + 1)) + json_integer_value(json_array_get(map, i + 2));
        most = end > most ? end : most;
    }
    assert_int_equal(most, json_number(exact, "arena_bytes"));
    assert_true(json_number(quick, "model_bytes") <= json_number(exact, "model_bytes"));
    assert_string_equal(json_text(exact, "limits.0.limit"), "rom");
    assert_true(json_is_false(json_object_get(json_array_get(json_object_get(exact, "limits"), 0), "met")));
    json_decref(quick);
    json_decref(exact);
    json_t *answer = daemon_ask(fixture, "GET", "/scorecard?model=mobilenetv1_9_96_c3_o2", NULL, 422);
    assert_non_null(strstr(json_text(answer, "error.message"), "alpha"));
    json_decref(answer);
    /* No file of the host can be read. */
    json_decref(daemon_ask(fixture, "GET", "/scorecard?model=%2Fetc%2Fpasswd.tflite", NULL, 422));
    json_decref(daemon_ask(fixture, "GET", "/scorecard", NULL, 400));
    json_decref(daemon_ask(fixture, "GET", "/scorecard?model=mobilenetv1_0.25_96_c3_o2&chip=z80", NULL, 400));
    daemon_stop(fixture);
}

/* The names of the metrics in a text: words that begin with hilfarm_. @return the end of the next one; NULL = none */
static const char *next_metric(const char *at, char name[64])
{
    at = strstr(at, "hilfarm_");
    if (!at)
        return NULL;
    size_t size = 0;
    while (islower((unsigned char)at[size]) || at[size] == '_')
        size++;
    snprintf(name, 64, "%.*s", (int)size, at);
    return at + size;
}

/* What is measured is described, and what the dashboard of Grafana asks for exists. */
static void metrics_are_described(void **state)
{
    daemon_fixture *fixture = *state;
    char key[32], name[64];
    uint8_t *text = NULL;
    size_t size;
    daemon_start(fixture, NULL);
    daemon_submit(fixture, "m", 2, "{}", key);
    json_decref(daemon_follow(fixture, key));
    char *metrics = raw_http_ask(fixture->socket, "GET /metrics HTTP/1.1\r\n", NULL);
    assert_int_equal(raw_http_status(metrics), 200);
    assert_non_null(strstr(metrics, "Content-Type: text/plain; version=0.0.4"));
    assert_non_null(strstr(metrics, "\nhilfarm_runs_ended_total{state=\"done\"} 1\n"));
    assert_non_null(strstr(metrics, "\nhilfarm_results_total{outcome=\"measured\"} 2\n"));
    assert_non_null(strstr(metrics, "\nhilfarm_jobs{state=\"waiting\"} 0\n"));
    assert_int_equal(hf_file_read("orchestrator/daemon/API.md", 1 << 20, &text, &size, NULL), HF_OK);
    for (const char *at = raw_http_body(metrics); (at = next_metric(at, name));)
        if (!strstr((const char *)text, name))
            fail_msg("API.md does not describe %s", name);
    free(text);
    assert_int_equal(hf_file_read("packaging/grafana/hilfarm.json", 1 << 20, &text, &size, NULL), HF_OK);
    json_t *grafana = json_loads((const char *)text, 0, NULL);
    assert_non_null(grafana);
    int asked = 0;
    for (const char *at = (const char *)text; (at = next_metric(at, name)); asked++) {
        char line[80];
        snprintf(line, sizeof line, "# TYPE %s ", name);
        if (!strstr(metrics, line))
            fail_msg("Grafana's dashboard asks for %s, which there is not", name);
    }
    assert_true(asked >= 10);
    json_decref(grafana);
    free(text);
    free(metrics);
    daemon_stop(fixture);
}

/* The log reaches back over a restart, and its numbers go on. */
static void the_log_outlives_the_daemon(void **state)
{
    daemon_fixture *fixture = *state;
    daemon_start(fixture, NULL);
    json_t *log = daemon_ask(fixture, "GET", "/log", NULL, 200);
    assert_non_null(strstr(json_text(log, "lines.0.text"), "listening on"));
    assert_int_equal(json_number(log, "lines.0.number"), 1);
    json_decref(log);
    daemon_stop(fixture);
    daemon_start(fixture, NULL);
    log = daemon_ask(fixture, "GET", "/log", NULL, 200);
    json_t *lines = json_object_get(log, "lines");
    const size_t count = json_array_size(lines);
    assert_true(count >= 4); /* started, stopping, stopped, started */
    assert_non_null(strstr(json_text(log, "lines.0.text"), "listening on"));
    for (size_t i = 0; i < count; i++)
        assert_int_equal(json_integer_value(json_object_get(json_array_get(lines, i), "number")), i + 1);
    const char *last = json_string_value(json_object_get(json_array_get(lines, count - 1), "text"));
    assert_non_null(strstr(last, "listening on"));
    json_decref(log);
    log = daemon_ask(fixture, "GET", "/log?limit=2&before=4", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(log, "lines")), 2);
    assert_int_equal(json_number(log, "lines.0.number"), 2);
    assert_int_equal(json_number(log, "lines.1.number"), 3);
    json_decref(log);
    json_decref(daemon_ask(fixture, "GET", "/log?limit=0", NULL, 400));
    json_decref(daemon_ask(fixture, "GET", "/log?before=x", NULL, 400));
    daemon_stop(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_session_stands_for_its_user, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(sessions_can_be_forbidden, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(the_page_is_the_same_for_everyone, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(the_command_names_the_page, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(history_is_that_of_the_store, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(a_model_is_scored, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(metrics_are_described, daemon_set_up, daemon_tear_down),
        cmocka_unit_test_setup_teardown(the_log_outlives_the_daemon, daemon_set_up, daemon_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
