/* SPDX-License-Identifier: Apache-2.0 */
/* An agent that answers what it likes: what an owner makes of it. It speaks over a real nats-server; skipped where there is
 * none. */
#include "needs_server.h"

#include <stdatomic.h>
#include <time.h>

#include "base/clock.h"
#include "broker/blobs.h"
#include "broker/subjects.h"
#include "host/host.h"
#include "hosts/hosts.h"
#include "hosts_state.h"
#include "orders/bodies.h"
#include "sample_bodies.h"

#define FIRMWARE "not really firmware"
#define CHUNK_S  1 /* of a slow answer */

/* How the agent answers an attempt. */
typedef enum manner {
    HONEST,
    LARGE,           /* truly, but with a transcript that travels in chunks */
    OTHER_OUTPUT,    /* a result whose output is wrong */
    GARBAGE,         /* an answer whose body is not one */
    ANOTHER_COMMAND, /* the answer to something else */
    FARM_FAILURE,    /* that this farm's host has failed, which would end all runs */
    SLOW,            /* as LARGE, in chunks that take longer than the lease lasts */
    NOT_AWAITED,     /* large answers to orders of before and after; then the truth */
    NOISE,           /* what is no message, and another host's answer; then the truth */
} manner;

static nats_server server;
static hf_broker *agent;
static hf_hosts *hosts;
static char dir[40];
static manner how;           /* written before an order is given */
static hf_buffer large_body; /* offered in chunks */
static char large_sha256[HF_SHA256_HEX_SIZE];
static atomic_uint not_awaited; /* requests for chunks of other answers */

/* ---- The agent ---- */

static void send_as(const char *host, const hf_envelope *envelope)
{
    char subject[HF_SUBJECT_SIZE];
    hf_buffer bytes = HF_BUFFER_INIT;
    snprintf(subject, sizeof subject, HF_SUBJECT_OWNER, envelope->owner, host);
    hf_envelope_encode(envelope, &bytes);
    (void)hf_broker_publish(agent, subject, bytes.data, bytes.size, NULL); /* repeated when the order is */
    hf_buffer_free(&bytes);
}

static void make_noise(const hf_envelope *order)
{
    static const char *const noise[] = {"", "H", "HF", "HF\x01", "HF\x09zzzz", "{\"json\":true}"};
    char subject[HF_SUBJECT_SIZE];
    snprintf(subject, sizeof subject, HF_SUBJECT_OWNER, order->owner, "lab2");
    for (size_t i = 0; i < sizeof noise / sizeof noise[0]; i++)
        (void)hf_broker_publish(agent, subject, noise[i], strlen(noise[i]), NULL);
}

static void describe_result(hf_buffer *body)
{
    static char transcript[600000];
    hf_worker_reply reply;
    sample_answer(&reply);
    if (how == OTHER_OUTPUT)
        reply.result.output_crc32++;
    if (how == ANOTHER_COMMAND)
        reply = (hf_worker_reply){.command = HF_WORKER_OPEN};
    if (how == FARM_FAILURE) {
        reply = (hf_worker_reply){.command = HF_WORKER_ATTEMPT, .status = HF_EIO};
        (void)HF_FAIL_AS(&reply.error, HF_FAULT_FARM, HF_EIO, "the disk is full");
        reply.error.lasting = HF_PERMANENT;
    }
    if (how == LARGE || how == SLOW) {
        memset(transcript, 'x', sizeof transcript - 1);
        reply.transcript = transcript;
    }
    hf_answer_body_encode(&reply, body);
    if (how == GARBAGE) {
        hf_buffer_clear(body);
        hf_buffer_puts(body, "everything went well, believe me");
    }
}

static void send_answers_to_others(const hf_envelope *answer)
{
    hf_envelope other = *answer;
    other.body = NULL;
    other.body_bytes = HF_ENVELOPE_BODY_MAX;
    memset(other.body_sha256, 'a', HF_SHA256_HEX_SIZE - 1);
    other.number++;
    send_as("lab2", &other);
    other.number = 1; /* the board was opened by that one */
    send_as("lab2", &other);
    other = (hf_envelope){.kind = HF_MESSAGE_ANSWER,
                          .number = answer->number,
                          .token = answer->token,
                          .body_bytes = other.body_bytes};
    memcpy(other.board, answer->board, sizeof other.board);
    memcpy(other.owner, answer->owner, sizeof other.owner);
    memset(other.body_sha256, 'a', HF_SHA256_HEX_SIZE - 1);
    other.token.revision--;
    send_as("lab2", &other);
}

/* Chunks of an answer; a thread of its own. */
static void on_chunk(void *user, const char *subject, const void *bytes, size_t size, hf_buffer *reply)
{
    const struct timespec chunk = {.tv_sec = CHUNK_S};
    char sha256[HF_SHA256_HEX_SIZE];
    uint32_t number;
    (void)user;
    (void)subject;
    if (!reply || !hf_blob_request(bytes, size, sha256, &number))
        return;
    if (how == SLOW)
        nanosleep(&chunk, NULL);
    if (strcmp(sha256, large_sha256) == 0) {
        hf_blob_reply(large_body.data, large_body.size, number, reply);
        return;
    }
    not_awaited++;
    hf_blob_reply(NULL, 0, number, reply);
}

/* A thread of the connection. */
static void on_message(void *user, const char *subject, const void *bytes, size_t size, hf_buffer *reply)
{
    hf_envelope order;
    hf_buffer body = HF_BUFFER_INIT;
    (void)user;
    (void)subject;
    (void)reply;
    if (hf_envelope_decode(bytes, size, &order, NULL) != HF_OK || order.kind != HF_MESSAGE_ORDER)
        return;
    hf_envelope answer = order;
    answer.kind = HF_MESSAGE_ANSWER;
    answer.open = order.command != HF_ORDER_CLOSE;
    if (order.command == HF_ORDER_ATTEMPT) {
        describe_result(&body);
    } else {
        const hf_worker_reply done = {.command =
                                          order.command == HF_ORDER_OPEN ? HF_WORKER_OPEN : HF_WORKER_CLOSE};
        hf_answer_body_encode(&done, &body);
    }
    hf_envelope_set_body(&answer, body.data, (uint32_t)body.size);
    if (how == NOISE) {
        hf_envelope forged = answer;
        make_noise(&order);
        hf_envelope_set_body(&forged, "lies", 4);
        send_as("lab3", &forged); /* another host, about a board that is not its own */
    }
    if (how == NOT_AWAITED && order.command == HF_ORDER_ATTEMPT)
        send_answers_to_others(&answer);
    if (!answer.body && large_body.size == 0) {
        hf_buffer_append(&large_body, body.data, body.size);
        memcpy(large_sha256, answer.body_sha256, sizeof large_sha256);
    }
    send_as("lab2", &answer);
    hf_buffer_free(&body);
}

/* ---- The owner ---- */

static int set_up(void **state)
{
    char path[80];
    (void)state;
    if (!hf_test_has_server())
        return 0;
    strcpy(dir, "/tmp/hf-evil-XXXXXX");
    if (!mkdtemp(dir) || !nats_server_start(&server))
        return 1;
    snprintf(path, sizeof path, "%s/hilfarm-stm32l4r5zi.bin", dir);
    if (hf_file_write(path, FIRMWARE, sizeof FIRMWARE, NULL) != HF_OK)
        return 1;
    agent = hf_test_connect(&server);
    return !agent || hf_broker_subscribe(agent, "hf.v1.answer.lab2", on_chunk, NULL, NULL) != HF_OK ||
           hf_broker_subscribe(agent, "hf.v1.host.lab2", on_message, NULL, NULL) != HF_OK ||
           hf_hosts_new(hf_test_connect(&server), "test", &hosts, NULL) != HF_OK;
}

static int tear_down(void **state)
{
    (void)state;
    hf_hosts_free(hosts);
    hf_broker_close(agent);
    hf_buffer_free(&large_body);
    nats_server_end(&server);
    hosts = NULL;
    agent = NULL;
    large_sha256[0] = '\0';
    not_awaited = 0;
    large_body = (hf_buffer)HF_BUFFER_INIT;
    if (dir[0])
        (void)hf_remove_tree(dir, NULL); /* a folder in /tmp stays */
    dir[0] = '\0';
    return 0;
}

static hf_worker_reply attempt(manner manner_of_answer)
{
    const hf_board_options options = {.firmware_dir = dir, .cancel_fd = -1};
    const hf_remote_board board = {
        .host = "lab2", .id = "b", .chip = "stm32l4r5zi", .modelled = true, .options = &options};
    hf_worker_backend backend;
    hf_worker_reply opened = {0}, reply = {.command = HF_WORKER_ATTEMPT};
    hf_attempt_request request;
    hf_board_deadlines deadlines;
    hf_blob_ref image;
    static const uint8_t bytes[13000];
    sample_attempt(&request, &deadlines, &image);
    request.image = bytes;
    request.deadlines = NULL;
    how = manner_of_answer;
    assert_int_equal(hf_remote_board_new(hosts, &board, &backend, NULL), HF_OK);
    if (backend.open(backend.board, &opened) != HF_OK)
        fail_msg("%s", opened.error.message);
    reply.status = backend.attempt(backend.board, &request, &reply);
    backend.close(backend.board);
    backend.free(backend.board);
    hf_worker_reply_clear(&opened);
    return reply;
}

static void test_answers_that_are_right(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    static const manner right[] = {HONEST, NOISE, LARGE};
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        hf_worker_reply reply = attempt(right[i]);
        if (reply.status != HF_OK)
            fail_msg("%s", reply.error.message);
        assert_int_equal(reply.result.sample_count, 6);
        assert_int_equal(reply.transcript ? strlen(reply.transcript) : 0, right[i] == LARGE ? 599999 : 0);
        hf_worker_reply_clear(&reply);
    }
}

/* The lease is renewed meanwhile. It may expire all the same on a machine that is too busy to renew it in time: then again. */
static void test_an_answer_that_arrives_slowly(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    hosts->lease_ms = 2 * CHUNK_S * 1000; /* there are three chunks */
    hosts->renew_ms = hosts->lease_ms / 8;
    hf_worker_reply reply = attempt(SLOW);
    for (int i = 0; i < 4 && reply.status != HF_OK; i++) {
        assert_int_equal(reply.error.fault, HF_FAULT_AGENT);
        hf_worker_reply_clear(&reply);
        reply = attempt(SLOW);
    }
    if (reply.status != HF_OK)
        fail_msg("%s", reply.error.message);
    assert_int_equal(strlen(reply.transcript), 599999);
    hf_worker_reply_clear(&reply);
}

static void test_answers_that_nobody_waits_for_are_not_fetched(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    hf_worker_reply reply = attempt(NOT_AWAITED);
    if (reply.status != HF_OK)
        fail_msg("%s", reply.error.message);
    assert_int_equal(not_awaited, 0);
    hf_worker_reply_clear(&reply);
}

static void test_answers_that_cannot_be_right_cost_the_agent_its_board(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    static const manner wrong[] = {OTHER_OUTPUT, GARBAGE, ANOTHER_COMMAND};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        hf_worker_reply reply = attempt(wrong[i]);
        assert_int_equal(reply.status, HF_EPROTOCOL);
        assert_int_equal(reply.error.fault, HF_FAULT_BOARD);
        assert_null(reply.result.samples);
        hf_worker_reply_clear(&reply);
    }
}

static void test_a_failure_of_its_host_is_not_one_of_the_farm(void **state)
{
    (void)state;
    HF_TEST_NEEDS_SERVER();
    hf_worker_reply reply = attempt(FARM_FAILURE);
    assert_int_equal(reply.status, HF_EIO);
    assert_int_equal(reply.error.fault, HF_FAULT_AGENT);
    assert_int_equal(reply.error.lasting, HF_TRANSIENT);
    assert_string_equal(reply.error.message, "host lab2: the disk is full");
    hf_worker_reply_clear(&reply);
}

/* ---- Garbage ---- */

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
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(test_answers_that_are_right),
        CASE(test_an_answer_that_arrives_slowly),
        CASE(test_answers_that_nobody_waits_for_are_not_fetched),
        CASE(test_answers_that_cannot_be_right_cost_the_agent_its_board),
        CASE(test_a_failure_of_its_host_is_not_one_of_the_farm),
        CASE(test_garbage_from_an_agent),
        CASE(test_garbage_for_an_agent),
    };
    return cmocka_run_group_tests_name("hosts_evil_agent", tests, NULL, NULL);
}
