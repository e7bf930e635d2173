/* SPDX-License-Identifier: Apache-2.0 */
/* A virtual board of another host: owner and agent in one process, a real nats-server between them, OpenOCD and firmware as
 * ever. Skipped where there is no nats-server. */
#include "needs_server.h"

#include <pthread.h>
#include <sys/eventfd.h>

#include "base/clock.h"
#include "base/file.h"
#include "host/host.h"
#include "hosts/hosts.h"
#include "job.h"

#define DEADLINE_S 120

static nats_server server;
static char dir[40];
static const hf_board_config boards[] = {
    {.id = "v1", .chip = "stm32l4r5zi", .is_virtual = true, .baud = 921600},
    {.id = "v2", .chip = "stm32f767zi", .is_virtual = true, .baud = 921600}};
static const hf_board_config *const board_list[] = {&boards[0], &boards[1]};
static char vboard[512], cache[64], state[64];
static hf_host *host;
static hf_hosts *hosts;
static job work;

static void start_host(void)
{
    hf_error err = {0};
    const hf_host_options options = {.name = "lab2",
                                     .version = "test",
                                     .boards = board_list,
                                     .board_count = 2,
                                     .cache_dir = cache,
                                     .state_dir = state,
                                     .work_dir = dir,
                                     .vboard_path = vboard};
    hf_broker *broker = hf_test_connect(&server);
    assert_non_null(broker);
    if (hf_host_start(broker, &options, &host, &err) != HF_OK)
        fail_msg("%s", err.message);
}

static hf_hosts *start_hosts(const char *owner)
{
    hf_hosts *started = NULL;
    hf_broker *broker = hf_test_connect(&server);
    assert_non_null(broker);
    assert_int_equal(hf_hosts_new(broker, owner, &started, NULL), HF_OK);
    return started;
}

static int set_up(void **unused)
{
    (void)unused;
    if (!hf_test_has_server())
        return 0;
    strcpy(dir, "/tmp/hf-hosts-XXXXXX");
    if (!mkdtemp(dir) || !nats_server_start(&server))
        return 1;
    snprintf(vboard, sizeof vboard, "%s/hilfarm-vboard", getenv("HILFARM_BIN_DIR"));
    snprintf(cache, sizeof cache, "%s/cache", dir);
    snprintf(state, sizeof state, "%s/state", dir);
    job_make(&work, "mobilenetv1_0.1_32_c1_o2", 7);
    start_host();
    hosts = start_hosts("test-1");
    return 0;
}

static int tear_down(void **unused)
{
    (void)unused;
    hf_hosts_free(hosts);
    hf_host_free(host);
    hosts = NULL;
    host = NULL;
    job_free(&work);
    nats_server_end(&server);
    if (dir[0])
        (void)hf_remove_tree(dir, NULL); /* a folder in /tmp stays */
    dir[0] = '\0';
    return 0;
}

/* ---- A worker whose board is on the other host ---- */

typedef struct client {
    hf_board_options options;
    hf_remote_board board;
    hf_worker *worker;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    hf_worker_reply *reply;
    bool running; /* the timed inferences have begun */
} client;

static void post(void *user, hf_worker_reply *reply)
{
    client *c = user;
    pthread_mutex_lock(&c->mutex);
    c->reply = reply;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->mutex);
}

static void progress(void *user, uint32_t index, hf_phase phase, uint32_t done, uint32_t of)
{
    client *c = user;
    (void)index;
    (void)done;
    (void)of;
    pthread_mutex_lock(&c->mutex);
    c->running |= phase >= HF_PHASE_FLASH;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->mutex);
}

static void client_start(client *c, hf_hosts *of, const char *id, const char *chip)
{
    hf_worker_backend backend;
    const hf_worker_callbacks callbacks = {.user = c, .post = post, .progress = progress};
    *c = (client){.options = {.firmware_dir = getenv("HILFARM_FIRMWARE_DIR"),
                              .cancel_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)}};
    c->board =
        (hf_remote_board){.host = "lab2", .id = id, .chip = chip, .modelled = true, .options = &c->options};
    pthread_mutex_init(&c->mutex, NULL);
    pthread_cond_init(&c->changed, NULL);
    assert_int_equal(hf_remote_board_new(of, &c->board, &backend, NULL), HF_OK);
    assert_int_equal(hf_worker_new(0, id, &backend, &callbacks, &c->worker, NULL), HF_OK);
}

static void client_end(client *c)
{
    hf_worker_free(c->worker);
    close(c->options.cancel_fd);
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->mutex);
}

static void await(client *c, const bool *flag)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += DEADLINE_S;
    pthread_mutex_lock(&c->mutex);
    while (!c->reply && !(flag && *flag) && pthread_cond_timedwait(&c->changed, &c->mutex, &until) == 0)
        ;
    pthread_mutex_unlock(&c->mutex);
}

static hf_worker_reply *take_reply(client *c)
{
    await(c, NULL);
    hf_worker_reply *reply = c->reply;
    c->reply = NULL;
    assert_non_null(reply);
    return reply;
}

static hf_worker_reply *command(client *c, hf_worker_command what)
{
    hf_worker_send(c->worker, what, what == HF_WORKER_ATTEMPT ? &work.request : NULL);
    return take_reply(c);
}

static void expect_ok(hf_worker_reply *reply)
{
    if (reply->status != HF_OK)
        fail_msg("%s (%s)\n%s", reply->error.message, hf_fault_name(reply->error.fault),
                 reply->transcript ? reply->transcript : "");
    hf_worker_reply_free(reply);
}

/* ---- Cases ---- */

static void test_what_the_host_has(void **unused)
{
    (void)unused;
    HF_TEST_NEEDS_SERVER();
    hf_hello hello;
    hf_error err = {0};
    assert_int_equal(hf_hosts_ask(hosts, "lab2", 10000, &hello, NULL), HF_OK);
    assert_string_equal(hello.host, "lab2");
    assert_int_equal(hello.board_count, 2);
    assert_string_equal(hello.boards[1].id, "v2");
    assert_string_equal(hello.boards[1].chip, "stm32f767zi");
    assert_true(hello.boards[1].modelled);
    hf_hello_free(&hello);
    assert_int_equal(hf_hosts_ask(hosts, "lab3", 1000, &hello, &err), HF_ENOTFOUND);
    assert_int_equal(err.fault, HF_FAULT_AGENT);
    assert_non_null(strstr(err.message, "host lab3: "));
}

static void test_names_that_owners_cannot_have(void **unused)
{
    (void)unused;
    HF_TEST_NEEDS_SERVER();
    static const char *const names[] = {"", "a.b", "a b", ">",
                                        "a-name-of-more-than-forty-characters-is-too-long"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        hf_hosts *none = NULL;
        assert_int_equal(hf_hosts_new(hf_test_connect(&server), names[i], &none, NULL), HF_EINVALID);
        assert_null(none);
    }
}

static void test_attempts(void **unused)
{
    (void)unused;
    HF_TEST_NEEDS_SERVER();
    client c;
    client_start(&c, hosts, "v1", "stm32l4r5zi");
    expect_ok(command(&c, HF_WORKER_OPEN));
    for (int i = 0; i < 2; i++) {
        hf_worker_reply *reply = command(&c, HF_WORKER_ATTEMPT);
        if (reply->status != HF_OK)
            fail_msg("%s", reply->error.message);
        const hf_attempt_result *r = &reply->result;
        assert_int_equal(r->sample_count, 3);
        assert_int_equal(r->output_crc32, work.request.output_crc32);
        assert_int_equal(r->layer_count, work.request.layer_count);
        assert_int_equal(r->layers[0].crc32, work.request.layer_crc32[0]);
        assert_true(r->modelled && r->samples[0].cycles > 0 && r->clock_hz > 0);
        assert_non_null(strstr(reply->openocd_version, "Open On-Chip Debugger"));
        assert_int_equal(r->bytes_written > 0, i == 0); /* the second time everything was there */
        hf_worker_reply_free(reply);
    }
    assert_true(c.running);
    expect_ok(command(&c, HF_WORKER_CLOSE));
    client_end(&c);
}

static void test_one_owner_at_a_time(void **unused)
{
    (void)unused;
    HF_TEST_NEEDS_SERVER();
    client first, second;
    hf_hosts *others = start_hosts("test-2");
    client_start(&first, hosts, "v1", "stm32l4r5zi");
    client_start(&second, others, "v1", "stm32l4r5zi");
    expect_ok(command(&first, HF_WORKER_OPEN));
    hf_worker_reply *reply = command(&second, HF_WORKER_OPEN);
    assert_int_equal(reply->status, HF_EBUSY);
    assert_string_equal(reply->error.message, "in use by test-1/1");
    hf_worker_reply_free(reply);
    expect_ok(command(&first, HF_WORKER_CLOSE));
    expect_ok(command(&second, HF_WORKER_OPEN));
    expect_ok(command(&second, HF_WORKER_ATTEMPT));
    client_end(&first);
    client_end(&second);
    hf_hosts_free(others);
}

static void test_the_server_is_away_during_an_attempt(void **unused)
{
    (void)unused;
    HF_TEST_NEEDS_SERVER();
    client c;
    client_start(&c, hosts, "v1", "stm32l4r5zi");
    expect_ok(command(&c, HF_WORKER_OPEN));
    hf_worker_send(c.worker, HF_WORKER_ATTEMPT, &work.request);
    await(&c, &c.running);
    nats_server_kill(&server);
    assert_true(nats_server_start(&server));
    expect_ok(take_reply(&c)); /* it costs nothing but time */
    expect_ok(command(&c, HF_WORKER_ATTEMPT));
    client_end(&c);
}

static void test_the_agent_is_stopped_and_started_during_an_attempt(void **unused)
{
    (void)unused;
    HF_TEST_NEEDS_SERVER();
    client c;
    client_start(&c, hosts, "v1", "stm32l4r5zi");
    expect_ok(command(&c, HF_WORKER_OPEN));
    hf_worker_send(c.worker, HF_WORKER_ATTEMPT, &work.request);
    await(&c, &c.running);
    hf_host_free(host);
    start_host();
    hf_worker_reply *reply = take_reply(&c);
    assert_int_equal(reply->error.fault, HF_FAULT_AGENT);
    assert_string_equal(reply->error.message, "host lab2: its agent was stopped");
    hf_worker_reply_free(reply);
    expect_ok(command(&c, HF_WORKER_CLOSE));
    expect_ok(command(&c, HF_WORKER_OPEN)); /* a new lease, and everything works again */
    expect_ok(command(&c, HF_WORKER_ATTEMPT));
    client_end(&c);
}

static void await_file(const char *path, bool there)
{
    const hf_deadline deadline = hf_deadline_in_ms((uint64_t)DEADLINE_S * 1000);
    const struct timespec step = {.tv_nsec = 10000000};
    while ((access(path, F_OK) == 0) != there) {
        if (hf_deadline_passed(deadline))
            fail_msg("%s is %s", path, there ? "missing" : "still there");
        nanosleep(&step, NULL);
    }
}

/* The result of an attempt that ended while the server was away outlives the agent's process. */
static void test_a_result_outlives_the_agent(void **unused)
{
    (void)unused;
    HF_TEST_NEEDS_SERVER();
    client c;
    char path[128];
    snprintf(path, sizeof path, "%s/v1.answer", state);
    client_start(&c, hosts, "v1", "stm32l4r5zi");
    expect_ok(command(&c, HF_WORKER_OPEN));
    hf_worker_send(c.worker, HF_WORKER_ATTEMPT, &work.request);
    await(&c, &c.running);
    nats_server_kill(&server);
    await_file(path, true);
    hf_host_free(host);
    assert_true(nats_server_start(&server));
    start_host();
    expect_ok(take_reply(&c)); /* not made again: there was no order to open the board */
    await_file(path, false);
    expect_ok(command(&c, HF_WORKER_CLOSE));
    expect_ok(command(&c, HF_WORKER_OPEN));
    expect_ok(command(&c, HF_WORKER_ATTEMPT));
    client_end(&c);
}

static void test_cancelling(void **unused)
{
    (void)unused;
    HF_TEST_NEEDS_SERVER();
    client c;
    const uint64_t count = 1;
    client_start(&c, hosts, "v1", "stm32l4r5zi");
    expect_ok(command(&c, HF_WORKER_OPEN));
    hf_worker_send(c.worker, HF_WORKER_ATTEMPT, &work.request);
    await(&c, &c.running);
    assert_int_equal(write(c.options.cancel_fd, &count, sizeof count), sizeof count);
    hf_worker_reply *reply = take_reply(&c);
    assert_true(reply->status == HF_ECANCELLED || reply->status == HF_OK); /* it may just have ended */
    hf_worker_reply_free(reply);
    client_end(&c);
}

static void test_a_board_of_another_chip(void **unused)
{
    (void)unused;
    HF_TEST_NEEDS_SERVER();
    client c;
    client_start(&c, hosts, "v2", "stm32l4r5zi");
    hf_worker_reply *reply = command(&c, HF_WORKER_OPEN);
    assert_int_equal(reply->status, HF_EMISMATCH);
    assert_int_equal(reply->error.fault, HF_FAULT_BOARD);
    assert_int_equal(reply->error.lasting, HF_PERMANENT);
    hf_worker_reply_free(reply);
    client_end(&c);
    client_start(&c, hosts, "v9", "stm32l4r5zi");
    reply = command(&c, HF_WORKER_OPEN);
    assert_string_equal(reply->error.message, "host lab2: its agent has no such board");
    hf_worker_reply_free(reply);
    client_end(&c);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_what_the_host_has),
        CASE(test_names_that_owners_cannot_have),
        CASE(test_attempts),
        CASE(test_one_owner_at_a_time),
        CASE(test_the_server_is_away_during_an_attempt),
        CASE(test_the_agent_is_stopped_and_started_during_an_attempt),
        CASE(test_a_result_outlives_the_agent),
        CASE(test_cancelling),
        CASE(test_a_board_of_another_chip),
    };
    return cmocka_run_group_tests_name("hosts_remote_board", tests, NULL, NULL);
}
