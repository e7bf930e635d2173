/* SPDX-License-Identifier: Apache-2.0 */
#include "host/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/condition.h"
#include "base/file.h"
#include "broker/blobs.h"
#include "broker/subjects.h"
#include "host_state.h"
#include "orders/hello.h"
#include "orders/host_clock.h"

#define TICK_MS        100
#define ANNOUNCE_TICKS 50

/* ---- The connection's handlers ---- */

static hf_host_board *find(const hf_host *host, const char *id)
{
    for (uint32_t i = 0; i < host->board_count; i++)
        if (strcmp(host->boards[i].config->id, id) == 0)
            return &host->boards[i];
    return NULL;
}

static void refuse(const hf_host *host, const hf_envelope *message)
{
    char subject[HF_SUBJECT_SIZE];
    hf_envelope refusal = {.kind = HF_MESSAGE_REFUSED,
                           .token = message->token,
                           .number = message->number,
                           .refusal = HF_REFUSAL_NO_BOARD};
    memcpy(refusal.board, message->board, sizeof refusal.board);
    memcpy(refusal.owner, message->owner, sizeof refusal.owner);
    snprintf(subject, sizeof subject, HF_SUBJECT_OWNER, message->owner, host->options.name);
    hf_broker_send(host->broker, subject, &refusal);
}

static void on_message(void *user, const char *subject, const void *bytes, size_t size, hf_buffer *reply)
{
    const hf_host *host = user;
    hf_envelope message;
    (void)subject;
    (void)reply;
    if (hf_envelope_decode(bytes, size, &message, NULL) != HF_OK || hf_message_is_agents(message.kind))
        return;
    hf_host_board *board = find(host, message.board);
    if (board)
        hf_host_board_message(board, &message);
    else if (message.kind == HF_MESSAGE_ORDER || message.kind == HF_MESSAGE_KEEP)
        refuse(host, &message);
}

static void describe(const hf_host *host, uint32_t board, hf_hello_board *out)
{
    const hf_board_config *config = host->boards[board].config;
    if (host->options.deadlines)
        out->deadlines = host->options.deadlines[board];
    snprintf(out->id, sizeof out->id, "%s", config->id);
    snprintf(out->chip, sizeof out->chip, "%s", config->chip);
    out->modelled = hf_board_config_modelled(config);
    for (uint32_t i = 0; i < config->tag_count && i < HF_HELLO_MAX_TAGS; i++)
        snprintf(out->tags[out->tag_count++], HF_HELLO_TAG_SIZE, "%s", config->tags[i]);
}

static void say_hello(const hf_host *host, bool leaving, hf_buffer *out)
{
    hf_hello hello = {.boards = calloc(host->board_count + 1u, sizeof *hello.boards),
                      .board_count = host->board_count,
                      .leaving = leaving};
    if (hello.boards) {
        snprintf(hello.host, sizeof hello.host, "%s", host->options.name);
        snprintf(hello.version, sizeof hello.version, "%s", host->options.version);
        for (uint32_t i = 0; i < host->board_count; i++)
            describe(host, i, &hello.boards[i]);
        hf_hello_encode(&hello, out);
    }
    free(hello.boards);
}

static void on_hello(void *user, const char *subject, const void *bytes, size_t size, hf_buffer *reply)
{
    const hf_host *host = user;
    (void)subject;
    if (reply && hf_host_clock_is_asked(bytes, size))
        hf_host_clock_answer(hf_wall_ms(), reply);
    else if (reply && !(host->options.question && size > 0 &&
                        host->options.question(host->options.log_user, bytes, size, reply)))
        say_hello(host, false, reply);
}

/* Not answered at once, but at the next tick: however many call, there is one announcement a tick. */
static void on_who(void *user, const char *subject, const void *bytes, size_t size, hf_buffer *reply)
{
    hf_host *host = user;
    (void)subject;
    (void)bytes;
    (void)size;
    (void)reply;
    host->called = true;
}

static void announce(const hf_host *host, bool leaving)
{
    char subject[HF_SUBJECT_SIZE];
    hf_buffer bytes = HF_BUFFER_INIT;
    snprintf(subject, sizeof subject, HF_SUBJECT_ANNOUNCE, host->options.name);
    say_hello(host, leaving, &bytes);
    if (!bytes.failed && bytes.size > 0)
        (void)hf_broker_publish(host->broker, subject, bytes.data, bytes.size, NULL); /* it is repeated */
    hf_buffer_free(&bytes);
}

/* A chunk of an answer that is kept. */
static void on_blob(void *user, const char *subject, const void *bytes, size_t size, hf_buffer *reply)
{
    const hf_host *host = user;
    char sha256[HF_SHA256_HEX_SIZE];
    uint32_t chunk;
    (void)subject;
    if (!reply || !hf_blob_request(bytes, size, sha256, &chunk))
        return;
    for (uint32_t i = 0; i < host->board_count && reply->size == 0; i++) {
        hf_host_board *board = &host->boards[i];
        pthread_mutex_lock(&board->mutex);
        const hf_buffer *answer = hf_keeper_answer(board->keeper, sha256);
        if (answer)
            hf_blob_reply(answer->data, answer->size, chunk, reply);
        pthread_mutex_unlock(&board->mutex);
    }
    if (reply->size == 0)
        hf_blob_reply(NULL, 0, chunk, reply);
}

static hf_status subscribe(hf_host *host, hf_error *err)
{
    char orders[HF_SUBJECT_SIZE], hello[HF_SUBJECT_SIZE], answer[HF_SUBJECT_SIZE];
    snprintf(orders, sizeof orders, HF_SUBJECT_HOST, host->options.name);
    snprintf(hello, sizeof hello, HF_SUBJECT_HELLO, host->options.name);
    snprintf(answer, sizeof answer, HF_SUBJECT_ANSWER, host->options.name);
    hf_status status = hf_broker_subscribe(host->broker, orders, on_message, host, err);
    if (status == HF_OK)
        status = hf_broker_subscribe(host->broker, answer, on_blob, host, err);
    if (status == HF_OK)
        status = hf_broker_subscribe(host->broker, hello, on_hello, host, err);
    return status == HF_OK ? hf_broker_subscribe(host->broker, HF_SUBJECT_WHO, on_who, host, err) : status;
}

/* ---- Time ---- */

/* Whoever is there does not know this host yet. */
static bool was_connected_again(hf_host *host)
{
    char problem[HF_BROKER_PROBLEM_SIZE];
    const bool before = host->cut_off;
    host->cut_off = hf_broker_problem(host->broker, problem);
    return before && !host->cut_off;
}

static void *tick(void *argument)
{
    hf_host *host = argument;
    pthread_mutex_lock(&host->mutex);
    while (!host->quit) {
        const struct timespec until = hf_timespec_in_ms(TICK_MS);
        pthread_cond_timedwait(&host->wake, &host->mutex, &until);
        pthread_mutex_unlock(&host->mutex);
        if (was_connected_again(host) || atomic_exchange(&host->called, false) ||
            host->ticks++ % ANNOUNCE_TICKS == 0)
            announce(host, false);
        for (uint32_t i = 0; i < host->board_count; i++)
            hf_host_board_tick(&host->boards[i]);
        pthread_mutex_lock(&host->mutex);
    }
    pthread_mutex_unlock(&host->mutex);
    return NULL;
}

static hf_status start_ticker(hf_host *host, hf_error *err)
{
    const int result = pthread_create(&host->ticker, NULL, tick, host);
    host->has_ticker = result == 0;
    return result == 0
               ? HF_OK
               : HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot start a thread: %s", strerror(result));
}

/* ---- Start and end ---- */

static hf_status start(hf_host *host, hf_error *err)
{
    char path[600];
    const hf_host_options *options = &host->options;
    if (!hf_envelope_name_ok(options->name))
        return HF_FAIL(err, HF_EINVALID,
                       "\"%s\" cannot be the name of a host: expected at most %d ASCII characters without "
                       "space, dot, '*' and "
                       "'>'",
                       options->name, HF_ENVELOPE_NAME_SIZE - 1);
    hf_status status = hf_make_dirs(options->cache_dir, err);
    if (status == HF_OK)
        status = hf_make_dirs(options->state_dir, err);
    snprintf(path, sizeof path, "%s/blobs", options->cache_dir);
    if (status == HF_OK)
        status = hf_cache_open(path, 0, &host->cache, err);
    if (status == HF_OK)
        status = hf_boards_allow_open_files(options->board_count, err);
    for (uint32_t i = 0; i < options->board_count && status == HF_OK; i++)
        status = hf_host_board_start(host, i, err);
    if (status == HF_OK)
        status = subscribe(host, err);
    return status == HF_OK ? start_ticker(host, err) : status;
}

hf_status hf_host_start(hf_broker *broker, const hf_host_options *options, hf_host **out, hf_error *err)
{
    hf_host *host = calloc(1, sizeof *host);
    hf_host_board *boards = calloc(options->board_count + 1u, sizeof *boards);
    if (!host || !boards) {
        free(host);
        free(boards);
        hf_broker_close(broker);
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for %u boards", options->board_count);
    }
    *host = (hf_host){.options = *options, .broker = broker, .boards = boards};
    pthread_mutex_init(&host->mutex, NULL);
    hf_condition_init(&host->wake);
    hf_status status = start(host, err);
    if (status == HF_OK)
        *out = host;
    else
        hf_host_free(host);
    return status;
}

static void stop_ticker(hf_host *host)
{
    if (!host->has_ticker)
        return;
    pthread_mutex_lock(&host->mutex);
    host->quit = true;
    pthread_cond_signal(&host->wake);
    pthread_mutex_unlock(&host->mutex);
    pthread_join(host->ticker, NULL);
}

void hf_host_free(hf_host *host)
{
    if (!host)
        return;
    stop_ticker(host);
    if (host->has_ticker)
        announce(host, true);
    for (uint32_t i = 0; i < host->board_count; i++)
        hf_host_board_stop(&host->boards[i]);
    for (uint32_t i = 0; i < host->board_count; i++)
        hf_host_board_join(&host->boards[i]);
    if (host->has_ticker)
        announce(host, true); /* once more: the first one may have been lost */
    hf_cache_close(host->cache);
    hf_broker_close(host->broker); /* waits for handlers, which use the boards */
    for (uint32_t i = 0; i < host->board_count; i++)
        hf_host_board_free(&host->boards[i]);
    pthread_cond_destroy(&host->wake);
    pthread_mutex_destroy(&host->mutex);
    free(host->boards);
    free(host);
}
