/* SPDX-License-Identifier: Apache-2.0 */
/* A virtual board of another host, over a real nats-server. Skipped where there is none. */
#include "needs_server.h"

#include <sys/eventfd.h>

#include "remote_board.h"

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
#define CASE(name) cmocka_unit_test_setup_teardown(name, remote_board_set_up, remote_board_tear_down)
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
