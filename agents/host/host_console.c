/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A person's console of a board, for an owner on another host: the console of a board of this host, whose output goes into messages.
 * Its thread does all of that. What the connection's threads do for it, and its end, is under the board's mutex.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/subjects.h"
#include "console/local_console.h"
#include "host_state.h"
#include "orders/console_output.h"

struct hf_host_console {
    hf_host_board *board;
    hf_console *console;
    hf_board_options options; /* its thread's */
    hf_console_backend local; /* likewise; its state is NULL before the line is opened for the first time */
    uint8_t bytes[HF_OUTPUT_MAX]; /* likewise */
    /* Under the board's mutex. */
    hf_console_output output;
    bool open, ended;
    uint32_t accepted, written; /* pieces of input */
    hf_error why;
};

/* ---- Output; the console's thread ---- */

void hf_host_send_output(const hf_host *host, const hf_envelope *to, uint32_t piece, uint64_t position,
                         const uint8_t *bytes, uint32_t size)
{
    char subject[HF_SUBJECT_SIZE];
    hf_envelope message = {.kind = HF_MESSAGE_OUTPUT,
                           .token = to->token,
                           .number = to->number,
                           .piece = piece,
                           .position = position};
    memcpy(message.board, to->board, sizeof message.board);
    memcpy(message.owner, to->owner, sizeof message.owner);
    hf_envelope_set_body(&message, bytes, size);
    snprintf(subject, sizeof subject, HF_SUBJECT_CONSOLE, to->owner, host->options.name);
    hf_broker_send(host->broker, subject, &message);
}

/* Sends the message that is due. @return when the next one is */
static hf_deadline send_due(hf_host_console *c)
{
    uint64_t position = 0;
    uint32_t size = 0;
    pthread_mutex_lock(&c->board->mutex);
    const uint64_t now_ns = hf_now_ns();
    const bool due = hf_console_output_next(&c->output, now_ns, &position, c->bytes, &size);
    uint64_t wake_ns = hf_console_output_wake_ns(&c->output);
    if (c->output.end > c->output.sent) /* it may have room before the board says something more */
        wake_ns = now_ns + HF_OUTPUT_GAP_NS;
    const uint32_t written = c->written;
    pthread_mutex_unlock(&c->board->mutex);
    if (due)
        hf_host_send_output(c->board->host, &c->board->order, written, position, c->bytes, size);
    return hf_deadline_in_ms(wake_ns > now_ns ? (wake_ns - now_ns + HF_NS_PER_MS - 1) / HF_NS_PER_MS : 1);
}

/* ---- The back end: a local one, once the order has been read; the console's thread ---- */

static hf_status prepare(hf_host_console *c, hf_error *err)
{
    hf_host_board *board = c->board;
    const hf_deadline deadline = hf_host_fetch_deadline(board);
    hf_buffer fetched = HF_BUFFER_INIT;
    const uint8_t *bytes = NULL;
    hf_console_body body;
    hf_status status = hf_host_order_body(board, deadline, &fetched, &bytes, err);
    if (status == HF_OK)
        status = hf_console_body_decode(bytes, board->order.body_bytes, &body, err);
    hf_buffer_free(&fetched);
    if (status == HF_OK)
        status = hf_host_prepare(board, &body.open, deadline, err);
    c->options = board->options;
    c->options.heard = NULL; /* the console is told */
    return status == HF_OK ? hf_local_console_new(board->config, &c->options, &body.settings, &c->local, err)
                           : status;
}

static hf_status open_line(void *state, int wake_fd, int stop_fd, hf_error *err)
{
    hf_host_console *c = state;
    hf_error cause = {0};
    hf_status status = c->local.state ? HF_OK : prepare(c, &cause);
    if (status == HF_OK)
        status = c->local.open(c->local.state, wake_fd, stop_fd, &cause);
    return status == HF_OK ? HF_OK : hf_error_pass(err, &cause);
}

static hf_status read_line(void *state, void *bytes, size_t capacity, hf_deadline deadline, size_t *got,
                           hf_error *err)
{
    hf_host_console *c = state;
    const hf_deadline next = send_due(c);
    return c->local.read(c->local.state, bytes, capacity, hf_deadline_min(deadline, next), got, err);
}

static hf_status write_line(void *state, const void *bytes, size_t size, hf_deadline deadline, hf_error *err)
{
    hf_host_console *c = state;
    return c->local.write(c->local.state, bytes, size, deadline, err);
}

/* What the board said last still leaves. */
static void close_line(void *state)
{
    hf_host_console *c = state;
    pthread_mutex_lock(&c->board->mutex);
    hf_console_output_hurry(&c->output);
    pthread_mutex_unlock(&c->board->mutex);
    (void)send_due(c);
    c->local.close(c->local.state);
}

static void free_line(void *state)
{
    hf_host_console *c = state;
    if (c->local.state)
        c->local.free(c->local.state);
}

/* ---- What it reports; the console's thread ---- */

static void on_waiting(void *user, const char *who)
{
    (void)user; /* it does not wait: the owner asks again */
    (void)who;
}

static void on_opened(void *user)
{
    hf_host_console *c = user;
    pthread_mutex_lock(&c->board->mutex);
    c->open = true;
    hf_console_output_begin(&c->output);
    hf_keeper_progress(c->board->keeper, 0, 1, 1, hf_now_ns()); /* the owner sees it if no output arrives */
    pthread_mutex_unlock(&c->board->mutex);
}

static void on_output(void *user, const void *bytes, size_t size)
{
    hf_host_console *c = user;
    pthread_mutex_lock(&c->board->mutex);
    hf_console_output_add(&c->output, bytes, size);
    pthread_mutex_unlock(&c->board->mutex);
}

static void on_written(void *user, void *token, hf_status status, const hf_error *err)
{
    hf_host_console *c = user;
    (void)token;
    (void)err; /* a line that fails ends the console, with the cause */
    pthread_mutex_lock(&c->board->mutex);
    if (status == HF_OK) {
        c->written = c->accepted;
        hf_console_output_hurry(&c->output);
    }
    pthread_mutex_unlock(&c->board->mutex);
}

static void on_closed(void *user, const hf_error *why)
{
    hf_host_console *c = user;
    hf_host_board *board = c->board;
    pthread_mutex_lock(&board->mutex);
    c->why = *why;
    c->ended = true;
    pthread_mutex_unlock(&board->mutex);
    pthread_cond_signal(&board->host->wake); /* hf_host_console_ended() */
}

/* ---- Under the board's mutex ---- */

void hf_host_console_start(hf_host_board *board)
{
    hf_host_console *c = calloc(1, sizeof *c);
    if (!c)
        abort(); /* an order needs an answer, and without memory for one there is nothing left to do */
    c->board = board;
    board->console = c;
    const hf_console_backend backend = {.state = c,
                                        .open = open_line,
                                        .read = read_line,
                                        .write = write_line,
                                        .close = close_line,
                                        .free = free_line};
    const hf_console_observer observer = {.user = c,
                                          .waiting = on_waiting,
                                          .opened = on_opened,
                                          .output = on_output,
                                          .written = on_written,
                                          .closed = on_closed};
    c->ended = hf_console_start(&backend, 0, &observer, &c->console, &c->why) != HF_OK;
}

void hf_host_console_input(hf_host_board *board, const hf_envelope *input)
{
    hf_host_console *c = board->console;
    if (!c || !c->open || c->ended)
        return;
    hf_console_output_arrived(&c->output, input->position);
    if (input->piece == 0)
        return;
    if (input->piece <= c->written)
        hf_console_output_hurry(&c->output); /* a copy: that it was written may have been lost */
    else if (input->piece == c->accepted + 1 &&
             hf_console_input(c->console, input->body, input->body_bytes, NULL, NULL) == HF_OK)
        c->accepted++; /* otherwise it comes again */
}

void hf_host_console_stop(hf_host_board *board)
{
    if (board->console && board->console->console)
        hf_console_stop(board->console->console);
}

static void log_end(const hf_host_board *board, const hf_error *why)
{
    const hf_host_options *options = &board->host->options;
    char line[800];
    snprintf(line, sizeof line, "board %s: console of %s has ended%s%s", board->config->id,
             board->order.owner, why->status == HF_OK ? "" : ": ", why->message);
    if (options->log)
        options->log(options->log_user, line);
}

bool hf_host_console_ended(hf_host_board *board, hf_buffer *answer)
{
    hf_host_console *c = board->console;
    if (!c || !c->ended)
        return false;
    const hf_worker_reply reply = {.command = HF_WORKER_CLOSE, .status = c->why.status, .error = c->why};
    log_end(board, &c->why);
    hf_answer_body_encode(&reply, answer);
    board->console = NULL;
    hf_console_free(c->console); /* its thread does not need the mutex any more */
    free(c);
    return true;
}

void hf_host_console_join(hf_host_board *board)
{
    hf_host_console *c = board->console;
    if (!c)
        return;
    hf_console_free(c->console);
    free(c);
    board->console = NULL;
}
