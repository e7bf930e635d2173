/* SPDX-License-Identifier: Apache-2.0 */
#include "evil_agent.h"

#include <time.h>

#include "broker/blobs.h"
#include "broker/subjects.h"
#include "needs_server.h"
#include "orders/bodies.h"
#include "sample_bodies.h"

#define FIRMWARE "not really firmware"

nats_server server;
hf_broker *agent;
hf_hosts *hosts;
char dir[40];
static manner how;           /* written before an order is given */
static hf_buffer large_body; /* offered in chunks */
static char large_sha256[HF_SHA256_HEX_SIZE];
atomic_uint not_awaited; /* requests for chunks of other answers */

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

int evil_agent_set_up(void **state)
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

int evil_agent_tear_down(void **state)
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

hf_worker_reply attempt(manner manner_of_answer)
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
