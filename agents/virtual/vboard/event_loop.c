/* SPDX-License-Identifier: Apache-2.0 */
/* The loop that serves socket, pty and machine. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "board_state.h"

/* OpenOCD waits for at most one slice: 4,000 instructions take about 15 us, while each scan's answer is
 * waited for. Otherwise slices are long, because entering the emulator and polling cost time. */
#define SLICE_SCANNING UINT64_C(4000)
#define SLICE_ATTACHED UINT64_C(40000)
#define SLICE_ALONE    UINT64_C(200000)
/* The debugger counts as quiet after this many slices without a scan. */
#define QUIET_SLICES 16

/* How long idle code waits for I/O. A debugger's write or a byte ends the wait; the limits bound the cost of
 * a wake-up that is missed. */
#define IDLE_ATTACHED_NS UINT64_C(1000000)
#define IDLE_ALONE_NS    UINT64_C(20000000)

/* While the debugger is active and the core is halted or idle, the next event is the next scan: blocking in
 * recv() instead of poll() saves a system call per scan. The other descriptors are polled after this many
 * scans or ms. */
#define TALK_RECEIVE_MS 2
#define TALK_RECEIVES   64

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* While the core is halted or waits for I/O, the wall clock advances the machine's time. */
static void account(vb_board *board)
{
    uint64_t now = now_ns();
    bool may_run = vb_core_debug_may_run(board->core);
    if (board->idle || !may_run)
        vb_machine_pass_time(board->machine, now - board->accounted_ns, may_run);
    board->accounted_ns = now;
}

/* Runs the machine for one slice. */
static void run_slice(vb_board *board)
{
    uint64_t slice = SLICE_ALONE;
    if (vb_server_client_fd(board->server) >= 0) {
        slice = board->quiet_slices < QUIET_SLICES ? SLICE_SCANNING : SLICE_ATTACHED;
        board->quiet_slices++;
    }
    board->idle = vb_core_debug_run(board->core, slice) == VB_RUN_IDLE;
    board->accounted_ns = board->idle_since_ns = now_ns();
}

/* @return nanoseconds until idle code runs again */
static uint64_t idle_left_ns(const vb_board *board)
{
    uint64_t limit = vb_server_client_fd(board->server) >= 0 ? IDLE_ATTACHED_NS : IDLE_ALONE_NS;
    uint64_t passed = now_ns() - board->idle_since_ns;
    return passed < limit ? limit - passed : 0;
}

/* @return nanoseconds the board can sleep unless a descriptor wakes it; UINT64_MAX = forever */
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

/* Executes a batch of scans if there is one. */
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

/* Waits for a descriptor or the time and serves it. @return 1 = continue, 0 = asked to stop, -1 = failed */
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

/* @return true if a scan is the only event to expect */
static bool only_scans_expected(const vb_board *board)
{
    return board->talk_receives && vb_server_client_fd(board->server) >= 0 &&
           (board->idle || !vb_core_debug_may_run(board->core)) && vb_uart_wait_ns(board->uart) == UINT64_MAX;
}

static int wait_and_serve(vb_board *board, int stop_fd)
{
    if (only_scans_expected(board)) {
        board->talk_receives--;
        if (!serve_client(board, TALK_RECEIVE_MS)) {
            board->talk_receives = 0;
            vb_core_debug_end_stream(board->core);
        }
    } else {
        int served = poll_and_serve(board, stop_fd);
        if (served <= 0)
            return served;
    }
    account(board);
    bool wrote = vb_core_debug_consume_write(board->core);
    bool event = vb_uart_consume_event(board->uart);
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
