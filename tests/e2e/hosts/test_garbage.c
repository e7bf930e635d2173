/* SPDX-License-Identifier: Apache-2.0 */
/* Garbage for an owner and for an agent: they work on. Skipped where there is no nats-server. */
#include "needs_server.h"

#include "base/clock.h"
#include "evil_agent.h"
#include "host/host.h"
#include "orders/bodies.h"

#define GARBAGE_MESSAGES 3000

static uint32_t random_state = 4711;

static uint32_t draw(uint32_t limit)
{
    random_state = random_state * 1664525u + 1013904223u; /* the same in every run */
    return (random_state >> 8) % limit;
}

/* Random bytes, or a message with some bytes changed. */
static size_t make_garbage(const hf_buffer *message, uint8_t *out, size_t capacity)
{
    size_t size = draw(400);
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)draw(256);
    if (draw(2) && message->size <= capacity) {
        size = message->size;
        memcpy(out, message->data, size);
        for (uint32_t i = 0; i <= draw(4); i++)
            out[draw((uint32_t)size)] = (uint8_t)draw(256);
        size -= draw(4) ? 0 : draw((uint32_t)size);
    }
    return size;
}

static void send_garbage(hf_broker *broker, const char *const *subjects, size_t count,
                         const hf_envelope *sample)
{
    static uint8_t bytes[4096];
    hf_buffer message = HF_BUFFER_INIT;
    hf_envelope_encode(sample, &message);
    for (uint32_t i = 0; i < GARBAGE_MESSAGES; i++) {
        const size_t size = make_garbage(&message, bytes, sizeof bytes);
        assert_int_equal(hf_broker_publish(broker, subjects[i % count], bytes, size, NULL), HF_OK);
    }
    hf_buffer_free(&message);
}

static void test_garbage_from_an_agent(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    static const char *const subjects[] = {"hf.v1.owner.test.lab2", "hf.v1.announce.lab2",
                                           "hf.v1.blob.test.lab2", "hf.v1.inbox.test.x"};
    const hf_worker_reply done = {.command = HF_WORKER_OPEN};
    hf_buffer body = HF_BUFFER_INIT;
    hf_answer_body_encode(&done, &body);
    hf_envelope sample = {.kind = HF_MESSAGE_ANSWER,
                          .board = "b",
                          .owner = "test",
                          .token = {1, 1},
                          .number = 1,
                          .command = HF_ORDER_OPEN};
    hf_envelope_set_body(&sample, body.data, (uint32_t)body.size);
    send_garbage(agent, subjects, sizeof subjects / sizeof subjects[0], &sample);
    hf_worker_reply reply = attempt(HONEST); /* the farm works on */
    if (reply.status != HF_OK)
        fail_msg("%s", reply.error.message);
    assert_int_equal(reply.result.sample_count, 6);
    hf_worker_reply_clear(&reply);
    hf_buffer_free(&body);
}

static void test_garbage_for_an_agent(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    static const char *const subjects[] = {"hf.v1.host.lab9", "hf.v1.hello.lab9", "hf.v1.answer.lab9",
                                           "hf.v1.who"};
    const hf_board_config board = {.id = "b", .chip = "stm32l4r5zi"}, *const boards[] = {&board};
    const hf_host_options options = {.name = "lab9",
                                     .version = "test",
                                     .boards = boards,
                                     .board_count = 1,
                                     .cache_dir = dir,
                                     .state_dir = dir,
                                     .work_dir = dir};
    hf_host *host = NULL;
    hf_error err = {0};
    if (hf_host_start(hf_test_connect(&server), &options, &host, &err) != HF_OK)
        fail_msg("%s", err.message);
    const hf_envelope sample = {
        .kind = HF_MESSAGE_KEEP, .board = "b", .owner = "test", .token = {1, 1}, .number = 1};
    send_garbage(agent, subjects, sizeof subjects / sizeof subjects[0], &sample);
    hf_hello hello;
    hf_deadline deadline = hf_deadline_in_ms(60000);
    while (hf_hosts_ask(hosts, "lab9", 1000, &hello, NULL) != HF_OK) /* the agent works on */
        assert_false(hf_deadline_passed(deadline));
    assert_int_equal(hello.board_count, 1);
    hf_hello_free(&hello);
    hf_host_free(host);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, evil_agent_set_up, evil_agent_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_garbage_from_an_agent),
        CASE(test_garbage_for_an_agent),
    };
    return cmocka_run_group_tests_name("hosts_garbage", tests, NULL, NULL);
}
