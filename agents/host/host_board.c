/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "broker/subjects.h"
#include "host_state.h"
#include "orders/hello.h"

#define RESEND_NS     (1 * HF_NS_PER_S)
#define RESEND_MAX_NS (10 * HF_NS_PER_S)
#define BEAT_NS       HF_NS_PER_S
#define SILENCE_NS    (60 * HF_NS_PER_S)
#define CONSOLE_NS    (15 * HF_NS_PER_S) /* without a word from the owner: nobody sees the console any more */

/* ---- Actions of the keeper; under the mutex ---- */

static void send(hf_host_board *board, const hf_envelope *envelope)
{
    char subject[HF_SUBJECT_SIZE];
    snprintf(subject, sizeof subject, HF_SUBJECT_OWNER, envelope->owner, board->host->options.name);
    hf_broker_send(board->host->broker, subject, envelope);
}

static void execute(hf_host_board *board, const hf_keeper_action *action)
{
    static const hf_worker_command commands[] = {[HF_ORDER_OPEN] = HF_WORKER_OPEN,
                                                 [HF_ORDER_ATTEMPT] = HF_WORKER_ATTEMPT,
                                                 [HF_ORDER_CLOSE] = HF_WORKER_CLOSE};
    static const hf_attempt_request in_the_body = {0};
    uint64_t drained;
    hf_buffer_clear(&board->order_body);
    board->order = action->order ? *action->order : (hf_envelope){0};
    if (board->order.body) {
        hf_buffer_append(&board->order_body, board->order.body, board->order.body_bytes);
        board->order.body =
            (const uint8_t *)
                board->order_body.data; /* NULL when out of memory: then it is fetched, in vain */
    }
    const ssize_t got = read(board->options.cancel_fd, &drained, sizeof drained);
    (void)got; /* EAGAIN: nothing was cancelled, the usual case */
    if (action->command == HF_ORDER_CONSOLE) {
        hf_host_console_start(board);
        return;
    }
    hf_worker_send(board->worker, commands[action->command],
                   action->command == HF_ORDER_ATTEMPT ? &in_the_body : NULL);
}

static void cancel(const hf_host_board *board)
{
    const uint64_t one = 1;
    const ssize_t put = write(board->options.cancel_fd, &one, sizeof one);
    (void)put; /* EAGAIN: the counter is full, so the descriptor is readable, as it should be */
}

static void act(hf_host_board *board)
{
    hf_keeper_action action;
    while (!board->stopping && hf_keeper_next(board->keeper, &action)) {
        switch (action.kind) {
        case HF_KEEPER_REMEMBER: {
            hf_error err = {0};
            if (hf_host_write_token(board->host, board->config->id, action.token, &err) != HF_OK) {
                fprintf(stderr, "hilfarm-agent: board %s takes no further orders: %s\n", board->config->id,
                        err.message);
                board->stopping =
                    true; /* an order that could be carried out twice is not carried out at all */
            }
            break;
        }
        case HF_KEEPER_KEEP_ANSWER: {
            hf_error err = {0};
            if (hf_host_write_answer(board->host, &action.envelope, action.answer, &err) != HF_OK)
                fprintf(stderr, "hilfarm-agent: board %s: a result will not outlive a restart: %s\n",
                        board->config->id, err.message);
            break;
        }
        case HF_KEEPER_DISCARD_ANSWER:
            hf_host_delete_answer(board->host, board->config->id);
            break;
        case HF_KEEPER_EXECUTE:
            execute(board, &action);
            break;
        case HF_KEEPER_CANCEL:
            cancel(board);
            hf_host_console_stop(board);
            break;
        case HF_KEEPER_SEND:
            send(board, &action.envelope);
            break;
        }
    }
}

/* ---- Events ---- */

void hf_host_board_message(hf_host_board *board, const hf_envelope *message)
{
    pthread_mutex_lock(&board->mutex);
    if (!board->stopping)
        (void)hf_keeper_message(board->keeper, message,
                                hf_now_ns()); /* without memory, as if it had been lost */
    if (!board->stopping && hf_keeper_is_for_console(board->keeper, message))
        hf_host_console_input(board, message);
    else if (!board->stopping && hf_keeper_is_listening(board->keeper, message))
        hf_host_listen(board, message);
    act(board);
    pthread_mutex_unlock(&board->mutex);
}

void hf_host_board_tick(hf_host_board *board)
{
    hf_buffer answer = HF_BUFFER_INIT;
    pthread_mutex_lock(&board->mutex);
    if (hf_host_console_ended(board, &answer))
        hf_keeper_done(board->keeper, &answer, false, hf_now_ns());
    hf_keeper_tick(board->keeper, hf_now_ns());
    hf_host_listen_tick(board);
    act(board);
    pthread_mutex_unlock(&board->mutex);
}

/* The body of the answer; of a result that is too large to travel, that it is. */
static void encode(const hf_worker_reply *reply, hf_buffer *body)
{
    hf_answer_body_encode(reply, body);
    if (!body->failed && body->size <= HF_ENVELOPE_BODY_MAX)
        return;
    hf_worker_reply failed = {.command = reply->command};
    failed.status = HF_FAIL_AS(&failed.error, HF_FAULT_JOB, HF_ELIMIT,
                               "the result has %zu bytes, boards of other hosts may send %u", body->size,
                               HF_ENVELOPE_BODY_MAX);
    hf_buffer_clear(body);
    hf_answer_body_encode(&failed, body);
}

static void log_reply(const hf_host_board *board, const hf_worker_reply *reply)
{
    static const char *const done[] = {
        [HF_WORKER_OPEN] = "opened", [HF_WORKER_ATTEMPT] = "attempt", [HF_WORKER_CLOSE] = "closed"};
    const hf_host_options *options = &board->host->options;
    char line[800];
    if (!options->log)
        return;
    if (reply->status == HF_OK)
        snprintf(line, sizeof line, "board %s: %s, %.1f s", board->config->id, done[reply->command],
                 (double)reply->duration_ns / HF_NS_PER_S);
    else
        snprintf(line, sizeof line, "board %s: %s failed after %.1f s (%s): %s", board->config->id,
                 reply->command == HF_WORKER_OPEN ? "opening" : "attempt",
                 (double)reply->duration_ns / HF_NS_PER_S, hf_fault_name(reply->error.fault),
                 reply->error.message);
    options->log(options->log_user, line);
}

/* The board's thread. */
static void post(void *user, hf_worker_reply *reply)
{
    hf_host_board *board = user;
    hf_buffer body = HF_BUFFER_INIT;
    encode(reply, &body);
    log_reply(board, reply);
    pthread_mutex_lock(&board->mutex);
    if (reply->command != HF_WORKER_ATTEMPT)
        board->open = reply->command == HF_WORKER_OPEN && reply->status == HF_OK;
    hf_host_listen_flush(board);
    hf_keeper_done(board->keeper, &body, board->open, hf_now_ns());
    act(board);
    pthread_mutex_unlock(&board->mutex);
    hf_worker_reply_free(reply);
}

/* The board's thread, or another one of its own. */
static void progress(void *user, uint32_t index, hf_phase phase, uint32_t done, uint32_t of)
{
    hf_host_board *board = user;
    (void)index;
    pthread_mutex_lock(&board->mutex);
    hf_keeper_progress(board->keeper, (uint8_t)phase, done, of, hf_now_ns());
    act(board);
    pthread_mutex_unlock(&board->mutex);
}

/* ---- Start and end ---- */

static hf_status start_keeper(hf_host_board *board, hf_error *err)
{
    hf_keeper_options options = {.board = board->config->id,
                                 .resend_ns = RESEND_NS,
                                 .resend_max_ns = RESEND_MAX_NS,
                                 .beat_ns = BEAT_NS,
                                 .silence_ns = SILENCE_NS,
                                 .console_silence_ns = CONSOLE_NS};
    hf_envelope kept;
    hf_buffer file = HF_BUFFER_INIT;
    hf_status status = hf_host_read_token(board->host, board->config->id, &options.seen, err);
    if (status == HF_OK && hf_host_read_answer(board->host, board->config->id, &kept, &file))
        options.kept = &kept;
    if (status == HF_OK)
        status = hf_keeper_new(&options, hf_now_ns(), &board->keeper, err);
    hf_buffer_free(&file);
    return status;
}

hf_status hf_host_board_start(hf_host *host, uint32_t index, hf_error *err)
{
    hf_host_board *board = &host->boards[index];
    *board = (hf_host_board){.host = host, .config = host->options.boards[index], .index = index};
    board->options = (hf_board_options){.openocd_path = host->options.openocd_path,
                                        .vboard_path = host->options.vboard_path,
                                        .work_dir = host->options.work_dir,
                                        .heard = hf_host_heard,
                                        .heard_user = board,
                                        .cpu = -1,
                                        .cancel_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    pthread_mutex_init(&board->mutex, NULL);
    host->board_count = index + 1;
    if (board->options.cancel_fd < 0)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "no descriptor for board %s: %s", board->config->id,
                          strerror(errno));
    if (!hf_hello_board_ok(board->config->id))
        return HF_FAIL(err, HF_EINVALID,
                       "board \"%s\": the id of a board that other hosts use has at most %d ASCII "
                       "characters, and no space, "
                       "slash, dot, '*' or '>'",
                       board->config->id, HF_ENVELOPE_NAME_SIZE - 1);
    hf_status status = start_keeper(board, err);
    if (status == HF_OK)
        status = hf_local_board_new(board->config, &board->options, &board->local, err);
    if (status != HF_OK)
        return status;
    const hf_worker_backend backend = hf_host_backend(board);
    const hf_worker_callbacks callbacks = {.user = board, .post = post, .progress = progress};
    status = hf_worker_new(index, board->config->id, &backend, &callbacks, &board->worker, err);
    if (status != HF_OK)
        backend.free(board);
    return status;
}

void hf_host_board_stop(hf_host_board *board)
{
    pthread_mutex_lock(&board->mutex);
    if (board->keeper) {
        hf_keeper_leave(board->keeper);
        act(board);
    }
    board->stopping |= !board->keeper;
    hf_host_console_stop(board);
    pthread_mutex_unlock(&board->mutex);
    if (board->options.cancel_fd >= 0)
        cancel(board); /* also a board that closes, or that was cancelled in vain */
}

void hf_host_board_join(hf_host_board *board)
{
    hf_host_console_join(board);
    hf_worker_free(board->worker);
    board->worker = NULL;
}

void hf_host_board_free(hf_host_board *board)
{
    hf_keeper_free(board->keeper);
    free(board->listener);
    hf_buffer_free(&board->order_body);
    if (board->options.cancel_fd >= 0)
        close(board->options.cancel_fd);
    pthread_mutex_destroy(&board->mutex);
}
