/* SPDX-License-Identifier: Apache-2.0 */
/* The loop that gives socket, pty and machine their turns. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "board_state.h"

/* A slice costs the peer that long at worst: 4,000 instructions are about 15 us while scans are coming in,
 * when each answer is waited for; otherwise slices are long, because entering the emulator and polling cost
 * time. */
#define SLICE_TALKING  UINT64_C(4000)
#define SLICE_ATTACHED UINT64_C(40000)
#define SLICE_ALONE    UINT64_C(200000)
/* Slices without a scan after which the debugger counts as silent. */
#define QUIET_SLICES 16

/* How long idle code waits for something from outside. A debugger's write or a byte ends the wait; the limits
 * only bound what an overlooked reason to wake up would cost. */
#define IDLE_ATTACHED_NS UINT64_C(1000000)
#define IDLE_ALONE_NS    UINT64_C(20000000)

/* While the debugger talks and the core stands still or idles, the next thing to come is the next scan:
 * blocking in recv() for it saves a system call a scan over poll(). The others get a look after so many scans
 * or ms. */
#define TALK_RECEIVE_MS 2
#define TALK_RECEIVES   64

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* While the core stands still, or waits for something outside, the machine's time is ours. */
static void account(vb_board *board)
{
    uint64_t now = now_ns();
    bool may_run = vb_core_debug_may_run(board->core);
    if (board->idle || !may_run)
        vb_machine_pass_time(board->machine, now - board->accounted_ns, may_run);
    board->accounted_ns = now;
}

/* Lets the machine go on for a slice. */
static void run_slice(vb_board *board)
{
    uint64_t slice = SLICE_ALONE;
    if (vb_server_client_fd(board->server) >= 0) {
        slice = board->quiet_slices < QUIET_SLICES ? SLICE_TALKING : SLICE_ATTACHED;
        board->quiet_slices++;
    }
    board->idle = vb_core_debug_run(board->core, slice) == VB_RUN_IDLE;
    board->accounted_ns = board->idle_since_ns = now_ns();
}

/* @return nanoseconds until idle code is to have another look */
static uint64_t idle_left_ns(const vb_board *board)
{
    uint64_t limit = vb_server_client_fd(board->server) >= 0 ? IDLE_ATTACHED_NS : IDLE_ALONE_NS;
    uint64_t passed = now_ns() - board->idle_since_ns;
    return passed < limit ? limit - passed : 0;
}

/* @return nanoseconds the board can sleep unless a descriptor wakes it; UINT64_MAX = for ever */
static uint64_t sleep_ns(const vb_board *board)
{
    uint64_t wait = vb_uart_wait_ns(board->uart);
    if (!vb_core_debug_may_run(board->core))
        return wait;
    if (!board->idle)
        return 0;
    uint64_t idle = idle_left_ns(board);
    return wait < idle ? wait : idle;
}

/* Carries out a batch of scans if there is one. */
static bool serve_client(vb_board *board, uint32_t wait_ms)
{
    if (!vb_server_serve(board->server, wait_ms))
        return false;
    board->quiet_slices = 0;
    if (vb_server_client_fd(board->server) < 0)
        vb_uart_end_exclusive(board->uart);
    return true;
}

enum { STOP, LISTENER, CLIENT, PTY, DESCRIPTORS };

/* Waits for any of the descriptors or the time, serves whoever has something. @return 1 go on, 0 asked to
 * stop, -1 failed */
static int poll_and_serve(vb_board *board, int stop_fd)
{
    struct pollfd fds[DESCRIPTORS] = {
        [STOP] = {.fd = stop_fd, .events = POLLIN},
        [LISTENER] = {.fd = vb_server_listener_fd(board->server), .events = POLLIN},
        [CLIENT] = {.fd = vb_server_client_fd(board->server), .events = POLLIN},
        [PTY] = {.fd = vb_uart_fd(board->uart), .events = vb_uart_events(board->uart)},
    };
    if (!fds[PTY].events)
        fds[PTY].fd = -1;
    uint64_t wait = sleep_ns(board);
    struct timespec timeout = {.tv_sec = (time_t)(wait / 1000000000u), .tv_nsec = (long)(wait % 1000000000u)};
    int ready = ppoll(fds, DESCRIPTORS, wait == UINT64_MAX ? NULL : &timeout, NULL);
    account(board);
    if (ready < 0 && errno != EINTR) {
        fprintf(stderr, "hilfarm-vboard: poll: %s\n", strerror(errno));
        return -1;
    }
    if (ready > 0 && fds[STOP].revents)
        return 0;
    if (ready > 0 && fds[LISTENER].revents)
        vb_server_accept(board->server);
    if (ready > 0 && fds[CLIENT].revents && serve_client(board, 0))
        board->talk_receives = TALK_RECEIVES;
    if ((ready > 0 && fds[PTY].revents) || vb_uart_wait_ns(board->uart) == 0)
        vb_uart_service(board->uart);
    return 1;
}

/* @return true if nothing but a scan can be expected */
static bool only_talks(const vb_board *board)
{
    return board->talk_receives && vb_server_client_fd(board->server) >= 0 &&
           (board->idle || !vb_core_debug_may_run(board->core)) && vb_uart_wait_ns(board->uart) == UINT64_MAX;
}

static int wait_and_serve(vb_board *board, int stop_fd)
{
    if (only_talks(board)) {
        board->talk_receives--;
        if (!serve_client(board, TALK_RECEIVE_MS))
            board->talk_receives = 0;
    } else {
        int served = poll_and_serve(board, stop_fd);
        if (served <= 0)
            return served;
    }
    account(board);
    bool wrote = vb_core_debug_take_write(board->core);
    bool event = vb_uart_take_event(board->uart);
    if (wrote || event || (board->idle && idle_left_ns(board) == 0))
        board->idle = false;
    return 1;
}

int vb_board_run(vb_board *board, int stop_fd)
{
    board->accounted_ns = now_ns();
    for (;;) {
        int served = wait_and_serve(board, stop_fd);
        if (served <= 0)
            return served;
        if (!board->idle)
            run_slice(board);
    }
}
