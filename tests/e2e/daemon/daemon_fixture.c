/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon_fixture.h"

#include <signal.h>
#include <time.h>

#include "hf_test.h"

int daemon_set_up(void **state)
{
    daemon_fixture *fixture = calloc(1, sizeof *fixture);
    void *cli = NULL;
    if (!fixture || cli_set_up(&cli) != 0) {
        free(fixture);
        return -1;
    }
    fixture->cli = *(cli_fixture *)cli;
    free(cli);
    snprintf(fixture->cli.db, sizeof fixture->cli.db, "%s/state/hilfarm.db", fixture->cli.folder);
    snprintf(fixture->socket, sizeof fixture->socket, "%s/s", fixture->cli.folder);
    *state = fixture;
    return 0;
}

int daemon_tear_down(void **state)
{
    daemon_fixture *fixture = *state;
    if (fixture->daemon.pid)
        daemon_kill(fixture);
    cli_fixture *cli = malloc(sizeof *cli);
    *cli = fixture->cli;
    void *owned = cli;
    const int failed = cli_tear_down(&owned);
    free(fixture);
    return failed;
}

void daemon_start(daemon_fixture *fixture, const char *const *options)
{
    char state[112];
    snprintf(state, sizeof state, "%s/state", fixture->cli.folder);
    const char *argv[32] = {cli_program("hilfarmd"), "--state", state, "--socket", fixture->socket};
    size_t count = 5;
    for (; options && *options; options++)
        argv[count++] = *options;
    assert_true(process_start(&fixture->daemon, argv));
    if (!process_wait_output(&fixture->daemon, "listening on", DAEMON_DEADLINE_MS))
        fail_msg("hilfarmd does not listen: %s", fixture->daemon.output);
}

void daemon_kill(daemon_fixture *fixture)
{
    kill(fixture->daemon.pid, SIGKILL);
    assert_int_equal(process_wait_exit(&fixture->daemon, DAEMON_DEADLINE_MS), 128 + SIGKILL);
}

void daemon_stop(daemon_fixture *fixture)
{
    const int status = process_stop(&fixture->daemon, DAEMON_DEADLINE_MS);
    if (status != 0)
        fail_msg("hilfarmd ended with %d: %s", status, fixture->daemon.output);
}

/* @param http connected */
static json_t *ask(raw_http *http, const char *headers, const char *method, const char *path,
                   const char *body, int status)
{
    char head[512];
    const int length =
        snprintf(head, sizeof head,
                 "%s /api/v1%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %zu\r\n%s\r\n",
                 method, path, body ? strlen(body) : 0, headers);
    assert_true(raw_http_send(http, head, (size_t)length));
    if (body)
        (void)raw_http_send(http, body, strlen(body));
    assert_true(raw_http_expect_end(http));
    if (raw_http_status(http->answer) != status)
        fail_msg("%s %s: expected %d: %s", method, path, status, http->answer);
    json_t *json = json_loads(raw_http_body(http->answer), JSON_DECODE_ANY, NULL);
    raw_http_close(http);
    return json;
}

json_t *daemon_ask(daemon_fixture *fixture, const char *method, const char *path, const char *body,
                   int status)
{
    raw_http http;
    assert_true(raw_http_connect(&http, fixture->socket));
    return ask(&http, "", method, path, body, status);
}

json_t *daemon_ask_tcp(int port, const char *token, const char *method, const char *path, const char *body,
                       int status)
{
    raw_http http;
    char header[128];
    snprintf(header, sizeof header, "Authorization: Bearer %s\r\n", token);
    assert_true(raw_http_connect_tcp(&http, port));
    return ask(&http, header, method, path, body, status);
}

char *daemon_submission(const char *name, int models, const char *options)
{
    char spec[1024];
    int length =
        snprintf(spec, sizeof spec, "name: %s\nmodels:\n  - family: mobilenetv1\n    alpha: [", name);
    for (int i = 1; i <= models; i++)
        length += snprintf(spec + length, sizeof spec - (size_t)length, "%s0.%d", i > 1 ? ", " : "", i);
    snprintf(spec + length, sizeof spec - (size_t)length,
             "]\n    resolution: 32\n    channels: 1\n    classes: 2\n    l: 1\n    ll: 16\n    pl: 16\n"
             "measure: {warmup: 0, runs: 2}\n");
    json_t *object = json_pack("{s:{s:s, s:s}, s:[], s:o}", "spec", "path", "sweep.yaml", "text", spec,
                               "files", "options", json_loads(options, 0, NULL));
    assert_non_null(object);
    char *text = json_dumps(object, 0);
    json_decref(object);
    return text;
}

void daemon_submit(daemon_fixture *fixture, const char *name, int models, const char *options, char *key)
{
    char *submission = daemon_submission(name, models, options);
    json_t *answer = daemon_ask(fixture, "POST", "/runs", submission, 201);
    assert_int_equal(json_number(answer, "selected"), models);
    snprintf(key, 32, "%s", json_text(answer, "key"));
    json_decref(answer);
    free(submission);
}

/* By HTTP/1.0, whose answers are not cut into chunks: what is looked for is in one piece. */
void daemon_open_events(daemon_fixture *fixture, raw_http *http, const char *run, const char *last_id)
{
    char request[256];
    const int length =
        snprintf(request, sizeof request, "GET /api/v1/runs/%s/events HTTP/1.0\r\nHost: x\r\n%s%s%s\r\n", run,
                 last_id ? "Last-Event-ID: " : "", last_id ? last_id : "", last_id ? "\r\n" : "");
    assert_true(raw_http_connect(http, fixture->socket));
    assert_true(raw_http_send(http, request, (size_t)length));
}

json_t *daemon_follow(daemon_fixture *fixture, const char *run)
{
    raw_http http;
    json_t *end = NULL;
    daemon_open_events(fixture, &http, run, NULL);
    for (int i = 0; !end && i < 6; i++) { /* each waits RAW_HTTP_DEADLINE_MS */
        if (!raw_http_expect(&http, "event: over\ndata: "))
            continue;
        assert_true(raw_http_expect_end(&http));
        const char *data = strstr(http.answer, "event: over\ndata: ") + 18;
        end = json_loads(data, JSON_DISABLE_EOF_CHECK, NULL);
    }
    if (!end)
        (void)process_wait_output(&fixture->daemon, "\x01", 1000); /* what it has said so far */
    if (!end)
        fail_msg("run %s does not end: %.2000s\n%s", run, http.answer, fixture->daemon.output);
    raw_http_close(&http);
    return end;
}

void daemon_wait_measured(daemon_fixture *fixture, const char *key, int measured)
{
    const time_t until = time(NULL) + DAEMON_DEADLINE_MS / 1000;
    char path[64];
    snprintf(path, sizeof path, "/runs/%s", key);
    for (;;) {
        json_t *run = daemon_ask(fixture, "GET", path, NULL, 200);
        const long long now = json_number(run, "measured");
        json_decref(run);
        if (now >= measured)
            return;
        if (time(NULL) > until)
            fail_msg("run %s has measured %lld of %d", key, now, measured);
        usleep(20000);
    }
}

static const json_t *find(const json_t *object, const char *path)
{
    char name[64];
    for (;;) {
        const size_t length = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)length, path);
        object = json_is_array(object) ? json_array_get(object, (size_t)strtol(name, NULL, 10))
                                       : json_object_get(object, name);
        if (!object || !path[length])
            return object;
        path += length + 1;
    }
}

long long json_number(const json_t *object, const char *path)
{
    const json_t *value = find(object, path);
    if (!json_is_integer(value) && !json_is_boolean(value))
        fail_msg("no number %s in %s", path, json_dumps(object, JSON_ENCODE_ANY));
    return json_is_boolean(value) ? json_is_true(value) : json_integer_value(value);
}

const char *json_text(const json_t *object, const char *path)
{
    const json_t *value = find(object, path);
    if (!json_is_string(value))
        fail_msg("no text %s in %s", path, json_dumps(object, JSON_ENCODE_ANY));
    return json_string_value(value);
}
