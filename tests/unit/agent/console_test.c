/* SPDX-License-Identifier: Apache-2.0 */
/* A console's thread, with a back end whose line is a socket. */
#include "hf_test.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "console/console.h"

#define WAIT_MS 10000

typedef struct rig {
    int ends[2];   /* the console's, and the board's */
    int busy;      /* refusals before it opens; negative = always */
    int flooded;   /* reads that return bytes without a board */
    uint64_t lost; /* bytes before what is read next */
    bool closed_line, freed;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    /* Under the mutex. */
    int waits, opened, closed, written;
    size_t heard;
    uint64_t dropped; /* reported when `heard` was dropped_at */
    size_t dropped_at;
    hf_status write_status;
    hf_error why;
    char output[256];
} rig;

/* The descriptors of the console that a read waits for. */
static int wake, stop;

static hf_status open_line(void *state, int wake_fd, int stop_fd, hf_error *err)
{
    rig *r = state;
    wake = wake_fd;
    stop = stop_fd;
    if (r->busy == 0)
        return HF_OK;
    r->busy--;
    return HF_FAIL_AS(err, HF_FAULT_BOARD, HF_EBUSY, "in use by a run");
}

static hf_status read_line(void *state, void *bytes, size_t capacity, hf_deadline deadline, size_t *got,
                           hf_error *err)
{
    rig *r = state;
    if (r->flooded) {
        memset(bytes, 'x', 16);
        *got = 16;
        return HF_OK;
    }
    struct pollfd fds[] = {{r->ends[0], POLLIN, 0}, {wake, POLLIN, 0}, {stop, POLLIN, 0}};
    if (poll(fds, 3, hf_deadline_left_ms(deadline)) <= 0)
        return HF_ETIMEOUT;
    if (fds[2].revents)
        return HF_FAIL(err, HF_ECANCELLED, "cancelled");
    const ssize_t count = fds[0].revents ? read(r->ends[0], bytes, capacity) : -1;
    if (fds[0].revents && count == 0)
        return HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_EIO, "the line is gone");
    *got = count > 0 ? (size_t)count : 0;
    return count > 0 ? HF_OK : HF_ETIMEOUT;
}

static hf_status write_line(void *state, const void *bytes, size_t size, hf_deadline deadline, hf_error *err)
{
    const rig *r = state;
    (void)deadline;
    return write(r->ends[0], bytes, size) == (ssize_t)size
               ? HF_OK
               : HF_FAIL_AS(err, HF_FAULT_SERIAL, HF_EIO, "cannot write");
}

static uint64_t count_lost(void *state)
{
    rig *r = state;
    const uint64_t lost = r->lost;
    r->lost = 0;
    return lost;
}

static void close_line(void *state)
{
    rig *r = state;
    r->closed_line = true;
}

static void free_line(void *state)
{
    rig *r = state;
    r->freed = true;
}

/* ---- What it reports ---- */

#define NOTE(r, statement)                                                                                   \
    do {                                                                                                     \
        pthread_mutex_lock(&(r)->mutex);                                                                     \
        statement;                                                                                           \
        pthread_cond_broadcast(&(r)->changed);                                                               \
        pthread_mutex_unlock(&(r)->mutex);                                                                   \
    } while (0)

static void on_waiting(void *user, const char *who)
{
    rig *r = user;
    assert_string_equal(who, "in use by a run");
    NOTE(r, r->waits++);
}

static void on_opened(void *user)
{
    rig *r = user;
    NOTE(r, r->opened++);
}

static void on_output(void *user, const void *bytes, size_t size)
{
    rig *r = user;
    NOTE(r, {
        for (size_t i = 0; i < size; i++, r->heard++)
            if (r->heard < sizeof r->output - 1)
                r->output[r->heard] = ((const char *)bytes)[i];
    });
}

static void on_dropped(void *user, uint64_t bytes)
{
    rig *r = user;
    NOTE(r, {
        r->dropped += bytes;
        r->dropped_at = r->heard;
    });
}

static void on_written(void *user, void *token, hf_status status, const hf_error *err)
{
    rig *r = user;
    assert_ptr_equal(token, r);
    assert_int_equal(err->status, status);
    NOTE(r, {
        r->written++;
        r->write_status = status;
    });
}

static void on_closed(void *user, const hf_error *why)
{
    rig *r = user;
    assert_true(r->freed);
    NOTE(r, {
        r->closed++;
        r->why = *why;
    });
}

/* Waits until a counter has a value. */
static void await(rig *r, const int *counter, int value)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_MS / 1000;
    pthread_mutex_lock(&r->mutex);
    int late = 0;
    while (*counter != value && late == 0)
        late = pthread_cond_timedwait(&r->changed, &r->mutex, &until);
    pthread_mutex_unlock(&r->mutex);
    assert_int_equal(late, 0);
}

static hf_console *start(rig *r, uint64_t wait_ms)
{
    hf_console *console = NULL;
    hf_error err = {0};
    const hf_console_backend backend = {r,          open_line,  read_line, count_lost,
                                        write_line, close_line, free_line};
    const hf_console_observer observer = {r,          on_waiting, on_opened, on_output,
                                          on_dropped, on_written, on_closed};
    pthread_mutex_init(&r->mutex, NULL);
    pthread_cond_init(&r->changed, NULL);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, r->ends), 0);
    assert_int_equal(hf_console_start(&backend, wait_ms, &observer, &console, &err), HF_OK);
    return console;
}

static void finish(rig *r, hf_console *console)
{
    await(r, &r->closed, 1);
    hf_console_free(console);
    close(r->ends[0]);
    if (r->ends[1] >= 0)
        close(r->ends[1]);
}

static void bytes_go_both_ways(void **state)
{
    rig r = {0};
    char said[8] = "";
    hf_error err = {0};
    hf_console *console = start(&r, 0);
    await(&r, &r.opened, 1);
    assert_int_equal(hf_console_input(console, "hello", 5, &r, &err), HF_OK);
    await(&r, &r.written, 1);
    assert_int_equal(r.write_status, HF_OK);
    assert_int_equal(read(r.ends[1], said, sizeof said), 5);
    assert_string_equal(said, "hello");
    assert_int_equal(write(r.ends[1], "yes", 3), 3);
    pthread_mutex_lock(&r.mutex);
    while (r.heard < 3)
        pthread_cond_wait(&r.changed, &r.mutex);
    pthread_mutex_unlock(&r.mutex);
    assert_string_equal(r.output, "yes");
    hf_console_stop(console);
    hf_console_stop(console);
    finish(&r, console);
    assert_int_equal(r.why.status, HF_OK); /* as asked */
    assert_true(r.closed_line);
    (void)state;
}

static void lost_output_is_counted_before_what_follows(void **state)
{
    rig r = {.lost = 70000};
    hf_console *console = start(&r, 0);
    assert_int_equal(write(r.ends[1], "rest", 4), 4);
    pthread_mutex_lock(&r.mutex);
    while (r.heard < 4)
        pthread_cond_wait(&r.changed, &r.mutex);
    pthread_mutex_unlock(&r.mutex);
    assert_int_equal(r.dropped, 70000);
    assert_int_equal(r.dropped_at, 0);
    hf_console_stop(console);
    finish(&r, console);
    (void)state;
}

static void input_is_one_piece_at_a_time(void **state)
{
    static const char much[HF_CONSOLE_INPUT_BYTES + 1];
    rig r = {.flooded = 1, .busy = 1};
    hf_error err = {0};
    hf_console *console = start(&r, WAIT_MS);
    await(&r, &r.waits, 1); /* it is not open yet */
    assert_int_equal(hf_console_input(console, "a", 1, &r, &err), HF_EBUSY);
    hf_error_clear(&err);
    await(&r, &r.opened, 1);
    assert_int_equal(hf_console_input(console, much, sizeof much, &r, &err), HF_EINVALID);
    hf_error_clear(&err);
    assert_int_equal(hf_console_input(console, much, 0, &r, &err), HF_EINVALID);
    hf_error_clear(&err);
    assert_int_equal(hf_console_input(console, "a", 1, &r, &err), HF_OK);
    await(&r, &r.written, 1); /* also under a flood of output */
    hf_console_stop(console);
    finish(&r, console);
    assert_true(r.heard >= 16);
    (void)state;
}

static void a_board_in_use_is_waited_for(void **state)
{
    rig r = {.busy = 2};
    hf_console *console = start(&r, WAIT_MS);
    await(&r, &r.opened, 1);
    assert_int_equal(r.waits, 1); /* the same user is named once */
    hf_console_stop(console);
    finish(&r, console);
    rig never = {.busy = -1};
    console = start(&never, 0);
    finish(&never, console);
    assert_int_equal(never.why.status, HF_EBUSY);
    assert_string_equal(never.why.message, "in use by a run");
    assert_false(never.closed_line); /* it was never open */
    rig stopped = {.busy = -1};
    console = start(&stopped, WAIT_MS);
    await(&stopped, &stopped.waits, 1);
    hf_console_stop(console);
    finish(&stopped, console);
    assert_int_equal(stopped.why.status, HF_OK);
    (void)state;
}

static void a_line_that_is_gone_ends_it(void **state)
{
    rig r = {0};
    hf_error err = {0};
    hf_console *console = start(&r, 0);
    await(&r, &r.opened, 1);
    close(r.ends[1]);
    r.ends[1] = -1;
    await(&r, &r.closed, 1);
    assert_int_equal(r.why.status, HF_EIO);
    assert_string_equal(r.why.message, "the line is gone");
    assert_int_equal(hf_console_input(console, "a", 1, &r, &err), HF_ECANCELLED);
    assert_int_equal(r.written, 0); /* it was not accepted */
    finish(&r, console);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_go_both_ways),
        cmocka_unit_test(lost_output_is_counted_before_what_follows),
        cmocka_unit_test(input_is_one_piece_at_a_time),
        cmocka_unit_test(a_board_in_use_is_waited_for),
        cmocka_unit_test(a_line_that_is_gone_ends_it),
    };
    return cmocka_run_group_tests_name("agent_console", tests, NULL, NULL);
}
