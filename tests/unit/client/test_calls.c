/* SPDX-License-Identifier: Apache-2.0 */
/* Connecting to a daemon, calls, and what it refuses. */
#include "hf_test.h"

#include <sys/stat.h>

#include "api/run.h"
#include "client/client.h"
#include "fake_daemon.h"

typedef struct greeting {
    int status;
    const char *body; /* status 0: written as it is */
} greeting;

static bool answer_same(fake_daemon *daemon, const fake_request *request, int fd)
{
    (void)request;
    const greeting *g = daemon->user;
    if (g->status)
        fake_answer(fd, g->status, g->body);
    else
        fake_write(fd, g->body);
    return g->status != 0;
}

static void check_greeting(int status, const char *body, hf_status expected, const char *message)
{
    fake_daemon daemon;
    greeting g = {status, body};
    hf_client *client = NULL;
    hf_error err = {0};
    fake_daemon_start(&daemon, answer_same, &g);
    assert_int_equal(hf_client_open(daemon.socket, &client, &err), expected);
    assert_int_equal(expected == HF_OK, client != NULL);
    assert_non_null(strstr(err.message, message));
    hf_client_free(client);
    fake_daemon_stop(&daemon);
}

static void test_versions(void **state)
{
    (void)state;
    check_greeting(200, "{\"version\":\"9.9\",\"api\":1}", HF_OK, "");
    check_greeting(200, "{\"version\":\"9.9\",\"api\":2}", HF_EUNSUPPORTED,
                   "(hilfarm 9.9) speaks version 2 of the API: expected version 1");
    check_greeting(200, "<html>", HF_EUNSUPPORTED, "does not answer like a hilfarmd with version 1");
    check_greeting(404, "", HF_ENOTFOUND, "HTTP status 404");
    check_greeting(403,
                   "{\"error\":{\"status\":\"invalid\",\"fault\":\"none\",\"lasting\":\"permanent\","
                   "\"message\":\"no such token\"}}",
                   HF_EINVALID, "no such token");
    check_greeting(0, "SSH-2.0\r\n", HF_EUNSUPPORTED, "");
    check_greeting(0, "HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n{", HF_EIO, "");
}

static void test_nobody_listens(void **state)
{
    (void)state;
    hf_error err = {0};
    hf_client *client = NULL;
    assert_int_equal(hf_client_open("/nonexistent/hilfarmd.sock", &client, &err), HF_ENOTFOUND);
    assert_non_null(strstr(err.message, "/nonexistent/hilfarmd.sock"));
    char longest[300];
    memset(longest, 'a', sizeof longest);
    longest[0] = '/';
    longest[sizeof longest - 1] = '\0';
    hf_error_clear(&err);
    assert_int_equal(hf_client_open(longest, &client, &err), HF_EINVALID);
    assert_non_null(strstr(err.message, "too long"));
    assert_null(client);
}

static void test_where_it_is(void **state)
{
    (void)state;
    setenv("HILFARM_SOCKET", "/some/where", 1);
    char *address = hf_client_address();
    assert_string_equal(address, "/some/where");
    free(address);
    setenv("HILFARM_SOCKET", "", 1);
    address = hf_client_address();
    assert_string_equal(address, "");
    free(address);
    unsetenv("HILFARM_SOCKET");
    char folder[] = "/tmp/hf-address-XXXXXX", socket[192], below[128];
    assert_non_null(mkdtemp(folder));
    setenv("XDG_RUNTIME_DIR", folder, 1);
    snprintf(below, sizeof below, "%s/hilfarm", folder);
    snprintf(socket, sizeof socket, "%s/hilfarmd.sock", below);
    address = hf_client_address();
    assert_string_not_equal(address, socket); /* it does not exist */
    free(address);
    assert_int_equal(mkdir(below, 0700), 0);
    FILE *file = fopen(socket, "w");
    fclose(file);
    address = hf_client_address();
    assert_string_equal(address, socket);
    free(address);
    unlink(socket);
    rmdir(below);
    rmdir(folder);
    setenv("HILFARM_SOCKET", "", 1);
}

/* ---- Calls ---- */

typedef struct script {
    const char *body; /* of the answer */
    int status;
    bool silent; /* no answer at all */
    char seen[512];
} script;

static bool answer_script(fake_daemon *daemon, const fake_request *request, int fd)
{
    script *s = daemon->user;
    if (strcmp(request->path, "/api/v1") == 0) {
        fake_answer(fd, 200, FAKE_GREETING);
        return true;
    }
    snprintf(s->seen, sizeof s->seen, "%s %s %s", request->method, request->path, request->body);
    if (s->silent) {
        char byte;
        while (read(fd, &byte, 1) > 0)
            ;
        return false;
    }
    fake_answer(fd, s->status, s->body);
    return true;
}

typedef struct fixture {
    fake_daemon daemon;
    script script;
    hf_client *client;
    hf_error err;
} fixture;

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    fake_daemon_start(&f->daemon, answer_script, &f->script);
    assert_int_equal(hf_client_open(f->daemon.socket, &f->client, &f->err), HF_OK);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    hf_client_free(f->client);
    fake_daemon_stop(&f->daemon);
    free(f);
    return 0;
}

static void test_a_call(void **state)
{
    fixture *f = *state;
    assert_string_equal(hf_client_daemon(f->client)->version, "0.1.0");
    assert_string_equal(hf_client_daemon(f->client)->store, "/s");
    assert_string_equal(hf_client_where(f->client), f->daemon.socket);
    const hf_api_run_change change = {.priority = 3};
    hf_api_queue queue = {0};
    f->script = (script){.status = 200, .body = "{\"runs\":[]}"};
    const hf_client_call call = {.method = "POST",
                                 .path = "/runs/17/priority",
                                 .request_type = &hf_api_run_change_type,
                                 .request = &change,
                                 .answer_type = &hf_api_queue_type,
                                 .answer = &queue};
    assert_int_equal(hf_client_do(f->client, &call, &f->err), HF_OK);
    assert_string_equal(f->script.seen,
                        "POST /api/v1/runs/17/priority {\"priority\":3,\"tag\":null,\"move\":false}");
    assert_int_equal(f->daemon.connection_count, 1); /* it is used again */
    f->script = (script){.status = 204, .body = ""};
    const hf_client_call cancel = {.method = "POST", .path = "/runs/17/cancel"};
    assert_int_equal(hf_client_do(f->client, &cancel, &f->err), HF_OK);
    assert_string_equal(f->script.seen, "POST /api/v1/runs/17/cancel ");
}

static void test_refusals(void **state)
{
    fixture *f = *state;
    hf_api_refusal refusal = {0};
    f->script = (script){
        .status = 422,
        .body = "{\"error\":{\"status\":\"invalid\",\"fault\":\"job\",\"lasting\":\"permanent\","
                "\"message\":\"no good\",\"diagnostics\":[{\"file\":\"a.yaml\",\"line\":1,\"column\":2,"
                "\"text\":\"bad\"}],\"diagnostic_total\":1}}"};
    hf_client_call call = {.method = "POST", .path = "/runs", .refusal = &refusal};
    assert_int_equal(hf_client_do(f->client, &call, &f->err), HF_EINVALID);
    assert_string_equal(f->err.message, "no good");
    assert_int_equal(f->err.fault, HF_FAULT_JOB);
    assert_int_equal(refusal.error.diagnostic_count, 1);
    assert_string_equal(refusal.error.diagnostics[0].text, "bad");
    hf_api_clear(&hf_api_refusal_type, &refusal);

    static const struct {
        int status;
        hf_status expected;
    } bare[] = {
        {401, HF_EINVALID}, {403, HF_EINVALID}, {404, HF_ENOTFOUND}, {503, HF_EBUSY}, {500, HF_EPROTOCOL}};
    for (size_t i = 0; i < sizeof bare / sizeof bare[0]; i++) {
        f->script = (script){.status = bare[i].status, .body = "{\"error\":{\"status\":\"ok\"}}"};
        hf_error_clear(&f->err);
        assert_int_equal(hf_client_do(f->client, &call, &f->err), bare[i].expected);
        assert_non_null(strstr(f->err.message, "HTTP status"));
    }
}

static void test_odd_answers(void **state)
{
    fixture *f = *state;
    hf_api_queue queue = {0};
    const hf_client_call call = {.method = "GET",
                                 .path = "/queue",
                                 .answer_type = &hf_api_queue_type,
                                 .answer = &queue,
                                 .deadline_ms = 50};
    f->script = (script){.status = 200, .body = "{\"runs\":7}"};
    assert_int_equal(hf_client_do(f->client, &call, &f->err), HF_EPROTOCOL);
    assert_non_null(strstr(f->err.message, "answers /queue in an unexpected way: runs: expected an array"));
    hf_error_clear(&f->err);
    f->script = (script){.silent = true};
    assert_int_equal(hf_client_do(f->client, &call, &f->err), HF_ETIMEOUT);
}

static void test_texts(void **state)
{
    fixture *f = *state;
    hf_buffer text = HF_BUFFER_INIT;
    f->script = (script){.status = 200, .body = "a\nb"};
    char *path = hf_client_path("/runs/", "a b/../c?d#e%", "/table.txt?columns=80");
    assert_string_equal(path, "/runs/a%20b%2F..%2Fc%3Fd%23e%25/table.txt?columns=80");
    assert_int_equal(hf_client_get_text(f->client, path, &text, &f->err), HF_OK);
    assert_string_equal(hf_buffer_text(&text), "a\nb");
    f->script = (script){.status = 404, .body = ""};
    assert_int_equal(hf_client_get_text(f->client, path, &text, &f->err), HF_ENOTFOUND);
    assert_string_equal(hf_buffer_text(&text), "a\nb");
    free(path);
    hf_buffer_free(&text);
}

/* The daemon was restarted between two calls: the idle connection is dead, and a new one is made. */
static void test_restart_between_calls(void **state)
{
    fixture *f = *state;
    const hf_client_call call = {.method = "GET", .path = ""};
    fake_daemon other;
    fake_daemon_stop(&f->daemon);
    fake_daemon_start(&other, answer_script, &f->script);
    assert_int_equal(rename(other.folder, f->daemon.folder), 0);
    assert_int_equal(hf_client_do(f->client, &call, &f->err), HF_OK);
    assert_int_equal(rename(f->daemon.folder, other.folder), 0);
    f->daemon = other;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_nobody_listens),
        cmocka_unit_test(test_where_it_is),
        cmocka_unit_test_setup_teardown(test_a_call, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refusals, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_odd_answers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_texts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_restart_between_calls, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
