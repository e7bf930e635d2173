/* SPDX-License-Identifier: Apache-2.0 */
#include "console/console.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define READ_BYTES 4096u
#define READ_MS    60000 /* a read that returns without bytes is simply repeated */
#define WRITE_MS   10000 /* a piece at 9600 baud takes 4.3 s */
#define RETRY_MS   250   /* between two looks at a board in use */

struct hf_console {
    hf_console_backend backend; /* used by the thread only */
    hf_console_observer observer;
    uint64_t wait_ms;
    pthread_t thread;
    int wake_fd, stop_fd;
    pthread_mutex_t mutex;
    /* Under the mutex. */
    bool open, has_input, ended;
    void *token;
    size_t input_bytes;
    uint8_t input[HF_CONSOLE_INPUT_BYTES];
};

static void raise_event(int fd)
{
    const uint64_t one = 1;
    ssize_t put = write(fd, &one, sizeof one);
    (void)put; /* EAGAIN: it is readable already, as it should be */
}

static void drain_event(int fd)
{
    uint64_t count;
    ssize_t got = read(fd, &count, sizeof count);
    (void)got; /* EAGAIN: nothing to drain */
}

/* ---- The thread ---- */

static hf_status open_waiting(hf_console *console, hf_error *err)
{
    const hf_deadline deadline = hf_deadline_in_ms(console->wait_ms);
    char reported[sizeof err->message] = "";
    for (;;) {
        hf_error cause = {0};
        hf_status status =
            console->backend.open(console->backend.state, console->wake_fd, console->stop_fd, &cause);
        if (status == HF_OK)
            return HF_OK;
        if (status != HF_EBUSY || hf_deadline_passed(deadline))
            return hf_error_pass(err, &cause);
        if (strcmp(reported, cause.message) != 0)
            console->observer.waiting(console->observer.user, cause.message);
        snprintf(reported, sizeof reported, "%s", cause.message);
        struct pollfd stop = {.fd = console->stop_fd, .events = POLLIN};
        if (poll(&stop, 1, hf_deadline_left_ms(hf_deadline_min(deadline, hf_deadline_in_ms(RETRY_MS)))) > 0)
            return HF_FAIL(err, HF_ECANCELLED, "cancelled");
    }
}

static hf_status write_input(hf_console *console, hf_error *err)
{
    uint8_t bytes[HF_CONSOLE_INPUT_BYTES];
    hf_error cause = {0};
    pthread_mutex_lock(&console->mutex);
    const bool given = console->has_input;
    const size_t size = console->input_bytes;
    void *token = console->token;
    memcpy(bytes, console->input, given ? size : 0);
    pthread_mutex_unlock(&console->mutex);
    if (!given)
        return HF_OK;
    hf_status status =
        console->backend.write(console->backend.state, bytes, size, hf_deadline_in_ms(WRITE_MS), &cause);
    pthread_mutex_lock(&console->mutex);
    console->has_input = false;
    pthread_mutex_unlock(&console->mutex);
    console->observer.written(console->observer.user, token, status, &cause);
    return status == HF_OK ? HF_OK : hf_error_pass(err, &cause);
}

static void report_dropped(const hf_console *console)
{
    const hf_console_backend *backend = &console->backend;
    const uint64_t bytes = backend->dropped ? backend->dropped(backend->state) : 0;
    if (bytes > 0 && console->observer.dropped)
        console->observer.dropped(console->observer.user, bytes);
}

/* Until it is stopped or the line fails. @return never HF_OK */
static hf_status serve(hf_console *console, hf_error *err)
{
    const hf_console_observer *observer = &console->observer;
    uint8_t bytes[READ_BYTES];
    for (;;) {
        size_t got = 0;
        drain_event(console->wake_fd);
        hf_status status = write_input(console, err);
        if (status == HF_OK)
            status = console->backend.read(console->backend.state, bytes, sizeof bytes,
                                           hf_deadline_in_ms(READ_MS), &got, err);
        report_dropped(console);
        if (status == HF_OK)
            observer->output(observer->user, bytes, got);
        else if (status != HF_ETIMEOUT)
            return status;
        struct pollfd stop = {.fd = console->stop_fd, .events = POLLIN}; /* also under a flood of output */
        if (poll(&stop, 1, 0) > 0)
            return HF_FAIL(err, HF_ECANCELLED, "cancelled");
    }
}

static void end_input(hf_console *console, const hf_error *why)
{
    pthread_mutex_lock(&console->mutex);
    const bool left = console->has_input;
    void *token = console->token;
    console->open = console->has_input = false;
    console->ended = true;
    pthread_mutex_unlock(&console->mutex);
    if (left)
        console->observer.written(console->observer.user, token, why->status, why);
}

static void *thread_main(void *argument)
{
    hf_console *console = argument;
    const hf_console_observer *observer = &console->observer;
    hf_error why = {0};
    hf_status status = open_waiting(console, &why);
    if (status == HF_OK) {
        pthread_mutex_lock(&console->mutex);
        console->open = true;
        pthread_mutex_unlock(&console->mutex);
        observer->opened(observer->user);
        status = serve(console, &why);
        end_input(console, &why);
        console->backend.close(console->backend.state);
    } else {
        end_input(console, &why);
    }
    if (status == HF_ECANCELLED)
        hf_error_clear(&why);
    console->backend.free(console->backend.state);
    observer->closed(observer->user, &why);
    return NULL;
}

/* ---- Its owner ---- */

static void free_console(hf_console *console)
{
    if (console->wake_fd >= 0)
        close(console->wake_fd);
    if (console->stop_fd >= 0)
        close(console->stop_fd);
    pthread_mutex_destroy(&console->mutex);
    free(console);
}

hf_status hf_console_start(const hf_console_backend *backend, uint64_t wait_ms,
                           const hf_console_observer *observer, hf_console **out, hf_error *err)
{
    hf_console *console = calloc(1, sizeof *console);
    if (!console)
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_ENOMEM, "no memory for a console");
    console->backend = *backend;
    console->observer = *observer;
    console->wait_ms = wait_ms;
    pthread_mutex_init(&console->mutex, NULL);
    console->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    console->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    int failure = console->wake_fd < 0 || console->stop_fd < 0 ? errno : 0;
    if (!failure)
        failure = pthread_create(&console->thread, NULL, thread_main, console);
    if (failure) {
        free_console(console);
        return HF_FAIL_AS(err, HF_FAULT_FARM, HF_EIO, "cannot start a console: %s", strerror(failure));
    }
    *out = console;
    return HF_OK;
}

hf_status hf_console_input(hf_console *console, const void *bytes, size_t size, void *token, hf_error *err)
{
    if (size == 0 || size > HF_CONSOLE_INPUT_BYTES)
        return HF_FAIL(err, HF_EINVALID, "%zu bytes of input: expected 1 to %u", size,
                       HF_CONSOLE_INPUT_BYTES);
    pthread_mutex_lock(&console->mutex);
    const bool ended = console->ended, ready = console->open && !console->has_input;
    if (ready) {
        memcpy(console->input, bytes, size);
        console->input_bytes = size;
        console->token = token;
        console->has_input = true;
    }
    pthread_mutex_unlock(&console->mutex);
    if (ended)
        return HF_FAIL(err, HF_ECANCELLED, "the console has ended");
    if (!ready)
        return HF_FAIL(err, HF_EBUSY,
                       "the console is not open yet, or the input before is still being written");
    raise_event(console->wake_fd);
    return HF_OK;
}

void hf_console_stop(hf_console *console)
{
    raise_event(console->stop_fd);
}

void hf_console_free(hf_console *console)
{
    if (!console)
        return;
    pthread_join(console->thread, NULL);
    free_console(console);
}
