/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console of a board of another host: an order that lasts as long as the console, output that comes as messages, input that is sent
 * again until it was written. The console's thread does the turns of the board, and waits for nothing without a deadline.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "broker/subjects.h"
#include "hosts_state.h"
#include "orders/console_output.h"

#define PATIENCE_MS     10000 /* without a sign of the agent: whoever sits there wants to know */
#define CLOSE_MS        3000
#define TURN_MS         200
#define INPUT_RESEND_MS 500
#define UNHEARD_MS      5000 /* after the agent has said that the line is open, without any output */
#define BUSY_MS         1000 /* between two looks at a board in use */

struct remote_console {
    remote *r;
    hf_board_options options; /* r->board.options */
    hf_board_line_settings settings;
    int arrived_fd; /* readable = something has come */
    int wake_fd, stop_fd;
    hf_buffer order;  /* its body, as long as the order is under way */
    uint64_t busy_ns; /* when the board was last found in use */
    uint32_t pieces;  /* of input */
    /* Under the board's mutex. */
    bool open, due_arrived;
    uint32_t written;
    uint64_t next;     /* position of the byte that is expected next */
    uint64_t position; /* of the first byte that waits */
    uint64_t missing;  /* bytes that never came, after `before` bytes of those that wait */
    uint64_t dropped;  /* those that have been passed */
    size_t before, used;
    uint8_t bytes[HF_OUTPUT_FLIGHT];
};

static void raise_event(int fd)
{
    const uint64_t one = 1;
    const ssize_t put = write(fd, &one, sizeof one);
    (void)put; /* EAGAIN: it is readable already */
}

static void drain_event(int fd)
{
    uint64_t count;
    const ssize_t got = read(fd, &count, sizeof count);
    (void)got; /* EAGAIN: nothing to drain */
}

static bool is_readable(int fd)
{
    struct pollfd waits = {.fd = fd, .events = POLLIN};
    return poll(&waits, 1, 0) > 0;
}

/* ---- A thread of the connection, under the board's mutex ---- */

void hf_remote_console_wake(const remote_console *c)
{
    raise_event(c->arrived_fd);
}

/* There can be one gap in what waits; a further one is counted with it. */
static void skip(remote_console *c, uint64_t bytes)
{
    if (bytes == 0)
        return;
    if (c->missing == 0)
        c->before = c->used;
    c->missing += bytes;
}

void hf_remote_console_output(remote_console *c, const hf_envelope *output)
{
    uint32_t from = 0;
    c->open = c->due_arrived = true;
    if (output->piece > c->written)
        c->written = output->piece;
    if (output->position > c->next) {
        skip(c, output->position - c->next);
        c->next = output->position;
    } else {
        const uint64_t old = c->next - output->position; /* a copy, or out of order */
        from = old < output->body_bytes ? (uint32_t)old : output->body_bytes;
    }
    const uint32_t size = output->body_bytes - from;
    const size_t room = sizeof c->bytes - c->used, part = size < room ? size : room;
    if (part > 0)
        memcpy(&c->bytes[c->used], output->body + from, part);
    c->used += part;
    c->next += size;
    skip(c, size - part); /* more than an agent may send at once */
    raise_event(c->arrived_fd);
}

/* ---- The console's thread ---- */

static void turn(remote *r)
{
    do
        hf_remote_turn(r);
    while (hf_remote_block(r));
}

/* Until something comes, or it is time to look again. */
static void wait_for(const remote_console *c, bool woken, hf_deadline deadline)
{
    struct pollfd waits[] = {{.fd = c->arrived_fd, .events = POLLIN},
                             {.fd = woken ? c->stop_fd : -1, .events = POLLIN},
                             {.fd = woken ? c->wake_fd : -1, .events = POLLIN}};
    const hf_deadline turn_at = hf_deadline_in_ms(TURN_MS);
    (void)poll(waits, 3, hf_deadline_left_ms(hf_deadline_min(deadline, turn_at))); /* on EINTR, sooner */
    drain_event(c->arrived_fd);
}

static void send_input(const remote_console *c, uint32_t piece, const void *bytes, size_t size)
{
    char subject[HF_SUBJECT_SIZE];
    hf_envelope input;
    const remote *r = c->r;
    if (!hf_owner_input(r->owner, piece, c->position, bytes, (uint32_t)size, &input))
        return;
    snprintf(subject, sizeof subject, HF_SUBJECT_HOST, r->board.host);
    hf_broker_send(r->hosts->broker, subject, &input);
}

/* Why the order has ended without having been asked to. @return never HF_OK, nor HF_ETIMEOUT, which is not an end for whoever reads */
static hf_status ended(const remote_console *c, hf_error *err)
{
    hf_worker_reply reply = {0};
    const remote *r = c->r;
    hf_status status = hf_remote_take_answer(r, HF_WORKER_CLOSE, &reply);
    hf_error cause = reply.error;
    hf_worker_reply_clear(&reply);
    if (status == HF_ECANCELLED || is_readable(c->stop_fd))
        return HF_FAIL(err, HF_ECANCELLED, "cancelled");
    if (status == HF_OK)
        return HF_FAIL_AS(err, HF_FAULT_AGENT, HF_EIO, "host %s: its agent has ended the console",
                          r->board.host);
    if (r->outcome == HF_OWNER_ANSWERED && cause.fault != HF_FAULT_AGENT)
        hf_error_context(&cause, HF_FAULT_BOARD, "host %s", r->board.host);
    if (cause.status == HF_ETIMEOUT)
        cause.status = HF_EIO;
    return hf_error_pass(err, &cause);
}

/* ---- Opening ---- */

static void forget_line(remote_console *c)
{
    c->open = c->due_arrived = false;
    c->pieces = c->written = 0;
    c->next = c->position = c->missing = c->dropped = 0;
    c->before = c->used = 0;
}

/* The agent says that the line is open, but the server does not pass on what it sends. */
static bool is_unheard(const remote_console *c, uint64_t *open_ns)
{
    uint8_t phase;
    uint32_t open = 0, of;
    (void)hf_owner_progress(c->r->owner, &phase, &open, &of);
    if (open > 0 && *open_ns == 0)
        *open_ns = hf_now_ns();
    return *open_ns > 0 && hf_now_ns() - *open_ns >= UNHEARD_MS * HF_NS_PER_MS;
}

static hf_status not_opened(const remote_console *c, bool unheard, uint64_t open_ms, hf_error *err)
{
    const hf_remote_board *board = &c->r->board;
    return unheard ? HF_FAIL_AS(
                         err, HF_FAULT_AGENT, HF_EIO,
                         "host %s: what board %s says does not arrive: may the host send it? (hilfarm agent "
                         "init renews the list of permissions)",
                         board->host, board->id)
                   : HF_FAIL_AS(err, HF_FAULT_AGENT, HF_EIO, "host %s: the line was not opened within %u s",
                                board->host, (unsigned)(open_ms / 1000));
}

/* Until the line is open, or the order has ended. */
static hf_status begin(remote_console *c, hf_error *err)
{
    remote *r = c->r;
    const uint64_t open_ms = hf_remote_open_ms(r);
    const hf_deadline deadline = hf_deadline_in_ms(open_ms);
    uint64_t open_ns = 0;
    bool unheard = false;
    forget_line(c);
    r->replied = false;
    hf_owner_command(r->owner, HF_ORDER_CONSOLE, &c->order, UINT64_MAX, hf_now_ns());
    while (!c->open && !r->replied) {
        unheard |= is_unheard(c, &open_ns);
        if (is_readable(c->stop_fd) || unheard || hf_deadline_passed(deadline))
            hf_owner_cancel(r->owner, hf_now_ns());
        turn(r);
        if (c->open || r->replied)
            break;
        pthread_mutex_unlock(&r->mutex);
        wait_for(c, false, deadline);
        pthread_mutex_lock(&r->mutex);
    }
    if (!r->replied)
        return HF_OK;
    return (unheard || hf_deadline_passed(deadline)) && !is_readable(c->stop_fd)
               ? not_opened(c, unheard, open_ms, err)
               : ended(c, err);
}

/* A board in use is not looked at more often than that, however often it is asked for. */
static bool may_look(const remote_console *c)
{
    struct pollfd stop = {.fd = c->stop_fd, .events = POLLIN};
    const uint64_t next_ns = c->busy_ns + BUSY_MS * HF_NS_PER_MS, now_ns = hf_now_ns();
    const int left_ms = c->busy_ns && next_ns > now_ns ? (int)((next_ns - now_ns) / HF_NS_PER_MS) + 1 : 0;
    return poll(&stop, 1, left_ms) <= 0;
}

static hf_status open_line(void *state, int wake_fd, int stop_fd, hf_error *err)
{
    remote_console *c = state;
    remote *r = c->r;
    hf_console_body body = {.settings = c->settings};
    offered_firmware firmware;
    c->wake_fd = wake_fd;
    c->stop_fd = stop_fd;
    if (!may_look(c))
        return HF_FAIL(err, HF_ECANCELLED, "cancelled");
    hf_status status = hf_remote_offer_firmware(r, &firmware, err);
    if (status == HF_OK) {
        body.open = firmware.body;
        hf_buffer_clear(&c->order);
        hf_console_body_encode(&body, &c->order);
        pthread_mutex_lock(&r->mutex);
        status = begin(c, err);
        pthread_mutex_unlock(&r->mutex);
    }
    hf_remote_withdraw_firmware(r, &firmware);
    c->busy_ns = status == HF_EBUSY ? hf_now_ns() : 0;
    return status;
}

/* ---- While it is open ---- */

/* @return how many bytes were taken */
static size_t take_output(remote_console *c, void *bytes, size_t capacity)
{
    if (c->missing > 0 && c->before == 0) {
        c->dropped += c->missing;
        c->position += c->missing;
        c->missing = 0;
    }
    const size_t whole = c->missing > 0 ? c->before : c->used, size = whole < capacity ? whole : capacity;
    memcpy(bytes, c->bytes, size);
    memmove(c->bytes, &c->bytes[size], c->used - size);
    c->used -= size;
    c->before -= c->missing > 0 ? size : 0;
    c->position += size;
    if (c->due_arrived)
        send_input(c, 0, NULL, 0);
    c->due_arrived = c->due_arrived && c->used > 0;
    return size;
}

static hf_status read_line(void *state, void *bytes, size_t capacity, hf_deadline deadline, size_t *got,
                           hf_error *err)
{
    remote_console *c = state;
    remote *r = c->r;
    for (;;) {
        pthread_mutex_lock(&r->mutex);
        turn(r);
        const size_t size = take_output(c, bytes, capacity);
        const hf_status status = size == 0 && r->replied ? ended(c, err) : HF_OK;
        pthread_mutex_unlock(&r->mutex);
        if (size > 0)
            *got = size;
        if (size > 0 || status != HF_OK)
            return status;
        if (is_readable(c->stop_fd))
            return HF_FAIL(err, HF_ECANCELLED, "cancelled");
        if (is_readable(c->wake_fd) || hf_deadline_passed(deadline))
            return HF_ETIMEOUT;
        wait_for(c, true, deadline);
    }
}

static uint64_t count_dropped(void *state)
{
    remote_console *c = state;
    pthread_mutex_lock(&c->r->mutex);
    const uint64_t dropped = c->dropped;
    c->dropped = 0;
    pthread_mutex_unlock(&c->r->mutex);
    return dropped;
}

static hf_status write_line(void *state, const void *bytes, size_t size, hf_deadline deadline, hf_error *err)
{
    remote_console *c = state;
    remote *r = c->r;
    const uint32_t piece = ++c->pieces;
    hf_deadline again = hf_deadline_in_ms(0);
    for (;;) {
        pthread_mutex_lock(&r->mutex);
        turn(r);
        const bool written = c->written >= piece;
        const hf_status status = !written && r->replied ? ended(c, err) : HF_OK;
        if (!written && status == HF_OK && hf_deadline_passed(again)) {
            send_input(c, piece, bytes, size);
            again = hf_deadline_in_ms(INPUT_RESEND_MS);
        }
        pthread_mutex_unlock(&r->mutex);
        if (written || status != HF_OK)
            return status;
        if (is_readable(c->stop_fd))
            return HF_FAIL(err, HF_ECANCELLED, "cancelled");
        if (hf_deadline_passed(deadline))
            return HF_FAIL_AS(err, HF_FAULT_AGENT, HF_ETIMEOUT,
                              "host %s: its agent does not say that the input was written", r->board.host);
        wait_for(c, false, hf_deadline_min(deadline, again));
    }
}

/* ---- The end ---- */

static void close_line(void *state)
{
    remote_console *c = state;
    remote *r = c->r;
    pthread_mutex_lock(&r->mutex);
    if (!r->replied)
        hf_owner_cancel(r->owner, hf_now_ns());
    for (;;) {
        turn(r);
        if (r->replied)
            break;
        pthread_mutex_unlock(&r->mutex);
        wait_for(c, false, hf_deadline_in_ms(TURN_MS));
        pthread_mutex_lock(&r->mutex);
    }
    pthread_mutex_unlock(&r->mutex);
}

static void free_console(void *state)
{
    remote_console *c = state;
    hf_remote_free(c->r);
    hf_buffer_free(&c->order);
    close(c->arrived_fd);
    free(c);
}

hf_status hf_remote_console_new(hf_hosts *hosts, const hf_remote_board *board,
                                const hf_board_line_settings *settings, hf_console_backend *out,
                                hf_error *err)
{
    const remote_patience patience = {.confirmed_ms = PATIENCE_MS, .close_ms = CLOSE_MS};
    remote_console *c = calloc(1, sizeof *c);
    if (!c)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a console of board %s", board->id);
    c->settings = *settings;
    c->options = *board->options;
    c->arrived_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    hf_status status = c->arrived_fd >= 0 ? hf_remote_new(hosts, board, &patience, &c->r, err)
                                          : HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO,
                                                       "no descriptor for a console: %s", strerror(errno));
    if (status != HF_OK) {
        if (c->arrived_fd >= 0)
            close(c->arrived_fd);
        free(c);
        return status;
    }
    c->r->board.options = &c->options;
    c->r->console = c;
    c->r->commanded = true; /* its turns are this thread's */
    hf_remote_enlist(c->r);
    *out = (hf_console_backend){.state = c,
                                .open = open_line,
                                .read = read_line,
                                .dropped = count_dropped,
                                .write = write_line,
                                .close = close_line,
                                .free = free_console};
    return HF_OK;
}
