/* SPDX-License-Identifier: Apache-2.0 */
/* A console as the client sees it: events, input one piece at a time, what was dropped, and how it ends. */
#include "hf_test.h"

#include <semaphore.h>
#include <unistd.h>

#include "client/console.h"
#include "fake_daemon.h"

#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
#define NAME "event: console\ndata: {\"console\":\"c0ffee\",\"board\":\"b/1\",\"baud\":9600}\n\n"
#define OPEN "event: open\ndata: {\"text\":\"\",\"failed\":false}\n\n"
#define ENDS "event: closed\ndata: {\"text\":\"as asked\",\"failed\":false}\n\n"

typedef struct rig {
    fake_daemon daemon;
    const char *events;      /* after HEAD; the stream stays open until `end` */
    const char *end;         /* sent when it is asked to close; NULL = never */
    const char *input_fails; /* body of the answer to input; NULL = 204 */
    sem_t closing;
    char sent[64], asked[128];
    /* What the client reports. */
    char said[64], waited[64];
    uint64_t lost;
    unsigned opened, baud;
    int keys[2];
    bool leave_after_input, leaves;
} rig;

static bool answer(fake_daemon *daemon, const fake_request *request, int fd)
{
    rig *r = daemon->user;
    if (strcmp(request->path, "/api/v1") == 0) {
        fake_answer(fd, 200, FAKE_GREETING);
    } else if (strcmp(request->path, "/api/v1/boards/b%2F1/console") == 0) {
        snprintf(r->asked, sizeof r->asked, "%s %s", request->method, request->body);
        fake_write(fd, r->events);
        if (r->end) {
            sem_wait(&r->closing);
            fake_write(fd, r->end);
        }
        return false;
    } else if (strcmp(request->path, "/api/v1/consoles/c0ffee/input") == 0) {
        snprintf(r->sent + strlen(r->sent), sizeof r->sent - strlen(r->sent), "[%s]", request->body);
        if (r->input_fails)
            fake_answer(fd, 500, r->input_fails);
        else
            fake_write(fd, "HTTP/1.1 204 No Content\r\n\r\n");
    } else {
        assert_string_equal(request->path, "/api/v1/consoles/c0ffee/close");
        fake_write(fd, "HTTP/1.1 204 No Content\r\n\r\n");
        sem_post(&r->closing);
    }
    return true;
}

static void on_waiting(void *user, const char *who)
{
    rig *r = user;
    snprintf(r->waited, sizeof r->waited, "%s", who);
}

static void on_opened(void *user, const hf_api_console_started *started)
{
    rig *r = user;
    assert_string_equal(started->board, "b/1");
    r->opened++;
    r->baud = started->baud;
}

static void on_output(void *user, const uint8_t *bytes, size_t size)
{
    rig *r = user;
    const size_t used = strlen(r->said);
    snprintf(r->said + used, sizeof r->said - used, "%.*s|", (int)size, (const char *)bytes);
}

static void on_lost(void *user, uint64_t bytes)
{
    rig *r = user;
    r->lost += bytes;
}

static int input_fd(void *user)
{
    const rig *r = user;
    return r->keys[0];
}

static size_t input(void *user, uint8_t bytes[HF_CLIENT_CONSOLE_BYTES])
{
    rig *r = user;
    const ssize_t got = read(r->keys[0], bytes, 3); /* several pieces */
    return got > 0 ? (size_t)got : 0;
}

static bool leaving(void *user)
{
    const rig *r = user;
    return r->leaves || (r->leave_after_input && strlen(r->sent) >= 13);
}

static hf_status serve(rig *r, hf_error *err)
{
    hf_client *client = NULL;
    const hf_client_console console = {.user = r,
                                       .waiting = on_waiting,
                                       .opened = on_opened,
                                       .output = on_output,
                                       .lost = on_lost,
                                       .input_fd = input_fd,
                                       .input = input,
                                       .leaving = leaving,
                                       .wake_fd = -1};
    const hf_api_console_request request = {.baud = 9600, .reset = true};
    sem_init(&r->closing, 0, 0);
    assert_int_equal(pipe(r->keys), 0);
    assert_int_equal(write(r->keys[1], "?hello\n", 7), 7);
    fake_daemon_start(&r->daemon, answer, r);
    assert_int_equal(hf_client_open(r->daemon.socket, &client, err), HF_OK);
    const hf_status status = hf_client_serve_console(client, "b/1", &request, &console, err);
    hf_client_free(client);
    sem_post(&r->closing);
    fake_daemon_stop(&r->daemon);
    close(r->keys[0]);
    close(r->keys[1]);
    sem_destroy(&r->closing);
    return status;
}

static void bytes_go_both_ways(void **state)
{
    rig r = {.events =
                 HEAD NAME "event: waiting\ndata: {\"text\":\"in use by ann\",\"failed\":false}\n\n" OPEN
                           "event: output\ndata: {\"offset\":0,\"hex\":\"686921\"}\n\n"
                           "event: news\ndata: {}\n\n"
                           "event: output\ndata: {\"offset\":3,\"hex\":\"0a\"}\n\n",
             .end = ENDS,
             .leave_after_input = true};
    hf_error err = {0};
    assert_int_equal(serve(&r, &err), HF_OK);
    assert_string_equal(r.asked,
                        "POST {\"baud\":9600,\"wait_ms\":0,\"watch\":false,\"reset\":true,\"flash\":false}");
    assert_string_equal(r.waited, "in use by ann");
    assert_int_equal(r.opened, 1);
    assert_int_equal(r.baud, 9600);
    assert_string_equal(r.said, "hi!|\n|");
    assert_string_equal(r.sent, "[?he][llo][\n]");
    assert_int_equal(r.lost, 0);
    (void)state;
}

static void what_was_dropped_is_counted(void **state)
{
    rig r = {.events = HEAD NAME OPEN
             "event: output\ndata: {\"offset\":4,\"hex\":\"61\"}\n\n"
             "event: gap\ndata: {\"events\":2}\n\n"
             "event: output\ndata: {\"offset\":105,\"hex\":\"62\"}\n\n"
             "event: closed\ndata: {\"text\":\"the reservation has ended\",\"failed\":true}\n\n"};
    hf_error err = {0};
    assert_int_equal(serve(&r, &err), HF_EIO);
    assert_string_equal(err.message, "the reservation has ended");
    assert_string_equal(r.said, "a|b|");
    assert_int_equal(r.lost, 104);
    (void)state;
}

static void it_ends_otherwise(void **state)
{
    static const struct {
        const char *events, *end, *input_fails, *part;
    } cases[] = {
        {"HTTP/1.1 403 Forbidden\r\nConnection: "
         "close\r\n\r\n{\"error\":{\"status\":\"unsupported\",\"fault\":\"none\","
         "\"lasting\":\"permanent\",\"message\":\"not "
         "reserved\",\"diagnostics\":[],\"diagnostic_total\":0},\"missing\":[]}",
         NULL, NULL, "not reserved"},
        {HEAD NAME, NULL, NULL, "ended the connection"},
        {HEAD NAME OPEN "event: output\ndata: {\"offset\":0,\"hex\":\"6x\"}\n\n", NULL, NULL,
         "not hexadecimal"},
        {HEAD NAME OPEN "event: output\ndata: {\"offset\":0,\"hex\":\"616\"}\n\n", NULL, NULL,
         "not hexadecimal"},
        {HEAD NAME OPEN "event: output\ndata: nonsense\n\n", NULL, NULL, "JSON"},
        {HEAD "event: console\ndata: {\"board\":\"b/1\",\"baud\":1}\n\n", NULL, NULL, "console"},
        {HEAD NAME OPEN, ENDS,
         "{\"error\":{\"status\":\"io\",\"fault\":\"serial\",\"lasting\":\"transient\",\"message\":\"cannot "
         "write\","
         "\"diagnostics\":[],\"diagnostic_total\":0},\"missing\":[]}",
         "cannot write"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rig r = {.events = cases[i].events, .end = cases[i].end, .input_fails = cases[i].input_fails};
        hf_error err = {0};
        assert_int_not_equal(serve(&r, &err), HF_OK);
        if (!strstr(err.message, cases[i].part))
            fail_msg("expected \"%s\" in: %s", cases[i].part, err.message);
    }
    (void)state;
}

/* Before the daemon has said anything: the end of the connection is all it takes. */
static void it_is_left_early(void **state)
{
    rig r = {.events = HEAD, .end = ENDS, .leaves = true};
    hf_error err = {0};
    assert_int_equal(serve(&r, &err), HF_OK);
    assert_string_equal(r.sent, "");
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_go_both_ways),
        cmocka_unit_test(what_was_dropped_is_counted),
        cmocka_unit_test(it_ends_otherwise),
        cmocka_unit_test(it_is_left_early),
    };
    return cmocka_run_group_tests_name("client_console", tests, NULL, NULL);
}
