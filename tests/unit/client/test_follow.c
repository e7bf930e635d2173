/* SPDX-License-Identifier: Apache-2.0 */
/* Following a run: events in order, once each, whatever happens to the connection. */
#include "hf_test.h"

#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/follow.h"
#include "fake_daemon.h"
#include "http.h"

#define VIEW                                                                                                 \
    "event: view\ndata: {\"name\":\"s\",\"run_id\":3,\"stage\":\"measuring\",\"job_count\":4,"               \
    "\"progress\":{\"done\":1,\"failed\":0,\"not_run\":0,\"excluded\":0,\"running\":1,\"waiting\":2,"        \
    "\"stopping\":false,\"over\":false},\"pruned\":0,\"boards\":[],\"elapsed_ns\":5,\"kept\":0,"             \
    "\"in_memory\":0,\"left_ns\":null}\n\n"
#define EVENT(id, name)                                                                                      \
    "id: " id "\nevent: event\ndata: {\"kind\":\"measured\",\"job\":\"" name                                 \
    "\",\"chip\":\"c\",\"board\":\"b\",\"attempt\":1,\"fault\":\"none\",\"message\":\"\",\"latency_ns\":1."  \
    "5,"                                                                                                     \
    "\"quarantine_ns\":0,\"modelled\":true,\"finished\":1,\"job_count\":4}\n\n"
#define OVER                                                                                                 \
    "id: 9\nevent: over\ndata: {\"key\":\"20261130-9f0c21ab\",\"name\":\"s\",\"summary\":{\"run_id\":3,"     \
    "\"state\":\"done\",\"measured\":4,\"failed\":0,\"not_run\":0,\"pruned\":0,\"in_use\":0,\"no_board\":0," \
    "\"prepared\":4,\"prepared_before\":0,"                                                                  \
    "\"dead_boards\":0,\"interrupted\":false},\"error\":{\"status\":\"ok\",\"fault\":\"none\","              \
    "\"lasting\":\"transient\",\"message\":null},\"missed\":1,\"compared\":true,\"regressed\":2,"            \
    "\"improved\":3}\n\n"
#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"

/* What the daemon sends on each connection in turn; then it closes it. */
typedef struct script {
    const char *const *connections;
    int count, at;
    char ids[8][64]; /* Last-Event-ID of each connection */
    bool hangs;      /* the last connection stays open */
    int wake_fd;     /* written once the last connection's text is sent; -1 = none */
} script;

static bool answer(fake_daemon *daemon, const fake_request *request, int fd)
{
    script *s = daemon->user;
    if (strcmp(request->path, "/api/v1") == 0) {
        fake_answer(fd, 200, FAKE_GREETING);
        return true;
    }
    assert_string_equal(request->path, "/api/v1/runs/my%20run/events");
    const int at = s->at++;
    const char *id = strstr(request->headers, "Last-Event-ID: ");
    snprintf(s->ids[at], sizeof s->ids[at], "%.*s", id ? (int)strcspn(id + 15, "\r") : 4,
             id ? id + 15 : "none");
    assert_true(at < s->count);
    fake_write(fd, s->connections[at]);
    if (at + 1 == s->count && s->hangs) {
        char byte;
        if (s->wake_fd >= 0)
            assert_int_equal(write(s->wake_fd, &(uint64_t){1}, 8), 8);
        while (read(fd, &byte, 1) > 0)
            ;
    }
    return false;
}

typedef struct fixture {
    fake_daemon daemon;
    script script;
    hf_client *client;
    hf_client_follower follower;
    hf_api_run_end end;
    hf_error err;
    hf_buffer log;
    uint64_t patience_ms;
    bool wakes_when_lost;
} fixture;

static void on_view(void *user, const hf_run_view *view)
{
    assert_int_equal(view->progress.done, 1);
    assert_true(view->left_ns == UINT64_MAX);
    hf_buffer_puts(&((fixture *)user)->log, "view ");
}

static void on_event(void *user, const hf_run_event *event)
{
    hf_buffer_printf(&((fixture *)user)->log, "%s ", event->job);
}

static void on_gap(void *user, uint64_t events)
{
    hf_buffer_printf(&((fixture *)user)->log, "gap%d ", (int)events);
}

static void on_lost(void *user, const char *why, uint64_t patience_ms)
{
    fixture *f = user;
    assert_true(*why);
    f->patience_ms = patience_ms;
    if (f->wakes_when_lost)
        assert_int_equal(write(f->follower.wake_fd, &(uint64_t){1}, 8), 8);
    hf_buffer_puts(&f->log, "lost ");
}

static void on_back(void *user)
{
    hf_buffer_puts(&((fixture *)user)->log, "back ");
}

static bool on_woken(void *user)
{
    fixture *f = user;
    uint64_t count = 0;
    assert_int_equal(read(f->follower.wake_fd, &count, sizeof count), sizeof count);
    hf_buffer_puts(&f->log, "woken ");
    return false;
}

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    f->script.wake_fd = -1;
    f->follower = (hf_client_follower){
        .user = f,
        .run = {.user = f, .changed = on_view, .event = on_event},
        .gap = on_gap,
        .lost = on_lost,
        .back = on_back,
        .woken = on_woken,
        .wake_fd = -1,
    };
    fake_daemon_start(&f->daemon, answer, &f->script);
    assert_int_equal(hf_client_open(f->daemon.socket, &f->client, &f->err), HF_OK);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    hf_client_free(f->client);
    fake_daemon_stop(&f->daemon);
    hf_api_clear(&hf_api_run_end_type, &f->end);
    hf_buffer_free(&f->log);
    if (f->follower.wake_fd >= 0)
        close(f->follower.wake_fd);
    free(f);
    return 0;
}

static hf_status follow(fixture *f, const char *const *connections, int count)
{
    f->script.connections = connections;
    f->script.count = count;
    return hf_client_follow(f->client, "my run", &f->follower, &f->end, &f->err);
}

static void test_to_the_end(void **state)
{
    fixture *f = *state;
    static const char *const connections[] = {HEAD ":\n\n" VIEW EVENT(
        "1", "a") "event: gap\ndata: {\"events\":7}\n\n"
                  "event: new\ndata: x\n\n" VIEW EVENT("2", "b") OVER "data: never\n\n"};
    assert_int_equal(follow(f, connections, 1), HF_OK);
    assert_string_equal(hf_buffer_text(&f->log), "view a gap7 view b ");
    assert_int_equal(f->end.summary.measured, 4);
    assert_int_equal(f->end.missed, 1);
    assert_true(f->end.compared);
    assert_int_equal(f->end.regressed, 2);
    assert_string_equal(f->script.ids[0], "none");
}

static void test_from_the_start(void **state)
{
    fixture *f = *state;
    f->follower.from_start = true;
    static const char *const connections[] = {HEAD OVER};
    assert_int_equal(follow(f, connections, 1), HF_OK);
    assert_string_equal(f->script.ids[0], "0");
}

/* The daemon dies in the middle of an event, refuses for a while, and continues where the client was. */
static void test_connecting_again(void **state)
{
    fixture *f = *state;
    static const char *const connections[] = {
        HEAD VIEW EVENT("1", "a") "id: 2\nevent: event\ndata: {\"kind\":\"meas",
        "",
        "HTTP/1.1 503 starting\r\nContent-Length: 0\r\n\r\n",
        HEAD VIEW EVENT("2", "b"),
        HEAD EVENT("3", "c") OVER,
    };
    assert_int_equal(follow(f, connections, 5), HF_OK);
    assert_string_equal(hf_buffer_text(&f->log), "view a lost back view b lost back c ");
    assert_string_equal(f->script.ids[1], "1");
    assert_string_equal(f->script.ids[3], "1");
    assert_string_equal(f->script.ids[4], "2");
    assert_int_equal(f->patience_ms, 120000);
}

static void test_a_daemon_that_stays_away(void **state)
{
    fixture *f = *state;
    static const char *const connections[] = {""};
    f->follower.patience_ms = 1;
    assert_int_equal(follow(f, connections, 1), HF_EIO);
    assert_string_equal(hf_buffer_text(&f->log), "lost ");
    assert_non_null(strstr(f->err.message, "did not come back"));
    assert_non_null(strstr(f->err.message, f->daemon.socket));
}

/* Also as root, to whom nothing is denied: as another user then. */
static void test_a_daemon_that_may_not_be_used(void **state)
{
    fixture *f = *state;
    static const char *const connections[] = {""};
    const bool is_root = geteuid() == 0;
    f->follower.patience_ms = 1;
    assert_int_equal(chmod(f->daemon.socket, 0600), 0);
    assert_int_equal(chmod(f->daemon.folder, 0755), 0);
    if (is_root)
        assert_int_equal(seteuid(65534), 0);
    else
        assert_int_equal(chmod(f->daemon.socket, 0), 0);
    const hf_status status = follow(f, connections, 1);
    if (is_root)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(status, HF_EIO);
    assert_non_null(strstr(f->err.message, "did not come back: you may not use it: expected its user, "));
    assert_null(strstr(f->err.message, "nobody listens"));
}

static void test_who_may_use_a_socket(void **state)
{
    (void)state;
    char text[HF_CLIENT_DENIAL_SIZE];
    hf_client_denial_text(&(struct stat){.st_mode = S_IFSOCK | 0660, .st_uid = 0, .st_gid = 0}, text,
                          sizeof text);
    assert_string_equal(text, "expected a member of its group root");
    hf_client_denial_text(&(struct stat){.st_mode = S_IFSOCK | 0600, .st_uid = 0, .st_gid = 0}, text,
                          sizeof text);
    assert_string_equal(text, "expected its user, root (the socket has mode 0600)");
    hf_client_denial_text(&(struct stat){.st_mode = S_IFSOCK | 0600, .st_uid = 4000000001, .st_gid = 0}, text,
                          sizeof text);
    assert_string_equal(text, "expected its user, 4000000001 (the socket has mode 0600)");
}

static void test_unknown_run(void **state)
{
    fixture *f = *state;
    static const char *const connections[] = {
        "HTTP/1.1 404 X\r\nContent-Length: 95\r\n\r\n"
        "{\"error\":{\"status\":\"notfound\",\"fault\":\"none\",\"lasting\":"
        "\"permanent\",\"message\":\"no run my run\"}}"};
    assert_int_equal(follow(f, connections, 1), HF_ENOTFOUND);
    assert_string_equal(f->err.message, "no run my run");
}

static void test_odd_events(void **state)
{
    fixture *f = *state;
    static const char *const connections[] = {HEAD VIEW "event: event\ndata: {\"kind\":1}\n\n" OVER};
    assert_int_equal(follow(f, connections, 1), HF_EFORMAT);
    assert_non_null(
        strstr(f->err.message, "an event 'event' that is not as expected: kind: expected one of"));
    assert_null(f->end.key);
}

static void test_stopping_while_connected(void **state)
{
    fixture *f = *state;
    static const char *const connections[] = {HEAD VIEW};
    f->script.hangs = true;
    f->script.wake_fd = f->follower.wake_fd = eventfd(0, 0);
    assert_int_equal(follow(f, connections, 1), HF_ECANCELLED);
    assert_non_null(strstr(hf_buffer_text(&f->log), "woken "));
}

static void test_stopping_while_waiting(void **state)
{
    fixture *f = *state;
    static const char *const connections[] = {HEAD VIEW};
    f->wakes_when_lost = true;
    f->follower.wake_fd = eventfd(0, 0);
    assert_int_equal(follow(f, connections, 1), HF_ECANCELLED);
    assert_string_equal(hf_buffer_text(&f->log), "view lost woken ");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_to_the_end),
        CASE(test_from_the_start),
        CASE(test_connecting_again),
        CASE(test_a_daemon_that_stays_away),
        CASE(test_a_daemon_that_may_not_be_used),
        cmocka_unit_test(test_who_may_use_a_socket),
        CASE(test_unknown_run),
        CASE(test_odd_events),
        CASE(test_stopping_while_connected),
        CASE(test_stopping_while_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
