/* SPDX-License-Identifier: Apache-2.0 */
#include "board.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "debug/server.h"
#include "flash_file.h"

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

#define AP_IDR_M4 0x24770011u /* Cortex-M4 TRM DDI0439, AHB-AP identification register */
#define AP_IDR_M7 0x74770001u /* Cortex-M7 TRM DDI0489, likewise */
#define TAP_M7    0x5BA00477u

struct vb_board {
    vb_uart *uart;
    vb_core_debug *core;
    vb_machine *machine;
    vb_mem_ap *ap;
    vb_dp *dp;
    vb_tap *tap;
    vb_bitbang bitbang;
    vb_server *server;
    const char *chip, *flash_path;
    uint64_t die_after;
    bool idle;
    uint64_t idle_since_ns;
    uint64_t accounted_ns; /* up to here the machine has been told of time in which it executed nothing */
    unsigned quiet_slices;
    unsigned talk_receives; /* scans that may still be waited for in recv() before the next poll() */
};

/* The injected death is a crash: nothing is tidied up. */
static void die(void *user)
{
    const vb_board *board = user;
    fprintf(stderr, "hilfarm-vboard: fault injection: dying after %llu accesses\n",
            (unsigned long long)board->die_after);
    _exit(3);
}

vb_board *vb_board_new(const vb_board_options *options)
{
    vb_board *board = calloc(1, sizeof *board);
    if (!board)
        goto no_memory;
    board->uart = vb_uart_new(options->pty_link);
    if (!board->uart)
        goto failed;
    vb_uart_set_faults(board->uart, &options->serial);
    board->core = vb_core_debug_new();
    if (!board->core)
        goto no_memory;

    vb_uart_port uart = vb_uart_as_port(board->uart);
    vb_debug_port debug = vb_core_debug_as_port(board->core);
    board->machine = vb_machine_new(options->chip, &uart, &debug);
    if (!board->machine)
        goto failed;
    if (options->oscillators)
        vb_machine_set_oscillators(board->machine, options->hse_hz, options->lse);
    if (options->dead_part && !vb_machine_set_dead(board->machine, options->dead_part)) {
        fprintf(stderr,
                "hilfarm-vboard: --fault: dead=%s: expected msi, hsi, pll, regulator, over-drive or "
                "over-drive-switch\n",
                options->dead_part);
        goto failed;
    }
    board->chip = options->chip;
    board->flash_path = options->flash_path;
    if (board->flash_path && !vb_flash_file_load(board->machine, board->chip, board->flash_path))
        goto failed;
    vb_machine_set_flash_time(board->machine, options->flash_percent); /* from now on */
    vb_core_debug_attach(board->core, board->machine);

    uint32_t idcode = vb_machine_tap_idcode(board->machine);
    board->ap = vb_mem_ap_new(board->core, vb_machine_tar_wrap_bytes(board->machine),
                              idcode == TAP_M7 ? AP_IDR_M7 : AP_IDR_M4);
    if (!board->ap)
        goto no_memory;
    board->dp = vb_dp_new(board->ap);
    if (!board->dp)
        goto no_memory;
    board->die_after = options->die_after;
    vb_dp_set_faults(board->dp, &(vb_dp_faults){.wait_every = options->jtag_wait,
                                                .die_after = options->die_after,
                                                .died = die,
                                                .user = board});
    board->tap = vb_tap_new(board->dp, idcode, vb_machine_boundary_idcode(board->machine));
    if (!board->tap)
        goto no_memory;
    board->bitbang = (vb_bitbang){.tap = board->tap, .core = board->core};
    board->server = vb_server_new(options->socket_path, &board->bitbang);
    if (!board->server)
        goto failed;
    return board;

no_memory:
    fprintf(stderr, "hilfarm-vboard: out of memory\n");
failed:
    vb_board_free(board);
    return NULL;
}

void vb_board_free(vb_board *board)
{
    if (!board)
        return;
    vb_server_free(board->server);
    vb_tap_free(board->tap);
    vb_dp_free(board->dp);
    vb_mem_ap_free(board->ap);
    vb_machine_free(board->machine);
    vb_core_debug_free(board->core);
    vb_uart_free(board->uart);
    free(board);
}

bool vb_board_save_flash(vb_board *board)
{
    return !board->flash_path || vb_flash_file_save(board->machine, board->chip, board->flash_path);
}

const char *vb_board_pty(const vb_board *board)
{
    return vb_uart_path(board->uart);
}

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
